package bylink

import (
	"net/http"

	"heartwood/internal/care/direct"
	"heartwood/internal/care/message"
	"heartwood/internal/care/request"
	"heartwood/internal/door/web/page"
)

// offNow is what the page says where the patient may not write, and what they
// can do instead.
type offNow struct {
	Says      string
	Why, Lang string // the practice's own words, and what they are in when it is not the page's language
	Ask       string
}

// off tells whether messages are switched off on the request of a message; nil
// for not. What answers a message to many is a request anyway.
func (b *Pages) off(r *http.Request, m message.Message) (*offNow, error) {
	if m.Request == "" {
		return nil, nil
	}
	ods, _, _ := b.Open(r.PathValue("link"))
	p, err := b.Store.Practice(ods)
	if err != nil {
		return nil, err
	}
	q, err := request.Brief(r.Context(), p, m.Request)
	if err != nil {
		return nil, err
	}
	st, err := direct.On(r.Context(), p, q)
	if err != nil || !st.Off() {
		return nil, err
	}
	o := &offNow{Says: st.Says(), Ask: "/p/" + string(ods) + "/ask"}
	o.Why, o.Lang = st.Because(page.Base(r).Lang)
	return o, nil
}

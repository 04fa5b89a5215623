package patient

import (
	"context"

	"heartwood/internal/care/direct"
	"heartwood/internal/care/request"
)

// offNow is what a page says where the patient may not write, and what they
// can do instead.
type offNow struct {
	Says      string
	Why, Lang string // the practice's own words, and what they are in when it is not the page's language
	Ask       string
}

// off tells whether messages are switched off on a request; nil for not.
func (v visit) off(ctx context.Context, q request.View) (*offNow, error) {
	st, err := direct.On(ctx, v.practice, q)
	if err != nil || !st.Off() {
		return nil, err
	}
	o := &offNow{Says: st.Says(), Ask: v.root() + "ask"}
	o.Why, o.Lang = st.Because(v.lang)
	return o, nil
}

package bylink

import (
	"net/http"

	"heartwood/internal/care/feedback"
	"heartwood/internal/care/message"
	"heartwood/internal/care/request"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/record"
)

// wentAsked are the answers to how it went, of the message that closed a
// request; none where it has been said, or the request is open again.
func (b *Pages) wentAsked(r *http.Request, m message.Message) (out []page.Option, err error) {
	if m.Kind != "outcome" || m.Request == "" {
		return nil, nil
	}
	ods, _, _ := b.Open(r.PathValue("link"))
	p, err := b.Store.Practice(ods)
	if err != nil {
		return nil, err
	}
	q, err := request.Brief(r.Context(), p, m.Request)
	if err != nil || q.Open() || q.MergedInto != "" || q.Channel == request.Practice {
		return nil, err
	}
	if _, said, err := feedback.Of(r.Context(), p, m.Request); err != nil || said {
		return nil, err
	}
	for _, a := range feedback.Answers {
		out = append(out, page.Option{Value: string(a), Text: a.Label()})
	}
	return out, nil
}

// went keeps how it went.
func (b *Pages) went(w http.ResponseWriter, r *http.Request, p *record.Practice, m message.Message, patient record.Author, form *page.Form) error {
	said := feedback.Said{Request: m.Request, How: feedback.Answer(form.Value("how")), Words: form.Text("words", feedback.Longest)}
	if m.Kind != "outcome" || m.Request == "" {
		return fault.New(fault.NotFound, "There is no such form.")
	}
	var got request.Receipt
	var err error
	if form.OK() {
		got, err = feedback.Tell(r.Context(), p, patient, said)
	}
	if err != nil && !form.Refuse(err, "how") {
		return err
	}
	if !form.OK() {
		return b.show(w, r, m, form, form, http.StatusUnprocessableEntity)
	}
	if got.ID != "" {
		return b.thanks(w, r, got, 0)
	}
	return doneTemplate.Render(w, r, http.StatusOK, frame(r, "Thank you"), donePage{Told: true})
}

package patient

import (
	"context"
	"net/http"

	"heartwood/internal/access"
	"heartwood/internal/care/feedback"
	"heartwood/internal/care/request"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

// wentAsk asks how it went, once a request is closed; or has what was said.
type wentAsk struct {
	Action  string
	Form    *page.Form
	Choices []page.Option
	Said    string // "" while nothing was
}

func wentChoices() (out []page.Option) {
	for _, a := range feedback.Answers {
		out = append(out, page.Option{Value: string(a), Text: a.Label()})
	}
	return out
}

// went is what a request's page asks, nil for nothing.
func (v visit) went(ctx context.Context, q request.View, may bool, form *page.Form) (*wentAsk, error) {
	said, ok, err := feedback.Of(ctx, v.practice, q.ID)
	if err != nil || !ok && (q.Open() || !may || begun(q) || q.MergedInto != "") {
		return nil, err
	}
	w := &wentAsk{Action: v.base() + "requests/" + q.ID + "/went", Form: form, Choices: wentChoices()}
	if ok {
		w.Said = said.How.Label()
	}
	return w, nil
}

// sayWent keeps how it went.
func (a *Patients) sayWent(w http.ResponseWriter, r *http.Request) error {
	v, err := a.enterFor(r, access.AskForSelf)
	if err != nil {
		return err
	}
	q, err := a.theirs(r, v)
	if err != nil {
		return err
	}
	form, err := page.Parse(w, r, 0)
	if err != nil {
		return err
	}
	said := feedback.Said{Request: q.ID, How: feedback.Answer(form.Value("how")), Words: form.Text("words", feedback.Longest)}
	if !form.OK() {
		return a.showRequest(w, r, v, form, nil, http.StatusUnprocessableEntity)
	}
	got, err := feedback.Tell(r.Context(), v.practice, v.author(), said)
	if err != nil {
		if !fault.Is(err, fault.NotFound) && form.Refuse(err, "how") {
			return a.showRequest(w, r, v, form, nil, http.StatusUnprocessableEntity)
		}
		return err
	}
	if len(got.Emergency) > 0 { // shown at once, on this very page
		return a.showRequest(w, r, v, page.NewForm(map[string]string{"token": ident.NewID()}), got.Emergency, http.StatusOK)
	}
	see(w, r, v.base()+"requests/"+q.ID+"?sent=went")
	return nil
}

package patient

import (
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"

	"heartwood/internal/access"
	"heartwood/internal/care"
	"heartwood/internal/care/form"
	"heartwood/internal/care/request"
	"heartwood/internal/care/starts"
	"heartwood/internal/care/triage"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/words"
)

// send puts the form into the ledger and shows its receipt. The draft's key
// makes a second sending the same request.
func (a *Patients) send(w http.ResponseWriter, r *http.Request, v visit, d *draft) error {
	if d.Patient != "" {
		if err := access.May(v.Person, access.AskForSelf, v.ods, d.Patient); err != nil {
			return err
		}
	}
	advice := emergency(d.findings(r.Context(), v.practice, v.now))
	if len(advice) > 0 && over(r, a.limits.urgent) {
		return a.advise(w, r, v, advice, errManySends)
	}
	if len(advice) == 0 && over(r, a.limits.sends) {
		return a.later(w, r, v, d)
	}
	ask := d.ask()
	ask.Language = v.lang
	photos, err := a.photos(r.Context(), d)
	if err != nil && len(advice) == 0 { // in an emergency the words matter more
		return err
	}
	ask.Photos = photos
	receipt, err := a.receive(r, v, d, ask)
	switch {
	case err != nil && len(advice) > 0:
		slog.ErrorContext(r.Context(), "a request in an emergency was not kept", "cause", err)
		return a.advise(w, r, v, advice, err)
	case fault.Is(err, fault.Invalid):
		return a.refused(w, r, v, d, err)
	case err != nil:
		return err
	}
	a.marked(v, d, starts.Mark{Sent: true})
	// What was written is the record's now: the draft keeps only the receipt.
	done := &draft{Practice: d.Practice, Started: d.Started, Patient: d.Patient, Name: d.Name, Done: d.Done, Sent: &receipt, token: d.token}
	if err := a.keep(r.Context(), done); err != nil {
		// It is in the ledger: that is shown at once, and sending again gives
		// the same receipt.
		slog.WarnContext(r.Context(), "a receipt was not kept with its form", "cause", err)
		return a.sentPage(w, r, v, done)
	}
	for _, p := range d.Photos {
		a.drafts.Drop(r.Context(), d.token, p.Part)
	}
	return a.to(w, r, v, "sent")
}

// later tells somebody whose connection has sent too much that nothing has
// been sent and nothing is lost.
func (a *Patients) later(w http.ResponseWriter, r *http.Request, v visit, d *draft) error {
	form := &page.Form{}
	form.Fail("answers", errManySends.Message)
	w.Header().Set("Retry-After", "60")
	return a.checkPage(w, r, v, d, form, http.StatusTooManyRequests)
}

// receive puts the form into the ledger. Before the last step has been
// reached, as in an emergency, how to reply has not been asked: what the
// record says of it must not stand in the way.
func (a *Patients) receive(r *http.Request, v visit, d *draft, ask request.Ask) (request.Receipt, error) {
	receipt, err := a.tryReceive(r, v, d, ask)
	if d.Done["contact"] || !fault.Is(err, fault.Invalid) {
		return receipt, err
	}
	ask.Contact = request.Contact{}
	return a.tryReceive(r, v, d, ask)
}

// tryReceive gives a panic as an error: even a broken disk may not stand
// between a person and the advice to call 999.
func (a *Patients) tryReceive(r *http.Request, v visit, d *draft, ask request.Ask) (receipt request.Receipt, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the ledger panicked: %T\n%s", p, debug.Stack())
		}
	}()
	return a.requests.Receive(r.Context(), v.ods, v.author(), ask, d.key())
}

// emergency is the advice of the findings that cannot wait, each once.
func emergency(findings []triage.Finding) []triage.Advice {
	var out []triage.Advice
	seen := map[string]bool{}
	for _, f := range findings {
		if f.Level == triage.Emergency && !seen[f.Advice.Heading] {
			seen[f.Advice.Heading] = true
			out = append(out, f.Advice)
		}
	}
	return out
}

// advise shows emergency advice although the request could not be kept: that
// is said too, and nothing stands before the advice.
func (a *Patients) advise(w http.ResponseWriter, r *http.Request, v visit, advice []triage.Advice, cause error) error {
	p := askPage{Advice: advice, Failed: fault.From(cause).Message, Action: v.root() + "ask/check"}
	return stepPages["sent"].Render(w, r, http.StatusOK, v.frame(r, advice[0].Heading, v.root()+"ask"), p)
}

// stepOf says which step a field of the ledger's form is on.
var stepOf = map[string]string{
	"asker": "who", "given": "you", "family": "you", "birth": "you", "nhs-number": "you", "phone": "you",
	"by": "you", "relationship": "you", "kind": "kind",
	"photos": "photos", "contact-how": "contact", "contact-number": "contact", "contact-email": "contact",
	"contact-not": "contact", "interpreter": "contact", "needs-other": "contact",
}

// refused shows what the ledger did not take: on the step that it is about
// when there is one thing, else on the page with all the answers.
func (a *Patients) refused(w http.ResponseWriter, r *http.Request, v visit, d *draft, err error) error {
	faults := care.Fields(err)
	form := &page.Form{}
	for _, e := range faults {
		form.Fail(orElse(d.stepOf(e.Where), "answers"), e.Message)
	}
	if next(v, d) != "check" && len(faults) > 0 { // an emergency before the end of the form
		if s, ok := find(v, d, d.stepOf(faults[0].Where)); ok {
			form := s.fill(d)
			for _, e := range faults {
				form.Fail(e.Where, e.Message)
			}
			return a.stepPage(w, r, v, d, s, form, http.StatusUnprocessableEntity)
		}
	}
	return a.checkPage(w, r, v, d, form, http.StatusUnprocessableEntity)
}

// checkPage shows every answer before it is sent.
func (a *Patients) checkPage(w http.ResponseWriter, r *http.Request, v visit, d *draft, form *page.Form, status int) error {
	f := v.frame(r, "Check your answers", v.root()+"ask")
	f.Form = form
	f.Back = &page.Link{Href: v.before(d, "check")}
	p := askPage{Action: v.root() + "ask/check", Rows: d.rows(v), Form: form}
	return stepPages["check"].Render(w, r, status, f, p)
}

// rows are the answers as the person checks them.
func (d *draft) rows(v visit) []page.Row {
	var rows []page.Row
	add := func(step, key, value string) {
		if value == "" {
			value = "Not answered"
		}
		change := ""
		if _, ok := find(v, d, step); ok {
			change = v.root() + "ask/" + step + "?change"
		}
		rows = append(rows, page.Row{Key: key, Value: value, Change: change})
	}
	if d.Patient != "" {
		add("who", "Who needs help", d.whoRow(d.Name))
	} else {
		add("who", "Who needs help", d.whoRow(map[request.Asker]string{request.Self: "Me", request.Proxy: "Someone else"}[d.Asker]))
		if d.Identity.By != "" {
			add("you", "Your name", d.Identity.By)
			add("you", "Who you are to them", d.Identity.Relationship)
		}
		add("you", "Name", strings.TrimSpace(d.Identity.Given+" "+d.Identity.Family))
		if t, ok := words.Birth(d.Identity.Birth); ok {
			add("you", "Date of birth", words.Date(t))
		}
		if d.Identity.NHSNumber != "" {
			add("you", "NHS number", d.Identity.NHSNumber)
		}
		add("you", "Phone number", d.Identity.Phone)
	}
	add("kind", "What it is about", d.Kind.Label())
	lang := string(v.lang)
	for _, p := range d.Form.Asked(d.Answers) {
		for _, a := range p.Asks {
			if a.Type != form.Display {
				add(nameOfPage(d.Form, p.ID), a.Text.In(lang), a.Shown(d.Answers[a.ID], lang))
			}
		}
	}
	add("photos", "Photos", d.photoNames())
	add("contact", "How we reply", textOf(replies(true), d.Contact.How))
	for _, extra := range []struct{ key, value string }{
		{"Mobile or phone", d.Contact.Number},
		{"Email", d.Contact.Email},
		{"Times that do not suit", d.Contact.NotWhen},
		{"To keep you safe", d.Contact.Safe},
		{"Help you need", d.needs()},
	} {
		if extra.value != "" {
			add("contact", extra.key, extra.value)
		}
	}
	return rows
}

// whoRow is whom it is for, as its sender checks it.
func (d *draft) whoRow(name string) string {
	if d.Carer {
		return asCarer.Text
	}
	return name
}

// sentPage is the receipt. In an emergency the advice comes first, in full.
func (a *Patients) sentPage(w http.ResponseWriter, r *http.Request, v visit, d *draft) error {
	title := "We have your request"
	if len(d.Sent.Emergency) > 0 {
		title = d.Sent.Emergency[0].Heading
	}
	f := v.frame(r, title, v.root()+"ask")
	p := askPage{Receipt: d.Sent, Advice: d.Sent.Emergency}
	if v.signedIn && d.Patient != "" {
		p.Requests = v.base() + "requests/" + d.Sent.ID
	}
	return stepPages["sent"].Render(w, r, http.StatusOK, f, p)
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

package desk

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"heartwood/internal/access"
	"heartwood/internal/care"
	"heartwood/internal/care/request"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

type newPage struct {
	Desk           desk
	Note           string
	Notice         *notice
	Key, PatientID string
	Summary        *side
	Found          []radio
	Channels       []radio
	Now, NowUrgent string // when somebody who asks now is answered
	Kinds          []option
	Reaches        []option
	Held           bool   // this kind is not taken by this way while the practice is shut
	FormName       string // the version of the form that is shown
	Questions      []question
	// After it has been recorded:
	Tell, Next          []string
	Reference, Recorded string
	typed               url.Values
	problems            map[string]string
}

// Typed is what somebody typed into a field.
func (p newPage) Typed(name string) string { return p.typed.Get(name) }

// Problem is what is wrong with a field.
func (p newPage) Problem(name string) string { return p.problems[name] }

var newTemplate = page.New[newPage](files, "new.html", "summary.html", "parts.html")

func (d *Desk) newPage(w http.ResponseWriter, r *http.Request) error {
	v, err := d.enter(r, access.FindPatient, "")
	if err != nil {
		return err
	}
	typed := r.URL.Query()
	return d.showNew(w, r, v, newPage{Key: ident.NewID(), PatientID: typed.Get("patient"), typed: typed, Notice: noticeOf(r)}, http.StatusOK)
}

// newDo finds the patient, or records the request; the receipt is a page of
// its own so that reloading it sends nothing again.
func (d *Desk) newDo(w http.ResponseWriter, r *http.Request) error {
	form, err := page.Parse(w, r, 0)
	if err != nil {
		return err
	}
	patient := form.Value("patient")
	v, err := d.enter(r, access.FindPatient, "")
	if err != nil {
		return err
	}
	p := newPage{Key: orElse(form.Value("key"), ident.NewID()), typed: form.Values, problems: map[string]string{}}
	if form.Value("step") == "find" || patient == "" {
		p.PatientID = ""
		return d.findFor(w, r, v, p)
	}
	p.PatientID = patient
	if err := access.May(v.Person, access.AskOnBehalf, v.ods, "Patient/"+patient); err != nil {
		return err
	}
	if form.Value("contact-number") == "" { // they may have been chosen just now
		row, err := d.patient(r.Context(), v, patient)
		if err != nil {
			return err
		}
		form.Set("contact-number", row.Phone)
	}
	f, err := d.formFor(r.Context(), v, form.Value("kind"), patient)
	if err != nil {
		return err
	}
	ask := asked(form, patient)
	ask.Form, ask.Answers = f, answersIn(f, form)
	if form.Value("step") == "kind" || d.elsewhere(r.Context(), v, f, form) {
		p.Notice = &notice{Class: "problem", Title: "Nothing was recorded yet.", Text: "These are the questions for this kind of request."}
		return d.showNew(w, r, v, p, http.StatusOK)
	}
	if ids := stray(f, ask.Answers); len(ids) > 0 {
		for _, id := range ids {
			p.problems[id] = "Answer the question before this one too, or leave this empty."
		}
		p.Notice = &notice{Class: "problem", Title: "Nothing was recorded yet.", Text: "An answer does not fit with the one before it."}
		return d.showNew(w, r, v, p, http.StatusBadRequest)
	}
	if p.Notice = v.held(r.Context(), ask); p.Notice != nil && !form.Has("cannot-wait", "yes") {
		p.Held = true
		return d.showNew(w, r, v, p, http.StatusUnprocessableEntity)
	}
	p.Notice = nil
	receipt, err := d.requests.Receive(r.Context(), v.ods, v.Author("Patient/"+patient), ask, p.Key)
	if err != nil {
		if !p.blame(err) {
			return err
		}
		return d.showNew(w, r, v, p, http.StatusBadRequest)
	}
	p.Reference, p.Recorded = receipt.Reference, v.base()+"request/"+receipt.ID
	p.Next = receipt.Next
	for _, e := range receipt.Emergency {
		p.Tell = append(p.Tell, aloud.Replace(e.Heading))
		for _, l := range e.Lines {
			p.Tell = append(p.Tell, aloud.Replace(l))
		}
	}
	return d.showNew(w, r, v, p, http.StatusOK)
}

// aloud makes of advice to somebody who wrote what is said to somebody who
// spoke.
var aloud = strings.NewReplacer("you wrote", "you said")

// asked makes an Ask of the form.
func asked(f *page.Form, patient string) request.Ask {
	return request.Ask{
		Patient: "Patient/" + patient, Asker: request.Staff,
		Channel: request.Channel(orElse(f.Value("channel"), string(request.Phone))),
		Kind:    request.Kind(f.Value("kind")),
		Contact: request.Contact{
			How: f.Value("contact-how"), Number: f.Text("contact-number", 50), NotWhen: f.Text("contact-not", 500),
		},
		Needs: request.Needs{Interpreter: f.Text("interpreter", 100), BSL: f.Value("bsl") == "yes"},
	}
}

// blame puts what is wrong beside the fields; false when it is not the
// sender's to mend.
func (p *newPage) blame(err error) bool {
	for _, f := range care.Fields(err) {
		if f.Kind != fault.Invalid && f.Kind != fault.Refused && f.Kind != fault.TooMany {
			return false
		}
		p.problems[f.Where] = f.Message
		p.Notice = &notice{Class: "problem", Title: "Nothing was recorded yet.", Text: f.Message}
	}
	return true
}

// findFor looks for the patient and keeps what else was typed.
func (d *Desk) findFor(w http.ResponseWriter, r *http.Request, v visit, p newPage) error {
	found, err := d.find(r.Context(), v, p.Typed("who"))
	switch {
	case fault.Is(err, fault.Invalid):
		p.problems["patient"] = fault.From(err).Message
	case err != nil:
		return err
	case len(found) == 0:
		p.problems["patient"] = "Nobody registered here matches."
	case len(found) == 1:
		p.PatientID = found[0].ID
	}
	p.Found = foundRadios(found, "")
	return d.showNew(w, r, v, p, http.StatusOK)
}

func (d *Desk) showNew(w http.ResponseWriter, r *http.Request, v visit, p newPage, status int) error {
	p.Desk = v.desk()
	p.fill()
	p.Now, p.NowUrgent = d.outlook.Ask(r.Context(), v.ods, request.Routine, v.now).Say(v.now), d.outlook.Ask(r.Context(), v.ods, request.Prompt, v.now).Say(v.now)
	if p.PatientID != "" {
		if err := d.chosenPatient(r.Context(), v, &p); err != nil {
			return err
		}
	}
	if p.Notice == nil && p.Recorded == "" {
		p.Notice = v.shutTo(r.Context(), request.Phone, request.Desk)
	}
	q, err := d.formFor(r.Context(), v, kindOr(p.Typed("kind")), p.PatientID)
	if err != nil {
		return err
	}
	p.ask(q)
	f := v.frame(r, "New request", "")
	return newTemplate.Render(w, r, status, f, p)
}

func (d *Desk) chosenPatient(ctx context.Context, v visit, p *newPage) error {
	ref := "Patient/" + p.PatientID
	if !ident.IsID(p.PatientID) {
		return fault.New(fault.NotFound, "There is no such patient.")
	}
	var err error
	if p.Summary, err = d.side(ctx, v, ref); err != nil {
		return err
	}
	if p.typed.Get("contact-number") == "" && p.Summary != nil {
		row, err := d.patient(ctx, v, p.PatientID)
		if err != nil {
			return err
		}
		p.typed.Set("contact-number", row.Phone)
	}
	return v.saw(ctx, ref, "new request", p.Summary)
}

// fill makes the choices of the form.
func (p *newPage) fill() {
	if p.typed == nil {
		p.typed = url.Values{}
	}
	channel := orElse(p.Typed("channel"), string(request.Phone))
	p.Channels = []radio{
		{Name: "channel", ID: "channel-phone", Value: "phone", Label: "Phone", Chosen: channel == "phone"},
		{Name: "channel", ID: "channel-desk", Value: "desk", Label: "At the desk", Chosen: channel == "desk"},
	}
	for _, k := range request.Kinds {
		label := strings.ReplaceAll(k.Label(), "I have", "they have")
		p.Kinds = append(p.Kinds, option{Value: string(k), Label: label, Chosen: p.Typed("kind") == string(k)})
	}
	for _, o := range []option{{Value: "phone", Label: "Phone call"}, {Value: "text", Label: "Text message"}, {Value: "message", Label: "Message in the app"}, {Value: "email", Label: "E-mail"}, {Value: "letter", Label: "Letter"}} {
		o.Chosen = o.Value == p.Typed("contact-how")
		p.Reaches = append(p.Reaches, o)
	}
}

package patient

import (
	"net/http"
	"strings"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care/online"
	"heartwood/internal/care/request"
	"heartwood/internal/care/triage"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
)

// askPage is what every step of the form is made from.
type askPage struct {
	Form     *page.Form
	Action   string
	Options  []page.Option
	As       []page.Option // to ask as a carer, where who it is for is not asked
	Asks     []formAsk     // the questions of a page of the form
	Shown    string        // their ids
	Heading  string        // of the page, when it has several
	Intro    string
	Own      online.Own // the practice's own words
	BSL      string     // where the form is in British Sign Language
	Easy     string     // where it is in easy read
	Needs    []page.Option
	Safe     []page.Option // what makes a reply unsafe
	Photos   []photoLine
	Limit    int
	Theirs   bool   // the request is for somebody else
	Name     string // of the patient, when we know it
	SignIn   string
	Return   string // where a form that was put by is opened again
	Carry    string // where a form that was begun goes on
	Kind     request.Kind
	Rows     []page.Row
	Advice   []triage.Advice
	Receipt  *request.Receipt
	Requests string // where their requests are, "" when not signed in
	Routine  string // when somebody who asks now is answered, "" when unknown
	Urgent   string
	Shut     shutNow
	Code     string // what a form that was put by comes back by
	Until    time.Time
	SaveTo   savedLinks
	Failed   string // why a request in an emergency was not kept
	Preview  *previewed
}

type photoLine struct{ Name, Src, Part string }

var stepPages = map[string]*page.Template[askPage]{
	"who": page.New[askPage](files, "ask_who.html"), "you": page.New[askPage](files, "ask_you.html"),
	"kind": page.New[askPage](files, "ask_kind.html"), "form": page.New[askPage](files, "ask_form.html"),
	"photos": page.New[askPage](files, "ask_photos.html"), "contact": page.New[askPage](files, "ask_contact.html"),
	"check": page.New[askPage](files, "ask_check.html"), "sent": page.New[askPage](files, "ask_sent.html", "advice.html"),
	"start": page.New[askPage](files, "ask_start.html", "emergency.html", "own.html"),
	"later": page.New[askPage](files, "ask_later.html"),
}

// askStart says what the form is for, and what to do in an emergency instead.
func (a *Patients) askStart(w http.ResponseWriter, r *http.Request) error {
	v, err := a.enter(r)
	if err != nil {
		return err
	}
	d, err := a.draft(r, v)
	if err != nil && err != errSignedOut { //nolint:errorlint // it is returned as it is
		return err
	}
	p := askPage{Action: v.root() + "ask", Shut: v.shut(r)}
	p.Routine, p.Urgent = a.ifNow(r, v, request.Routine), a.ifNow(r, v, request.Prompt)
	if d != nil && err == nil && d.Sent == nil && len(d.Done) > 0 {
		p.Carry = v.root() + "ask/" + next(v, d)
	}
	p.SignIn, p.Return = a.signIn(v, v.root()+"ask"), v.root()+"return"
	if s, err := online.Load(r.Context(), v.practice); err == nil {
		p.BSL, p.Easy, p.Own = s.BSL, s.Easy, s.NoticeIn(v.lang)
	}
	return stepPages["start"].Render(w, r, http.StatusOK, v.frame(r, "Ask your GP practice for help", v.root()+"ask"), p)
}

// askBegin starts a new form.
func (a *Patients) askBegin(w http.ResponseWriter, r *http.Request) error {
	v, err := a.enter(r)
	if err != nil {
		return err
	}
	if v.shut(r).Form != "" { // the start says what to do instead; a form that was begun goes on
		see(w, r, v.root()+"ask")
		return nil
	}
	if over(r, a.limits.starts) {
		return errManyStarts
	}
	d, err := a.begin(w, r, v)
	if err != nil {
		return err
	}
	if alone(v, d) {
		if err := v.choose(r, d, v.Patients[0]); err != nil {
			return err
		}
		if err := a.keep(r.Context(), d); err != nil {
			return err
		}
	}
	a.mark(v, d, next(v, d))
	return a.to(w, r, v, next(v, d))
}

// choose makes the form one for this patient.
func (v visit) choose(r *http.Request, d *draft, patient string) error {
	if err := access.May(v.Person, access.AskForSelf, v.ods, patient); err != nil {
		return err
	}
	d.Patient, d.Asker = patient, request.Self
	if patient != v.Self() {
		d.Asker = request.Proxy
	}
	v.patient = patient
	if err := v.looked(r.Context(), "contact details", 1); err != nil {
		return err
	}
	return v.about(r.Context(), d)
}

func (a *Patients) to(w http.ResponseWriter, r *http.Request, v visit, step string) error {
	see(w, r, v.root()+"ask/"+step)
	return nil
}

// at finds where in the form a request is: the visit, its draft, its step. d
// is nil when there is no form to go on with.
func (a *Patients) at(r *http.Request) (visit, *draft, string, error) {
	v, err := a.enter(r)
	if err != nil {
		return v, nil, "", err
	}
	d, err := a.draft(r, v)
	if d != nil && d.Patient != "" {
		v.patient = d.Patient
		if d.Patient != v.Self() {
			v.who, v.forName = id(d.Patient), d.Name
		}
	}
	return v, d, r.PathValue("step"), err
}

// askShow shows a step, with what was answered before.
func (a *Patients) askShow(w http.ResponseWriter, r *http.Request) error {
	v, d, name, err := a.at(r)
	if err != nil {
		return err
	}
	if d == nil && stepWord(name) {
		see(w, r, v.root()+"ask")
		return nil
	}
	if d == nil {
		return errNoSuch
	}
	if d.Sent != nil && name != "sent" {
		return a.to(w, r, v, "sent") // the back button after sending shows the receipt
	}
	switch name {
	case "later":
		return a.laterPage(w, r, v, d)
	case "sent":
		if d.Sent == nil {
			return a.to(w, r, v, next(v, d))
		}
		return a.sentPage(w, r, v, d)
	case "check":
		if n := next(v, d); n != "check" {
			return a.to(w, r, v, n)
		}
		a.mark(v, d, name)
		return a.checkPage(w, r, v, d, nil, http.StatusOK)
	}
	s, ok := find(v, d, name)
	if _, fixed := stepPages[name]; !ok && !fixed && !d.asks(name) {
		return errNoSuch
	}
	if !ok {
		return a.to(w, r, v, next(v, d))
	}
	a.mark(v, d, name)
	return a.stepPage(w, r, v, d, s, s.fill(d), http.StatusOK)
}

func (a *Patients) stepPage(w http.ResponseWriter, r *http.Request, v visit, d *draft, s step, form *page.Form, status int) error {
	f := v.frame(r, orElse(s.title, d.Form.Title.In(string(v.lang))), v.root()+"ask")
	f.Form, f.Keep = form, d.keepID()
	f.Back = &page.Link{Href: v.before(d, s.name)}
	p := askPage{
		Form: form, Action: r.URL.RequestURI(), Kind: d.Kind, Limit: maxPhoto,
		Theirs: d.Asker == request.Proxy, Name: d.Name,
	}
	switch s.name {
	case "who":
		p.Options = v.people(r.Context())
		p.SignIn = a.signIn(v, v.root()+"ask")
	case "kind":
		p.Options = kinds
		if form.Value("closed") != "" {
			p.Shut = v.shut(r)
		}
		if alone(v, d) {
			p.As = []page.Option{asCarer}
		}
	case "contact":
		p.Options, p.Needs, p.Safe = replies(v.signedIn), needs, unsafe
	case "photos":
		p.Photos = d.photoLines(v)
	}
	t := stepPages[s.name]
	if s.page != "" {
		t = stepPages["form"]
		d.draw(&p, s.page, string(v.lang))
	}
	return t.Render(w, r, status, f, p)
}

// askSave takes what was sent for a step. Everything written is screened at
// once: an emergency is told, and the request is kept, before anything else.
func (a *Patients) askSave(w http.ResponseWriter, r *http.Request) error {
	v, d, name, err := a.at(r)
	if err == errSignedOut { //nolint:errorlint // it is returned as it is
		return a.keepTyped(w, r, v, d, name)
	}
	if err != nil {
		return err
	}
	if d == nil {
		return errDraftGone
	}
	if d.Sent != nil {
		return a.to(w, r, v, "sent") // sent twice: the same receipt
	}
	if name == "check" {
		if n := next(v, d); n != "check" && len(emergency(d.findings(r.Context(), v.practice, v.now))) == 0 {
			return a.to(w, r, v, n)
		}
		return a.send(w, r, v, d)
	}
	s, ok := find(v, d, name)
	if !ok {
		return a.to(w, r, v, next(v, d))
	}
	limit := int64(0)
	if s.files {
		limit = maxUpload
	}
	form, err := page.Parse(w, r, limit)
	if err != nil {
		return err
	}
	before := d.Photos
	s.save(v, d, form)
	if s.name == "who" && d.Patient != "" && form.OK() {
		if err := v.choose(r, d, d.Patient); err != nil {
			return err
		}
	}
	if s.name == "kind" && form.OK() && !v.closedKind(r, d, form) {
		if err := v.pick(r.Context(), d); err != nil {
			return err
		}
	}
	if s.files && form.OK() {
		if err := a.takePhotos(r, d, form); err != nil {
			return err
		}
		// One of several may have been refused: the page shows the others.
		if err := a.keep(r.Context(), d); err != nil {
			return err
		}
	}
	if form.Value("later") != "" {
		if form.OK() && !s.files {
			d.does(s.name)
		}
		return a.putBy(w, r, v, d)
	}
	if !form.OK() {
		return a.stepPage(w, r, v, d, s, form, http.StatusUnprocessableEntity)
	}
	// Another photo, or one taken away; or an answer that asks more on its page.
	again := s.files && form.Value("more") != "" || s.page != "" && d.more(s.page, form)
	if !again {
		d.does(s.name)
	}
	kept := a.keep(r.Context(), d)
	if kept == nil {
		a.forget(r.Context(), d, before)
	}
	if triage.Worst(d.findings(r.Context(), v.practice, v.now)) == triage.Emergency && !again {
		return a.send(w, r, v, d) // whether or not the form could be kept
	}
	if kept != nil {
		return kept
	}
	if again {
		return a.to(w, r, v, s.name)
	}
	if strings.Contains(r.URL.RawQuery, "change") && next(v, d) == "check" {
		return a.to(w, r, v, "check")
	}
	return a.to(w, r, v, after(v, d, s.name))
}

// keepTyped keeps what somebody typed whose session ended meanwhile. Nothing
// is shown of the form until they have signed in again, but for the advice
// that what they typed just now calls for.
func (a *Patients) keepTyped(w http.ResponseWriter, r *http.Request, v visit, d *draft, name string) error {
	for _, s := range d.all() {
		if s.name != name || s.files || name == "who" || d.Sent != nil {
			continue
		}
		form, err := page.Parse(w, r, 0)
		if err != nil {
			return err
		}
		if s.save(v, d, form); !form.OK() {
			break
		}
		d.does(s.name)
		kept := a.keep(r.Context(), d)
		typed := &draft{Birth: d.Birth, Sex: d.Sex, Kind: d.Kind, Form: d.Form, Answers: map[string][]string{}, Done: map[string]bool{}}
		s.save(v, typed, form)
		if advice := emergency(typed.findings(r.Context(), v.practice, v.now)); len(advice) > 0 {
			return a.advise(w, r, v, advice, errSignedOut)
		}
		if kept != nil {
			return kept
		}
	}
	return errSignedOut
}

var errDraftGone = fault.New(fault.Gone,
	"We no longer have what you had filled in: forms are kept for a day. Nothing has been sent. Please start again.")

// Package patient is what people see of their practice: how to ask for help,
// what became of it, their appointments, their record and who has looked.
//
// What comes in: pages asked for and forms sent by patients and proxies, who
// need not have signed in to ask. What goes out: plain pages that work without
// script, and decisions handed to care. It must never show a record to
// anybody but its patient or their proxy, never show it before that sight is
// in the access log, never lose what somebody typed, and never make a person
// in an emergency go on filling in a form.
package patient

import (
	"context"
	"embed"
	"net/http"
	"net/url"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care/booking"
	"heartwood/internal/care/message"
	"heartwood/internal/care/request"
	"heartwood/internal/care/starts"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/view/outlook"
	"heartwood/internal/words"
)

//go:embed *.html
var files embed.FS

// Config is what the patients' pages work with.
type Config struct {
	Store  *record.Store
	Drafts *Drafts // half-filled forms; in memory when nil
	Secure bool    // the site is reached by https: cookies are marked so
	SignIn bool    // people can sign in
	// Outlook says when somebody will be answered; nil: only the clock does.
	Outlook outlook.Of
	// Sealer keeps from whoever reads the drafts alone which form waits for
	// whom; nil: such forms are not found on another device.
	Sealer Sealer
	// Starts counts forms that are begun and not sent; nil counts none.
	Starts *starts.Marks
}

// Sealer seals with the installation's key (access.Keys).
type Sealer interface {
	Seal(purpose string, b []byte) string
	Open(purpose, sealed string) ([]byte, error)
}

// Patients serves the pages of patients and proxies.
type Patients struct {
	store    *record.Store
	requests *request.Service
	messages *message.Service
	booking  *booking.Service
	drafts   *Drafts
	limits   limits
	outlook  outlook.Of
	secure   bool
	canSign  bool
	sealer   Sealer
	starts   *starts.Marks
}

// New makes the patients' pages.
func New(c Config) *Patients {
	if c.Drafts == nil {
		c.Drafts = NewDrafts("", time.Now)
	}
	return &Patients{
		store: c.Store, requests: request.New(c.Store).Foreseeing(c.Outlook.Foresee), outlook: c.Outlook, messages: message.New(c.Store), booking: booking.New(),
		drafts: c.Drafts, limits: newLimits(), secure: c.Secure, canSign: c.SignIn, sealer: c.Sealer, starts: c.Starts,
	}
}

// Routes puts the pages on a mux. {who} is "me" or the id of a patient that
// the person is proxy for: it is in the address, so that two tabs open for two
// people can never be mixed up.
func (a *Patients) Routes(mux *http.ServeMux) {
	handle := func(pattern string, f page.Func) { mux.Handle(pattern, f) }
	handle("GET /p/{ods}/{$}", a.home)
	handle("GET /p/{ods}/ask", a.askStart)
	handle("POST /p/{ods}/ask", a.askBegin)
	handle("GET /p/{ods}/ask/{step}", a.askShow)
	handle("POST /p/{ods}/ask/{step}", a.askSave)
	handle("GET /p/{ods}/ask/photos/{n}", a.draftPhoto)
	handle("GET /p/{ods}/return", a.comeBack)
	handle("POST /p/{ods}/return", a.comeBackDo)
	handle("GET /p/{ods}/leave", a.leave)
	handle("GET /p/{ods}/people", a.people)
	handle("GET /p/{ods}/of/{who}/requests", a.requestList)
	handle("GET /p/{ods}/of/{who}/requests/{id}", a.requestPage)
	handle("POST /p/{ods}/of/{who}/requests/{id}", a.reply)
	handle("POST /p/{ods}/of/{who}/requests/{id}/went", a.sayWent)
	handle("GET /p/{ods}/of/{who}/requests/{id}/questions/{message}", a.questionsPage)
	handle("POST /p/{ods}/of/{who}/requests/{id}/questions/{message}", a.questionsDo)
	handle("GET /p/{ods}/of/{who}/requests/{id}/photo/{binary}", a.photo)
	handle("GET /p/{ods}/of/{who}/messages/{message}", a.notePage)
	handle("POST /p/{ods}/of/{who}/messages/{message}", a.respond)
	handle("GET /p/{ods}/of/{who}/appointments", a.appointmentList)
	handle("GET /p/{ods}/of/{who}/appointments/book", a.bookPage)
	handle("POST /p/{ods}/of/{who}/appointments/book", a.book)
	handle("GET /p/{ods}/of/{who}/appointments/{id}", a.appointmentPage)
	handle("GET /p/{ods}/of/{who}/appointments/{id}/choose", a.choosePage)
	handle("POST /p/{ods}/of/{who}/appointments/{id}/choose", a.choose)
	handle("POST /p/{ods}/of/{who}/appointments/{id}/wait", a.wait)
	handle("POST /p/{ods}/of/{who}/appointments/{id}/here", a.here)
	handle("GET /p/{ods}/of/{who}/appointments/{id}/cancel", a.cancelPage)
	handle("POST /p/{ods}/of/{who}/appointments/{id}/cancel", a.cancel)
	handle("GET /p/{ods}/of/{who}/appointments/{id}/calendar.ics", a.calendar)
	handle("GET /p/{ods}/of/{who}/record", a.recordPage)
	handle("GET /p/{ods}/of/{who}/record/all", a.journalPage)
	handle("GET /p/{ods}/of/{who}/looked", a.lookedPage)
	handle("GET /p/{ods}/of/{who}/access", a.changePage)
	handle("POST /p/{ods}/of/{who}/access", a.change)
}

// visit is one person's visit to one page about one patient.
type visit struct {
	access.Person
	signedIn bool
	ods      ident.ODS
	practice *record.Practice
	now      time.Time
	patient  string // "Patient/…" the page is about; "" when none is named
	who      string // as it stands in the address: "me" or the patient's id
	forName  string // the patient's name, when it is not the visitor
	lang     words.Lang
}

// enter opens the practice that the address names.
func (a *Patients) enter(r *http.Request) (visit, error) {
	ods, err := ident.ParseODS(r.PathValue("ods"))
	if err != nil {
		return visit{}, fault.New(fault.NotFound, "There is no such practice.")
	}
	practice, err := a.store.Practice(ods)
	if err != nil {
		return visit{}, err
	}
	v := visit{ods: ods, practice: practice, now: practice.Now(), lang: page.Base(r).Lang}
	v.Person, v.signedIn = access.From(r.Context())
	// Staff, and patients of another practice, are nobody here.
	if v.Practice != ods || (v.Role != access.Patient && v.Role != access.Proxy) {
		v.Person, v.signedIn = access.Person{}, false
	}
	return v, nil
}

// enterFor opens a page about the patient that the address names, if the
// person may do this to them.
func (a *Patients) enterFor(r *http.Request, action access.Action) (visit, error) {
	v, err := a.enter(r)
	if err != nil {
		return v, err
	}
	if !v.signedIn {
		return v, signInFirst(r)
	}
	v.who = r.PathValue("who")
	switch {
	case v.who != "me":
		v.patient = "Patient/" + v.who
	case v.Self() != "":
		v.patient = v.Self()
	case len(v.Patients) > 0: // a proxy, who has no record here
		v.patient = v.Patients[0]
		v.who = id(v.patient)
	}
	if err := access.May(v.Person, action, v.ods, v.patient); err != nil {
		return v, err
	}
	if v.patient != v.Self() {
		v.forName = v.nameOf(r.Context(), v.patient)
	}
	return v, nil
}

var errNoSuch = fault.New(fault.NotFound, "There is no such page.")

var errSignIn = fault.New(fault.Unauthenticated, "Sign in to see this page.")

// errElsewhere is for somebody who has signed in but is no patient of this
// practice: asking them to sign in would lead them round in a circle.
var errElsewhere = fault.New(fault.Forbidden, "This page is for patients of this practice. To see it, sign out and sign in as one of them.")

func signInFirst(r *http.Request) error {
	if _, elsewhere := access.From(r.Context()); elsewhere {
		return errElsewhere
	}
	return errSignIn
}

// looked puts a sight in the access log, before it is shown.
func (v visit) looked(ctx context.Context, what string, count int) error {
	return access.Looked(ctx, v.practice, v.Person, access.Sight{Patient: v.patient, What: what, Count: count})
}

// author is the visitor, acting for the patient of this page. Somebody who has
// not signed in acts through the web page itself, and says who they are.
func (v visit) author() record.Author {
	if !v.signedIn {
		return record.Author{Ref: "Device/web", Role: string(access.Patient)}
	}
	return v.Author(v.patient)
}

// root is where this practice's pages are.
func (v visit) root() string { return "/p/" + string(v.ods) + "/" }

// base is where the pages about this patient are.
func (v visit) base() string { return v.root() + "of/" + v.whoOr("me") + "/" }

func (v visit) whoOr(other string) string {
	if v.who == "" {
		return other
	}
	return v.who
}

// mine tells whether the page is about the visitor.
func (v visit) mine() bool { return v.forName == "" }

// signIn is where the visitor could sign in and then go on to next, "" when
// they have or cannot.
func (a *Patients) signIn(v visit, next string) string {
	if v.signedIn || !a.canSign {
		return ""
	}
	return "/sign-in?next=" + url.QueryEscape(next)
}

// frame is the page's frame with the patients' menu.
func (v visit) frame(r *http.Request, title, section string) page.Frame {
	f := page.Base(r)
	f.Title, f.Home, f.Leave = title, v.root(), v.root()+"leave"
	f.Nav = []page.Link{{Text: "Ask for help", Href: v.root() + "ask"}}
	if v.signedIn {
		f.Nav = []page.Link{
			{Text: "Home", Href: v.root()},
			{Text: "Ask for help", Href: v.root() + "ask"},
		}
		f.Nav = append(f.Nav, v.parts(v.whose(), v.base())...)
		if len(v.Patients) > 1 || v.Self() == "" {
			f.Nav = append(f.Nav, page.Link{Text: "People", Href: v.root() + "people"})
		}
	}
	if f.User != nil && v.forName != "" {
		u := *f.User
		u.For = v.forName
		f.User = &u
	}
	f.Section = section
	return f
}

// see sends the browser on to another page of this practice.
func see(w http.ResponseWriter, r *http.Request, to string) {
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// id is the id in a reference.
func id(ref string) string {
	r, _ := ident.ParseRef(ref)
	return r.ID
}

// nameOf is what a patient is called, for the person who acts for them.
func (v visit) nameOf(ctx context.Context, patient string) string {
	return nameOf(ctx, v.practice, patient)
}

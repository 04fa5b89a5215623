// Package desk is where the practice's staff work: the one queue, a request
// beside its patient, the record, the diary, jobs and consultations.
//
// What comes in: staff who have signed in (access.Person in the request's
// context) and the forms they send. What goes out: pages that work by keyboard
// and without script, and decisions handed to care. It must never show a
// patient before that sight is in the access log, never decide anything
// itself, and never lose what somebody typed because something else changed.
package desk

import (
	"context"
	"embed"
	"net/http"
	"sync"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care/booking"
	"heartwood/internal/care/consult"
	"heartwood/internal/care/delivery"
	"heartwood/internal/care/elsewhere"
	"heartwood/internal/care/filing"
	"heartwood/internal/care/message"
	"heartwood/internal/care/request"
	"heartwood/internal/care/task"
	"heartwood/internal/care/workflow"
	"heartwood/internal/door/web/menu"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/view/outlook"
	"heartwood/internal/view/worklist"
)

//go:embed *.html
var files embed.FS

// Config is what the desk works with.
type Config struct {
	Store *record.Store
	// Queue gives a practice's running work list.
	Queue func(ctx context.Context, practice ident.ODS) (*worklist.List, error)
	// Outlook says when somebody will be answered; nil: only the clock does.
	Outlook outlook.Of
	// Accounts are for giving patients online access; nil leaves that out.
	Accounts *access.Accounts
	// Send sends a sign-in link by e-mail; nil sends none.
	Send func(context.Context, access.Letter) error
	// Screen is the address of a practice's check-in screen; nil: it has none.
	Screen func(practice ident.ODS, number int) string
	// Can tells by which media a practice can send; nil is all.
	Can func(ident.ODS, delivery.Medium) bool
}

// Desk serves the pages of staff.
type Desk struct {
	store    *record.Store
	queue    func(context.Context, ident.ODS) (*worklist.List, error)
	outlook  outlook.Of
	requests *request.Service
	messages *message.Service
	filing   *filing.Service
	jobs     *task.Service
	booking  *booking.Service
	away     *elsewhere.Service
	consult  *consult.Service
	accounts *access.Accounts
	send     func(context.Context, access.Letter) error
	screen   func(ident.ODS, int) string
	can      func(ident.ODS, delivery.Medium) bool
	glances  glances

	mu    sync.Mutex
	known map[ident.ODS]known // protected by mu
}

// New makes the desk.
func New(c Config) *Desk {
	return &Desk{
		store: c.Store, queue: c.Queue,
		outlook: c.Outlook, requests: request.New(c.Store).Foreseeing(c.Outlook.Foresee), messages: message.New(c.Store), filing: filing.New(c.Store), jobs: task.NewService(c.Store).Then(workflow.Follow),
		booking: booking.New(), away: elsewhere.New(c.Store.Practice), consult: consult.New(),
		accounts: c.Accounts, send: c.Send, screen: c.Screen, can: c.Can,
		known: map[ident.ODS]known{},
	}
}

// Routes puts the desk's pages on a mux.
func (d *Desk) Routes(mux *http.ServeMux) {
	handle := func(pattern string, f page.Func) { mux.Handle(pattern, f) }
	handle("GET /desk/{ods}/{$}", d.queuePage)
	handle("GET /desk/{ods}/request/{id}", d.requestPage)
	handle("GET /desk/{ods}/request/{id}/{do}", d.requestPage) // one form opened
	handle("GET /desk/{ods}/request/{id}/photo/{binary}", d.photo)
	handle("POST /desk/{ods}/request/{id}/{do}", d.requestDo)
	handle("GET /desk/{ods}/next", d.nextRequest)
	handle("GET /desk/{ods}/alarms", d.alarmsPage)
	handle("POST /desk/{ods}/alarms/{id}", d.alarmTake)
	handle("POST /desk/{ods}/bulk", d.bulkDo)
	handle("GET /desk/{ods}/bulk/{batch}", d.batchPage)
	handle("POST /desk/{ods}/bulk/{batch}/undo", d.batchUndo)
	handle("GET /desk/{ods}/patients", d.patientsPage)
	handle("GET /desk/{ods}/patient/{id}/contact", d.contact)
	handle("POST /desk/{ods}/patient/{id}/contact", d.contactDo)
	handle("POST /desk/{ods}/patient/{id}/messages", d.silenceDo)
	handle("GET /desk/{ods}/patient/{id}/write", d.writePage)
	handle("POST /desk/{ods}/patient/{id}/write", d.writeDo)
	handle("GET /desk/{ods}/patient/{id}/elsewhere", d.elsewherePage)
	handle("POST /desk/{ods}/patient/{id}/elsewhere", d.elsewhereDo)
	handle("GET /desk/{ods}/planned", d.plannedPage)
	handle("POST /desk/{ods}/planned/{id}", d.plannedStop)
	handle("GET /desk/{ods}/patient/{id}", d.patientPage)
	if d.accounts != nil {
		handle("GET /desk/{ods}/patient/{id}/online", d.onlinePage)
		handle("POST /desk/{ods}/patient/{id}/online", d.onlineDo)
	}
	handle("GET /desk/{ods}/patient/{id}/hidden", d.hidePage)
	handle("POST /desk/{ods}/patient/{id}/hidden", d.hideDo)
	handle("GET /desk/{ods}/new", d.newPage)
	handle("POST /desk/{ods}/new", d.newDo)
	handle("GET /desk/{ods}/diary", d.diaryPage)
	handle("POST /desk/{ods}/diary", d.diaryDo)
	handle("GET /desk/{ods}/check-in", d.checkinPage)
	handle("POST /desk/{ods}/check-in", d.checkinDo)
	handle("GET /desk/{ods}/waiting", d.waitingPage)
	handle("POST /desk/{ods}/waiting/{id}", d.waitingDo)
	handle("GET /desk/{ods}/cases", d.casesPage)
	handle("POST /desk/{ods}/cases", d.caseStart)
	handle("GET /desk/{ods}/cases/{id}", d.casePage)
	handle("POST /desk/{ods}/cases/{id}", d.caseCancel)
	handle("GET /desk/{ods}/filing", d.filingPage)
	handle("POST /desk/{ods}/filing", d.filingDo)
	handle("GET /desk/{ods}/jobs", d.jobsPage)
	handle("POST /desk/{ods}/job-views", d.jobsViewDo)
	handle("GET /desk/{ods}/jobs/new", d.jobNew)
	handle("POST /desk/{ods}/jobs", d.jobNewDo)
	handle("GET /desk/{ods}/jobs/{id}", d.jobPage)
	handle("POST /desk/{ods}/jobs/{id}", d.jobDo)
	handle("GET /desk/{ods}/consult", d.consultNew)
	handle("POST /desk/{ods}/consult", d.consultDo)
	handle("GET /desk/{ods}/consult/{id}", d.consultOpen)
	handle("GET /desk/{ods}/codes", d.codes)
}

// visit is one person's visit to one page.
type visit struct {
	access.Person
	ods      ident.ODS
	practice *record.Practice
	now      time.Time
}

// enter asks whether this person may do this here, and opens the practice.
func (d *Desk) enter(r *http.Request, action access.Action, patient string) (visit, error) {
	ods, err := ident.ParseODS(r.PathValue("ods"))
	if err != nil {
		return visit{}, fault.New(fault.NotFound, "There is no such practice.")
	}
	p, _ := access.From(r.Context())
	if err := access.May(p, action, ods, patient); err != nil {
		return visit{}, err
	}
	practice, err := d.store.Practice(ods)
	if err != nil {
		return visit{}, err
	}
	return visit{Person: p, ods: ods, practice: practice, now: practice.Now()}, nil
}

// posted enters with a form that was sent, of at most so many bytes
// (page.TextLimit when 0).
func (d *Desk) posted(w http.ResponseWriter, r *http.Request, action access.Action, patient string, limit int64) (visit, *page.Form, error) {
	v, err := d.enter(r, action, patient)
	if err != nil {
		return v, nil, err
	}
	form, err := page.Parse(w, r, limit)
	return v, form, err
}

// may tells whether the visitor may do something to a patient here.
func (v visit) may(action access.Action, patient string) bool {
	return access.May(v.Person, action, v.ods, patient) == nil
}

// looked puts a sight in the access log, before it is shown.
func (v visit) looked(ctx context.Context, sights ...access.Sight) error {
	return access.Looked(ctx, v.practice, v.Person, sights...)
}

// base is where this practice's desk is.
func (v visit) base() string { return "/desk/" + string(v.ods) + "/" }

// desk is what every page of the desk shows around its own content.
type desk struct {
	Base   string
	Sought string
}

func (v visit) desk() desk { return desk{Base: v.base()} }

// frame is the page's frame with the desk's menu.
func (v visit) frame(r *http.Request, title, section string) page.Frame {
	f := page.Base(r)
	f.Title, f.Wide, f.Section, f.Home = title, true, v.base()+section, v.base()
	f.Nav = menu.Staff(v.Person, v.ods)
	return f
}

// notice is a sentence at the top of a page: done, or a problem.
type notice struct {
	Class          string // "done", "problem", "info"
	Title, Text    string
	Href, LinkText string
}

// option is one choice of a select.
type option struct {
	Value, Label string
	Body         string // what choosing it writes, for templates
	Chosen       bool
}

// radio is one choice of a group.
type radio struct {
	Name, ID, Value, Label, Hint string
	Chosen, Disabled             bool
}

// Package manage is where a practice manager sees the day: what came in, what
// was answered, what is open, the proof that nothing was lost, and where they
// set how the practice works: hub.go lists the reports and the settings.
//
// What comes in: a manager who has signed in. What goes out: numbers as tables
// and as drawings of the same numbers, and invitations to staff. It must never
// show a patient's name or words, but for examples of what is about to be sent
// to many, which are logged; and never repair a difference: it tells.
package manage

import (
	"context"
	"embed"
	"net/http"
	"slices"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care"
	"heartwood/internal/care/delivery"
	"heartwood/internal/care/reconcile"
	"heartwood/internal/door/web/menu"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/view/measure"
	"heartwood/internal/view/outlook"
)

//go:embed *.html
var files embed.FS

// Config is what the manager's pages work with.
type Config struct {
	// Can tells by which media a practice can send; nil is all.
	Can      func(ident.ODS, delivery.Medium) bool
	Store    *record.Store
	Accounts *access.Accounts // nil leaves the accounts page out
	// Send sends an invitation by e-mail; nil only shows its link.
	Send func(context.Context, access.Letter) error
	// Measures gives a practice's figures, followed; nil reads the whole
	// record each time.
	Measures func(context.Context, ident.ODS) (*measure.Book, error)
	// Outlook says what the queue and the diaries hold; nil: assumptions.
	Outlook outlook.Of
	// Unfinished is how many online forms can still be sent, and how many of
	// them were put by; nil: it is not known.
	Unfinished func(ident.ODS) (all, putBy int)
}

// Manage serves the manager's pages.
type Manage struct {
	can        func(ident.ODS, delivery.Medium) bool
	store      *record.Store
	accounts   *access.Accounts
	send       func(context.Context, access.Letter) error
	reconcile  *reconcile.Service
	measures   func(context.Context, ident.ODS) (*measure.Book, error)
	outlook    outlook.Of
	rehearsed  rehearsed
	unfinished func(ident.ODS) (all, putBy int)
}

// New makes the manager's pages.
func New(c Config) *Manage {
	return &Manage{
		can:   c.Can,
		store: c.Store, accounts: c.Accounts, send: c.Send, reconcile: reconcile.New(c.Store), measures: c.Measures, outlook: c.Outlook, unfinished: c.Unfinished,
	}
}

// Routes puts the pages on a mux.
func (m *Manage) Routes(mux *http.ServeMux) {
	handle := func(pattern string, f page.Func) { mux.Handle(pattern, f) }
	handle("GET /manage/{ods}/{$}", m.today)
	handle("GET /manage/{ods}/settings", m.settingsHub)
	handle("GET /manage/{ods}/reports", m.reportsHub)
	handle("GET /manage/{ods}/patient-view", m.patientView)
	handle("POST /manage/{ods}/patient-view", m.patientViewDo)
	handle("GET /manage/{ods}/access", m.accessPage)
	handle("GET /manage/{ods}/access/{file}", m.accessFile)
	handle("GET /manage/{ods}/booking", m.bookingPage)
	handle("POST /manage/{ods}/booking", m.bookingDo)
	handle("GET /manage/{ods}/network", m.network)
	handle("GET /manage/{ods}/network/{partner}", m.agreement)
	handle("POST /manage/{ods}/network/{partner}", m.agreementDo)
	handle("GET /manage/{ods}/work", m.worktime)
	handle("POST /manage/{ods}/work", m.worktimeDo)
	handle("GET /manage/{ods}/measures", m.measuresReport)
	handle("GET /manage/{ods}/measures/{file}", m.measuresFile)
	handle("GET /manage/{ods}/feedback", m.feedback)
	handle("GET /manage/{ods}/feedback/{file}", m.feedbackFile)
	handle("GET /manage/{ods}/jobs", m.jobsReport)
	handle("GET /manage/{ods}/jobs/{file}", m.jobsFile)
	handle("GET /manage/{ods}/fair", m.fairReport)
	handle("GET /manage/{ods}/fair/{file}", m.fairFile)
	handle("GET /manage/{ods}/returns", m.returnsList)
	handle("GET /manage/{ods}/returns/{kind}/{period}", m.aReturn)
	handle("POST /manage/{ods}/returns/{kind}/{period}", m.returnDo)
	handle("GET /manage/{ods}/returns/{kind}/{period}/{file}", m.returnFile)
	handle("GET /manage/{ods}/reconcile", m.reconciliation)
	handle("GET /manage/{ods}/rules", m.rules)
	handle("GET /manage/{ods}/red-flags", m.redFlags)
	handle("POST /manage/{ods}/red-flags", m.redFlagsDo)
	handle("GET /manage/{ods}/navigation", m.navigation)
	handle("GET /manage/{ods}/routing", m.routing)
	handle("POST /manage/{ods}/routing", m.routingDo)
	handle("POST /manage/{ods}/reconcile", m.reconcileDeal)
	handle("GET /manage/{ods}/rota", m.rota)
	handle("POST /manage/{ods}/rota", m.rotaDo)
	handle("GET /manage/{ods}/workflows", m.workflows)
	handle("GET /manage/{ods}/workflows/{id}", m.workflow)
	handle("POST /manage/{ods}/workflows/{id}", m.workflowDo)
	handle("GET /manage/{ods}/templates", m.templates)
	handle("GET /manage/{ods}/templates/{id}", m.template)
	handle("POST /manage/{ods}/templates/{id}", m.templateDo)
	handle("GET /manage/{ods}/batches", m.batches)
	handle("POST /manage/{ods}/batches", m.batchesDo)
	handle("GET /manage/{ods}/batches/{id}", m.batch)
	handle("POST /manage/{ods}/batches/{id}", m.batchDo)
	handle("GET /manage/{ods}/opening", m.opening)
	handle("POST /manage/{ods}/opening", m.openingDo)
	handle("GET /manage/{ods}/calls", m.calls)
	handle("POST /manage/{ods}/calls", m.callsDo)
	handle("GET /manage/{ods}/online", m.online)
	handle("POST /manage/{ods}/online", m.onlineDo)
	handle("GET /manage/{ods}/teams", m.teams)
	handle("POST /manage/{ods}/teams", m.teamsDo)
	handle("GET /manage/{ods}/teams/{id}", m.team)
	handle("POST /manage/{ods}/teams/{id}", m.teamDo)
	handle("GET /manage/{ods}/direct", m.direct)
	handle("POST /manage/{ods}/direct", m.directDo)
	handle("GET /manage/{ods}/clocks", m.clocks)
	handle("POST /manage/{ods}/clocks", m.clocksDo)
	handle("GET /manage/{ods}/channels", m.channels)
	handle("POST /manage/{ods}/channels", m.channelsDo)
	handle("GET /manage/{ods}/forms", m.forms)
	handle("POST /manage/{ods}/forms", m.formsDo)
	handle("GET /manage/{ods}/forms/{form}", m.form)
	handle("POST /manage/{ods}/forms/{form}", m.formDo)
	handle("GET /manage/{ods}/forms/{form}/question/{question}", m.question)
	handle("POST /manage/{ods}/forms/{form}/question/{question}", m.questionDo)
	handle("GET /manage/{ods}/forms/{form}/preview", m.formPreview)
	handle("POST /manage/{ods}/forms/{form}/preview", m.formPreviewDo)
	handle("GET /manage/{ods}/forms/{form}/questionnaire.json", m.formOut)
	handle("GET /manage/{ods}/alarms", m.alarms)
	handle("POST /manage/{ods}/alarms", m.alarmsDo)
	if m.accounts != nil {
		handle("GET /manage/{ods}/accounts", m.people)
		handle("POST /manage/{ods}/accounts", m.invite)
		handle("POST /manage/{ods}/accounts/{id}", m.change)
	}
}

// visit is one person's visit to one page.
type visit struct {
	access.Person
	ods      ident.ODS
	practice *record.Practice
	now      time.Time
}

func (m *Manage) enter(r *http.Request, action access.Action) (visit, error) {
	ods, err := ident.ParseODS(r.PathValue("ods"))
	if err != nil {
		return visit{}, fault.New(fault.NotFound, "There is no such practice.")
	}
	p, _ := access.From(r.Context())
	if err := access.May(p, action, ods, ""); err != nil {
		return visit{}, err
	}
	practice, err := m.store.Practice(ods)
	if err != nil {
		return visit{}, err
	}
	return visit{Person: p, ods: ods, practice: practice, now: practice.Now()}, nil
}

// posted enters with a form that was sent, of at most so many bytes
// (page.TextLimit when 0).
func (m *Manage) posted(w http.ResponseWriter, r *http.Request, action access.Action, limit int64) (visit, *page.Form, error) {
	v, err := m.enter(r, action)
	if err != nil {
		return v, nil, err
	}
	form, err := page.Parse(w, r, limit)
	return v, form, err
}

// refused puts what is wrong on a form, at a field where it names none, and
// gives the status of the page that shows it: 409 when somebody else changed
// the thing meanwhile. An error that is not the sender's to mend comes back.
func refused(form *page.Form, err error, field string) (int, error) {
	switch {
	case !form.Refuse(err, field):
		return 0, err
	case slices.ContainsFunc(care.Fields(err), func(f *fault.Error) bool { return f.Kind == fault.Conflict }):
		return http.StatusConflict, nil
	case !form.OK():
		return http.StatusBadRequest, nil
	}
	return http.StatusOK, nil
}

func (v visit) base() string { return "/manage/" + string(v.ods) + "/" }

// frame is a page's frame; section is its path below /manage/{ods}/. A page
// that a hub lists leads back to it.
func (m *Manage) frame(r *http.Request, v visit, title, section string) page.Frame {
	f := page.Base(r)
	f.Title, f.Wide, f.Home, f.Section = title, true, "/desk/"+string(v.ods)+"/", v.base()+section
	f.Nav = menu.Staff(v.Person, v.ods)
	if f.Back = under(section, v); f.Back != nil {
		f.Section = f.Back.Href
	}
	return f
}

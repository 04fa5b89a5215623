package manage

import (
	"net/http"
	"slices"

	"heartwood/internal/access"
	"heartwood/internal/door/web/page"
)

// entry is one page as a hub lists it.
type entry struct {
	Path  string // below /manage/{ods}/
	Title string
	About string // one line: what is set or shown there
}

// group is the pages of a hub that belong together.
type group struct {
	Title   string
	Entries []entry
}

// settings are the pages of what a practice configures, in the order of the
// hub. A new page of settings is one line here.
var settings = []group{
	{"How people reach you", []entry{
		{"opening", "Opening hours", "When the practice is open, its breaks, and the days it is closed."},
		{"channels", "Ways in", "Which ways in are open, and what is taken while the practice is shut."},
		{"calls", "Telephone", "Numbers, menus, queues and what is said: where a call goes as a drawing, a try-out, and what was changed."},
		{"forms", "Forms", "The questions that people are asked: change them, try them, publish a version, go back to one."},
		{"patient-view", "What patients see", "Whether patients see a name or a role when somebody has their request."},
		{"online", "Patients online", "Your own words on their pages, when acting for a child ends, links for help, and the quick way out."},
	}},
	{"Who does what, and by when", []entry{
		{"navigation", "From ask to answer", "What happens to a request of each kind: form, rules, who gets it, by when."},
		{"teams", "Teams and absences", "Who works together, what each team looks after, and who has it when somebody is away."},
		{"routing", "Who gets what", "Rules that give each new request to a person or a team, tried on the last weeks before they are saved."},
		{"clocks", "Answered sooner", "What this practice answers sooner than the contract asks, tried on what is open now."},
		{"workflows", "Workflows", "What is done the same way each time: steps, who does each and by when, and what begins them."},
		{"work", "What work takes", "The minutes that a piece of work is taken to last when it cannot be measured."},
		{"accounts", "Accounts", "Who works here, what they may do, and how they sign in."},
	}},
	{"What cannot wait", []entry{
		{"red-flags", "Red flags here", "For how long a contact counts as the same problem again, and rules of your own."},
		{"alarms", "Alarms", "Who is told, and when, about what cannot wait."},
	}},
	{"Appointments", []entry{
		{"rota", "Rota", "Sessions that fill the diary, slot types, and leave."},
		{"network", "The network", "Which practices may hand over to us and book here, and where we may: hours and limits."},
		{"booking", "Booking", "When patients are reminded, how long a time is kept for who waits, and when they can check in."},
	}},
	{"Messages", []entry{
		{"templates", "Message templates", "What messages to patients can begin with: change, write your own, have back what was."},
		{"direct", "Patients’ messages", "Whether patients can write on their requests, and what they are told while they cannot."},
		{"batches", "Messages to many", "One message to a list of patients: look, approve, stop, results."},
	}},
}

// reports are the pages that tell how the practice is doing, in the order of
// the hub. A new report is one line here.
var reports = []group{
	{"How people are served", []entry{
		{"measures", "Demand, waits and work", "What came in and when, how long people waited, promises kept, and the work it took."},
		{"access", "Appointments", "How soon people can be seen, by role and mode, and how many did not come."},
		{"jobs", "Jobs and workflows", "What colleagues asked of each other: done, open and overdue, how long it took, by team, person and workflow."},
		{"feedback", "How it went", "What patients say about it once their request is closed."},
		{"fair", "Fair for everyone", "Waits and outcomes by age, deprivation, language and need, and an alarm when a group fares worse."},
	}},
	{"What is proved and returned", []entry{
		{"reconcile", "Reconciliation", "The proof that everything that came in is answered or open."},
		{"rules", "Red-flag rules", "The rules that flag what cannot wait, how often each did, and what people made of it."},
		{"returns", "National returns", "The weekly and monthly returns to NHS England, checked against the ledger."},
	}},
}

type hubPage struct {
	Base, Title, Note string
	Groups            []group
}

var hubTemplate = page.New[hubPage](files, "hub.html")

func (m *Manage) settingsHub(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Manage)
	if err != nil {
		return err
	}
	return m.hub(w, r, v, "settings", hubPage{Base: v.base(), Title: "Settings", Note: "how this practice works"}, settings)
}

func (m *Manage) reportsHub(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Reconcile)
	if err != nil {
		return err
	}
	return m.hub(w, r, v, "reports", hubPage{Base: v.base(), Title: "Reports", Note: "how this practice is doing"}, reports)
}

func (m *Manage) hub(w http.ResponseWriter, r *http.Request, v visit, section string, p hubPage, of []group) error {
	for _, g := range of {
		g.Entries = slices.DeleteFunc(slices.Clone(g.Entries), func(e entry) bool { return e.Path == "accounts" && m.accounts == nil })
		p.Groups = append(p.Groups, g)
	}
	return hubTemplate.Render(w, r, http.StatusOK, m.frame(r, v, p.Title, section), p)
}

// under is the hub that lists a page, nil for none.
func under(section string, v visit) *page.Link {
	lists := func(gs []group) bool {
		return slices.ContainsFunc(gs, func(g group) bool {
			return slices.ContainsFunc(g.Entries, func(e entry) bool { return e.Path == section })
		})
	}
	switch {
	case lists(settings):
		return &page.Link{Text: "Settings", Href: v.base() + "settings"}
	case lists(reports):
		return &page.Link{Text: "Reports", Href: v.base() + "reports"}
	}
	return nil
}

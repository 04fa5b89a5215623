package desk

import (
	"context"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"heartwood/internal/access"
	"heartwood/internal/care/request"
	"heartwood/internal/door/web/page"
	"heartwood/internal/ident"
	"heartwood/internal/view/worklist"
)

type requestPage struct {
	Desk                     desk
	ID, Version, Key, Action string
	Notice                   *notice
	Urgency                  urgency
	What, State, By, ByClass string
	Came, Owner, Reference   string
	Them                     string // what the patient is called
	Live, Looking, Moved     string
	RedFlags                 []redFlag
	Before                   []earlier // requests before this one for the same or a related problem
	Promise                  []string  // what they were told, and how it stands now
	Partners                 []partner
	Short                    bool // it will take longer than the clock allows
	Claimed                  string
	HiddenWhy, HideHref      string // why it is not seen online; where to hide it
	Unmatched                bool
	Found                    []radio
	Answers                  []answer
	Photos                   []photo
	Earlier                  []earlier
	Open, Clinician          bool
	Can                      can
	ClosedWords              string
	Told                     []string
	Thread                   []event
	Coming                   []item
	Summary                  *side
	Urgencies                []radio
	Workflows                []option // that can be begun for the patient
	Owners                   []option
	Compose                  compose
	Planned                  []plannedRow
	Kinds, Modes, Clinicians []option
	Slots                    []radio
	SlotsHref                string // where to get them when they are not here yet
	Clash                    bool
	Outcomes                 []option
	Preview                  []string
	Me, ConsultHref          string
	Filed                    *filed // nil for who may not file, or nobody's
	Doing                    string
	links
	typed   url.Values
	problem string
}

// can is what the visitor may do about a request.
type can struct{ Triage, Message, Book, Job, Consult, Close, Mute bool }

// Typed is what somebody typed into a field, so that it is never lost.
func (p requestPage) Typed(name string) string { return p.typed.Get(name) }

// ProblemFor is what went wrong with one of the forms.
func (p requestPage) ProblemFor(do string) string {
	if p.Doing == do {
		return p.problem
	}
	return ""
}

type redFlag struct {
	ID, Rule, Words, Title, Agree string
	Emergency                     bool
	Settled                       string
}

type answer struct {
	Question string
	Lines    []string
	Lead     bool
}

type photo struct {
	Href, Alt string
	Picture   bool
}

type earlier struct{ Href, Text, Note string }

var (
	requestTemplate = page.New[requestPage](files, "request.html", "summary.html", "looking.html", "actions.html", "ledger.html", "filed.html", "slots.html", "compose.html", "parts.html")
	lookingPart     = template.Must(template.ParseFS(files, "looking.html"))
	slotsPart       = template.Must(template.ParseFS(files, "slots.html", "parts.html"))
)

// requestPage shows a request; with {do} one of its forms is open.
func (d *Desk) requestPage(w http.ResponseWriter, r *http.Request) error {
	v, view, err := d.open(r, access.WorkQueue)
	if err != nil {
		return err
	}
	looking, err := d.looking(r.Context(), v, view)
	if err != nil {
		return err
	}
	if r.Header.Get(partHeader) == "looking" {
		p := requestPage{Live: v.livePath(view.ID), Looking: looking, Version: r.Header.Get(seenHeader), Moved: moved(view, r.Header.Get(seenHeader))}
		return fragment(w, r, lookingPart, "looking", p)
	}
	if r.Header.Get(partHeader) == "slots" {
		p := requestPage{Doing: "offer", Desk: v.desk()}
		if err := d.times(r.Context(), v, &p, colleagues{}); err != nil {
			return err
		}
		return fragment(w, r, slotsPart, "slots", p)
	}
	p := requestPage{Doing: r.PathValue("do"), Looking: looking, typed: r.URL.Query(), Notice: noticeOf(r)}
	d.onward(r.Context(), v, p.Notice, ident.Ref{Type: "Task", ID: view.ID})
	if p.Doing == "" && view.State == request.Received {
		p.Doing = "urgency"
	}
	return d.showRequest(w, r, v, view, p, http.StatusOK)
}

// open finds the request of this address for somebody who may do this.
func (d *Desk) open(r *http.Request, action access.Action) (visit, request.View, error) {
	v, err := d.enter(r, action, "")
	if err != nil {
		return v, request.View{}, err
	}
	view, err := d.requests.Load(r.Context(), v.ods, r.PathValue("id"))
	return v, view, err
}

func (v visit) livePath(id string) string {
	return "/live/" + string(v.ods) + "/request/" + id
}

// looking says that the visitor has this open, and in words who else has.
func (d *Desk) looking(ctx context.Context, v visit, view request.View) (string, error) {
	list, err := d.queue(ctx, v.ods)
	if err != nil {
		return "", err
	}
	others := list.Open(ctx, ident.Ref{Type: "Task", ID: view.ID}, worklist.Person{Ref: v.ref(), Name: v.Name})
	var names []string
	for _, o := range others {
		names = append(names, o.Name)
	}
	switch len(names) {
	case 0:
		return "", nil
	case 1:
		return names[0] + " has this open too.", nil
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1] + " have this open too.", nil
}

func moved(view request.View, seen string) string {
	if seen == "" || seen == view.Version {
		return ""
	}
	return "This request has changed since you opened it."
}

// showRequest fills in the page and sends it.
func (d *Desk) showRequest(w http.ResponseWriter, r *http.Request, v visit, view request.View, p requestPage, status int) error {
	if p.typed == nil {
		p.typed = url.Values{}
	}
	who, err := d.colleagues(r.Context(), v)
	if err != nil {
		return err
	}
	v.describe(&p, view, who)
	p.Before = v.belongs(r.Context(), view.Related)
	d.promised(r.Context(), v, &p, view)
	if p.Summary, err = d.side(r.Context(), v, view.Patient); err != nil {
		return err
	}
	if err := d.story(r.Context(), v, &p, view, who); err != nil {
		return err
	}
	v.linked(&p, view)
	if err := d.filedOf(r.Context(), v, &p, view, who); err != nil {
		return err
	}
	if err := v.silenced(r.Context(), &p, view); err != nil {
		return err
	}
	if p.Open {
		if err := d.choices(r.Context(), v, &p, view, who); err != nil {
			return err
		}
	}
	if err := v.hiddenOf(r.Context(), &p, view); err != nil {
		return err
	}
	if err := v.saw(r.Context(), view.Patient, "request", p.Summary); err != nil {
		return err
	}
	f := v.frame(r, p.What, "")
	f.Back = &page.Link{Text: "Queue", Href: v.base()}
	return requestTemplate.Render(w, r, status, f, p)
}

// saw logs the sight of a page and of the summary beside it.
func (v visit) saw(ctx context.Context, patient, what string, beside *side) error {
	sights := []access.Sight{{Patient: patient, What: what}}
	if beside != nil && !beside.Hidden {
		sights = append(sights, access.Sight{Patient: patient, What: "summary"})
	}
	return v.looked(ctx, sights...)
}

package desk

import (
	"context"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care"
	"heartwood/internal/care/request"
	"heartwood/internal/care/triage"
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
	Claimed                  string
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
	Lower                    []option
	Owners, Templates        []option
	Kinds, Modes, Clinicians []option
	Slots                    []radio
	SlotsHref                string // where to get them when they are not here yet
	Clash                    bool
	Outcomes                 []option
	Preview                  []string
	Me, ConsultHref          string
	Doing                    string
	typed                    url.Values
	problem                  string
}

// can is what the visitor may do about a request.
type can struct{ Triage, Message, Book, Job, Consult, Close bool }

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
	Rule, Words, Title, Agree string
	Settled                   string
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
	requestTemplate = page.New[requestPage](files, "request.html", "summary.html", "looking.html", "actions.html", "slots.html", "parts.html")
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
	others := list.Open(ident.Ref{Type: "Task", ID: view.ID}, worklist.Person{Ref: v.ref(), Name: v.Name})
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
	if p.Summary, err = d.side(r.Context(), v, view.Patient); err != nil {
		return err
	}
	if err := d.story(r.Context(), v, &p, view, who); err != nil {
		return err
	}
	if p.Open {
		if err := d.choices(r.Context(), v, &p, view, who); err != nil {
			return err
		}
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

// describe puts the request itself on the page.
func (v visit) describe(p *requestPage, view request.View, who colleagues) {
	p.Desk = v.desk()
	p.ID, p.Version, p.Key = view.ID, view.Version, ident.NewID()
	p.Action = v.base() + "request/" + view.ID + "/"
	p.Live = v.livePath(view.ID)
	p.Urgency = urgencyOf(view.Urgency.Priority())
	p.What, p.State = firstLine(view.Asked.What, 120), view.State.Label()
	if p.What == "" {
		p.What = "Request " + view.Reference
	}
	p.Open, p.Clinician = view.Open(), v.Role == access.Clinician
	if p.Open && view.State != request.WithPatient {
		var by string
		by, p.ByClass = clock(view.AnswerBy, v.now)
		p.By = byWords(by, p.ByClass)
	}
	p.Came = fmt.Sprintf("%s, %s, %s ago", channelOf(string(view.Channel)), moment(view.Since, v.now), waited(v.now.Sub(view.Since)))
	if v.now.Sub(view.Since) < time.Minute {
		p.Came = channelOf(string(view.Channel)) + ", just now"
	}
	p.Owner, p.Reference = view.Owner.Name, view.Reference
	if p.Owner == "" {
		p.Owner = who.name(view.Owner.Ref)
	}
	if view.Owner.Ref == v.Ref {
		p.Owner = "you"
	} else {
		p.Me = v.Ref
	}
	p.Can = can{
		Triage: v.may(access.Triage, view.Patient), Message: v.may(access.Message, view.Patient) && view.Patient != "",
		Book: v.may(access.Book, view.Patient) && view.Patient != "", Job: v.may(access.AssignJob, view.Patient),
		Consult: v.may(access.Consult, view.Patient) && view.Patient != "", Close: v.may(access.Close, view.Patient),
	}
	if p.Can.Consult {
		p.ConsultHref = v.base() + "consult?request=" + view.ID
	}
	if !p.Open {
		p.ClosedWords, p.Told = view.Outcome.Label(), lines(view.Told)
	}
	p.Unmatched = view.Patient == ""
	p.Them = orElse(view.Name, "the patient")
	if c := view.Claimed; c != nil {
		p.Claimed = "Says they are " + join(strings.TrimSpace(c.Given+" "+c.Family), bornWords(c.Birth), c.NHSNumber, c.Phone)
	}
	v.asked(p, view, who)
}

func bornWords(s string) string {
	if s == "" {
		return ""
	}
	return "born " + s
}

func byWords(by, class string) string {
	switch {
	case by == "":
		return ""
	case class == "late":
		return by
	case strings.HasPrefix(by, "in "):
		return "Answer " + by
	}
	return "Answer by " + by
}

// asked puts what the person wrote on the page, red flags first.
func (v visit) asked(p *requestPage, view request.View, who colleagues) {
	for _, a := range view.Answers {
		p.Answers = append(p.Answers, answer{Question: a.Question, Lines: lines(a.Text), Lead: a.ID == "what"})
	}
	slices.SortStableFunc(p.Answers, func(a, b answer) int { // their own words first
		if a.Lead == b.Lead {
			return 0
		}
		if a.Lead {
			return -1
		}
		return 1
	})
	for i, ph := range view.Photos {
		_, id, _ := strings.Cut(ph.Binary, "/")
		p.Photos = append(p.Photos, photo{
			Href: p.Action + "photo/" + id, Picture: strings.HasPrefix(ph.Type, "image/"),
			Alt: fmt.Sprintf("Photo %d from the patient", i+1),
		})
	}
	for _, f := range view.Flags {
		rf := redFlag{Rule: f.Rule, Title: f.Title, Words: f.Title, Agree: agreeWords(f.Level)}
		if f.Words != "" {
			rf.Words = f.Title + ". " + f.Words
		}
		for _, e := range view.History {
			if care.IsStaff(e.Role) && e.Role != care.RoleSystem && !e.Time.Before(f.Time) && strings.HasPrefix(e.What, "triage:") {
				rf.Settled = fmt.Sprintf("%s, %s: %s", who.name(e.By), moment(e.Time, v.now), strings.TrimPrefix(e.What, "triage: "))
				if e.Note != "" {
					rf.Settled += ". " + e.Note
				}
				break
			}
		}
		p.RedFlags = append(p.RedFlags, rf)
	}
}

func agreeWords(l triage.Level) string {
	if l == triage.Emergency {
		return "treat as an emergency"
	}
	return "answer today"
}

// levelUrgency is the urgency that a red flag asks for.
func levelUrgency(l triage.Level) request.Urgency {
	if l == triage.Emergency {
		return request.Stat
	}
	return request.Prompt
}

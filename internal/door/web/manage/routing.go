package manage

import (
	"context"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"heartwood/internal/access"
	"heartwood/internal/care/routing"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/words"
)

// routingPage is the rules as they are being edited. What is not saved is in
// the form itself, so that nothing is lost between one page and the next.
type routingPage struct {
	Action, Version, Draft string
	Form                   *page.Form
	Rules                  []routingRow
	Edit                   routingEdit
	Weeks                  []page.Option
	Changed                bool // the draft is not what is saved
	Diff                   []string
	Rehearsal              *rehearsalShown
	Versions               []routingVersion
	Saved                  string
	Restoring              string
	Off                    string // why the saved rules are switched off
	CanSwitch              bool
}

type routingRow struct {
	N           int
	Say         string
	Wrong       string
	First, Last bool
}

// routingEdit is the form of one rule.
type routingEdit struct {
	At                               int // from 1; 0 for a new one
	Title                            string
	Kinds, Urgencies, Targets        []page.Option
	Clinicians, Raises, Withins      []page.Option
	Words, Conditions, Languages     string
	AgeFrom, AgeTo, TimeFrom, TimeTo string
	Target, Clinician, Raise, Within string
	ChosenKinds, ChosenUrgencies     []string
}

type routingVersion struct{ When, Who, Href string }

var routingTemplate = page.New[routingPage](files, "routing.html", "rehearsal.html")

func (m *Manage) routing(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Manage)
	if err != nil {
		return err
	}
	saved, err := routing.Load(r.Context(), v.practice)
	if err != nil {
		return err
	}
	p := routingPage{Saved: saidOfRouting[r.FormValue("done")]}
	draft := saved
	if old := r.FormValue("bring"); old != "" {
		if draft, err = routing.At(r.Context(), v.practice, old); err != nil {
			return err
		}
		draft.Version, p.Restoring = saved.Version, "These are earlier rules. They hold only when you save them."
	}
	return m.showRouting(w, r, v, draft, p, http.StatusOK)
}

var saidOfRouting = map[string]string{
	"saved": "Saved. New requests follow these rules.",
	"off":   "The rules are switched off. New requests go to the team that looks after their kind, or to the triage team.",
	"on":    "The rules are switched on. New requests follow them again.",
}

// routingDo changes the draft, tries it, or saves it.
func (m *Manage) routingDo(w http.ResponseWriter, r *http.Request) error {
	v, form, err := m.posted(w, r, access.Manage, 0)
	if err != nil {
		return err
	}
	draft := draftOf(form)
	do, at, _ := strings.Cut(form.Value("do"), ":")
	n, _ := strconv.Atoi(at)
	p := routingPage{Form: form}
	switch do {
	case "off", "on":
		return m.switchRouting(w, r, v, form, draft, do)
	case "up", "down", "remove":
		draft.move(do, n-1)
	case "edit":
		if n >= 1 && n <= len(draft.Rules) {
			fillRule(form, draft.Rules[n-1], n)
		}
	case "put":
		putRule(form, &draft.Setting)
	case "save":
		staff, err := routing.LoadStaff(r.Context(), v.practice, v.now)
		if err != nil {
			return err
		}
		if form.OK() {
			if err = routing.Save(r.Context(), v.practice, v.Author(""), draft.Setting, staff); err == nil {
				http.Redirect(w, r, v.base()+"routing?done=saved", http.StatusSeeOther)
				return nil
			}
		}
		if err != nil && !unfit(form, err, "rules") {
			return err
		}
	}
	status := http.StatusOK
	if !form.OK() {
		status = http.StatusBadRequest
	}
	return m.showRouting(w, r, v, draft.Setting, p, status)
}

// switchRouting puts the saved rules out of force, for a reason, or back.
func (m *Manage) switchRouting(w http.ResponseWriter, r *http.Request, v visit, form *page.Form, draft routingDraft, do string) error {
	why := ""
	if do == "off" {
		why = form.Need("why", 200, "Say why, in a few words")
	}
	var err error
	if form.OK() {
		if err = routing.Switch(r.Context(), v.practice, v.Author(""), form.Value("version"), why); err == nil {
			http.Redirect(w, r, v.base()+"routing?done="+do, http.StatusSeeOther)
			return nil
		}
	}
	status, err := refused(form, err, "why")
	if err != nil {
		return err
	}
	return m.showRouting(w, r, v, draft.Setting, routingPage{Form: form}, status)
}

type routingDraft struct{ routing.Setting }

// draftOf reads the draft that the page carries: a rule a line.
func draftOf(form *page.Form) routingDraft {
	d := routingDraft{routing.Setting{Version: form.Value("version")}}
	for line := range strings.Lines(form.Text("draft", 100_000)) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		rule, err := routing.ParseRule(line)
		if err != nil {
			form.Fail("rules", fault.From(err).Message)
			continue
		}
		d.Rules = append(d.Rules, rule)
	}
	return d
}

func (d *routingDraft) move(do string, i int) {
	if i < 0 || i >= len(d.Rules) {
		return
	}
	switch {
	case do == "remove":
		d.Rules = slices.Delete(d.Rules, i, i+1)
	case do == "up" && i > 0:
		d.Rules[i-1], d.Rules[i] = d.Rules[i], d.Rules[i-1]
	case do == "down" && i+1 < len(d.Rules):
		d.Rules[i+1], d.Rules[i] = d.Rules[i], d.Rules[i+1]
	}
}

func (m *Manage) showRouting(w http.ResponseWriter, r *http.Request, v visit, draft routing.Setting, p routingPage, status int) error {
	ctx := r.Context()
	staff, err := routing.LoadStaff(ctx, v.practice, v.now)
	if err != nil {
		return err
	}
	saved, err := routing.Load(ctx, v.practice)
	if err != nil {
		return err
	}
	if p.Form == nil {
		p.Form = page.NewForm(map[string]string{})
	}
	p.Action, p.Version = v.base()+"routing", draft.Version
	lines := make([]string, 0, len(draft.Rules))
	for i, one := range draft.Rules {
		lines = append(lines, one.Line())
		row := routingRow{N: i + 1, Say: upper(one.Say(staff)), First: i == 0, Last: i == len(draft.Rules)-1}
		if err := (routing.Setting{Rules: []routing.Rule{one}}).Check(staff); err != nil {
			row.Wrong = "Nobody here has this place any more: the triage team gets them until it is mended."
		}
		p.Rules = append(p.Rules, row)
	}
	p.Draft = strings.Join(lines, "\n")
	p.Edit = editOf(p.Form, staff)
	p.Diff = diff(saved, draft, staff)
	p.Changed = len(p.Diff) > 0
	p.Off, p.CanSwitch = saved.Off, saved.Version != "" && !p.Changed && p.Restoring == ""
	weeks, err := m.rehearse(ctx, v, &p, saved, draft, staff)
	if err != nil {
		return err
	}
	for _, n := range []string{"2", "4", "6"} {
		p.Weeks = append(p.Weeks, page.Option{Value: n, Text: n + " weeks"})
	}
	p.Form.Set("weeks", strconv.Itoa(weeks))
	if p.Versions, err = m.routingVersions(ctx, v); err != nil {
		return err
	}
	f := m.frame(r, v, "Who gets what", "routing")
	f.Form = p.Form
	return routingTemplate.Render(w, r, status, f, p)
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// diff is what the draft adds (+) and takes away (−), and a change of order.
func diff(saved, draft routing.Setting, staff routing.Staff) (out []string) {
	have, want := map[string]bool{}, map[string]bool{}
	var before, after []string
	for _, r := range saved.Rules {
		have[r.Line()] = true
		before = append(before, r.Line())
	}
	for _, r := range draft.Rules {
		want[r.Line()] = true
		after = append(after, r.Line())
	}
	for _, r := range saved.Rules {
		if !want[r.Line()] {
			out = append(out, "Taken away: "+r.Say(staff))
		}
	}
	for _, r := range draft.Rules {
		if !have[r.Line()] {
			out = append(out, "New: "+r.Say(staff))
		}
	}
	if len(out) == 0 && !slices.Equal(before, after) {
		out = append(out, "The rules are in another order.")
	}
	return out
}

func (m *Manage) routingVersions(ctx context.Context, v visit) ([]routingVersion, error) {
	all, err := routing.Versions(ctx, v.practice)
	if err != nil || len(all) < 2 {
		return nil, err
	}
	staff, err := routing.LoadStaff(ctx, v.practice, v.now)
	if err != nil {
		return nil, err
	}
	var out []routingVersion
	for _, one := range all[1:] {
		who := staff.Name(one.Author.Ref)
		if strings.HasPrefix(who, "somebody") {
			who = "the system"
		}
		out = append(out, routingVersion{words.Stamp(one.Time), who, v.base() + "routing?bring=" + one.ID})
	}
	return out, nil
}

// rehearsalShown is a rehearsal as the page shows it.
type rehearsalShown struct {
	Weeks, Requests, Days int
	Changed               int
	Charts                []template.HTML
	Loads                 [][]string
	Waits                 [][]string
	Continuity            [][]string
	UPC                   string
	Changes               []changeShown
	More                  int
}

type changeShown struct{ When, Kind, Href, Reference, From, To, Why string }

func percent(n, of int) string {
	if of == 0 {
		return "–"
	}
	return fmt.Sprintf("%d%% (%d of %d)", (100*n+of/2)/of, n, of)
}

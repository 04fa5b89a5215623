package manage

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"

	"heartwood/internal/access"
	"heartwood/internal/care/channels"
	"heartwood/internal/care/clocks"
	"heartwood/internal/care/form"
	"heartwood/internal/care/request"
	"heartwood/internal/care/routing"
	"heartwood/internal/care/ruleset"
	"heartwood/internal/care/team"
	"heartwood/internal/care/triage"
	"heartwood/internal/door/web/page"
)

// navigationPage is what happens to a request of each kind, from ask to
// answer, with each setting linked.
type navigationPage struct {
	Base      string
	Flags     string // how many rules screen it
	Broken    int    // rules of the practice's own that are not in force
	Off       string // why the routing rules are switched off
	Emergency string // who has an emergency
	Kinds     []navigationRow
}

type navigationRow struct {
	Kind    string
	Forms   []page.Link
	Rules   []string // routing rules that may fit, in order
	Else    string   // who gets it where none fits
	Due     string   // a stricter clock; "" as the contract asks
	WhenOut string   // what happens to it online while the practice is shut
}

var navigationTemplate = page.New[navigationPage](files, "navigation.html")

// flow is what a practice has set of the way from ask to answer.
type flow struct {
	books    []form.Book
	routing  routing.Setting
	staff    routing.Staff
	teams    team.House
	clocks   clocks.Setting
	channels channels.Setting
}

func (m *Manage) navigation(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Manage)
	if err != nil {
		return err
	}
	f, err := loadFlow(r, v)
	if err != nil {
		return err
	}
	own, err := ruleset.Load(r.Context(), v.practice)
	if err != nil {
		return err
	}
	p := navigationPage{
		Base: v.base(), Off: f.routing.Off, Broken: len(own.Broken), Emergency: routing.Default.Name,
		Flags: fmt.Sprintf("%d rules of the program and %d of your own", len(triage.Rules()), len(own.Rules())),
	}
	for _, k := range request.Kinds {
		p.Kinds = append(p.Kinds, f.row(v, k))
	}
	return navigationTemplate.Render(w, r, http.StatusOK, m.frame(r, v, "From ask to answer", "navigation"), p)
}

func loadFlow(r *http.Request, v visit) (f flow, err error) {
	ctx := r.Context()
	load := func(do func() error) {
		if err == nil {
			err = do()
		}
	}
	load(func() (err error) { f.books, err = form.Shelf(ctx, v.practice); return err })
	load(func() (err error) { f.routing, err = routing.Load(ctx, v.practice); return err })
	load(func() (err error) { f.staff, err = routing.LoadStaff(ctx, v.practice, v.now); return err })
	load(func() (err error) { f.teams, err = house(ctx, v); return err })
	load(func() (err error) { f.clocks, err = clocks.Load(ctx, v.practice); return err })
	load(func() (err error) { f.channels, err = channels.Load(ctx, v.practice); return err })
	return f, err
}

// row is what happens to one kind.
func (f flow) row(v visit, k request.Kind) navigationRow {
	row := navigationRow{Kind: k.Label(), Else: routing.Default.Name, WhenOut: "taken"}
	for _, b := range f.books {
		if in, ok := b.InUse(); ok && in.Kind == string(k) {
			row.Forms = append(row.Forms, page.Link{Text: in.Title["en"], Href: v.base() + "forms/" + b.Key})
		}
	}
	if f.routing.Off == "" {
		for i, rule := range f.routing.Rules {
			if len(rule.Kinds) == 0 || slices.Contains(rule.Kinds, string(k)) {
				row.Rules = append(row.Rules, fmt.Sprintf("Rule %d: %s", i+1, rule.Say(f.staff)))
			}
		}
	}
	if t, ok := f.teams.Of(string(k)); ok {
		row.Else = t.Name
	}
	for _, c := range f.clocks.Rules {
		if c.What == clocks.Kind && c.Of == string(k) {
			row.Due = cmp.Or(row.Due, c.Due())
		}
	}
	if !f.channels.While(request.Web, k) {
		row.WhenOut = "told to come back"
	}
	return row
}

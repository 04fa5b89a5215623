package manage

import (
	"context"
	"net/http"
	"strings"

	"heartwood/internal/access"
	"heartwood/internal/care"
	"heartwood/internal/care/callflow"
	"heartwood/internal/door/web/page"
	"heartwood/internal/words"
)

type callsPage struct {
	Action, Version string
	Default         bool // nobody has set a plan: it is the one that every practice begins with
	Saved           bool
	Form            *page.Form
	Parts           []callPart
	Drawing         callDrawing
	Try             callTry
	Past            []callVersion
}

// callVersion is one version of the plan in its history.
type callVersion struct {
	When, By string
	Changes  []callflow.Difference
}

var callsTemplate = page.New[callsPage](files, "calls.html")

const pastShown = 10

// calls is the plan of calls: what a caller meets, as a drawing and a list, a
// try-out, the form to change it, and what was changed before.
func (m *Manage) calls(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Manage)
	if err != nil {
		return err
	}
	plan, err := callflow.Load(r.Context(), v.practice)
	if err != nil {
		return err
	}
	return m.showCalls(w, r, v, plan, callForm(plan), http.StatusOK)
}

func (m *Manage) callsDo(w http.ResponseWriter, r *http.Request) error {
	v, form, err := m.posted(w, r, access.Manage, 0)
	if err != nil {
		return err
	}
	was, err := callflow.Load(r.Context(), v.practice)
	if err != nil {
		return err
	}
	plan := planFrom(form, was)
	around, err := m.around(r.Context(), v)
	if err != nil {
		return err
	}
	if err = callflow.Save(r.Context(), v.practice, v.Author(""), plan, around); err == nil {
		http.Redirect(w, r, v.base()+"calls?done=saved", http.StatusSeeOther)
		return nil
	}
	shown := callForm(plan)
	status, err := refused(shown, atFields(err), "start")
	if err != nil {
		return err
	}
	return m.showCalls(w, r, v, plan, shown, status)
}

// around is what a plan is checked against: the practice's teams, and the
// numbers of the other practices here.
func (m *Manage) around(ctx context.Context, v visit) (w callflow.World, err error) {
	if w.Teams, err = callflow.Teams(ctx, v.practice); err != nil {
		return w, err
	}
	w.Elsewhere = map[string]string{}
	all, err := m.store.Practices(ctx)
	if err != nil {
		return w, err
	}
	for _, ods := range all {
		if ods == v.ods {
			continue
		}
		p, err := m.store.Practice(ods)
		if err != nil {
			return w, err
		}
		plan, err := callflow.Load(ctx, p)
		if err != nil {
			return w, err
		}
		for _, n := range plan.Numbers {
			w.Elsewhere[n.E164] = string(ods)
		}
	}
	return w, nil
}

func (m *Manage) showCalls(w http.ResponseWriter, r *http.Request, v visit, plan callflow.Plan, form *page.Form, status int) error {
	h, err := m.callOptions(r.Context(), v, plan)
	if err != nil {
		return err
	}
	past, err := callflow.Past(r.Context(), v.practice, pastShown)
	if err != nil {
		return err
	}
	p := callsPage{
		Action: v.base() + "calls", Version: plan.Version, Default: plan.Version == "", Saved: r.URL.Query().Get("done") == "saved", Form: form,
		Parts: callParts(plan, form, h), Drawing: drawCalls(plan), Try: tryCalls(plan, r.URL.Query(), v.base()+"calls", v.now),
	}
	for i, x := range past {
		one := callVersion{When: words.Stamp(x.At), By: h.names[x.By.Ref]}
		if i+1 < len(past) {
			one.Changes = callflow.Diff(past[i+1].Plan, x.Plan)
		}
		p.Past = append(p.Past, one)
	}
	f := m.frame(r, v, "Telephone", "calls")
	f.Form = form
	return callsTemplate.Render(w, r, status, f, p)
}

// atFields has the faults of a whole step, queue or number at its first field.
func atFields(err error) error {
	for _, f := range care.Fields(err) {
		switch {
		case !strings.HasSuffix(f.Where, "]"):
		case strings.HasPrefix(f.Where, "numbers"):
			f.Where += ".e164"
		default:
			f.Where += ".name"
		}
	}
	return err
}

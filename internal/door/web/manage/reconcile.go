package manage

import (
	"encoding/json"
	"net/http"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care/reconcile"
	"heartwood/internal/door/web/page"
	"heartwood/internal/words"
)

type reconcilePage struct {
	Base, From, To string
	Holds          bool
	Total          reconcile.Row
	Channels       []reconcile.Row
	Differences    []difference
	Oldest         string
	Problem        string
	Notices        reconcile.Notices
	DoorSince      string
	Spoiled        int
	Nights         []reconcile.Night
	JSON           string // where the same is for programs
	Saved          bool
}

type difference struct{ Reference, Channel, What, Href, Form string }

var reconcileTemplate = page.New[reconcilePage](files, "reconcile.html")

// reconciliation proves in = answered + open for a span of days: the last
// thirty when none is asked for.
func (m *Manage) reconciliation(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Reconcile)
	if err != nil {
		return err
	}
	today := v.now.In(words.London)
	from, to := today.AddDate(0, 0, -30), today
	p := reconcilePage{Base: v.base()}
	read := func(name string, into *time.Time) {
		s := r.FormValue(name)
		if s == "" {
			return
		}
		t, err := time.ParseInLocation(time.DateOnly, s, words.London)
		if err != nil {
			p.Problem = "Use real dates."
			return
		}
		*into = t
	}
	read("from", &from)
	read("to", &to)
	if from.After(to) {
		from, to = to, from
	}
	p.From, p.To = from.Format(time.DateOnly), to.Format(time.DateOnly)
	from = midnight(from)
	report, err := m.reconcile.Run(r.Context(), v.ods, from, midnight(to).AddDate(0, 0, 1))
	if err != nil {
		return err
	}
	if r.FormValue("as") == "json" {
		w.Header().Set("Content-Type", "application/json")
		return json.NewEncoder(w).Encode(report)
	}
	if p.Nights, err = reconcile.Nights(r.Context(), v.practice, 7); err != nil {
		return err
	}
	p.JSON = "?as=json&from=" + p.From + "&to=" + p.To
	p.Saved = r.FormValue("done") == "dealt"
	p.of(report)
	return reconcileTemplate.Render(w, r, http.StatusOK, m.frame(r, v, "Reconciliation", "reconcile"), p)
}

// of puts a report on the page.
func (p *reconcilePage) of(report reconcile.Report) {
	p.Holds, p.Total, p.Channels = report.Balanced(), report.Total, named(report.Channels)
	p.Notices, p.Spoiled = report.Notices, report.Spoiled
	if !report.Oldest.IsZero() {
		p.Oldest = words.Stamp(report.Oldest)
	}
	if !report.DoorSince.IsZero() {
		p.DoorSince = words.Stamp(report.DoorSince)
	}
	for _, d := range report.Differences {
		p.Differences = append(p.Differences, difference{Reference: d.Reference, Channel: d.Channel, What: d.What, Form: d.Form})
	}
}

// reconcileDeal notes what was done about a form that never reached the ledger.
func (m *Manage) reconcileDeal(w http.ResponseWriter, r *http.Request) error {
	v, form, err := m.posted(w, r, access.Reconcile, 0)
	if err != nil {
		return err
	}
	if err := m.reconcile.Deal(v.ods, v.Author(""), form.Value("form"), form.Value("did")); err != nil {
		return err
	}
	http.Redirect(w, r, v.base()+"reconcile?done=dealt", http.StatusSeeOther)
	return nil
}

// named gives the channels the names that the queue uses.
func named(rows []reconcile.Row) []reconcile.Row {
	out := append([]reconcile.Row(nil), rows...)
	for i, r := range out {
		if n := channelNames[r.Channel]; n != "" {
			out[i].Channel = n
		}
	}
	return out
}

func midnight(t time.Time) time.Time {
	y, mo, d := t.In(words.London).Date()
	return time.Date(y, mo, d, 0, 0, 0, 0, words.London)
}

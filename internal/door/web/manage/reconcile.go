package manage

import (
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
}

type difference struct{ Reference, Channel, What, Href string }

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
	p.Holds, p.Total, p.Channels = report.Balanced(), report.Total, named(report.Channels)
	if !report.Oldest.IsZero() {
		p.Oldest = words.Stamp(report.Oldest)
	}
	for _, d := range report.Differences {
		p.Differences = append(p.Differences, difference{Reference: d.Reference, Channel: d.Channel, What: d.What})
	}
	return reconcileTemplate.Render(w, r, http.StatusOK, m.frame(r, v, "Reconciliation", "reconcile"), p)
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

package manage

import (
	"fmt"
	"net/http"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care/ruleset"
	"heartwood/internal/door/web/page"
	"heartwood/internal/door/web/page/chart"
	"heartwood/internal/view/measure"
	"heartwood/internal/words"
)

type todayPage struct {
	Base               string
	Date, Day          string
	Before, Now, After string
	Figures            []figure
	Charts             []chart.Chart
	Promise            []measure.Bar
	Rules              string // which red-flag rules of its own do not work
}

type figure struct {
	Label, Value, Note string
	Late               bool
}

var todayTemplate = page.New[todayPage](files, "today.html")

func (m *Manage) today(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Reconcile)
	if err != nil {
		return err
	}
	on := v.now.In(words.London)
	if t, err := time.ParseInLocation(time.DateOnly, r.FormValue("day"), words.London); err == nil && !t.After(on) {
		on = t
	}
	d, err := measure.Today(r.Context(), v.practice, on)
	if err != nil {
		return err
	}
	link := func(days int) string { return v.base() + "?day=" + on.AddDate(0, 0, days).Format(time.DateOnly) }
	own, err := ruleset.Load(r.Context(), v.practice)
	if err != nil {
		return err
	}
	p := todayPage{
		Rules: own.Alarm(),
		Base:  v.base(), Date: on.Format("Monday 2 January 2006"), Day: on.Format(time.DateOnly),
		Before: link(-1), Now: v.base(), Figures: figures(d, v.now),
		Promise: []measure.Bar{
			{Label: "Answered in time", Value: d.Kept},
			{Label: "Late", Value: d.Broken},
			{Label: "Not answered yet, still in time", Value: d.Running},
			{Label: "No time promised", Value: d.NoPromise},
		},
	}
	if next := on.AddDate(0, 0, 1); !next.After(v.now) {
		p.After = link(1)
	}
	p.Charts = []chart.Chart{
		chart.Columns("hour", "Requests by the hour they came in", "requests", "Hour", bars(d.ByHour, nil)),
		chart.Columns("channel", "Requests by channel", "requests", "Channel", bars(d.ByChannel, channelNames)),
		chart.Columns("priority", "Requests by urgency", "requests", "Urgency", bars(d.ByPriority, urgencyNames)),
		chart.Columns("outcome", "Requests closed, by outcome", "requests", "Outcome", bars(d.ByOutcome, nil)),
	}
	return todayTemplate.Render(w, r, http.StatusOK, m.frame(r, v, "Today", ""), p)
}

// The names that the queue uses.
var (
	channelNames = map[string]string{"web": "Online", "phone": "Phone", "desk": "Desk", "email": "Email", "sms": "Text message", "practice": "Started by us"}
	urgencyNames = map[string]string{"stat": "Emergency", "asap": "Within 2 hours", "urgent": "Urgent", "routine": "Routine"}
)

// bars are what is drawn of a measure, by the names that the queue uses.
func bars(of []measure.Bar, names map[string]string) []chart.Bar {
	out := make([]chart.Bar, 0, len(of))
	for _, b := range of {
		if n := names[b.Label]; n != "" {
			b.Label = n
		}
		out = append(out, chart.Bar{Label: b.Label, Value: b.Value})
	}
	return out
}

func figures(d measure.Day, now time.Time) []figure {
	f := []figure{
		{Label: "Came in", Value: fmt.Sprint(d.In)},
		{Label: "Answered", Value: fmt.Sprint(d.Answered), Note: fmt.Sprintf("%d closed today in all", d.ClosedToday)},
		{Label: "Still open", Value: fmt.Sprint(d.OpenAll), Note: fmt.Sprintf("%d of them from this day", d.Open)},
		{Label: "Late", Value: fmt.Sprint(d.Broken), Late: d.Broken > 0},
	}
	if d.Median > 0 {
		f = append(f, figure{Label: "Usual time to an answer", Value: span(d.Median)})
	}
	if d.Oldest != nil {
		f = append(f, figure{
			Label: "Oldest open", Value: span(now.Sub(d.Oldest.In)), Note: d.Oldest.Reference,
			Late: !d.Oldest.Due.IsZero() && now.After(d.Oldest.Due),
		})
	}
	return f
}

// span is a length of time in few characters.
func span(d time.Duration) string {
	switch {
	case d < time.Hour:
		return fmt.Sprintf("%d min", max(0, int(d.Minutes())))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %02d", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

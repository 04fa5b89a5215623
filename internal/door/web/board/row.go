package board

import (
	"context"
	"fmt"
	"slices"
	"time"

	"heartwood/internal/ident"
	"heartwood/internal/view/measure"
)

// row is one practice's day, or all of them together.
type row struct {
	Name           string
	In, Answered   int // of today's
	Open           int // now, whenever they came in
	Late           int // of today's, answered late or not yet and late
	Promise        string
	Oldest         string
	Balanced       bool
	Line           []cell
	kept           int
	since, now     time.Time // of the oldest open request
	byChannel      map[string]int
	channelsInTurn []string
}

type cell struct {
	Label string
	Value int
}

// balanceDays is how far back the books are proved.
const balanceDays = 30

func (b *Board) row(ctx context.Context, ods ident.ODS) (row, error) {
	p, err := b.store.Practice(ods)
	if err != nil {
		return row{}, err
	}
	now := p.Now()
	d, err := measure.Today(ctx, p, now)
	if err != nil {
		return row{}, err
	}
	next := d.Date.AddDate(0, 0, 1)
	report, err := b.reconcile.Run(ctx, ods, d.Date.AddDate(0, 0, -balanceDays), next)
	if err != nil {
		return row{}, err
	}
	r := row{
		Name: b.name(ctx, ods), In: d.In, Answered: d.Answered, Open: d.OpenAll, Late: d.Broken, kept: d.Kept,
		Balanced: report.Balanced(), now: now, byChannel: map[string]int{},
	}
	for _, c := range d.ByChannel {
		r.channelsInTurn = append(r.channelsInTurn, c.Label)
		r.byChannel[c.Label] = c.Value
	}
	if d.Oldest != nil {
		r.since = d.Oldest.In
	}
	r.say()
	return r, nil
}

// say puts what is counted into words.
func (r *row) say() {
	r.Promise, r.Oldest = promise(r.kept, r.Late), "None open"
	if !r.since.IsZero() {
		r.Oldest = span(r.now.Sub(r.since))
	}
}

// line lists the row's channels in the order of the table.
func (r *row) line(channels []string) {
	r.Line = make([]cell, 0, len(channels))
	for _, c := range channels {
		r.Line = append(r.Line, cell{named(c), r.byChannel[c]})
	}
}

// sum is all practices together.
func sum(rows []row) row {
	t := row{Name: "All practices", Balanced: true, byChannel: map[string]int{}}
	for _, r := range rows {
		t.In, t.Answered, t.Open, t.Late, t.kept = t.In+r.In, t.Answered+r.Answered, t.Open+r.Open, t.Late+r.Late, t.kept+r.kept
		t.Balanced = t.Balanced && r.Balanced
		if !r.since.IsZero() && (t.since.IsZero() || r.since.Before(t.since)) {
			t.since, t.now = r.since, r.now
		}
		for c, n := range r.byChannel {
			t.byChannel[c] += n
		}
	}
	t.say()
	return t
}

// channels are all channels that any practice has, in the order met.
func channels(rows []row) []string {
	var out []string
	for _, r := range rows {
		for _, c := range r.channelsInTurn {
			if !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	return out
}

// ChannelNames are the columns' headings.
func (b boardPage) ChannelNames() []string {
	out := make([]string, 0, len(b.Channels))
	for _, c := range b.Channels {
		out = append(out, named(c))
	}
	return out
}

func named(channel string) string {
	switch channel {
	case "web":
		return "Online"
	case "phone":
		return "Phone"
	case "desk":
		return "Desk"
	case "email":
		return "Email"
	case "sms":
		return "Text"
	case "practice":
		return "Started by practice"
	}
	return channel
}

// promise is the share of today's promises that have been kept, of those that
// have fallen due or been met.
func promise(kept, late int) string {
	if kept+late == 0 {
		return "None due yet"
	}
	return fmt.Sprintf("%d of %d (%d%%)", kept, kept+late, 100*kept/(kept+late))
}

// span is a length of time in few characters.
func span(d time.Duration) string {
	switch {
	case d < time.Hour:
		return fmt.Sprintf("%d min", max(0, int(d.Minutes())))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %02d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

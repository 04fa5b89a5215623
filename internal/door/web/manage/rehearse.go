package manage

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"heartwood/internal/care/promise"
	"heartwood/internal/care/request"
	"heartwood/internal/care/routing"
	"heartwood/internal/door/web/page/chart"
	"heartwood/internal/ident"
	"heartwood/internal/words"
)

// rehearsed keeps the past weeks' requests for a while, so that trying one
// rule after another does not read the record each time.
type rehearsed struct {
	mu   sync.Mutex
	past map[rehearsedKey]rehearsedPast // protected by mu
}

type rehearsedKey struct {
	ods        ident.ODS
	weeks      int
	conditions bool
}

type rehearsedPast struct {
	at   time.Time
	past []routing.Past
}

// freshFor is how long; maxRehearsed bounds how many are kept.
const (
	freshFor     = 10 * time.Minute
	maxRehearsed = 8
)

func (m *Manage) pastRequests(ctx context.Context, v visit, weeks int, rules ...routing.Setting) ([]routing.Past, error) {
	k := rehearsedKey{v.ods, weeks, false}
	for _, s := range rules {
		for _, r := range s.Rules {
			k.conditions = k.conditions || len(r.Conditions) > 0
		}
	}
	m.rehearsed.mu.Lock()
	have, ok := m.rehearsed.past[k]
	m.rehearsed.mu.Unlock()
	if ok && v.now.Sub(have.at) < freshFor && !v.now.Before(have.at) {
		return have.past, nil
	}
	past, err := routing.ReadPast(ctx, v.practice, weeks, rules...)
	if err != nil {
		return nil, err
	}
	m.rehearsed.mu.Lock()
	defer m.rehearsed.mu.Unlock()
	if m.rehearsed.past == nil || len(m.rehearsed.past) >= maxRehearsed {
		m.rehearsed.past = map[rehearsedKey]rehearsedPast{}
	}
	m.rehearsed.past[k] = rehearsedPast{v.now, past}
	return past, nil
}

const maxChanges = 40

// rehearse puts on the page what the draft would have done.
func (m *Manage) rehearse(ctx context.Context, v visit, p *routingPage, saved, draft routing.Setting, staff routing.Staff) (weeks int, err error) {
	weeks = 4
	if n, err := strconv.Atoi(p.Form.Value("weeks")); err == nil && n >= 1 && n <= 8 {
		weeks = n
	}
	past, err := m.pastRequests(ctx, v, weeks, saved, draft)
	if err != nil {
		return weeks, err
	}
	for i := range staff.People {
		staff.People[i].Away = false
	}
	place := routing.Place{Staff: staff, Hours: request.HoursOf(ctx, v.practice), Pool: func(_, kind string) promise.Pool { return promise.PoolOf(kind) }}
	if m.outlook != nil {
		o, err := m.outlook(ctx, v.ods)
		if err != nil {
			return weeks, err
		}
		now := o.Now()
		place.Hours, place.Capacity, place.Pool = now.Hours, now.Capacity, o.Pool
	}
	r := routing.Rehearse(saved, draft, past, place)
	p.Rehearsal, err = v.shown(r, weeks)
	return weeks, err
}

func (v visit) shown(r routing.Rehearsal, weeks int) (*rehearsalShown, error) {
	s := &rehearsalShown{Weeks: weeks, Requests: r.Requests, Days: r.Days, Changed: len(r.Changes), UPC: "–"}
	if r.UPCOf > 0 {
		s.UPC = fmt.Sprintf("%.2f (%d patients)", r.UPC, r.UPCOf)
	}
	var bars []chart.Bar
	var marks []int
	for _, l := range r.Loads {
		s.Loads = append(s.Loads, []string{l.Name, strconv.Itoa(l.Now), strconv.Itoa(l.Then), minutes(l.NowWork, r.Days), minutes(l.ThenWork, r.Days)})
		if len(bars) < 8 {
			bars, marks = append(bars, chart.Bar{Label: l.Name, Value: l.Then}), append(marks, l.Now)
		}
	}
	drawn, err := chart.Against("routing-loads", "Requests with these rules", "requests", "Who", bars, "with the saved rules", marks).HTML()
	if err != nil {
		return nil, err
	}
	s.Charts = append(s.Charts, drawn)
	for _, w := range r.Waits {
		s.Waits = append(s.Waits, []string{
			w.Pool.Label(), fmt.Sprintf("%.0f", w.NowWork), fmt.Sprintf("%.0f", w.ThenWork), workWait(w.Now), workWait(w.Then),
		})
	}
	s.Continuity = [][]string{
		{"With the saved rules", percent(r.NowUsual, r.Known)},
		{"With these rules", percent(r.ThenUsual, r.Known)},
		{"As it was: who answered them in the end", percent(r.Real, r.Known)},
	}
	for i, c := range r.Changes {
		if i == maxChanges {
			s.More = len(r.Changes) - maxChanges
			break
		}
		s.Changes = append(s.Changes, changeShown{
			When: words.Stamp(c.At), Kind: request.Kind(c.Kind).Label(), Reference: c.Reference,
			Href: "/desk/" + string(v.ods) + "/request/" + c.ID, From: c.From, To: c.To, Why: strings.TrimSpace(c.Why),
		})
	}
	return s, nil
}

// minutes is work in minutes a day.
func minutes(sum float64, days int) string {
	if days == 0 {
		return "0"
	}
	return fmt.Sprintf("%.0f", sum/float64(days))
}

// workWait is a pool's wait in words.
func workWait(w promise.Waits) string {
	switch {
	case w.Count == 0:
		return "no work"
	case w.Busy > 1:
		return "more work than time"
	}
	return fmt.Sprintf("%s, 9 in 10 within %s", spell(w.Median), spell(w.Most))
}

func spell(minutes float64) string {
	if minutes < 90 {
		return fmt.Sprintf("%.0f min", minutes)
	}
	return fmt.Sprintf("%.1f hours", minutes/60)
}

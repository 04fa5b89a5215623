package demo

import (
	"math/rand/v2"
	"slices"
	"time"
)

// The appointments of the past weeks, so that a practice has something to
// count: what was in the diaries, and what became of it. Sources: how many, how
// soon and how many did not come, demand-numbers section 7 (NHS England,
// Appointments in General Practice, 31.4 million in June 2025 among 63.8
// million people; February 2026 for the rest). Who does what is as the diaries
// have it. What was cancelled or never marked is made up.

const (
	visitRate = .49 * pastDays / 30 // for each patient, in the past days
	askedRate = .19                 // of those, the ones that a request led to
	visitFill = .93                 // of the times in the diaries, those that were used
)

// atHome is a visit, which the diary gets only when somebody needs one.
const atHome mode = "home-visit"

// pastTime is a time in a clinician's diary that is over.
type pastTime struct {
	staff   *Staff
	start   time.Time
	minutes int
	mode    mode
	taken   bool
}

// pastBook is what the diaries of the past weeks held, by service, the
// earliest first.
type pastBook map[string][]pastTime

// pastBook opens as many sessions of the past weeks as the practice's patients
// needed, spread evenly over days and people.
func (p *Practice) pastBook() pastBook {
	book, all := pastBook{}, 0
	staff, days := p.Staff(), p.net.pastDays()
	for _, s := range staff {
		for _, one := range sessions[s.service] {
			all += len(days) * (one.to - one.from) / one.length
		}
	}
	share := min(1, visitRate*float64(p.net.cfg.Patients)/visitFill/float64(all))
	held := map[string]float64{}
	for _, day := range days {
		for i := range staff {
			s := &staff[i]
			for k, one := range sessions[s.service] {
				before := held[s.service]
				held[s.service] += share
				if int(before+.5) < int(held[s.service]+.5) {
					book.open(s, day, one, s.service == "gp" && k == 0)
				}
			}
		}
	}
	for _, times := range book {
		slices.SortStableFunc(times, func(a, b pastTime) int { return a.start.Compare(b.start) })
	}
	return book
}

// open puts a session's times into the book, and after it one for a visit.
func (b pastBook) open(s *Staff, day time.Time, one session, visit bool) {
	at := func(minute int) time.Time {
		return time.Date(day.Year(), day.Month(), day.Day(), 0, minute, 0, 0, day.Location())
	}
	for k, m := 0, one.from; m < one.to; k, m = k+1, m+one.length {
		b[s.service] = append(b[s.service], pastTime{staff: s, start: at(m), minutes: one.length, mode: one.modes[k%len(one.modes)]})
	}
	if visit {
		b[s.service] = append(b[s.service], pastTime{staff: s, start: at(one.to + 30), minutes: 30, mode: atHome})
	}
}

// take gives somebody a time of a service that begins after a moment and that
// nobody has, among the soonest of them; nil when there is none.
func (b pastBook) take(r *rand.Rand, service string, after time.Time, visit bool, among float64) *pastTime {
	all := b[service]
	from, _ := slices.BinarySearchFunc(all, after, func(t pastTime, at time.Time) int { return t.start.Compare(at) })
	all = all[from:]
	if len(all) == 0 {
		return nil
	}
	first := r.IntN(1 + int(among*float64(len(all)-1)))
	for i := range all {
		t := &all[(first+i)%len(all)]
		if !t.taken && (t.mode == atHome) == visit {
			t.taken = true
			return t
		}
	}
	return nil
}

// visits writes what the person was booked for in the past weeks.
func (w *writer) visits(c *chart) {
	r := w.practice.net.random("came", c.one.number)
	for range poisson(r, (visitRate-askedRate)*c.needs()) {
		service := "nurse"
		switch u := r.Float64(); {
		case u < .6:
			service = "gp"
		case u > .92 && c.one.age >= 18 && len(c.condition) > 0:
			service = "pharmacist"
		}
		visit := service == "gp" && c.one.age >= 80 && r.IntN(4) == 0
		if t := w.book.take(r, service, time.Time{}, visit, 1); t != nil {
			w.visit(c, r, t, t.booked(r), "")
		}
	}
}

// askedVisit is the appointment that a request led to.
func (w *writer) askedVisit(c *chart, r *rand.Rand, with string, done time.Time, task string) {
	service := "gp"
	if with == "nurse-1" {
		service = "nurse"
	}
	if t := w.book.take(r, service, done.Add(20*time.Minute), false, .15); t != nil {
		w.visit(c, r, t, done, task)
	}
}

// leads are how long before its day an appointment is booked, in days.
var leads = []struct {
	share    float64
	from, to int
}{{.44, 0, 0}, {.08, 1, 1}, {.18, 2, 7}, {.13, 8, 14}, {.08, 15, 21}, {.05, 22, 28}, {1, 29, 42}}

// booked draws when a time was booked: within opening hours, before it began.
func (t *pastTime) booked(r *rand.Rand) time.Time {
	left, days := r.Float64(), 0
	for _, l := range leads {
		if left -= l.share; left < 0 {
			days = l.from + r.IntN(l.to-l.from+1)
			break
		}
	}
	y, m, d := t.start.Date()
	day := time.Date(y, m, d-days, 0, 0, 0, 0, t.start.Location())
	until := closes
	if days == 0 {
		until = t.start.Hour()*60 + t.start.Minute()
	}
	return day.Add(time.Duration(opens+r.IntN(until-opens)) * time.Minute)
}

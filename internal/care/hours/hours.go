// Package hours is where a practice says when it is open.
//
// What comes in: a week of opening times and the days on which the practice is
// closed, as a manager fills them in. What goes out: the HealthcareService
// from which every promise is counted, in a new version. It must never keep
// hours that cannot be read again, never take a promise away that was made,
// and never overwrite what somebody else has changed meanwhile.
package hours

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"heartwood/internal/care"
	"heartwood/internal/care/opening"
	"heartwood/internal/care/request"
	"heartwood/internal/care/setting"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/words"
)

// Setting is what a practice has set.
type Setting struct {
	Week         [7][]opening.Span // by time.Weekday; none: closed
	Closures     []Closure         // in order
	BankHolidays bool              // open on the bank holidays of England
	Version      string            // of what was read; "" for the core hours, which nobody has set
}

// Closure is a span of days on which the practice is closed, both included.
type Closure struct {
	From, To string // 2006-01-02
	Why      string
}

// Promises are what a request made at a moment would be promised.
type Promises struct {
	Open                 bool
	TwoHours, Day, Later time.Time // very urgent, urgent, routine
}

var days = [7]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

const (
	openThen   = "Open on bank holidays"
	closedThen = "Closed on bank holidays"
	maxClosed  = 100 // closures
)

var kept = setting.Kept{Ref: ident.Ref{Type: "HealthcareService", ID: opening.ID}, Stale: fault.New(fault.Conflict,
	"Somebody else has changed the opening hours meanwhile. Look at what they are now, and enter yours again.")}

// Load reads a practice's setting: the core hours when it has set none.
func Load(ctx context.Context, p *record.Practice) (Setting, error) {
	res, v, err := kept.Load(ctx, p)
	if err != nil {
		return Setting{}, err
	}
	if res == nil {
		return Setting{Week: opening.Core().Week}, nil
	}
	h, err := opening.FromFHIR(res)
	if err != nil { // what another program wrote: promises go by the core hours
		h = opening.Core()
	}
	s := Setting{Week: h.Week, BankHolidays: !h.Holidays, Version: v.ID}
	for n := range res.Get("notAvailable").Items() {
		c := Closure{From: day(n.Get("during", "start").Str()), To: day(n.Get("during", "end").Str()), Why: n.Get("description").Str()}
		s.Closures = append(s.Closures, c)
	}
	return s, nil
}

func day(s string) string { return s[:min(len(s), len(time.DateOnly))] }

// Check says what is wrong with a setting: each fault is At a day ("mon"),
// "closures"; a week without hours is told at "mon".
func (s Setting) Check() error {
	var f care.Faults
	n := 0
	for d, spans := range s.Week {
		for i, x := range spans {
			n++
			switch {
			case x.From < 0 || x.To > 24*60 || x.From >= x.To:
				f.Add(days[d], "%s must close after it opens.", time.Weekday(d))
			case i > 0 && x.From < spans[i-1].To:
				f.Add(days[d], "%s opens again before it has closed.", time.Weekday(d))
			}
		}
	}
	if n == 0 {
		f.Add("mon", "Enter when the practice is open on at least one day.")
	}
	if len(s.Closures) > maxClosed {
		f.Add("closures", "List at most %d closures.", maxClosed)
	}
	for _, c := range s.Closures {
		from, ok := words.Birth(c.From)
		to, ok2 := words.Birth(c.To)
		switch {
		case !ok || !ok2 || len(c.From) != 10 || len(c.To) != 10:
			f.Add("closures", "Write each closed day as a real date, such as 2026-12-24.")
		case to.Before(from):
			f.Add("closures", "%s is before %s.", c.To, c.From)
		case to.Sub(from) > 365*24*time.Hour:
			f.Add("closures", "A closure can be at most a year long.")
		case c.Why == "" || utf8.RuneCountInString(c.Why) > 200:
			f.Add("closures", "Say in a few words why the practice is closed on %s.", c.From)
		}
	}
	return f.Err()
}

// Hours are the opening hours that the setting makes.
func (s Setting) Hours() opening.Hours {
	h := opening.Hours{Week: s.Week, Holidays: !s.BankHolidays, Closed: map[string]bool{}}
	for _, c := range s.Closures {
		from, _ := words.Birth(c.From)
		to, _ := words.Birth(c.To)
		for d, n := from, 0; !d.After(to) && n <= 366; d, n = d.AddDate(0, 0, 1), n+1 {
			h.Closed[d.Format(time.DateOnly)] = true
		}
	}
	return h
}

// Promises are what a request at a moment would be promised under the setting.
func (s Setting) Promises(now time.Time) Promises {
	h := s.Hours()
	at := func(u request.Urgency) time.Time { return u.Promise(h, now) }
	return Promises{Open: h.Open(now), TwoHours: at(request.Asap), Day: at(request.Prompt), Later: at(request.Routine)}
}

// Save keeps a setting in a new version. Promises that were made stay; those to
// come go by it.
func Save(ctx context.Context, p *record.Practice, by record.Author, s Setting) error {
	if err := s.Check(); err != nil {
		return err
	}
	return kept.Save(ctx, p, by, "opening hours", s.Version, func(was *fhir.Resource) write.Obj {
		if was == nil {
			o := s.members(true)
			o["name"], o["active"] = "Opening hours", true
			return o
		}
		open := strings.Contains(strings.ToLower(was.Get("availabilityExceptions").Str()), strings.ToLower(openThen))
		return s.members(open != s.BankHolidays)
	})
}

// members are the parts of the HealthcareService that a setting is.
func (s Setting) members(holidays bool) write.Obj {
	var times, closed write.List
	for d, spans := range s.Week {
		for _, x := range spans {
			t := write.Obj{"daysOfWeek": write.List{days[d]}}
			if x.From == 0 && x.To == 24*60 {
				t["allDay"] = true
			} else {
				t["availableStartTime"], t["availableEndTime"] = clock(x.From), clock(x.To)
			}
			times = append(times, t)
		}
	}
	for _, c := range s.Closures {
		closed = append(closed, write.Obj{"description": c.Why, "during": write.Obj{"start": c.From, "end": c.To}})
	}
	o := write.Obj{"availableTime": times}
	if len(closed) > 0 {
		o["notAvailable"] = closed
	} else if s.Version != "" {
		o["notAvailable"] = nil // takes out those that were there
	}
	if holidays {
		o["availabilityExceptions"] = closedThen
		if s.BankHolidays {
			o["availabilityExceptions"] = openThen
		}
	}
	return o
}

// clock is a FHIR time, which knows no 24:00.
func clock(minutes int) string {
	if minutes >= 24*60 {
		return "23:59:00"
	}
	return time.Date(2000, 1, 1, 0, minutes, 0, 0, time.UTC).Format("15:04:05")
}

// Package returns makes what a practice returns to NHS England: the weekly
// return of online and video consultations, the monthly measures of online
// requests and appointments, and the monthly file of telephone calls.
//
// What comes in: the practice's figures, the same that its pages show, and the
// reconciliation of its ledger. What goes out: files, the proof that they agree
// with the ledger, and the history of what was produced. No name, address,
// date of birth, telephone or NHS number may ever be in a file, and nothing is
// sent anywhere: a person looks, and submits.
//
// Requirements: https://digital.nhs.uk/data-and-information/data-collections-and-data-sets/data-collections/online-and-video-consultation-undertaken-in-general-practice
// and the published files of Submissions via Online Consultation Systems and
// of Appointments in General Practice. Where the columns of the weekly return
// could not be read in its specification, they are our proposal, and marked so.
package returns

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"heartwood/internal/care/reconcile"
	"heartwood/internal/fault"
	"heartwood/internal/record"
	"heartwood/internal/view/measure"
	"heartwood/internal/words"
)

// Kind is which return.
type Kind string

// The returns.
const (
	Weekly  Kind = "weekly"  // Monday to Sunday
	Monthly Kind = "monthly" // a calendar month
	Calls   Kind = "calls"   // a calendar month
)

// Kinds are the returns in the order of a page.
var Kinds = []Kind{Weekly, Monthly, Calls}

// Name is the return as a page says it.
func (k Kind) Name() string {
	return map[Kind]string{Weekly: "Online and video consultations", Monthly: "Online requests and appointments", Calls: "Cloud based telephony"}[k]
}

// File is one file of a return.
type File struct {
	Name string
	Type string // media type
	Body []byte
	Rows int // of data
}

// Check compares a number of the return with one counted another way.
type Check struct {
	What          string
	Return, Other int
	Against       string   // how the other was counted
	Named         []string // what makes the difference, as far as it has a name
}

// Holds tells whether they agree.
func (c Check) Holds() bool { return c.Return == c.Other }

// Return is one return of one period.
type Return struct {
	Kind   Kind
	Period string // "2026-11-16" (its Monday) or "2026-10"
	Span   measure.Span
	Place  Place
	Made   time.Time
	Files  []File
	Checks []Check
}

// Balanced tells whether everything agrees.
func (r Return) Balanced() bool {
	for _, c := range r.Checks {
		if !c.Holds() {
			return false
		}
	}
	return true
}

// Says is the period in words.
func (r Return) Says() string { return Says(r.Kind, r.Span) }

// Says is a period in words.
func Says(k Kind, s measure.Span) string {
	if k != Weekly {
		return s.From.Format("January 2006")
	}
	return words.Date(s.From) + " to " + words.Date(s.To.AddDate(0, 0, -1))
}

var monthly = regexp.MustCompile(`^\d{4}-\d{2}$`)

// ParsePeriod reads a period: any day of a week, "2026-11-18", or a month,
// "2026-10"; "" is the last that has ended. One that has not ended is refused.
func ParsePeriod(k Kind, s string, now time.Time) (measure.Span, string, error) {
	bad := fault.At(fault.Invalid, "period", "Give a day of the week, such as 2026-11-16, or for a month 2026-10.")
	var span measure.Span
	switch {
	case k == Weekly && s == "":
		span = measure.Week(measure.Week(now).From.Add(-time.Minute))
	case s == "" && (k == Monthly || k == Calls):
		span = measure.Month(measure.Month(now).From.Add(-time.Minute))
	case k == Weekly:
		day, err := time.ParseInLocation(time.DateOnly, s, words.London)
		if err != nil {
			return span, "", bad
		}
		span = measure.Week(day)
	case (k == Monthly || k == Calls) && monthly.MatchString(s):
		day, err := time.ParseInLocation("2006-01", s, words.London)
		if err != nil {
			return span, "", bad
		}
		span = measure.Month(day)
	default:
		return span, "", bad
	}
	if span.To.After(now) {
		return span, "", fault.At(fault.Refused, "period", "This period has not ended yet.")
	}
	return span, Period(k, span), nil
}

// Period names a span: "2026-11-16" or "2026-10".
func Period(k Kind, s measure.Span) string {
	if k != Weekly {
		return s.From.Format("2006-01")
	}
	return s.From.Format(time.DateOnly)
}

// Make makes a return from a practice's figures.
func Make(ctx context.Context, store *record.Store, p *record.Practice, b *measure.Book, k Kind, period string) (Return, error) {
	span, name, err := ParsePeriod(k, period, p.Now())
	if err != nil {
		return Return{}, err
	}
	place, err := placeOf(ctx, p)
	if err != nil {
		return Return{}, err
	}
	r := Return{Kind: k, Period: name, Span: span, Place: place, Made: p.Now()}
	if k == Calls {
		err = r.telephony(ctx, store, p)
		return r, err
	}
	ledger, err := reconcile.New(store).Run(ctx, p.ODS(), span.From, span.To)
	if err != nil {
		return Return{}, err
	}
	c := count(b, span, p.Now())
	switch k {
	case Weekly:
		err = r.weekly(c)
	case Monthly:
		err = r.monthly(c, b.Registered())
	default:
		err = errors.New("returns: no such kind")
	}
	r.check(c, ledger)
	return r, err
}

// check proves the return against the ledger, counted apart.
func (r *Return) check(c counts, ledger reconcile.Report) {
	door, book := 0, 0
	for _, row := range ledger.Channels {
		if online[row.Channel] {
			door, book = door+row.In, book+row.Answered+row.Open-row.Split
		}
	}
	var named []string
	for _, d := range ledger.Differences {
		named = append(named, d.Reference+": "+d.What)
	}
	kinds := 0
	for _, n := range c.types {
		kinds += n
	}
	times := 0
	for _, n := range c.times {
		times += n
	}
	r.Checks = append(r.Checks,
		Check{"Online requests", len(c.online), door, "forms that the door took in", named},
		Check{"Online requests", len(c.online), book, "requests in the ledger, answered and open, without parts split off", named},
		Check{"Requests of every channel", c.all, ledger.Total.In, "the reconciliation", named},
		Check{"Clinical, administrative and other together", kinds, len(c.online), "online requests", nil},
		Check{"All days and times together", times, len(c.online), "online requests", nil},
	)
	if r.Kind == Monthly {
		sum := 0
		for _, n := range c.cross {
			sum += n
		}
		booked := 0
		for _, u := range c.use {
			booked += u.booked
		}
		r.Checks = append(r.Checks, Check{"Appointments booked in the slot use", booked, sum, "appointments in the cross-table", nil})
		r.Checks = append(r.Checks, Check{"Appointments in the cross-table", sum, len(c.held), "appointments that took place in the month, or were missed", nil})
	}
}

// stamp is a moment to the minute, as files have it; "" for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(words.London).Format("2006-01-02T15:04")
}

func rate(n, of int) string {
	if of == 0 {
		return ""
	}
	return strconv.FormatFloat(1000*float64(n)/float64(of), 'f', 4, 64)
}

// FileName is a return's file: "Z99901-weekly-2026-11-16-oc-record.csv".
func (r Return) fileName(what string) string {
	return fmt.Sprintf("%s-%s-%s-%s", r.Place.Code, r.Kind, r.Period, what)
}

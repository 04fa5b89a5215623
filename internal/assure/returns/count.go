package returns

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"heartwood/internal/care/request"
	"heartwood/internal/view/measure"
)

// online are the channels that count as an online consultation system.
var online = map[string]bool{string(request.Web): true}

// The types of the collection.
const (
	clinical       = "Clinical"
	administrative = "Administrative"
	other          = "Other/Unknown type"
)

// typeOf is the collection's type of a request, by what it is about. A kind
// that is not listed is unknown to the collection.
func typeOf(kind string) string {
	switch request.Kind(kind) {
	case request.NewProblem, request.ExistingProblem, request.Medicine, "mental-health", "contraception", "long-term-condition", "child", "symptom":
		return clinical
	case request.Admin, request.FitNote, request.TestResult, "registration", "prescription":
		return administrative
	}
	return other
}

// counts are what a period's returns are made of.
type counts struct {
	all    int // requests of every channel
	online []measure.Fact
	types  map[string]int
	times  map[slotTime]int
	video  []measure.Visit
	held   []measure.Visit // appointments that took place, were missed, or are not marked
	booked map[string]int  // of the management information
	cross  map[cell]int
	use    map[slotCell]*slotUse
}

type slotTime struct{ day, band int }

// count goes through a period's requests and appointments once.
func count(b *measure.Book, s measure.Span, now time.Time) counts {
	c := counts{types: map[string]int{}, times: map[slotTime]int{}, booked: map[string]int{}, cross: map[cell]int{}, use: map[slotCell]*slotUse{}}
	b.In(s, func(f *measure.Fact) {
		c.all++
		if !online[f.Channel] {
			return
		}
		c.online = append(c.online, *f)
		c.types[typeOf(f.Kind)]++
		c.times[slotTime{(int(f.In.Weekday()) + 6) % 7, measure.BandOf(f.In)}]++
	})
	b.EachVisit(func(v *measure.Visit) { c.visit(v, s, now) })
	b.EachFree(func(v *measure.Visit) {
		if s.Has(v.Start) && !v.Start.After(now) {
			c.useOf(v).free++
		}
	})
	return c
}

// visit counts an appointment where it belongs.
func (c *counts) visit(v *measure.Visit, s measure.Span, now time.Time) {
	if !v.Booked.IsZero() && s.Has(v.Booked) {
		c.booked["Appointments booked"]++
		if v.ByPatient {
			c.booked["Appointments booked online by the patient or a proxy"]++
		} else {
			c.booked["Appointments booked by the practice"]++
		}
	}
	if !v.Cancelled.IsZero() && s.Has(v.Cancelled) && !v.Booked.IsZero() {
		c.booked["Appointments cancelled"]++
		if v.CancelledBy == "patient" {
			c.booked["Appointments cancelled online by the patient or a proxy"]++
		} else {
			c.booked["Appointments cancelled by the practice"]++
		}
	}
	if !s.Has(v.Start) || v.Start.After(now) || v.Booked.IsZero() || v.Status == "cancelled" || v.Status == "proposed" || v.Status == "entered-in-error" {
		return
	}
	c.held = append(c.held, *v)
	c.cross[cellOf(v)]++
	c.useOf(v).held(v)
	c.booked["Appointments, "+status(v)]++
	if v.Mode == "video" {
		c.video = append(c.video, *v)
	}
}

// reference is a record's own name in a return: the same each time, and of no
// use to anybody who has not the ledger.
func reference(practice, id string) string {
	sum := sha256.Sum256([]byte("heartwood return\x00" + practice + "\x00" + id))
	return hex.EncodeToString(sum[:10])
}

package rota

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"heartwood/internal/care/booking"
	"heartwood/internal/care/opening"
	"heartwood/internal/ident"
	"heartwood/internal/words"
)

// Slot is a slot as the rota wants it, or as the diary has it.
type Slot struct {
	ID         string
	Template   string // "" when the rota did not make it
	Clinician  ident.Ref
	Start, End time.Time
	Kind       string
	Category   string // the national slot category, "" for none
	Mode       booking.Mode
	Terms      booking.Terms

	Sold      bool // somebody has it, or it is kept for somebody
	Free      bool
	Withdrawn bool // by the rota, and by nobody else
	version   int  // place in what was read
}

// Changes are what laying the rota over the diary would do.
type Changes struct {
	Add      []Slot // new
	Change   []Slot // free, and to be as the rota now says
	Withdraw []Slot // free, and no longer wanted
	Move     []Slot // booked, and no longer wanted: for a person to move
	Clash    []Slot // wanted, but the person has something else then
}

// Nothing tells whether the diary is as the rota wants it.
func (c Changes) Nothing() bool { return len(c.Add)+len(c.Change)+len(c.Withdraw) == 0 }

// Wanted lists the slots that start in [from, to), earliest first. It is pure:
// the same setting gives the same slots with the same ids.
func (s Setting) Wanted(h opening.Hours, from, to time.Time) []Slot {
	var out []Slot
	y, m, d := from.In(words.London).Date()
	for i := 0; ; i++ {
		day := time.Date(y, m, d+i, 12, 0, 0, 0, words.London)
		if !time.Date(y, m, d+i, 0, 0, 0, 0, words.London).Before(to) {
			break
		}
		if !closed(h, day) {
			out = s.onDay(out, day)
		}
	}
	out = slices.DeleteFunc(out, func(x Slot) bool { return x.Start.Before(from) || !x.Start.Before(to) })
	slices.SortStableFunc(out, func(a, b Slot) int {
		return cmp.Or(a.Start.Compare(b.Start), strings.Compare(a.ID, b.ID))
	})
	return out
}

func closed(h opening.Hours, day time.Time) bool {
	return h.Closed[day.Format(time.DateOnly)] || h.Holidays && opening.BankHoliday(day.Date()) != ""
}

// onDay adds a day's slots; where two templates of one person meet, the first
// listed has the time.
func (s Setting) onDay(out []Slot, day time.Time) []Slot {
	begin := len(out)
	for _, t := range s.Templates {
		on := day.Format(time.DateOnly)
		if !t.Days[day.Weekday()] || t.Start != "" && on < t.Start || t.End != "" && on > t.End || s.away(t.Clinician, on) {
			continue
		}
		typ, _ := s.Named(t.Type)
		for k, at := 0, t.From; at+t.Length <= t.To; at += t.Length {
			if b, ok := t.pause(at); ok {
				at = b - t.Length // the loop goes on at the end of the break
				continue
			}
			x, ok := t.slot(day, at, typ)
			if ok && !slices.ContainsFunc(out[begin:], x.meets) {
				x.Mode = t.Modes[k%len(t.Modes)]
				k++
				out = append(out, x)
			}
		}
	}
	return out
}

func (s Setting) away(who ident.Ref, on string) bool {
	return slices.ContainsFunc(s.Leave, func(l Leave) bool { return l.Clinician == who && l.From <= on && on <= l.To })
}

// pause is the end of the break that a slot at a time would run into.
func (t Template) pause(at int) (end int, ok bool) {
	for _, b := range t.Breaks {
		if at < b.To && b.From < at+t.Length && b.To > b.From {
			return b.To, true
		}
	}
	return 0, false
}

// slot is one slot; ok is false for a wall-clock time that a day has not, when
// the clocks go forward.
func (t Template) slot(day time.Time, at int, typ SlotType) (Slot, bool) {
	y, m, d := day.Date()
	moment := func(days, minutes int) time.Time { return time.Date(y, m, d+days, 0, minutes, 0, 0, words.London) }
	start := moment(0, at)
	x := Slot{
		ID: fmt.Sprintf("rota-%s-%s-%04d", t.ID, day.Format("20060102"), at/60*100+at%60), Template: t.ID,
		Clinician: t.Clinician, Start: start, End: start.Add(time.Duration(t.Length) * time.Minute), Kind: typ.Name,
		Terms: booking.Terms{Capacity: t.Capacity, Who: t.Who, Type: t.Type, Owner: booking.Centre},
	}
	if typ.National != Unmapped {
		x.Category = typ.National
	}
	if t.OpensDays != Always {
		x.Terms.Opens = moment(-t.OpensDays, t.OpensAt)
	}
	if t.Notice > 0 {
		x.Terms.Closes = start.Add(-time.Duration(t.Notice) * time.Minute)
	}
	return x, start.Hour()*60+start.Minute() == at
}

// meets tells whether two slots of one person share time.
func (s Slot) meets(o Slot) bool {
	return s.Clinician == o.Clinician && s.Start.Before(o.End) && o.Start.Before(s.End)
}

func (s Slot) same(o Slot) bool {
	return s.Kind == o.Kind && s.Category == o.Category && s.Mode == o.Mode && s.End.Equal(o.End) && s.Clinician == o.Clinician && s.Terms.Same(o.Terms)
}

// Diff says what would make the diary as the rota wants it. It never touches
// what somebody has, nor what the practice has blocked by hand.
func Diff(want, have []Slot, now time.Time) (c Changes) {
	wanted := map[string]Slot{}
	for _, w := range want {
		wanted[w.ID] = w
	}
	there := map[string]bool{}
	for _, h := range have {
		there[h.ID] = true
		w, ok := wanted[h.ID]
		switch {
		case h.Template == "" || !h.Start.After(now):
		case h.Sold && (!ok || !w.End.Equal(h.End) || w.Clinician != h.Clinician):
			c.Move = append(c.Move, h)
		case h.Sold:
		case !ok && h.Free:
			c.Withdraw = append(c.Withdraw, h)
		case ok && (h.Withdrawn || h.Free && !w.same(h)):
			w.version = h.version
			c.Change = append(c.Change, w)
		}
	}
	for _, w := range want {
		switch {
		case there[w.ID] || !w.Start.After(now):
		case slices.ContainsFunc(have, func(h Slot) bool { return !h.Withdrawn && (h.Template == "" || h.Sold) && h.meets(w) }):
			c.Clash = append(c.Clash, w)
		default:
			c.Add = append(c.Add, w)
		}
	}
	return c
}

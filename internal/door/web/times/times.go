// Package times sets free times out by day, for somebody to choose from.
//
// What comes in: slots, earliest first, and the language of who reads. What
// goes out: a day with its times, each in plain words. It must never show a
// slot that it was not given, or order them afresh.
package times

import (
	"heartwood/internal/care/booking"
	"heartwood/internal/words"
)

// Day is the times of one day.
type Day struct {
	Day   string // "Tuesday 3 March 2026"
	Slots []Time
	Open  bool // its times are shown at once: the first day, and the one chosen from
}

// Time is one slot to choose.
type Time struct {
	ID, Clock, Say string
	Chosen         bool
}

// Days are the slots by day; chosen is the id of the one that was picked, ""
// for none.
func Days(lang words.Lang, slots []booking.SlotView, chosen string) []Day {
	var days []Day
	for _, s := range slots {
		day := lang.Weekday(s.Start)
		if len(days) == 0 || days[len(days)-1].Day != day {
			days = append(days, Day{Day: day, Open: len(days) == 0})
		}
		say := lang.T(s.Mode.Meeting())
		if s.ClinicianName != "" {
			say = lang.T("%s with %s", say, s.ClinicianName)
		}
		picked := s.Slot.ID == chosen
		d := &days[len(days)-1]
		d.Open = d.Open || picked
		d.Slots = append(d.Slots, Time{ID: s.Slot.ID, Clock: lang.Clock(s.Start), Say: say, Chosen: picked})
	}
	return days
}

package words

import (
	"fmt"
	"strconv"
	"time"
)

// The functions of when.go in any language; in English they are the same.

// Clock is the time of day: "6:30pm", "hanner dydd".
func (l Lang) Clock(t time.Time) string { return l.word(Clock(t)) }

// Date is a date in full: "24 Tachwedd 2026".
func (l Lang) Date(t time.Time) string {
	return l.dated(t, Date, func(c *catalogue, t time.Time) string {
		return strconv.Itoa(t.Day()) + " " + c.Months[t.Month()-1] + " " + strconv.Itoa(t.Year())
	})
}

// ShortDate is a date for tables: "24 Tach 2026".
func (l Lang) ShortDate(t time.Time) string {
	return l.dated(t, ShortDate, func(c *catalogue, t time.Time) string {
		return strconv.Itoa(t.Day()) + " " + c.Short[t.Month()-1] + " " + strconv.Itoa(t.Year())
	})
}

// Stamp is a date and time for tables: "24 Tach 2026, 6:30pm".
func (l Lang) Stamp(t time.Time) string { return l.ShortDate(t) + ", " + l.Clock(t) }

// Weekday is a day without its year: "Dydd Mawrth 24 Tachwedd".
func (l Lang) Weekday(t time.Time) string {
	english := func(t time.Time) string { return t.In(London).Format("Monday 2 January") }
	return l.dated(t, english, func(c *catalogue, t time.Time) string {
		return c.Days[t.Weekday()] + " " + strconv.Itoa(t.Day()) + " " + c.Months[t.Month()-1]
	})
}

// WeekdayAt is "Dydd Mawrth 24 Tachwedd am 6:30pm".
func (l Lang) WeekdayAt(t time.Time) string {
	return l.put("%s at %s", l.Weekday(t), l.Clock(t))
}

// Day names the day of t as seen from now, in the middle of a sentence.
func (l Lang) Day(t, now time.Time) string {
	d := Day(t, now)
	if in := l.word(d); in != d || catalogues[l] == nil {
		return in
	}
	year := ""
	if t.In(London).Year() != now.In(London).Year() {
		year = " " + strconv.Itoa(t.In(London).Year())
	}
	day := t.In(London)
	if c := catalogues[l]; len(c.Within) == 7 {
		return c.Within[day.Weekday()] + " " + strconv.Itoa(day.Day()) + " " + c.Months[day.Month()-1] + year
	}
	return l.Weekday(t) + year
}

// On is a day after a time: "today", "on Tuesday 24 November".
func (l Lang) On(t, now time.Time) string {
	d := l.Day(t, now)
	if en := Day(t, now); catalogues[l] == nil && en != "today" && en != "tomorrow" && en != "yesterday" {
		return "on " + d
	}
	return d
}

// When is a day and a time: "heddiw am 6:30pm".
func (l Lang) When(t, now time.Time) string {
	if catalogues[l] == nil {
		return When(t, now)
	}
	return l.put("%s at %s", l.Day(t, now), l.Clock(t))
}

// By is a promise: "erbyn 6:30pm heddiw".
func (l Lang) By(t, now time.Time) string {
	if catalogues[l] == nil {
		return By(t, now)
	}
	return l.put("by %s %s", l.Clock(t), l.Day(t, now))
}

func (l Lang) dated(t time.Time, english func(time.Time) string, other func(*catalogue, time.Time) string) string {
	c := catalogues[l]
	if c == nil {
		return english(t)
	}
	return other(c, t.In(London))
}

// word is a word of time in this language: "today", "midday".
func (l Lang) word(en string) string {
	if c := catalogues[l]; c != nil && c.Times[en] != "" {
		return c.Times[en]
	}
	return en
}

// put puts a day or a time into the form that this language has for it.
func (l Lang) put(form string, args ...any) string { return fmt.Sprintf(l.word(form), args...) }

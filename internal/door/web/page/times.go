package page

import (
	"time"
)

// Times as pages show them, in London's clock; a zero time is shown as "".

func (s *speaker) date(t time.Time) string  { return unlessZero(t, s.lang.Date) }
func (s *speaker) day(t time.Time) string   { return unlessZero(t, s.lang.Weekday) }
func (s *speaker) clock(t time.Time) string { return unlessZero(t, s.lang.Clock) }
func (s *speaker) when(t time.Time) string  { return unlessZero(t, s.lang.WeekdayAt) }
func (s *speaker) stamp(t time.Time) string { return unlessZero(t, s.lang.Stamp) }

func unlessZero(t time.Time, say func(time.Time) string) string {
	if t.IsZero() {
		return ""
	}
	return say(t)
}

// iso is a time for a <time> element.
func iso(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// NHS is an NHS number as people read it: "999 123 4567".
func NHS(s string) string {
	if len(s) != 10 {
		return s
	}
	return s[:3] + " " + s[3:6] + " " + s[6:]
}

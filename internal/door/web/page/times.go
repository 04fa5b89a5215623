package page

import (
	"time"
	_ "time/tzdata" // London's clock on machines that have no zone files
)

// London is the zone that every page shows times in.
var London = mustZone("Europe/London")

func mustZone(name string) *time.Location {
	l, err := time.LoadLocation(name)
	if err != nil {
		panic(err) // the zones are built into the program
	}
	return l
}

// Date is "22 November 2026".
func Date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(London).Format("2 January 2006")
}

// Day is "Sunday 22 November".
func Day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(London).Format("Monday 2 January")
}

// Clock is the time as the NHS writes it: "2:05pm", "9am", "midday".
func Clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	l := t.In(London)
	switch {
	case l.Minute() != 0:
		return l.Format("3:04pm")
	case l.Hour() == 12:
		return "midday"
	case l.Hour() == 0:
		return "midnight"
	}
	return l.Format("3pm")
}

// When is "Sunday 22 November at 2:05pm".
func When(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return Day(t) + " at " + Clock(t)
}

// iso is a time for a <time> element.
func iso(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// nhs prints ten digits 3-3-4.
func nhs(s string) string {
	if len(s) != 10 {
		return s
	}
	return s[:3] + " " + s[3:6] + " " + s[6:]
}

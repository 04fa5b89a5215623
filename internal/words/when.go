package words

import (
	"fmt"
	"time"
)

// Clock is the time of day as the NHS writes it: "6:30pm", "9am", "midday".
func Clock(t time.Time) string {
	t = t.In(London)
	switch h, m := t.Hour(), t.Minute(); {
	case h == 12 && m == 0:
		return "midday"
	case h == 0 && m == 0:
		return "midnight"
	case m == 0:
		return t.Format("3pm")
	default:
		return t.Format("3:04pm")
	}
}

// Date is a date in full: "24 November 2026".
func Date(t time.Time) string { return t.In(London).Format("2 January 2006") }

// ShortDate is a date for tables: "24 Nov 2026".
func ShortDate(t time.Time) string { return t.In(London).Format("2 Jan 2006") }

// Stamp is a date and time for tables and histories: "24 Nov 2026, 6:30pm".
func Stamp(t time.Time) string { return ShortDate(t) + ", " + Clock(t) }

// Day names the day of t as seen from now: "today", "tomorrow", "yesterday",
// "Tuesday 24 November", with the year when it is not this one.
func Day(t, now time.Time) string {
	t, now = t.In(London), now.In(London)
	switch days(t) - days(now) {
	case 0:
		return "today"
	case 1:
		return "tomorrow"
	case -1:
		return "yesterday"
	}
	if t.Year() != now.Year() {
		return t.Format("Monday 2 January 2006")
	}
	return t.Format("Monday 2 January")
}

// When is a day and a time: "today at 6:30pm", "Tuesday 24 November at 9am".
func When(t, now time.Time) string { return Day(t, now) + " at " + Clock(t) }

// By is a promise: "by 6:30pm today", "by 6:30pm on Tuesday 24 November".
func By(t, now time.Time) string {
	d := Day(t, now)
	if d != "today" && d != "tomorrow" && d != "yesterday" {
		d = "on " + d
	}
	return "by " + Clock(t) + " " + d
}

// days counts the civil days since 1970.
func days(t time.Time) int {
	y, m, d := t.Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// Ago is how long before now t was: "just now", "5 minutes ago", "3 days ago".
func Ago(t, now time.Time) string {
	d := now.Sub(t)
	if d < time.Minute {
		return "just now"
	}
	return Span(d) + " ago"
}

// Left is how long is left until t: "2 hours left", or "3 hours late".
func Left(t, now time.Time) string {
	switch d := t.Sub(now); {
	case d >= time.Minute:
		return Span(d) + " left"
	case d > -time.Minute:
		return "due now"
	default:
		return Span(-d) + " late"
	}
}

// Span is a length of time in its largest whole unit: "40 minutes", "2 hours".
func Span(d time.Duration) string {
	switch {
	case d < time.Hour:
		return count(int(d/time.Minute), "minute")
	case d < 48*time.Hour:
		return count(int(d/time.Hour), "hour")
	default:
		return count(int(d/(24*time.Hour)), "day")
	}
}

func count(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}

// Age is an age as clinicians say it: days to 4 weeks, weeks to 3 months,
// months to 2 years, then years. A birth after now has no age: "".
func Age(birth, now time.Time) string {
	birth, now = birth.In(London), now.In(London)
	d := days(now) - days(birth)
	switch m := Months(birth, now); {
	case d < 0:
		return ""
	case d < 28:
		return count(d, "day")
	case m < 3:
		return count(d/7, "week")
	case m < 24:
		return count(m, "month")
	default:
		return count(m/12, "year")
	}
}

// Years is an age in whole years. Someone born on 29 February is a year older
// on 1 March in other years, as the law of England has it.
func Years(birth, now time.Time) int { return Months(birth, now) / 12 }

// Months is an age in whole months.
func Months(birth, now time.Time) int {
	by, bm, bd := birth.Date()
	y, m, d := now.Date()
	n := (y-by)*12 + int(m-bm)
	if d < bd {
		n--
	}
	return n
}

// Birth reads a FHIR date of birth, "1984-02-29", "1984-02" or "1984"; ok is
// false for anything else. A part that is missing is the first.
func Birth(s string) (t time.Time, ok bool) {
	for _, layout := range []string{"2006-01-02", "2006-01", "2006"} {
		if t, err := time.ParseInLocation(layout, s, London); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

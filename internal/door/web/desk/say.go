package desk

import (
	"fmt"
	"strings"
	"time"

	"heartwood/internal/care/request"
	"heartwood/internal/words"
)

// near is how long before a promised time the clock turns amber.
const near = 30 * time.Minute

// waited says how long ago in few characters: "4 min", "2 h 10", "3 days".
func waited(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h %02d", int(d.Hours()), int(d.Minutes())%60)
	case d < 48*time.Hour:
		return "1 day"
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

// ago says how long ago as part of a sentence: "4 min ago", "just now".
func ago(d time.Duration) string {
	if d < time.Minute {
		return waited(d)
	}
	return waited(d) + " ago"
}

// clock says when something must be done, and whether that is "near" or
// "late". It is late when the grace after its time is over.
func clock(by time.Time, grace time.Duration, now time.Time) (text, class string) {
	if by.IsZero() {
		return "", ""
	}
	left := by.Sub(now)
	switch {
	case left <= 0 && -left <= grace:
		return "now", "near"
	case left <= 0:
		return waited(max(-left, time.Minute)) + " late", "late"
	case left <= near:
		return fmt.Sprintf("in %d min", max(1, int(left.Minutes()))), "near"
	case left < 2*time.Hour:
		return "in " + waited(left), ""
	}
	return day(by, now) + " " + hour(by), ""
}

// hour is the time of day: "14:05".
func hour(t time.Time) string { return t.In(words.London).Format("15:04") }

// day is the day as one says it: "today", "tomorrow", "Mon 3 Mar".
func day(t, now time.Time) string {
	a, b := t.In(words.London), now.In(words.London)
	switch daysBetween(b, a) {
	case 0:
		return "today"
	case 1:
		return "tomorrow"
	case -1:
		return "yesterday"
	}
	if a.Year() != b.Year() {
		return a.Format("2 Jan 2006")
	}
	return a.Format("Mon 2 Jan")
}

// daysBetween counts midnights from a to b in their own zone.
func daysBetween(a, b time.Time) int {
	return int(midnightUTC(b).Sub(midnightUTC(a)).Hours() / 24)
}

func midnightUTC(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// moment is a day and a time: "today 14:05".
func moment(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	return day(t, now) + " " + hour(t)
}

// date is a full date: "3 March 1961"; "" for none.
func date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(words.London).Format("2 January 2006")
}

// short is a date in a list: "3 Mar 2025".
func short(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(words.London).Format("2 Jan 2006")
}

func iso(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// lines splits text where its writer broke it, leaving out empty ends.
func lines(s string) []string {
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	if s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}

// join puts what is not empty together with commas.
func join(parts ...string) string {
	kept := parts[:0:0]
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, ", ")
}

// firstLine is the first line of a text, cut at a word near max characters.
func firstLine(s string, max int) string {
	l := lines(s)
	if len(l) == 0 {
		return ""
	}
	r := []rune(strings.Join(strings.Fields(l[0]), " "))
	if len(r) <= max {
		return string(r)
	}
	cut := string(r[:max])
	if i := strings.LastIndexByte(cut, ' '); i > max/2 {
		cut = cut[:i]
	}
	return cut + "…"
}

// urgency is how a page shows how soon something is due.
type urgency struct{ Class, Label string }

// short labels: the long ones of request.Urgency are for sentences.
var urgencies = map[string]urgency{
	"stat":    {"stat", "Emergency"},
	"asap":    {"asap", "Within 2 hours"},
	"urgent":  {"urgent", "Urgent"},
	"routine": {"routine", "Routine"},
}

func urgencyOf(priority string) urgency {
	if u, ok := urgencies[priority]; ok {
		return u
	}
	return urgencies["routine"]
}

// channels are the ways in, in a word.
var channels = map[string]string{
	string(request.Web): "Online", string(request.Phone): "Phone", string(request.Desk): "Desk",
	string(request.Email): "Email", string(request.SMS): "Text", string(request.Practice): "From us",
}

func channelOf(s string) string {
	if c, ok := channels[s]; ok {
		return c
	}
	return s
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// years says an age that is a bare number in years.
func years(age string) string {
	if age != "" && strings.Trim(age, "0123456789") == "" {
		return age + " years"
	}
	return age
}

package booking

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Calendar is the appointment as an iCalendar file (RFC 5545), for "add to my
// calendar": it names the practice and the time, not the reason. Times are in
// UTC, so that no calendar can get a change of the clocks wrong.
func Calendar(v View, practice string) []byte {
	stamp := func(t time.Time) string { return t.UTC().Format("20060102T150405Z") }
	method, status := "PUBLISH", "CONFIRMED"
	if v.Status == "cancelled" {
		method, status = "CANCEL", "CANCELLED"
	}
	var b strings.Builder
	for _, l := range []string{
		"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Heartwood//Appointments//EN", "METHOD:" + method,
		"BEGIN:VEVENT",
		"UID:" + v.Appointment.ID + "@heartwood.example",
		"DTSTAMP:" + stamp(v.Start),
		"DTSTART:" + stamp(v.Start),
		"DTEND:" + stamp(v.End),
		"SUMMARY:" + icsText("Appointment, "+practice),
		"DESCRIPTION:" + icsText(strings.TrimSpace(sayHow(v.Mode))),
		"STATUS:" + status,
		"BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT2H", "DESCRIPTION:" + icsText("Appointment, "+practice), "END:VALARM",
		"END:VEVENT", "END:VCALENDAR",
	} {
		fold(&b, l)
	}
	return []byte(b.String())
}

// icsText escapes a value (RFC 5545 section 3.3.11) and drops control
// characters, so that no value can begin a line of its own.
func icsText(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\\' || r == ';' || r == ',':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r < ' ' || r == 0x7f || r == utf8.RuneError:
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// fold writes a line of at most 75 octets, going on after a space (section 3.1).
func fold(b *strings.Builder, line string) {
	room := 75
	for _, r := range line {
		if n := utf8.RuneLen(r); n > room {
			b.WriteString("\r\n ")
			room = 74 - n
		} else {
			room -= n
		}
		b.WriteRune(r)
	}
	b.WriteString("\r\n")
}

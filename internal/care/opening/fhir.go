package opening

import (
	"strconv"
	"strings"
	"time"

	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/words"
)

var weekdays = map[string]time.Weekday{
	"sun": time.Sunday, "mon": time.Monday, "tue": time.Tuesday,
	"wed": time.Wednesday, "thu": time.Thursday, "fri": time.Friday, "sat": time.Saturday,
}

// FromFHIR reads hours from a HealthcareService: availableTime, and
// notAvailable for days on which the practice is closed. Bank holidays of
// England are closed unless availabilityExceptions says "open on bank
// holidays".
func FromFHIR(r *fhir.Resource) (Hours, error) {
	h := Hours{Closed: map[string]bool{}, Holidays: !strings.Contains(strings.ToLower(r.Get("availabilityExceptions").Str()), "open on bank holidays")}
	n := 0
	for a := range r.Get("availableTime").Items() {
		span := Span{0, 24 * 60}
		if !a.Get("allDay").True() {
			from, ok := minutes(a.Get("availableStartTime").Str())
			to, ok2 := minutes(a.Get("availableEndTime").Str())
			if !ok || !ok2 || from >= to {
				return Hours{}, fault.At(fault.Invalid, a.Path(), "An opening time needs a start and a later end.")
			}
			span = Span{from, to}
		}
		for d := range a.Get("daysOfWeek").Items() {
			w, ok := weekdays[d.Str()]
			if !ok {
				return Hours{}, fault.At(fault.Invalid, d.Path(), "A day of the week is mon, tue, wed, thu, fri, sat or sun.")
			}
			h.Week[w] = insert(h.Week[w], span)
			n++
		}
	}
	if n == 0 {
		return Hours{}, fault.At(fault.Invalid, "HealthcareService.availableTime", "The practice has no opening times.")
	}
	for a := range r.Get("notAvailable").Items() {
		if err := h.close(a); err != nil {
			return Hours{}, err
		}
	}
	return h, nil
}

func (h Hours) close(a fhir.Node) error {
	from, ok := words.Birth(first10(a.Get("during", "start").Str()))
	to, ok2 := words.Birth(first10(a.Get("during", "end").Str()))
	if !ok || !ok2 || to.Before(from) || to.Sub(from) > 366*24*time.Hour {
		return fault.At(fault.Invalid, a.Path()+".during", "A closure needs a start date and an end date within a year.")
	}
	for i := 0; ; i++ {
		d := noon(from, i)
		if d.After(to.Add(24 * time.Hour)) {
			return nil
		}
		if date := d.Format("2006-01-02"); date <= to.Format("2006-01-02") {
			h.Closed[date] = true
		}
	}
}

func first10(s string) string { return s[:min(len(s), 10)] }

// minutes reads a FHIR time, "08:00:00".
func minutes(s string) (int, bool) {
	if len(s) != 8 || s[2] != ':' || s[5] != ':' {
		return 0, false
	}
	h, err := strconv.ParseUint(s[:2], 10, 8)
	m, err2 := strconv.ParseUint(s[3:5], 10, 8)
	return int(h*60 + m), err == nil && err2 == nil && h <= 24 && m < 60 && h*60+m <= 24*60
}

// insert keeps a day's spans in order.
func insert(spans []Span, s Span) []Span {
	i := 0
	for i < len(spans) && spans[i].From < s.From {
		i++
	}
	return append(spans[:i], append([]Span{s}, spans[i:]...)...)
}

package demo

import "time"

// workingDays is how far ahead the diaries are open.
const workingDays = 14

// mode is how an appointment is held, in UK Core's DeliveryChannel codes.
type mode string

const (
	inPerson  mode = "In-person"
	telephone mode = "Telephone"
	video     mode = "Video"
)

// session is part of a clinician's day: from and to in minutes after midnight,
// how long each time in it is, and how the times are held in turn.
type session struct {
	from, to, length int
	modes            []mode
}

// sessions are the hours of a working day, by service.
var sessions = map[string][]session{
	"gp": {
		{8*60 + 30, 11*60 + 30, 10, []mode{telephone, telephone, inPerson, inPerson, inPerson, video}},
		{14 * 60, 17 * 60, 10, []mode{inPerson, inPerson, telephone, inPerson}},
	},
	"nurse": {
		{8*60 + 30, 12 * 60, 15, []mode{inPerson}},
		{13*60 + 30, 16 * 60, 15, []mode{inPerson, inPerson, telephone}},
	},
	"pharmacist": {
		{9 * 60, 12 * 60, 15, []mode{telephone, telephone, video}},
	},
}

// diary writes a Schedule for each clinician and its Slots: fewer free ones
// the sooner they are.
func (w *writer) diary() {
	p := w.practice
	days := p.net.openDays(workingDays)
	for n, s := range p.Staff() {
		if s.service == "" {
			continue
		}
		id := p.local("diary-" + s.post)
		w.begin("Schedule", id)
		w.raw(`,"active":true,"serviceType":[`)
		w.conceptOf(ServiceSystem, s.service, serviceName(s.service))
		w.raw(`],"actor":[{"reference":"Practitioner/` + s.ID + `"`)
		w.str("display", s.Name)
		w.raw(`},`)
		w.reference("PractitionerRole", s.RoleID)
		w.raw(",")
		w.reference("Location", p.local("site"))
		w.raw(`],"planningHorizon":{"start":"` + p.net.day.AddDate(0, 0, -pastDays).Format(time.DateOnly) + `"`)
		w.day("end", days[len(days)-1])
		w.raw(`}`)
		w.end()
		r := p.net.random("diary "+string(p.ODS), n)
		for d, day := range days {
			busy := .8 - .7*float64(d)/float64(len(days))
			if w.stopped {
				return
			}
			for _, session := range sessions[s.service] {
				for k, at := 0, session.from; at < session.to; k, at = k+1, at+session.length {
					start := time.Date(day.Year(), day.Month(), day.Day(), 0, at, 0, 0, p.net.london)
					status := "free"
					if r.Float64() < busy {
						status = "busy"
					}
					w.slot(&s, session.modes[k%len(session.modes)], status, start, session.length)
				}
			}
		}
	}
}

const categorySystem = ownBase + "national-slot-category"

// categories are the national slot categories of what each service does.
var categories = map[string]string{
	"gp": "General Consultation Routine", "nurse": "Planned Clinics", "pharmacist": "Structured Medication Review",
}

func (w *writer) slot(of *Staff, m mode, status string, start time.Time, minutes int) {
	w.begin("Slot", w.slotID(of, start))
	w.raw(`,"extension":[`)
	w.channel(m)
	w.raw(`]`)
	w.timeKind(of.service)
	w.ref("schedule", "Schedule", w.practice.local("diary-"+of.post))
	w.str("status", status)
	w.instant("start", start)
	w.instant("end", start.Add(time.Duration(minutes)*time.Minute))
	w.end()
}

func (w *writer) slotID(of *Staff, start time.Time) string {
	return w.practice.local("slot-" + of.post + start.Format("-0102-1504"))
}

// channel writes how a time is held, as UK Core has it, with the word of our
// own for a visit, which UK Core has none for.
func (w *writer) channel(m mode) {
	code := m
	if m == atHome {
		code = inPerson
	}
	w.raw(`{"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DeliveryChannel","valueCodeableConcept":{"coding":[`)
	w.coding("https://fhir.hl7.org.uk/CodeSystem/UKCore-DeliveryChannel", string(code), "")
	if m == atHome {
		w.raw(`,`)
		w.coding(ownBase+"appointment-mode", string(m), "home visit")
	}
	w.raw(`]}}`)
}

// timeKind writes what a time of a service, or an appointment in it, is.
func (w *writer) timeKind(service string) {
	w.raw(`,"serviceCategory":[`)
	w.conceptOf(categorySystem, categories[service], categories[service])
	w.raw(`],"serviceType":[`)
	w.conceptOf(ServiceSystem, service, serviceName(service))
	w.raw(`]`)
}

func serviceName(code string) string {
	for _, s := range services {
		if s.code == code {
			return s.display
		}
	}
	return code
}

// openDays are the next days from today, today included, that a practice in
// England is open on.
func (n *Network) openDays(count int) []time.Time {
	var days []time.Time
	for d := n.day; len(days) < count; d = d.AddDate(0, 0, 1) {
		if open(d) {
			days = append(days, d)
		}
	}
	return days
}

// pastDays are the days of the past weeks that a practice was open on, the
// earliest first.
func (n *Network) pastDays() []time.Time {
	var days []time.Time
	for back := pastDays; back > 0; back-- {
		if d := n.day.AddDate(0, 0, -back); open(d) {
			days = append(days, d)
		}
	}
	return days
}

// open tells whether a practice in England is open on a day.
func open(d time.Time) bool {
	wd := d.Weekday()
	return wd != time.Saturday && wd != time.Sunday && !bankHoliday(d)
}

// bankHoliday tells whether a weekday is one of England's eight bank holidays
// (Banking and Financial Dealings Act 1971, schedule 1, and the proclamations
// that have followed it every year), without one-off ones.
func bankHoliday(d time.Time) bool {
	easter := easterSunday(d.Year())
	day, wd := d.Day(), d.Weekday()
	switch {
	case sameDay(d, easter.AddDate(0, 0, -2)), sameDay(d, easter.AddDate(0, 0, 1)):
		return true
	case wd == time.Monday && d.Month() == time.May:
		return day <= 7 || day > 24
	case wd == time.Monday && d.Month() == time.August:
		return day > 24
	case d.Month() == time.January:
		return day == 1 || wd == time.Monday && day <= 3
	case d.Month() == time.December:
		return day == 25 || day == 26 || (wd == time.Monday || wd == time.Tuesday) && (day == 27 || day == 28)
	}
	return false
}

func sameDay(a, b time.Time) bool { return a.Month() == b.Month() && a.Day() == b.Day() }

// easterSunday is by the anonymous Gregorian rule (Nature, 20 April 1876).
func easterSunday(y int) time.Time {
	a, b, c := y%19, y/100, y%100
	d, e := b/4, b%4
	f := (b + 8) / 25
	g := (b - f + 1) / 3
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	month, day := (h+l-7*m+114)/31, (h+l-7*m+114)%31+1
	return time.Date(y, time.Month(month), day, 0, 0, 0, 0, time.UTC)
}

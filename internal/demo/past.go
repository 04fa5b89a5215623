package demo

import (
	"math"
	"math/rand/v2"
	"time"
)

// The requests of the past weeks, closed, so that a practice has something to
// measure and rehearse with. Sources: how many and when, demand-numbers
// sections 2 to 5 (NHS England, online consultation and telephony, February
// 2026): a weekday's share of the week and the share of a day in each two
// hours; kinds, the GP Patient Survey 2026; how soon they are answered, the
// median of 160 minutes and 87% on the same day that askmyGP states (a
// vendor's figure). Words, owners and outcomes are made up.

const (
	// pastDays are days before today: the four weeks that a report is about, and
	// the four before that it is compared with.
	pastDays = 56
	// pastRate is requests for each 1,000 patients and working day that reach
	// the queue: calls and forms are 34 in the median practice, of which a
	// third end in the menu or are asked and answered at once.
	pastRate = 22
)

// pastWeekday is the share of the week that comes on each working day.
var pastWeekday = [7]float64{time.Monday: .262, time.Tuesday: .198, time.Wednesday: .184, time.Thursday: .179, time.Friday: .177}

// pastHours are the shares of a day by when they come: from, to, web, phone.
var pastHours = []struct {
	from, to   int // hours
	web, phone float64
}{
	{6, 8, .033, 0}, {8, 10, .385, .32}, {10, 12, .207, .23}, {12, 14, .143, .17}, {14, 16, .122, .17}, {16, 18, .083, .11}, {18, 24, .027, 0},
}

// pastWeb is the share of requests that come online, by practice.
var pastWeb = [3]float64{.58, .36, .30}

// pastAsk is what people ask, what becomes of it and who deals with it.
type pastAsk struct {
	weight         float64
	kind, what     string
	from, to       int    // ages
	with           string // triage, usual, gp, nurse-1, pharmacist-1, admin
	outcome, label string
	told           string
	urgent         bool
}

var pastAsks = []pastAsk{
	{7, "new-problem", "A cough that has gone on for two weeks. I bring up a little clear phlegm.", 2, 100, "gp", "consultation", "Consultation done", "We spoke today. Come back if it is no better in a week.", false},
	{6, "new-problem", "A sore throat and a blocked nose for three days.", 2, 60, "pharmacist-1", "advice", "Advice given", "This should go by itself. Rest, drink, and take paracetamol if you need to.", false},
	{5, "new-problem", "A rash on my arms that itches at night.", 1, 100, "gp", "appointment", "Appointment booked", "We have booked an appointment for you.", false},
	{4, "new-problem", "Burning when I pass water since yesterday.", 16, 100, "pharmacist-1", "prescription", "Prescription issued", "There is a prescription at your pharmacy. Tell us if you are no better in two days.", true},
	{4, "new-problem", "My ear hurts and I cannot hear well on that side.", 1, 70, "gp", "appointment", "Appointment booked", "We have booked an appointment for you.", false},
	{3, "new-problem", "My ankle is swollen after I slipped on the stairs.", 8, 80, "nurse-1", "signposted", "Directed to another service", "Please go to the minor injuries unit today.", true},
	{3, "new-problem", "A fever and a cough. She is drinking but tired.", 1, 9, "gp", "consultation", "Consultation done", "We saw you today. Call 111 if you are worried at night.", true},
	{3, "new-problem", "I have had a headache most days for three weeks.", 14, 80, "usual", "appointment", "Appointment booked", "We have booked an appointment for you.", false},
	{7, "existing-problem", "My back pain has come back and I cannot sit for long.", 18, 90, "usual", "consultation", "Consultation done", "We spoke today. You have been referred for physiotherapy.", false},
	{5, "existing-problem", "I feel low again and I am not sleeping. I am safe.", 16, 90, "usual", "appointment", "Appointment booked", "We have booked an appointment for you.", false},
	{4, "existing-problem", "My asthma is worse and I use my blue inhaler every day.", 6, 80, "nurse-1", "appointment", "Appointment booked", "We have booked an asthma check for you.", true},
	{4, "existing-problem", "My knee is worse on the stairs.", 45, 100, "usual", "referred", "Referred", "We have asked the physiotherapists to see you.", false},
	{4, "existing-problem", "My blood pressure at home was 150 over 95 this week.", 40, 100, "nurse-1", "tests", "Tests arranged", "Please come in for a blood pressure check and a blood test.", false},
	{9, "medicine", "Please can I have my repeat prescription early. I go away on Friday.", 18, 100, "pharmacist-1", "prescription", "Prescription issued", "Your prescription has gone to your pharmacy.", false},
	{4, "medicine", "The new tablets make me feel sick. Should I stop them?", 18, 100, "pharmacist-1", "advice", "Advice given", "We have changed your tablets. Take them with food.", false},
	{3, "medicine", "My pharmacy has none of my tablets. What can I take instead?", 18, 100, "pharmacist-1", "prescription", "Prescription issued", "We have sent a prescription for another make.", false},
	{8, "test-result", "I had blood tests last week and would like the result.", 18, 100, "gp", "advice", "Advice given", "Your results are normal. You do not need to do anything.", false},
	{2, "fit-note", "My note ends this week and I am still not fit to work.", 18, 66, "usual", "fit-note", "Fit note issued", "Your fit note is in your account.", false},
	{3, "fit-note", "I need a note for work. I have had flu for nine days.", 18, 66, "gp", "fit-note", "Fit note issued", "Your fit note is in your account.", false},
	{4, "admin", "Please change my address and phone number.", 16, 100, "admin", "admin", "Paperwork done", "We have changed your details.", false},
	{3, "admin", "My insurance company wants a letter about my operation.", 18, 90, "admin", "admin", "Paperwork done", "Your letter is ready at the desk.", false},
	{4, "admin", "What has happened with my referral to the hospital?", 16, 100, "admin", "admin", "Paperwork done", "The hospital has your referral. It will write to you.", false},
}

var pastTotal = func() (sum float64) {
	for _, a := range pastAsks {
		sum += a.weight
	}
	return sum
}()

// requests writes what the person asked in the past weeks, each answered.
func (w *writer) requests(c *chart) {
	n := w.practice.net
	r := n.random("asked", c.one.number)
	mean := pastRate / 1000. * float64(pastDays) * 5 / 7 * c.needs()
	for range poisson(r, mean) {
		web := r.Float64() < pastWeb[w.practice.index%3]-.25*float64(max(0, c.one.age-70))/30
		if at, ok := n.asked(r, web); ok {
			w.past(c, r, pickPast(r, c.one.age), web, at)
		}
	}
}

// needs is how often somebody needs the practice, where the others' mean is
// about 1.
func (c *chart) needs() float64 { return (.6 + .35*float64(len(c.condition))) / 1.1 }

// poisson draws how many, by Knuth's method: the mean is small.
func poisson(r *rand.Rand, mean float64) int {
	n, p := 0, math.Exp(-mean)
	for left := r.Float64(); left > p && n < 12; n++ {
		left *= r.Float64()
	}
	return n
}

// asked draws when somebody asks; ok is false on a day that is not open.
func (n *Network) asked(r *rand.Rand, web bool) (at time.Time, ok bool) {
	var day time.Time
	for range 50 {
		day = n.day.AddDate(0, 0, -1-r.IntN(pastDays))
		if r.Float64()*.262 < pastWeekday[day.Weekday()] {
			break
		}
	}
	if !open(day) {
		return time.Time{}, false
	}
	left := r.Float64()
	for _, h := range pastHours {
		share := h.phone
		if web {
			share = h.web
		}
		if left -= share; left < 0 {
			u := r.Float64()
			if h.from == 8 { // the rush is at the beginning
				u *= r.Float64()
			}
			minute := h.from*60 + int(u*float64(60*(h.to-h.from)))
			return time.Date(day.Year(), day.Month(), day.Day(), 0, minute, r.IntN(60), 0, n.london), true
		}
	}
	return time.Date(day.Year(), day.Month(), day.Day(), 9, r.IntN(60), 0, 0, n.london), true
}

func pickPast(r *rand.Rand, age int) pastAsk {
	for {
		left := r.Float64() * pastTotal
		for _, a := range pastAsks {
			if left -= a.weight; left < 0 {
				if age >= a.from && age <= a.to {
					return a
				}
				break
			}
		}
		if age < 1 {
			return pastAsk{1, "new-problem", "She has a blocked nose and feeds less than usual.", 0, 0, "gp", "consultation", "Consultation done", "We saw her today.", true}
		}
	}
}

// Core hours, in minutes of the day.
const opens, closes = 8 * 60, 18*60 + 30

// working is t moved on by minutes of opening time.
func (n *Network) working(t time.Time, minutes int) time.Time {
	for {
		y, m, d := t.Date()
		from := time.Date(y, m, d, 0, opens, 0, 0, n.london)
		to := time.Date(y, m, d, 0, closes, 0, 0, n.london)
		if t.Before(from) {
			t = from
		}
		if open(t) && t.Before(to) {
			if left := int(to.Sub(t) / time.Minute); minutes <= left {
				return t.Add(time.Duration(minutes) * time.Minute)
			} else {
				minutes -= left
			}
		}
		t = time.Date(y, m, d+1, 0, opens, 0, 0, n.london)
	}
}

// clock is by when a request had to be answered.
func (n *Network) clock(at time.Time, urgent bool) time.Time {
	first := n.working(at, 0)
	y, m, d := first.Date()
	end := time.Date(y, m, d, 0, closes, 0, 0, n.london)
	if urgent || at.Before(first) {
		return end
	}
	y, m, d = n.working(end, 1).Date()
	return time.Date(y, m, d, 0, closes, 0, 0, n.london)
}

package reconcile

import (
	"cmp"
	"slices"
	"time"
)

// Form is one form as the door took it in.
type Form struct {
	Response  string // "QuestionnaireResponse/…"
	Reference string
	Channel   string
	Time      time.Time
}

// Line is one request as the ledger has it.
type Line struct {
	Request   string // "Task/…"
	Response  string // the form it came from
	Reference string
	Channel   string
	Since     time.Time
	Status    string // Task.status
	Outcome   string
	PartOf    string // the request it was split from, "" for none
	Door      string // what it says of where the doors' own log has it
	Told      bool   // the person was told the outcome, in words
	Messaged  bool   // a message of the request is there to show it
	Patient   bool   // it is known whose it is
	Owned     bool   // it has an owner
	Clocked   bool   // it has a time by which it is answered
}

// channels are the rows that are always there, in order.
var channels = []string{"web", "phone", "desk", "email", "sms", "practice"}

func (l Line) answered() bool { return l.Status == "completed" }

// Balance is pure. In is what the door took; answered and open are what the
// ledger says; a form and its request are matched one by one, and whatever is
// left over, or is neither answered nor open, is a difference.
func Balance(door []Form, ledger []Line) Report {
	var r Report
	rows := map[string]*Row{}
	row := func(channel string) *Row {
		if rows[channel] == nil {
			rows[channel] = &Row{Channel: channel}
		}
		return rows[channel]
	}
	for _, c := range channels {
		row(c)
	}
	lines := map[string][]Line{}
	for _, l := range ledger {
		if l.PartOf == "" { // what was split off came with another
			lines[l.Response] = append(lines[l.Response], l)
		}
	}
	forms := map[string]bool{}
	for _, f := range door {
		row(f.Channel).In++
		forms[f.Response] = true
		switch ls := lines[f.Response]; len(ls) {
		case 0:
			r.differ(Difference{Response: f.Response, Reference: f.Reference, Channel: f.Channel, What: "The form came in and no request was made of it."})
		case 1:
		default:
			for _, l := range ls[1:] {
				r.differ(Difference{Response: f.Response, Request: l.Request, Reference: l.Reference, Channel: f.Channel, What: "One form has more than one request."})
			}
		}
	}
	for _, l := range ledger {
		if l.PartOf != "" {
			row(l.Channel).Split++
		}
		if l.answered() {
			row(l.Channel).Answered++
			if l.shown() {
				row(l.Channel).Told++
			}
		} else {
			row(l.Channel).Open++
			if r.Oldest.IsZero() || l.Since.Before(r.Oldest) {
				r.Oldest = l.Since
			}
		}
		for _, what := range l.wrong(forms[l.Response]) {
			r.differ(Difference{Response: l.Response, Request: l.Request, Reference: l.Reference, Channel: l.Channel, What: what})
		}
	}
	r.total(rows)
	return r
}

// shown tells whether there is proof that the person was told the outcome. Who
// is not known has no message, only the words; what was answered elsewhere and
// brought in has neither here.
func (l Line) shown() bool {
	brought := l.Door == "" && l.PartOf == ""
	return brought || l.Told && (l.Messaged || !l.Patient)
}

// wrong lists what does not add up about one request.
func (l Line) wrong(hasForm bool) []string {
	var out []string
	if !hasForm {
		out = append(out, "The request is in the ledger and its form is not.")
	}
	switch l.Status {
	case "requested", "accepted", "in-progress":
		if !l.Owned {
			out = append(out, "The request has no owner.")
		}
		if !l.Clocked {
			out = append(out, "The request has no time by which it is answered.")
		}
	case "completed":
		if l.Outcome == "" {
			out = append(out, "The request is closed without an outcome.")
		}
		if !l.shown() {
			out = append(out, "The request is closed and nothing shows that the person was told.")
		}
	default:
		out = append(out, "The request ended without being answered: "+cmp.Or(l.Status, "it has no status")+".")
	}
	return out
}

func (r *Report) differ(d Difference) { r.Differences = append(r.Differences, d) }

func (r *Report) total(rows map[string]*Row) {
	r.Total.Channel = "all"
	for _, c := range channels {
		r.Channels = append(r.Channels, *rows[c])
		delete(rows, c)
	}
	var others []Row
	for _, x := range rows {
		others = append(others, *x)
	}
	slices.SortFunc(others, func(a, b Row) int { return cmp.Compare(a.Channel, b.Channel) })
	r.Channels = append(r.Channels, others...)
	for _, x := range r.Channels {
		r.Total.In += x.In
		r.Total.Answered += x.Answered
		r.Total.Open += x.Open
		r.Total.Split += x.Split
		r.Total.Told += x.Told
	}
	slices.SortStableFunc(r.Differences, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(a.Response, b.Response), cmp.Compare(a.Request, b.Request))
	})
}

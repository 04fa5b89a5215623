package request

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heartwood/internal/care"
	"heartwood/internal/care/opening"
	"heartwood/internal/care/triage"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
	"heartwood/internal/record"
	"heartwood/internal/words"
)

func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, words.London)
	if err != nil {
		panic(err)
	}
	return t
}

var (
	monday    = at("2026-11-23 10:00")
	navigator = record.Author{Ref: "Practitioner/nav", Role: care.RoleNavigator}
	clinician = record.Author{Ref: "Practitioner/gp", Role: care.RoleClinician}
	patient   = record.Author{Ref: "Patient/p1", Role: care.RolePatient}
)

func fresh(u Urgency, s State) View {
	r := View{
		ID: "t1", Patient: "Patient/p1", Urgency: u, State: s, Since: monday, Owner: triageTeam,
		AnswerBy: u.Promise(opening.Core(), monday),
	}
	if s == Closed {
		r.Outcome, r.Told = AdviceGiven, "rest"
	}
	return r
}

func TestDecide(t *testing.T) {
	hazard.Covers(t, "H-002")
	hazard.Covers(t, "H-010")
	later := monday.Add(time.Hour)
	flag := []triage.Finding{{Rule: "RF-001", Level: triage.Emergency}}
	for _, c := range []struct {
		what  string
		r     View
		by    record.Author
		cmd   Command
		kind  fault.Kind // of the refusal
		where string
		state State
		u     Urgency
		by2   string // the promise afterwards
	}{
		{what: "a navigator confirms", r: fresh(Routine, Received), by: navigator, cmd: Confirm{Urgency: Routine}, state: Accepted, u: Routine, by2: "2026-11-24 18:30"},
		{what: "a navigator raises", r: fresh(Routine, Received), by: navigator, cmd: Confirm{Urgency: Prompt}, state: Accepted, u: Prompt, by2: "2026-11-23 18:30"},
		{what: "raised while being worked on", r: fresh(Prompt, Working), by: navigator, cmd: Confirm{Urgency: Asap}, state: Working, u: Asap, by2: "2026-11-23 13:00"},
		{what: "a navigator cannot lower", r: fresh(Stat, Received), by: navigator, cmd: Confirm{Urgency: Routine, Reason: "seems fine"}, kind: fault.Forbidden, where: "urgency"},
		{what: "a clinician lowers with a reason", r: fresh(Stat, Received), by: clinician, cmd: Confirm{Urgency: Routine, Reason: "rang: old pain"}, state: Accepted, u: Routine, by2: "2026-11-24 18:30"},
		{what: "a clinician without a reason", r: fresh(Prompt, Received), by: clinician, cmd: Confirm{Urgency: Routine, Reason: " "}, kind: fault.Invalid, where: "reason"},
		{what: "no such urgency", r: fresh(Routine, Received), by: clinician, cmd: Confirm{Urgency: 9}, kind: fault.Invalid, where: "urgency"},
		{what: "a patient cannot triage", r: fresh(Routine, Received), by: patient, cmd: Confirm{Urgency: Stat}, kind: fault.Forbidden},
		{what: "assigned", r: fresh(Prompt, Received), by: navigator, cmd: Assign{To: Owner{"Practitioner/gp", "Dr Test"}}, state: Received, u: Prompt, by2: "2026-11-23 18:30"},
		{what: "assigned to a patient", r: fresh(Prompt, Received), by: navigator, cmd: Assign{To: Owner{"Patient/p1", ""}}, kind: fault.Invalid, where: "owner"},
		{what: "assigned to nobody", r: fresh(Prompt, Received), by: navigator, cmd: Assign{}, kind: fault.Invalid, where: "owner"},
		{what: "started", r: fresh(Routine, Accepted), by: clinician, cmd: Start{}, state: Working, u: Routine, by2: "2026-11-24 18:30"},
		{what: "waiting for the patient keeps a clock", r: fresh(Routine, Working), by: clinician, cmd: Await{For: "a photo"}, state: WithPatient, u: Routine, by2: "2026-11-30 18:30"},
		{what: "the patient replies", r: fresh(Routine, WithPatient), by: patient, cmd: Returned{}, state: Received, u: Routine, by2: "2026-11-24 18:30"},
		{what: "the patient replies with a red flag", r: fresh(Routine, WithPatient), by: patient, cmd: Returned{Findings: flag}, state: Received, u: Stat, by2: "2026-11-23 11:00"},
		{what: "the patient replies to a closed request", r: fresh(Prompt, Closed), by: patient, cmd: Returned{}, state: Received, u: Prompt, by2: "2026-11-23 18:30"},
		{what: "closed", r: fresh(Prompt, Working), by: clinician, cmd: Close{Outcome: AdviceGiven, Told: "Rest and drink."}, state: Closed, u: Prompt, by2: "2026-11-23 18:30"},
		{what: "closed without an outcome", r: fresh(Prompt, Working), by: clinician, cmd: Close{Told: "Rest."}, kind: fault.Invalid, where: "outcome"},
		{what: "closed with an outcome of no list", r: fresh(Prompt, Working), by: clinician, cmd: Close{Outcome: "bored", Told: "x"}, kind: fault.Invalid, where: "outcome"},
		{what: "closed without telling", r: fresh(Prompt, Working), by: clinician, cmd: Close{Outcome: AdviceGiven, Told: " \n"}, kind: fault.Invalid, where: "told"},
		{what: "closed by the patient", r: fresh(Prompt, Working), by: patient, cmd: Close{Outcome: Withdrawn, Told: "x"}, kind: fault.Forbidden},
		{what: "closed twice", r: fresh(Prompt, Closed), by: clinician, cmd: Close{Outcome: AdviceGiven, Told: "x"}, kind: fault.Refused},
		{what: "triaged when closed", r: fresh(Prompt, Closed), by: clinician, cmd: Confirm{Urgency: Stat}, kind: fault.Refused},
		{what: "reopened", r: fresh(Prompt, Closed), by: navigator, cmd: Reopen{Reason: "rang again"}, state: Received, u: Prompt, by2: "2026-11-23 18:30"},
		{what: "reopened without a reason", r: fresh(Prompt, Closed), by: navigator, cmd: Reopen{}, kind: fault.Invalid, where: "reason"},
		{what: "reopened when open", r: fresh(Prompt, Working), by: navigator, cmd: Reopen{Reason: "x"}, kind: fault.Refused},
		{what: "moved to another patient without a reason", r: fresh(Prompt, Received), by: navigator, cmd: Match{Patient: "Patient/p2"}, kind: fault.Invalid, where: "reason"},
		{what: "matched to a doctor", r: fresh(Prompt, Received), by: navigator, cmd: Match{Patient: "Practitioner/gp"}, kind: fault.Invalid, where: "patient"},
	} {
		d, err := Decide(c.r, c.by, c.cmd, later, opening.Core())
		if c.state == "" {
			f := fault.From(err)
			if err == nil || f.Kind != c.kind {
				t.Errorf("%s: got %v, want %v", c.what, err, c.kind)
			} else if c.where != "" && !strings.Contains(f.Where, c.where) {
				t.Errorf("%s: the fault is at %q", c.what, f.Where)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.what, err)
			continue
		}
		if n := d.Next; n.State != c.state || n.Urgency != c.u || !n.AnswerBy.Equal(at(c.by2)) {
			t.Errorf("%s: got %s, %s, by %s", c.what, n.State, n.Urgency.Priority(), n.AnswerBy)
		}
	}
}

// Whatever anybody does in whatever order, a request is in exactly one state,
// has an owner and a clock, is closed only with an outcome and words for the
// patient, and its urgency falls only by a clinician who says why.
func TestNoSequenceLosesARequest(t *testing.T) {
	hazard.Covers(t, "H-001")
	authors := []record.Author{navigator, clinician, patient, {Ref: "Practitioner/m", Role: care.RoleManager}}
	urgencies := []Urgency{0, Routine, Prompt, Asap, Stat, 7}
	texts := []string{"", " ", "because"}
	rapid.Check(t, func(t *rapid.T) {
		r, now := fresh(rapid.SampledFrom(urgencies[1:5]).Draw(t, "urgency"), Received), monday
		for range rapid.IntRange(1, 30).Draw(t, "length") {
			now = now.Add(time.Duration(rapid.IntRange(0, 5000).Draw(t, "minutes")) * time.Minute)
			text := rapid.SampledFrom(texts).Draw(t, "text")
			owner := Owner{Ref: rapid.SampledFrom([]string{"", "Practitioner/gp", "CareTeam/x", "Patient/p1", "nonsense"}).Draw(t, "owner")}
			cmd := []Command{
				Confirm{rapid.SampledFrom(urgencies).Draw(t, "to"), text},
				Assign{owner, text},
				Start{owner},
				Await{text},
				Returned{What: text, Findings: []triage.Finding{{Level: triage.Level(rapid.IntRange(0, 2).Draw(t, "level"))}}},
				Close{Outcome: rapid.SampledFrom(append([]Outcome{"", "x"}, Outcomes...)).Draw(t, "outcome"), Told: text},
				Reopen{text},
				Match{Patient: "Patient/p2", Reason: text},
				Spoke{},
				Snooze{now.Add(time.Duration(rapid.IntRange(-10, 1000).Draw(t, "hours")) * time.Hour), text, rapid.Bool().Draw(t, "past")},
				Wake{},
				Escalate{owner, rapid.SampledFrom(urgencies).Draw(t, "up"), text},
				Take{owner},
				Split{What: text, To: owner, Urgency: rapid.SampledFrom(urgencies).Draw(t, "part"), Reason: text},
				Mute{text},
				Unmute{},
			}[rapid.IntRange(0, 15).Draw(t, "command")]
			by := rapid.SampledFrom(authors).Draw(t, "by")
			d, err := Decide(r, by, cmd, now, opening.Core())
			if err != nil {
				continue
			}
			n := d.Next
			if states[n.State][0] == "" || !mayOwn(n.Owner.Ref) || n.AnswerBy.IsZero() || n.Since != r.Since || n.ID != r.ID || d.What == "" {
				t.Fatalf("%T left %+v", cmd, n)
			}
			if (n.State == Closed) != (n.Outcome.Label() != "" && n.Told != "") {
				t.Fatalf("%T left state %s with outcome %q, told %q", cmd, n.State, n.Outcome, n.Told)
			}
			if c, ok := cmd.(Confirm); n.Urgency < r.Urgency && (!ok || by.Role != care.RoleClinician || strings.TrimSpace(c.Reason) == "") {
				t.Fatalf("%T by %s lowered the urgency", cmd, by.Role)
			}
			if p := d.Part; p != nil {
				if p.State != Accepted || !mayOwn(p.Owner.Ref) || p.AnswerBy.IsZero() || p.Since != r.Since || p.PartOf != r.ID {
					t.Fatalf("split off %+v", p)
				}
				if p.Urgency < n.Urgency && (by.Role != care.RoleClinician || strings.TrimSpace(text) == "") {
					t.Fatalf("a part was made less urgent by %s", by.Role)
				}
			}
			switch cmd.(type) {
			case Mute, Unmute:
				if n.State != r.State || !n.AnswerBy.Equal(r.AnswerBy) && !r.AnswerBy.IsZero() || n.Muted == r.Muted || n.Muted != (n.MutedWhy != "") {
					t.Fatalf("%T left %+v", cmd, n)
				}
			}
			if s, ok := cmd.(Snooze); n.AnswerBy.After(r.AnswerBy) && ok && (by.Role != care.RoleClinician || !s.Past) {
				t.Fatalf("%s put off a promise", by.Role)
			}
			if n.Asleep(now) && (n.Urgency == Stat || n.Snoozed.After(n.AnswerBy) || strings.TrimSpace(n.SnoozedWhy) == "") {
				t.Fatalf("%T left it asleep: %+v", cmd, n)
			}
			r = n
		}
	})
}

func TestReference(t *testing.T) {
	for range 1000 {
		r := newReference()
		if got, ok := ParseReference(strings.ToLower(strings.ReplaceAll(r, "-", " "))); !ok || got != r {
			t.Fatalf("%s was read as %q", r, got)
		}
		// One letter wrong, or two swapped, is found.
		b := []byte(r)
		for i := 3; i < len(b)-1; i++ {
			if b[i] == '-' || b[i+1] == '-' || b[i] == b[i+1] || i+1 == len(b)-1 {
				continue
			}
			b[i], b[i+1] = b[i+1], b[i]
			if got, ok := ParseReference(string(b)); ok {
				t.Fatalf("%s with two swapped was read as %s", r, got)
			}
			b[i], b[i+1] = b[i+1], b[i]
		}
	}
	for _, bad := range []string{"", "HW-", "HW-0000-000", "HW-7K3M-92X!", "7K3M"} {
		if _, ok := ParseReference(bad); ok {
			t.Errorf("%q was read", bad)
		}
	}
}

package request

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heartwood/internal/care"
	"heartwood/internal/care/opening"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
	"heartwood/internal/record"
)

func TestSnooze(t *testing.T) {
	hazard.Covers(t, "H-017")
	h, tomorrow := opening.Core(), at("2026-11-24 09:00")
	for _, c := range []struct {
		what  string
		r     View
		by    record.Author
		cmd   Command
		where string // of the refusal; "-" for one that names no field
		clock string
	}{
		{"within its time", fresh(Routine, Accepted), navigator, Snooze{Until: tomorrow, Reason: "waits for the lab"}, "", "2026-11-24 18:30"},
		{"without a reason", fresh(Routine, Accepted), navigator, Snooze{Until: tomorrow}, "reason", ""},
		{"into the past", fresh(Routine, Accepted), navigator, Snooze{Until: monday.Add(-time.Hour), Reason: "x"}, "until", ""},
		{"for ever", fresh(Routine, Accepted), clinician, Snooze{Until: monday.AddDate(1, 0, 0), Reason: "x", Past: true}, "until", ""},
		{"past its time by a navigator", fresh(Prompt, Accepted), navigator, Snooze{Until: tomorrow, Reason: "x", Past: true}, "until", ""},
		{"past its time by a clinician by mistake", fresh(Prompt, Accepted), clinician, Snooze{Until: tomorrow, Reason: "x"}, "past", ""},
		{"past its time by a clinician who means it", fresh(Prompt, Accepted), clinician, Snooze{Until: tomorrow, Reason: "bloods at 9", Past: true}, "", "2026-11-24 09:00"},
		{"to a Sunday", fresh(Prompt, Accepted), clinician, Snooze{Until: at("2026-11-29 12:00"), Reason: "x", Past: true}, "", "2026-11-30 08:00"},
		{"an emergency", fresh(Stat, Accepted), clinician, Snooze{Until: tomorrow, Reason: "x", Past: true}, "-", ""},
		{"wake what is awake", fresh(Routine, Accepted), navigator, Wake{}, "-", ""},
	} {
		d, err := Decide(c.r, c.by, c.cmd, monday.Add(time.Minute), h)
		switch f := fault.From(err); {
		case c.where == "" && (err != nil || !d.Next.AnswerBy.Equal(at(c.clock)) || d.Next.Snoozed.IsZero()):
			t.Errorf("%s: %v, %+v", c.what, err, d.Next)
		case c.where != "" && (err == nil || c.where != "-" && care.Fields(err)[0].Where != c.where):
			t.Errorf("%s: %v", c.what, f)
		}
	}
}

// What is put aside comes back when the person writes, when it is raised,
// handed up, taken or closed, and else by itself.
func TestASnoozeEnds(t *testing.T) {
	h, now := opening.Core(), monday.Add(time.Minute)
	r := fresh(Routine, Accepted)
	r.Snoozed, r.SnoozedWhy = at("2026-11-24 09:00"), "the lab"
	if !r.Asleep(now) || r.Asleep(r.Snoozed) {
		t.Fatal("it does not wake by itself")
	}
	for _, cmd := range []Command{
		Wake{},
		Returned{What: "the patient replied"},
		Confirm{Urgency: Prompt},
		Start{},
		Await{},
		Escalate{To: Owner{Ref: "Practitioner/gp"}, Reason: "worse"},
		Take{By: Owner{Ref: "Practitioner/gp"}},
	} {
		if d, err := Decide(r, clinician, cmd, now, h); err != nil || d.Next.Asleep(now) {
			t.Errorf("%T leaves it aside: %v", cmd, err)
		}
	}
}

func TestEscalateAndTake(t *testing.T) {
	h, now := opening.Core(), monday.Add(time.Minute)
	up, err := Decide(fresh(Routine, Accepted), navigator, Escalate{To: Owner{"Practitioner/gp", "Dr Test"}, Urgency: Asap, Reason: "looks grey"}, now, h)
	if err != nil || up.Next.Escalated.IsZero() || up.Next.Urgency != Asap || up.Next.Owner.Ref != "Practitioner/gp" || !up.Next.AnswerBy.Equal(at("2026-11-23 12:01")) {
		t.Fatalf("%+v, %v", up.Next, err)
	}
	for _, cmd := range []Command{Take{By: Owner{Ref: clinician.Ref}}, Start{}, Assign{To: Owner{Ref: clinician.Ref}}} {
		if d, err := Decide(up.Next, clinician, cmd, now, h); err != nil || !d.Next.Escalated.IsZero() {
			t.Errorf("%T does not take it: %v", cmd, err)
		}
	}
	for _, bad := range []Escalate{{To: Owner{Ref: "Practitioner/gp"}}, {Reason: "x"}, {To: Owner{Ref: "Practitioner/gp"}, Reason: "x", Urgency: Routine}} {
		if _, err := Decide(fresh(Prompt, Accepted), clinician, bad, now, h); err == nil {
			t.Errorf("taken: %+v", bad)
		}
	}
}

// Requests of two people, or of somebody who is not known yet, are not merged.
func TestOnlyOnePatientsRequestsAreMerged(t *testing.T) {
	hazard.Covers(t, "H-003")
	for _, c := range []struct {
		one, two string
		merged   bool
	}{
		{"Patient/ann", "Patient/ann", true},
		{"Patient/ann", "Patient/ben", false},
		{"Patient/ann", "", false},
		{"", "", false},
	} {
		a, b := fresh(Routine, Accepted), fresh(Routine, Accepted)
		a.ID, a.Patient, b.ID, b.Patient = "a", c.one, "b", c.two
		if _, _, err := DecideMerge(a, b, clinician, Merge{Into: "b"}, monday.Add(time.Minute), opening.Core()); (err == nil) != c.merged {
			t.Errorf("%q into %q: %v", c.one, c.two, err)
		}
	}
}

// Whatever two requests are merged, one is left, with the higher urgency and
// the earlier clock, and the person is told once.
func TestMergeKeepsTheWorse(t *testing.T) {
	hazard.Covers(t, "H-018")
	h := opening.Core()
	rapid.Check(t, func(t *rapid.T) {
		draw := func(id string) View {
			r := fresh(rapid.SampledFrom([]Urgency{Routine, Prompt, Asap, Stat}).Draw(t, id+" urgency"),
				rapid.SampledFrom([]State{Received, Accepted, Working, WithPatient}).Draw(t, id+" state"))
			r.ID, r.Reference = id, "HW-"+id
			r.Since = monday.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, id+" since")) * time.Minute)
			r.AnswerBy = r.Urgency.Promise(h, r.Since)
			return r
		}
		a, b := draw("a"), draw("b")
		now := monday.Add(3001 * time.Minute)
		closed, kept, err := DecideMerge(a, b, navigator, Merge{Into: "b"}, now, h)
		if err != nil {
			t.Fatal(err)
		}
		n := kept.Next
		if n.Urgency < a.Urgency || n.Urgency < b.Urgency || n.AnswerBy.After(a.AnswerBy) || n.AnswerBy.After(b.AnswerBy) || !n.Open() {
			t.Fatalf("kept %+v of %+v and %+v", n, a, b)
		}
		if closed.Next.Open() || closed.Next.Outcome != DuplicateOf || closed.Tell == "" || kept.Tell != "" || closed.Next.MergedInto != "b" {
			t.Fatalf("closed %+v", closed)
		}
		if a.State != WithPatient && n.State == WithPatient {
			t.Fatal("nobody would look at it")
		}
	})
	other := fresh(Routine, Received)
	other.ID, other.Patient = "b", "Patient/p2"
	if _, _, err := DecideMerge(fresh(Routine, Received), other, navigator, Merge{Into: "b"}, monday, h); !fault.Is(err, fault.Refused) {
		t.Errorf("two patients' requests were merged: %v", err)
	}
	// A request that is closed neither ends in another nor takes one in: nobody
	// would look at it.
	ended := fresh(Routine, Closed)
	open := fresh(Routine, Received)
	open.ID = "b"
	for _, c := range []struct{ from, into View }{{ended, open}, {open, ended}} {
		if _, _, err := DecideMerge(c.from, c.into, navigator, Merge{Into: c.into.ID}, monday, h); !fault.Is(err, fault.Refused) {
			t.Errorf("%s was merged into %s: %v", c.from.State, c.into.State, err)
		}
	}
}

func TestSplitIsRefused(t *testing.T) {
	h := opening.Core()
	gp := Owner{Ref: "Practitioner/gp"}
	for what, c := range map[string]struct {
		by  record.Author
		cmd Split
	}{
		"no words":             {navigator, Split{To: gp}},
		"too many words":       {navigator, Split{What: strings.Repeat("x", longestPart+1), To: gp}},
		"nobody to deal":       {navigator, Split{What: "the fit note"}},
		"lowered by navigator": {navigator, Split{What: "the fit note", To: gp, Urgency: Routine, Reason: "x"}},
		"lowered without why":  {clinician, Split{What: "the fit note", To: gp, Urgency: Routine}},
	} {
		if _, err := Decide(fresh(Prompt, Received), c.by, c.cmd, monday, h); err == nil {
			t.Errorf("%s: taken", what)
		}
	}
	d, err := Decide(fresh(Prompt, Received), clinician, Split{What: "the fit note", To: gp, Urgency: Routine, Reason: "only a form"}, monday, h)
	if err != nil || !d.Part.AnswerBy.Equal(at("2026-11-24 18:30")) || !d.Next.AnswerBy.Equal(at("2026-11-23 18:30")) {
		t.Errorf("%+v, %v", d.Part, err)
	}
}

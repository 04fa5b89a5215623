package request_test

import (
	"strings"
	"testing"

	"heartwood/internal/care/clocks"
	"heartwood/internal/care/request"
	"heartwood/internal/hazard"
)

// clock sets one stricter clock for a kind.
func (h *house) clocks(t testing.TB, rules ...clocks.Rule) {
	t.Helper()
	s, err := clocks.Load(ctx, h.p)
	if err != nil {
		t.Fatal(err)
	}
	s.Rules = rules
	if err := clocks.Save(ctx, h.p, navigator, s); err != nil {
		t.Fatal(err)
	}
}

// A stricter clock is the request's from the moment that it is taken in, is
// said on it and to the person, and holds whatever is decided later.
func TestStricterClock(t *testing.T) {
	hazard.Covers(t, "H-038")
	h := open(t)
	h.set("2026-11-23 10:00")
	h.clocks(t, clocks.Rule{What: clocks.Kind, Of: string(request.Admin), Name: "A letter", Minutes: 120})
	a := ask()
	a.Kind, a.What, a.HowBad = request.Admin, "A letter for my employer", 0
	r := h.receive(t, a, "k")
	h.valid(t)
	noon := at("2026-11-23 12:00")
	if !r.AnswerBy.Equal(noon) || !strings.Contains(strings.Join(r.Next, " "), "midday today") {
		t.Fatalf("due %v, told %v", r.AnswerBy, r.Next)
	}
	v, err := h.Load(ctx, ods, r.ID)
	if err != nil || v.Urgency != request.Routine || v.Because() != "of the practice’s own clock. A letter: within 2 hours of opening time" {
		t.Fatalf("%+v, %v, %s", v, err, v.Because())
	}
	if trials, _ := h.tried(t); trials != 0 {
		t.Errorf("%d would be sooner than they are", trials)
	}
	h.do(t, navigator, r.ID, "", request.Confirm{Urgency: request.Prompt, Reason: "worse"})
	v = h.do(t, clinician, r.ID, "", request.Confirm{Urgency: request.Routine, Reason: "not so"})
	if !v.AnswerBy.Equal(noon) {
		t.Errorf("lowered, it is due %v", v.AnswerBy)
	}
	v = h.do(t, navigator, r.ID, "", request.Await{})
	if v.AnswerBy.Equal(noon) || strings.Contains(v.Because(), "letter") {
		t.Errorf("with the patient it is due %v because %s", v.AnswerBy, v.Because())
	}
	h.set("2026-11-24 17:30")
	v = h.do(t, navigator, r.ID, "", request.Returned{What: "the patient rang"})
	if !v.AnswerBy.Equal(at("2026-11-25 09:00")) || !strings.Contains(v.Because(), "A letter") {
		t.Errorf("back again, it is due %v because %s", v.AnswerBy, v.Because())
	}
}

// tried is how many of the open requests would be due sooner by the saved
// rules, and for how many that time is over.
func (h *house) tried(t testing.TB) (n, past int) {
	t.Helper()
	s, err := clocks.Load(ctx, h.p)
	if err != nil {
		t.Fatal(err)
	}
	_, trials, err := request.TryClocks(ctx, h.p, s)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range trials {
		if x.Past {
			past++
		}
		if !x.AnswerBy.Before(x.Was) {
			t.Errorf("%s: %v is not before %v", x.Reference, x.AnswerBy, x.Was)
		}
	}
	return len(trials), past
}

// What runs keeps its clock when a rule is made; the trial says what the rule
// would have done, by kind and by red flag.
func TestTryClocks(t *testing.T) {
	h := open(t)
	h.set("2026-11-23 10:00")
	a := ask()
	a.Kind, a.What, a.HowBad = request.Admin, "A letter for my employer", 0
	letter := h.receive(t, a, "k1")
	b := ask()
	b.What = "I have had a bad headache and a stiff neck and a fever"
	flagged := h.receive(t, b, "k2")
	v, err := h.Load(ctx, ods, flagged.ID)
	if err != nil || len(v.Flags) == 0 {
		t.Fatal("no flag was raised", err)
	}
	h.set("2026-11-23 12:00")
	h.clocks(t,
		clocks.Rule{What: clocks.Kind, Of: string(request.Admin), Name: "A letter", Minutes: 60},
		clocks.Rule{What: clocks.Flag, Of: v.Flags[0].Rule, Name: "x", Minutes: 15},
	)
	want := 2
	if v.Urgency == request.Stat {
		want = 1 // an emergency has no clock to be sooner than
	}
	if n, past := h.tried(t); n != want || past != want {
		t.Errorf("%d sooner, %d past", n, past)
	}
	now, err := h.Load(ctx, ods, letter.ID)
	if err != nil || !now.AnswerBy.Equal(letter.AnswerBy) {
		t.Errorf("a clock that ran was changed: %v, %v", now.AnswerBy, err)
	}
}

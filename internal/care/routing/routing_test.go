package routing_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heartwood/internal/care"
	"heartwood/internal/care/opening"
	"heartwood/internal/care/promise"
	"heartwood/internal/care/routing"
	"heartwood/internal/hazard"
	"heartwood/internal/words"
)

var staff = routing.Staff{
	People: []routing.Person{
		{Ref: "Practitioner/a", Name: "Dr A", Job: "GP"},
		{Ref: "Practitioner/b", Name: "Dr B", Job: "GP"},
		{Ref: "Practitioner/away", Name: "Dr Away", Job: "GP", Away: true},
		{Ref: "Practitioner/p", Name: "Ms P", Job: "Pharmacist"},
	},
	Teams: []routing.Team{{Ref: "CareTeam/triage", Name: "Triage team"}, {Ref: "CareTeam/pharmacy", Name: "Pharmacy team"}},
}

func rules(t testing.TB, lines ...string) (s routing.Setting) {
	t.Helper()
	for _, l := range lines {
		r, err := routing.ParseRule(l)
		if err != nil {
			t.Fatalf("%s: %v", l, err)
		}
		s.Rules = append(s.Rules, r)
	}
	return s
}

func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, words.London)
	if err != nil {
		panic(err)
	}
	return t
}

func TestRoute(t *testing.T) {
	hazard.Covers(t, "H-032")
	s := rules(t,
		"kind=medicine; words=blister pack|dosette; to=CareTeam/pharmacy; within=120",
		"kind=medicine; to=Practitioner/p",
		"age=0-4; to=role:GP; raise=urgent",
		"condition=asthma; urgency=routine; to=Practitioner/gone",
		"clinician=Practitioner/away; to=usual",
		"kind=existing-problem; to=usual",
		"language=pl; time=480-720; to=Practitioner/b",
	)
	base := routing.Case{Key: "HW-1", Kind: "new-problem", Priority: "routine", Age: 40, At: at("2026-11-24 10:00")}
	for _, c := range []struct {
		what  string
		with  func(*routing.Case)
		owner string
		why   string
	}{
		{"nothing fits", func(*routing.Case) {}, care.Triage, "no rule fits"},
		{"words", func(c *routing.Case) { c.Kind, c.Text = "medicine", "My DOSETTE, please!" }, "CareTeam/pharmacy", "rule 1: medicines that say “blister pack” or “dosette” go to the Pharmacy team, within 2 opening hours"},
		{"a part of a word is not the word", func(c *routing.Case) { c.Kind, c.Text = "medicine", "dosettes" }, "Practitioner/p", "rule 2: medicines go to Ms P"},
		{"age", func(c *routing.Case) { c.Age = 3 }, "", "rule 3: all requests of people aged 0 to 4 go to any GP who is in, as urgent at least"},
		{"unknown age fits no age", func(c *routing.Case) { c.Age = -1 }, care.Triage, "no rule fits"},
		{"who has left", func(c *routing.Case) { c.Conditions = []string{"Asthma"} }, care.Triage, "rule 4 fits, but who it names does not work here any more"},
		{"who is away", func(c *routing.Case) { c.Usual = "Practitioner/away" }, care.Triage, "rule 5 fits, but their usual clinician is away"},
		{"usual", func(c *routing.Case) { c.Kind, c.Usual = "existing-problem", "Practitioner/a" }, "Practitioner/a", "rule 6"},
		{"no usual", func(c *routing.Case) { c.Kind = "existing-problem" }, care.Triage, "they have no usual clinician"},
		{"language and time", func(c *routing.Case) { c.Language = "pl" }, "Practitioner/b", "rule 7: all requests of people who speak pl that come from 08:00 to 12:00 go to Dr B"},
		{"after the time", func(c *routing.Case) { c.Language, c.At = "pl", at("2026-11-24 12:00") }, care.Triage, "no rule fits"},
	} {
		one := base
		c.with(&one)
		d := s.Route(one, staff)
		if c.owner != "" && d.Owner != c.owner || !strings.Contains(d.Why, c.why) {
			t.Errorf("%s: %+v", c.what, d)
		}
	}
	if d := s.Route(routing.Case{Age: 3, Priority: "stat", At: base.At}, staff); d.Priority != "" {
		t.Errorf("an emergency is lowered to %s", d.Priority)
	}
}

var someRule = rapid.Custom(func(t *rapid.T) routing.Rule {
	pick := func(name string, from ...string) []string {
		return rapid.SliceOfNDistinct(rapid.SampledFrom(from), 0, 3, rapid.ID).Draw(t, name)
	}
	r := routing.Rule{
		Kinds: pick("kinds", "medicine", "admin", "new-problem"), Priorities: pick("urgency", "routine", "urgent", "asap", "stat"),
		Words: pick("words", "knee pain", "dosette", "été"), Conditions: pick("conditions", "asthma", "type 2 diabetes"), Languages: pick("languages", "cy", "pl"),
		Target: rapid.SampledFrom([]string{"usual", "role:GP", "role:Nobody", "CareTeam/pharmacy", "CareTeam/none", "Practitioner/a", "Practitioner/away", "Practitioner/gone"}).Draw(t, "to"),
		Within: time.Duration(rapid.IntRange(0, 600).Draw(t, "within")) * time.Minute,
		Raise:  rapid.SampledFrom([]string{"", "urgent", "asap", "stat"}).Draw(t, "raise"),
	}
	if rapid.Bool().Draw(t, "age?") {
		r.From = rapid.IntRange(0, 100).Draw(t, "from")
		r.To = rapid.IntRange(max(1, r.From), 130).Draw(t, "to age")
	}
	if rapid.Bool().Draw(t, "time?") {
		r.Begin = rapid.IntRange(0, 1400).Draw(t, "begin")
		r.End = rapid.IntRange(r.Begin+1, 1440).Draw(t, "end")
	}
	return r
})

var someCase = rapid.Custom(func(t *rapid.T) routing.Case {
	return routing.Case{
		Key: rapid.String().Draw(t, "key"), Kind: rapid.SampledFrom([]string{"medicine", "admin", "new-problem", ""}).Draw(t, "kind"),
		Priority: rapid.SampledFrom([]string{"routine", "urgent", "asap", "stat", "?"}).Draw(t, "priority"),
		Text:     rapid.String().Draw(t, "text"), Age: rapid.IntRange(-1, 110).Draw(t, "age"),
		Usual: rapid.SampledFrom([]string{"", "Practitioner/a", "Practitioner/gone"}).Draw(t, "usual"),
		At:    at("2026-11-24 00:00").Add(time.Duration(rapid.IntRange(0, 10000).Draw(t, "at")) * time.Minute),
	}
})

// Whatever the rules, there is an owner who works here, the same each time,
// and the urgency is never lowered.
func TestRoutingIsTotal(t *testing.T) {
	hazard.Covers(t, "H-032")
	rank := func(p string) int { return slices.Index([]string{"routine", "urgent", "asap", "stat"}, p) }
	rapid.Check(t, func(t *rapid.T) {
		s := routing.Setting{Rules: rapid.SliceOfN(someRule, 0, 8).Draw(t, "rules")}
		c := someCase.Draw(t, "case")
		d := s.Route(c, staff)
		if again := s.Route(c, staff); again != d {
			t.Fatalf("%+v, then %+v", d, again)
		}
		works := d.Owner == care.Triage
		for _, p := range staff.People {
			works = works || p.Ref == d.Owner && !p.Away
		}
		for _, x := range staff.Teams {
			works = works || x.Ref == d.Owner
		}
		if !works || d.Name == "" || d.Why == "" {
			t.Fatalf("nobody who is here: %+v", d)
		}
		if d.Priority != "" && rank(d.Priority) <= rank(c.Priority) {
			t.Fatalf("%s is lowered to %s", c.Priority, d.Priority)
		}
	})
}

func TestLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := someRule.Draw(t, "rule")
		back, err := routing.ParseRule(r.Line())
		if err != nil || back.Line() != r.Line() {
			t.Fatalf("%s: %v, %s", r.Line(), err, back.Line())
		}
	})
	for _, bad := range []string{
		"", "to", "to=", "kind=medicine", "to=usual; to=usual", "to=Patient/x", "to=role:", "to=usual; age=9-3", "to=usual; age=-", "to=usual; within=0",
		"to=usual; within=99999", "to=usual; raise=routine", "to=usual; time=100-100", "to=usual; words=|", "to=usual; kind=a b", "to=usual; channel=web", "to=usual; urgency=low", strings.Repeat("x", 3000),
	} {
		if r, err := routing.ParseRule(bad); err == nil {
			t.Errorf("taken: %q as %+v", bad, r)
		}
	}
}

func FuzzParseRule(f *testing.F) {
	f.Add("kind=medicine,fit-note; words=dosette|blister pack; age=65-; to=CareTeam/pharmacy-team; within=120")
	f.Add("to=usual; time=480-720; clinician=Practitioner/a; raise=stat; language=cy; condition=asthma")
	f.Fuzz(func(t *testing.T, line string) {
		r, err := routing.ParseRule(line)
		if err != nil {
			return
		}
		back, err := routing.ParseRule(r.Line())
		if err != nil || back.Line() != r.Line() {
			t.Fatalf("%q is printed as %q and not read again: %v", line, r.Line(), err)
		}
	})
}

func TestUsual(t *testing.T) {
	for _, c := range []struct {
		named  string
		visits string
		want   string
	}{
		{"Practitioner/a", "b b b", "Practitioner/a"}, {"", "b b", ""}, {"", "b b c", "b"}, {"", "b c d", ""}, {"Organization/x", "", ""},
	} {
		if got := routing.UsualOf(c.named, strings.Fields(c.visits)); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
	if u, ok := routing.UPC(strings.Fields("a a b c")); u != .5 || !ok {
		t.Errorf("UPC %v", u)
	}
	if _, ok := routing.UPC([]string{"a"}); ok {
		t.Error("one visit says nothing")
	}
	if m, n := routing.MeanUPC(map[string][]string{"x": {"a", "a"}, "y": {"a", "b"}, "z": {"a"}}); m != .75 || n != 2 {
		t.Errorf("mean %v of %d", m, n)
	}
}

func place(c promise.Capacity) routing.Place {
	return routing.Place{Staff: staff, Hours: opening.Core(), Capacity: c, Pool: func(owner, kind string) promise.Pool {
		if owner == "Practitioner/p" || owner == "CareTeam/pharmacy" {
			return promise.Pharmacist
		}
		return promise.GP
	}}
}

// Thousands of requests are rehearsed whole: each goes somewhere under both
// sets, the work adds up, and what is listed as changed is.
func TestRehearse(t *testing.T) {
	var past []routing.Past
	for i := range 5000 {
		past = append(past, routing.Past{
			Case: routing.Case{
				Key: fmt.Sprint(i), Kind: []string{"medicine", "existing-problem", "new-problem"}[i%3], Priority: "routine", Age: i % 90,
				Usual: "Practitioner/a", At: at("2026-10-26 08:00").Add(time.Duration(i) * 7 * time.Minute),
			},
			ID: fmt.Sprint(i), Patient: fmt.Sprint(i % 1000), Who: []string{"Practitioner/a", "Practitioner/b"}[i%2], Clinical: i%3 > 0,
		})
	}
	now, then := rules(t), rules(t, "kind=medicine; to=CareTeam/pharmacy", "kind=existing-problem; to=usual")
	r := routing.Rehearse(now, then, past, place(promise.NewCapacity([]promise.Hour{{
		From: at("2026-11-24 08:00"), To: at("2026-11-24 09:00"), Minutes: map[promise.Pool]float64{promise.GP: 60, promise.Pharmacist: 30},
	}})))
	sumNow, sumThen := 0, 0
	for _, l := range r.Loads {
		sumNow, sumThen = sumNow+l.Now, sumThen+l.Then
	}
	if sumNow != 5000 || sumThen != 5000 || r.Requests != 5000 {
		t.Errorf("%d go somewhere now, %d then", sumNow, sumThen)
	}
	if len(r.Changes) != 3334 || r.NowUsual != 0 || r.ThenUsual != 1667 || r.Known != 3333 {
		t.Errorf("%d changed; %d and %d of %d with their usual clinician", len(r.Changes), r.NowUsual, r.ThenUsual, r.Known)
	}
	for _, w := range r.Waits {
		if w.Pool == promise.GP && (w.Then.Count >= w.Now.Count || w.Then.Most > w.Now.Most) {
			t.Errorf("less work for the GPs waits longer: %+v", w)
		}
	}
	if same := routing.Rehearse(then, then, past, place(promise.Capacity{})); len(same.Changes) != 0 {
		t.Error("the same rules change something")
	}
}

// Rules that are switched off give a request to nobody in particular: the
// triage team looks at it first, as without rules.
func TestOff(t *testing.T) {
	s := routing.Setting{Rules: []routing.Rule{{Target: routing.Usual}, {Kinds: []string{"medicine"}, Target: "CareTeam/p", Within: time.Hour, Raise: "stat"}}, Off: "too much goes astray"}
	d := s.Route(routing.Case{Kind: "medicine", Usual: "Practitioner/a", Age: 30}, routing.Staff{People: []routing.Person{{Ref: "Practitioner/a"}}, Teams: []routing.Team{{Ref: "CareTeam/p"}}})
	if d.Owner != routing.Default.Owner || d.Rule != 0 || d.Within != 0 || d.Priority != "" || d.Why == routing.Default.Why {
		t.Errorf("%+v", d)
	}
}

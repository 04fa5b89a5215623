package measure

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heartwood/internal/hazard"
	"heartwood/internal/ident"
)

// simulated is four weeks of a practice: urgencies and kinds with waits of
// their own, groups that ask for different things, and no bias but what bias
// puts in.
func simulated(seed uint64, n int, bias func(*Fact)) (*Book, Span, time.Time) {
	r := rand.New(rand.NewPCG(seed, 29))
	b := NewBook(nil)
	now := at("2026-03-30T00:00")
	span := Days(now.Add(-time.Minute), DriftDays)
	for i := range n {
		f := &fact{Fact: Fact{Task: ident.Ref{Type: "Task", ID: fmt.Sprint(i)}, Patient: fmt.Sprint("p", r.IntN(n)), OutcomeCode: "advice"}, placed: true}
		f.Who = Who{Known: true, Born: now.AddDate(-r.IntN(95), 0, -1), Decile: r.IntN(11), Language: []string{"en", "en", "en", "pl", "cy"}[r.IntN(5)]}
		f.Who.Interpret = f.Who.Language == "pl" && r.IntN(2) == 0
		f.Who.Needs = r.IntN(8) == 0
		old := f.Who.Band(now) == "75 and over"
		f.Channel = []string{"web", "phone", "desk"}[min(2, r.IntN(5)/2)]
		f.First = "routine"
		if r.IntN(4) == 0 || old && r.IntN(3) == 0 { // the old are urgent more often
			f.First = "urgent"
		}
		f.Kind = []string{"new-problem", "admin", "medicine"}[r.IntN(3)]
		mean := 160.
		if f.First == "urgent" {
			mean = 60
		}
		if f.Kind == "admin" {
			mean *= 2
		}
		minutes := math.Round(mean * math.Exp(.8*r.NormFloat64()))
		f.In = span.From.Add(time.Duration(r.IntN((DriftDays*24-1)*60)) * time.Minute)
		f.Waited = time.Duration(minutes) * time.Minute
		if r.IntN(30) == 0 {
			f.OutcomeCode = "not-reached"
		}
		f.Due = f.In.Add(time.Duration(2.8*mean) * time.Minute)
		if bias != nil {
			bias(&f.Fact)
		}
		f.Answered = f.In.Add(f.Waited)
		f.Closed = f.Answered
		b.place(f)
	}
	return b, span, now.AddDate(0, 0, 3)
}

// With no bias the test is silent: over all groups and all that it asks, a
// false alarm comes in about one look of a hundred, or less.
func TestNoFalseAlarms(t *testing.T) {
	hazard.Covers(t, "H-033")
	const looks = 400
	false1, tests := 0, 0
	for seed := range uint64(looks) {
		b, span, now := simulated(seed, 700, nil)
		found, n := b.Drifts(span, now)
		tests += n
		if len(found) > 0 {
			false1++
		}
	}
	t.Logf("%d of %d looks had a false alarm, of %d tests each", false1, looks, tests/looks)
	if false1 > 10 { // 4 are expected at most; 11 or more come once in 350 such runs
		t.Errorf("%d of %d looks had a false alarm", false1, looks)
	}
	if tests/looks < 40 {
		t.Errorf("only %d tests in a look", tests/looks)
	}
}

// With a bias put in, it is found, and it is the right group that is named.
func TestBiasIsFound(t *testing.T) {
	hazard.Covers(t, "H-033")
	for name, c := range map[string]struct {
		bias             func(*Fact)
		dimension, group string
		what             string
		most             int // looks of 40 that may miss it
	}{
		"who needs an interpreter waits twice as long": {func(f *Fact) {
			if f.Who.Interpret {
				f.Waited *= 2
			}
		}, "language", "Needs an interpreter", "wait", 4},
		"phone waits three quarters longer": {func(f *Fact) {
			if f.Channel == "phone" {
				f.Waited = f.Waited * 7 / 4
			}
		}, "channel", "phone", "wait", 1},
		"the poorest are not reached": {func(f *Fact) {
			if f.Who.Fifth() == "Most deprived fifth" && f.In.Unix()/60%3 == 0 {
				f.OutcomeCode = "not-reached"
			}
		}, "deprivation", "Most deprived fifth", "unsettled", 4},
	} {
		missed := 0
		for seed := range uint64(40) {
			b, span, now := simulated(1000+seed, 700, c.bias)
			found, _ := b.Drifts(span, now)
			hit := false
			for _, d := range found {
				hit = hit || d.Dimension.Code == c.dimension && d.Group == c.group && d.What == c.what
			}
			if !hit {
				missed++
			}
		}
		t.Logf("%s: missed in %d of 40 looks", name, missed)
		if missed > c.most {
			t.Errorf("%s: missed in %d of 40 looks", name, missed)
		}
	}
}

// A group that nobody answers at all is found too.
func TestTheUnansweredCount(t *testing.T) {
	hazard.Covers(t, "H-033")
	b, span, now := simulated(7, 700, nil)
	for _, f := range b.ledger.order {
		if f.Who.Needs && f.In.Unix()/60%3 != 0 {
			f.Answered, f.Closed, f.Waited = time.Time{}, time.Time{}, 0
		}
	}
	found, _ := b.Drifts(span, now)
	hit := false
	for _, d := range found {
		hit = hit || d.Group == "Has a communication need" && d.What == "wait"
	}
	if !hit {
		t.Errorf("%+v", found)
	}
}

// Small groups raise no alarm, whatever happened to them: a few people prove
// nothing, and would be recognised.
func TestSmallGroupsAreNotTested(t *testing.T) {
	b, span, now := simulated(3, driftLeast-1, func(f *Fact) {
		if f.Channel == "web" {
			f.Waited *= 20
		}
	})
	if found, tests := b.Drifts(span, now); len(found) > 0 || tests > 0 {
		t.Errorf("%d tests, %+v", tests, found)
	}
}

func TestEquityCountsEverybodyOnce(t *testing.T) {
	hazard.Covers(t, "H-033")
	b, span, now := simulated(5, 500, nil)
	b.ledger.order[0].Patient = ""
	all, unmatched := b.Equity(span, now)
	if unmatched != 1 {
		t.Errorf("%d are not matched", unmatched)
	}
	for _, c := range all {
		var sum Group
		for _, g := range c.Groups {
			sum.In, sum.Due, sum.Late, sum.Closed, sum.Seen = sum.In+g.In, sum.Due+g.Due, sum.Late+g.Late, sum.Closed+g.Closed, sum.Seen+g.Seen
		}
		if sum.In != 499 || c.All.In != 499 || sum.Late != c.All.Late || sum.Due != c.All.Due || sum.Closed != c.All.Closed {
			t.Errorf("%s: %+v, all %+v", c.Dimension.Code, sum, c.All)
		}
	}
}

// Nobody can work out a hidden number from the total.
func TestHiddenStaysHidden(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 9).Draw(t, "groups")
		of, values := make([]int, n), make([]int, n)
		total := 0
		for i := range of {
			of[i] = rapid.OneOf(rapid.IntRange(0, 8), rapid.IntRange(0, 300)).Draw(t, "of")
			values[i] = rapid.IntRange(0, of[i]).Draw(t, "value")
			total += values[i]
		}
		whole := Hidden(of, nil, nil)
		hidden := Hidden(values, of, whole)
		count, sum, rest := 0, 0, 0
		for i, h := range hidden {
			small := values[i] > 0 && values[i] < Least || of[i]-values[i] > 0 && of[i]-values[i] < Least
			if (small || whole[i]) && !h {
				t.Fatalf("%v of %v shows %d", values, of, i)
			}
			if h {
				count, sum, rest = count+1, sum+values[i], rest+of[i]-values[i]
			}
		}
		if whole := allOf(of); HiddenTotal(total, whole) || HiddenTotal(whole, whole) {
			if slices.Contains(hidden, false) {
				t.Fatalf("%v of %v: the total is hidden, and %v shows a part of it", values, of, hidden)
			}
			return
		}
		if gives := count == 1 && smallest(values, of, hidden); gives || sum > 0 && sum < Least || rest > 0 && rest < Least {
			t.Fatalf("%v of %v: %v gives itself away", values, of, hidden)
		}
	})
}

func allOf(of []int) (n int) {
	for _, x := range of {
		n += x
	}
	return n
}

// smallest tells whether a number that is hidden is itself one to hide.
func smallest(values, of []int, hidden []bool) bool {
	for i, h := range hidden {
		if h && (small(values[i]) || small(of[i]-values[i])) {
			return true
		}
	}
	return false
}

// A year of a practice of 10,000: what a page of four weeks, of a year, and
// the week's look take.
func BenchmarkSum(b *testing.B) {
	book, _, _ := simulated(1, 1, nil)
	r := rand.New(rand.NewPCG(1, 2))
	year := at("2026-03-30T00:00")
	for i := range 90_000 { // 35 contacts for each 1,000 and working day
		f := &fact{Fact: Fact{Task: ident.Ref{Type: "Task", ID: fmt.Sprint(i)}, Patient: fmt.Sprint("p", r.IntN(10_000)), First: "routine", Priority: "routine"}, placed: true}
		f.Channel, f.Kind = []string{"web", "phone"}[i%2], []string{"admin", "medicine", "new-problem"}[i%3]
		f.In = year.Add(-time.Duration(365*24*60-i*365*24*60/90_000) * time.Minute)
		f.Waited, f.Answered = time.Duration(r.IntN(600))*time.Minute, f.In.Add(time.Hour)
		f.Closed, f.Due, f.Outcome = f.Answered, f.In.Add(8*time.Hour), "Advice given"
		f.Looked = f.In.Add(20 * time.Minute)
		f.Who = Who{Known: true, Born: year.AddDate(-r.IntN(90), 0, -1), Decile: 1 + r.IntN(10), Language: "en"}
		book.place(f)
	}
	for name, days := range map[string]int{"4weeks": 28, "year": 365} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				book.Sum(Days(year, days), year)
			}
		})
	}
	b.Run("fair", func(b *testing.B) {
		for b.Loop() {
			book.Equity(Days(year, 28), year)
			book.Drifts(Days(year, 28), year)
		}
	})
}

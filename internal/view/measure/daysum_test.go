package measure

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// fromScratch goes through every request once, and keeps nothing: what the
// sums of days must come to.
func fromScratch(b *Book, s Span, now time.Time) Sum {
	out := Sum{Span: s, Now: now, Deeds: map[Deed]Work{}}
	out.days(s, now)
	of := [3]map[string][]*Fact{{}, {}, {}}
	var all []*Fact
	var waits [7][8][]time.Duration
	outcomes := tally{}
	for _, x := range b.ledger.order {
		f := &x.Fact
		if s.Has(f.Closed) && !f.Closed.After(now) {
			out.Closed++
			outcomes[f.Outcome]++
			if f.SentAway {
				out.SentAway++
			}
		}
		if !s.Has(f.In) {
			continue
		}
		if x.lost {
			out.Unended++
		}
		if f.In.After(now) {
			continue
		}
		all = append(all, f)
		for i, label := range []string{f.Channel, f.Kind, f.Priority} {
			of[i][label] = append(of[i][label], f)
		}
		for i, d := range out.Days {
			if !f.In.Before(d.Date) && f.In.Before(nextDay(d.Date)) {
				out.Days[i].In++
				if !f.Open(now) {
					out.Days[i].Answered++
				}
			}
		}
		w, band := weekday(f.In), BandOf(f.In)
		out.Demand[w][f.In.In(day0.Location()).Hour()]++
		switch f.Channel {
		case "web":
			out.Online[w][band]++
		case "phone":
			out.Calls[w][band]++
		}
		if f.answeredBy(now) {
			waits[w][band] = append(waits[w][band], f.Waited)
		}
	}
	if len(all) > 0 {
		out.All = plain("all", all, now)
	}
	for i, into := range []*[]Line{&out.Channels, &out.Kinds, &out.Urgencies} {
		first := [][]string{{"web", "phone", "desk"}, nil, {"stat", "asap", "urgent", "routine"}}[i]
		for label, fs := range of[i] {
			*into = append(*into, plain(label, fs, now))
		}
		slices.SortFunc(*into, func(a, b Line) int {
			x, y := slices.Index(first, a.Label), slices.Index(first, b.Label)
			switch {
			case x != y && (x < 0 || y < 0):
				return y - x
			case x != y:
				return x - y
			case a.In != b.In:
				return b.In - a.In
			case a.Label < b.Label:
				return -1
			}
			return 1
		})
	}
	for w := range waits {
		for b, of := range waits[w] {
			out.Waits[w][b] = Wait{len(of), half(of)}
		}
	}
	out.Outcomes, out.Shut = outcomes.bars(), 0
	return out
}

func plain(label string, of []*Fact, now time.Time) Line {
	l := Line{Label: label, In: len(of)}
	var clock, open, look []time.Duration
	for _, f := range of {
		switch {
		case f.Due.IsZero():
			l.NoPromise++
		case f.answeredBy(now) && !f.Answered.After(f.Due):
			l.Kept++
		case f.answeredBy(now) || now.After(f.Due):
			l.Late++
		default:
			l.Running++
		}
		if f.Open(now) {
			l.Open++
		}
		if f.Reopened > 0 {
			l.Reopened++
		}
		if f.answeredBy(now) {
			clock, open = append(clock, f.Answered.Sub(f.In)), append(open, f.Waited)
		}
		if !f.Looked.IsZero() && !f.Looked.After(now) {
			look = append(look, f.LookedIn)
		}
	}
	l.Answered, l.Waits = l.In-l.Open, len(clock)
	l.Median, l.Opening, l.Look = half(clock), half(open), half(look)
	if n := len(clock); n > 0 {
		l.Ninth = clock[(9*n+9)/10-1] // half has put them in order
	}
	return l
}

// half sorts, and is the middle.
func half(of []time.Duration) time.Duration {
	slices.Sort(of)
	switch n := len(of); {
	case n == 0:
		return 0
	case n%2 == 0:
		return (of[n/2-1] + of[n/2]) / 2
	default:
		return of[n/2]
	}
}

var day0 = at("2026-03-29T00:00") // the clocks go forward

// However requests come, change, close, open again and vanish, and whenever
// somebody looks in between, the days' sums come to what a sum from scratch does.
func TestDaysAddUpToASumFromScratch(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b := NewBook(nil)
		clock := day0
		for range rapid.IntRange(1, 60).Draw(rt, "steps") {
			clock = clock.Add(time.Duration(rapid.IntRange(0, 700).Draw(rt, "minutes")) * time.Minute)
			ref := ident.Ref{Type: "Task", ID: fmt.Sprint("r", rapid.IntRange(0, 12).Draw(rt, "request"))}
			switch rapid.IntRange(0, 9).Draw(rt, "what") {
			case 0:
				b.gone(ref)
			case 1:
				now := clock.Add(time.Duration(rapid.IntRange(-9000, 9000).Draw(rt, "now")) * time.Minute)
				look(rt, b, Days(now, rapid.IntRange(1, 20).Draw(rt, "days")), now)
			default:
				b.ledger.put(ref, clock, record.Author{Ref: "Practitioner/x", Role: "navigator"}, version(rt, b.ledger.facts[ref], clock))
			}
		}
		look(rt, b, Days(clock, 40), clock)
		look(rt, b, Days(clock, 40), clock.Add(1000*time.Hour))
	})
}

// version is one more version of a request, or its first.
func version(rt *rapid.T, was *fact, clock time.Time) *fhir.Resource {
	in := clock.Add(-time.Duration(rapid.IntRange(0, 3000).Draw(rt, "before")) * time.Minute)
	if was != nil {
		in = was.In
	}
	restriction := ""
	if rapid.Bool().Draw(rt, "promised") {
		restriction = fmt.Sprintf(`"restriction":{"period":{"end":%q}},`, in.Add(time.Duration(rapid.IntRange(0, 3000).Draw(rt, "due"))*time.Minute).Format(time.RFC3339))
	}
	res, err := fhir.ParseResource([]byte(fmt.Sprintf(`{"resourceType":"Task","status":%q,"priority":%q,"authoredOn":%q,%s
		"code":{"coding":[{"system":"https://heartwood.example/fhir/task-code","code":"request"}]},
		"businessStatus":{"coding":[{"system":"https://heartwood.example/fhir/business-status","code":%q}]},
		"input":[{"type":{"coding":[{"code":"channel"}]},"valueCode":%q},{"type":{"coding":[{"code":"kind"}]},"valueCode":%q}],
		"output":[{"type":{"coding":[{"code":"outcome"}]},"valueCodeableConcept":{"text":%q}},{"type":{"coding":[{"code":"told"}]},"valueString":%q}]}`,
		rapid.SampledFrom([]string{"requested", "in-progress", "completed", "completed", "cancelled"}).Draw(rt, "status"),
		rapid.SampledFrom([]string{"routine", "urgent", "stat"}).Draw(rt, "priority"), in.Format(time.RFC3339), restriction,
		rapid.SampledFrom([]string{"waiting", "with-patient"}).Draw(rt, "state"),
		rapid.SampledFrom([]string{"web", "phone", "desk", "email"}).Draw(rt, "channel"),
		rapid.SampledFrom([]string{"admin", "medicine"}).Draw(rt, "kind"),
		rapid.SampledFrom([]string{"Advice given", "Appointment"}).Draw(rt, "outcome"),
		rapid.SampledFrom([]string{"Rest it.", "Please call back tomorrow."}).Draw(rt, "told"))))
	if err != nil {
		rt.Fatal(err)
	}
	return res
}

func look(rt *rapid.T, b *Book, s Span, now time.Time) {
	got := b.Sum(s, now)
	got.Shut = 0
	if want := fromScratch(b, s, now); !reflect.DeepEqual(got, want) {
		rt.Fatalf("%v as at %v:\n%+v\nfrom scratch:\n%+v", s, now, got, want)
	}
}

// What stands at k, and what half and nine in ten do not exceed, is what
// sorting says, whatever the numbers.
func TestQuantiles(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var of []time.Duration
		for _, n := range rapid.SliceOfN(rapid.IntRange(0, rapid.SampledFrom([]int{0, 3, 1 << 40}).Draw(rt, "spread")), 1, 200).Draw(rt, "of") {
			of = append(of, time.Duration(n))
		}
		sorted := slices.Sorted(slices.Values(of))
		if got, want := median(slices.Clone(of)), half(slices.Clone(of)); got != want {
			rt.Fatalf("median %v, not %v", got, want)
		}
		k := rapid.IntRange(0, len(of)-1).Draw(rt, "k")
		if got := nth(of, k); got != sorted[k] {
			rt.Fatalf("%d is %v, not %v", k, got, sorted[k])
		}
	})
}

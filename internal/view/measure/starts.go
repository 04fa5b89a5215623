package measure

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"heartwood/internal/care/starts"
	"heartwood/internal/fhir"
	"heartwood/internal/words"
)

// Start is what became of the online forms of one kind that were begun in a
// period. A form that can still be sent is in none.
type Start struct {
	Form string // the kind of request; "" for those left before one was chosen
	Sent int
	Left int
	At   []Bar // where they were left, by the step's name, most first
}

// started enters a count of forms.
func (b *Book) started(res *fhir.Resource) {
	for k, n := range starts.Read(res) {
		t, err := time.Parse(time.DateOnly, k.Day)
		if err != nil {
			continue
		}
		day := int32(t.Unix() / 86400)
		if b.starts[day] == nil {
			b.starts[day] = map[starts.Key]int{}
		}
		b.starts[day][k] += n
	}
}

// startsFrom is the first day of which forms begun were counted: nothing is
// known of the days before it. Zero when none was counted yet.
func (b *Book) startsFrom() time.Time {
	if len(b.starts) == 0 {
		return time.Time{}
	}
	y, m, d := time.Unix(int64(slices.Min(slices.Collect(maps.Keys(b.starts))))*86400, 0).UTC().Date()
	return time.Date(y, m, d, 0, 0, 0, 0, words.London)
}

// startsOf adds up a period's, the form begun most first.
func (b *Book) startsOf(s Span) []Start {
	forms, steps := map[string]*Start{}, map[string]tally{}
	for d := s.From; d.Before(s.To); d = nextDay(d) {
		for k, n := range b.starts[dayOf(d)] {
			f := forms[k.Form]
			if f == nil {
				f = &Start{Form: k.Form}
				forms[k.Form], steps[k.Form] = f, tally{}
			}
			if k.Sent {
				f.Sent += n
			} else {
				f.Left += n
				steps[k.Form][k.Step] += n
			}
		}
	}
	var out []Start
	for _, name := range slices.Sorted(maps.Keys(forms)) {
		f := forms[name]
		f.At = steps[name].bars()
		out = append(out, *f)
	}
	slices.SortStableFunc(out, func(a, b Start) int { return cmp.Compare(b.Sent+b.Left, a.Sent+a.Left) })
	return out
}

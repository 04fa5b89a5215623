package measure

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heartwood/internal/care/starts"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
	"heartwood/internal/words"
)

var ctx = context.Background()

type practice struct {
	*record.Practice
	t     *testing.T
	clock *atomic.Int64
}

func open(t *testing.T) *practice {
	clock := &atomic.Int64{}
	s := memory.Open(t, func() time.Time { return time.Unix(0, clock.Load()) })
	p, err := s.Practice("Z99901")
	if err != nil {
		t.Fatal(err)
	}
	return &practice{p, t, clock}
}

func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02T15:04", s, words.London)
	if err != nil {
		panic(err)
	}
	return t
}

// task writes a version of a request at a moment.
func (p *practice) task(when, id, status, state, in, due, channel string) {
	p.t.Helper()
	p.write(when, id, "routine", status, state, in, due, channel)
}

func (p *practice) write(when, id, priority, status, state, in, due, channel string) {
	p.t.Helper()
	p.clock.Store(at(when).UnixNano())
	body := fmt.Sprintf(`{"resourceType":"Task","intent":"order","status":%q,"priority":%q,"authoredOn":%q,
		"code":{"coding":[{"system":"https://heartwood.example/fhir/task-code","code":"request"}]},
		"businessStatus":{"coding":[{"system":"https://heartwood.example/fhir/business-status","code":%q}]},
		"restriction":{"period":{"end":%q}},
		"input":[{"type":{"coding":[{"code":"channel"}]},"valueCode":%q}],
		"output":[{"type":{"coding":[{"code":"outcome"}]},"valueCodeableConcept":{"text":"Advice given"}}]}`,
		status, priority, at(in).Format(time.RFC3339), state, at(due).Format(time.RFC3339), channel)
	w, err := record.Prepare(ident.Ref{Type: "Task", ID: id}, []byte(body))
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := p.Commit(ctx, record.Change{Author: record.Author{Ref: "Practitioner/x"}, Reason: "test", Writes: []record.Write{w}}); err != nil {
		p.t.Fatal(err)
	}
}

func TestADay(t *testing.T) {
	p := open(t)
	due := "2026-03-02T18:30"
	p.task("2026-02-27T10:00", "old", "requested", "waiting", "2026-02-27T10:00", "2026-02-27T18:30", "web")
	p.task("2026-03-02T08:00", "kept", "requested", "waiting", "2026-03-02T08:00", due, "web")
	p.task("2026-03-02T08:30", "broken", "requested", "waiting", "2026-03-02T08:30", "2026-03-02T09:00", "phone")
	p.task("2026-03-02T09:00", "running", "requested", "waiting", "2026-03-02T09:00", due, "phone")
	p.task("2026-03-02T09:00", "asked", "requested", "waiting", "2026-03-02T09:00", due, "desk")
	p.task("2026-03-02T10:00", "kept", "completed", "answered", "2026-03-02T08:00", due, "web")
	p.task("2026-03-02T10:30", "broken", "completed", "answered", "2026-03-02T08:30", "2026-03-02T09:00", "phone")
	p.task("2026-03-02T11:00", "asked", "in-progress", "with-patient", "2026-03-02T09:00", due, "desk")
	p.task("2026-03-02T12:00", "asked", "in-progress", "triaged", "2026-03-02T09:00", due, "desk")
	p.clock.Store(at("2026-03-02T13:00").UnixNano())
	d, err := Today(ctx, p.Practice, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if d.In != 4 || d.Answered != 2 || d.Open != 2 || d.OpenAll != 3 || d.ClosedToday != 2 || d.Oldest == nil || d.Oldest.Task.ID != "old" {
		t.Errorf("%+v", d)
	}
	if d.Kept != 2 || d.Broken != 1 || d.Running != 1 || d.Median != 2*time.Hour {
		t.Errorf("kept %d broken %d running %d median %v", d.Kept, d.Broken, d.Running, d.Median)
	}
	if d.ByHour[8].Value != 2 || d.ByHour[9].Share != 1 || d.ByChannel[1] != (Bar{"phone", 2, 1}) || d.ByOutcome[0].Value != 2 {
		t.Errorf("%+v %+v", d.ByChannel, d.ByOutcome)
	}
	b, err := Reconcile(ctx, p.Practice, time.Time{}, time.Time{})
	if err != nil || b.In != 5 || b.Answered != 2 || b.Open != 3 || !b.Holds() {
		t.Errorf("%+v, %v", b, err)
	}
	p.task("2026-03-02T14:00", "running", "cancelled", "waiting", "2026-03-02T09:00", due, "phone")
	if _, err := p.Commit(ctx, record.Change{Author: record.Author{Ref: "Device/x"}, Reason: "test", Writes: []record.Write{record.Remove(ident.Ref{Type: "Task", ID: "old"})}}); err != nil {
		t.Fatal(err)
	}
	b, err = Reconcile(ctx, p.Practice, time.Time{}, time.Time{})
	if err != nil || b.Holds() || len(b.Lost) != 2 || b.Lost[0].ID != "old" {
		t.Errorf("what is lost is named: %+v, %v", b, err)
	}
}

func TestEmpty(t *testing.T) {
	p := open(t)
	p.clock.Store(at("2026-03-02T13:00").UnixNano())
	d, err := Today(ctx, p.Practice, time.Time{})
	if err != nil || d.In != 0 || len(d.ByHour) != 24 {
		t.Errorf("%+v, %v", d, err)
	}
	if b, err := Reconcile(ctx, p.Practice, time.Time{}, time.Time{}); err != nil || !b.Holds() {
		t.Errorf("%+v, %v", b, err)
	}
}

// An emergency is not late the second it comes in.
func TestAnEmergencyHasItsGrace(t *testing.T) {
	p := open(t)
	p.write("2026-11-23T09:00", "e", "stat", "requested", "waiting", "2026-11-23T09:00", "2026-11-23T09:00", "web")
	for now, late := range map[string]int{"2026-11-23T09:01": 0, "2026-11-23T09:06": 1} {
		p.clock.Store(at(now).UnixNano())
		d, err := Today(ctx, p.Practice, time.Time{})
		if err != nil || d.In != 1 || d.Broken != late || d.Running != 1-late {
			t.Errorf("%s: %+v, %v", now, d, err)
		}
	}
}

// Every request of a day is counted once in each division of the day.
func TestNothingIsLeftOut(t *testing.T) {
	day := at("2026-03-29T12:00") // the clocks go forward
	rapid.Check(t, func(rt *rapid.T) {
		minutes := rapid.IntRange(-3000, 3000)
		var facts []Fact
		for i := range rapid.IntRange(0, 30).Draw(rt, "requests") {
			f := Fact{Task: ident.Ref{Type: "Task", ID: fmt.Sprint(i)}, In: day.Add(time.Duration(minutes.Draw(rt, "in")) * time.Minute)}
			f.Channel = rapid.SampledFrom([]string{"web", "phone", "desk", "other"}).Draw(rt, "channel")
			if rapid.Bool().Draw(rt, "promised") {
				f.Due = f.In.Add(time.Duration(rapid.IntRange(0, 2000).Draw(rt, "due")) * time.Minute)
			}
			if rapid.Bool().Draw(rt, "closed") {
				f.Answered = f.In.Add(time.Duration(rapid.IntRange(0, 2000).Draw(rt, "answered")) * time.Minute)
				f.Closed = f.Answered
			}
			facts = append(facts, f)
		}
		d := Measure(facts, day, day.Add(time.Duration(minutes.Draw(rt, "now"))*time.Minute))
		if d.In != d.Answered+d.Open || d.In != d.Kept+d.Broken+d.Running+d.NoPromise || d.In != sum(d.ByHour) || d.In != sum(d.ByChannel) || d.In != sum(d.ByPriority) {
			rt.Fatalf("%+v", d)
		}
		if (d.OpenAll > 0) != (d.Oldest != nil) || d.Open > d.OpenAll {
			rt.Fatalf("%+v", d)
		}
	})
}

func sum(bars []Bar) int {
	n := 0
	for _, b := range bars {
		n += b.Value
	}
	return n
}

// Forms begun are known from the first day of which any was counted.
func TestStartsAreKnownFromTheFirstCount(t *testing.T) {
	b := NewBook(nil)
	if from := b.Sum(Days(at("2026-03-30T00:00"), 7), at("2026-03-30T12:00")).StartsFrom; !from.IsZero() {
		t.Errorf("nothing was counted, and it is known from %s", from)
	}
	for _, day := range []string{"2026-03-27", "2026-03-25", "2026-03-29"} {
		d, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		b.starts[int32(d.Unix()/86400)] = map[starts.Key]int{{Day: day}: 2}
	}
	if from := b.Sum(Days(at("2026-03-30T00:00"), 7), at("2026-03-30T12:00")).StartsFrom; !from.Equal(at("2026-03-25T00:00")) {
		t.Errorf("known from %s", from)
	}
}

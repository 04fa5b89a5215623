package measure

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/words"
)

// put writes any resource at a moment, by somebody.
func (p *practice) put(when, role, typ, id, body string) {
	p.t.Helper()
	p.clock.Store(at(when).UnixNano())
	w, err := record.Prepare(ident.Ref{Type: typ, ID: id}, []byte(body))
	if err != nil {
		p.t.Fatal(err)
	}
	_, err = p.Commit(ctx, record.Change{Author: record.Author{Ref: "Practitioner/" + role, Role: role}, Reason: "test", Writes: []record.Write{w}})
	if err != nil {
		p.t.Fatal(err)
	}
}

func requestBody(status, state, in, due, more string) string {
	return fmt.Sprintf(`{"resourceType":"Task","intent":"order","status":%q,"priority":"routine","authoredOn":%q,
		"code":{"coding":[{"system":"https://heartwood.example/fhir/task-code","code":"request"}]},
		"businessStatus":{"coding":[{"system":"https://heartwood.example/fhir/business-status","code":%q}]},
		"restriction":{"period":{"end":%q}},"for":{"reference":"Patient/ann"},"focus":{"reference":"QuestionnaireResponse/f1"},
		"input":[{"type":{"coding":[{"code":"channel"}]},"valueCode":"web"},{"type":{"coding":[{"code":"kind"}]},"valueCode":"admin"}]%s}`,
		status, at(in).Format(time.RFC3339), state, at(due).Format(time.RFC3339), more)
}

// A week at a practice: one request from the form to the answer, the work it
// took, who it was for.
func TestBook(t *testing.T) {
	p := open(t)
	p.put("2026-03-01T12:00", "system", "Patient", "ann", `{"resourceType":"Patient","birthDate":"1950-01-02","gender":"female",
		"extension":[{"url":"https://heartwood.example/fhir/StructureDefinition/imd-decile","valueInteger":2}],
		"communication":[{"language":{"coding":[{"code":"pl"}]},"preferred":true}]}`)
	in, due := "2026-03-02T08:30", "2026-03-03T18:30"
	p.put(in, "patient", "Task", "t1", requestBody("requested", "waiting", in, due, ""))
	p.put(in, "patient", "QuestionnaireResponse", "f1", `{"resourceType":"QuestionnaireResponse","status":"completed","item":[{"linkId":"interpreter","answer":[{"valueString":"Polish"}]}]}`)
	p.put("2026-03-02T10:00", "navigator", "Task", "t1", requestBody("accepted", "triaged", in, due, ""))
	p.put("2026-03-02T10:06", "navigator", "Task", "t1", requestBody("completed", "answered", in, due,
		`,"output":[{"type":{"coding":[{"code":"outcome"}]},"valueCodeableConcept":{"text":"Advice given","coding":[{"code":"advice"}]}},{"type":{"coding":[{"code":"told"}]},"valueString":"Please call back tomorrow at 8."}]`))
	p.put("2026-03-02T10:06", "navigator", "Communication", "c1", `{"resourceType":"Communication","status":"completed","category":[{"coding":[{"system":"https://heartwood.example/fhir/message-kind","code":"outcome"}]}]}`)
	p.put("2026-03-02T10:07", "navigator", "Communication", "call", `{"resourceType":"Communication","status":"completed","category":[{"coding":[{"system":"https://heartwood.example/fhir/message-kind","code":"call"}]}]}`)
	p.put("2026-03-02T11:00", "navigator", "Task", "part", requestBody("requested", "waiting", in, due, `,"partOf":[{"reference":"Task/t1"}]`))
	now := at("2026-03-03T09:00")
	p.clock.Store(now.UnixNano())
	b, err := Read(ctx, p.Practice)
	if err != nil {
		t.Fatal(err)
	}
	s := b.Sum(Days(now, 7), now)
	if s.All.In != 1 || s.All.Kept != 1 || s.All.Opening != 96*time.Minute || s.All.Look != 90*time.Minute || s.SentAway != 1 || s.Closed != 1 {
		t.Errorf("%+v", s.All)
	}
	if s.Deeds[Triage].Items != 2 || s.Deeds[Messaging] != (Work{1, 1, 6 * time.Minute}) || s.Working[0][10].Items != 2 {
		t.Errorf("a message and the state of its request are one piece of work: %+v", s.Deeds)
	}
	if s.Demand[0][8] != 1 || s.Online[0][2] != 1 || s.Waits[0][2].N != 1 {
		t.Errorf("it came on a Monday between 8 and 10: %v %v", s.Demand[0], s.Online[0])
	}
	n := 0
	b.In(Days(now, 7), func(f *Fact) {
		n++
		if f.Who.Band(now) != "75 and over" || f.Who.Fifth() != "Most deprived fifth" || f.Who.Speaks() != "Needs an interpreter" || f.Patient != "ann" {
			t.Errorf("%+v", f.Who)
		}
	})
	if n != 1 || b.Registered() != 1 {
		t.Errorf("%d requests, %d people", n, b.Registered())
	}
}

// A book that follows shows the same as one that is read anew.
func TestFollowingIsReading(t *testing.T) {
	p := open(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	b := NewBook(p.Practice)
	done := make(chan struct{})
	go func() { defer close(done); _ = b.Run(ctx) }()
	for i := range 40 {
		in := at("2026-03-02T08:00").Add(time.Duration(i*37) * time.Minute).Format("2006-01-02T15:04")
		due := "2026-03-03T18:30"
		id := fmt.Sprint("r", i%13)
		p.write(in, id, []string{"routine", "urgent"}[i%2], []string{"requested", "completed"}[i/13%2], "waiting", in, due, []string{"web", "phone"}[i%2])
	}
	if err := b.Ready(ctx); err != nil {
		t.Fatal(err)
	}
	fresh, err := Read(ctx, p.Practice)
	if err != nil {
		t.Fatal(err)
	}
	now := p.Now()
	if got, want := b.Sum(Days(now, 7), now), fresh.Sum(Days(now, 7), now); !reflect.DeepEqual(got, want) || got.All.In != 13 {
		t.Errorf("followed:\n%+v\nread:\n%+v", got, want)
	}
	stop()
	<-done
}

// However requests fall, nothing is left out of a sum or counted in it twice.
func TestASumAddsUp(t *testing.T) {
	hazard.Covers(t, "H-033")
	day := at("2026-03-29T12:00") // the clocks go forward
	rapid.Check(t, func(rt *rapid.T) {
		minutes := rapid.IntRange(-20000, 20000)
		b := NewBook(nil)
		for i := range rapid.IntRange(0, 40).Draw(rt, "requests") {
			f := &fact{Fact: Fact{Task: ident.Ref{Type: "Task", ID: fmt.Sprint(i)}, In: day.Add(time.Duration(minutes.Draw(rt, "in")) * time.Minute)}, placed: true}
			f.Channel = rapid.SampledFrom([]string{"web", "phone", "desk", "other"}).Draw(rt, "channel")
			if rapid.Bool().Draw(rt, "promised") {
				f.Due = f.In.Add(time.Duration(rapid.IntRange(0, 9000).Draw(rt, "due")) * time.Minute)
			}
			if rapid.Bool().Draw(rt, "answered") {
				f.Answered = f.In.Add(time.Duration(rapid.IntRange(0, 9000).Draw(rt, "wait")) * time.Minute)
				f.Closed = f.Answered
			}
			b.place(f)
		}
		now := day.Add(time.Duration(minutes.Draw(rt, "now")) * time.Minute)
		span := Days(day.AddDate(0, 0, rapid.IntRange(-9, 9).Draw(rt, "last")), rapid.IntRange(1, 14).Draw(rt, "days"))
		s, want := b.Sum(span, now), 0
		for _, f := range b.ledger.order {
			if span.Has(f.In) && !f.In.After(now) {
				want++
			}
		}
		hours, byDay, byChannel := 0, 0, 0
		for _, d := range s.Demand {
			for _, n := range d {
				hours += n
			}
		}
		for _, d := range s.Days {
			byDay += d.In
		}
		for _, l := range s.Channels {
			byChannel += l.In
			if l.In != l.Answered+l.Open || l.In != l.Kept+l.Late+l.Running+l.NoPromise {
				rt.Fatalf("%+v", l)
			}
		}
		if s.All.In != want || hours != want || byDay != want || byChannel != want || s.All.In != s.All.Kept+s.All.Late+s.All.Running+s.All.NoPromise {
			rt.Fatalf("%d requests: %+v, by hour %d, by day %d, by channel %d", want, s.All, hours, byDay, byChannel)
		}
		if before := span.Before(); before.Len() != span.Len() || !before.To.Equal(span.From) {
			rt.Fatalf("%v before %v", before, span)
		}
	})
}

func TestNationalCurves(t *testing.T) {
	for _, c := range []Curve{NationalOnline, NationalCalls} {
		whole, monday := 0.0, 0.0
		for d := range c.Share {
			for b, s := range c.Share[d] {
				whole += s
				if d == 0 && b != 2 {
					monday += s
				}
			}
		}
		if math.Abs(whole-1) > 1e-9 || c.Share[0][2] < c.Share[1][2] || c.Source == "" {
			t.Errorf("%s: %f in all", c.Name, whole)
		}
		for _, d := range c.Expect(1000) {
			for _, n := range d {
				if n < 0 {
					t.Errorf("%s expects %f", c.Name, n)
				}
			}
		}
	}
	// The published share of a Monday that comes between 8 and 10.
	if m := NationalOnline.Share[0]; math.Abs(m[2]/sumOf(m)-.417) > .001 {
		t.Errorf("Monday 8 to 10 is %f of the day", m[2]/sumOf(m))
	}
	if m := NationalCalls.Share[0]; math.Abs(m[2]/sumOf(m)-.318) > .001 {
		t.Errorf("Monday 8 to 10 is %f of the day's calls", m[2]/sumOf(m))
	}
}

func sumOf(of [8]float64) float64 {
	s := 0.0
	for _, x := range of {
		s += x
	}
	return s
}

func TestSentAway(t *testing.T) {
	for told, want := range map[string]bool{
		"Please call back tomorrow.":                            true,
		"There are no appointments left. Ring again at 8.":      true,
		"Call us back in the morning":                           true,
		"We are fully booked this week.":                        true,
		"We will call you back tomorrow.":                       false,
		"Take it for a week. If it gets worse, call 111.":       false,
		"Your appointment is tomorrow. Call us if you are late": false,
	} {
		if got := sentAway(told); got != want {
			t.Errorf("%q: %v", told, got)
		}
	}
}

func TestSpans(t *testing.T) {
	now := time.Date(2026, 3, 29, 15, 0, 0, 0, words.London) // a Sunday of 23 hours
	if s := Week(now); s.From.Format(time.DateOnly) != "2026-03-23" || s.To.Format(time.DateOnly) != "2026-03-30" || s.Len() != 7 {
		t.Errorf("%v", s)
	}
	if s := Month(now); s.From.Format(time.DateOnly) != "2026-03-01" || s.Len() != 31 {
		t.Errorf("%v", s)
	}
	if s := Days(now, 1); s.Len() != 1 || !s.Has(now) || s.Before().Len() != 1 {
		t.Errorf("%v", s)
	}
}

// What another system had booked and cancelled before it was brought in counts
// as both, each when it was.
func TestBroughtInCancelled(t *testing.T) {
	p := open(t)
	body := func(more string) string {
		return fmt.Sprintf(`{"resourceType":"Appointment","status":"cancelled","created":"2026-02-20T10:00:00Z"%s,"participant":[{"actor":{"reference":"Patient/ann"},"status":"accepted"}]}`, more)
	}
	const start = `,"start":"2026-03-02T10:00:00Z","end":"2026-03-02T10:10:00Z"`
	said := `,"extension":[{"url":"http://hl7.org/fhir/5.0/StructureDefinition/extension-Appointment.cancellationDate","valueDateTime":"2026-02-27T11:00:00Z"}]`
	p.put("2026-03-10T12:00", "system", "Appointment", "told", body(start+said))
	p.put("2026-03-10T12:00", "system", "Appointment", "silent", body(start))
	p.put("2026-03-10T12:00", "system", "Appointment", "offer", body("")) // no time was ever theirs
	b, err := Read(ctx, p.Practice)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	b.EachVisit(func(v *Visit) {
		got[v.ID] = v.Booked.UTC().Format("2006-01-02") + " " + v.Cancelled.UTC().Format("2006-01-02")
	})
	want := map[string]string{"told": "2026-02-20 2026-02-27", "silent": "2026-02-20 2026-03-10", "offer": "0001-01-01 2026-03-10"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

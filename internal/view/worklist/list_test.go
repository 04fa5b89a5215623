package worklist

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/pebble"
)

var ctx = context.Background()

// fatal is what tests, benchmarks and rapid checks share.
type fatal interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

type practice struct {
	*record.Practice
	t     fatal
	clock *atomic.Int64
}

func open(t fatal) (*practice, func()) {
	log, err := pebble.Open(pebble.Config{})
	if err != nil {
		t.Fatal(err)
	}
	clock := &atomic.Int64{}
	clock.Store(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).UnixNano())
	s, err := record.Open(ctx, record.Config{Log: log, Now: func() time.Time { return time.Unix(0, clock.Load()) }})
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.Practice("Z99901")
	if err != nil {
		t.Fatal(err)
	}
	return &practice{p, t, clock}, func() { _, _ = s.Close(), log.Close() }
}

func (p *practice) put(typ, id, rest string) ident.Position {
	p.t.Helper()
	w, err := record.Prepare(ident.Ref{Type: typ, ID: id}, []byte(`{"resourceType":"`+typ+`",`+rest+`}`))
	if err != nil {
		p.t.Fatal(err)
	}
	r, err := p.Commit(ctx, record.Change{Author: record.Author{Ref: "Practitioner/x"}, Reason: "test", Writes: []record.Write{w}})
	if err != nil {
		p.t.Fatal(err)
	}
	return r.Position
}

type task struct {
	id, status, state, priority, patient, by, owner, channel string
}

func (p *practice) task(k task) ident.Position {
	p.t.Helper()
	s := `"intent":"order","status":"` + k.status + `","priority":"` + k.priority + `",` +
		`"code":{"coding":[{"system":"https://heartwood.example/fhir/task-code","code":"request"}]},` +
		`"groupIdentifier":{"value":"HW-` + k.id + `"},"authoredOn":"2026-03-02T08:00:00Z",` +
		`"for":{"reference":"Patient/` + k.patient + `"},"focus":{"reference":"QuestionnaireResponse/` + k.id + `"}`
	if k.state != "" {
		s += `,"businessStatus":{"coding":[{"system":"https://heartwood.example/fhir/business-status","code":"` + k.state + `"}]}`
	}
	if k.by != "" {
		s += `,"restriction":{"period":{"end":"` + k.by + `"}}`
	}
	if k.owner != "" {
		s += `,"owner":{"reference":"` + k.owner + `"}`
	}
	if k.channel != "" {
		s += `,"input":[{"type":{"coding":[{"code":"channel"}]},"valueString":"` + k.channel + `"}]`
	}
	return p.put("Task", k.id, s)
}

func (p *practice) patient(id, family string) ident.Position {
	return p.put("Patient", id, `"birthDate":"1984-02-29","name":[{"family":"Old","use":"old"},{"given":["Ann"],"family":"`+family+`"}]`)
}

func (p *practice) asked(id, what string) {
	p.put("QuestionnaireResponse", id, `"status":"completed","item":[{"linkId":"g","item":[{"linkId":"what","answer":[{"valueString":"`+what+`"}]}]}]`)
}

func (p *practice) list(t *testing.T) *List {
	l := New(p.Practice)
	run, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { defer close(done); _ = l.Run(run) }()
	t.Cleanup(func() { stop(); <-done })
	if err := l.Ready(ctx); err != nil {
		t.Fatal(err)
	}
	return l
}

func newPractice(t *testing.T) *practice {
	p, done := open(t)
	t.Cleanup(done)
	return p
}

func TestQueueFollowsTheRecord(t *testing.T) {
	p := newPractice(t)
	p.patient("1", "Example")
	p.asked("a", "My knee hurts")
	p.task(task{id: "a", status: "requested", state: "waiting", priority: "routine", patient: "1", by: "2026-03-03T18:30:00Z", owner: "CareTeam/triage", channel: "web"})
	p.task(task{id: "done", status: "completed", priority: "stat", patient: "1"})
	p.put("Task", "job", `"status":"requested","intent":"order","code":{"coding":[{"system":"https://heartwood.example/fhir/task-code","code":"job"}]}`)
	l := p.list(t)
	sub := l.Subscribe(t.Context())
	v := l.View(Filter{})
	if len(v.Rows) != 1 {
		t.Fatalf("rows: %+v", v.Rows)
	}
	r := v.Rows[0]
	if r.Name != "Ann Example" || r.Age != "42" || r.Asked != "My knee hurts" || r.Reference != "HW-a" || r.Channel != "web" || r.Waiting != OnTriage {
		t.Errorf("row: %+v", r)
	}
	p.task(task{id: "b", status: "accepted", state: "triaged", priority: "urgent", patient: "1", owner: "Practitioner/gp", channel: "phone"})
	p.put("Practitioner", "gp", `"name":[{"prefix":["Dr"],"family":"Test"}]`)
	p.put("DetectedIssue", "d", `"status":"final","code":{"text":"Possible heart attack"},"implicated":[{"reference":"Task/b"}]`)
	pos := p.patient("1", "Married")
	wait, stop := context.WithTimeout(ctx, 5*time.Second)
	defer stop()
	if err := l.Wait(wait, pos); err != nil {
		t.Fatal(err)
	}
	<-sub
	v = l.View(Filter{})
	if len(v.Rows) != 2 || v.Rows[0].Task.ID != "b" || v.Rows[0].OwnerName != "Dr Test" || v.Rows[1].Name != "Ann Married" || len(v.Rows[0].Flags) != 1 {
		t.Errorf("rows: %+v", v.Rows)
	}
	if c := v.Counts; c.Open != 2 || c.Urgent != 1 || c.Flagged != 1 || c.Nobody != 1 || c.ByChannel["phone"] != 1 {
		t.Errorf("counts: %+v", c)
	}
	pos = p.task(task{id: "b", status: "completed", state: "answered", priority: "urgent", patient: "1"})
	if err := l.Wait(wait, pos); err != nil {
		t.Fatal(err)
	}
	if _, ok := l.Row(ident.Ref{Type: "Task", ID: "b"}); ok {
		t.Error("a closed request is in the queue")
	}
}

// A queue whose following broke off catches up when it is run again.
func TestRunAgain(t *testing.T) {
	p := newPractice(t)
	p.task(task{id: "a", status: "requested", priority: "urgent", patient: "1"})
	l := New(p.Practice)
	run := func() (stop func()) {
		c, cancel := context.WithCancel(ctx)
		done := make(chan struct{})
		go func() { defer close(done); _ = l.Run(c) }()
		if err := l.Ready(ctx); err != nil {
			t.Fatal(err)
		}
		return func() { cancel(); <-done }
	}
	run()()
	p.task(task{id: "b", status: "requested", priority: "urgent", patient: "1"})
	pos := p.task(task{id: "a", status: "completed", priority: "urgent", patient: "1"})
	defer run()()
	wait, stop := context.WithTimeout(ctx, 5*time.Second)
	defer stop()
	if err := l.Wait(wait, pos); err != nil {
		t.Fatal(err)
	}
	if v := l.View(Filter{}); len(v.Rows) != 1 || v.Rows[0].Task.ID != "b" {
		t.Errorf("rows: %+v", v.Rows)
	}
}

func TestFilterAndOrder(t *testing.T) {
	p := newPractice(t)
	p.patient("1", "Example")
	p.task(task{id: "r", status: "requested", priority: "routine", patient: "1", by: "2026-03-02T08:30:00Z", owner: "CareTeam/triage"})
	p.task(task{id: "u2", status: "in-progress", state: "with-patient", priority: "urgent", patient: "1", by: "2026-03-02T18:00:00Z", owner: "Practitioner/gp"})
	p.task(task{id: "u1", status: "accepted", state: "triaged", priority: "urgent", patient: "1", by: "2026-03-02T12:00:00Z", owner: "Practitioner/gp"})
	p.task(task{id: "s", status: "requested", priority: "stat", patient: "1"})
	p.task(task{id: "odd", status: "cancelled", priority: "routine", patient: "1"}) // still in sight
	l := p.list(t)
	gp := ident.Ref{Type: "Practitioner", ID: "gp"}
	for _, tt := range []struct {
		name string
		f    Filter
		want string
	}{
		{"all", Filter{}, "s u1 u2 odd r"},
		{"mine", Filter{Owner: gp}, "u1 u2"},
		{"nobody's", Filter{Nobody: true}, "s odd r"},
		{"with the patient", Filter{Waiting: OnPatient}, "u2"},
		{"late", Filter{Late: true}, "r"},
		{"urgent", Filter{Priority: "urgent", Limit: 1}, "u1"},
		{"words", Filter{Text: "example hw-u2"}, "u2"},
	} {
		got := ""
		for _, r := range l.View(tt.f).Rows {
			got += " " + r.Task.ID
		}
		if got != " "+tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestPresence(t *testing.T) {
	p := newPractice(t)
	p.task(task{id: "a", status: "requested", priority: "urgent", patient: "1"})
	p.task(task{id: "b", status: "requested", priority: "routine", patient: "1"})
	l := p.list(t)
	a := ident.Ref{Type: "Task", ID: "a"}
	ann := Person{ident.Ref{Type: "Practitioner", ID: "ann"}, "Ann"}
	bob := Person{ident.Ref{Type: "Practitioner", ID: "bob"}, "Bob"}
	if others := l.Open(context.Background(), a, ann); len(others) != 0 {
		t.Errorf("others: %v", others)
	}
	if others := l.Open(context.Background(), a, bob); len(others) != 1 || others[0].Name != "Ann" {
		t.Errorf("others: %v", others)
	}
	if r, ok := l.Next(Filter{}, ident.Ref{}, Person{}.Ref); !ok || r.Task.ID != "b" {
		t.Errorf("next passes by what others look at: %+v", r)
	}
	l.Leave(a, bob.Ref)
	if r, ok := l.Next(Filter{}, ident.Ref{}, ann.Ref); !ok || r.Task.ID != "a" {
		t.Errorf("next for whoever is looking at it: %+v", r)
	}
	if r, ok := l.Next(Filter{}, ident.Ref{Type: "Task", ID: "b"}, ann.Ref); !ok || r.Task.ID != "a" {
		t.Errorf("next after the last: %+v", r)
	}
	before := l.Revision()
	p.clock.Add(int64(Lease))
	l.sweep(p.Now())
	if r, _ := l.Row(a); len(r.Looking) != 0 || l.Revision() == before {
		t.Errorf("a quiet page still holds: %+v", r.Looking)
	}
}

// However entries come, singly or in batches, the queue is the one that a
// fresh load gives.
func TestRebuildEqualsIncremental(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p, done := open(rt)
		defer done()
		l := New(p.Practice)
		from := ident.Position{}
		for range rapid.IntRange(1, 3).Draw(rt, "bursts") {
			for range rapid.IntRange(1, 8).Draw(rt, "changes") {
				p.anything(rt)
			}
			from = l.catchUp(rt, p, from)
			fresh := New(p.Practice)
			if err := fresh.load(ctx); err != nil {
				rt.Fatal(err)
			}
			if d := cmp.Diff(fresh.View(Filter{}).Rows, l.View(Filter{}).Rows); d != "" {
				rt.Fatalf("fresh (-) and followed (+) differ:\n%s", d)
			}
		}
	})
}

// catchUp applies the new entries in batches of random size.
func (l *List) catchUp(rt *rapid.T, p *practice, from ident.Position) ident.Position {
	var all []record.Entry
	run, stop := context.WithCancel(ctx)
	defer stop()
	want := p.Position()
	if from.Covers(want) {
		return want
	}
	err := p.Follow(run, from, func(batch []record.Entry) error {
		all = append(all, batch...)
		last := batch[len(batch)-1]
		if last.Seq == want[last.Stream] {
			stop()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		rt.Fatal(err)
	}
	for len(all) > 0 {
		n := rapid.IntRange(1, len(all)).Draw(rt, "batch")
		if err := l.apply(ctx, all[:n]); err != nil {
			rt.Fatal(err)
		}
		all = all[n:]
	}
	return want
}

func (p *practice) anything(rt *rapid.T) {
	one := func(name string, of ...string) string { return rapid.SampledFrom(of).Draw(rt, name) }
	id := one("id", "a", "b", "c")
	switch one("what", "task", "task", "patient", "asked", "owner", "flag", "delete") {
	case "task":
		p.task(task{
			id: id, status: one("status", "requested", "accepted", "in-progress", "completed"), state: one("state", "waiting", "triaged", "with-patient"),
			priority: one("priority", "routine", "urgent", "stat"), patient: one("patient", "1", "2"),
			owner: one("owner", "CareTeam/triage", "Practitioner/gp"), by: one("by", "", "2026-03-03T18:30:00Z"),
		})
	case "patient":
		p.patient(one("patient", "1", "2"), one("name", "Example", "Sample"))
	case "asked":
		p.asked(id, one("words", "knee", "cough"))
	case "owner":
		p.put("Practitioner", "gp", fmt.Sprintf(`"name":[{"text":"Dr %s"}]`, one("doctor", "Test", "Trial")))
	case "flag":
		p.put("DetectedIssue", one("issue", "d", "e"), `"status":"final","code":{"text":"`+one("rule", "x", "y")+`"},"implicated":[{"reference":"Task/`+id+`"}]`)
	case "delete":
		ref := ident.Ref{Type: "DetectedIssue", ID: one("issue", "d", "e")}
		if _, err := p.Read(ctx, ref); err == nil {
			_, _ = p.Commit(ctx, record.Change{Author: record.Author{Ref: "Practitioner/x"}, Reason: "test", Writes: []record.Write{record.Remove(ref)}})
		}
	}
}

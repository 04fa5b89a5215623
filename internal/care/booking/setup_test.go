package booking_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"heartwood/internal/care/booking"
	"heartwood/internal/care/write"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/pebble"
	"heartwood/internal/words"
)

// fatal is what tests and rapid checks share.
type fatal interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// practice is a real record in memory, with a clock that tests move.
type practice struct {
	*record.Practice
	clock *atomic.Int64
	t     fatal
	svc   *booking.Service
}

func (p *practice) set(t time.Time) { p.clock.Store(t.UnixNano()) }

func open(tb testing.TB, t fatal) (*practice, func()) {
	log, err := pebble.Open(pebble.Config{})
	if err != nil {
		t.Fatal(err)
	}
	clock := &atomic.Int64{}
	clock.Store(at("2026-03-02T08:00").UnixNano())
	s, err := record.Open(context.Background(), record.Config{Log: log, Now: func() time.Time { return time.Unix(0, clock.Load()) }})
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.Practice("Z99901")
	if err != nil {
		t.Fatal(err)
	}
	return &practice{p, clock, t, booking.New()}, func() { _, _ = s.Close(), log.Close() }
}

func newPractice(t *testing.T) *practice {
	p, done := open(t, t)
	t.Cleanup(done)
	p.put("Patient", "ann", write.Obj{"name": write.List{write.Obj{"family": "Example"}}})
	p.put("Patient", "ben", write.Obj{"name": write.List{write.Obj{"family": "Sample"}}})
	p.session("gp", "Dr Test")
	return p
}

var (
	staff = record.Author{Ref: "Practitioner/nav", Role: "navigator"}
	self  = record.Author{Ref: "Patient/ann", Role: "patient"}
)

// at is a London wall-clock time.
func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02T15:04", s, words.London)
	if err != nil {
		panic(err)
	}
	return t
}

func ref(typ, id string) ident.Ref { return ident.Ref{Type: typ, ID: id} }

func (p *practice) put(typ, id string, o write.Obj) {
	p.t.Helper()
	b := write.New(staff, "test: set up", "")
	b.Create(ref(typ, id), o)
	c, err := b.Change()
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := p.Commit(context.Background(), c); err != nil {
		p.t.Fatal(err)
	}
}

func (p *practice) session(id, name string) {
	p.put("Schedule", id, write.Obj{"active": true, "actor": write.List{
		write.Named(ref("Practitioner", id), name),
	}})
}

// slot adds a free slot to a session and returns it.
func (p *practice) slot(session, id string, start time.Time, minutes int) ident.Ref {
	p.t.Helper()
	p.put("Slot", id, write.Obj{
		"schedule": write.Obj{"reference": "Schedule/" + session}, "status": "free",
		"serviceType": write.List{write.Obj{"text": "Routine"}},
		"start":       write.Instant(start), "end": write.Instant(start.Add(time.Duration(minutes) * time.Minute)),
		"extension": write.List{write.Obj{
			"url":                  "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DeliveryChannel",
			"valueCodeableConcept": write.Coded("https://fhir.hl7.org.uk/CodeSystem/UKCore-DeliveryChannel", "Telephone", ""),
		}},
	})
	return ref("Slot", id)
}

func (p *practice) request(id string) ident.Ref {
	p.put("Task", id, write.Obj{"status": "accepted", "intent": "order", "for": write.Obj{"reference": "Patient/ann"}})
	return ref("Task", id)
}

func (p *practice) get(r ident.Ref, path ...string) string {
	p.t.Helper()
	v, err := p.Read(context.Background(), r)
	if err != nil {
		p.t.Fatalf("%s: %v", r, err)
	}
	res, err := v.Resource()
	if err != nil {
		p.t.Fatal(err)
	}
	return res.Get(path...).Str()
}

func (p *practice) count(query string) int {
	p.t.Helper()
	page, err := p.Find(context.Background(), query+"&_count=500")
	if err != nil {
		p.t.Fatalf("%s: %v", query, err)
	}
	return len(page.Matches)
}

// valid checks every resource of these types against R4.
func (p *practice) valid(types ...string) {
	p.t.Helper()
	for _, typ := range types {
		for _, v := range must(p.Find(context.Background(), typ+"?_count=500")).Matches {
			for _, i := range fhir.Validate(must(v.Resource())) {
				p.t.Fatalf("%s: %+v", v.Ref, i)
			}
		}
	}
}

// must gives the value of a step that sets a test up; a failure ends the run.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

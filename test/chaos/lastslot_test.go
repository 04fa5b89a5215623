package chaos_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"heartwood/internal/care/booking"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/postgres"
	"heartwood/internal/record/postgres/pgtest"
)

// TestLastSlot has people book the same slots at the same moment through two
// stores on one database: of each slot one person has it, and everybody else
// is told that it was taken.
func TestLastSlot(t *testing.T) {
	hazard.Covers(t, "H-004")
	const people, times = 6, 12
	ctx, database := context.Background(), pgtest.Database(t)
	stores := []*record.Practice{practiceOn(t, database), practiceOn(t, database)}
	for n := range times {
		put(t, stores[0], fmt.Sprintf("Slot/s%d", n), slot(n, "free"))
	}
	put(t, stores[0], "Schedule/day", `{"resourceType":"Schedule","id":"day","active":true,"actor":[{"reference":"Practitioner/gp"}]}`)
	for n := range people {
		put(t, stores[0], fmt.Sprintf("Patient/p%d", n), fmt.Sprintf(`{"resourceType":"Patient","id":"p%d","name":[{"family":"Test"}]}`, n))
	}
	if err := stores[1].Wait(ctx, stores[0].Position()); err != nil {
		t.Fatal(err)
	}
	desk, taken := booking.New(), 0
	for n := range times {
		var wg sync.WaitGroup
		errs := make([]error, people)
		for who := range people {
			wg.Add(1)
			go func() {
				defer wg.Done()
				_, errs[who] = desk.Book(ctx, stores[who%2], record.Author{Ref: "Practitioner/nav", Role: "navigator"}, booking.BookCommand{
					Patient: ident.Ref{Type: "Patient", ID: fmt.Sprintf("p%d", who)}, Slot: ident.Ref{Type: "Slot", ID: fmt.Sprintf("s%d", n)},
					Reason: "A check", Key: fmt.Sprintf("book-%d-%d", who, n),
				})
			}()
		}
		wg.Wait()
		won := 0
		for who, err := range errs {
			var gone *booking.Taken
			switch {
			case err == nil:
				won++
			case errors.As(err, &gone):
				taken++
			default:
				t.Errorf("slot %d, person %d: %v", n, who, fault.From(err))
			}
		}
		if won != 1 {
			t.Errorf("slot %d was given to %d people", n, won)
		}
	}
	if err := stores[1].Wait(ctx, stores[0].Position()); err != nil {
		t.Fatal(err)
	}
	page, err := stores[1].Find(ctx, "Appointment?status=booked&_count=500")
	if err != nil || len(page.Matches) != times {
		t.Errorf("%d appointments of %d slots (%v)", len(page.Matches), times, err)
	}
	t.Logf("%d were told that a slot was taken", taken)
}

// TestLastPlaceOfAGroup has many people book one group session at the same
// moment through two stores on one database: it has as many as it has places,
// and everybody else is told that it is full.
func TestLastPlaceOfAGroup(t *testing.T) {
	hazard.Covers(t, "H-004")
	const people, places, times = 9, 4, 3
	ctx, database := context.Background(), pgtest.Database(t)
	stores := []*record.Practice{practiceOn(t, database), practiceOn(t, database)}
	for n := range times {
		put(t, stores[0], fmt.Sprintf("Slot/s%d", n), group(slot(n, "free"), places))
	}
	put(t, stores[0], "Schedule/day", `{"resourceType":"Schedule","id":"day","active":true,"actor":[{"reference":"Practitioner/gp"}]}`)
	for n := range people {
		put(t, stores[0], fmt.Sprintf("Patient/p%d", n), fmt.Sprintf(`{"resourceType":"Patient","id":"p%d","name":[{"family":"Test"}]}`, n))
	}
	if err := stores[1].Wait(ctx, stores[0].Position()); err != nil {
		t.Fatal(err)
	}
	desk := booking.New()
	for n := range times {
		var wg sync.WaitGroup
		errs := make([]error, people)
		for who := range people {
			wg.Go(func() {
				_, errs[who] = desk.Book(ctx, stores[who%2], record.Author{Ref: "Practitioner/nav", Role: "navigator"}, booking.BookCommand{
					Patient: ident.Ref{Type: "Patient", ID: fmt.Sprintf("p%d", who)}, Slot: ident.Ref{Type: "Slot", ID: fmt.Sprintf("s%d", n)},
					Reason: "A group", Key: fmt.Sprintf("group-%d-%d", who, n),
				})
			})
		}
		wg.Wait()
		won := 0
		for who, err := range errs {
			var full *booking.Taken
			if err == nil {
				won++
			} else if !errors.As(err, &full) {
				t.Errorf("group %d, person %d: %v", n, who, fault.From(err))
			}
		}
		if won != places {
			t.Errorf("a group of %d places was given to %d people", places, won)
		}
	}
	if err := stores[1].Wait(ctx, stores[0].Position()); err != nil {
		t.Fatal(err)
	}
	page, err := stores[1].Find(ctx, "Appointment?status=booked&_count=500")
	if err != nil || len(page.Matches) != times*places {
		t.Errorf("%d appointments of %d groups of %d (%v)", len(page.Matches), times, places, err)
	}
}

// group is a slot with places for so many.
func group(slot string, places int) string {
	return strings.Replace(slot, `{"url":"who"`, fmt.Sprintf(`{"url":"capacity","valueInteger":%d},{"url":"who"`, places), 1)
}

func practiceOn(t *testing.T, database string) *record.Practice {
	t.Helper()
	l, err := postgres.Open(context.Background(), database)
	if err != nil {
		t.Fatal(err)
	}
	s, err := record.Open(context.Background(), record.Config{Log: l, Poll: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = s.Close(), l.Close() })
	p, err := s.Practice(clusterPractice)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func put(t *testing.T, p *record.Practice, at, body string) {
	t.Helper()
	typ, id, _ := strings.Cut(at, "/")
	w, err := record.Prepare(ident.Ref{Type: typ, ID: id}, []byte(body))
	if err == nil {
		_, err = p.Commit(context.Background(), record.Change{Reason: "test", Writes: []record.Write{w}})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Package weeks lives through weeks of a practice on a clock of its own, and
// proves at the end of every day that nothing was lost.
//
// What comes in: a seed. What goes out: a failing test that names the seed. It
// must never look at what the ledger keeps to know what was asked: it counts
// what people were shown.
package weeks

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/message"
	"heartwood/internal/care/opening"
	"heartwood/internal/care/request"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
)

const (
	ods      = ident.ODS("Z99901")
	patients = 150
)

type sim struct {
	t        *testing.T
	seed     uint64
	dice     *rand.Rand
	clock    atomic.Int64
	began    time.Time
	store    *record.Store
	requests *request.Service
	messages *message.Service

	receipts []request.Receipt
	asked    map[request.Channel]int // receipts shown
	parts    map[request.Channel]int // requests split off
	did      map[string]int
	key      int
}

var clinician = record.Author{Ref: "Practitioner/gp", Role: care.RoleClinician}

func open(t *testing.T, from time.Time, seed uint64) *sim {
	s := &sim{
		t: t, seed: seed, dice: rand.New(rand.NewPCG(seed, 1)), began: from,
		asked: map[request.Channel]int{}, parts: map[request.Channel]int{}, did: map[string]int{},
	}
	s.clock.Store(from.UnixNano())
	s.store = memory.Open(t, s.now)
	s.requests, s.messages = request.New(s.store), message.New(s.store)
	p, err := s.store.Practice(ods)
	must(t, err)
	c := record.Change{Author: clinician}
	for i := range patients {
		body := fmt.Sprintf(`{"resourceType":"Patient","id":"p%d","name":[{"family":"Weeks","given":["P%d"]}],"gender":"female","birthDate":"%d-03-04"}`, i, i, 1940+i%70)
		w, err := record.Prepare(ident.Ref{Type: "Patient", ID: fmt.Sprintf("p%d", i)}, []byte(body))
		must(t, err)
		c.Writes = append(c.Writes, w)
	}
	_, err = p.Commit(t.Context(), c)
	must(t, err)
	return s
}

// now moves a little each time that it is asked, as a clock does.
func (s *sim) now() time.Time { return time.Unix(0, s.clock.Add(int64(time.Millisecond))) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (s *sim) next() string {
	s.key++
	return fmt.Sprintf("k%d", s.key)
}

// perHour are the needs of an hour of the day on a working day, for 150
// patients made some ten times busier than England's.
var perHour = [24]int{6: 1, 7: 1, 8: 7, 9: 6, 10: 4, 11: 4, 12: 3, 13: 3, 14: 3, 15: 3, 16: 2, 17: 2, 18: 1, 20: 1}

// hour passes an hour: people ask all the time, staff work while it is open.
func (s *sim) hour() {
	at := time.Unix(0, s.clock.Load())
	n := perHour[at.Hour()]
	if at.Weekday() == time.Saturday || at.Weekday() == time.Sunday {
		n = min(n, 1)
	}
	for range n {
		s.ask()
	}
	if opening.Core().Open(at) {
		s.step(5)
	}
	s.clock.Store(at.Add(time.Hour).UnixNano())
}

var says = []string{
	"I need my repeat prescription please.", "My knee is sore.", "Can I have my blood test result?",
	"I have had chest pain and sweating since this morning.", "Two things: my foot hurts, and I need a letter for work.",
	"A rash on my arm.", "Please change my address.", "My cough is not going away.",
}

// ask is somebody asking, by any channel; now and then they send it twice.
func (s *sim) ask() {
	channel := request.Channels[s.dice.IntN(len(request.Channels))]
	patient := fmt.Sprintf("Patient/p%d", s.dice.IntN(patients))
	by := record.Author{Ref: patient, Role: care.RolePatient}
	a := request.Ask{
		Patient: patient, Asker: request.Self, Channel: channel, Kind: request.Kinds[s.dice.IntN(4)],
		What: says[s.dice.IntN(len(says))], Contact: request.Contact{How: "phone", Number: "01632 960001"},
	}
	if channel == request.Phone || channel == request.Desk {
		by, a.Asker = clinician, request.Staff
	}
	key := s.next()
	r, err := s.requests.Receive(context.Background(), ods, by, a, key)
	must(s.t, err)
	if s.dice.IntN(10) == 0 {
		again, err := s.requests.Receive(context.Background(), ods, by, a, key)
		must(s.t, err)
		if again.ID != r.ID {
			s.t.Fatalf("seed %d: one form made two requests", s.seed)
		}
	}
	s.asked[channel]++
	s.receipts = append(s.receipts, r)
}

// step has staff deal with so many requests, the most urgent first, and says
// how many are left.
func (s *sim) step(n int) int {
	queue, err := s.requests.Queue(context.Background(), ods)
	must(s.t, err)
	for _, v := range queue[:min(n, len(queue))] {
		d := deeds[s.dice.IntN(len(deeds))]
		switch err := d.do(s, v, queue); {
		case err == nil:
			s.did[d.name]++
		case fault.Is(err, fault.Refused), fault.Is(err, fault.Conflict), fault.Is(err, fault.Invalid):
			// what may not be done was not: the counts will tell
		default:
			s.t.Fatalf("seed %d: %s: %v", s.seed, d.name, err)
		}
	}
	return len(queue)
}

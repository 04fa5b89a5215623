package soak

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/message"
	"heartwood/internal/care/request"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

const (
	practice = ident.ODS("Z99901")
	workers  = 8
)

// patients is how many ask: about 15 requests from each, as many as a practice
// has on its list when it comes to a million events.
func patients() int { return max(50, *events/50) }

var clinician = record.Author{Ref: "Practitioner/gp", Role: care.RoleClinician}

// patientOf is whose form a key is.
func patientOf(key string) string {
	n := 0
	for _, c := range key {
		n = n*31 + int(c)
	}
	return fmt.Sprintf("Patient/p%d", (n%patients()+patients())%patients())
}

func self(key string) record.Author {
	return record.Author{Ref: patientOf(key), Role: care.RolePatient, For: patientOf(key)}
}

var wants = []string{"A letter, please", "My chest hurts and I am sweating", "My knee aches", "I found a lump in my breast"}

func ask(key string) request.Ask {
	return request.Ask{
		Patient: patientOf(key), Asker: request.Self, Channel: request.Web, Kind: request.Kinds[len(key)%len(request.Kinds)],
		What: wants[int(key[len(key)-1])%len(wants)] + " " + key, HowLong: "a day", Contact: request.Contact{How: "message"},
	}
}

// pens write what was done, a line each, as the people outside know it.
type pens struct {
	mu            sync.Mutex
	events, forms *os.File
}

func (p *pens) event() {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, _ = p.events.WriteString(".\n")
}

func (p *pens) form(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, _ = p.forms.WriteString(line + "\n")
}

func pen(dir, name string) (*os.File, error) {
	return os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
}

// inject does n things with several workers at once.
func (h *house) inject(dir string, round, n int) error {
	events, err := pen(dir, "events")
	if err != nil {
		return err
	}
	forms, err := pen(dir, "forms")
	if err != nil {
		return err
	}
	p := &pens{events: events, forms: forms}
	if err := h.people(); err != nil {
		return err
	}
	fmt.Println("up")
	var done atomic.Int64
	var wg sync.WaitGroup
	errs := make(chan error, workers)
	for w := range workers {
		wg.Go(func() {
			one := worker{h: h, p: p, rnd: rand.New(rand.NewPCG(uint64(round), uint64(w))), name: fmt.Sprintf("r%dw%d", round, w)}
			for done.Add(1) <= int64(n) {
				if err := one.event(); err != nil {
					errs <- err
					return
				}
				p.event()
			}
		})
	}
	wg.Wait()
	close(errs)
	return <-errs
}

// people puts the patients into the record, once.
func (h *house) people() error {
	c := record.Change{Author: clinician, Reason: "soak", Key: "people"}
	if _, ok, err := h.p.Repeat(context.Background(), c.Key); ok || err != nil {
		return err
	}
	for i := range patients() {
		ref := ident.Ref{Type: "Patient", ID: fmt.Sprintf("p%d", i)}
		w, err := record.Prepare(ref, fmt.Appendf(nil, `{"resourceType":"Patient","id":%q,"birthDate":"1980-01-01","name":[{"given":["P"],"family":"Example"}]}`, ref.ID))
		if err != nil {
			return err
		}
		c.Writes = append(c.Writes, w)
	}
	_, err := h.p.Commit(context.Background(), c)
	return err
}

type worker struct {
	h    *house
	p    *pens
	rnd  *rand.Rand
	name string
	sent int
	keys []string
	ids  []string
	last string // batch
}

// event does one thing. What a rule refuses, or somebody else was first with,
// and what was cut off, are all in order.
func (w *worker) event() error {
	ctx, stop := context.Background(), func() {}
	if w.rnd.IntN(10) == 0 { // the connection is cut on the way
		ctx, stop = context.WithTimeout(ctx, time.Duration(w.rnd.IntN(2000))*time.Microsecond)
	}
	defer stop()
	err := w.do(ctx)
	if err == nil || refused(err) || ctx.Err() != nil || fault.Is(err, fault.Busy) {
		return nil
	}
	return errors.Join(fmt.Errorf("soak: %s", w.name), err)
}

func (w *worker) do(ctx context.Context) error {
	n := w.rnd.IntN(100)
	switch {
	case n < 30 || len(w.ids) == 0:
		w.sent++
		return w.send(ctx, fmt.Sprintf("%s-%d", w.name, w.sent))
	case n < 38: // again, by whoever presses twice or saw no answer
		return w.send(ctx, w.keys[w.rnd.IntN(len(w.keys))])
	case n < 44:
		_, err := message.New(w.h.store).Reply(ctx, practice, clinician, message.Reply{Request: w.pick(), Text: "It is worse now."}, "")
		return err
	case n < 50:
		return w.h.requests.Merge(ctx, practice, clinician, w.pick(), "", request.Merge{Into: w.pick()}, "")
	case n < 56:
		return w.bulk(ctx)
	case n < 58 && w.last != "":
		_, err := w.h.requests.Undo(ctx, practice, clinician, w.last)
		return err
	case n < 59:
		return w.h.round(ctx)
	}
	_, err := w.h.requests.Do(ctx, practice, clinician, w.pick(), "", w.command())
	return err
}

func (w *worker) send(ctx context.Context, key string) error {
	w.p.form(key)
	w.keys = append(w.keys, key)
	r, err := w.h.requests.Receive(ctx, practice, self(key), ask(key), key)
	if err == nil {
		w.p.form(key + " " + r.Reference)
		w.ids = append(w.ids, r.ID)
	}
	return err
}

// round looks for alarms, one at a time as a server does: the others go on.
func (h *house) round(ctx context.Context) error {
	if !h.looking.TryLock() {
		return nil
	}
	defer h.looking.Unlock()
	return h.watch.Round(ctx, h.p)
}

func (w *worker) pick() string { return w.ids[w.rnd.IntN(len(w.ids))] }

func (w *worker) bulk(ctx context.Context) error {
	var picked []request.Picked
	for range 1 + w.rnd.IntN(5) {
		v, err := request.Brief(ctx, w.h.p, w.pick())
		if err != nil {
			return err
		}
		picked = append(picked, request.Picked{ID: v.ID, Version: v.Version})
	}
	cmd := []request.Command{
		request.Assign{To: request.Owner{Ref: "Practitioner/gp"}},
		request.Close{Outcome: request.AdminDone, Told: "It is ready."},
		request.Snooze{Until: time.Now().Add(time.Hour), Reason: "later"},
	}[w.rnd.IntN(3)]
	b, err := w.h.requests.Bulk(ctx, practice, clinician, picked, cmd, ident.NewID())
	if err == nil {
		w.last = b.ID
	}
	return err
}

func (w *worker) command() request.Command {
	gp := request.Owner{Ref: "Practitioner/gp", Name: "GP"}
	return []request.Command{
		request.Confirm{Urgency: request.Urgency(1 + w.rnd.IntN(4)), Reason: "looked"},
		request.Assign{To: gp},
		request.Start{},
		request.Await{},
		request.Spoke{},
		request.Snooze{Until: time.Now().Add(time.Duration(w.rnd.IntN(50)) * time.Hour), Reason: "later", Past: w.rnd.IntN(2) == 0},
		request.Wake{},
		request.Escalate{To: gp, Reason: "worse"},
		request.Take{By: gp},
		request.Split{What: "one part", To: gp},
		request.Close{Outcome: request.AdviceGiven, Told: "Rest."},
		request.Close{Outcome: request.AdviceGiven, Told: "Rest."},
		request.Reopen{Reason: "rang back"},
	}[w.rnd.IntN(13)]
}

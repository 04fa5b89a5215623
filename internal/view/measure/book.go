package measure

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"heartwood/internal/care/opening"
	"heartwood/internal/care/starts"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/view/read"
)

// Book is everything that is measured of one practice, kept current: a fact
// for each request, a cell for each hour's work, a line for each appointment.
// It follows the log in memory; dropped, it comes back the same. Its methods
// may be called from anywhere.
type Book struct {
	p *record.Practice

	mu       sync.RWMutex // protects all fields below
	ledger   Ledger
	days     map[int32]*day
	hours    opening.Hours
	people   map[string]Who    // by Patient id
	left     map[string]bool   // patients who are not registered now
	forms    map[string]*fact  // by QuestionnaireResponse id
	needs    map[string]Who    // what a form says of needs, until its request comes
	roles    map[string]string // what a Practitioner is: "GP", "Practice nurse"
	visits   map[string]*Visit
	free     map[string]Visit             // times in the diary that nobody has, by Slot id
	lists    map[string]string            // whose a Schedule is, by its id: a Practitioner id
	starts   map[int32]map[starts.Key]int // forms begun online, by the day
	work     workbook
	assigned map[ident.Ref]string // jobs that are open, so that ending one counts once
	pos      ident.Position
	moved    chan struct{} // closed, and replaced, when pos moves

	summing sync.Mutex // protects the sums of days; taken after mu
}

// NewBook makes the book of a practice; it is empty until Run has filled it.
func NewBook(p *record.Practice) *Book {
	b := &Book{p: p, moved: make(chan struct{})}
	b.empty()
	return b
}

// empty begins anew; nobody else sees the book, or mu is held.
func (b *Book) empty() {
	b.hours, b.pos = opening.Core(), ident.Position{}
	b.days, b.starts = map[int32]*day{}, map[int32]map[starts.Key]int{}
	b.people, b.left, b.roles = map[string]Who{}, map[string]bool{}, map[string]string{}
	b.forms, b.needs = map[string]*fact{}, map[string]Who{}
	b.free, b.lists = map[string]Visit{}, map[string]string{}
	b.visits, b.assigned = map[string]*Visit{}, map[ident.Ref]string{}
	b.work = newWorkbook()
	b.ledger = Ledger{hours: func() opening.Hours { return b.hours }, fresh: b.placed}
}

// Read makes the book of a practice as it is now, and does not keep it.
func Read(ctx context.Context, p *record.Practice) (*Book, error) {
	b := NewBook(p)
	return b, replay(ctx, p, b.apply)
}

// again is how long Run waits before it takes up following that broke off.
const again = time.Second

// Run fills the book and follows the record until the context ends.
func (b *Book) Run(ctx context.Context) error {
	for {
		b.mu.RLock()
		from := b.pos.Clone()
		b.mu.RUnlock()
		err := b.p.Follow(ctx, from, b.apply)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		slog.ErrorContext(ctx, "measure: following broke off", "practice", b.p.ODS(), "error", err)
		select {
		case <-time.After(again):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Ready returns when the book shows what the record has now, or when the
// context ends.
func (b *Book) Ready(ctx context.Context) error {
	want := b.p.Position()
	for s := range want {
		if isAccess(s) {
			delete(want, s) // who looked is another log
		}
	}
	for {
		b.mu.RLock()
		done, moved := b.pos.Covers(want), b.moved
		b.mu.RUnlock()
		if done {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return fault.Wrap(ctx.Err(), fault.Busy, "The figures are being made ready. Try again in a moment.")
		}
	}
}

// apply enters a batch of the log. An entry that cannot be read is passed
// over: it says nothing that could be counted.
func (b *Book) apply(batch []record.Entry) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range batch {
		e := &batch[i]
		b.pos[e.Stream] = e.Seq
		if e.Op == record.Delete {
			b.gone(e.Ref())
			continue
		}
		if !counted[e.Type] {
			continue
		}
		if res, err := fhir.ParseResource(e.Body); err == nil {
			b.enter(e, res)
		}
	}
	close(b.moved)
	b.moved = make(chan struct{})
	return nil
}

// counted are the types of resource that the book looks at.
var counted = map[string]bool{
	"Task": true, "Patient": true, "QuestionnaireResponse": true, "HealthcareService": true, "Communication": true,
	"Appointment": true, "Encounter": true, "DocumentReference": true, "DiagnosticReport": true, "PractitionerRole": true, "MeasureReport": true, "Slot": true, "Schedule": true,
}

func (b *Book) gone(ref ident.Ref) {
	switch ref.Type {
	case "Task":
		b.ledger.gone(ref)
		if f := b.ledger.facts[ref]; f != nil && f.placed {
			b.touch(f)
		}
	case "Patient":
		b.left[ref.ID] = true
	case "Appointment":
		delete(b.visits, ref.ID)
	case "Slot":
		delete(b.free, ref.ID)
	}
}

func (b *Book) enter(e *record.Entry, res *fhir.Resource) {
	switch e.Type {
	case "Task":
		b.ledger.put(e.Ref(), e.Time.Time(), e.Author, res)
	case "Patient":
		b.people[e.ID] = whoOf(res)
		b.left[e.ID] = !res.Get("active").True() && res.Get("active").Exists()
	case "QuestionnaireResponse":
		b.form(e.ID, res)
	case "HealthcareService":
		if h, err := opening.FromFHIR(res); err == nil && e.ID == opening.ID {
			b.hours = h
		}
	case "PractitionerRole":
		b.roles[read.Ref(res.Get("practitioner")).ID] = read.Concept(res.Get("code"))
	case "Appointment":
		b.visit(e, res)
	case "Schedule":
		for actor := range res.Get("actor").Items() {
			if r := read.Ref(actor); r.Type == "Practitioner" {
				b.lists[e.ID] = r.ID
			}
		}
	case "Slot":
		b.slot(e.ID, res)
	case "MeasureReport":
		if len(e.Parents) == 0 { // a count is made once
			b.started(res)
		}
	}
	b.deed(e, res)
}

// form notes what a form says of needs, which may come before or after the
// request that was made of it.
func (b *Book) form(id string, res *fhir.Resource) {
	var w Who
	w.asked(res)
	if f := b.forms[id]; f != nil {
		f.Who.Interpret, f.Who.Needs = f.Who.Interpret || w.Interpret, f.Who.Needs || w.Needs
		delete(b.forms, id)
		return
	}
	if w.Interpret || w.Needs {
		b.needs[id] = w
	}
}

// placed is told of every version of a request: the first puts it in order,
// and one that is matched says who it is for.
func (b *Book) placed(f *fact, t *fhir.Resource) {
	if t.Get("partOf").Exists() {
		return // what was split off came with another, which is counted
	}
	if !f.placed {
		f.placed = true
		b.place(f)
		b.asked(f, read.Ref(t.Get("focus")).ID)
	}
	b.touch(f)
	who := read.Ref(t.Get("for"))
	if who.Type != "Patient" || who.ID == f.Patient {
		return
	}
	needs := f.Who
	f.Patient, f.Who = who.ID, b.people[who.ID]
	f.Who.Interpret, f.Who.Needs = f.Who.Interpret || needs.Interpret, f.Who.Needs || needs.Needs
}

func (b *Book) asked(f *fact, form string) {
	if w, ok := b.needs[form]; ok {
		f.Who.Interpret, f.Who.Needs = w.Interpret, w.Needs
		delete(b.needs, form)
	} else if form != "" {
		b.forms[form] = f
	}
}

// Registered is how many people are on the practice's list.
func (b *Book) Registered() int {
	b.mu.RLock()
	defer b.mu.RUnlock()
	n := 0
	for id := range b.people {
		if !b.left[id] {
			n++
		}
	}
	return n
}

// Hours are the opening hours in force.
func (b *Book) Hours() opening.Hours {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.hours
}

// In calls fn for each request that came in during a period, oldest first. fn
// must not keep the fact, and must not call the book.
func (b *Book) In(s Span, fn func(*Fact)) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	b.each(s, fn)
}

func (b *Book) each(s Span, fn func(*Fact)) {
	order := b.ledger.order
	i, _ := slices.BinarySearchFunc(order, s.From, func(f *fact, t time.Time) int { return f.In.Compare(t) })
	for i > 0 && !order[i-1].In.Before(s.From) {
		i--
	}
	for ; i < len(order) && order[i].In.Before(s.To); i++ {
		fn(&order[i].Fact)
	}
}

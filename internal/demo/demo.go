// Package demo makes a believable, wholly invented group of English general
// practices from a seed: organisations, staff, diaries and patients with
// their records, as FHIR R4 resources in the shape of UK Core.
//
// What comes in: a seed, how many practices and patients, and today's date.
// What goes out: a stream of resources as JSON, the same for the same input,
// each patient's resources together, in constant memory. It must never use a
// real person, address, telephone number or organisation: NHS numbers are in
// the 999 test range, postcodes cannot exist, telephone numbers are the ones
// that Ofcom keeps for drama, and organisation codes are not in use.
//
// The sources of the rates are with the tables that hold them: pyramid.go
// (age and sex), heritage.go (ethnicity and language), problems.go
// (conditions), habits.go (smoking and weight).
package demo

import (
	"fmt"
	"hash/fnv"
	"iter"
	"math/rand/v2"
	"time"
	_ "time/tzdata" // diaries are in London time wherever this runs

	"heartwood/internal/fault"
)

// Limits of one network: there are 900,000 NHS numbers of the kind used.
const (
	maxPractices = 99
	maxPeople    = 900_000
)

// Config says what to make.
type Config struct {
	Seed      int64
	Practices int       // 3 when zero, at most 99
	Patients  int       // for each practice; 1,500 when zero
	Today     time.Time // the day the diaries begin and ages are reckoned on
}

// Network is a primary care network of invented practices.
type Network struct {
	cfg       Config
	practices []Practice
	day       time.Time // midnight of Today in London
	london    *time.Location
}

// Item is one resource.
type Item struct {
	Type, ID string
	Body     []byte // JSON; the receiver may keep it
}

// New checks the configuration and lays out the network. Nothing is made yet.
func New(c Config) (*Network, error) {
	if c.Practices == 0 {
		c.Practices = 3
	}
	if c.Patients == 0 {
		c.Patients = 1500
	}
	if c.Practices < 1 || c.Practices > maxPractices {
		return nil, fault.At(fault.Invalid, "practices", "The demo has 1 to %d practices.", maxPractices)
	}
	if c.Patients < 1 || c.Patients*c.Practices > maxPeople {
		return nil, fault.At(fault.Invalid, "patients", "The demo has 1 to %d patients in all.", maxPeople)
	}
	if c.Today.IsZero() {
		return nil, fault.At(fault.Invalid, "today", "The demo needs to know today's date.")
	}
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "The time zone of London is missing.")
	}
	y, m, d := c.Today.In(london).Date()
	n := &Network{cfg: c, london: london, day: time.Date(y, m, d, 0, 0, 0, 0, london)}
	for i := range c.Practices {
		n.practices = append(n.practices, n.layOut(i))
	}
	return n, nil
}

// Practices are the network's practices, in a fixed order.
func (n *Network) Practices() []Practice { return n.practices }

// Resources streams everything the practice's record begins with: first its
// organisations, places, staff and diaries, then one patient after another,
// and last what was in the diaries of the past weeks.
// Stopping early is safe, and each call starts again from the beginning.
func (p Practice) Resources() iter.Seq[Item] {
	return func(yield func(Item) bool) {
		w := &writer{pen: pen{buf: make([]byte, 0, 4096)}, yield: yield, practice: &p}
		w.organisations()
		w.staff()
		w.diary()
		w.book = p.pastBook()
		for person := range p.people() {
			if w.stopped {
				return
			}
			w.patient(person)
		}
		w.pastSlots()
	}
}

// writer turns people and places into resources.
type writer struct {
	pen
	practice *Practice
	yield    func(Item) bool
	stopped  bool
	typ, id  string
	made     [26]int           // resources of each kind made for the patient so far, by letter
	names    map[string]string // of the staff, by id
	book     pastBook
}

// begin starts a resource.
func (w *writer) begin(typ, id string) {
	w.typ, w.id = typ, id
	w.buf = append(w.buf[:0], `{"resourceType":"`...)
	w.buf = append(w.buf, typ...)
	w.buf = append(w.buf, `","id":"`...)
	w.buf = append(w.buf, id...)
	w.buf = append(w.buf, '"')
}

// end finishes the resource and hands it on.
func (w *writer) end() {
	if w.stopped {
		return
	}
	body := make([]byte, len(w.buf)+1)
	body[copy(body, w.buf)] = '}'
	w.stopped = !w.yield(Item{Type: w.typ, ID: w.id, Body: body})
}

// random gives a generator that depends on the seed and what it is for only.
func (n *Network) random(purpose string, i int) *rand.Rand {
	h := fnv.New64a()
	fmt.Fprintf(h, "%d %s %d", n.cfg.Seed, purpose, i)
	a := h.Sum64()
	h.Write([]byte{1})
	return rand.New(rand.NewPCG(a, h.Sum64()))
}

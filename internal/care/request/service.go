package request

import (
	"context"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/doorlog"
	"heartwood/internal/care/opening"
	"heartwood/internal/care/search"
	"heartwood/internal/care/upload"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/words"
)

// Service keeps the ledger of each practice in its record.
type Service struct {
	store   *record.Store
	foresee Foresee // nil: people are told the clock
}

// New makes the service.
func New(store *record.Store) *Service { return &Service{store: store} }

// tries is how often a decision is made again when somebody else was first.
const tries = 8

// Receive takes a request into the ledger. key is the form's token: the same
// key again by the same author gives the same receipt and changes nothing.
// The error is care.Faults when fields are wrong (see care.Fields).
//
// That it came is on disk in the door's own log before anything is decided.
func (s *Service) Receive(ctx context.Context, practice ident.ODS, by record.Author, ask Ask, key string) (Receipt, error) {
	p, err := s.store.Practice(practice)
	if err != nil {
		return Receipt{}, err
	}
	if key != "" {
		key = "request:" + by.Ref + ":" + key
		if done, ok, err := p.Repeat(ctx, key); err != nil || ok {
			return receipt(ctx, p, done, true, err)
		}
	}
	door, token := doorlog.Of(s.store), key
	if token == "" {
		token = ident.NewID()
	}
	claim := door.Came(practice, token, string(ask.Channel), p.Now())
	r, err := s.receive(ctx, p, by, ask, key, claim)
	switch {
	case err == nil:
		door.Kept(practice, token, r.Reference, p.Now())
	case answeredNo(err):
		door.Refused(practice, token, p.Now())
	}
	return r, err
}

// answeredNo tells whether whoever sent a form has been told that it was not
// taken, for certain: of anything else nobody knows what the record did.
func answeredNo(err error) bool {
	k := fault.KindOf(err)
	return k == fault.Invalid || k == fault.Refused || k == fault.Forbidden || k == fault.TooLarge
}

func (s *Service) receive(ctx context.Context, p *record.Practice, by record.Author, ask Ask, key, claim string) (Receipt, error) {
	practice := p.ODS()
	a := arrival{ask: ask.Clean(), by: by, now: p.Now(), door: claim}
	if err := a.check(); err != nil {
		return Receipt{}, err
	}
	if err := a.patientFrom(ctx, p); err != nil {
		return Receipt{}, err
	}
	a.hours = HoursOf(ctx, p)
	a.screen(ctx, p)
	a.urgency = firstUrgency(a.ask, a.findings)
	a.clock = a.urgency.Promise(a.hours, a.now)
	a.reference = newReference()
	a.route(ctx, p)
	a.stricter(ctx, p)
	a.promised = s.promise(ctx, practice, a, a.urgency, a.clock)
	for range tries {
		change, err := a.build(key)
		if err != nil {
			return Receipt{}, err
		}
		done, err := p.Commit(ctx, change)
		if !fault.Is(err, fault.Conflict) {
			return receipt(ctx, p, done, done.Repeat, err)
		}
		a.reference = newReference()
	}
	return Receipt{}, busy()
}

func busy() error {
	return fault.New(fault.Busy, "The practice is very busy just now. Nothing was changed. Try again in a moment.")
}

// check validates the form and its files together, and cleans the files.
func (a *arrival) check() error {
	var all care.Faults
	for _, e := range care.Fields(a.ask.Validate(a.now)) {
		all = append(all, e)
	}
	photos, errs := upload.All(a.ask.Photos)
	for _, e := range errs {
		all = append(all, fault.From(e))
	}
	a.photos = photos
	return all.Err()
}

// patientFrom reads the patient's name, and age and sex for the rules.
func (a *arrival) patientFrom(ctx context.Context, p *record.Practice) error {
	if a.ask.Patient == "" {
		if b, ok := words.Birth(a.ask.Identity.Birth); ok && !a.ask.Age.Known {
			a.ask.Age = ageOf(b, a.now)
		}
		return nil
	}
	res, _, err := search.Get(ctx, p, a.patient())
	if err != nil {
		return err
	}
	if res == nil {
		return fault.At(fault.Invalid, "patient", "We cannot find this patient at the practice.")
	}
	a.name = nameOf(res)
	in := person(res, a.now)
	if !a.ask.Age.Known {
		a.ask.Age = in.Age
	}
	if a.ask.Sex == "" {
		a.ask.Sex = in.Sex
	}
	return nil
}

// nameOf is the patient's name as a person says it.
func nameOf(r *fhir.Resource) string {
	n := r.Get("name")
	for x := range n.Items() {
		if x.Get("use").Is("official") || x.Get("use").Is("usual") {
			n = x
			break
		}
	}
	if t := n.Get("text").Str(); t != "" {
		return t
	}
	name := ""
	for g := range n.Get("given").Items() {
		name += g.Str() + " "
	}
	return clip(name+n.Get("family").Str(), 100)
}

// HoursOf are a practice's opening hours: its own, or else core hours, also
// when its own cannot be read, so that there is always a promise.
func HoursOf(ctx context.Context, p *record.Practice) opening.Hours {
	v, err := p.Read(ctx, ident.Ref{Type: "HealthcareService", ID: opening.ID})
	if err != nil {
		return opening.Core()
	}
	res, err := v.Resource()
	if err != nil {
		return opening.Core()
	}
	h, err := opening.FromFHIR(res)
	if err != nil {
		return opening.Core()
	}
	return h
}

// Do carries out one decision about a request and returns it as it then is.
// The commands are Confirm, Assign, Start, Await, Spoke, Returned, Close,
// Reopen and Match. seen is the View.Version that the person was looking at: when the
// request has changed since, it is a Conflict. "" does not check.
func (s *Service) Do(ctx context.Context, practice ident.ODS, by record.Author, id, seen string, cmd Command) (View, error) {
	p, err := s.store.Practice(practice)
	if err != nil {
		return View{}, err
	}
	if _, err := Decided(ctx, p, by, id, seen, cmd, "", nil); err != nil {
		return View{}, err
	}
	return s.Load(ctx, practice, id)
}

// Decided loads a request, decides and commits; with may add more to the same
// change, and refuse it. Rooms that move a request together with something of
// their own (a message, a job) use it, so that both happen or neither. With a
// key it happens once: again, it changes nothing and gives the same receipt.
func Decided(ctx context.Context, p *record.Practice, by record.Author, id, seen string, cmd Command, key string,
	with func(b *write.Builder, r View, now time.Time) error,
) (record.Receipt, error) {
	if key != "" {
		if done, ok, err := p.Repeat(ctx, key); err != nil || ok {
			return done, err
		}
	}
	for range tries {
		now := p.Now()
		v, t, r, err := current(ctx, p, id)
		if err != nil {
			return record.Receipt{}, err
		}
		if seen != "" && seen != r.Version {
			return record.Receipt{}, stale()
		}
		hours := HoursOf(ctx, p)
		d, err := Decide(r, by, cmd, now, hours)
		if err != nil {
			return record.Receipt{}, err
		}
		d.reroute(ctx, p, t, cmd, now)
		if err := d.again(ctx, p, r, cmd, now, hours); err != nil {
			return record.Receipt{}, err
		}
		if m, ok := cmd.(Match); ok {
			if err := alike(ctx, p, r, m); err != nil {
				return record.Receipt{}, err
			}
		}
		b := write.New(by, d.What, key)
		d.apply(b, v, t, by, now)
		if err := d.beside(ctx, p, b, v, t, r, by, now); err != nil {
			return record.Receipt{}, err
		}
		if with == nil {
			Flags(b, d.Findings, refTo(r.Patient), now, v.Ref)
		} else if err := with(b, r, now); err != nil {
			return record.Receipt{}, err
		}
		change, err := b.Change()
		if err != nil {
			return record.Receipt{}, err
		}
		switch done, err := p.Commit(ctx, change); {
		case !fault.Is(err, fault.Conflict):
			return done, err
		case seen != "":
			return record.Receipt{}, stale()
		}
	}
	return record.Receipt{}, busy()
}

// refTo is a reference that was checked when it was written; zero for none.
func refTo(s string) ident.Ref {
	r, _ := ident.ParseRef(s)
	return r
}

func stale() error {
	return fault.New(fault.Conflict, "Somebody changed this request since you opened it. Look at it again, then decide.")
}

// beside writes what a decision changes besides the Task.
func (d Decision) beside(ctx context.Context, p *record.Practice, b *write.Builder, v record.Version, t *fhir.Resource, r View, by record.Author, now time.Time) error {
	patient := refTo(d.Next.Patient)
	if d.Tell != "" {
		Tell(b, Letter{Kind: "outcome", Task: v.Ref, Patient: patient, Text: d.Tell}, by, now)
	}
	if d.Part != nil {
		if err := d.writePart(ctx, p, b, v, t, by, now); err != nil {
			return err
		}
	}
	if d.Next.Patient != r.Patient {
		return rematch(ctx, p, b, v.Ref, r, patient)
	}
	return nil
}

// Brief gives one request as lists show it.
func Brief(ctx context.Context, p *record.Practice, id string) (View, error) {
	_, _, r, err := current(ctx, p, id)
	return r, err
}

// current reads a request's Task.
func current(ctx context.Context, p *record.Practice, id string) (record.Version, *fhir.Resource, View, error) {
	if !ident.IsID(id) {
		return record.Version{}, nil, View{}, unknown()
	}
	v, err := p.Read(ctx, ident.Ref{Type: "Task", ID: id})
	if err != nil {
		if fault.Is(err, fault.NotFound) {
			err = unknown()
		}
		return v, nil, View{}, err
	}
	t, err := v.Resource()
	if err != nil {
		return v, nil, View{}, err
	}
	if !IsRequest(t) {
		return v, nil, View{}, unknown()
	}
	r := fromTask(t)
	r.ID, r.Version, r.Changed = v.Ref.ID, v.ID, v.Time
	return v, t, r, nil
}

func unknown() error { return fault.New(fault.NotFound, "There is no such request.") }

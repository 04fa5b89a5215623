package request

import (
	"context"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/search"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Begun is a request that the practice begins by writing first. It is on the
// ledger like any other: it has an owner and a clock while the practice waits
// for an answer, and an outcome when it asks for none. A reply reopens it.
type Begun struct {
	Patient string // "Patient/…"
	About   string // what it is about, as the patient reads it
	Owner   Owner  // who has what comes back
	Await   bool   // the practice asks for something
	Told    string // what the patient is told, when it asks for nothing
}

// Begin puts into the ledger what the practice begins. with adds the message
// to the same change. The same key again gives the same receipt.
func Begin(ctx context.Context, p *record.Practice, by record.Author, g Begun, key string,
	with func(b *write.Builder, task ident.Ref, now time.Time) error,
) (record.Receipt, error) {
	if !care.IsStaff(by.Role) {
		return record.Receipt{}, fault.New(fault.Forbidden, "Only staff of the practice can do this.")
	}
	if key != "" {
		if done, ok, err := p.Repeat(ctx, key); err != nil || ok {
			return done, err
		}
	}
	a, err := begun(ctx, p, by, g)
	if err != nil {
		return record.Receipt{}, err
	}
	for range tries {
		a.reference = newReference()
		form, task := ident.Ref{Type: "QuestionnaireResponse", ID: ident.NewID()}, ident.Ref{Type: "Task", ID: ident.NewID()}
		b := write.New(by, "received", key)
		b.Expect(record.Expect{None: "Task?group-identifier=" + care.ReferenceID + "%7C" + a.reference})
		b.Create(task, a.begunTask(form, g))
		b.Create(form, a.form())
		if err := with(b, task, a.now); err != nil {
			return record.Receipt{}, err
		}
		change, err := b.Change()
		if err != nil {
			return record.Receipt{}, err
		}
		done, err := p.Commit(ctx, change)
		if !fault.Is(err, fault.Conflict) {
			return done, err
		}
	}
	return record.Receipt{}, busy()
}

func begun(ctx context.Context, p *record.Practice, by record.Author, g Begun) (arrival, error) {
	a := arrival{
		ask: Ask{Patient: g.Patient, Asker: Staff, Channel: Practice, Kind: Admin, What: g.About}.Clean(),
		by:  by, now: p.Now(), urgency: Routine, owner: g.Owner, hours: HoursOf(ctx, p),
	}
	var f care.Faults
	switch n := len([]rune(a.ask.What)); {
	case n == 0:
		f.Add("about", "Say in a few words what it is about.")
	case n > 100:
		f.Add("about", "Use 100 characters or fewer.")
	}
	if !mayOwn(a.owner.Ref) {
		a.owner = triageTeam
	}
	res, _, err := search.Get(ctx, p, a.patient())
	if err != nil {
		return a, err
	}
	if res == nil || a.patient().Type != "Patient" {
		f.Add("patient", "We cannot find this patient at the practice.")
		return a, f.Err()
	}
	a.name = nameOf(res)
	a.clock = Routine.chase(a.hours, a.now)
	return a, f.Err()
}

func (a arrival) begunTask(form ident.Ref, g Begun) obj {
	o := a.task(form)
	state := WithPatient
	if !g.Await {
		state = Closed
		o["output"] = list{
			output("outcome", "valueCodeableConcept", write.Coded(care.OutcomeCode, string(Informed), Informed.Label())),
			output("told", "valueString", g.Told),
		}
	}
	o["status"], o["businessStatus"] = states[state][0], write.Coded(care.BusinessStatus, states[state][1], "")
	o["input"] = list{ // no receipt is shown of it
		input("channel", "valueCode", string(a.ask.Channel)), input("kind", "valueCode", string(a.ask.Kind)),
		input("open", "valueBoolean", a.hours.Open(a.now)),
	}
	return o
}

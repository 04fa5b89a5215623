package request

import (
	"context"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/opening"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Picked is a request as somebody saw it when they picked it.
type Picked struct{ ID, Version string }

// Batch is one thing done to many requests at once: one change of the record,
// with what it did and what it left out.
type Batch struct {
	ID     string
	What   string
	Time   time.Time
	By     string // "Practitioner/…"
	Done   []Member
	Left   []Left
	Undone string // the id of the batch that took it back, "" for none
	Undoes string // the id of the batch that it took back, "" for none
	Closed bool   // the people have been told that their requests are closed
}

// Member is a request that a batch changed.
type Member struct{ ID, Reference, Before string }

// Left is a request that a batch left as it was, and why.
type Left struct{ ID, Reference, Why string }

// mostPicked is how many requests one batch takes.
const mostPicked = 200

// bulkable are the commands that may be given to many at once.
func bulkable(cmd Command) bool {
	switch cmd.(type) {
	case Assign, Snooze, Wake, Close:
		return true
	}
	return false
}

// Bulk decides the same about many requests: all that allow it in one change,
// the others left out and named. key makes it happen once.
func (s *Service) Bulk(ctx context.Context, practice ident.ODS, by record.Author, picked []Picked, cmd Command, key string) (Batch, error) {
	switch {
	case !bulkable(cmd):
		return Batch{}, fault.New(fault.Unsupported, "This cannot be done to many requests at once.")
	case len(picked) == 0:
		return Batch{}, fault.New(fault.Invalid, "Select at least one request.")
	case len(picked) > mostPicked:
		return Batch{}, fault.New(fault.Invalid, "Select at most %d requests.", mostPicked)
	}
	p, err := s.store.Practice(practice)
	if err != nil {
		return Batch{}, err
	}
	return batch(ctx, p, by, "bulk:"+by.Ref+":"+key, func(b *batcher) error {
		h := HoursOf(ctx, p)
		seen := map[string]bool{}
		for _, one := range picked {
			if seen[one.ID] {
				continue
			}
			seen[one.ID] = true
			if err := b.decide(ctx, p, one, cmd, h); err != nil {
				return err
			}
		}
		return nil
	})
}

// batcher gathers one batch.
type batcher struct {
	*write.Builder
	batch Batch
	by    record.Author
	now   time.Time
}

// batch gathers and commits until nobody is in between.
func batch(ctx context.Context, p *record.Practice, by record.Author, key string, gather func(*batcher) error) (Batch, error) {
	for range tries {
		if done, ok, err := p.Repeat(ctx, key); err != nil || ok {
			return batchOf(ctx, p, done, err)
		}
		b := &batcher{Builder: write.New(by, "many at once", key), by: by, now: p.Now(), batch: Batch{ID: ident.NewID()}}
		if err := gather(b); err != nil {
			return Batch{}, err
		}
		b.Create(ident.Ref{Type: "List", ID: b.batch.ID}, b.list())
		change, err := b.Change()
		if err != nil {
			return Batch{}, err
		}
		done, err := p.Commit(ctx, change)
		if !fault.Is(err, fault.Conflict) {
			return batchOf(ctx, p, done, err)
		}
	}
	return Batch{}, busy()
}

// leave notes a request that stays as it is.
func (b *batcher) leave(id, reference string, err error) error {
	f := care.Fields(err)[0]
	switch f.Kind {
	case fault.Internal, fault.Busy:
		return err
	}
	b.batch.Left = append(b.batch.Left, Left{id, reference, f.Message})
	return nil
}

func (b *batcher) decide(ctx context.Context, p *record.Practice, one Picked, cmd Command, h opening.Hours) error {
	v, t, r, err := current(ctx, p, one.ID)
	if err != nil {
		return b.leave(one.ID, "", err)
	}
	if one.Version != r.Version {
		return b.leave(r.ID, r.Reference, fault.New(fault.Conflict, "Somebody changed it meanwhile."))
	}
	if _, closing := cmd.(Close); closing && r.Urgency > Routine {
		return b.leave(r.ID, r.Reference, fault.New(fault.Refused, "It is not routine: open it and close it by itself."))
	}
	if _, closing := cmd.(Close); closing && r.Patient == "" {
		return b.leave(r.ID, r.Reference, fault.New(fault.Refused, "Nobody has found out yet whose it is."))
	}
	d, err := Decide(r, b.by, cmd, b.now, h)
	if err != nil {
		return b.leave(r.ID, r.Reference, err)
	}
	b.batch.What = d.What
	d.apply(b.Builder, v, t, b.by, b.now)
	if err := d.beside(ctx, p, b.Builder, v, t, r, b.by, b.now); err != nil {
		return err
	}
	_, b.batch.Closed = cmd.(Close)
	b.batch.Done = append(b.batch.Done, Member{r.ID, r.Reference, r.Version})
	return nil
}

// list is the batch as it is kept.
func (b *batcher) list() obj {
	o := obj{
		"status": "current", "mode": "snapshot", "title": orElse(b.batch.What, "nothing was done"), "date": write.Instant(b.now),
		"code": write.Coded(care.Base+"list-code", "batch", ""),
	}
	set(o, "source", b.by.Ref, "Practitioner", "PractitionerRole", "Patient", "Device")
	var entries list
	add := func(id, reference, flag, more string) {
		entries = append(entries, obj{
			"item": obj{"reference": "Task/" + id, "display": reference},
			"flag": obj{"coding": list{obj{"system": care.Base + "batch-flag", "code": flag}}, "text": more},
		})
	}
	for _, m := range b.batch.Done {
		add(m.ID, m.Reference, "done", m.Before)
	}
	for _, l := range b.batch.Left {
		if ident.IsID(l.ID) {
			add(l.ID, orElse(l.Reference, "?"), "left", l.Why)
		}
	}
	if len(entries) > 0 {
		o["entry"] = entries
	}
	var ids list
	if b.batch.Undoes != "" {
		ids = append(ids, obj{"system": care.Base + "batch-undoes", "value": b.batch.Undoes})
	}
	if b.batch.Closed {
		ids = append(ids, obj{"system": care.Base + "batch-told", "value": "closed"})
	}
	if ids != nil {
		o["identifier"] = ids
	}
	return o
}

// batchOf finds the batch in the receipt of the change that made it.
func batchOf(ctx context.Context, p *record.Practice, done record.Receipt, err error) (Batch, error) {
	if err != nil {
		return Batch{}, err
	}
	for _, w := range done.Versions {
		if w.Ref.Type == "List" {
			return LoadBatch(ctx, p, w.Ref.ID)
		}
	}
	return Batch{}, fault.New(fault.Conflict, "This form has been used for something else. Start again.")
}

// LoadBatch reads a batch.
func LoadBatch(ctx context.Context, p *record.Practice, id string) (Batch, error) {
	none := fault.New(fault.NotFound, "There is no such batch.")
	if !ident.IsID(id) {
		return Batch{}, none
	}
	v, err := p.Read(ctx, ident.Ref{Type: "List", ID: id})
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
		return Batch{}, none
	}
	if err != nil {
		return Batch{}, err
	}
	res, err := v.Resource()
	if err != nil {
		return Batch{}, err
	}
	if code(res.Get("code"), care.Base+"list-code") != "batch" {
		return Batch{}, none
	}
	b := readBatch(v, res)
	if b.Undoes == "" {
		undo, ok, err := p.Repeat(ctx, undoKey(id))
		if err != nil {
			return Batch{}, err
		}
		for _, w := range undo.Versions {
			if ok && w.Ref.Type == "List" {
				b.Undone = w.Ref.ID
			}
		}
	}
	return b, nil
}

func readBatch(v record.Version, res *fhir.Resource) Batch {
	b := Batch{ID: v.Ref.ID, What: res.Get("title").Str(), Time: v.Time, By: res.Get("source", "reference").Str()}
	for e := range res.Get("entry").Items() {
		id, ref := write.Target(e.Get("item")).ID, e.Get("item", "display").Str()
		if code(e.Get("flag"), care.Base+"batch-flag") == "done" {
			b.Done = append(b.Done, Member{id, ref, e.Get("flag", "text").Str()})
		} else {
			b.Left = append(b.Left, Left{id, ref, e.Get("flag", "text").Str()})
		}
	}
	for n := range res.Get("identifier").Items() {
		switch n.Get("system").Str() {
		case care.Base + "batch-undoes":
			b.Undoes = n.Get("value").Str()
		case care.Base + "batch-told":
			b.Closed = true
		}
	}
	return b
}

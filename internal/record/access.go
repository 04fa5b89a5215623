package record

import (
	"context"
	"encoding/json"
	"time"

	"heartwood/internal/fault"
)

// The access log is a stream of its own, beside the record's.
const (
	accessSuffix = ".access"
	accessType   = "_Access"
	noteEvery    = 500 * time.Millisecond
	noteMost     = 10_000 // accesses noted before they are written at once
)

// accessBody is the body of an access entry: one person's or program's sights
// in one go.
type accessBody struct {
	Type string      `json:"resourceType"`
	Rows []accessRow `json:"rows"`
}

type accessRow struct {
	Author
	Purpose string    `json:"purpose"`
	Patient string    `json:"patient,omitempty"`
	Kind    string    `json:"type"`
	Count   int       `json:"count"`
	Time    time.Time `json:"time"`
}

// Saw records that a person is about to see these, and returns when that is
// durable: call it before showing.
func (p *Practice) Saw(ctx context.Context, sights ...Access) error {
	if len(sights) == 0 {
		return nil
	}
	b := &accessBody{Type: accessType}
	now := p.Now().UTC().Truncate(time.Millisecond)
	for _, a := range sights {
		b.Rows = append(b.Rows, accessRow{a.Author, a.Purpose, a.Patient, a.Type, max(a.Count, 1), now})
	}
	_, err := p.submit(ctx, &pending{sights: b})
	return err
}

// Noted records a program's read. It is durable within a second, grouped
// with others of the same author, patient and type.
func (p *Practice) Noted(a Access) {
	n := max(a.Count, 1)
	a.Count, a.Time = 0, time.Time{}
	p.notedMu.Lock()
	p.noted[a] += n
	full := len(p.noted) >= noteMost
	p.notedMu.Unlock()
	if full {
		p.flushNoted()
	}
}

// takeNoted takes what has been noted; nil when there is nothing.
func (p *Practice) takeNoted() *pending {
	p.notedMu.Lock()
	if len(p.noted) == 0 {
		p.notedMu.Unlock()
		return nil
	}
	noted := p.noted
	p.noted = make(map[Access]int, len(noted))
	p.notedMu.Unlock()
	b := &accessBody{Type: accessType, Rows: make([]accessRow, 0, len(noted))}
	now := p.Now().UTC().Truncate(time.Millisecond)
	for a, n := range noted {
		b.Rows = append(b.Rows, accessRow{a.Author, a.Purpose, a.Patient, a.Type, n, now})
	}
	return &pending{sights: b}
}

// noteAgain puts back what could not be written.
func (p *Practice) noteAgain(b *accessBody) {
	p.notedMu.Lock()
	defer p.notedMu.Unlock()
	for _, r := range b.Rows {
		p.noted[Access{Author: r.Author, Purpose: r.Purpose, Patient: r.Patient, Type: r.Kind}] += r.Count
	}
}

// flushNoted writes what has been noted now.
func (p *Practice) flushNoted() {
	if q := p.takeNoted(); q != nil {
		if _, err := p.submit(p.store.ctx, q); err != nil {
			p.store.Slog.Error("record: access log", "practice", p.ods, "error", err)
		}
	}
}

// addSights makes the access entry of one pending.
func (p *Practice) addSights(b *batch, q *pending) {
	body, err := json.Marshal(q.sights)
	if err != nil {
		q.settle(Receipt{}, err)
		return
	}
	e := Entry{Op: Put, Type: accessType, ID: "log", Author: q.sights.Rows[0].Author, Body: body, BodyHash: HashBody(body)}
	p.chain(b, &e, p.access)
	b.entries = append(b.entries, e)
	b.finds = append(b.finds, nil)
}

// patientsOf lists the patients of an access entry, each once.
func patientsOf(body []byte) []string {
	var b accessBody
	if json.Unmarshal(body, &b) != nil {
		return []string{}
	}
	out, seen := []string{}, map[string]bool{}
	for _, r := range b.Rows {
		if !seen[r.Patient] {
			seen[r.Patient] = true
			out = append(out, r.Patient)
		}
	}
	return out
}

// Accesses lists who saw a patient's record, newest first, at most max and
// only those before a time (zero: from the newest). The patient is a
// reference, "Patient/1"; "" lists the sights of what belongs to no patient.
func (p *Practice) Accesses(ctx context.Context, patient string, before time.Time, max int) ([]Access, error) {
	if err := p.open(); err != nil {
		return nil, err
	}
	var out []Access
	for at, err := range p.ix.Accesses(patient) {
		if err != nil {
			return nil, err
		}
		e, err := p.store.Log.Entry(ctx, p.ods, at.Stream, at.Seq)
		if err != nil {
			return nil, err
		}
		var b accessBody
		if err := json.Unmarshal(e.Body, &b); err != nil {
			return nil, fault.Wrap(err, fault.Internal, "The access log could not be read.")
		}
		for _, r := range b.Rows {
			if r.Patient != patient || !before.IsZero() && !r.Time.Before(before) {
				continue
			}
			if out = append(out, Access{r.Author, r.Purpose, r.Patient, r.Kind, r.Count, r.Time}); len(out) == max {
				return out, nil
			}
		}
	}
	return out, nil
}

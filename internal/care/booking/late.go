package booking

import (
	"context"
	"strconv"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/words"
)

// lateURL is an extension of a Schedule: by how much its session of today runs
// late.
const lateURL = care.Base + "StructureDefinition/running-late"

// mostLate is the most minutes that a session can be said to run late.
const mostLate = 240

// Session is a half day of one day: what runs late together. It is the same
// for all times of a morning, and for all from one o'clock on.
func Session(t time.Time) string {
	t = t.In(words.London)
	if t.Hour() < 13 {
		return t.Format(time.DateOnly) + " morning"
	}
	return t.Format(time.DateOnly) + " afternoon"
}

// RunLate says that a clinician's session is so many minutes behind, 0 for on
// time. Patients who wait for it are shown it.
func (s *Service) RunLate(ctx context.Context, p *record.Practice, by record.Author, schedule ident.Ref, session string, minutes int) error {
	if minutes < 0 || minutes > mostLate {
		return fault.At(fault.Invalid, "minutes", "Say how late in minutes, from 0 to %d.", mostLate)
	}
	if session != Session(p.Now()) {
		return fault.New(fault.Refused, "That session is over. Look at the diary again.")
	}
	for range attempts {
		v, err := p.Read(ctx, schedule)
		if err != nil {
			return err
		}
		res, err := v.Resource()
		if err != nil {
			return err
		}
		b := begin(by, "booking: runs "+strconv.Itoa(minutes)+" minutes late", "")
		b.Edit(v, res, obj{"extension": write.Extended(res, lateURL, obj{"url": lateURL, "extension": list{
			obj{"url": "session", "valueString": session}, obj{"url": "minutes", "valueInteger": minutes},
		}})})
		c, err := b.Change()
		if err != nil {
			return err
		}
		if _, err = p.Commit(ctx, c); !fault.Is(err, fault.Conflict) {
			return err
		}
	}
	return stale()
}

// Late is by how many minutes a schedule's session at a moment runs late.
func Late(res *fhir.Resource, at time.Time) int {
	for e := range res.Get("extension").Items() {
		if !e.Get("url").Is(lateURL) {
			continue
		}
		session, minutes := "", 0
		for x := range e.Get("extension").Items() {
			switch x.Get("url").Str() {
			case "session":
				session = x.Get("valueString").Str()
			case "minutes":
				minutes = whole(x.Get("valueInteger"))
			}
		}
		if session == Session(at) {
			return min(minutes, mostLate)
		}
	}
	return 0
}

// LateFor is by how many minutes the session of an appointment runs late; 0
// when nobody has said so, and on any day but its own.
func (s *Service) LateFor(ctx context.Context, p *record.Practice, v View) (int, error) {
	if v.Slot.IsZero() || Session(v.Start) != Session(p.Now()) {
		return 0, nil
	}
	sv, err := p.Read(ctx, v.Slot)
	if err == nil {
		var res *fhir.Resource
		if res, err = sv.Resource(); err == nil {
			return lateOf(ctx, p, write.Target(res.Get("schedule")), v.Start)
		}
	}
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
		return 0, nil
	}
	return 0, err
}

func lateOf(ctx context.Context, p *record.Practice, schedule ident.Ref, at time.Time) (int, error) {
	v, err := p.Read(ctx, schedule)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	res, err := v.Resource()
	if err != nil {
		return 0, err
	}
	return Late(res, at), nil
}

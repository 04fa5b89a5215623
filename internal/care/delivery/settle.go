package delivery

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/request"
	"heartwood/internal/care/search"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// step is what follows from a report.
type step uint8

const (
	nothing step = iota // it is settled, or still on its way
	done                // it has arrived
	failed              // it has not: another way, or a job
)

// next is pure: what follows from a report about a notice in this status,
// which was handed over at a time by a medium.
func next(status string, m Medium, sent time.Time, r Report, now time.Time) step {
	switch {
	case status == "stopped" || status == "entered-in-error" || status == "completed" && !r.Bad:
		return nothing // told before; or too late to matter
	case r.Delivered:
		return done
	case r.Failed:
		return failed
	case status == "in-progress" && !sent.IsZero() && now.Sub(sent) > Patience(m):
		return failed
	}
	return nothing
}

// Settle records what a transport reports about a Communication and does what
// follows, in one change. The same report again changes nothing.
func (s *Service) Settle(ctx context.Context, p *record.Practice, ref ident.Ref, r Report) error {
	for range 6 {
		v, err := p.Read(ctx, ref)
		if err != nil {
			return err
		}
		c, err := v.Resource()
		if err != nil {
			return err
		}
		b := write.New(record.System, "what became of a message", "")
		what := next(c.Get("status").Str(), mediumOf(c), write.When(c.Get("sent")), r, p.Now())
		switch what {
		case nothing:
			return nil
		case done:
			b.Edit(v, c, write.Obj{"status": "completed", "extension": withArrival(c, r, p.Now())})
		case failed:
			if err := s.fail(ctx, p, b, v, c, r); err != nil {
				return err
			}
		}
		change, err := b.Change()
		if err != nil {
			return err
		}
		if _, err = p.Commit(ctx, change); !fault.Is(err, fault.Conflict) {
			return err
		}
	}
	return fault.New(fault.Busy, "The record is very busy just now.")
}

func withArrival(c *fhir.Resource, r Report, now time.Time) any {
	at := r.At
	if at.IsZero() {
		at = now
	}
	return write.Extended(c, arrived, write.Obj{"url": arrived, "valueDateTime": write.Instant(at)})
}

// fail ends one notice and finds the next way, or asks a person.
func (s *Service) fail(ctx context.Context, p *record.Practice, b *write.Builder, v record.Version, c *fhir.Resource, r Report) error {
	why := r.Detail
	if why == "" || !r.Failed {
		why = "Nobody has said that it arrived."
	}
	b.Edit(v, c, write.Obj{"status": "stopped", "statusReason": write.Obj{"text": why}})
	about, now := partOf(c), p.Now()
	patient := c.Get("recipient", "reference").Str()
	if kindOf(c) != "notice" || about.IsZero() || patient == "" {
		return nil // it told somebody that we had got their message: no more is owed
	}
	person, err := Load(ctx, p, patient)
	if fault.Is(err, fault.Refused) {
		return ask(ctx, p, b, c, patient, []string{fault.From(err).Message}, now)
	}
	if err != nil {
		return err
	}
	if t, ok := target(c, sentTo); ok && r.Bad {
		_, old, _, err := loadContact(ctx, p, patient)
		if err != nil {
			return err
		}
		if person.Contact.MarkStale(t, why, now) {
			person.Contact.put(b, old)
		}
	}
	read, err := wasRead(ctx, p, about)
	if err != nil || read {
		return err
	}
	tried, err := triedFor(ctx, p, about, ident.Ref{})
	if err != nil {
		return err
	}
	if err := notHidden(ctx, p, patient, about); fault.Is(err, fault.Refused) {
		return ask(ctx, p, b, c, patient, []string{fault.From(err).Message}, now)
	} else if err != nil {
		return err
	}
	route, err := Choose(person, func(m Medium) bool { return s.Can(p.ODS(), m) }, tried)
	if err == nil {
		again(b, c, route)
		return nil
	}
	story, err := s.story(ctx, p, about, v.Ref, why, err)
	if err != nil {
		return err
	}
	return ask(ctx, p, b, c, patient, story, now)
}

func wasRead(ctx context.Context, p *record.Practice, about ident.Ref) (bool, error) {
	v, err := p.Read(ctx, about)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
		return true, nil // there is nothing to tell any more
	}
	if err != nil {
		return false, err
	}
	m, err := v.Resource()
	if err != nil {
		return false, err
	}
	return m.Get("received").Exists() || m.Get("status").Is("entered-in-error"), nil
}

// again owes the same notice by another way.
func again(b *write.Builder, c *fhir.Resource, r Route) {
	code, display := r.Medium.code()
	o := write.Obj{"status": "preparation", "medium": write.List{write.Coded(care.Medium, code, display)}}
	for _, m := range []string{"category", "partOf", "basedOn", "subject", "recipient", "topic", "payload"} {
		if n := c.Get(m); n.Exists() {
			o[m] = rawNode(n)
		}
	}
	b.Create(ident.Ref{Type: "Communication", ID: ident.NewID()}, o)
}

// story is what was tried, a line each.
func (s *Service) story(ctx context.Context, p *record.Practice, about, last ident.Ref, why string, end error) ([]string, error) {
	var out []string
	err := search.Each(ctx, p, "Communication?part-of="+about.String(), func(v record.Version, c *fhir.Resource) error {
		t, ok := target(c, sentTo)
		if !ok {
			return nil
		}
		reason := c.Get("statusReason", "text").Str()
		if v.Ref == last {
			reason = why
		}
		out = append(out, fmt.Sprintf("%s: %s.", mediumOf(c).Label(), strings.TrimSuffix(strings.TrimSpace(reason), ".")))
		_ = t // the address stays in the message's own record
		return nil
	})
	return append(out, fault.From(end).Message), err
}

// ask gives staff the job of reaching the patient. There is one for each
// message, however often this is done.
func ask(ctx context.Context, p *record.Practice, b *write.Builder, c *fhir.Resource, patient string, story []string, now time.Time) error {
	about := partOf(c)
	job := ident.Ref{Type: "Task", ID: clipID("unreached-" + about.ID)}
	if _, err := p.Read(ctx, job); !fault.Is(err, fault.NotFound) {
		return err // somebody has been asked
	}
	o := write.Job(record.System, "A message has not reached this patient. Find another way to tell them.\n"+strings.Join(story, "\n"), "urgent", now)
	o["for"], o["focus"] = write.Obj{"reference": patient}, write.Ref(about)
	for x := range c.Get("basedOn").Items() {
		if t := write.Target(x); t.Type == "Task" {
			o["partOf"] = write.List{write.Ref(t)}
		}
	}
	b.Create(job, o)
	return nil
}

func clipID(s string) string { return s[:min(len(s), 64)] }

// Owe adds a notice about a message of a request to a change: the patient is
// told in whichever way reaches them. text, when not "", may be read by
// anybody and is sent instead of "you have a message".
func Owe(b *write.Builder, about ident.Ref, task ident.Ref, patient ident.Ref, topic, text string) ident.Ref {
	ref := ident.Ref{Type: "Communication", ID: ident.NewID()}
	o := request.Notice(about, task, patient)
	if text != "" {
		o["payload"] = write.List{write.Obj{"contentString": text}}
	}
	if topic != "" {
		o["topic"] = write.Obj{"text": topic}
	}
	b.Create(ref, o)
	return ref
}

// Acknowledge adds to a change a few words to an address from which somebody
// wrote, whoever they are. id is the same for what must be said once.
func Acknowledge(b *write.Builder, id string, to Target, task ident.Ref, topic, text string) {
	code, display := to.Medium.code()
	b.Create(ident.Ref{Type: "Communication", ID: id}, write.Obj{
		"status": "preparation", "category": write.List{write.Coded(care.MessageKind, "notice", "")},
		"medium":  write.List{write.Coded(care.Medium, code, display)},
		"basedOn": write.List{write.Ref(task)}, "topic": write.Obj{"text": topic},
		"payload": write.List{write.Obj{"contentString": text}}, "extension": write.List{pointed(writeTo, to)},
	})
}

func rawNode(n fhir.Node) json.RawMessage { return json.RawMessage(n.Raw()) }

package notify

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/record"
)

// try makes one try, and says when the next is due; zero when there is none.
func (o *Outbox) try(ctx context.Context, v record.Version, before int) time.Time {
	n := before + 1
	if n > o.Tries {
		o.giveUp(ctx, v, "It could not be sent, though we tried "+strconv.Itoa(o.Tries)+" times.")
		return time.Time{}
	}
	m, err := o.message(ctx, v)
	if err != nil {
		return o.unsent(ctx, v, n, err)
	}
	m.Again = before > 0
	leased, err := o.edit(ctx, v, tryReason+strconv.Itoa(n), func(e *fhir.Edit) {
		e.Set("in-progress", "status")
		for k, x := range m.Lease {
			e.Set(x, k)
		}
	})
	if err != nil {
		if !fault.Is(err, fault.Conflict) { // somebody else took it: well and good
			o.Slog.Error("a message could not be taken", "communication", v.Ref.ID, "cause", err)
		}
		return time.Time{}
	}
	within, cancel := context.WithTimeout(ctx, lease/2)
	defer cancel()
	receipt, err := o.Sender.Send(within, m)
	switch {
	case err == nil && Tracked(receipt) && o.Settle != nil:
		o.finish(ctx, leased, "in-progress", receipt, "")
	case err == nil:
		o.finish(ctx, leased, "completed", receipt, "")
	default:
		return o.unsent(ctx, leased, n, err)
	}
	return time.Time{}
}

// unsent says when to try again, or that there is no use.
func (o *Outbox) unsent(ctx context.Context, v record.Version, n int, err error) time.Time {
	switch {
	case permanent(err):
		o.Slog.Warn("a message cannot be sent", "communication", v.Ref.ID, "cause", err)
	case n >= o.Tries:
		o.Slog.Warn("a message was given up", "communication", v.Ref.ID, "tries", n, "cause", err)
	default:
		o.Slog.Warn("a message was not sent yet", "communication", v.Ref.ID, "tries", n, "cause", err)
		if at := v.Time.Add(backoff(n)); at.After(o.Now().Add(firstWait)) {
			return at
		}
		return o.Now().Add(firstWait)
	}
	o.giveUp(ctx, v, fault.From(err).Message)
	return time.Time{}
}

// giveUp records that a message is not sent, and lets what follows follow.
func (o *Outbox) giveUp(ctx context.Context, v record.Version, why string) {
	if o.Settle == nil {
		o.finish(ctx, v, "stopped", "", why)
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := o.Settle(ctx, o.Practice, v.Ref, Report{Key: v.Ref.ID, State: Failed, Detail: why, At: o.Now()}); err != nil {
		o.Slog.Error("what became of a message could not be recorded", "communication", v.Ref.ID, "cause", err)
	}
}

// message is what is to be sent, as things are now.
func (o *Outbox) message(ctx context.Context, v record.Version) (Message, error) {
	r, err := v.Resource()
	if err != nil {
		return Message{}, err
	}
	if o.Route != nil {
		m, err := o.Route(ctx, o.Practice, v.Ref, r)
		m.Key = v.Ref.ID
		return m, err
	}
	m := Message{Key: v.Ref.ID, Medium: MediumOf(r), Subject: o.Subject, Text: textOf(r)}
	if t := r.Get("topic", "text").Str(); t != "" {
		m.Subject = t
	}
	m.To, err = o.Address(ctx, o.Practice, r, m.Medium)
	return m, err
}

// polled is when to ask next about a message that is on its way.
func (o *Outbox) polled(v record.Version) time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	if t, ok := o.asked[v.Ref.ID]; ok {
		return t.Add(pollEvery)
	}
	return v.Time.Add(pollEvery)
}

// poll asks what became of a message, in case nobody has told us, and lets
// Settle see that time has passed.
func (o *Outbox) poll(ctx context.Context, v record.Version) time.Time {
	o.mu.Lock()
	if o.asked == nil || len(o.asked) > 10_000 {
		o.asked = map[string]time.Time{}
	}
	o.asked[v.Ref.ID] = o.Now()
	o.mu.Unlock()
	next := o.Now().Add(pollEvery)
	r, err := v.Resource()
	if err != nil {
		return next
	}
	got := Report{State: Sending}
	if p, ok := o.Sender.(interface {
		Status(context.Context, string) (Report, error)
	}); ok {
		if told, err := p.Status(ctx, ReceiptOf(r)); err == nil {
			got = told
		}
	}
	got.Key = v.Ref.ID
	if err := o.Settle(ctx, o.Practice, v.Ref, got); err != nil {
		o.Slog.Error("what became of a message could not be recorded", "communication", v.Ref.ID, "cause", err)
	}
	return next
}

// ReceiptOf is the receipt of whoever took a message, "" for none.
func ReceiptOf(r *fhir.Resource) string {
	last := ""
	for i := range r.Get("identifier").Items() {
		if i.Get("system").Is(receiptSystem) {
			last = i.Get("value").Str()
		}
	}
	return last
}

func textOf(r *fhir.Resource) string {
	var parts []string
	for p := range r.Get("payload").Items() {
		if s := p.Get("contentString").Str(); s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, "\n\n")
}

// finish records how it ended. What was sent must be recorded even when the
// program is being stopped, or when somebody else changed the Communication
// while it was on its way.
func (o *Outbox) finish(ctx context.Context, v record.Version, status, receipt, why string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	for range 5 {
		reason := "outbox: " + status
		if status == "in-progress" {
			reason = onItsWay
		}
		_, err := o.edit(ctx, v, reason, func(e *fhir.Edit) {
			e.Set(status, "status")
			if status != "stopped" {
				e.Set(fhir.Instant(o.Now()), "sent")
			}
			if receipt != "" {
				e.Append(map[string]string{"system": receiptSystem, "value": receipt}, "identifier")
			}
			if why != "" {
				e.Set(map[string]string{"text": why}, "statusReason")
			}
		})
		if !fault.Is(err, fault.Conflict) {
			if err != nil {
				o.Slog.Error("what became of a message could not be recorded", "communication", v.Ref.ID, "status", status, "cause", err)
			}
			return
		}
		if v, err = o.Practice.Read(ctx, v.Ref); err != nil {
			return // deleted: there is nothing to say it on
		}
		if r, err := v.Resource(); err != nil || !r.Get("status").Is("in-progress") {
			return // somebody has settled it
		}
	}
}

// edit commits a new version of a Communication, if v is still the current one.
func (o *Outbox) edit(ctx context.Context, v record.Version, reason string, fn func(*fhir.Edit)) (record.Version, error) {
	e, err := fhir.NewEdit(v.JSON())
	if err != nil {
		return v, err
	}
	fn(e)
	b, err := e.Bytes()
	if err != nil {
		return v, err
	}
	w, err := record.Prepare(v.Ref, b)
	if err != nil {
		return v, err
	}
	r, err := o.Practice.Commit(ctx, record.Change{
		Author: record.System, Reason: reason, Expect: []record.Expect{v.Expect()}, Writes: []record.Write{w},
	})
	if err != nil {
		return v, err
	}
	if len(r.Versions) == 0 {
		return v, errors.New("notify: the commit has no version")
	}
	return r.Versions[0], nil
}

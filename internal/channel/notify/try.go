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
		o.finish(ctx, v, "stopped", "", "It could not be sent, though we tried "+strconv.Itoa(o.Tries)+" times.")
		return time.Time{}
	}
	leased, err := o.edit(ctx, v, tryReason+strconv.Itoa(n), func(e *fhir.Edit) { e.Set("in-progress", "status") })
	if err != nil {
		if !fault.Is(err, fault.Conflict) { // somebody else took it: well and good
			o.Slog.Error("a message could not be taken", "communication", v.Ref.ID, "cause", err)
		}
		return time.Time{}
	}
	receipt, err := o.send(ctx, leased)
	switch {
	case err == nil:
		o.finish(ctx, leased, "completed", receipt, "")
	case permanent(err):
		o.Slog.Warn("a message cannot be sent", "communication", v.Ref.ID, "cause", err)
		o.finish(ctx, leased, "stopped", "", fault.From(err).Message)
	case n >= o.Tries:
		o.Slog.Warn("a message was given up", "communication", v.Ref.ID, "tries", n, "cause", err)
		o.finish(ctx, leased, "stopped", "", fault.From(err).Message)
	default:
		o.Slog.Warn("a message was not sent yet", "communication", v.Ref.ID, "tries", n, "cause", err)
		return leased.Time.Add(backoff(n))
	}
	return time.Time{}
}

func (o *Outbox) send(ctx context.Context, v record.Version) (string, error) {
	r, err := v.Resource()
	if err != nil {
		return "", err
	}
	m := Message{Key: v.Ref.ID, Medium: mediumOf(r), Subject: o.Subject, Text: textOf(r)}
	if t := r.Get("topic", "text").Str(); t != "" {
		m.Subject = t
	}
	if m.To, err = o.Address(ctx, o.Practice, r, m.Medium); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, lease/2)
	defer cancel()
	return o.Sender.Send(ctx, m)
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
		_, err := o.edit(ctx, v, "outbox: "+status, func(e *fhir.Edit) {
			e.Set(status, "status")
			if status == "completed" {
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
		Author: author, Reason: reason, Expect: []record.Expect{v.Expect()}, Writes: []record.Write{w},
	})
	if err != nil {
		return v, err
	}
	if len(r.Versions) == 0 {
		return v, errors.New("notify: the commit has no version")
	}
	return r.Versions[0], nil
}

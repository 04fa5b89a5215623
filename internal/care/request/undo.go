package request

import (
	"context"

	"heartwood/internal/care"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

func undoKey(batch string) string { return "undo:" + batch }

// Undo puts the requests of a batch back as they were before it, in one
// change. What has changed since stays as it is, and is named with why. Those
// who were told that their request is closed are told that it is open again.
// A batch is undone once.
func (s *Service) Undo(ctx context.Context, practice ident.ODS, by record.Author, id string) (Batch, error) {
	if !care.IsStaff(by.Role) {
		return Batch{}, fault.New(fault.Forbidden, "Only staff of the practice can do this.")
	}
	p, err := s.store.Practice(practice)
	if err != nil {
		return Batch{}, err
	}
	was, err := LoadBatch(ctx, p, id)
	if err != nil {
		return Batch{}, err
	}
	if was.Undoes != "" {
		return Batch{}, fault.New(fault.Refused, "What took a batch back is not taken back itself.")
	}
	return batch(ctx, p, by, undoKey(id), func(b *batcher) error {
		b.batch.Undoes, b.batch.What = id, "taken back: "+was.What
		for _, m := range was.Done {
			if err := b.putBack(ctx, p, was, m); err != nil {
				return err
			}
		}
		return nil
	})
}

// putBack makes one request as it was. It is as the batch left it when the
// version before the present one is the one that the batch found.
func (b *batcher) putBack(ctx context.Context, p *record.Practice, was Batch, m Member) error {
	v, t, r, err := current(ctx, p, m.ID)
	if err != nil {
		return b.leave(m.ID, m.Reference, err)
	}
	history, err := p.History(ctx, v.Ref, "", 2)
	if err != nil {
		return err
	}
	if len(history) < 2 || history[1].ID != m.Before {
		why := "it changed since"
		if len(history) > 0 && history[0].Reason != "" {
			why = "it changed since: " + history[0].Reason
		}
		return b.leave(m.ID, m.Reference, fault.New(fault.Conflict, "Left as it is, for %s.", why))
	}
	before, err := history[1].Resource()
	if err != nil {
		return err
	}
	old := fromTask(before)
	if old.Owner.away() { // what goes there goes by a handover, which has ended with what is taken back
		return b.leave(m.ID, m.Reference, fault.New(fault.Refused, "Another practice had it before. Hand it over again if it should go there."))
	}
	edit := obj{"lastModified": write.Instant(b.now)}
	if r.State == Closed && old.State != Closed {
		if r.handedOver() {
			return b.leave(m.ID, m.Reference, answeredAtHome())
		}
		edit["input"] = append(raw(before.Get("input")), input("reopened", "valueDateTime", write.Instant(b.now)))
		edit["note"] = orNil(raw(t.Get("note")))
		Tell(b.Builder, Letter{
			Kind: "message", Task: v.Ref, Patient: refTo(r.Patient),
			Text: "We told you that your request " + r.Reference + " was closed. That was a mistake. It is open again and we are dealing with it.",
		}, b.by, b.now)
		b.batch.Closed = true
	}
	b.Edit(v, before, edit)
	b.batch.Done = append(b.batch.Done, Member{m.ID, m.Reference, r.Version})
	return nil
}

package booking

import (
	"context"
	"time"

	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// TakenBack is the comment of a slot that the rota has taken back; what else
// is not for sale was blocked by a person, and the comment is why.
const TakenBack = "Taken back by the rota"

// BlockCommand takes time of one schedule out of sale, or gives it back.
type BlockCommand struct {
	Schedule ident.Ref
	From, To time.Time // slots that share time with [From, To)
	Reason   string    // required to block
	Anyway   bool      // the person has seen what is booked then
	Key      string
}

// Blocked is what a BlockCommand did.
type Blocked struct {
	Slots  int    // blocked or given back
	Booked []View // appointments in that time: each has a job to move it
}

// Booked is the cause of a Refused fault when somebody has a time that is to
// be blocked: show them, and send the command again with Anyway.
type Booked struct{ Views []View }

// Error is for logs.
func (b *Booked) Error() string { return "there are bookings in that time" }

// longestBlock is the longest time that is blocked at once.
const longestBlock = 31 * 24 * time.Hour

func (c BlockCommand) check() error {
	switch {
	case c.Schedule.Type != "Schedule":
		return fault.At(fault.Invalid, "who", "Choose whose time it is.")
	case c.From.IsZero() || !c.To.After(c.From):
		return fault.At(fault.Invalid, "to", "The end must be after the start.")
	case c.To.Sub(c.From) > longestBlock:
		return fault.At(fault.Invalid, "to", "Choose at most a month. For longer, add leave to the rota.")
	}
	return nil
}

// Block takes free slots out of sale, with a reason. It never takes one from
// somebody who has it: those are listed, and when the person says to go on all
// the same, each gets an urgent job to be moved, in the same change.
func (s *Service) Block(ctx context.Context, p *record.Practice, by record.Author, c BlockCommand) (Blocked, error) {
	if err := c.check(); err != nil {
		return Blocked{}, err
	}
	if c.Reason == "" || c.Reason == TakenBack {
		return Blocked{}, fault.At(fault.Invalid, "reason", "Say why this time is not for booking.")
	}
	return s.blocks(ctx, p, c, func(all []slot) (record.Change, Blocked, error) {
		var done Blocked
		b := begin(by, "booking: time blocked", c.Key)
		for _, sl := range all {
			if !sl.view.End.After(p.Now()) {
				continue
			}
			if err := s.blockOne(ctx, p, b, sl, c, &done); err != nil {
				return record.Change{}, done, err
			}
		}
		if len(done.Booked) > 0 && !c.Anyway {
			return record.Change{}, done, fault.Wrap(&Booked{done.Booked}, fault.Refused, "There are appointments in that time. Look at them first.")
		}
		for _, v := range done.Booked {
			b.move(v, c.Reason, by, p.Now())
		}
		change, err := b.Change()
		return change, done, err
	})
}

func (s *Service) blockOne(ctx context.Context, p *record.Practice, b builder, sl slot, c BlockCommand, done *Blocked) error {
	held, err := s.listed(ctx, p, "Appointment?slot="+sl.view.Slot.String()+"&_count=50")
	if err != nil {
		return err
	}
	for _, v := range held {
		if v.Status == "booked" || v.Status == "pending" {
			done.Booked = append(done.Booked, v)
		}
	}
	t, set := sl.terms, obj{"status": "busy-unavailable", "comment": c.Reason}
	switch {
	case sl.status == "free": // of a group some places may be taken: they stay so
	case sl.kept(): // offered, not chosen yet: they go on waiting
		t.held = ""
		if err := b.offerEnds(ctx, p, sl); err != nil {
			return err
		}
		set["extension"] = sl.with(t)
	default:
		return nil
	}
	b.Edit(sl.v, sl.res, set)
	done.Slots++
	return nil
}

// offerEnds puts whom a slot was kept for on the list again, and tells them.
func (b builder) offerEnds(ctx context.Context, p *record.Practice, sl slot) error {
	v, err := p.Read(ctx, ident.Ref{Type: "Appointment", ID: sl.terms.held})
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
		return nil
	}
	if err != nil {
		return err
	}
	w, err := readWaiting(v)
	if err != nil || w.view.Status != "proposed" {
		return err
	}
	b.back(w, w.passed)
	sc := scene{now: p.Now(), ids: [3]string{ident.NewID(), ident.NewID(), ident.NewID()}}
	b.tell(sc, record.System, w.view, "The time on "+sayWhen(sl.view.Start)+" that we were keeping for you is not free any more. We are sorry. You stay on the waiting list.")
	return nil
}

// move makes a job for somebody to move an appointment.
func (b builder) move(v View, why string, by record.Author, now time.Time) {
	o := write.Job(by, "This time is blocked now: move the appointment on "+sayWhen(v.Start)+" and tell the patient. Blocked because: "+why, "urgent", now)
	o["for"], o["reasonReference"] = write.Ref(v.Patient), write.Ref(v.Appointment)
	b.Create(ident.Ref{Type: "Task", ID: ident.NewID()}, o)
}

// Unblock gives blocked slots back for sale. What the rota has taken back it
// leaves to the rota.
func (s *Service) Unblock(ctx context.Context, p *record.Practice, by record.Author, c BlockCommand) (Blocked, error) {
	if err := c.check(); err != nil {
		return Blocked{}, err
	}
	return s.blocks(ctx, p, c, func(all []slot) (record.Change, Blocked, error) {
		var done Blocked
		b := begin(by, "booking: time given back", c.Key)
		for _, sl := range all {
			if sl.status != "busy-unavailable" || sl.res.Get("comment").Is(TakenBack) {
				continue
			}
			status := "free"
			if sl.terms.taken >= sl.terms.Places() {
				status = "busy"
			}
			b.Edit(sl.v, sl.res, obj{"status": status, "comment": nil})
			done.Slots++
		}
		change, err := b.Change()
		return change, done, err
	})
}

// blocks loads the slots, decides and commits, afresh when one of them has
// changed in between.
func (s *Service) blocks(ctx context.Context, p *record.Practice, c BlockCommand, decide func([]slot) (record.Change, Blocked, error)) (Blocked, error) {
	for try := 1; ; try++ {
		if c.Key != "" {
			if rec, ok, err := p.Repeat(ctx, c.Key); ok || err != nil {
				return Blocked{Slots: len(rec.Versions)}, err
			}
		}
		all, err := overlapping(ctx, p, c.Schedule, c.From, c.To)
		if err != nil {
			return Blocked{}, err
		}
		change, done, err := decide(all)
		if err != nil {
			return done, err
		}
		if done.Slots == 0 && len(done.Booked) == 0 {
			return done, fault.New(fault.Refused, "There are no such times in the diary then. Nothing was changed.")
		}
		if _, err = p.Commit(ctx, change); err == nil || !fault.Is(err, fault.Conflict) || try == attempts {
			return done, err
		}
	}
}

package escalate

import (
	"time"

	"heartwood/internal/care/opening"
	"heartwood/internal/care/request"
)

const (
	nearBy    = 30 * time.Minute // before its time, for what nobody works on
	untaken   = request.EmergencyGrace
	dealt     = time.Hour // how long an emergency may be worked on without a further decision
	afterward = time.Hour // after closing, messages still go
)

// Wants is why a request should ring now; ok is false when it need not. It is
// pure. away tells whether a person is away now.
func Wants(r request.View, now time.Time, away func(ref string) bool) (k Kind, ok bool) {
	urgent := r.Urgency == request.Stat
	switch {
	case !r.Open():
		return "", false
	case urgent && r.State == request.Received && now.Sub(later(r.Since, r.Changed)) >= untaken:
		return Emergency, true
	case !r.Escalated.IsZero():
		return HandedUp, true
	case urgent && r.State != request.Received && r.State != request.WithPatient && now.Sub(r.Changed) > dealt,
		!urgent && r.Late(now),
		urgent && r.State == request.WithPatient && r.Late(now):
		return Late, true
	case r.Asleep(now), r.State == request.WithPatient:
		return "", false
	case away(r.Owner.Ref):
		return Away, true
	case !urgent && (r.State == request.Received || r.State == request.Accepted) && r.AnswerBy.Sub(now) <= nearBy:
		return Near, true
	}
	return "", false
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// Due is how many steps of the path are due for an alarm, repeats of the last
// one included.
func (p Path) Due(a Alarm, now time.Time) int {
	rung := now.Sub(a.Since)
	n := 0
	for _, s := range p.Steps {
		if rung >= s.After {
			n++
		}
	}
	if n > 0 && n == len(p.Steps) && p.Again > 0 {
		n += int((rung - p.Steps[n-1].After) / p.Again)
	}
	return n
}

// since are the steps that are to be taken now: those after the alarm's own.
// After a silence each is taken once, the last one not once for each repeat.
func (p Path) since(taken, due int) []Step {
	if due <= taken || len(p.Steps) == 0 {
		return nil
	}
	if taken >= len(p.Steps) {
		return p.Steps[len(p.Steps)-1:]
	}
	return p.Steps[taken:min(due, len(p.Steps))]
}

// Next is pure: an alarm as it should be, for why it should ring (want; ok
// false: for nothing), and the steps to take now.
func Next(a Alarm, want Kind, ok bool, path Path, now time.Time, h opening.Hours) (Alarm, []Step) {
	switch {
	case !ok && !a.Kind.alone():
		a.Settled = true
		return a, nil
	case a.Settled, a.Kind == "", ranks[want] > ranks[a.Kind]:
		a = Alarm{ID: a.ID, Version: a.Version, Request: a.Request, About: a.About, Kind: want, Since: now}
	case a.Taken != "":
		return a, nil
	}
	due := path.Due(a, now)
	if due <= a.Step || !listened(h, now) {
		return a, nil
	}
	steps := path.since(a.Step, due)
	a.Step, a.Told = due, now
	return a, steps
}

// listened tells whether somebody can be expected to read a message: while the
// practice is open, and for an hour after. What rings at night is told when it
// opens; the patient was told of 111 and 999.
func listened(h opening.Hours, now time.Time) bool { return h.Open(now) || h.Open(now.Add(-afterward)) }

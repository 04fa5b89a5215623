package desk

import (
	"context"
	"sync"
	"time"

	"heartwood/internal/access"
)

// glance is one person's sight of one patient in one kind of list.
type glance struct{ practice, viewer, patient, what string }

// glances remembers which sights of lists have been logged lately. A queue is
// drawn again whenever it changes: the patients on it have been seen once.
type glances struct {
	mu   sync.Mutex
	last map[glance]time.Time // protected by mu
}

const (
	glanceFor  = 30 * time.Minute // one visit, as the patient's own page tells it
	glanceHeld = 200_000
)

// fresh gives those that have not been logged lately, each once. "" is a
// request or row that belongs to no patient yet.
func (g *glances) fresh(v visit, what string, patients []string) []glance {
	g.mu.Lock()
	defer g.mu.Unlock()
	var out []glance
	seen := map[glance]bool{}
	for _, p := range patients {
		one := glance{string(v.ods), v.Ref, p, what}
		if at, ok := g.last[one]; !seen[one] && (!ok || v.now.Sub(at) >= glanceFor || v.now.Before(at)) {
			out = append(out, one)
		}
		seen[one] = true
	}
	return out
}

// logged remembers sights that are in the access log now.
func (g *glances) logged(all []glance, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.last == nil || len(g.last)+len(all) > glanceHeld {
		g.last = map[glance]time.Time{} // they are logged again: no harm
	}
	for _, one := range all {
		g.last[one] = now
	}
}

// glanced logs that these patients ("Patient/…") are about to be seen in a
// list, each at most once in a visit.
func (d *Desk) glanced(ctx context.Context, v visit, what string, patients []string) error {
	fresh := d.glances.fresh(v, what, patients)
	if len(fresh) == 0 {
		return nil
	}
	sights := make([]access.Sight, len(fresh))
	for i, one := range fresh {
		sights[i] = access.Sight{Patient: one.patient, What: what}
	}
	if err := v.looked(ctx, sights...); err != nil {
		return err
	}
	d.glances.logged(fresh, v.now)
	return nil
}

package routing

import (
	"cmp"
	"slices"

	"heartwood/internal/care/opening"
	"heartwood/internal/care/promise"
)

// Past is a request of the past weeks, to rehearse rules with.
type Past struct {
	Case
	ID, Reference string
	Patient       string
	Who           string // the owner that it had in the end
	Clinical      bool   // continuity matters: a new or a known problem
}

// Share is what one set of rules gives to one owner.
type Share struct {
	Ref, Name string
	Now, Then int     // requests
	NowWork   float64 // minutes
	ThenWork  float64
}

// Wait is what a pool's queue would do.
type Wait struct {
	Pool              promise.Pool
	NowWork, ThenWork float64 // minutes a working day
	Now, Then         promise.Waits
}

// Change is one request that would go to somebody else.
type Change struct {
	Past
	From, To string // names
	Why      string
}

// Rehearsal is what rules would have done with the past weeks' requests.
type Rehearsal struct {
	Requests int
	Days     int // on which the practice was open
	Loads    []Share
	Waits    []Wait
	Changes  []Change
	// Continuity: of the clinical requests of people with a usual clinician,
	// how many went to them under the present rules, would go to them under
	// the new ones, and were in fact answered by them.
	Known, NowUsual, ThenUsual, Real int
	UPC                              float64 // of those who were answered at least twice
	UPCOf                            int
}

// Place is where the practice's work is done.
type Place struct {
	Staff    Staff
	Hours    opening.Hours
	Capacity promise.Capacity
	Pool     func(owner, kind string) promise.Pool
}

// Rehearse routes the past requests by the present rules and by new ones. It
// takes everybody who works here now to have been in. It is pure.
func Rehearse(now, then Setting, past []Past, at Place) Rehearsal {
	r := Rehearsal{Requests: len(past)}
	loads := map[string]*Share{}
	load := func(d Decision) *Share {
		l := loads[d.Owner]
		if l == nil {
			l = &Share{Ref: d.Owner, Name: d.Name}
			loads[d.Owner] = l
		}
		return l
	}
	visits := map[string][]string{}
	var nowWork, thenWork []promise.Arrival
	for _, p := range past {
		a, b := now.Route(p.Case, at.Staff), then.Route(p.Case, at.Staff)
		m := promise.Minutes(p.Kind)
		la, lb := load(a), load(b)
		la.Now, la.NowWork = la.Now+1, la.NowWork+m
		lb.Then, lb.ThenWork = lb.Then+1, lb.ThenWork+m
		nowWork = append(nowWork, promise.Arrival{Pool: at.Pool(a.Owner, p.Kind), At: p.At, Minutes: m})
		thenWork = append(thenWork, promise.Arrival{Pool: at.Pool(b.Owner, p.Kind), At: p.At, Minutes: m})
		if a.Owner != b.Owner {
			r.Changes = append(r.Changes, Change{Past: p, From: a.Name, To: b.Name, Why: b.Why})
		}
		r.usual(p, a, b, visits)
	}
	r.UPC, r.UPCOf = MeanUPC(visits)
	for _, l := range loads {
		r.Loads = append(r.Loads, *l)
	}
	slices.SortFunc(r.Loads, func(a, b Share) int { return cmp.Or(b.Then-a.Then, cmp.Compare(a.Name, b.Name)) })
	r.waits(nowWork, thenWork, at)
	return r
}

func (r *Rehearsal) usual(p Past, a, b Decision, visits map[string][]string) {
	if !p.Clinical {
		return
	}
	if p.Patient != "" && len(p.Who) > 13 && p.Who[:13] == "Practitioner/" {
		visits[p.Patient] = append(visits[p.Patient], p.Who)
	}
	if p.Usual == "" {
		return
	}
	r.Known++
	for n, who := range map[*int]string{&r.NowUsual: a.Owner, &r.ThenUsual: b.Owner, &r.Real: p.Who} {
		if who == p.Usual {
			*n++
		}
	}
}

func (r *Rehearsal) waits(now, then []promise.Arrival, at Place) {
	a, days := promise.Rehearse(now, at.Hours, at.Capacity)
	b, _ := promise.Rehearse(then, at.Hours, at.Capacity)
	r.Days = days
	for _, p := range promise.Pools {
		w := Wait{Pool: p, Now: a[p], Then: b[p]}
		if days > 0 {
			w.NowWork, w.ThenWork = a[p].Work/float64(days), b[p].Work/float64(days)
		}
		r.Waits = append(r.Waits, w)
	}
}

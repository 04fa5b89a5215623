package escalate

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/opening"
	"heartwood/internal/care/request"
	"heartwood/internal/care/search"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

const (
	openAlarms   = "Task?code=" + care.TaskCode + "%7Calarm&status=requested,accepted"
	openRequests = "Task?code=" + care.TaskCode + "%7Crequest&status:not=completed"
)

// List gives the alarms that are not settled, the worst first, then those that
// have rung longest.
func List(ctx context.Context, p *record.Practice) ([]Alarm, error) {
	var out []Alarm
	err := search.Each(ctx, p, openAlarms, func(v record.Version, t *fhir.Resource) error {
		out = append(out, fromTask(v, t))
		return nil
	})
	slices.SortStableFunc(out, func(a, b Alarm) int {
		if a.Rings() != b.Rings() {
			if a.Rings() {
				return -1
			}
			return 1
		}
		if c := ranks[b.Kind] - ranks[a.Kind]; c != 0 {
			return c
		}
		return a.Since.Compare(b.Since)
	})
	return out, err
}

// round is one look at a practice: what it has found and what it will write.
type round struct {
	ctx   context.Context
	p     *record.Practice
	now   time.Time
	path  Path
	hours opening.Hours
	staff staff
	b     *write.Builder
	wrote bool
	tell  map[told][]ident.Ref // who is told of which alarms
	kinds map[ident.Ref]Kind
}

type told struct {
	who ident.Ref
	by  Medium
}

// Round raises, goes on with and settles the alarms of a practice: one change,
// so that a message and the step that it belongs to are recorded together. Two
// processes that look at once write once: the other meets a conflict and
// leaves it to the next round. It reads everything that is open; Watch does
// the same and reads what is due.
func Round(ctx context.Context, p *record.Practice) error {
	r, err := begin(ctx, p)
	if err == nil {
		err = r.look()
	}
	if err != nil {
		return err
	}
	if err = r.commit(); fault.Is(err, fault.Conflict) {
		return nil
	}
	return err
}

// begin reads what a look goes by.
func begin(ctx context.Context, p *record.Practice) (*round, error) {
	r := &round{
		ctx: ctx, p: p, now: p.Now(), hours: request.HoursOf(ctx, p), b: write.New(record.System, "alarms", ""),
		tell: map[told][]ident.Ref{}, kinds: map[ident.Ref]Kind{},
	}
	var err error
	if r.path, err = LoadPath(ctx, p); err != nil {
		return nil, err
	}
	r.staff, err = readStaff(ctx, p, r.now)
	return r, err
}

// commit writes what the look has found; nothing when that is nothing.
func (r *round) commit() error {
	r.messages()
	change, err := r.b.Change()
	if err != nil || !r.wrote {
		return err
	}
	_, err = r.p.Commit(r.ctx, change)
	return err
}

// look goes through the open alarms and the open requests.
func (r *round) look() error {
	all, err := everything(r.ctx, r.p)
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(all)) {
		if err := r.consider(all[id]); err != nil {
			return err
		}
	}
	return nil
}

// matter is a request and its alarm: either may not be there.
type matter struct {
	request request.View
	open    bool // there is such a request, and it is open
	alarm   Alarm
	rings   bool // there is such an alarm, and it is not settled
}

// everything is every open request and every alarm that is not settled, by the
// id of the alarm.
func everything(ctx context.Context, p *record.Practice) (map[string]*matter, error) {
	out := map[string]*matter{}
	all, err := List(ctx, p)
	if err != nil {
		return nil, err
	}
	for _, a := range all {
		out[a.ID] = &matter{alarm: a, rings: true}
	}
	err = search.Each(ctx, p, openRequests, func(v record.Version, t *fhir.Resource) error {
		view := request.FromParsed(v, t)
		id := alarmOf(view.ID).ID
		if out[id] == nil {
			out[id] = &matter{}
		}
		out[id].request, out[id].open = view, true
		return nil
	})
	return out, err
}

// consider decides about one matter.
func (r *round) consider(m *matter) error {
	if !m.open { // its request was closed, or it is about none
		if !m.rings {
			return nil
		}
		return r.next(m.alarm, m.alarm.Kind, m.alarm.Kind.alone(), "")
	}
	want, ok := Wants(m.request, r.now, func(ref string) bool { return r.staff.away[ref] })
	a := m.alarm
	if !m.rings {
		if !ok {
			return nil
		}
		a = Alarm{ID: alarmOf(m.request.ID).ID, Request: ident.Ref{Type: "Task", ID: m.request.ID}}
	}
	return r.next(a, want, ok, m.request.Owner.Ref)
}

// next decides about one alarm and writes what has changed.
func (r *round) next(a Alarm, want Kind, ok bool, owner string) error {
	n, steps := Next(a, want, ok, r.path, r.now, r.hours)
	if n == a {
		return nil
	}
	at := ident.Ref{Type: "Task", ID: a.ID}
	if err := save(r.ctx, r.p, r.b, n, r.now); err != nil {
		return err
	}
	r.wrote = true
	for _, s := range steps {
		if n.Kind.managers() {
			s.Who = "role:manager"
		}
		for _, who := range r.staff.who(s.Who, owner) {
			for _, by := range s.By {
				k := told{who, by}
				if !slices.Contains(r.tell[k], at) {
					r.tell[k] = append(r.tell[k], at)
				}
				r.kinds[at] = n.Kind
			}
		}
	}
	return nil
}

// save writes an alarm over what is there.
func save(ctx context.Context, p *record.Practice, b *write.Builder, a Alarm, now time.Time) error {
	at := ident.Ref{Type: "Task", ID: a.ID}
	if a.Version != "" {
		b.Replace(record.Version{Ref: at, ID: a.Version}, a.body(now))
		return nil
	}
	v, err := p.Read(ctx, at)
	switch {
	case fault.Is(err, fault.NotFound), fault.Is(err, fault.Gone):
		b.Create(at, a.body(now))
		return nil
	case err != nil:
		return err
	}
	b.Replace(v, a.body(now)) // it rang before and was settled
	return nil
}

// messages writes one message to each person and medium, whatever many alarms
// it is about.
func (r *round) messages() {
	var to []told
	for k := range r.tell {
		to = append(to, k)
	}
	slices.SortFunc(to, func(a, b told) int {
		return strings.Compare(a.who.String()+string(a.by), b.who.String()+string(b.by))
	})
	for _, k := range to {
		about := r.tell[k]
		sortRefs(about)
		r.b.Create(ident.Ref{Type: "Communication", ID: ident.NewID()}, notice(k.who, k.by, about, r.text(about)))
	}
}

// text says how many of what need somebody.
func (r *round) text(about []ident.Ref) string {
	count := map[Kind]int{}
	for _, at := range about {
		count[r.kinds[at]]++
	}
	var parts []string
	for _, k := range []Kind{Lost, Emergency, Ruleless, Unbegun, HandedUp, Late, AtRisk, Away, Near} {
		if n := count[k]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s: %d", k.Label(), n))
		}
	}
	return "Somebody is needed in Heartwood now. " + strings.Join(parts, ". ") +
		". Sign in, open Alarms and take what you can deal with. You will be told again until somebody has."
}

// Take says that somebody deals with what rings: the request is theirs, in
// the same change. What rings no more is a Conflict.
func Take(ctx context.Context, p *record.Practice, by record.Author, name, id string) error {
	if !ident.IsID(id) {
		return unknown()
	}
	at := ident.Ref{Type: "Task", ID: id}
	v, err := p.Read(ctx, at)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
		return unknown()
	}
	if err != nil {
		return err
	}
	t, err := v.Resource()
	if err != nil {
		return err
	}
	a := fromTask(v, t)
	switch {
	case code(t.Get("code"), care.TaskCode) != "alarm":
		return unknown()
	case a.Settled:
		return fault.New(fault.Conflict, "This alarm is over.")
	case a.Taken != "":
		return fault.New(fault.Conflict, "%s has taken this already.", a.TakenName)
	}
	now := p.Now()
	a.Taken, a.TakenName, a.TakenAt = by.Ref, name, now
	if a.Request.IsZero() {
		b := write.New(by, "alarm taken", "")
		b.Replace(v, a.body(now))
		change, err := b.Change()
		if err == nil {
			_, err = p.Commit(ctx, change)
		}
		return err
	}
	_, err = request.Decided(ctx, p, by, a.Request.ID, "", request.Take{By: request.Owner{Ref: by.Ref, Name: name}}, "",
		func(b *write.Builder, _ request.View, _ time.Time) error {
			b.Replace(v, a.body(now))
			return nil
		})
	return err
}

func unknown() error { return fault.New(fault.NotFound, "There is no such alarm.") }

// Raise makes an alarm that is about no one request ring, or ring on. name
// keeps its place; about says what it is, without a patient in it.
func Raise(ctx context.Context, p *record.Practice, name, about string) error {
	return raise(ctx, p, Lost, name, about)
}

func raise(ctx context.Context, p *record.Practice, k Kind, name, about string) error {
	at := alarmOf(name)
	now := p.Now()
	b := write.New(record.System, "alarm", "")
	v, err := p.Read(ctx, at)
	switch {
	case fault.Is(err, fault.NotFound), fault.Is(err, fault.Gone):
		b.Create(at, Alarm{ID: at.ID, About: about, Kind: k, Since: now}.body(now))
	case err != nil:
		return err
	default:
		t, err := v.Resource()
		if err != nil {
			return err
		}
		if a := fromTask(v, t); !a.Settled && a.About == about || k == AtRisk {
			return nil
		}
		b.Replace(v, Alarm{ID: at.ID, About: about, Kind: k, Since: now}.body(now))
	}
	return commit(ctx, p, b)
}

// Settle ends an alarm that is about no one request.
func Settle(ctx context.Context, p *record.Practice, name string) error {
	v, err := p.Read(ctx, alarmOf(name))
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
		return nil
	}
	if err != nil {
		return err
	}
	t, err := v.Resource()
	if err != nil {
		return err
	}
	a := fromTask(v, t)
	if a.Settled {
		return nil
	}
	a.Settled = true
	b := write.New(record.System, "alarm settled", "")
	b.Replace(v, a.body(p.Now()))
	return commit(ctx, p, b)
}

func commit(ctx context.Context, p *record.Practice, b *write.Builder) error {
	change, err := b.Change()
	if err != nil {
		return err
	}
	if _, err = p.Commit(ctx, change); fault.Is(err, fault.Conflict) {
		return nil // another process was first
	}
	return err
}

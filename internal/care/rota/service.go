package rota

import (
	"context"
	"slices"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/booking"
	"heartwood/internal/care/hours"
	"heartwood/internal/care/search"
	"heartwood/internal/care/task"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// rotaID is the system of the identifier that names a slot's template.
const rotaID = care.Base + "rota"

// withdrawn is the comment of a slot that the rota has taken back.
const withdrawn = booking.TakenBack

// together is how many slots go into one change.
const together = 250

// found is the diary as it was read.
type found struct {
	slots     []Slot
	versions  []record.Version
	schedules map[ident.Ref]ident.Ref // by Practitioner
}

// Preview says what a setting would change in the diary, and changes nothing.
func Preview(ctx context.Context, p *record.Practice, s Setting) (Changes, error) {
	c, _, err := compare(ctx, p, s)
	return c, err
}

func compare(ctx context.Context, p *record.Practice, s Setting) (Changes, found, error) {
	h, err := hours.Load(ctx, p)
	if err != nil {
		return Changes{}, found{}, err
	}
	now := p.Now()
	until := now.AddDate(0, 0, 7*s.Weeks)
	have, err := read(ctx, p, now, until)
	if err != nil {
		return Changes{}, found{}, err
	}
	return Diff(s.Wanted(h.Hours(), now, until), have.slots, now), have, nil
}

func read(ctx context.Context, p *record.Practice, from, to time.Time) (found, error) {
	f := found{schedules: map[ident.Ref]ident.Ref{}}
	whose := map[ident.Ref]ident.Ref{}
	err := search.Each(ctx, p, "Schedule?_count=500", func(v record.Version, res *fhir.Resource) error {
		if res.Get("active").Str() == "false" {
			return nil
		}
		for n := range res.Get("actor").Items() {
			if r := write.Target(n); r.Type == "Practitioner" {
				whose[v.Ref] = r
				if was, ok := f.schedules[r]; !ok || v.Ref.ID < was.ID {
					f.schedules[r] = v.Ref
				}
			}
		}
		return nil
	})
	if err != nil {
		return f, err
	}
	const form = "2006-01-02T15:04:05Z"
	q := "Slot?start=ge" + from.UTC().Format(form) + "&start=lt" + to.UTC().Format(form)
	err = search.Each(ctx, p, q, func(v record.Version, res *fhir.Resource) error {
		s := Slot{
			ID: v.Ref.ID, Clinician: whose[write.Target(res.Get("schedule"))], version: len(f.versions),
			Start: write.When(res.Get("start")), End: write.When(res.Get("end")), Kind: res.Get("serviceType", "text").Str(),
			Terms: booking.TermsOf(res), Mode: booking.ModeOf(res), Category: booking.CategoryOf(res),
		}
		for n := range res.Get("identifier").Items() {
			if n.Get("system").Is(rotaID) {
				s.Template = n.Get("value").Str()
			}
		}
		status := res.Get("status").Str()
		s.Sold = status == "busy" || status == "busy-tentative" || s.Terms.Taken() > 0
		s.Free = status == "free" && !s.Sold
		s.Withdrawn = status == "busy-unavailable" && res.Get("comment").Is(withdrawn)
		f.slots, f.versions = append(f.slots, s), append(f.versions, v)
		return nil
	})
	return f, err
}

// Apply fills the diary for the weeks ahead, as the rota says. It can be done
// again and by two processes at once: slots have ids of their own, and each
// change expects what was read. What was booked meanwhile stays booked.
func Apply(ctx context.Context, p *record.Practice) (Changes, error) {
	s, err := Load(ctx, p)
	if err != nil || s.Version == "" {
		return Changes{}, err
	}
	c, f, err := compare(ctx, p, s)
	if err != nil {
		return c, err
	}
	if err := schedules(ctx, p, s, c, &f); err != nil {
		return c, err
	}
	todo := make([]func(*write.Builder) error, 0, len(c.Add))
	for _, x := range c.Add {
		todo = append(todo, func(b *write.Builder) error {
			b.Create(ident.Ref{Type: "Slot", ID: x.ID}, x.members(f.schedules[x.Clinician]))
			return nil
		})
	}
	for _, x := range slices.Concat(c.Change, c.Withdraw) {
		set := x.members(f.schedules[x.Clinician])
		set["comment"] = nil
		if x.Free { // withdrawn: as it was, but not for sale
			set = write.Obj{"status": "busy-unavailable", "comment": withdrawn}
		}
		todo = append(todo, func(b *write.Builder) error {
			v := f.versions[x.version]
			res, err := v.Resource()
			if err == nil {
				b.Edit(v, res, set)
			}
			return err
		})
	}
	for chunk := range slices.Chunk(todo, together) {
		if err := commit(ctx, p, chunk); err != nil {
			return c, err
		}
	}
	return c, askToMove(ctx, p, c.Move)
}

// commit makes some changes at once; where one of them meets what somebody
// did meanwhile, each by itself, and that one is left for the next round.
func commit(ctx context.Context, p *record.Practice, todo []func(*write.Builder) error) error {
	b := write.New(record.System, "rota laid over the diary", "")
	for _, do := range todo {
		if err := do(b); err != nil {
			return err
		}
	}
	c, err := b.Change()
	if err != nil {
		return err
	}
	_, err = p.Commit(ctx, c)
	if !fault.Is(err, fault.Conflict) {
		return err
	}
	if len(todo) == 1 {
		return nil
	}
	for i := range todo {
		if err := commit(ctx, p, todo[i:i+1]); err != nil {
			return err
		}
	}
	return nil
}

// schedules makes a Schedule for each person who has none, and one only: what
// shares a schedule is never sold twice at one time.
func schedules(ctx context.Context, p *record.Practice, s Setting, c Changes, f *found) error {
	for _, t := range s.Templates {
		if _, ok := f.schedules[t.Clinician]; ok || len(c.Add) == 0 {
			continue
		}
		ref := ident.Ref{Type: "Schedule", ID: "rota-" + t.Clinician.ID}
		f.schedules[t.Clinician] = ref
		b := write.New(record.System, "rota laid over the diary", "rota schedule "+t.Clinician.ID)
		b.Create(ref, write.Obj{"active": true, "actor": write.List{write.Named(t.Clinician, t.ClinicianName)}})
		change, err := b.Change()
		if err != nil {
			return err
		}
		if _, err := p.Commit(ctx, change); err != nil && !fault.Is(err, fault.Conflict) {
			return err
		}
	}
	return nil
}

func (s Slot) members(schedule ident.Ref) write.Obj {
	ext := write.List{booking.Channel(s.Mode)}
	if x := s.Terms.Extension(); x != nil {
		ext = append(ext, x)
	}
	return write.Obj{
		"identifier": write.List{write.Obj{"system": rotaID, "value": s.Template}},
		"extension":  ext, "schedule": write.Ref(schedule), "status": "free",
		"serviceType": write.List{write.Obj{"text": s.Kind}}, "serviceCategory": booking.Category(s.Category),
		"start": write.Instant(s.Start), "end": write.Instant(s.End),
	}
}

// askToMove makes a job, once, for each booking that the rota no longer has
// room for: a person moves it, and the patient is told.
func askToMove(ctx context.Context, p *record.Practice, move []Slot) error {
	for _, x := range move {
		page, err := p.Find(ctx, "Appointment?slot=Slot/"+x.ID+"&_count=50")
		if err != nil {
			return err
		}
		for _, v := range page.Matches {
			res, err := v.Resource()
			if err != nil {
				return err
			}
			if st := res.Get("status").Str(); st != "booked" && st != "pending" {
				continue
			}
			if err := jobToMove(ctx, p, v.Ref, res, x); err != nil {
				return err
			}
		}
	}
	return nil
}

func jobToMove(ctx context.Context, p *record.Practice, a ident.Ref, res *fhir.Resource, x Slot) error {
	var patient ident.Ref
	for n := range res.Get("participant").Items() {
		if r := write.Target(n.Get("actor")); r.Type == "Patient" {
			patient = r
		}
	}
	b := write.New(record.System, "job asked for: an appointment to move", "rota move "+a.ID+" "+x.ID)
	o := task.New{
		What:    "The session has changed: move this appointment and tell the patient. It is at " + x.Start.Format("15:04 on Monday 2 January") + ".",
		Patient: patient.String(), Owner: care.Triage, Name: care.TriageName, Priority: "urgent",
	}.Body(record.System, p.Now())
	o["reasonReference"] = write.Ref(a)
	b.Create(ident.Ref{Type: "Task", ID: ident.NewID()}, o)
	c, err := b.Change()
	if err == nil {
		_, err = p.Commit(ctx, c)
	}
	return err
}

package diary

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"heartwood/internal/care/booking"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/view/read"
	"heartwood/internal/words"
)

// maxDays is the longest diary that is shown at once.
const maxDays = 14

// session is whose time a Schedule is.
type session struct {
	schedule, clinician ident.Ref
	name                string
	late                int // minutes
}

// reader gathers one diary.
type reader struct {
	ctx      context.Context
	p        *record.Practice
	now      time.Time
	from, to time.Time
	sessions map[ident.Ref]session
	names    map[ident.Ref]string
	cells    []placed
}

// placed is a cell and whose it is.
type placed struct {
	Cell
	session
}

// Read makes the diary.
func Read(ctx context.Context, p *record.Practice, q Query) (Diary, error) {
	days := max(q.Days, 1)
	if days > maxDays {
		return Diary{}, fault.At(fault.Invalid, "days", "A diary shows at most %d days at once.", maxDays)
	}
	from := q.From
	if from.IsZero() {
		from = p.Now()
	}
	from = midnight(from)
	r := &reader{
		ctx: ctx, p: p, now: p.Now(), from: from, to: midnight(from.AddDate(0, 0, days)),
		sessions: map[ident.Ref]session{}, names: map[ident.Ref]string{},
	}
	d := Diary{Position: p.Position()}
	if err := r.readSessions(); err != nil {
		return Diary{}, err
	}
	if err := r.readSlots(); err != nil {
		return Diary{}, err
	}
	if err := r.readAppointments(); err != nil {
		return Diary{}, err
	}
	for i := range days {
		d.Days = append(d.Days, r.day(from.AddDate(0, 0, i), q.Clinician))
	}
	return d, nil
}

// midnight is the beginning of a day in London, which is not always 24 hours
// after the one before.
func midnight(t time.Time) time.Time {
	y, m, d := t.In(words.London).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, words.London)
}

func (r *reader) readSessions() error {
	return read.Each(r.ctx, r.p, "Schedule?_count=500", func(v record.Version, res *fhir.Resource) error {
		s := session{schedule: v.Ref, late: booking.Late(res, r.now)}
		for a := range res.Get("actor").Items() {
			ref := read.Ref(a)
			if ref.Type == "Practitioner" || ref.Type == "PractitionerRole" && s.clinician.IsZero() {
				s.clinician, s.name = ref, a.Get("display").Str()
			}
		}
		if s.name == "" {
			var err error
			if s.name, err = r.name(s.clinician); err != nil {
				return err
			}
		}
		r.sessions[v.Ref] = s
		return nil
	})
}

// name is what somebody is called, "" when nobody knows.
func (r *reader) name(ref ident.Ref) (string, error) {
	if ref.IsZero() {
		return "", nil
	}
	if n, ok := r.names[ref]; ok {
		return n, nil
	}
	res, _, err := read.Get(r.ctx, r.p, ref)
	if err != nil {
		return "", err
	}
	r.names[ref] = read.Name(res)
	return r.names[ref], nil
}

func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

func (r *reader) readSlots() error {
	q := "Slot?start=ge" + instant(r.from) + "&start=lt" + instant(r.to) + "&_count=1000"
	return read.Each(r.ctx, r.p, q, func(v record.Version, res *fhir.Resource) error {
		c := Cell{
			Slot: v.Ref, Status: "blocked", Kind: read.Concept(res.Get("serviceType")), Category: booking.CategoryOf(res), Mode: mode(res),
			Start: read.Time(res.Get("start").Str()), End: read.Time(res.Get("end").Str()),
		}
		switch res.Get("status").Str() {
		case "free":
			c.Status = "free"
		case "busy", "busy-tentative":
			c.Status = "busy"
		case "entered-in-error":
			return nil
		default:
			if c.Comment = res.Get("comment").Str(); c.Comment == booking.TakenBack {
				return nil // the rota has it no longer: it is nobody's time
			}
		}
		r.cells = append(r.cells, placed{c, r.sessions[read.Ref(res.Get("schedule"))]})
		return nil
	})
}

// mode is the UK Core delivery channel, in words.
func mode(res *fhir.Resource) string {
	for e := range res.Get("extension").Items() {
		if e.Get("url").Is("https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DeliveryChannel") {
			switch read.Code(e.Get("valueCodeableConcept"), "") {
			case "In-person":
				return "face to face"
			case "Telephone":
				return "telephone"
			case "Video":
				return "video"
			}
		}
	}
	return ""
}

func (r *reader) readAppointments() error {
	at := map[ident.Ref]int{}
	for i, c := range r.cells {
		at[c.Slot] = i
	}
	q := "Appointment?date=ge" + instant(r.from) + "&date=lt" + instant(r.to) + "&_count=1000"
	return read.Each(r.ctx, r.p, q, func(v record.Version, res *fhir.Resource) error {
		start := read.Time(res.Get("start").Str())
		switch res.Get("status").Str() {
		case "proposed", "cancelled", "entered-in-error", "waitlist":
			return nil
		}
		if away, err := booking.ViewOf(v); err != nil || away.Away.Is() {
			return err // it is at another practice, and in the diary there
		}
		if start.Before(r.from) || !start.Before(r.to) {
			return nil
		}
		c, err := r.booked(v, res)
		if err != nil {
			return err
		}
		placedIn := false
		for s := range res.Get("slot").Items() {
			if i, ok := at[read.Ref(s)]; ok {
				r.cells[i].Cell = over(r.cells[i].Cell, c.Cell)
				placedIn = true
			}
		}
		if !placedIn {
			r.cells = append(r.cells, c)
		}
		return nil
	})
}

// over puts an appointment into its slot: whatever the slot says, it is not
// free.
func over(slot, app Cell) Cell {
	app.Slot = slot.Slot
	if app.Kind == "" {
		app.Kind, app.Category = slot.Kind, slot.Category
	}
	if app.Mode == "" {
		app.Mode = slot.Mode
	}
	return app
}

func (r *reader) booked(v record.Version, res *fhir.Resource) (placed, error) {
	c := placed{Cell: Cell{
		Appointment: v.Ref, Version: v.ID, Status: "busy", AppStatus: res.Get("status").Str(),
		Start: read.Time(res.Get("start").Str()), End: read.Time(res.Get("end").Str()),
		Kind: read.Concept(res.Get("serviceType")), Category: booking.CategoryOf(res), Mode: mode(res), Reason: res.Get("description").Str(),
		Unseen: booking.AttendanceOf(res).Unseen,
	}}
	for x := range res.Get("supportingInformation").Items() {
		if ref := read.Ref(x); ref.Type == "Organization" {
			c.BookedBy = ref.ID
		}
	}
	for p := range res.Get("participant").Items() {
		a := p.Get("actor")
		switch ref := read.Ref(a); ref.Type {
		case "Patient":
			c.Patient = ref
			n, err := r.name(ref)
			if err != nil {
				return c, err
			}
			c.PatientName = n
		case "Practitioner", "PractitionerRole":
			if c.clinician.Type == "Practitioner" {
				continue
			}
			c.clinician, c.name = ref, a.Get("display").Str()
			if c.name == "" {
				n, err := r.name(ref)
				if err != nil {
					return c, err
				}
				c.name = n
			}
		}
	}
	return c, nil
}

// day is one day's columns.
func (r *reader) day(date time.Time, only ident.Ref) Day {
	next := midnight(date.AddDate(0, 0, 1))
	d := Day{Date: date}
	columns := map[ident.Ref]*Column{}
	for _, c := range r.cells {
		if c.Start.Before(date) || !c.Start.Before(next) || !only.IsZero() && c.clinician != only {
			continue
		}
		col := columns[c.clinician]
		if col == nil {
			col = &Column{Clinician: c.clinician, Name: c.name}
			columns[c.clinician] = col
		}
		if col.Schedule.IsZero() {
			col.Schedule, col.Late = c.schedule, c.late
		}
		c.Past = !c.Start.After(r.now)
		col.Cells = append(col.Cells, c.Cell)
		switch {
		case c.Status == "free" && !c.Past:
			col.Free++
		case c.Status == "busy":
			col.Booked++
		}
	}
	for _, c := range columns {
		slices.SortFunc(c.Cells, func(a, b Cell) int {
			return cmp.Or(a.Start.Compare(b.Start), strings.Compare(a.Slot.ID, b.Slot.ID), strings.Compare(a.Appointment.ID, b.Appointment.ID))
		})
		d.Free, d.Booked = d.Free+c.Free, d.Booked+c.Booked
		d.Columns = append(d.Columns, *c)
	}
	slices.SortFunc(d.Columns, func(a, b Column) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Clinician.String(), b.Clinician.String()))
	})
	return d
}

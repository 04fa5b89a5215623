package booking

import (
	"context"
	"slices"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// What can become of an appointment on its day: statuses of the Appointment,
// Unseen, which is Left by somebody who went before they were seen, and Back,
// which takes the last mark back.
const (
	Arrived   = "arrived"
	BeingSeen = "checked-in" // R4: the encounter may begin
	Left      = "fulfilled"
	Missed    = "noshow"
	Unseen    = "unseen"
	Back      = "back"
)

// MarkCommand says what became of an appointment.
type MarkCommand struct {
	Appointment ident.Ref
	Version     string // the version the person saw; "" for whatever is current
	Status      string // Arrived, BeingSeen, Left, Unseen, Missed or Back
	Key         string
}

// Attendance is when things happened; zero times are not known.
type Attendance struct {
	Arrived, Began, Ended time.Time
	Unseen                bool // they left before they were seen
}

const attendanceURL = care.Base + "StructureDefinition/attendance"

// Mark records that the patient arrived, is being seen, has left or did not
// come, or that the last of these was a mistake. The slot stays sold: the time
// has been spent.
func (s *Service) Mark(ctx context.Context, p *record.Practice, by record.Author, c MarkCommand) (Result, error) {
	return s.do(ctx, p, c.Key, func() (decision, error) {
		a, err := load(ctx, p, c.Appointment)
		if err != nil {
			return decision{}, err
		}
		m := marking{appointment: a, scene: scene{now: p.Now(), ids: [3]string{ident.NewID(), ident.NewID(), ident.NewID()}}}
		switch {
		case c.Status == Missed, c.Status == Unseen:
			m.risk, err = risk(ctx, p, a.view.Patient)
		case a.view.Status == Missed, a.view.Attendance.Unseen:
			m.jobs, err = lookedFor(ctx, p, a)
		}
		if err != nil {
			return decision{}, err
		}
		return m.decide(by, c)
	})
}

// marking is what a mark is decided on.
type marking struct {
	appointment
	scene
	risk string // why somebody who did not come is looked for, "" for no reason
	jobs []task // open jobs that were made because they did not come, or left unseen
}

// from says after which statuses a mark may follow.
var from = map[string][]string{
	Arrived:   {"booked", "pending", Missed}, // late, but here
	BeingSeen: {"booked", "pending", Arrived},
	Left:      {"booked", "pending", Arrived, BeingSeen},
	Unseen:    {Arrived},
	Missed:    {"booked", "pending"},
}

// early is how long before its time somebody can be marked as here.
const early = 12 * time.Hour

func (m marking) decide(by record.Author, c MarkCommand) (decision, error) {
	was, now := m.appointment.view.Status, m.scene.now
	if c.Version != "" && c.Version != m.appointment.v.ID {
		return decision{}, stale()
	}
	if !m.live() {
		return decision{}, settled(m.appointment)
	}
	if c.Status == Back {
		return m.back(by, c)
	}
	before, known := from[c.Status]
	switch {
	case !known:
		return decision{}, fault.At(fault.Invalid, "status", "Choose arrived, being seen, left, left unseen or did not come.")
	case !slices.Contains(before, was):
		return decision{}, fault.New(fault.Conflict, "This appointment has been marked already. Take that back first, if it is wrong.")
	case c.Status == Missed && now.Before(m.appointment.view.Start):
		return decision{}, fault.New(fault.Refused, "The appointment has not begun: the patient may still come.")
	case c.Status != Missed && m.appointment.view.Start.Sub(now) > early:
		return decision{}, fault.New(fault.Refused, "The appointment is not today.")
	}
	at := readAttendance(m.appointment.res)
	switch c.Status {
	case Arrived:
		at.Arrived = now
	case BeingSeen:
		at.Began = now
	case Left:
		at.Ended = now
	case Unseen:
		at.Ended, at.Unseen = now, true
	}
	v := m.appointment.view
	v.Status, v.Attendance = c.Status, at
	if c.Status == Unseen {
		v.Status = Left
	}
	b := begin(by, "booking: "+c.Status, c.Key)
	b.Edit(m.appointment.v, m.appointment.res, obj{"status": v.Status, "extension": at.among(m.appointment.res)})
	switch c.Status {
	case Missed:
		b.missed(m.scene, v, m.risk, by.Ref)
	case Unseen:
		b.unseen(m.scene, v, m.risk, by.Ref)
	}
	m.found(b)
	return b.decided(v)
}

// found ends the jobs to look for somebody who is here, or was.
func (m marking) found(b builder) {
	for _, j := range m.jobs {
		b.Edit(j.v, j.res, obj{
			"status": "cancelled", "statusReason": obj{"text": "They have come, or did: the mark is taken back."}, "lastModified": write.Instant(m.scene.now),
		})
	}
}

// back corrects a wrong mark: the appointment is where it was before it, and
// who was told that they did not come is told that this was wrong.
func (m marking) back(by record.Author, c MarkCommand) (decision, error) {
	was := m.appointment.view.Status
	at := readAttendance(m.appointment.res)
	switch was {
	case Left:
		at.Ended, at.Unseen = time.Time{}, false
	case BeingSeen:
		at.Began = time.Time{}
	case Arrived:
		at.Arrived = time.Time{}
	case Missed:
	default:
		return decision{}, fault.New(fault.Conflict, "There is no mark to take back.")
	}
	v := m.appointment.view
	v.Attendance = at
	switch {
	case !at.Began.IsZero():
		v.Status = BeingSeen
	case !at.Arrived.IsZero():
		v.Status = Arrived
	default:
		v.Status = "booked"
	}
	b := begin(by, "booking: taken back: "+was, c.Key)
	b.Edit(m.appointment.v, m.appointment.res, obj{"status": v.Status, "extension": at.among(m.appointment.res)})
	m.found(b)
	if was == Missed {
		b.tell(m.scene, record.System, v, "We wrote that we did not see you on "+sayWhen(v.Start)+". That was our mistake. We are sorry.")
	}
	return b.decided(v)
}

// lookedFor are the open jobs that were made because somebody did not come.
func lookedFor(ctx context.Context, p *record.Practice, a appointment) (out []task, err error) {
	err = find(ctx, p, "Task?patient="+a.view.Patient.String()+"&status=requested&_count=100", func(v record.Version) (bool, error) {
		res, err := v.Resource()
		if err == nil && write.Target(res.Get("reasonReference")) == a.v.Ref {
			out = append(out, task{v, res})
		}
		return err == nil, err
	})
	return out, err
}

func readAttendance(res *fhir.Resource) (a Attendance) {
	for e := range res.Get("extension").Items() {
		if !e.Get("url").Is(attendanceURL) {
			continue
		}
		for x := range e.Get("extension").Items() {
			t := write.When(x.Get("valueInstant"))
			a.Unseen = a.Unseen || x.Get("url").Is("unseen") && x.Get("valueBoolean").True()
			switch x.Get("url").Str() {
			case "arrived":
				a.Arrived = t
			case "began":
				a.Began = t
			case "ended":
				a.Ended = t
			}
		}
	}
	return a
}

// AttendanceOf reads what an Appointment says of how it went.
func AttendanceOf(res *fhir.Resource) Attendance { return readAttendance(res) }

// among is the extensions of a resource with these times in place of others;
// nil for none.
func (a Attendance) among(res *fhir.Resource) any {
	var in list
	for _, x := range [...]struct {
		url string
		at  time.Time
	}{{"arrived", a.Arrived}, {"began", a.Began}, {"ended", a.Ended}} {
		if !x.at.IsZero() {
			in = append(in, obj{"url": x.url, "valueInstant": write.Instant(x.at)})
		}
	}
	if a.Unseen {
		in = append(in, obj{"url": "unseen", "valueBoolean": true})
	}
	if in == nil {
		return write.Extended(res, attendanceURL)
	}
	return write.Extended(res, attendanceURL, obj{"url": attendanceURL, "extension": in})
}

// MissedBy counts the appointments that a patient did not come to since a
// moment, and all that were theirs to come to.
func (s *Service) MissedBy(ctx context.Context, p *record.Practice, patient ident.Ref, since time.Time) (missed, of int, err error) {
	q := "Appointment?patient=" + patient.String() + "&date=ge" + utc(since) + "&date=le" + utc(p.Now()) + "&_count=200"
	err = find(ctx, p, q, func(v record.Version) (bool, error) {
		a, err := readAppointment(v)
		if err == nil && a.live() {
			of++
			if a.view.Status == Missed {
				missed++
			}
		}
		return err == nil, err
	})
	return missed, of, err
}

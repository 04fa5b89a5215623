package booking

import (
	"context"
	"net/url"
	"slices"
	"time"

	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// longest is the longest slot that is looked for when overlaps are: a day.
const longest = 24 * time.Hour

// utc prints a moment for a search.
func utc(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// find runs a search to its end, handing over every match.
func find(ctx context.Context, p *record.Practice, query string, each func(record.Version) (more bool, err error)) error {
	next := ""
	for {
		q := query
		if next != "" {
			q += "&_cursor=" + url.QueryEscape(next)
		}
		page, err := p.Find(ctx, q)
		if err != nil {
			return err
		}
		for _, v := range page.Matches {
			if more, err := each(v); err != nil || !more {
				return err
			}
		}
		if next = page.Next; next == "" {
			return nil
		}
	}
}

// session is a Schedule: whose time its slots are.
type session struct {
	active    bool
	clinician ident.Ref
	name      string
	place     string
	kind      string
}

func readSession(v record.Version) (session, error) {
	res, err := v.Resource()
	if err != nil {
		return session{}, err
	}
	s := session{active: res.Get("active").Str() != "false", kind: concept(res.Get("serviceType"))}
	for n := range res.Get("actor").Items() {
		switch r := write.Target(n); r.Type {
		case "Practitioner", "PractitionerRole":
			if s.clinician.Type != "Practitioner" { // the person, before their post
				s.clinician, s.name = r, n.Get("display").Str()
			}
		case "Location":
			s.place = n.Get("display").Str()
		}
	}
	return s, nil
}

// sessions remembers schedules and names while one question is answered.
type sessions struct {
	p     *record.Practice
	known map[ident.Ref]session
	names map[ident.Ref]string
}

func newSessions(p *record.Practice) *sessions {
	return &sessions{p: p, known: map[ident.Ref]session{}, names: map[ident.Ref]string{}}
}

func (c *sessions) of(ctx context.Context, ref ident.Ref) (session, error) {
	if s, ok := c.known[ref]; ok {
		return s, nil
	}
	v, err := c.p.Read(ctx, ref)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
		c.known[ref] = session{} // its slots are not for sale
		return session{}, nil
	}
	if err != nil {
		return session{}, err
	}
	s, err := readSession(v)
	if err != nil {
		return session{}, err
	}
	if s.name == "" {
		s.name = c.name(ctx, s.clinician)
	}
	c.known[ref] = s
	return s, nil
}

// name is what a clinician is called; "" when nobody knows.
func (c *sessions) name(ctx context.Context, ref ident.Ref) string {
	if ref.IsZero() {
		return ""
	}
	if n, ok := c.names[ref]; ok {
		return n
	}
	n := ""
	if v, err := c.p.Read(ctx, ref); err == nil {
		if res, err := v.Resource(); err == nil {
			n = nameOf(res)
		}
	}
	c.names[ref] = n
	return n
}

func nameOf(res *fhir.Resource) string {
	if d := res.Get("practitioner", "display").Str(); d != "" {
		return d
	}
	n := res.Get("name").First()
	if t := n.Get("text").Str(); t != "" {
		return t
	}
	s := ""
	for _, part := range []fhir.Node{n.Get("prefix").First(), n.Get("given").First(), n.Get("family")} {
		if t := part.Str(); t != "" {
			if s != "" {
				s += " "
			}
			s += t
		}
	}
	return s
}

// dress completes a slot with its session.
func (c *sessions) dress(ctx context.Context, s *slot) (session, error) {
	ss, err := c.of(ctx, s.view.Schedule)
	if err != nil {
		return ss, err
	}
	s.view.Clinician, s.view.ClinicianName, s.view.Location = ss.clinician, ss.name, ss.place
	if s.view.Kind == "" {
		s.view.Kind = ss.kind
	}
	return ss, nil
}

// overlapping loads the slots of a schedule that share time with [from, to),
// those that begin before midnight and end after it too.
func overlapping(ctx context.Context, p *record.Practice, schedule ident.Ref, from, to time.Time) ([]slot, error) {
	q := "Slot?schedule=" + schedule.String() + "&start=ge" + utc(from.Add(-longest)) + "&start=lt" + utc(to) + "&_count=500"
	var out []slot
	err := find(ctx, p, q, func(v record.Version) (bool, error) {
		s, err := readSlot(v)
		if err == nil && s.view.Start.Before(to) && s.view.End.After(from) {
			out = append(out, s)
		}
		return true, err
	})
	return out, err
}

// scene loads what a sale of the slot to a patient is decided on; except is
// the appointment that is being moved.
func (s *Service) scene(ctx context.Context, p *record.Practice, want, patient, request, except ident.Ref) (scene, error) {
	sc := scene{now: p.Now(), node: s.node, ids: [3]string{ident.NewID(), ident.NewID(), ident.NewID()}}
	if err := alive(ctx, p, patient); err != nil {
		return sc, err
	}
	return sc.at(ctx, p, want, patient, request, except)
}

// at is scene for a patient who is known to be there to come.
func (s scene) at(ctx context.Context, p *record.Practice, want, patient, request, except ident.Ref) (scene, error) {
	v, err := p.Read(ctx, want)
	if err != nil {
		return s, err
	}
	if s.slot, err = readSlot(v); err != nil {
		return s, err
	}
	sessions, err := newSessions(p).dress(ctx, &s.slot)
	if err != nil {
		return s, err
	}
	if !sessions.active {
		return s, fault.At(fault.Refused, "slot", "That session has been taken out of the diary. Please choose another time.")
	}
	if s.near, err = overlapping(ctx, p, s.slot.view.Schedule, s.slot.view.Start, s.slot.view.End); err != nil {
		return s, err
	}
	s.near = slices.DeleteFunc(s.near, func(n slot) bool { return n.view.Slot == want })
	if err := s.holdersOf(ctx, p, want, except); err != nil {
		return s, err
	}
	if err := s.theirsAt(ctx, p, patient, except); err != nil {
		return s, err
	}
	s.request, err = loadTask(ctx, p, request, patient)
	return s, err
}

func (s *scene) holdersOf(ctx context.Context, p *record.Practice, want, except ident.Ref) error {
	return find(ctx, p, "Appointment?slot="+want.String()+"&_count=50", func(v record.Version) (bool, error) {
		a, err := readAppointment(v)
		if err == nil && a.live() && v.Ref != except {
			s.holders = append(s.holders, v.Ref)
		}
		return true, err
	})
}

func (s *scene) comingOf(ctx context.Context, p *record.Practice, patient ident.Ref) error {
	q := "Appointment?patient=" + patient.String() + "&date=ge" + utc(s.now) + "&_count=100"
	return find(ctx, p, q, func(v record.Version) (bool, error) {
		a, err := readAppointment(v)
		if err == nil {
			s.coming = append(s.coming, a)
		}
		return true, err
	})
}

func (s *scene) theirsAt(ctx context.Context, p *record.Practice, patient, except ident.Ref) error {
	q := "Appointment?patient=" + patient.String() + "&date=ge" + utc(s.slot.view.Start.Add(-longest)) +
		"&date=le" + utc(s.slot.view.End) + "&_count=100"
	return find(ctx, p, q, func(v record.Version) (bool, error) {
		a, err := readAppointment(v)
		if err == nil && v.Ref != except {
			s.theirs = append(s.theirs, a)
		}
		return true, err
	})
}

// loadTask reads the request that an appointment answers, and refuses one that
// is somebody else's.
func loadTask(ctx context.Context, p *record.Practice, ref, patient ident.Ref) (*task, error) {
	if ref.IsZero() {
		return nil, nil
	}
	v, err := p.Read(ctx, ref)
	if err != nil {
		return nil, err
	}
	res, err := v.Resource()
	if err != nil {
		return nil, err
	}
	if whose := write.Target(res.Get("for")); whose != patient {
		return nil, fault.New(fault.Refused, "That request is not this patient's.")
	}
	return &task{v, res}, nil
}

// alive refuses a patient whom the record does not know or who has died.
func alive(ctx context.Context, p *record.Practice, patient ident.Ref) error {
	if patient.Type != "Patient" {
		return fault.At(fault.Invalid, "patient", "Say who the appointment is for.")
	}
	v, err := p.Read(ctx, patient)
	if err != nil {
		return err
	}
	res, err := v.Resource()
	if err != nil {
		return err
	}
	if res.Get("deceasedBoolean").True() || res.Get("deceasedDateTime").Exists() {
		return fault.New(fault.Refused, "The record says that this patient has died.")
	}
	return nil
}

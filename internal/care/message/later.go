package message

import (
	"context"
	"slices"
	"strings"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/delivery"
	"heartwood/internal/care/hidden"
	"heartwood/internal/care/request"
	"heartwood/internal/care/search"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Later is a message that is to go at a time: to the patient of a request, or
// to begin a thread. Everything about the patient is looked at again when the
// time has come.
type Later struct {
	ID, Version string
	Request     string // Task id; "" begins a thread
	Patient     string
	About       string
	Text        string
	Await       bool
	Form        string
	At          time.Time
	By          record.Author
	Name        string // of the patient, as it was
	State       LaterState
	Why         string // it was not sent
}

// LaterState is how far a message that is to go later is.
type LaterState string

// The states, and the status that holds them.
const (
	Waiting LaterState = "active"
	Gone    LaterState = "completed"
	Stopped LaterState = "revoked"
	Kept    LaterState = "on-hold" // it could not go: staff have been asked
)

// mostLater is how far ahead a message may be planned.
const mostLater = 366 * 24 * time.Hour

const laterExt = care.Base + "StructureDefinition/later-"

// Plan keeps a message until its time. The same key again plans it once.
func (s *Service) Plan(ctx context.Context, practice ident.ODS, by record.Author, m Begin, at time.Time, key string) (string, error) {
	p, err := s.store.Practice(practice)
	if err != nil {
		return "", err
	}
	if !care.IsStaff(by.Role) {
		return "", fault.New(fault.Forbidden, "Only staff of the practice can do this.")
	}
	key = keyed("later", by, key)
	if done, ok, err := p.Repeat(ctx, key); key != "" && (err != nil || ok) {
		if err != nil {
			return "", err
		}
		return done.Versions[0].Ref.ID, nil
	}
	now := p.Now()
	switch {
	case !at.After(now):
		return "", fault.At(fault.Invalid, "later", "Choose a time that is still to come.")
	case at.Sub(now) > mostLater:
		return "", fault.At(fault.Invalid, "later", "Choose a time within a year.")
	case len(m.Files) > 0:
		return "", fault.At(fault.Invalid, "files", "A message with files goes at once. Take the files out, or send it now.")
	}
	l, _, err := m.letter(ctx, p, by)
	if err != nil {
		return "", err
	}
	x := Later{Request: m.Request, Patient: m.Patient, About: tidy(m.About), Text: l.Text, Await: m.waits(), Form: m.Form, At: at, By: by}
	ref := ident.Ref{Type: "CommunicationRequest", ID: ident.NewID()}
	b := write.New(by, "a message was planned", key)
	if err := x.belongs(ctx, p, b); err != nil {
		return "", err
	}
	b.Create(ref, x.body(now))
	change, err := b.Change()
	if err != nil {
		return "", err
	}
	_, err = p.Commit(ctx, change)
	return ref.ID, err
}

// belongs checks that a plan is for the patient it says.
func (x Later) belongs(ctx context.Context, p *record.Practice, b *write.Builder) error {
	if x.Request != "" {
		r, err := request.Brief(ctx, p, x.Request)
		if err != nil {
			return err
		}
		return Send{Patient: x.Patient}.fits(r)
	}
	if x.About == "" {
		return fault.At(fault.Invalid, "about", "Say in a few words what it is about.")
	}
	v, err := p.Read(ctx, refTo(x.Patient))
	if err == nil {
		b.Expect(v.Expect())
	}
	return err
}

func (x Later) body(now time.Time) write.Obj {
	ext := write.List{
		write.Obj{"url": laterExt + "about", "valueString": x.About},
		write.Obj{"url": laterExt + "await", "valueBoolean": x.Await},
		write.Obj{"url": laterExt + "role", "valueCode": x.By.Role},
	}
	if x.About == "" {
		ext = ext[1:]
	}
	if x.Form != "" {
		ext = append(ext, write.Obj{"url": laterExt + "form", "valueCanonical": x.Form})
	}
	o := write.Obj{
		"status": string(Waiting), "extension": ext, "category": write.List{write.Coded(care.MessageKind, "message", "")},
		"subject": write.Obj{"reference": x.Patient}, "recipient": write.List{write.Obj{"reference": x.Patient}},
		"payload": write.List{write.Obj{"contentString": x.Text}}, "occurrenceDateTime": write.Instant(x.At), "authoredOn": write.Instant(now),
	}
	if r := refTo(x.By.Ref); r.Type == "Practitioner" || r.Type == "PractitionerRole" {
		o["requester"] = write.Ref(r)
	}
	if x.Request != "" {
		o["basedOn"] = write.List{write.Obj{"reference": "Task/" + x.Request}}
	}
	return o
}

func laterOf(v record.Version, c *fhir.Resource) Later {
	x := Later{
		ID: v.Ref.ID, Version: v.ID, Patient: c.Get("subject", "reference").Str(), State: LaterState(c.Get("status").Str()),
		Text: c.Get("payload").At(0).Get("contentString").Str(), At: write.When(c.Get("occurrenceDateTime")),
		Why: c.Get("statusReason", "text").Str(), By: record.Author{Ref: c.Get("requester", "reference").Str()},
	}
	if t := write.Target(c.Get("basedOn").At(0)); t.Type == "Task" {
		x.Request = t.ID
	}
	for e := range c.Get("extension").Items() {
		switch strings.TrimPrefix(e.Get("url").Str(), laterExt) {
		case "about":
			x.About = e.Get("valueString").Str()
		case "await":
			x.Await = e.Get("valueBoolean").True()
		case "role":
			x.By.Role = e.Get("valueCode").Str()
		case "form":
			x.Form = e.Get("valueCanonical").Str()
		}
	}
	return x
}

// Planned lists the messages of a practice that wait for their time or could
// not go, the next first; of one patient ("Patient/…"), or of all for "".
func (s *Service) Planned(ctx context.Context, practice ident.ODS, patient string) ([]Later, error) {
	p, err := s.store.Practice(practice)
	if err != nil {
		return nil, err
	}
	query := "CommunicationRequest?status=active,on-hold"
	if patient != "" {
		query += "&subject=" + patient
	}
	return planned(ctx, p, query)
}

func planned(ctx context.Context, p *record.Practice, query string) ([]Later, error) {
	var out []Later
	err := search.Each(ctx, p, query, func(v record.Version, c *fhir.Resource) error {
		if c.Get("category", "coding", "system").Is(care.MessageKind) { // not of another program
			out = append(out, laterOf(v, c))
		}
		return nil
	})
	slices.SortStableFunc(out, func(a, b Later) int { return a.At.Compare(b.At) })
	return out, err
}

// Stop keeps a planned message from going. Stopping what has been stopped
// changes nothing; what has gone is refused.
func (s *Service) Stop(ctx context.Context, practice ident.ODS, by record.Author, id string) error {
	p, err := s.store.Practice(practice)
	if err != nil {
		return err
	}
	for range 4 {
		x, v, c, err := oneLater(ctx, p, id)
		switch {
		case err != nil:
			return err
		case x.State == Stopped:
			return nil
		case x.State == Gone:
			return fault.New(fault.Refused, "This message has been sent already.")
		}
		b := write.New(by, "a planned message was stopped", "")
		b.Edit(v, c, write.Obj{"status": string(Stopped)})
		change, err := b.Change()
		if err != nil {
			return err
		}
		if _, err = p.Commit(ctx, change); !fault.Is(err, fault.Conflict) {
			return err
		}
	}
	return fault.New(fault.Busy, "The record is very busy just now. Try again in a moment.")
}

// PlannedOne reads one planned message.
func (s *Service) PlannedOne(ctx context.Context, practice ident.ODS, id string) (Later, error) {
	p, err := s.store.Practice(practice)
	if err != nil {
		return Later{}, err
	}
	x, _, _, err := oneLater(ctx, p, id)
	return x, err
}

func oneLater(ctx context.Context, p *record.Practice, id string) (Later, record.Version, *fhir.Resource, error) {
	none := fault.New(fault.NotFound, "There is no such planned message.")
	if !ident.IsID(id) {
		return Later{}, record.Version{}, nil, none
	}
	c, v, err := search.Get(ctx, p, ident.Ref{Type: "CommunicationRequest", ID: id})
	switch {
	case err != nil:
		return Later{}, v, nil, err
	case c == nil || !c.Get("category", "coding", "system").Is(care.MessageKind):
		return Later{}, v, nil, none
	}
	return laterOf(v, c), v, c, nil
}

// Round sends what is due. Each goes once, whoever sends it, and not after it
// was stopped; what may not go any more becomes a job for staff.
func Round(ctx context.Context, p *record.Practice, can func(ident.ODS, delivery.Medium) bool) error {
	all, err := planned(ctx, p, "CommunicationRequest?status=active")
	if err != nil {
		return err
	}
	for _, x := range all {
		if x.At.After(p.Now()) {
			break // in order of time
		}
		if err := x.due(ctx, p, func(m delivery.Medium) bool { return can(p.ODS(), m) }); err != nil && !fault.Is(err, fault.Conflict) {
			return err
		}
	}
	return nil
}

// due sends one message, or says to staff why it could not go.
func (x Later) due(ctx context.Context, p *record.Practice, can func(delivery.Medium) bool) error {
	x, v, c, err := oneLater(ctx, p, x.ID)
	if err != nil || x.State != Waiting {
		return err
	}
	err = x.mayGo(ctx, p, can)
	if err == nil {
		err = x.send(ctx, p, v, c)
	}
	if err != nil && (fault.Is(err, fault.Refused) || fault.Is(err, fault.Invalid) || fault.Is(err, fault.NotFound)) {
		return x.keep(ctx, p, v, c, fault.From(care.Fields(err)[0]).Message)
	}
	return err
}

// mayGo asks again whether the patient may and can be written to.
func (x Later) mayGo(ctx context.Context, p *record.Practice, can func(delivery.Medium) bool) error {
	person, err := delivery.Load(ctx, p, x.Patient)
	if err != nil {
		return err
	}
	if _, err := delivery.Choose(person, can, nil); err != nil {
		return err
	}
	if x.Request == "" {
		return nil
	}
	r, err := request.Brief(ctx, p, x.Request)
	if err != nil {
		return err
	}
	if err := (Send{Patient: x.Patient}).fits(r); err != nil {
		return err
	}
	set, err := hidden.Of(ctx, p, refTo(x.Patient))
	if err == nil && set.Has(ident.Ref{Type: "Task", ID: x.Request}) {
		err = fault.New(fault.Refused, "The request has been hidden from online access since.")
	}
	return err
}

func (x Later) send(ctx context.Context, p *record.Practice, v record.Version, c *fhir.Resource) error {
	m := Begin{Send: Send{Request: x.Request, Patient: x.Patient, Text: x.Text, Await: x.Await, Form: x.Form}, About: x.About}
	l, _, err := m.letter(ctx, p, x.By)
	if err != nil {
		return err
	}
	key := "later:" + x.ID
	with := func(b *write.Builder, task ident.Ref, now time.Time) {
		l.Task, l.Patient = task, refTo(x.Patient)
		tell(b, l, nil, x.By, now)
		b.Edit(v, c, write.Obj{"status": string(Gone)})
	}
	open := false
	if x.Request != "" {
		r, err := request.Brief(ctx, p, x.Request)
		if err != nil {
			return err
		}
		open = r.Open()
		m.About = "Your request " + r.Reference
		m.Owner = r.Owner
	}
	if open {
		var cmd request.Command = request.Spoke{}
		if x.Await {
			cmd = request.Await{For: "a reply to a message"}
		}
		_, err = request.Decided(ctx, p, x.By, x.Request, "", cmd, key, func(b *write.Builder, r request.View, now time.Time) error {
			if err := m.fits(r); err != nil {
				return err
			}
			with(b, ident.Ref{Type: "Task", ID: r.ID}, now)
			return nil
		})
		return err
	}
	g := request.Begun{Patient: x.Patient, About: m.About, Owner: m.Owner, Await: x.Await, Told: x.Text}
	_, err = request.Begin(ctx, p, x.By, g, key, func(b *write.Builder, task ident.Ref, now time.Time) error {
		with(b, task, now)
		return nil
	})
	return err
}

// keep holds a message back, and gives staff the job of deciding what to do.
func (x Later) keep(ctx context.Context, p *record.Practice, v record.Version, c *fhir.Resource, why string) error {
	b := write.New(record.System, "a planned message was not sent", "")
	b.Edit(v, c, write.Obj{"status": string(Kept), "statusReason": write.Obj{"text": why}})
	o := write.Job(record.System, "A message that was planned for now was not sent. Decide how to tell this patient, if they still need to know.\n"+why, "urgent", p.Now())
	o["for"], o["focus"] = write.Obj{"reference": x.Patient}, write.Ref(v.Ref)
	if x.Request != "" {
		o["partOf"] = write.List{write.Obj{"reference": "Task/" + x.Request}}
	}
	b.Create(ident.Ref{Type: "Task", ID: "later-" + x.ID[:min(len(x.ID), 58)]}, o)
	change, err := b.Change()
	if err != nil {
		return err
	}
	_, err = p.Commit(ctx, change)
	return err
}

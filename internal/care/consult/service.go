package consult

import (
	"context"

	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Service carries out the commands on a practice's record. It holds nothing.
type Service struct{}

// New makes the service.
func New() *Service { return &Service{} }

// Save keeps a draft. A draft may be incomplete; only what is impossible is
// refused.
func (s *Service) Save(ctx context.Context, p *record.Practice, by record.Author, c SaveCommand) (Result, error) {
	return s.do(ctx, p, by, step{c.Key, c.Composition, c.Patient, c.Note.Appointment, c.Note.Request}, func(st state) (plan, error) {
		return save(st, c)
	})
}

// Sign makes the note final. What is wrong is an Invalid fault whose cause is
// Issues; what is only unusual is a Refused one until Anyway is set.
func (s *Service) Sign(ctx context.Context, p *record.Practice, by record.Author, c SignCommand) (Result, error) {
	return s.do(ctx, p, by, step{c.Key, c.Composition, c.Patient, c.Note.Appointment, c.Note.Request}, func(st state) (plan, error) {
		return sign(st, c)
	})
}

// Amend changes a signed note; earlier versions stay in the history.
func (s *Service) Amend(ctx context.Context, p *record.Practice, by record.Author, c AmendCommand) (Result, error) {
	if c.Composition.IsZero() {
		return Result{}, fault.At(fault.Invalid, "composition", "Say which note is amended.")
	}
	return s.do(ctx, p, by, step{c.Key, c.Composition, ident.Ref{}, ident.Ref{}, ident.Ref{}}, func(st state) (plan, error) {
		return amend(st, c)
	})
}

// Discard marks a draft that was never signed as entered in error.
func (s *Service) Discard(ctx context.Context, p *record.Practice, by record.Author, composition ident.Ref, version string) (Result, error) {
	if composition.IsZero() {
		return Result{}, fault.At(fault.Invalid, "composition", "Say which note is discarded.")
	}
	return s.do(ctx, p, by, step{"", composition, ident.Ref{}, ident.Ref{}, ident.Ref{}}, func(st state) (plan, error) {
		return discard(st, version)
	})
}

// step names what a command loads.
type step struct {
	key                                        string
	composition, patient, appointment, request ident.Ref
}

// do loads, decides and commits. A key that was used gives the first result.
func (s *Service) do(ctx context.Context, p *record.Practice, by record.Author, x step, decide func(state) (plan, error)) (Result, error) {
	if res, ok, err := s.repeat(ctx, p, x.key); ok || err != nil {
		return res, err
	}
	st, err := s.state(ctx, p, by, x)
	if err != nil {
		return Result{}, err
	}
	pl, err := decide(st)
	if err != nil {
		return s.orRepeat(ctx, p, x.key, err)
	}
	change, err := pl.b.Change()
	if err != nil {
		return Result{}, err
	}
	rec, err := p.Commit(ctx, change)
	if err != nil {
		return s.orRepeat(ctx, p, x.key, err)
	}
	res := resultOf(rec)
	res.Warnings = check(pl.note, pl.status != "preliminary", st.now).Warnings()
	return res, nil
}

func (s *Service) state(ctx context.Context, p *record.Practice, by record.Author, x step) (st state, err error) {
	st = state{now: p.Now(), by: by, newID: ident.NewID}
	var ok bool
	if st.author, ok = ident.ParseRef(by.Ref); !ok {
		return st, fault.New(fault.Forbidden, "Only somebody who works here can write a note.")
	}
	if st.name, err = nameOf(ctx, p, st.author); err != nil {
		return st, err
	}
	if x.composition.IsZero() {
		if err := patientOf(ctx, p, x.patient); err != nil {
			return st, err
		}
	} else {
		if st.old, err = load(ctx, p, x.composition); err != nil {
			return st, err
		}
		if st.visit, err = get(ctx, p, st.old.view.Encounter); err != nil {
			return st, err
		}
		if x.appointment.IsZero() {
			x.appointment = st.old.view.Note.Appointment
		}
	}
	if st.slot, err = get(ctx, p, x.appointment); err != nil {
		return st, err
	}
	return st, theirs(ctx, p, st, x)
}

// theirs refuses a note that names another patient's appointment or request.
func theirs(ctx context.Context, p *record.Practice, st state, x step) error {
	patient := x.patient
	if st.old != nil {
		patient = st.old.view.Patient
	}
	if st.slot != nil && !st.slot.names(patient) {
		return fault.New(fault.Refused, "That appointment is not this patient's.")
	}
	request, err := get(ctx, p, x.request)
	if err != nil {
		return err
	}
	if request != nil && write.Target(request.res.Get("for")) != patient {
		return fault.New(fault.Refused, "That request is not this patient's.")
	}
	return nil
}

// names tells whether a patient takes part in an appointment.
func (x *stored) names(patient ident.Ref) bool {
	for p := range x.res.Get("participant").Items() {
		if write.Target(p.Get("actor")) == patient {
			return true
		}
	}
	return false
}

// orRepeat is the first result when the refusal is only because the same form
// got in a moment before, and otherwise the refusal.
func (s *Service) orRepeat(ctx context.Context, p *record.Practice, key string, refusal error) (Result, error) {
	if res, ok, err := s.repeat(ctx, p, key); ok && err == nil {
		return res, nil
	}
	return Result{}, refusal
}

func (s *Service) repeat(ctx context.Context, p *record.Practice, key string) (Result, bool, error) {
	if key == "" {
		return Result{}, false, nil
	}
	rec, ok, err := p.Repeat(ctx, key)
	if !ok || err != nil {
		return Result{}, false, err
	}
	rec.Repeat = true
	return resultOf(rec), true, nil
}

func resultOf(rec record.Receipt) Result {
	res := Result{Position: rec.Position, Repeat: rec.Repeat}
	for _, v := range rec.Versions {
		switch v.Ref.Type {
		case "Composition":
			res.Composition, res.Version = v.Ref, v.ID
		case "Encounter":
			res.Encounter = v.Ref
		}
	}
	return res
}

// Read gives a note as it was written.
func (s *Service) Read(ctx context.Context, p *record.Practice, composition ident.Ref) (View, error) {
	l, err := load(ctx, p, composition)
	if err != nil {
		return View{}, err
	}
	return l.view, nil
}

// Drafts lists a clinician's unsigned notes, newest first.
func (s *Service) Drafts(ctx context.Context, p *record.Practice, author ident.Ref) ([]View, error) {
	return find(ctx, p, "Composition?status=preliminary&author="+author.String(), 0, func(View) bool { return true })
}

// OfPatient lists a patient's notes, newest first, at most max (0 for all).
func (s *Service) OfPatient(ctx context.Context, p *record.Practice, patient ident.Ref, max int) ([]View, error) {
	return find(ctx, p, "Composition?patient="+patient.String(), max, func(View) bool { return true })
}

// OfRequest lists the notes of a patient that belong to a request.
func (s *Service) OfRequest(ctx context.Context, p *record.Practice, patient, request ident.Ref) ([]View, error) {
	return find(ctx, p, "Composition?patient="+patient.String(), 0, func(v View) bool { return v.Note.Request == request })
}

package request

import (
	"cmp"
	"context"
	"slices"

	"heartwood/internal/care"
	"heartwood/internal/care/promise"
	"heartwood/internal/care/search"
	"heartwood/internal/care/triage"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// receipt reads what the person was told when the request was committed, so
// that it is the same each time.
func receipt(ctx context.Context, p *record.Practice, done record.Receipt, repeat bool, err error) (Receipt, error) {
	if err != nil {
		return Receipt{}, err
	}
	r := Receipt{Position: done.Position, Repeat: repeat}
	for _, w := range done.Versions {
		v, err := p.VRead(ctx, w.Ref, w.ID)
		if err != nil {
			return Receipt{}, err
		}
		res, err := v.Resource()
		if err != nil {
			return Receipt{}, err
		}
		switch w.Ref.Type {
		case "Task":
			r.fromTask(w.Ref.ID, res)
		case "DetectedIssue":
			r.advice(res)
		}
	}
	if r.ID == "" {
		return Receipt{}, fault.New(fault.Conflict, "This form has been used for something else. Start again.")
	}
	return r, nil
}

// ReceiptOf is what a person is told after a change to a request that was
// not its first: a reply.
func ReceiptOf(ctx context.Context, p *record.Practice, done record.Receipt) (Receipt, error) {
	r, err := receipt(ctx, p, done, done.Repeat, nil)
	if err != nil {
		return Receipt{}, err
	}
	for _, w := range done.Versions {
		if w.Ref.Type == "Task" {
			v, err := p.VRead(ctx, w.Ref, w.ID)
			if err != nil {
				return Receipt{}, err
			}
			h := HoursOf(ctx, p)
			r.Received, r.Open = v.Time, h.Open(v.Time)
			r.Next = next(Ask{Patient: "known"}, r.Urgency, h, v.Time, r.AnswerBy, promise.Range{})
		}
	}
	return r, nil
}

func (r *Receipt) fromTask(id string, t *fhir.Resource) {
	v := fromTask(t)
	r.ID, r.Reference, r.Received, r.Urgency, r.AnswerBy = id, v.Reference, v.Since, v.Urgency, v.AnswerBy
	r.Promised = v.Promised
	for in := range t.Get("input").Items() {
		switch code(in.Get("type"), care.InputType) {
		case "told":
			r.Next = append(r.Next, in.Get("valueString").Str())
		case "open":
			r.Open = in.Get("valueBoolean").True()
		}
	}
}

// advice adds what the person must do now, each once.
func (r *Receipt) advice(d *fhir.Resource) {
	f, ok := flagOf(d)
	if !ok || f.Level != triage.Emergency {
		return
	}
	a, _, _, ok := triage.AdviceFor(f.Rule)
	if ok && !slices.ContainsFunc(r.Emergency, func(b triage.Advice) bool { return slices.Equal(a.Lines, b.Lines) }) {
		r.Emergency = append(r.Emergency, a)
	}
}

// Load gives one request with everything a page about it shows.
func (s *Service) Load(ctx context.Context, practice ident.ODS, id string) (View, error) {
	p, err := s.store.Practice(practice)
	if err != nil {
		return View{}, err
	}
	v, _, r, err := current(ctx, p, id)
	if err != nil {
		return View{}, err
	}
	if err := written(ctx, p, &r); err != nil {
		return View{}, err
	}
	err = search.Each(ctx, p, "DetectedIssue?implicated="+v.Ref.String(), func(_ record.Version, res *fhir.Resource) error {
		if f, ok := flagOf(res); ok {
			r.Flags = append(r.Flags, f)
		}
		return nil
	})
	if err != nil {
		return View{}, err
	}
	slices.SortStableFunc(r.Flags, func(a, b Flag) int { return int(b.Level) - int(a.Level) })
	if r.Photos, err = PhotosOf(ctx, p, v.Ref); err != nil {
		return View{}, err
	}
	versions, err := p.History(ctx, v.Ref, "", 200)
	if err != nil {
		return View{}, err
	}
	r.History = events(versions)
	return r, nil
}

// PhotosOf lists the files that hang on a request or a message.
func PhotosOf(ctx context.Context, p *record.Practice, on ident.Ref) ([]Photo, error) {
	var out []Photo
	err := search.Each(ctx, p, "DocumentReference?related="+on.String(), func(v record.Version, res *fhir.Resource) error {
		if ph, ok := photoOf(v, res); ok {
			out = append(out, ph)
		}
		return nil
	})
	return out, err
}

// written reads the QuestionnaireResponse; a request without one still shows.
func written(ctx context.Context, p *record.Practice, r *View) error {
	ref, ok := ident.ParseRef(r.Response)
	if !ok {
		return nil
	}
	q, _, err := search.Get(ctx, p, ref)
	if err == nil && q != nil {
		r.readForm(q)
	}
	return err
}

// ledger is the search for every request.
const ledger = "Task?code=" + care.TaskCode + "%7Crequest"

func views(ctx context.Context, p *record.Practice, query string) ([]View, error) {
	var out []View
	err := search.Each(ctx, p, query, func(v record.Version, t *fhir.Resource) error {
		r := fromTask(t)
		r.ID, r.Version, r.Changed = v.Ref.ID, v.ID, v.Time
		out = append(out, r)
		return nil
	})
	return out, err
}

// ByReference finds a request by what the person was told: "HW-7K3M-9CX", in
// any case, with or without the hyphens.
func (s *Service) ByReference(ctx context.Context, practice ident.ODS, reference string) (View, error) {
	p, err := s.store.Practice(practice)
	if err != nil {
		return View{}, err
	}
	ref, ok := ParseReference(reference)
	if !ok {
		return View{}, fault.At(fault.Invalid, "reference", "This is not one of our references. Check the letters and numbers.")
	}
	found, err := views(ctx, p, ledger+"&group-identifier="+care.ReferenceID+"%7C"+ref)
	if err != nil {
		return View{}, err
	}
	if len(found) == 0 {
		return View{}, unknown()
	}
	return s.Load(ctx, practice, found[0].ID)
}

// Of lists a patient's requests ("Patient/…"), newest first.
func (s *Service) Of(ctx context.Context, practice ident.ODS, patient string) ([]View, error) {
	p, err := s.store.Practice(practice)
	if err != nil {
		return nil, err
	}
	ref, ok := ident.ParseRef(patient)
	if !ok || ref.Type != "Patient" {
		return nil, fault.At(fault.Invalid, "patient", "This is not a patient.")
	}
	out, err := views(ctx, p, ledger+"&patient="+ref.String())
	if err != nil {
		return nil, err
	}
	for i := range out {
		if err := written(ctx, p, &out[i]); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(out, func(a, b View) int { return b.Since.Compare(a.Since) })
	return out, nil
}

// Queue lists the open requests of a practice, most urgent first, then by
// when they must be answered.
func (s *Service) Queue(ctx context.Context, practice ident.ODS) ([]View, error) {
	p, err := s.store.Practice(practice)
	if err != nil {
		return nil, err
	}
	out, err := views(ctx, p, ledger+"&status:not=completed")
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(out, func(a, b View) int {
		return cmp.Or(int(b.Urgency)-int(a.Urgency), a.AnswerBy.Compare(b.AnswerBy), cmp.Compare(a.ID, b.ID))
	})
	return out, nil
}

// rematch moves what came with a request to the patient it is for.
func rematch(ctx context.Context, p *record.Practice, b *write.Builder, task ident.Ref, r View, patient ident.Ref) error {
	if _, err := p.Read(ctx, patient); err != nil {
		return fault.At(fault.Invalid, "patient", "We cannot find this patient at the practice.")
	}
	to := write.Ref(patient)
	if q, ok := ident.ParseRef(r.Response); ok {
		if err := edit(ctx, p, b, q, obj{"subject": to}); err != nil {
			return err
		}
	}
	for _, query := range []string{"DetectedIssue?implicated=", "DocumentReference?related=", "Communication?based-on="} {
		err := search.Each(ctx, p, query+task.String(), func(v record.Version, res *fhir.Resource) error {
			return moved(ctx, p, b, v, res, to, r.Patient == "")
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// moved gives one thing that came with a request to its patient. What was
// said to somebody stays said to them: a message moves only from nobody. Whose
// a telephone call is, a person says of the call itself.
func moved(ctx context.Context, p *record.Practice, b *write.Builder, v record.Version, res *fhir.Resource, to obj, first bool) error {
	switch v.Ref.Type {
	case "DetectedIssue":
		b.Edit(v, res, obj{"patient": to})
	case "Communication":
		if first && !isCall(res) {
			b.Edit(v, res, obj{"subject": to})
		}
	case "DocumentReference":
		b.Edit(v, res, obj{"subject": to})
		if bin, ok := ident.ParseRef(res.Get("content", "attachment", "url").Str()); ok && bin.Type == "Binary" {
			return edit(ctx, p, b, bin, obj{"securityContext": to})
		}
	}
	return nil
}

func edit(ctx context.Context, p *record.Practice, b *write.Builder, ref ident.Ref, set obj) error {
	res, v, err := search.Get(ctx, p, ref)
	if err != nil || res == nil {
		return err
	}
	b.Edit(v, res, set)
	return nil
}

func isCall(c *fhir.Resource) bool {
	return c.Get("category", "coding", "code").Is(care.KindCall)
}

package task

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"heartwood/internal/care"
	"heartwood/internal/care/request"
	"heartwood/internal/care/search"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Service keeps jobs.
type Service struct{ store *record.Store }

// NewService makes the service.
func NewService(store *record.Store) *Service { return &Service{store: store} }

const longest = 2000

// clean checks a job and tidies its words.
func (n New) clean() (New, error) {
	var f care.Faults
	n.What = request.CleanText(n.What)
	switch {
	case n.What == "":
		f.Add("what", "Write what is to be done.")
	case utf8.RuneCountInString(n.What) > longest:
		f.Add("what", "This is too long. It can have up to %d characters.", longest)
	}
	if r, ok := ident.ParseRef(n.Owner); !ok || !slices.Contains([]string{"Practitioner", "PractitionerRole", "CareTeam", "Organization"}, r.Type) {
		f.Add("owner", "Choose a person or a team.")
	}
	if r, ok := ident.ParseRef(n.Patient); n.Patient != "" && (!ok || r.Type != "Patient") {
		f.Add("patient", "This is not a patient.")
	}
	if n.Request != "" && !ident.IsID(n.Request) {
		f.Add("request", "There is no such request.")
	}
	if n.Priority == "" {
		n.Priority = "routine"
	}
	if _, ok := request.ParseUrgency(n.Priority); !ok {
		f.Add("priority", "Choose how urgent it is.")
	}
	return n, f.Err()
}

func staff(by record.Author) error {
	if !care.IsStaff(by.Role) {
		return fault.New(fault.Forbidden, "Only staff of the practice can do this.")
	}
	return nil
}

// Create asks a colleague to do something. The same key again changes nothing
// and gives the same job.
func (s *Service) Create(ctx context.Context, practice ident.ODS, by record.Author, n New, key string) (Job, error) {
	if err := staff(by); err != nil {
		return Job{}, err
	}
	n, err := n.clean()
	if err != nil {
		return Job{}, err
	}
	p, err := s.store.Practice(practice)
	if err != nil {
		return Job{}, err
	}
	if n.Request != "" {
		r, err := request.Brief(ctx, p, n.Request)
		if err != nil {
			return Job{}, err
		}
		if n.Patient == "" {
			n.Patient = r.Patient
		}
		if n.Patient != r.Patient {
			return Job{}, fault.New(fault.Refused, "The request is for another patient.")
		}
	}
	if key != "" {
		key = "job:" + by.Ref + ":" + key
	}
	b := write.New(by, "job asked for", key)
	b.Create(ident.Ref{Type: "Task", ID: ident.NewID()}, n.body(by, write.Instant(p.Now())))
	change, err := b.Change()
	if err != nil {
		return Job{}, err
	}
	done, err := p.Commit(ctx, change)
	if err != nil {
		return Job{}, err
	}
	v, err := p.Read(ctx, done.Versions[0].Ref)
	if err != nil {
		return Job{}, err
	}
	return jobOf(v)
}

func (n New) body(by record.Author, now string) write.Obj {
	owner := write.Obj{"reference": n.Owner}
	if n.Name != "" {
		owner["display"] = n.Name
	}
	o := write.Obj{
		"status": "requested", "intent": "order", "priority": n.Priority,
		"code":        write.Coded(care.TaskCode, "job", "Job for a colleague"),
		"description": n.What, "owner": owner, "authoredOn": now, "lastModified": now,
	}
	if r, ok := ident.ParseRef(by.Ref); ok {
		o["requester"] = write.Ref(r)
	}
	if n.Patient != "" {
		o["for"] = write.Obj{"reference": n.Patient}
	}
	if n.Request != "" {
		o["partOf"] = write.List{write.Ref(ident.Ref{Type: "Task", ID: n.Request})}
	}
	if !n.By.IsZero() {
		o["restriction"] = write.Obj{"period": write.Obj{"end": write.Instant(n.By)}}
	}
	return o
}

// Complete ends a job with what was done. seen is the Job.Version that the
// person was looking at; "" does not check.
func (s *Service) Complete(ctx context.Context, practice ident.ODS, by record.Author, id, seen, result string) (Job, error) {
	if err := staff(by); err != nil {
		return Job{}, err
	}
	if result = request.CleanText(result); result == "" {
		return Job{}, fault.At(fault.Invalid, "result", "Write what was done.")
	}
	p, err := s.store.Practice(practice)
	if err != nil {
		return Job{}, err
	}
	if !ident.IsID(id) {
		return Job{}, unknown()
	}
	v, err := p.Read(ctx, ident.Ref{Type: "Task", ID: id})
	if err != nil {
		return Job{}, err
	}
	res, err := v.Resource()
	if err != nil {
		return Job{}, err
	}
	j, err := jobOf(v)
	switch {
	case err != nil:
		return Job{}, err
	case j.Done:
		return Job{}, fault.New(fault.Refused, "This job is done already.")
	case seen != "" && seen != v.ID:
		return Job{}, fault.New(fault.Conflict, "Somebody changed this job since you opened it. Look at it again.")
	}
	b := write.New(by, "job done", "")
	b.Edit(v, res, write.Obj{
		"status": "completed", "lastModified": write.Instant(p.Now()),
		"output": write.List{write.Obj{"type": write.Coded(care.OutputType, "result", ""), "valueString": result}},
	})
	change, err := b.Change()
	if err != nil {
		return Job{}, err
	}
	if _, err := p.Commit(ctx, change); err != nil {
		return Job{}, err
	}
	if v, err = p.Read(ctx, v.Ref); err != nil {
		return Job{}, err
	}
	return jobOf(v)
}

func unknown() error { return fault.New(fault.NotFound, "There is no such job.") }

func jobOf(v record.Version) (Job, error) {
	t, err := v.Resource()
	if err != nil {
		return Job{}, err
	}
	if !isJob(t) {
		return Job{}, unknown()
	}
	j := Job{
		ID: v.Ref.ID, Version: v.ID, What: t.Get("description").Str(),
		Patient: t.Get("for", "reference").Str(), Owner: t.Get("owner", "reference").Str(), Name: t.Get("owner", "display").Str(),
		From: t.Get("requester", "reference").Str(), Priority: t.Get("priority").Str(),
		Since: write.When(t.Get("authoredOn")), By: write.When(t.Get("restriction", "period", "end")),
		Done: t.Get("status").Is("completed"),
	}
	if r := write.Target(t.Get("partOf")); r.Type == "Task" {
		j.Request = r.ID
	}
	for o := range t.Get("output").Items() {
		j.Result = o.Get("valueString").Str()
	}
	return j, nil
}

func isJob(t *fhir.Resource) bool {
	for c := range t.Get("code", "coding").Items() {
		if c.Get("system").Is(care.TaskCode) && c.Get("code").Is("job") {
			return true
		}
	}
	return false
}

const jobs = "Task?code=" + care.TaskCode + "%7Cjob"

// For lists the open jobs of the owners given (a person and their teams),
// most urgent first, then by when they must be done.
func (s *Service) For(ctx context.Context, practice ident.ODS, owners ...string) ([]Job, error) {
	var refs []string
	for _, o := range owners {
		if r, ok := ident.ParseRef(o); ok {
			refs = append(refs, r.String())
		}
	}
	if len(refs) == 0 {
		return nil, nil
	}
	out, err := s.list(ctx, practice, jobs+"&status:not=completed&owner="+strings.Join(refs, ","))
	rank := func(j Job) int { u, _ := request.ParseUrgency(j.Priority); return -int(u) }
	slices.SortStableFunc(out, func(a, b Job) int {
		if c := cmp.Compare(rank(a), rank(b)); c != 0 {
			return c
		}
		if a.By.IsZero() != b.By.IsZero() {
			if a.By.IsZero() {
				return 1
			}
			return -1
		}
		return cmp.Or(a.By.Compare(b.By), a.Since.Compare(b.Since))
	})
	return out, err
}

// On lists all jobs of a request, oldest first.
func (s *Service) On(ctx context.Context, practice ident.ODS, requestID string) ([]Job, error) {
	if !ident.IsID(requestID) {
		return nil, fault.New(fault.NotFound, "There is no such request.")
	}
	out, err := s.list(ctx, practice, jobs+"&part-of=Task/"+requestID)
	slices.SortStableFunc(out, func(a, b Job) int { return a.Since.Compare(b.Since) })
	return out, err
}

func (s *Service) list(ctx context.Context, practice ident.ODS, query string) ([]Job, error) {
	p, err := s.store.Practice(practice)
	if err != nil {
		return nil, err
	}
	var out []Job
	err = search.Each(ctx, p, query, func(v record.Version, _ *fhir.Resource) error {
		j, err := jobOf(v)
		out = append(out, j)
		return err
	})
	return out, err
}

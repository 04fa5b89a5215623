package task_test

import (
	"context"
	"testing"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/request"
	"heartwood/internal/care/task"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
)

const ods = ident.ODS("Z99901")

var (
	ctx = context.Background()
	nav = record.Author{Ref: "Practitioner/nav", Role: care.RoleNavigator}
	gp  = record.Author{Ref: "Practitioner/gp", Role: care.RoleClinician}
	ann = record.Author{Ref: "Patient/ann", Role: care.RolePatient}
)

func open(t *testing.T) (*task.Service, *record.Practice, string) {
	t.Helper()
	s := memory.Open(t, nil)
	p, _ := s.Practice(ods)
	w, _ := record.Prepare(ident.Ref{Type: "Patient", ID: "ann"}, []byte(`{"resourceType":"Patient","id":"ann"}`))
	if _, err := p.Commit(ctx, record.Change{Author: nav, Writes: []record.Write{w}}); err != nil {
		t.Fatal(err)
	}
	r, err := request.New(s).Receive(ctx, ods, ann, request.Ask{Patient: "Patient/ann", Asker: request.Self, Channel: request.Web, Kind: request.Admin, What: "A form to sign"}, "")
	if err != nil {
		t.Fatal(err)
	}
	return task.NewService(s), p, r.ID
}

func TestJobs(t *testing.T) {
	s, p, req := open(t)
	tomorrow := time.Now().Add(24 * time.Hour)
	n := task.New{What: "Sign the form", Request: req, Owner: "Practitioner/gp", Name: "Dr Test", By: tomorrow}
	j, err := s.Create(ctx, ods, nav, n, "k")
	if err != nil {
		t.Fatal(err)
	}
	if j.Patient != "Patient/ann" || j.From != "Practitioner/nav" || j.State != task.Open || j.Request != req {
		t.Errorf("%+v", j)
	}
	if again, err := s.Create(ctx, ods, nav, n, "k"); err != nil || again.ID != j.ID {
		t.Errorf("%+v %v", again, err)
	}
	urgent, err := s.Create(ctx, ods, nav, task.New{What: "Ring the lab", Owner: "CareTeam/duty", Priority: "urgent"}, "")
	if err != nil {
		t.Fatal(err)
	}
	mine, err := s.For(ctx, ods, "Practitioner/gp", "CareTeam/duty", "nonsense")
	if err != nil || len(mine) != 2 || mine[0].ID != urgent.ID {
		t.Errorf("%+v %v", mine, err)
	}
	if on, err := s.On(ctx, ods, req); err != nil || len(on) != 1 || on[0].ID != j.ID {
		t.Errorf("%+v %v", on, err)
	}
	done, err := s.Do(ctx, ods, gp, j.ID, j.Version, task.Complete{Result: "Signed"})
	if err != nil || done.State != task.Done || done.Result != "Signed" {
		t.Errorf("%+v %v", done, err)
	}
	if mine, _ = s.For(ctx, ods, "Practitioner/gp"); len(mine) != 0 {
		t.Errorf("%+v", mine)
	}
	page, err := p.Find(ctx, "Task?_count=10")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range page.Matches {
		r, _ := v.Resource()
		if err := fhir.Refusal(fhir.Validate(r)); err != nil {
			t.Error(err)
		}
	}
}

func TestRefusals(t *testing.T) {
	s, _, req := open(t)
	j, err := s.Create(ctx, ods, nav, task.New{What: "x", Owner: "CareTeam/duty"}, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what string
		do   func() error
		kind fault.Kind
	}{
		{"nothing said", func() error { _, err := s.Create(ctx, ods, nav, task.New{}, ""); return err }, fault.Invalid},
		{"a patient asks", func() error {
			_, err := s.Create(ctx, ods, ann, task.New{What: "x", Owner: "CareTeam/a"}, "")
			return err
		}, fault.Forbidden},
		{"for a patient to do", func() error {
			_, err := s.Create(ctx, ods, nav, task.New{What: "x", Owner: "Patient/ann"}, "")
			return err
		}, fault.Invalid},
		{"another patient", func() error {
			_, err := s.Create(ctx, ods, nav, task.New{What: "x", Owner: "CareTeam/a", Request: req, Patient: "Patient/ben"}, "")
			return err
		}, fault.Refused},
		{"no result", func() error { _, err := s.Do(ctx, ods, gp, j.ID, "", task.Complete{Result: " "}); return err }, fault.Invalid},
		{"an old screen", func() error { _, err := s.Do(ctx, ods, gp, j.ID, "c.1", task.Complete{Result: "x"}); return err }, fault.Conflict},
		{"a request is not a job", func() error { _, err := s.Do(ctx, ods, gp, req, "", task.Complete{Result: "x"}); return err }, fault.NotFound},
		{"no such job", func() error { _, err := s.Do(ctx, ods, gp, "../x", "", task.Complete{Result: "x"}); return err }, fault.NotFound},
	} {
		if err := c.do(); !fault.Is(err, c.kind) {
			t.Errorf("%s: got %v", c.what, err)
		}
	}
	if _, err := s.Do(ctx, ods, gp, j.ID, "", task.Complete{Result: "done"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Do(ctx, ods, gp, j.ID, "", task.Complete{Result: "done"}); !fault.Is(err, fault.Refused) {
		t.Errorf("done twice: %v", err)
	}
}

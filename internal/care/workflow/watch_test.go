package workflow_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/escalate"
	"heartwood/internal/care/request"
	"heartwood/internal/care/task"
	"heartwood/internal/care/workflow"
	"heartwood/internal/care/write"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
)

// bench is a practice with a clock that the test moves.
type bench struct {
	*testing.T
	now   time.Time
	store *record.Store
	p     *record.Practice
}

func newBench(t *testing.T) *bench {
	b := &bench{T: t, now: time.Date(2026, 11, 26, 10, 0, 0, 0, time.UTC)}
	b.store = memory.Open(t, func() time.Time { return b.now })
	p, err := b.store.Practice(ods)
	if err != nil {
		t.Fatal(err)
	}
	b.p = p
	put(t, p, "Patient", "ann", `{"resourceType":"Patient","id":"ann","active":true}`)
	put(t, p, "CareTeam", "triage", `{"resourceType":"CareTeam","id":"triage","status":"active","name":"Triage team"}`)
	put(t, p, "CareTeam", "nurses", `{"resourceType":"CareTeam","id":"nurses","status":"active","name":"Nurse team"}`)
	b.now = b.now.Add(time.Minute)
	return b
}

func (b *bench) begins(t workflow.Trigger) string {
	b.Helper()
	d := registration()
	d.Trigger = t
	id, err := workflow.Save(ctx, b.p, boss, d, string(t))
	if err != nil {
		b.Fatal(err)
	}
	b.now = b.now.Add(time.Minute)
	return id
}

func (b *bench) as(by record.Author, why string, bodies ...string) {
	b.Helper()
	c := record.Change{Author: by, Reason: why}
	for i, body := range bodies {
		w, err := record.Prepare(ident.Ref{Type: "Patient", ID: why + "-" + strconv.Itoa(i)}, []byte(body))
		if err != nil {
			b.Fatal(err)
		}
		c.Writes = append(c.Writes, w)
	}
	if _, err := b.p.Commit(ctx, c); err != nil {
		b.Fatal(err)
	}
}

// patients are those for whom a case is under way.
func (b *bench) patients(w *workflow.Watch) map[string]int {
	b.Helper()
	if err := w.Round(ctx, b.p); err != nil {
		b.Fatal(err)
	}
	all, err := workflow.Cases(ctx, b.p, workflow.Active)
	if err != nil {
		b.Fatal(err)
	}
	out := map[string]int{}
	for _, c := range all {
		out[c.Patient]++
	}
	return out
}

func (b *bench) want(w *workflow.Watch, patients ...string) {
	b.Helper()
	got := b.patients(w)
	for _, one := range patients {
		if got["Patient/"+one] != 1 {
			b.Errorf("%s: %d cases", one, got["Patient/"+one])
		}
	}
	if len(got) != len(patients) {
		b.Errorf("cases of %v, not of %v", got, patients)
	}
}

// What happened weeks ago, while nothing ran, begins its case all the same,
// with a place that was kept and without one.
func TestLongStop(t *testing.T) {
	hazard.Covers(t, "H-041")
	b := newBench(t)
	b.begins(workflow.Registered)
	put(t, b.p, "Patient", "bob", `{"resourceType":"Patient","id":"bob","active":true}`)
	b.now = b.now.Add(40 * 24 * time.Hour)
	b.want(workflow.NewWatch(), "bob")
	put(t, b.p, "Patient", "cat", `{"resourceType":"Patient","id":"cat","active":true}`)
	put(t, b.p, "Patient", "dan", `{"resourceType":"Patient","id":"dan","active":true}`)
	put(t, b.p, "Patient", "dan", `{"resourceType":"Patient","id":"dan","active":false}`)
	b.now = b.now.Add(40 * 24 * time.Hour)
	b.want(workflow.NewWatch(), "bob", "cat")
}

// An import of people who have been here for years begins nothing; who came
// on the day on which the workflow was told to begin, or since, has a case
// whoever enters it; and a day that is entered later counts then.
func TestImport(t *testing.T) {
	hazard.Covers(t, "H-041")
	b := newBench(t)
	b.begins(workflow.Registered)
	from := func(day string) string {
		return fmt.Sprintf(`{"resourceType":"Patient","active":true,"generalPractitioner":[{"identifier":{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"Z99901","period":{"start":%q}}}]}`, day)
	}
	extended := `{"resourceType":"Patient","active":true,"extension":[{"url":"https://fhir.nhs.uk/STU3/StructureDefinition/Extension-CareConnect-GPC-RegistrationDetails-1",` +
		`"extension":[{"url":"registrationPeriod","valuePeriod":{"start":"2026-11-27T09:00:00Z"}}]}]}`
	undated := `{"resourceType":"Patient","active":true}`
	program := record.Author{Ref: "Device/import", Role: "program"}
	b.as(program, "import", undated, undated, from("1998-04-01"), from("2026-11-25"), from("2026-11-26"), extended)
	b.as(record.System, "seed", undated)
	b.as(nav, "desk", undated, from("2020-01-01"))
	w := workflow.NewWatch()
	b.want(w, "import-4", "import-5", "desk-0")
	b.as(program, "import", from("2026-11-30"))
	b.want(w, "import-0", "import-4", "import-5", "desk-0")
	b.as(program, "load", undated) // by the FHIR door
	b.want(w, "import-0", "import-4", "import-5", "desk-0", "load-0")
	b.as(program, "load", undated) // a change of one who is here
	b.as(ann, "self", undated)
	b.want(w, "import-0", "import-4", "import-5", "desk-0", "load-0")
}

// A program that registers more on one day than a practice does begins
// workflows up to the limit, and the manager is told; reading again counts
// nobody twice, and the next day begins anew.
func TestProgramsRegister(t *testing.T) {
	hazard.Covers(t, "H-041")
	b := newBench(t)
	b.begins(workflow.Registered)
	program := record.Author{Ref: "Device/forms", Role: care.RoleProgram}
	some := func(why string, n int) {
		b.as(program, why, slices.Repeat([]string{`{"resourceType":"Patient","active":true}`}, n)...)
	}
	alarm := func() (about string) {
		t.Helper()
		all, err := escalate.List(ctx, b.p)
		if err != nil || len(all) > 1 {
			t.Fatal(all, err)
		}
		for _, a := range all {
			if a.Kind != escalate.Unbegun || !a.Rings() {
				t.Errorf("%+v", a)
			}
			about = a.About
		}
		return about
	}
	w := workflow.NewWatch()
	some("one", workflow.MostEntered)
	if got := len(b.patients(w)); got != workflow.MostEntered || alarm() != "" {
		t.Errorf("%d cases, alarm %q", got, alarm())
	}
	w = workflow.NewWatch() // as after a stop: from the place that is kept
	some("two", 3)
	if got := len(b.patients(w)); got != workflow.MostEntered || !strings.Contains(alarm(), "26 November 2026") {
		t.Errorf("%d cases, alarm %q", got, alarm())
	}
	b.now = b.now.Add(24 * time.Hour)
	some("three", 2)
	if got := len(b.patients(w)); got != workflow.MostEntered+2 {
		t.Errorf("%d cases on the next day", got)
	}
	b.as(nav, "desk", `{"resourceType":"Patient","active":true}`)
	if got := len(b.patients(w)); got != workflow.MostEntered+3 || alarm() == "" {
		t.Errorf("%d cases, and an alarm that nobody took ended: %q", got, alarm())
	}
}

// The act of closing begins a case: not a change of what was closed before the
// workflow was told to begin so, but closing it again since.
func TestClosing(t *testing.T) {
	hazard.Covers(t, "H-041")
	b := newBench(t)
	q := request.New(b.store)
	r, err := q.Receive(ctx, ods, ann, request.Ask{Patient: "Patient/ann", Asker: request.Self, Channel: request.Web, Kind: request.FitNote, What: "A fit note"}, "")
	if err != nil {
		t.Fatal(err)
	}
	do := func(cmd request.Command) {
		t.Helper()
		b.now = b.now.Add(time.Minute)
		if _, err := q.Do(ctx, ods, nav, r.ID, "", cmd); err != nil {
			t.Fatal(err)
		}
	}
	shut := request.Close{Outcome: request.FitNoteIssued, Told: "Your fit note is ready."}
	do(request.Confirm{Urgency: request.Prompt})
	do(shut)
	b.begins(workflow.ClosedOf(request.FitNote))
	w := workflow.NewWatch()
	b.want(w)
	v, err := b.p.Read(ctx, ident.Ref{Type: "Task", ID: r.ID})
	if err != nil {
		t.Fatal(err)
	}
	res, err := v.Resource()
	if err != nil {
		t.Fatal(err)
	}
	change := write.New(nav, "a note", "")
	change.Edit(v, res, write.Obj{"lastModified": write.Instant(b.now)})
	c, err := change.Change()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.p.Commit(ctx, c); err != nil {
		t.Fatal(err)
	}
	b.want(w)
	do(request.Reopen{Reason: "The dates are wrong"})
	b.want(w)
	do(shut)
	b.want(w, "ann")
}

// A watch that has read everything finds by itself what another program or a
// crash left: a job that ended with nobody to begin the next, one that is
// overdue, a team that is gone, a job of a case that is done taken up again.
// Where nothing happens nothing is written.
func TestWatch(t *testing.T) {
	hazard.Covers(t, "H-041")
	b := newBench(t)
	d := registration()
	d.Steps[1].Escalate = "CareTeam/nurses"
	id, err := workflow.Save(ctx, b.p, boss, d, "k")
	if err != nil {
		t.Fatal(err)
	}
	w, alone := workflow.NewWatch(), task.NewService(b.store) // without Then: as if it stopped between the two
	b.want(w)
	c, err := workflow.Start(ctx, b.p, nav, id, "Patient/ann", "", "hand:1")
	if err != nil {
		t.Fatal(err)
	}
	step := func(id string) task.Job {
		t.Helper()
		b.want(w, "ann")
		jobs, err := workflow.Jobs(ctx, b.p, c)
		if err != nil || jobs[id].ID == "" {
			t.Fatalf("%s has no job: %v", id, err)
		}
		return jobs[id]
	}
	end := func(j task.Job) {
		t.Helper()
		if _, err := alone.Do(ctx, ods, nav, j.ID, "", task.Complete{Result: "done"}); err != nil {
			t.Fatal(err)
		}
	}
	end(step("s1"))
	second := step("s2")
	before := b.p.Position().String()
	b.now = second.By
	if step("s2"); b.p.Position().String() != before {
		t.Error("something was written where nothing happened")
	}
	b.now = second.By.Add(time.Second)
	if j := step("s2"); j.Owner != "CareTeam/nurses" {
		t.Errorf("overdue, and %s has it", j.Owner)
	}
	put(t, b.p, "CareTeam", "nurses", `{"resourceType":"CareTeam","id":"nurses","status":"inactive","name":"Nurse team"}`)
	if j := step("s2"); j.Owner != care.Triage {
		t.Errorf("the team is gone, and %s has it", j.Owner)
	}
	end(step("s2"))
	end(step("s3"))
	b.want(w)
	if _, err := alone.Do(ctx, ods, nav, second.ID, "", task.Reopen{Reason: "it was another's"}); err != nil {
		t.Fatal(err)
	}
	b.want(w, "ann")
}

package desk_test

import (
	"context"
	"strings"
	"testing"

	"heartwood/internal/care"
	"heartwood/internal/care/workflow"
	"heartwood/internal/hazard"
)

// A workflow begun from a request belongs to it: each leads to the other, and
// its jobs to both; the same form again begins it once.
func TestWorkflowOfARequest(t *testing.T) {
	hazard.Covers(t, "H-041")
	h := newHouse(t, 20)
	id, err := workflow.Save(context.Background(), h.p, h.staff["manager"].Author(""), workflow.Definition{Title: "Private letter", Steps: []workflow.Step{
		{ID: "s1", Title: "Write the letter", Owner: care.Triage, Days: 2},
		{ID: "s2", Title: "Take the fee", Owner: care.Triage, Days: 2, After: "s1"},
	}}, "k")
	must(t, err)
	path := take(h, h.sample[0].ID, "A letter for my landlord")
	nav := h.as("navigator").open(path)
	nav.submit("/begin", "workflow", "gone").says(404, "no such workflow")
	nav = h.as("navigator").open(path)
	nav.submit("/begin", "workflow", id).says(200, "The workflow has begun", "Write the letter", "Not begun", "The request")
	nav.open(path).says(200, "gave a job to", "Private letter: Write the letter", "this workflow")
	all, err := workflow.Cases(context.Background(), h.p, workflow.Active)
	must(t, err)
	if len(all) != 1 || !strings.HasSuffix(path, all[0].Request) {
		t.Fatalf("%d cases: %+v", len(all), all)
	}
	nav.open("cases").says(200, "Private letter", "Write the letter, with")
	nav.open("jobs?show=team").says(200, "the workflow", "the request")
	jobs, err := workflow.Jobs(context.Background(), h.p, all[0])
	must(t, err)
	nav.open("jobs/"+jobs["s1"].ID).says(200, "The workflow that it is a step of")
}

package batch_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/batch"
	"heartwood/internal/care/delivery"
	"heartwood/internal/care/message"
	"heartwood/internal/care/search"
	"heartwood/internal/fhir"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
)

var (
	ctx     = context.Background()
	manager = record.Author{Ref: "Practitioner/m", Role: care.RoleManager}
)

func can(ident.ODS, delivery.Medium) bool { return true }

func open(t *testing.T, people int) (*record.Practice, []string) {
	t.Helper()
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	s := memory.Open(t, func() time.Time { return now })
	p, _ := s.Practice("Z99901")
	c := record.Change{Author: manager}
	var refs []string
	for i := range people {
		id := fmt.Sprintf("p%d", i)
		body := fmt.Sprintf(`{"resourceType":"Patient","id":%q,"birthDate":"1980-01-01","name":[{"given":["N%d"]}],"telecom":[{"system":"phone","value":"07700 900%03d"}]}`, id, i, i)
		if i == 0 {
			body = strings.Replace(body, `"birthDate"`, `"deceasedBoolean":true,"birthDate"`, 1)
		}
		w, err := record.Prepare(ident.Ref{Type: "Patient", ID: id}, []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		c.Writes = append(c.Writes, w)
		refs = append(refs, "Patient/"+id)
	}
	if _, err := p.Commit(ctx, c); err != nil {
		t.Fatal(err)
	}
	return p, refs
}

func draft(t *testing.T, p *record.Practice, people []string) batch.Batch {
	t.Helper()
	id, err := batch.Save(ctx, p, manager, batch.Batch{Title: "Flu", Text: "Hello {given}, your flu jab is ready.", People: append(people, people[0])}, "k")
	if err != nil {
		t.Fatal(err)
	}
	b, err := batch.Load(ctx, p, id)
	if err != nil || len(b.People) != len(people) {
		t.Fatalf("%+v, %v", b, err)
	}
	return b
}

func notices(t *testing.T, p *record.Practice) map[string]int {
	t.Helper()
	out := map[string]int{}
	err := search.Each(ctx, p, "Communication?status=preparation", func(_ record.Version, c *fhir.Resource) error {
		out[c.Get("recipient", "reference").Str()]++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Nothing goes before it is approved; then each person gets it once, however
// often a round is run and by how many; and who cannot be sent it is told why.
func TestEachPersonOnce(t *testing.T) {
	hazard.Covers(t, "H-024")
	hazard.Covers(t, "H-027")
	p, people := open(t, 6)
	b := draft(t, p, people)
	if err := batch.Round(ctx, p, can); err != nil || len(notices(t, p)) != 0 {
		t.Fatalf("sent before it was approved: %v", err)
	}
	if err := batch.Move(ctx, p, manager, b.ID, b.Version, batch.Approved); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 3)
	for range 3 {
		go func() { done <- batch.Round(ctx, p, can) }()
	}
	for range 3 {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := batch.Round(ctx, p, can); err != nil {
			t.Fatal(err)
		}
	}
	got := notices(t, p)
	for ref, n := range got {
		if n != 1 {
			t.Errorf("%s %d times", ref, n)
		}
	}
	if len(got) != 5 || got[people[0]] != 0 {
		t.Fatalf("%v", got)
	}
	b, _ = batch.Load(ctx, p, b.ID)
	r, err := batch.Results(ctx, p, b)
	if err != nil || r.Sent != 5 || r.Refused != 1 || r.Left != 0 || b.State != batch.Done {
		t.Fatalf("%+v %s, %v", r, b.State, err)
	}
}

func TestStopStops(t *testing.T) {
	hazard.Covers(t, "H-027")
	p, people := open(t, 4)
	b := draft(t, p, people)
	if err := batch.Move(ctx, p, manager, b.ID, b.Version, batch.Approved); err != nil {
		t.Fatal(err)
	}
	if err := batch.Move(ctx, p, manager, b.ID, "an old version", batch.Stopped); err != nil {
		t.Fatal(err) // the stop button works on whatever is there
	}
	if err := batch.Round(ctx, p, can); err != nil || len(notices(t, p)) != 0 {
		t.Fatalf("%v, %v", notices(t, p), err)
	}
	if err := batch.Move(ctx, p, manager, b.ID, b.Version, batch.Approved); err == nil {
		t.Fatal("started again")
	}
}

// Whoever is not sent it is in one job for who sent it, once, however many
// rounds there are; those who have died or left are not.
func TestNobodyIsLeftOutInSilence(t *testing.T) {
	hazard.Covers(t, "H-024")
	for name, c := range map[string]struct {
		out  []int // people who want none
		jobs int
	}{"all but the dead are sent it": {nil, 0}, "one wants none": {[]int{2}, 1}, "two": {[]int{2, 4}, 1}} {
		p, people := open(t, 6)
		for _, i := range c.out {
			if err := delivery.Save(ctx, p, manager, delivery.Contact{Patient: people[i], NoBulk: true}); err != nil {
				t.Fatal(err)
			}
		}
		b := draft(t, p, people)
		if err := batch.Move(ctx, p, manager, b.ID, b.Version, batch.Approved); err != nil {
			t.Fatal(err)
		}
		for range 4 {
			if err := batch.Round(ctx, p, can); err != nil {
				t.Fatal(err)
			}
		}
		var jobs []string
		err := search.Each(ctx, p, "Task?code=job", func(_ record.Version, r *fhir.Resource) error {
			jobs = append(jobs, r.Get("description").Str())
			if !r.Get("owner", "reference").Is(manager.Ref) || r.Get("for").Exists() {
				t.Errorf("%s: %s", name, r.Get("owner").Raw())
			}
			return nil
		})
		if err != nil || len(jobs) != c.jobs {
			t.Fatalf("%s: %q, %v", name, jobs, err)
		}
		if r, err := batch.Results(ctx, p, b); err != nil || len(r.Missed) != len(c.out) {
			t.Fatalf("%s: %+v, %v", name, r, err)
		}
		if c.jobs > 0 && (!strings.Contains(jobs[0], "“Flu”") || !strings.Contains(jobs[0], fmt.Sprintf("%d: They do not want", len(c.out)))) {
			t.Errorf("%s: %q", name, jobs)
		}
	}
}

func TestPreview(t *testing.T) {
	b := batch.Batch{Text: "Hello {given}"}
	all := []delivery.Person{
		{Given: "Ann", Phones: []string{"07700 900001"}},
		{Given: "Bo", Dead: true},
		{Given: "Cy", Phones: []string{"07700 900002"}, Contact: delivery.Contact{NoBulk: true}},
	}
	got := b.Look(all, func(delivery.Medium) bool { return true })
	if got.Sends != 1 || got.Fragments != 1 || len(got.Excluded) != 2 || got.Examples[0].Text != "Hello Ann" {
		t.Fatalf("%+v", got)
	}
}

func TestFragments(t *testing.T) {
	for s, want := range map[string]int{
		"": 1, strings.Repeat("a", 160): 1, strings.Repeat("a", 161): 2, strings.Repeat("a", 306): 2, strings.Repeat("a", 307): 3,
		strings.Repeat("€", 80): 1, strings.Repeat("€", 81): 2, strings.Repeat("ŵ", 70): 1, strings.Repeat("ŵ", 71): 2,
	} {
		if got := message.Fragments(s); got != want {
			t.Errorf("%d characters: %d, want %d", len([]rune(s)), got, want)
		}
	}
}

package fair_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"heartwood/internal/assure/fair"
	"heartwood/internal/care/task"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
	"heartwood/internal/view/measure"
	"heartwood/internal/words"
)

// brought is a request that came from another system, answered after so many
// minutes.
func brought(i int, channel string, in time.Time, minutes int) record.Write {
	done := in.Add(time.Duration(minutes) * time.Minute)
	w, err := record.Prepare(ident.Ref{Type: "Task", ID: fmt.Sprint("r", i)}, []byte(fmt.Sprintf(`{"resourceType":"Task","intent":"order","status":"completed","priority":"routine","authoredOn":%q,"lastModified":%q,
		"code":{"coding":[{"system":"https://heartwood.example/fhir/task-code","code":"request"}]},"for":{"reference":"Patient/p%d"},
		"restriction":{"period":{"end":%q}},
		"input":[{"type":{"coding":[{"code":"channel"}]},"valueCode":%q},{"type":{"coding":[{"code":"kind"}]},"valueCode":"admin"}],
		"output":[{"type":{"coding":[{"code":"outcome"}]},"valueCodeableConcept":{"text":"Advice given","coding":[{"code":"advice"}]}}]}`,
		in.Format(time.RFC3339), done.Format(time.RFC3339), i, in.Add(30*time.Hour).Format(time.RFC3339), channel)))
	if err != nil {
		panic(err)
	}
	return w
}

// practice has four weeks in which those who phoned waited as much longer as
// said.
func practice(t *testing.T, more int) (*record.Store, *record.Practice) {
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, words.London)
	s := memory.Open(t, func() time.Time { return now })
	p, err := s.Practice("Z99901")
	must(t, err)
	c := record.Change{Author: record.System, Reason: "test"}
	for i := range 200 {
		in := time.Date(2026, 11, 2+i%20, 9, i%60, 0, 0, words.London)
		channel, wait := "web", 60+i*7%50
		if i%3 == 0 {
			channel, wait = "phone", wait+more
		}
		c.Writes = append(c.Writes, brought(i, channel, in, wait))
	}
	_, err = p.Commit(context.Background(), c)
	must(t, err)
	return s, p
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheWeeksLook(t *testing.T) {
	hazard.Covers(t, "H-033")
	ctx := context.Background()
	for more, jobs := range map[int]int{0: 0, 60: 1} {
		s, p := practice(t, more)
		b, err := measure.Read(ctx, p)
		must(t, err)
		to := fair.Owner{Ref: "Practitioner/m", Name: "Mrs Cartmel"}
		for range 2 { // again changes nothing
			must(t, fair.Take(ctx, s, p, b, to, p.Now()))
		}
		must(t, fair.Take(ctx, s, p, b, to, p.Now().AddDate(0, 0, 7))) // nor do the same requests a week later make a second job
		mine, err := task.NewService(s).For(ctx, p.ODS(), "Practitioner/m")
		must(t, err)
		if len(mine) != jobs {
			t.Fatalf("%d minutes more: %d jobs: %+v", more, len(mine), mine)
		}
		if jobs > 0 && !strings.Contains(mine[0].What, "How they asked, “By phone” (67 people), four weeks to 22 November 2026: they wait longer") {
			t.Errorf("%q", mine[0].What)
		}
		done, err := fair.Done(ctx, p, p.Now())
		if err != nil || !done {
			t.Errorf("the look is not recorded: %v", err)
		}
	}
}

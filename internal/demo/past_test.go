package demo

import (
	"testing"
	"time"

	"heartwood/internal/fhir"
)

// The past weeks' requests are closed, in order of time, on open days, and
// about nine in ten were answered by when the person was told.
func TestPastRequests(t *testing.T) {
	n := network(t, 1, 3, 700)
	all, kept, clocked, web := 0, 0, 0, 0
	for _, p := range n.Practices() {
		for item := range p.Resources() {
			if item.Type != "Task" {
				continue
			}
			res, err := fhir.ParseResource(item.Body)
			if err != nil {
				t.Fatal(err)
			}
			when := func(path ...string) time.Time {
				at, err := time.Parse(time.RFC3339, res.Get(path...).Str())
				if err != nil {
					t.Fatalf("%v: %v", path, err)
				}
				return at
			}
			in, began, done := when("authoredOn"), when("executionPeriod", "start"), when("executionPeriod", "end")
			due, told := when("restriction", "period", "end"), when("restriction", "period", "end")
			for x := range res.Get("input").Items() {
				switch x.Get("type", "coding", "code").Str() {
				case "promise-latest":
					if told, err = time.Parse(time.RFC3339, x.Get("valueDateTime").Str()); err != nil {
						t.Fatal(err)
					}
				case "channel":
					if x.Get("valueCode").Is("web") {
						web++
					}
				}
			}
			if began.Before(in) || done.Before(began) || !done.Before(n.day) || told.After(due) || told.Before(in) || bankHoliday(in) {
				t.Errorf("times in a wrong order: %s", item.Body)
			}
			all++
			if !done.After(told) {
				kept++
			}
			if !done.After(due) {
				clocked++
			}
		}
	}
	// 2,100 patients at 22 a day for each thousand, on some 40 working days
	if all < 1200 || all > 2400 {
		t.Errorf("%d requests", all)
	}
	if k := float64(kept) / float64(all); k < .85 || k > .96 {
		t.Errorf("%.3f were answered by when they were told", k)
	}
	if k := float64(clocked) / float64(all); k < .97 {
		t.Errorf("%.3f were answered within the clock", k)
	}
	if s := float64(web) / float64(all); s < .3 || s > .6 {
		t.Errorf("%.2f came online", s)
	}
}

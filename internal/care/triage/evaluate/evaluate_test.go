package evaluate

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"heartwood/internal/care/triage"
	"heartwood/internal/fault"
)

func TestRead(t *testing.T) {
	got, err := Read(strings.NewReader("\xef\xbb\xbf" + `{"id":7,"text":"chest pain","age":0.5,"sex":"F","history":["asthma"],"urgent":true,"group":"short","more":1}

{"text":"repeat please","urgent":false,"age":null}`))
	if err != nil || len(got) != 2 {
		t.Fatal(got, err)
	}
	c := got[0]
	if c.ID != "7" || c.Age != (triage.Age{Days: 182, Known: true}) || c.Sex != triage.Female || c.History[0] != "asthma" || !c.Urgent || c.Group != "short" {
		t.Errorf("%+v", c)
	}
	if c := got[1]; c.ID != "line 3" || c.Age.Known || c.Sex != "" || c.Urgent {
		t.Errorf("%+v", c)
	}
}

// What is wrong is named by its line and its field, and the words that stand
// there are not repeated.
func TestReadNamesLineAndField(t *testing.T) {
	const good = `{"id":"a","text":"x","urgent":true}` + "\n"
	for _, c := range []struct{ line, where string }{
		{`{"id":"b","urgent":true}`, "line 2, text"},
		{`{"id":"b","text":" ","urgent":true}`, "line 2, text"},
		{`{"id":"b","text":"SECRET"}`, "line 2, urgent"},
		{`{"id":"b","text":"SECRET","urgent":"yes"}`, "line 2, urgent"},
		{`{"id":"b","text":"SECRET","urgent":true,"age":"old"}`, "line 2, age"},
		{`{"id":"b","text":"SECRET","urgent":true,"age":-1}`, "line 2, age"},
		{`{"id":"b","text":"SECRET","urgent":true,"sex":1}`, "line 2, sex"},
		{`{"id":"b","text":"SECRET","urgent":true,"history":{}}`, "line 2, history"},
		{`{"id":"b","text":"SECRET","urgent":true,"group":[]}`, "line 2, group"},
		{`{"id":"a","text":"SECRET","urgent":true}`, "line 2, id"},
		{`{"id":"b","text":`, "line 2"},
		{`["SECRET"]`, "line 2"},
		{`null`, "line 2"},
		{strings.Repeat("x", maxLine+1), "line 2"},
	} {
		_, err := Read(strings.NewReader(good + c.line))
		f := fault.From(err)
		if err == nil || f.Kind != fault.Invalid || f.Where != c.where || strings.Contains(f.Message, "SECRET") {
			t.Errorf("%.60s: %v at %q", c.line, err, f.Where)
		}
	}
	if _, err := Read(strings.NewReader("\n")); !fault.Is(err, fault.Invalid) {
		t.Errorf("an empty file: %v", err)
	}
}

// The interval is that of the published formula: 8 of 10 is 0.490 to 0.943.
func TestWilson(t *testing.T) {
	for _, c := range []struct {
		k, n      int
		low, high float64
	}{{8, 10, 0.4902, 0.9433}, {0, 10, 0, 0.2775}, {10, 10, 0.7225, 1}, {0, 0, 0, 1}} {
		low, high := Share{c.k, c.n}.Wilson()
		if math.Abs(low-c.low) > 1e-3 || math.Abs(high-c.high) > 1e-3 {
			t.Errorf("%d of %d: %.4f to %.4f", c.k, c.n, low, high)
		}
	}
}

func TestRun(t *testing.T) {
	rep := Run([]Case{
		{ID: "1", Text: "crushing chest pain", Urgent: true, Sex: triage.Male, Age: triage.Years(50), Group: "short"},
		{ID: "2", Text: "odd", Urgent: true, Group: "short"},
		{ID: "3", Text: "crushing chest pain", Group: "plain"},
		{ID: "4", Text: "repeat please", Group: "plain"},
	})
	if rep.Overall != (Row{Name: "all", Hit: 1, Missed: 1, Over: 1, LeftOut: 1, Emergency: 2}) {
		t.Errorf("%+v", rep.Overall)
	}
	if got := rep.By[0].Rows; len(got) != 2 || got[0].Name != "40 to 64" || got[1].Name != "not known" {
		t.Errorf("%+v", got)
	}
	var out bytes.Buffer
	if err := rep.Print(&out); err != nil || !strings.Contains(out.String(), "50.0 % (9–91) 1/2") {
		t.Error(err, out.String())
	}
	src, err := json.Marshal(rep)
	if err != nil || !strings.Contains(string(src), `"sensitivity":{"value":0.5,`) {
		t.Error(err, string(src))
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`{"id":"a","text":"x","urgent":true,"age":3,"sex":"f","history":"x","group":"y"}`)
	f.Fuzz(func(t *testing.T, s string) {
		cases, err := Read(strings.NewReader(s))
		if (err == nil) == (len(cases) == 0) {
			t.Fatal("either cases or an error")
		}
	})
}

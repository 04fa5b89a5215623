package callflow

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"heartwood/internal/care/write"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/words"
)

func parsed(t *testing.T, ref ident.Ref, o write.Obj) *fhir.Resource {
	t.Helper()
	o["resourceType"], o["id"] = ref.Type, ref.ID
	raw, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	r, err := fhir.ParseResource(raw)
	if err != nil {
		t.Fatal(err)
	}
	if err := fhir.Refusal(fhir.Validate(r)); err != nil {
		t.Errorf("%v\n%s", err, raw)
	}
	return r
}

// All that is kept of a call, a call back and a plan is read again as it was,
// and is valid FHIR.
func TestRoundTrip(t *testing.T) {
	at := func(min int) time.Time { return time.Date(2026, 11, 30, 8, min, 0, 0, words.London) }
	for _, c := range []Call{
		{
			ID: "c1", Version: "v", Host: "h", Direction: In, From: "+447700900001", To: "+442079460123", Began: at(0), Stage: Ended, Node: "menu",
			Queue: "reception", Since: at(1), Queued: at(2), Left: at(3), Ahead: 4, Returned: "c0", Raised: "urgent", Answered: at(4), By: "Practitioner/a",
			Number: "+441632960001", Ended: at(5), Outcome: Answered, Why: ByCaller, Patient: "Patient/ann", Encounter: "Encounter/e", Request: "r", Task: "t",
			Recording: "DocumentReference/d", Steps: []Step{{At: at(0), What: "arrived"}, {At: at(4), What: "picked", Who: "Practitioner/a", Note: "n"}},
		},
		{ID: "c2", Version: "v", Direction: In, Withheld: true, To: "+442079460123", Began: at(0), Stage: Queued, For: "Z99902", By: "Practitioner/x", Steps: []Step{{At: at(0), What: "arrived"}}},
		{ID: "c3", Version: "v", Direction: Out, From: "+442079460123", To: "+447700900001", Began: at(0), Stage: Ended, By: "Practitioner/a", Outcome: Unreached, Why: NobodyThere, Steps: []Step{{At: at(0), What: "dialling"}}},
	} {
		ref := ident.Ref{Type: "Communication", ID: c.ID}
		got, ok := CallOf(record.Version{Ref: ref, ID: "v"}, parsed(t, ref, c.body()))
		c.kept, c.At = len(c.Steps), c.Steps[len(c.Steps)-1].At
		if !ok || !reflect.DeepEqual(inUTC(got), inUTC(c)) {
			t.Errorf("%+v\nis read as\n%+v", c, got)
		}
	}
	b := CallBack{
		ID: "t1", Version: "v", Call: "c1", Number: "+447700900001", Patient: "Patient/ann", Queue: "q", Team: "CareTeam/triage", Since: at(1), Raised: "urgent",
		Asked: at(2), NotBefore: at(3), Told: at(4), Tries: []Attempt{{At: at(5), By: "Practitioner/a", Call: "o1"}, {At: at(6), Call: "o2", Through: true}}, State: Made, Ended: at(6), Reason: "r",
	}
	ref := ident.Ref{Type: "Task", ID: "t1"}
	got, ok := callBackOf(record.Version{Ref: ref, ID: "v"}, parsed(t, ref, b.body()))
	if !ok || !reflect.DeepEqual(inUTC(got), inUTC(b)) {
		t.Errorf("%+v\nis read as\n%+v", b, got)
	}
	p := Default("CareTeam/triage")
	p.Version, p.Numbers = "v", []Number{{E164: "+442079460123", Label: "Main | line"}}
	p.Nodes[2].Keys[0].Name = "A new | problem"
	p.Nodes = append(p.Nodes, Node{ID: "out", Kind: SendOn, Name: "Out", Number: "+441632960001", Next: "shut"})
	p.Queues[0].Overflow = Overflow{After: time.Minute, Practice: "Z99902", Team: "CareTeam/hub"}
	p.Prompts[0].Audio = "Binary/b"
	ref = ident.Ref{Type: "Basic", ID: "call-plan"}
	o := write.Obj{"code": write.Coded("s", "call-plan", ""), "extension": p.parts()}
	if got := planOf(record.Version{Ref: ref, ID: "v"}, parsed(t, ref, o)); !reflect.DeepEqual(got, p) {
		t.Errorf("%+v\nis read as\n%+v", p, got)
	}
}

// inUTC has every moment of a value in one zone, for comparing.
func inUTC[T any](v T) T {
	utc(reflect.ValueOf(&v).Elem())
	return v
}

func utc(v reflect.Value) {
	switch {
	case !v.CanSet():
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(v.Interface().(time.Time).UTC()))
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			utc(v.Field(i))
		}
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			utc(v.Index(i))
		}
	}
}

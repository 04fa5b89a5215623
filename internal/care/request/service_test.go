package request_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image"
	"image/png"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/request"
	"heartwood/internal/care/triage"
	"heartwood/internal/care/upload"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
	"heartwood/internal/words"
)

const ods = ident.ODS("Z99901")

var (
	ctx       = context.Background()
	self      = record.Author{Ref: "Patient/ann", Role: care.RolePatient}
	navigator = record.Author{Ref: "Practitioner/nav", Role: care.RoleNavigator}
	clinician = record.Author{Ref: "Practitioner/gp", Role: care.RoleClinician}
)

// house is a real record in memory with the service on it.
type house struct {
	*request.Service
	p     *record.Practice
	clock atomic.Int64
}

func open(t testing.TB) *house {
	t.Helper()
	h := &house{}
	h.set("2026-11-23 10:00")
	s := memory.Open(t, func() time.Time { return time.Unix(0, h.clock.Load()) })
	p, err := s.Practice(ods)
	if err != nil {
		t.Fatal(err)
	}
	h.p = p
	h.Service = request.New(s)
	h.put(t, `{"resourceType":"Patient","id":"ann","gender":"female","birthDate":"1980-05-01","name":[{"given":["Ann"],"family":"Example"}]}`)
	h.put(t, `{"resourceType":"Patient","id":"ben","gender":"male","birthDate":"2026-10-20","name":[{"given":["Ben"],"family":"Sample"}]}`)
	return h
}

func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, words.London)
	if err != nil {
		panic(err)
	}
	return t
}

func (h *house) set(s string) { h.clock.Store(at(s).UnixNano()) }

func (h *house) put(t testing.TB, body string) {
	t.Helper()
	r, err := fhir.ParseResource([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	w, err := record.Prepare(r.Ref(), []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.p.Commit(ctx, record.Change{Author: navigator, Reason: "test", Writes: []record.Write{w}}); err != nil {
		t.Fatal(err)
	}
}

func (h *house) count(t testing.TB, query string) int {
	t.Helper()
	page, err := h.p.Find(ctx, query+"&_count=1000")
	if err != nil {
		t.Fatal(err)
	}
	return len(page.Matches)
}

func ask() request.Ask {
	return request.Ask{
		Patient: "Patient/ann", Asker: request.Self, Channel: request.Web, Kind: request.NewProblem,
		What: "My knee aches when I climb stairs.", HowLong: "3 weeks", HowBad: 2, Hope: "Exercises",
		Contact: request.Contact{How: "phone", Number: "01632 960 001", NotWhen: "Tuesday morning"}, Needs: request.Needs{BSL: true},
	}
}

func (h *house) receive(t testing.TB, a request.Ask, key string) request.Receipt {
	t.Helper()
	r, err := h.Receive(ctx, ods, self, a, key)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (h *house) do(t testing.TB, by record.Author, id, seen string, cmd request.Command) request.View {
	t.Helper()
	v, err := h.Do(ctx, ods, by, id, seen, cmd)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestReceive(t *testing.T) {
	hazard.Covers(t, "H-001")
	h := open(t)
	r := h.receive(t, ask(), "form-1")
	if r.Urgency != request.Routine || !r.AnswerBy.Equal(at("2026-11-24 18:30")) || !r.Open || len(r.Emergency) != 0 || r.Repeat {
		t.Errorf("receipt: %+v", r)
	}
	if s := strings.Join(r.Next, " "); !strings.Contains(s, "by 6:30pm tomorrow") || !strings.Contains(s, "by phone") {
		t.Errorf("next: %s", s)
	}
	v, err := h.ByReference(ctx, ods, strings.ToLower(r.Reference))
	if err != nil {
		t.Fatal(err)
	}
	if v.ID != r.ID || v.Patient != "Patient/ann" || v.Name != "Ann Example" || v.State != request.Received || v.Owner.Ref != care.Triage || v.Claimed != nil {
		t.Errorf("view: %+v", v)
	}
	want := ask()
	want.Photos = nil
	if got := v.Asked; got.What != want.What || got.HowBad != 2 || got.Contact != want.Contact || got.Needs != want.Needs || got.Asker != want.Asker {
		t.Errorf("asked: %+v", v.Asked)
	}
	if len(v.History) != 1 || v.History[0].What != "received" || v.History[0].By != "Patient/ann" {
		t.Errorf("history: %+v", v.History)
	}
	h.valid(t)
}

// valid checks every resource that the features wrote against R4.
func (h *house) valid(t testing.TB) {
	t.Helper()
	for _, typ := range []string{"Task", "QuestionnaireResponse", "DetectedIssue", "DocumentReference", "Binary", "Communication"} {
		page, err := h.p.Find(ctx, typ+"?_count=500")
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range page.Matches {
			r, err := v.Resource()
			if err != nil {
				t.Fatal(err)
			}
			if err := fhir.Refusal(fhir.Validate(r)); err != nil {
				t.Errorf("%s: %v", v.Ref, err)
			}
		}
	}
}

// The same form twice, ten times at once: one request, one receipt.
func TestDoubleSubmit(t *testing.T) {
	hazard.Covers(t, "H-009")
	h := open(t)
	var wg sync.WaitGroup
	got := make([]request.Receipt, 10)
	for i := range got {
		wg.Go(func() {
			var err error
			if got[i], err = h.Receive(ctx, ods, self, ask(), "same"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	h.set("2026-11-25 20:00") // and once more, days later, after hours
	got = append(got, h.receive(t, ask(), "same"))
	for i, r := range got {
		r.Repeat, r.Position = got[0].Repeat, got[0].Position
		a, _ := json.Marshal(got[0])
		b, _ := json.Marshal(r)
		if !bytes.Equal(a, b) {
			t.Errorf("%d: %s\nand %s", i, a, b)
		}
	}
	if n := h.count(t, "Task?intent=order"); n != 1 {
		t.Errorf("%d requests", n)
	}
	// The same key by somebody else is theirs, not Ann's.
	other, err := h.Receive(ctx, ods, record.Author{Ref: "Patient/ben", Role: care.RolePatient}, ask(), "same")
	if err != nil || other.Reference == got[0].Reference {
		t.Errorf("%v %v", other.Reference, err)
	}
}

func TestRedFlags(t *testing.T) {
	hazard.Covers(t, "H-002")
	h := open(t)
	a := ask()
	a.Kind, a.What, a.Tried = request.Medicine, "I need more of my cream.", "My chest has been really tight since 8"
	r := h.receive(t, a, "k")
	if r.Urgency != request.Stat || len(r.Emergency) != 1 || r.Emergency[0].Call != "999" {
		t.Fatalf("receipt: %+v", r)
	}
	if !strings.Contains(r.Next[0], "Do not wait") {
		t.Errorf("next: %q", r.Next)
	}
	v, err := h.Load(ctx, ods, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(v.Flags) == 0 || v.Flags[0].Rule != "RF-001" || v.Flags[0].Level != triage.Emergency || !strings.Contains(v.Flags[0].Words, "chest has been really tight") {
		t.Errorf("flags: %+v", v.Flags)
	}
	// A baby's fever is an emergency by the age in the record.
	b := ask()
	b.Patient, b.What = "Patient/ben", "He has a fever."
	if r := h.receive(t, b, "k2"); r.Urgency != request.Stat {
		t.Errorf("a fever at 5 weeks is %s", r.Urgency.Priority())
	}
	q, err := h.Queue(ctx, ods)
	if err != nil || len(q) != 2 || q[0].Urgency != request.Stat {
		t.Errorf("queue: %v %v", q, err)
	}
	h.valid(t)
}

func TestOutOfHours(t *testing.T) {
	h := open(t)
	h.set("2026-12-24 19:00") // Christmas Eve, after closing
	r := h.receive(t, ask(), "k")
	if s := strings.Join(r.Next, " "); r.Open || !strings.Contains(s, "closed now") || !strings.Contains(s, "Tuesday 29 December at 8am") || !strings.Contains(s, "by 6:30pm on Tuesday 29 December") {
		t.Errorf("next: %s", s)
	}
	// The practice's own hours, once it has said them, are used.
	h.put(t, `{"resourceType":"HealthcareService","id":"opening-hours","availableTime":[{"daysOfWeek":["mon","thu","sun"],"availableStartTime":"09:00:00","availableEndTime":"20:00:00"}]}`)
	if r := h.receive(t, ask(), "k2"); !r.Open || !r.AnswerBy.Equal(at("2026-12-27 20:00")) {
		t.Errorf("open %v, answer by %v", r.Open, r.AnswerBy)
	}
}

func TestAllFieldsAtOnce(t *testing.T) {
	h := open(t)
	_, err := h.Receive(ctx, ods, self, request.Ask{
		Identity: request.Identity{Given: "Cy", Birth: "2027-01-01", NHSNumber: "999 000 0000", Phone: "ring me"},
		HowBad:   9, Contact: request.Contact{How: "pigeon", Email: "a@b"},
		Photos: []upload.File{{Name: "x.jpg", Type: "image/jpeg", Data: []byte("<svg onload=alert(1)>")}},
	}, "k")
	var where []string
	for _, f := range care.Fields(err) {
		where = append(where, f.Where)
	}
	want := "asker channel family birth nhs-number phone kind what how-bad contact-how contact-email photos"
	if got := strings.Join(where, " "); got != want || !fault.Is(err, fault.Invalid) {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if h.count(t, "Task?intent=order") != 0 {
		t.Error("something was written")
	}
	if _, err := h.Receive(ctx, ods, self, func() request.Ask { a := ask(); a.Patient = "Patient/nobody"; return a }(), "k"); !fault.Is(err, fault.Invalid) {
		t.Errorf("a patient of another practice: %v", err)
	}
}

func TestUnmatched(t *testing.T) {
	hazard.Covers(t, "H-003")
	hazard.Covers(t, "H-015")
	h := open(t)
	var pic bytes.Buffer
	_ = png.Encode(&pic, image.NewGray(image.Rect(0, 0, 4, 4)))
	a := ask()
	a.Patient, a.Identity = "", request.Identity{Given: "Ann", Family: "Example", Birth: "1980-05-01", Phone: "01632 960 001"}
	a.What, a.Photos = "There is blood in my urine", []upload.File{{Name: "a.png", Type: "image/png", Data: pic.Bytes()}}
	r := h.receive(t, a, "k")
	v, err := h.Load(ctx, ods, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	if v.Claimed == nil || *v.Claimed != a.Identity || v.Patient != "" || v.Name != "Ann Example" || len(v.Photos) != 1 {
		t.Fatalf("%+v", v)
	}
	wrong := request.Match{Patient: "Patient/ben", Name: "Ben Sample"}
	if _, err := h.Do(ctx, ods, navigator, r.ID, v.Version, wrong); !fault.Is(err, fault.Invalid) {
		t.Errorf("matched to somebody of another date of birth, with no word why: %v", err)
	}
	wrong.Reason = "they are on the phone"
	v = h.do(t, navigator, r.ID, v.Version, wrong)
	v = h.do(t, navigator, r.ID, v.Version, request.Match{Patient: "Patient/ann", Name: "Ann Example", Reason: "wrong row"})
	if v.Patient != "Patient/ann" || v.History[0].Note != "wrong row" {
		t.Errorf("%+v", v.History)
	}
	for _, q := range []string{"QuestionnaireResponse?subject=", "DetectedIssue?patient=", "DocumentReference?subject=", "Task?patient="} {
		if n := h.count(t, q+"Patient/ann"); n != 1 {
			t.Errorf("%s: %d for Ann", q, n)
		}
		if n := h.count(t, q+"Patient/ben"); n != 0 {
			t.Errorf("%s: %d for Ben", q, n)
		}
	}
	if _, err := h.Do(ctx, ods, navigator, r.ID, "", request.Match{Patient: "Patient/nobody", Reason: "x"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("matched to nobody: %v", err)
	}
	h.valid(t)
}

func TestTheLedger(t *testing.T) {
	hazard.Covers(t, "H-010")
	h := open(t)
	r := h.receive(t, ask(), "k")
	v := h.do(t, navigator, r.ID, "", request.Confirm{Urgency: request.Prompt, Reason: "cannot sleep"})
	v = h.do(t, navigator, r.ID, v.Version, request.Assign{To: request.Owner{Ref: "Practitioner/gp", Name: "Dr Test"}})
	v = h.do(t, clinician, r.ID, v.Version, request.Start{})
	v = h.do(t, clinician, r.ID, v.Version, request.Close{Outcome: request.AdviceGiven, Told: "Do the exercises twice a day."})
	if v.State != request.Closed || v.Outcome != request.AdviceGiven || v.Told != "Do the exercises twice a day." {
		t.Errorf("%+v", v)
	}
	// The patient is told in the same change, and owed a notice that says nothing of it.
	page, err := h.p.Find(ctx, "Communication?based-on=Task/"+r.ID)
	if err != nil || len(page.Matches) != 2 {
		t.Fatalf("%d messages, %v", len(page.Matches), err)
	}
	for _, m := range page.Matches {
		isNotice := bytes.Contains(m.JSON(), []byte("EMAILWRIT"))
		if isNotice == bytes.Contains(m.JSON(), []byte("exercises")) {
			t.Errorf("%s", m.JSON())
		}
	}
	v = h.do(t, navigator, r.ID, v.Version, request.Reopen{Reason: "rang back"})
	if v.State != request.Received || v.Outcome != "" || v.Reopened != 1 || v.Owner.Ref != "Practitioner/gp" {
		t.Errorf("%+v", v)
	}
	var what []string
	for _, e := range v.History {
		what = append(what, e.What)
	}
	want := "reopened|closed: advice given|started|assigned to Dr Test|triage: raised to urgent|received"
	if got := strings.Join(what, "|"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if v.History[4].Note != "cannot sleep" || v.History[3].Note != "" || v.History[0].Note != "rang back" {
		t.Errorf("%+v", v.History)
	}
	of, err := h.Of(ctx, ods, "Patient/ann")
	if err != nil || len(of) != 1 || of[0].Asked.What == "" {
		t.Errorf("%+v %v", of, err)
	}
	h.valid(t)
}

// Two decide from the same screen: the second is told to look again.
func TestStaleScreen(t *testing.T) {
	hazard.Covers(t, "H-008")
	h := open(t)
	r := h.receive(t, ask(), "k")
	v, err := h.Load(ctx, ods, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var won, stale atomic.Int32
	for range 8 {
		wg.Go(func() {
			_, err := h.Do(ctx, ods, clinician, r.ID, v.Version, request.Confirm{Urgency: request.Prompt})
			switch {
			case err == nil:
				won.Add(1)
			case fault.Is(err, fault.Conflict):
				stale.Add(1)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 || stale.Load() != 7 {
		t.Errorf("%d won, %d stale", won.Load(), stale.Load())
	}
}

// A program may not do what the rules forbid.
func TestGuard(t *testing.T) {
	hazard.Covers(t, "H-001")
	h := open(t)
	r := h.receive(t, ask(), "k")
	v, err := h.p.Read(ctx, ident.Ref{Type: "Task", ID: r.ID})
	if err != nil {
		t.Fatal(err)
	}
	before, _ := v.Resource()
	edited := func(set func(*fhir.Edit)) *fhir.Resource {
		e, err := fhir.NewEdit(v.JSON())
		if err != nil {
			t.Fatal(err)
		}
		set(e)
		b, err := e.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		res, err := fhir.ParseResource(b)
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	for _, c := range []struct {
		what string
		set  func(*fhir.Edit)
		ok   bool
	}{
		{"nothing", func(*fhir.Edit) {}, true},
		{"a note is added", func(e *fhir.Edit) { e.Append(map[string]string{"text": "seen"}, "note") }, true},
		{"raised", func(e *fhir.Edit) { e.Set("urgent", "priority") }, true},
		{"completed", func(e *fhir.Edit) { e.Set("completed", "status") }, false},
		{"cancelled", func(e *fhir.Edit) { e.Set("cancelled", "status") }, false},
		{"its code is changed", func(e *fhir.Edit) { e.Remove("code") }, false},
		{"its owner is taken away", func(e *fhir.Edit) { e.Remove("owner") }, false},
		{"its clock is put off", func(e *fhir.Edit) { e.Set("2030-01-01T00:00:00Z", "restriction", "period", "end") }, false},
		{"it is given to another patient", func(e *fhir.Edit) { e.Set("Patient/ben", "for", "reference") }, false},
		{"its form is changed", func(e *fhir.Edit) { e.Remove("focus") }, false},
		{"its time is changed", func(e *fhir.Edit) { e.Set("2020-01-01", "authoredOn") }, false},
	} {
		if err := request.Guard(before, edited(c.set)); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.what, err)
		}
	}
	if !fault.Is(request.Guard(before, nil), fault.Refused) {
		t.Error("a request was deleted")
	}
	if err := request.Guard(nil, before); err != nil {
		t.Errorf("a whole request from elsewhere: %v", err)
	}
	other, _ := fhir.ParseResource([]byte(`{"resourceType":"Task","status":"draft","intent":"plan"}`))
	if request.Guard(other, nil) != nil || request.Guard(nil, other) != nil || request.Guard(other, before) != nil {
		t.Error("a Task that is not the ledger's was refused")
	}
}

func TestUnknown(t *testing.T) {
	h := open(t)
	h.put(t, `{"resourceType":"Task","id":"job","status":"requested","intent":"order"}`)
	for _, id := range []string{"", "nobody", "job", "../x"} {
		if _, err := h.Load(ctx, ods, id); !fault.Is(err, fault.NotFound) {
			t.Errorf("%q: %v", id, err)
		}
	}
	if _, err := h.ByReference(ctx, ods, "HW-XXXX-XXX"); err == nil || errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

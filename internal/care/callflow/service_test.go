package callflow_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/callflow"
	"heartwood/internal/care/hidden"
	"heartwood/internal/care/message"
	"heartwood/internal/care/task"
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
	ctx     = context.Background()
	manager = record.Author{Ref: "Practitioner/m", Role: care.RoleManager}
	nurse   = record.Author{Ref: agentA, Role: care.RoleNavigator}
)

// practice is a practice's record, and a clock that is moved by hand.
type practice struct {
	t    *testing.T
	s    *callflow.Service
	st   *record.Store
	p    *record.Practice
	plan callflow.Plan
	at   time.Time
}

func start(t *testing.T) *practice {
	t.Helper()
	h := &practice{t: t, at: monday.In(words.London)}
	h.st = memory.Open(t, func() time.Time { return h.at })
	var err error
	if h.p, err = h.st.Practice(ods); err != nil {
		t.Fatal(err)
	}
	h.s = callflow.NewService(h.st)
	h.put(`{"resourceType":"Organization","id":"Z99901","name":"Riverside Surgery"}`)
	h.put(`{"resourceType":"Patient","id":"ann","gender":"female","birthDate":"1980-01-01"}`)
	h.put(`{"resourceType":"Practitioner","id":"a","name":[{"text":"A"}]}`)
	h.put(`{"resourceType":"CareTeam","id":"triage","status":"active","name":"Triage team","participant":[{"member":{"reference":"Practitioner/a"}}]}`)
	if h.plan, err = callflow.Load(ctx, h.p); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *practice) put(raw string) {
	h.t.Helper()
	r, err := fhir.ParseResource([]byte(raw))
	if err != nil {
		h.t.Fatal(err)
	}
	w, err := record.Prepare(ident.Ref{Type: r.Type(), ID: r.ID()}, []byte(raw))
	if err == nil {
		_, err = h.p.Commit(ctx, record.Change{Author: manager, Writes: []record.Write{w}})
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

// do is one event of a call, kept.
func (h *practice) do(c callflow.Call, e callflow.Event) callflow.Call {
	h.t.Helper()
	e.At = h.at
	kept, err := h.s.Kept(ctx, ods, c.From, h.plan.Keep, h.at)
	if err != nil {
		h.t.Fatal(err)
	}
	c, did, err := callflow.Next(h.plan, c, e, callflow.Facts{Open: true, Kept: kept})
	if err != nil {
		h.t.Fatal(err)
	}
	if c, err = h.s.Keep(ctx, ods, nurse, c, did); err != nil {
		h.t.Fatal(err)
	}
	return c
}

// waiting is a call in the queue.
func (h *practice) waiting(id string) callflow.Call {
	h.t.Helper()
	c := h.do(callflow.Call{From: caller}, callflow.Event{What: callflow.Arrived, Call: id, From: caller, To: main0})
	return h.do(c, callflow.Event{What: callflow.Digit, Digit: "1"})
}

func (h *practice) talking(id string) callflow.Call {
	h.t.Helper()
	c := h.do(h.waiting(id), callflow.Event{What: callflow.Offered, By: agentA})
	return h.do(c, callflow.Event{What: callflow.Picked, By: agentA})
}

// A call is one Communication, with a version for each step that changed it,
// each of them valid FHIR; what changes nothing writes nothing.
func TestCallIsKept(t *testing.T) {
	h := start(t)
	c := h.talking("c1")
	for _, e := range []callflow.Event{
		{What: callflow.Confirmed, By: agentA, Patient: "Patient/ann"},
		{What: callflow.Linked, Request: "r1", Encounter: "Encounter/e1"},
		{What: callflow.Tick},
		{What: callflow.Silent},
		{What: callflow.HungUp},
	} {
		h.at = h.at.Add(time.Minute)
		c = h.do(c, e)
	}
	got, err := h.s.One(ctx, ods, "c1")
	if err != nil || got.Version != c.Version || len(got.Steps) != len(c.Steps) || got.Talked(h.at) != 5*time.Minute || got.Patient != "Patient/ann" {
		t.Errorf("%v, %+v", err, got)
	}
	all, err := h.p.History(ctx, ident.Ref{Type: "Communication", ID: "c1"}, "", 50)
	if err != nil || len(all) != 7 {
		t.Errorf("%d versions, %v", len(all), err)
	}
	for _, v := range all {
		r, err := v.Resource()
		if err == nil {
			err = fhir.Refusal(fhir.Validate(r))
		}
		if err != nil || !strings.HasPrefix(v.Reason, callflow.Reason) {
			t.Errorf("%q: %v", v.Reason, err)
		}
	}
	if open, err := h.s.Open(ctx, ods); err != nil || len(open) != 0 {
		t.Errorf("%d open, %v", len(open), err)
	}
}

// After a restart the calls of the process that died are cut off, and the
// places are there for who rings again; once.
func TestRestart(t *testing.T) {
	hazard.Covers(t, "H-044")
	h := start(t)
	waits := h.waiting("c1")
	h.at = h.at.Add(10 * time.Minute)
	h.do(callflow.Call{}, callflow.Event{What: callflow.Arrived, Call: "c2", From: "+447700900002", To: main0})
	if n, err := h.s.CutOff(ctx, ods, func(host string) bool { return host == "dead" }, h.at); n != 0 || err != nil {
		t.Fatalf("%d of another process were ended, %v", n, err)
	}
	if n, err := h.s.CutOff(ctx, ods, func(host string) bool { return host == "" }, h.at); n != 2 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	c, err := h.s.One(ctx, ods, "c1")
	if err != nil || c.Outcome != callflow.Missed || c.Why != callflow.CutOff {
		t.Fatalf("%q, %q, %v", c.Outcome, c.Why, err)
	}
	h.at = h.at.Add(time.Minute)
	if again := h.waiting("c3"); !again.Since.Equal(waits.Since) || again.Returned != "c1" {
		t.Errorf("the place is lost: %v, %q", again.Since, again.Returned)
	}
	if twice := h.waiting("c4"); twice.Returned != "" {
		t.Errorf("one place was given to two: %q", twice.Returned)
	}
}

// Who a caller is stands nowhere until a person has said so; it can be taken
// back, also after the call.
func TestWhoCalls(t *testing.T) {
	hazard.Covers(t, "H-046")
	h := start(t)
	subject := func() string {
		v, err := h.p.Read(ctx, ident.Ref{Type: "Communication", ID: "c1"})
		if err != nil {
			t.Fatal(err)
		}
		r, err := v.Resource()
		if err != nil {
			t.Fatal(err)
		}
		return r.Get("subject", "reference").Str()
	}
	c := h.talking("c1")
	if subject() != "" {
		t.Error("the number decided who it is")
	}
	if _, err := h.s.Note(ctx, ods, nurse, "c1", callflow.Event{What: callflow.Confirmed, Patient: "Patient/ann"}); !fault.Is(err, fault.Conflict) {
		t.Errorf("behind the back of whoever has the call: %v", err)
	}
	h.do(c, callflow.Event{What: callflow.HungUp})
	if _, err := h.s.Note(ctx, ods, nurse, "c1", callflow.Event{What: callflow.Confirmed, Patient: "Patient/nobody"}); err == nil || subject() != "" {
		t.Error("a patient who is not the practice's")
	}
	for _, who := range []string{"Patient/ann", ""} {
		if c, err := h.s.Note(ctx, ods, nurse, "c1", callflow.Event{What: callflow.Confirmed, Patient: who}); err != nil || subject() != who || c.Steps[len(c.Steps)-1].Who != nurse.Ref {
			t.Errorf("%q: %q, %v", who, subject(), err)
		}
	}
}

// A call is no message: it is in no inbox and no thread, what hides a request
// hides its calls, and patients' programs see none at all.
func TestCallIsNoMessage(t *testing.T) {
	h := start(t)
	h.put(`{"resourceType":"Task","id":"r1","status":"requested","intent":"order","code":{"coding":[{"system":"` + care.TaskCode + `","code":"request"}]},"for":{"reference":"Patient/ann"},"authoredOn":"2026-11-30T08:00:00Z"}`)
	c := h.talking("c1")
	c = h.do(c, callflow.Event{What: callflow.Confirmed, Patient: "Patient/ann"})
	c = h.do(c, callflow.Event{What: callflow.Linked, Request: "r1"})
	h.do(c, callflow.Event{What: callflow.HungUp})
	m := message.New(h.st)
	for name, list := range map[string]func() ([]message.Message, error){
		"inbox":  func() ([]message.Message, error) { return m.Inbox(ctx, ods, "Patient/ann") },
		"thread": func() ([]message.Message, error) { return m.Thread(ctx, ods, "r1") },
	} {
		if got, err := list(); err != nil || len(got) != 0 {
			t.Errorf("%s: %d, %v", name, len(got), err)
		}
	}
	if _, err := m.One(ctx, ods, "c1"); !fault.Is(err, fault.NotFound) {
		t.Errorf("read as a message: %v", err)
	}
	ref := ident.Ref{Type: "Communication", ID: "c1"}
	v, err := h.p.Read(ctx, ref)
	if err != nil {
		t.Fatal(err)
	}
	r, err := v.Resource()
	if err != nil || !hidden.Inner(ref, r) {
		t.Errorf("patients see calls: %v", err)
	}
	if err := hidden.Hide(ctx, h.p, nurse, ident.Ref{Type: "Patient", ID: "ann"}, ident.Ref{Type: "Task", ID: "r1"}, "not safe"); err != nil {
		t.Fatal(err)
	}
	if set, err := hidden.Of(ctx, h.p, ident.Ref{Type: "Patient", ID: "ann"}); err != nil || !set.Has(ref) {
		t.Errorf("the call of a hidden request is not hidden: %v", err)
	}
}

// owed has a caller ask for a call back.
func (h *practice) owed(id string) callflow.CallBack {
	h.t.Helper()
	c := h.waiting(id)
	h.at = h.at.Add(3 * time.Minute)
	c = h.do(c, callflow.Event{What: callflow.Tick})
	c = h.do(c, callflow.Event{What: callflow.Digit, Digit: callflow.CallBackKey})
	b, err := h.s.CallBack(ctx, ods, c.Task)
	if err != nil || c.Outcome != callflow.ToCall {
		h.t.Fatalf("%q, %v", c.Outcome, err)
	}
	return b
}

func (h *practice) change(id string, c callflow.Change) callflow.CallBack {
	h.t.Helper()
	b, err := h.s.Change(ctx, ods, nurse, id, c)
	if err != nil {
		h.t.Fatal(err)
	}
	return b
}

// A call back is owed from the moment the call ends, keeps the place, is told
// of by text before each of three tries, and ends in a job when all fail.
func TestCallBack(t *testing.T) {
	hazard.Covers(t, "H-047")
	h := start(t)
	began := h.at
	b := h.owed("c1")
	if b.Number != caller || !b.Since.Equal(began) || b.State != callflow.Due || b.Call != "c1" || b.Team != care.Triage {
		t.Fatalf("%+v", b)
	}
	for i := range callflow.Tries {
		if got := b.To(0, true, h.at); got != callflow.Tell {
			t.Fatalf("try %d: %q before the text", i, got)
		}
		b = h.change(b.ID, callflow.TextSent{})
		if got := b.To(0, true, h.at); got != callflow.Nothing {
			t.Errorf("try %d: %q at once after the text", i, got)
		}
		h.at = h.at.Add(callflow.Notice)
		if got := b.To(0, true, h.at); got != callflow.Ring {
			t.Errorf("try %d: %q", i, got)
		}
		if b.To(0, false, h.at) != callflow.Nothing {
			t.Error("rung while the practice is shut")
		}
		b = h.change(b.ID, callflow.Tried{By: agentA, Call: "o1"})
		if got := b.To(0, true, h.at.Add(callflow.Apart-time.Second)); got != callflow.Nothing {
			t.Errorf("try %d: %q with no time between", i, got)
		}
		h.at = h.at.Add(callflow.Apart)
	}
	if b.State != callflow.GivenUp {
		t.Fatalf("%q after three tries", b.State)
	}
	if _, err := h.s.Change(ctx, ods, nurse, b.ID, callflow.Tried{Through: true}); !fault.Is(err, fault.Refused) {
		t.Errorf("tried once more: %v", err)
	}
	jobs, err := task.NewService(h.st).All(ctx, ods, task.Open, time.Time{})
	if err != nil || len(jobs) != 1 || jobs[0].Owner != care.Triage || jobs[0].Priority != "urgent" {
		t.Errorf("staff have no job: %+v, %v", jobs, err)
	}
	if left, err := h.s.Owed(ctx, ods); err != nil || len(left) != 0 {
		t.Errorf("%d are owed, %v", len(left), err)
	}
}

// A call back stands in the queue with those on the line, in its old place;
// who rings again meanwhile is owed no second, and the patient can put it off
// or cancel.
func TestCallBackInTheQueue(t *testing.T) {
	hazard.Covers(t, "H-047")
	h := start(t)
	b := h.owed("c1")
	later := h.waiting("c2")
	line := callflow.Line("reception", []callflow.Call{later, b.Waiting()})
	if len(line) != 2 || line[0].Task != b.ID || callflow.Ahead(later, line) != 1 {
		t.Errorf("the place is lost: %+v", line)
	}
	if again := h.owed("c3"); again.ID != b.ID {
		t.Error("one caller is owed two calls")
	}
	b = h.change(b.ID, callflow.Later{At: h.at.Add(2 * time.Hour)})
	if b.To(0, true, h.at.Add(time.Hour)) != callflow.Nothing || b.To(0, true, h.at.Add(2*time.Hour)) != callflow.Tell {
		t.Error("not put off")
	}
	for _, at := range []time.Time{h.at, h.at.AddDate(0, 0, 9)} {
		if _, err := h.s.Change(ctx, ods, nurse, b.ID, callflow.Later{At: at}); !fault.Is(err, fault.Invalid) {
			t.Errorf("put off to %v: %v", at, err)
		}
	}
	if b = h.change(b.ID, callflow.Cancel{Reason: "by the patient"}); b.State != callflow.Cancelled {
		t.Errorf("%q", b.State)
	}
	if _, err := h.s.CallBack(ctx, ods, "nothing"); !fault.Is(err, fault.NotFound) {
		t.Errorf("%v", err)
	}
}

// A plan is kept in versions, over the one that was seen.
func TestPlanIsKept(t *testing.T) {
	h := start(t)
	teams, err := callflow.Teams(ctx, h.p)
	if err != nil || !teams[care.Triage] {
		t.Fatalf("%v, %v", teams, err)
	}
	w := callflow.World{Teams: teams}
	plan := h.plan
	plan.Numbers = []callflow.Number{{E164: main0, Label: "Main line"}}
	if err := callflow.Save(ctx, h.p, manager, plan, w); err != nil {
		t.Fatal(err)
	}
	if err := callflow.Save(ctx, h.p, manager, plan, w); !fault.Is(err, fault.Conflict) {
		t.Errorf("over a version that was not seen: %v", err)
	}
	got, err := callflow.Load(ctx, h.p)
	if err != nil || len(got.Numbers) != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	got.Start = "nowhere"
	if err := callflow.Save(ctx, h.p, manager, got, w); !fault.Is(err, fault.Invalid) {
		t.Errorf("a plan that leads nowhere: %v", err)
	}
	got.Start, got.Keep = "hours", time.Hour
	if err := callflow.Save(ctx, h.p, manager, got, w); err != nil {
		t.Fatal(err)
	}
	past, err := callflow.Past(ctx, h.p, 10)
	if err != nil || len(past) != 2 || past[0].Plan.Keep != time.Hour || past[0].By.Ref != manager.Ref {
		t.Errorf("%+v, %v", past, err)
	}
}

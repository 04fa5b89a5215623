package message_test

import (
	"strings"
	"testing"
	"time"

	"heartwood/internal/care/delivery"
	"heartwood/internal/care/hidden"
	"heartwood/internal/care/message"
	"heartwood/internal/care/request"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

func every(ident.ODS, delivery.Medium) bool { return true }

// reachable gives Ann a telephone, and whatever else.
func (h *house) reachable(t *testing.T, more string) {
	t.Helper()
	w, err := record.Prepare(ident.Ref{Type: "Patient", ID: "ann"}, []byte(`{"resourceType":"Patient","id":"ann","name":[{"given":["Ann"],"family":"Example"}],"birthDate":"1980-01-01","telecom":[{"system":"phone","value":"07700 900001"}]`+more+`}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.p.Commit(ctx, record.Change{Author: clinician, Writes: []record.Write{w}}); err != nil {
		t.Fatal(err)
	}
}

func (h *house) plan(t *testing.T, m message.Begin, in time.Duration, key string) string {
	t.Helper()
	id, err := h.Plan(ctx, ods, clinician, m, h.p.Now().Add(in), key)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (h *house) round(t *testing.T) {
	t.Helper()
	if err := message.Round(ctx, h.p, every); err != nil {
		t.Fatal(err)
	}
}

func (h *house) later(d time.Duration) { h.clock.Add(int64(d)) }

func begin(text string) message.Begin {
	return message.Begin{Send: message.Send{Patient: "Patient/ann", Text: text, Await: true}, About: "Your blood pressure"}
}

func TestAPlannedMessageGoesOnceAtItsTime(t *testing.T) {
	h := open(t)
	h.reachable(t, "")
	id := h.plan(t, begin("How are you now?"), time.Hour, "k")
	if again := h.plan(t, begin("How are you now?"), time.Hour, "k"); again != id {
		t.Errorf("planned twice: %s %s", id, again)
	}
	h.round(t)
	if in, _ := h.Inbox(ctx, ods, "Patient/ann"); len(in) != 0 {
		t.Fatalf("sent before its time: %+v", in)
	}
	h.later(2 * time.Hour)
	for range 3 {
		h.round(t)
	}
	in, err := h.Inbox(ctx, ods, "Patient/ann")
	if err != nil || len(in) != 1 || in[0].Text != "How are you now?" || in[0].From != clinician.Ref {
		t.Fatalf("%+v %v", in, err)
	}
	v, err := h.requests.Load(ctx, ods, in[0].Request)
	if err != nil || v.State != request.WithPatient || v.Channel != request.Practice || v.About() != "Your blood pressure" {
		t.Errorf("%+v %v", v, err)
	}
	if err := h.Stop(ctx, ods, clinician, id); !fault.Is(err, fault.Refused) {
		t.Errorf("stopped after it went: %v", err)
	}
	c, err := h.p.Read(ctx, ident.Ref{Type: "CommunicationRequest", ID: id})
	if err != nil {
		t.Fatal(err)
	}
	res, _ := c.Resource()
	if err := fhir.Refusal(fhir.Validate(res)); err != nil {
		t.Error(err)
	}
}

func TestAPlanIsRefused(t *testing.T) {
	h := open(t)
	h.reachable(t, "")
	now := h.p.Now()
	for what, c := range map[string]struct {
		m  message.Begin
		at time.Time
		by record.Author
	}{
		"the past":         {begin("x"), now.Add(-time.Minute), clinician},
		"too far ahead":    {begin("x"), now.AddDate(2, 0, 0), clinician},
		"no subject":       {message.Begin{Send: message.Send{Patient: "Patient/ann", Text: "x"}}, now.Add(time.Hour), clinician},
		"a place is left":  {begin("Hello {given}"), now.Add(time.Hour), clinician},
		"another patient":  {message.Begin{Send: message.Send{Request: h.id, Patient: "Patient/ben", Text: "x"}}, now.Add(time.Hour), clinician},
		"a patient plans":  {begin("x"), now.Add(time.Hour), ann},
		"nobody's message": {message.Begin{Send: message.Send{Patient: "Patient/none", Text: "x"}, About: "x"}, now.Add(time.Hour), clinician},
	} {
		if _, err := h.Plan(ctx, ods, c.by, c.m, c.at, ""); err == nil {
			t.Errorf("%s was planned", what)
		}
	}
	if all, err := h.Planned(ctx, ods, ""); err != nil || len(all) != 0 {
		t.Errorf("%+v %v", all, err)
	}
}

// What has changed by the time that a message is due is heeded: it does not
// go, and somebody is asked.
func TestAPlannedMessageIsCheckedWhenItIsDue(t *testing.T) {
	hazard.Covers(t, "H-024")
	hazard.Covers(t, "H-025")
	hazard.Covers(t, "H-035")
	safe := func(h *house, t *testing.T) {
		c, err := delivery.LoadContact(ctx, h.p, "Patient/ann")
		if err != nil {
			t.Fatal(err)
		}
		c.Safe.NoTexts = true
		if err := delivery.Save(ctx, h.p, clinician, c); err != nil {
			t.Fatal(err)
		}
	}
	for what, change := range map[string]func(*house, *testing.T){
		"they have died":         func(h *house, t *testing.T) { h.reachable(t, `,"deceasedBoolean":true`) },
		"they have left":         func(h *house, t *testing.T) { h.reachable(t, `,"active":false`) },
		"it is not safe":         safe,
		"the request is hidden":  func(h *house, t *testing.T) { h.hide(t) },
		"it is another's now":    func(h *house, t *testing.T) { h.rematch(t) },
		"they have no telephone": func(h *house, t *testing.T) { h.bare(t) },
	} {
		t.Run(what, func(t *testing.T) {
			h := open(t)
			h.reachable(t, "")
			id := h.plan(t, message.Begin{Send: message.Send{Request: h.id, Patient: "Patient/ann", Text: "Your result."}}, time.Hour, "")
			change(h, t)
			h.later(2 * time.Hour)
			h.round(t)
			h.round(t)
			if len(h.thread(t)) != 0 {
				t.Fatal("it was sent")
			}
			x, err := h.PlannedOne(ctx, ods, id)
			if err != nil || x.State != message.Kept || x.Why == "" {
				t.Fatalf("%+v %v", x, err)
			}
			job, err := h.p.Find(ctx, "Task?code=job&status=requested")
			if err != nil || len(job.Matches) != 1 || strings.Contains(string(job.Matches[0].JSON()), "Your result") {
				t.Errorf("%d jobs, %v", len(job.Matches), err)
			}
			if err := h.Stop(ctx, ods, clinician, id); err != nil {
				t.Error(err)
			}
		})
	}
}

func (h *house) hide(t *testing.T) {
	t.Helper()
	if err := hidden.Hide(ctx, h.p, clinician, ident.Ref{Type: "Patient", ID: "ann"}, ident.Ref{Type: "Task", ID: h.id}, "not safe"); err != nil {
		t.Fatal(err)
	}
}

func (h *house) rematch(t *testing.T) {
	t.Helper()
	if _, err := h.requests.Do(ctx, ods, clinician, h.id, "", request.Match{Patient: "Patient/ben", Name: "Ben", Reason: "the wrong one"}); err != nil {
		t.Fatal(err)
	}
}

func (h *house) bare(t *testing.T) {
	t.Helper()
	w, err := record.Prepare(ident.Ref{Type: "Patient", ID: "ann"}, []byte(`{"resourceType":"Patient","id":"ann","birthDate":"1980-01-01"}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.p.Commit(ctx, record.Change{Author: clinician, Writes: []record.Write{w}}); err != nil {
		t.Fatal(err)
	}
}

// A message that was stopped never goes, and one to a request that has closed
// begins a thread of its own.
func TestStoppedAndClosed(t *testing.T) {
	h := open(t)
	h.reachable(t, "")
	stopped := h.plan(t, begin("Never."), time.Hour, "")
	h.plan(t, message.Begin{Send: message.Send{Request: h.id, Patient: "Patient/ann", Text: "Are you better?", Await: true}}, time.Hour, "")
	if err := h.Stop(ctx, ods, clinician, stopped); err != nil {
		t.Fatal(err)
	}
	if err := h.Stop(ctx, ods, clinician, stopped); err != nil {
		t.Errorf("stopped again: %v", err)
	}
	if _, err := h.requests.Do(ctx, ods, clinician, h.id, "", request.Close{Outcome: request.AdviceGiven, Told: "Use the cream."}); err != nil {
		t.Fatal(err)
	}
	h.later(2 * time.Hour)
	h.round(t)
	in, err := h.Inbox(ctx, ods, "Patient/ann")
	if err != nil || len(in) != 2 || in[0].Text != "Are you better?" || in[0].Request == h.id {
		t.Fatalf("%+v %v", in, err)
	}
	if v, err := h.requests.Load(ctx, ods, in[0].Request); err != nil || v.State != request.WithPatient {
		t.Errorf("%+v %v", v, err)
	}
	if v := h.view(t); v.Open() {
		t.Error("the closed request was opened")
	}
}

package message_test

import (
	"bytes"
	"image"
	"image/png"
	"slices"
	"strings"
	"testing"

	"heartwood/internal/care/form"
	"heartwood/internal/care/message"
	"heartwood/internal/care/request"
	"heartwood/internal/care/upload"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
)

func mood(t *testing.T) form.Form {
	t.Helper()
	all := form.Shipped()
	i := slices.IndexFunc(all, func(f form.Form) bool { return strings.HasSuffix(f.URL, "/mood") })
	if i < 0 {
		t.Fatal("no questions about mood")
	}
	return all[i]
}

func well() form.Answers {
	return form.Answers{"better": {"same"}, "low": {"some"}, "worry": {"hardly"}, "sleep": {"well"}, "harm": {"no"}, "what": {"All right"}}
}

// Questions go out with a thread that staff begin, and the answers are in the
// thread and in the record, screened like everything that a patient writes.
func TestQuestionsAndAnswers(t *testing.T) {
	hazard.Covers(t, "H-037")
	hazard.Covers(t, "H-002")
	h := open(t)
	h.reachable(t, "")
	m, err := h.Begin(ctx, ods, clinician, message.Begin{
		Send:  message.Send{Patient: "Patient/ann", Text: "Please answer these.", Form: mood(t).Canonical()},
		About: "How you are", Owner: request.Owner{Ref: clinician.Ref, Name: "Dr G"},
	}, "b")
	if err != nil {
		t.Fatal(err)
	}
	v, err := h.requests.Load(ctx, ods, m.Request)
	if err != nil || v.State != request.WithPatient || v.Owner.Ref != clinician.Ref {
		t.Fatalf("%+v %v", v, err)
	}
	if _, err := h.Answer(ctx, ods, ann, message.Answer{Message: m.ID, Answers: form.Answers{"better": {"same"}}}, "a0"); !fault.Is(err, fault.Invalid) {
		t.Errorf("half of it was taken: %v", err)
	}
	if _, err := h.Answer(ctx, ods, ben, message.Answer{Message: m.ID, Answers: well()}, "a1"); !fault.Is(err, fault.NotFound) {
		t.Errorf("somebody else answered: %v", err)
	}
	for range 2 {
		if r, err := h.Answer(ctx, ods, ann, message.Answer{Message: m.ID, Answers: well()}, "a2"); err != nil || len(r.Emergency) != 0 {
			t.Fatalf("%+v %v", r, err)
		}
	}
	thread, err := h.Thread(ctx, ods, m.Request)
	if err != nil || len(thread) != 2 || !strings.Contains(thread[1].Text, "How have you slept?\nWell") || !message.Answered(thread, thread[0]) {
		t.Fatalf("%+v %v", thread, err)
	}
	q, _ := ident.ParseRef(thread[1].Response)
	got, err := h.p.Read(ctx, q)
	if err != nil {
		t.Fatal(err)
	}
	res, _ := got.Resource()
	if err := fhir.Refusal(fhir.Validate(res)); err != nil || res.Get("subject", "reference").Str() != "Patient/ann" || !res.Get("questionnaire").Is(mood(t).Canonical()) {
		t.Errorf("%v %s", err, got.JSON())
	}
	if v, _ := h.requests.Load(ctx, ods, m.Request); v.State != request.Received {
		t.Errorf("the request is %s", v.State)
	}
	bad := well()
	bad["harm"] = []string{"plans"}
	r, err := h.Answer(ctx, ods, ann, message.Answer{Message: m.ID, Answers: bad}, "a3")
	if err != nil || len(r.Emergency) == 0 {
		t.Fatalf("a plan to die was not flagged: %+v %v", r, err)
	}
	if v, _ := h.requests.Load(ctx, ods, m.Request); v.Urgency != request.Stat {
		t.Errorf("%s", v.Urgency.Label())
	}
}

// A message that asks for nothing is closed at once, and a reply reopens it.
// What staff attach goes with the message, is checked, and is not taken for
// something that the patient sent.
func TestATellingAndItsFile(t *testing.T) {
	h := open(t)
	h.reachable(t, "")
	var pic bytes.Buffer
	_ = png.Encode(&pic, image.NewGray(image.Rect(0, 0, 4, 4)))
	b := message.Begin{Send: message.Send{Patient: "Patient/ann", Text: "Exercises.", Files: []upload.File{{Name: "knee.png", Data: []byte("<html>")}}}, About: "Your knee"}
	if _, err := h.Begin(ctx, ods, clinician, b, ""); !fault.Is(err, fault.Invalid) {
		t.Errorf("a lie for a picture: %v", err)
	}
	b.Files[0].Data = pic.Bytes()
	m, err := h.Begin(ctx, ods, clinician, b, "k")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := h.Begin(ctx, ods, clinician, b, "k"); err != nil || again.ID != m.ID {
		t.Errorf("begun twice: %v", err)
	}
	v, err := h.requests.Load(ctx, ods, m.Request)
	if err != nil || v.Open() || v.Outcome != request.Informed || len(v.Photos) != 0 {
		t.Fatalf("%+v %v", v, err)
	}
	one, err := h.One(ctx, ods, m.ID)
	if err != nil || len(one.Photos) != 1 || one.Photos[0].Name != "knee.png" {
		t.Errorf("%+v %v", one, err)
	}
	if _, err := h.Reply(ctx, ods, ann, message.Reply{Request: m.Request, Text: "Thanks, but it hurts"}, "r"); err != nil {
		t.Fatal(err)
	}
	if v, _ := h.requests.Load(ctx, ods, m.Request); v.State != request.Received || v.Reopened != 1 {
		t.Errorf("%+v", v)
	}
}

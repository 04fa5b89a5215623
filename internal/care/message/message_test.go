package message_test

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/message"
	"heartwood/internal/care/request"
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
	ann       = record.Author{Ref: "Patient/ann", Role: care.RolePatient}
	ben       = record.Author{Ref: "Patient/ben", Role: care.RolePatient}
	carer     = record.Author{Ref: "RelatedPerson/cy", Role: care.RoleProxy, For: "Patient/ann"}
	clinician = record.Author{Ref: "Practitioner/gp", Role: care.RoleClinician}
)

type house struct {
	*message.Service
	requests *request.Service
	p        *record.Practice
	id       string // of Ann's request
	clock    atomic.Int64
}

func open(t testing.TB) *house {
	t.Helper()
	h := &house{}
	h.clock.Store(time.Date(2026, 11, 23, 10, 0, 0, 0, words.London).UnixNano())
	s := memory.Open(t, func() time.Time { return time.Unix(0, h.clock.Add(int64(time.Second))) })
	h.p, _ = s.Practice(ods)
	h.Service, h.requests = message.New(s), request.New(s)
	for _, id := range []string{"ann", "ben"} {
		w, err := record.Prepare(ident.Ref{Type: "Patient", ID: id}, []byte(`{"resourceType":"Patient","id":"`+id+`","gender":"female","birthDate":"1980-01-01"}`))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.p.Commit(ctx, record.Change{Author: clinician, Writes: []record.Write{w}}); err != nil {
			t.Fatal(err)
		}
	}
	r, err := h.requests.Receive(ctx, ods, ann, request.Ask{
		Patient: "Patient/ann", Asker: request.Self, Channel: request.Web,
		Kind: request.NewProblem, What: "A rash on my arm",
	}, "k")
	if err != nil {
		t.Fatal(err)
	}
	h.id = r.ID
	return h
}

func (h *house) view(t testing.TB) request.View {
	t.Helper()
	v, err := h.requests.Load(ctx, ods, h.id)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func (h *house) thread(t testing.TB) []message.Message {
	t.Helper()
	m, err := h.Thread(ctx, ods, h.id)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestThereAndBack(t *testing.T) {
	h := open(t)
	send := message.Send{Request: h.id, Patient: "Patient/ann", Template: "photo", Fields: map[string]string{"what": "your arm"}, Await: true}
	m, err := h.Send(ctx, ods, clinician, send, "s1")
	if err != nil {
		t.Fatal(err)
	}
	if !m.FromUs || !strings.Contains(m.Text, "photo of your arm") || m.Request != h.id {
		t.Errorf("%+v", m)
	}
	again, err := h.Send(ctx, ods, clinician, send, "s1")
	if err != nil || again.ID != m.ID || len(h.thread(t)) != 1 {
		t.Errorf("sent twice: %v, %v", again, err)
	}
	if v := h.view(t); v.State != request.WithPatient {
		t.Errorf("the request is %s", v.State)
	}
	var pic bytes.Buffer
	_ = png.Encode(&pic, image.NewGray(image.Rect(0, 0, 4, 4)))
	reply := message.Reply{Request: h.id, Text: "Here it is.", Photos: []upload.File{{Name: "arm.png", Type: "image/png", Data: pic.Bytes()}}}
	r, err := h.Reply(ctx, ods, carer, reply, "r1")
	if err != nil || len(r.Emergency) != 0 || len(r.Next) == 0 {
		t.Fatalf("%+v %v", r, err)
	}
	th := h.thread(t)
	if len(th) != 2 || th[1].FromUs || th[1].Text != "Here it is." || len(th[1].Photos) != 1 {
		t.Errorf("%+v", th)
	}
	if v := h.view(t); v.State != request.Received || len(v.Photos) != 1 {
		t.Errorf("the request is %s with %d photos", v.State, len(v.Photos))
	}
	if err := h.Seen(ctx, ods, ann, th[0].ID, th[1].ID, "nothing", "../x"); err != nil {
		t.Fatal(err)
	}
	if th = h.thread(t); th[0].Read.IsZero() || !th[1].Read.IsZero() {
		t.Errorf("read: %+v", th)
	}
	if in, err := h.Inbox(ctx, ods, "Patient/ann"); err != nil || len(in) != 2 || in[0].FromUs {
		t.Errorf("%+v %v", in, err)
	}
	page, err := h.p.Find(ctx, "Communication?_count=50")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range page.Matches {
		res, _ := v.Resource()
		if err := fhir.Refusal(fhir.Validate(res)); err != nil {
			t.Errorf("%s: %v", v.Ref, err)
		}
	}
}

// A notice by e-mail says nothing of the message.
func TestNotices(t *testing.T) {
	hazard.Covers(t, "H-006")
	h := open(t)
	if _, err := h.Send(ctx, ods, clinician, message.Send{Request: h.id, Text: "Your syphilis test is back."}, ""); err != nil {
		t.Fatal(err)
	}
	page, err := h.p.Find(ctx, "Communication?status=preparation")
	if err != nil || len(page.Matches) != 1 {
		t.Fatalf("%d notices, %v", len(page.Matches), err)
	}
	if b := page.Matches[0].JSON(); bytes.Contains(b, []byte("syphilis")) || !bytes.Contains(b, []byte("Sign in")) {
		t.Errorf("%s", b)
	}
}

// Only who the message is for has read it: what somebody else opened is not
// taken for read.
func TestReadByItsPatientOnly(t *testing.T) {
	hazard.Covers(t, "H-006")
	h := open(t)
	m, err := h.Send(ctx, ods, clinician, message.Send{Request: h.id, Text: "Please ring us."}, "")
	if err != nil {
		t.Fatal(err)
	}
	read := func(by record.Author) bool {
		t.Helper()
		if err := h.Seen(ctx, ods, by, m.ID); err != nil {
			t.Fatal(err)
		}
		th, err := h.Thread(ctx, ods, h.id)
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(th, func(x message.Message) bool { return x.ID == m.ID && !x.Read.IsZero() })
	}
	if read(ben) {
		t.Error("another patient is taken for the one who read it")
	}
	if !read(ann) {
		t.Error("who it is for has read it")
	}
}

func TestWhoMay(t *testing.T) {
	hazard.Covers(t, "H-003")
	hazard.Covers(t, "H-006")
	h := open(t)
	for _, c := range []struct {
		what string
		do   func() error
		kind fault.Kind
	}{
		{"to another patient", func() error {
			_, err := h.Send(ctx, ods, clinician, message.Send{Request: h.id, Patient: "Patient/ben", Text: "x"}, "")
			return err
		}, fault.Refused},
		{"a patient sends as the practice", func() error {
			_, err := h.Send(ctx, ods, ann, message.Send{Request: h.id, Text: "x"}, "")
			return err
		}, fault.Forbidden},
		{"another patient replies", func() error {
			_, err := h.Reply(ctx, ods, ben, message.Reply{Request: h.id, Text: "x"}, "")
			return err
		}, fault.NotFound},
		{"nothing is said", func() error {
			_, err := h.Send(ctx, ods, clinician, message.Send{Request: h.id, Text: " "}, "")
			return err
		}, fault.Invalid},
		{"a place is left empty", func() error {
			_, err := h.Send(ctx, ods, clinician, message.Send{Request: h.id, Template: "photo"}, "")
			return err
		}, fault.Invalid},
		{"an old screen", func() error {
			_, err := h.Send(ctx, ods, clinician, message.Send{Request: h.id, Seen: "c.1", Text: "x"}, "")
			return err
		}, fault.Conflict},
		{"no such request", func() error {
			_, err := h.Reply(ctx, ods, ann, message.Reply{Request: "nope", Text: "x"}, "")
			return err
		}, fault.NotFound},
		{"a reply with a lie for a photo", func() error {
			_, err := h.Reply(ctx, ods, ann, message.Reply{Request: h.id, Photos: []upload.File{{Name: "a.jpg", Data: []byte("<html>")}}}, "")
			return err
		}, fault.Invalid},
	} {
		if err := c.do(); !fault.Is(err, c.kind) {
			t.Errorf("%s: got %v", c.what, err)
		}
	}
	if n := len(h.thread(t)); n != 0 {
		t.Errorf("%d messages were written", n)
	}
	if err := h.Seen(ctx, ods, ben, "whatever"); err != nil {
		t.Error(err)
	}
}

// A reply with a red flag raises the request; one to a closed request reopens it.
func TestRepliesThatMatter(t *testing.T) {
	hazard.Covers(t, "H-002")
	hazard.Covers(t, "H-010")
	h := open(t)
	if _, err := h.requests.Do(ctx, ods, clinician, h.id, "", request.Close{Outcome: request.AdviceGiven, Told: "Use the cream."}); err != nil {
		t.Fatal(err)
	}
	r, err := h.Reply(ctx, ods, ann, message.Reply{Request: h.id, Text: "Now my lips are swelling and I can't breathe"}, "r")
	if err != nil {
		t.Fatal(err)
	}
	if r.Urgency != request.Stat || len(r.Emergency) != 2 {
		t.Errorf("%+v", r)
	}
	v := h.view(t)
	if v.State != request.Received || v.Urgency != request.Stat || len(v.Flags) < 2 || v.Reopened != 1 {
		t.Errorf("%+v", v)
	}
	if th := h.thread(t); len(th) != 2 || th[0].Kind != "outcome" {
		t.Errorf("%+v", th)
	}
}

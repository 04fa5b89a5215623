package feedback_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/feedback"
	"heartwood/internal/care/message"
	"heartwood/internal/care/request"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
	"heartwood/internal/words"
)

const ods = ident.ODS("Z99901")

var (
	ctx = context.Background()
	ann = record.Author{Ref: "Patient/ann", Role: care.RolePatient}
	gp  = record.Author{Ref: "Practitioner/gp", Role: care.RoleClinician}
)

// open gives a practice with one request of Ann's, closed.
func open(t *testing.T) (*record.Store, *record.Practice, string) {
	t.Helper()
	var clock atomic.Int64
	clock.Store(time.Date(2026, 11, 23, 10, 0, 0, 0, words.London).UnixNano())
	s := memory.Open(t, func() time.Time { return time.Unix(0, clock.Add(int64(time.Second))) })
	p, err := s.Practice(ods)
	if err != nil {
		t.Fatal(err)
	}
	w, err := record.Prepare(ident.Ref{Type: "Patient", ID: "ann"}, []byte(`{"resourceType":"Patient","id":"ann","gender":"female","birthDate":"1980-01-01"}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Commit(ctx, record.Change{Author: gp, Writes: []record.Write{w}}); err != nil {
		t.Fatal(err)
	}
	r, err := request.New(s).Receive(ctx, ods, ann, request.Ask{Patient: "Patient/ann", Asker: request.Self, Channel: request.Web, Kind: request.Admin, What: "A letter"}, "k")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := request.New(s).Do(ctx, ods, gp, r.ID, "", request.Close{Outcome: request.AdviceGiven, Told: "It is done."}); err != nil {
		t.Fatal(err)
	}
	return s, p, r.ID
}

func TestSaidOnce(t *testing.T) {
	s, p, id := open(t)
	for _, how := range []feedback.Answer{"good", "poor"} {
		if got, err := feedback.Tell(ctx, p, ann, feedback.Said{Request: id, How: how, Words: "Quick and kind"}); err != nil || got.ID != "" {
			t.Fatalf("%+v, %v", got, err)
		}
	}
	said, ok, err := feedback.Of(ctx, p, id)
	if err != nil || !ok || said.How != "good" || said.Words != "Quick and kind" || said.Request != id || said.By != "Patient/ann" {
		t.Errorf("%+v, %v, %v", said, ok, err)
	}
	if v, err := request.New(s).Load(ctx, ods, id); err != nil || v.Open() {
		t.Errorf("kind words opened it again: %v", err)
	}
	from := p.Now().Add(-time.Hour)
	if n, err := feedback.Count(ctx, p, from, p.Now().Add(time.Minute)); err != nil || n[1] != 1 || n[0]+n[2]+n[3]+n[4]+n[5] != 0 {
		t.Errorf("%v, %v", n, err)
	}
	if n, err := feedback.Count(ctx, p, from, from.Add(time.Minute)); err != nil || n[1] != 0 {
		t.Errorf("outside the days: %v, %v", n, err)
	}
}

// Words of danger said about how it went are a message in the queue, with
// advice at once; sent twice they are one.
func TestDangerInWhatIsSaid(t *testing.T) {
	hazard.Covers(t, "H-002")
	s, p, id := open(t)
	for range 2 {
		got, err := feedback.Tell(ctx, p, ann, feedback.Said{Request: id, How: "poor", Words: "Nobody helped. I have crushing chest pain and I am sweating"})
		if err != nil || len(got.Emergency) == 0 || got.ID != id {
			t.Fatalf("%+v, %v", got, err)
		}
	}
	v, err := request.New(s).Load(ctx, ods, id)
	if err != nil || !v.Open() || v.Urgency != request.Stat {
		t.Errorf("%+v, %v", v, err)
	}
	thread, err := message.New(s).Thread(ctx, ods, id)
	if err != nil || len(thread) != 2 || !strings.Contains(thread[1].Text, "crushing") {
		t.Errorf("%+v, %v", thread, err)
	}
}

func TestRefused(t *testing.T) {
	s, p, id := open(t)
	good := feedback.Said{Request: id, How: "good"}
	for what, c := range map[string]struct {
		by   record.Author
		edit func(*feedback.Said)
		kind fault.Kind
	}{
		"somebody else": {record.Author{Ref: "Patient/ben", Role: care.RolePatient}, func(*feedback.Said) {}, fault.NotFound},
		"staff":         {gp, func(*feedback.Said) {}, fault.NotFound},
		"no request":    {ann, func(s *feedback.Said) { s.Request = "none" }, fault.NotFound},
		"no answer":     {ann, func(s *feedback.Said) { s.How = "fine" }, fault.Invalid},
		"too long":      {ann, func(s *feedback.Said) { s.Words = strings.Repeat("x", feedback.Longest+1) }, fault.Invalid},
	} {
		said := good
		c.edit(&said)
		if _, err := feedback.Tell(ctx, p, c.by, said); fault.KindOf(err) != c.kind {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := request.New(s).Do(ctx, ods, gp, id, "", request.Reopen{Reason: "More to do"}); err != nil {
		t.Fatal(err)
	}
	if _, err := feedback.Tell(ctx, p, ann, good); fault.KindOf(err) != fault.Refused {
		t.Errorf("of an open one: %v", err)
	}
	// With words it is never turned away: somebody reads them.
	if got, err := feedback.Tell(ctx, p, ann, feedback.Said{Request: id, How: "good", Words: "I wait still"}); err != nil || got.ID != id {
		t.Errorf("%+v, %v", got, err)
	}
}

package message_test

import (
	"testing"

	"heartwood/internal/care/direct"
	"heartwood/internal/care/message"
	"heartwood/internal/care/request"
	"heartwood/internal/hazard"
	"heartwood/internal/record"
)

// Where messages are switched off, what is written all the same becomes a
// request with a clock, read by the rules; it happens once.
func TestWhatIsWrittenWhileOffIsNotLost(t *testing.T) {
	hazard.Covers(t, "H-043")
	h := open(t)
	if _, err := h.requests.Do(ctx, ods, clinician, h.id, "", request.Mute{Why: "This is answered."}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		by     record.Author
		text   string
		urgent bool
	}{{ann, "It itches still", false}, {carer, "She has crushing chest pain and is sweating", true}} {
		var first request.Receipt
		for range 2 {
			got, err := h.Reply(ctx, ods, c.by, message.Reply{Request: h.id, Text: c.text}, "shut-"+c.by.Ref)
			if err != nil || got.ID == h.id || first.ID != "" && got.ID != first.ID || (len(got.Emergency) > 0) != c.urgent {
				t.Fatalf("%+v, %v", got, err)
			}
			first = got
		}
		v, err := h.requests.Load(ctx, ods, first.ID)
		if err != nil || v.Asked.What != c.text || v.Patient != "Patient/ann" || v.AnswerBy.IsZero() || !v.Open() {
			t.Errorf("%+v, %v", v, err)
		}
	}
	if n := len(h.thread(t)); n != 0 {
		t.Errorf("%d messages on the thread", n)
	}
}

// Of somebody else's request nobody learns that messages are off, and no
// request is made of what they write.
func TestShutTellsNobodyElse(t *testing.T) {
	h := open(t)
	_, _ = h.requests.Do(ctx, ods, clinician, h.id, "", request.Mute{Why: "This is answered."})
	if got, err := h.Reply(ctx, ods, ben, message.Reply{Request: h.id, Text: "Mine?"}, "x"); err == nil || got.ID != "" {
		t.Errorf("%+v, %v", got, err)
	}
}

// What comes by text or e-mail is kept on its request and brings it back to
// the queue; the answer that is waited for is taken.
func TestWhatArrivesWhileOff(t *testing.T) {
	hazard.Covers(t, "H-043")
	h := open(t)
	if err := direct.Save(ctx, h.p, clinician, direct.Setting{Off: true, Why: "We are short of staff."}); err != nil {
		t.Fatal(err)
	}
	got, err := h.Reply(ctx, ods, record.System, message.Reply{Request: h.id, Text: "By text", Via: "By text message"}, "sms")
	if err != nil || got.ID != h.id || len(h.thread(t)) != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := h.Send(ctx, ods, clinician, message.Send{Request: h.id, Text: "Does it itch?", Await: true}, "ask"); err != nil {
		t.Fatal(err)
	}
	got, err = h.Reply(ctx, ods, ann, message.Reply{Request: h.id, Text: "Yes"}, "yes")
	if err != nil || got.ID != h.id || len(h.thread(t)) != 3 {
		t.Fatalf("%+v, %v", got, err)
	}
	got, err = h.Reply(ctx, ods, ann, message.Reply{Request: h.id, Text: "And one more thing"}, "more")
	if err != nil || got.ID == h.id {
		t.Fatalf("what came after the answer: %+v, %v", got, err)
	}
}

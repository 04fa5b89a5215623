package desk_test

import (
	"strings"
	"testing"

	"heartwood/internal/care/message"
	"heartwood/internal/hazard"
)

// Staff begin a thread from the patient's page: they see who it reaches, begin
// with a template, and what comes back is theirs.
func TestBeginAThread(t *testing.T) {
	hazard.Covers(t, "H-006")
	hazard.Covers(t, "H-024")
	h := newHouse(t, 30)
	who := h.sample[0]
	b := h.as("navigator").open("patient/"+who.ID).says(200, "Message")
	b.open("patient/" + who.ID + "/write")
	b.says(200, "To Mrs", "What it is about")
	b.submit("/write", "about", "How you are", "step", "fill", "template", "check-in")
	if text := b.find(`(?s)<textarea [^>]*name="message"[^>]*>(.*?)</textarea>`); !strings.Contains(text, "We want to know how you are now.") || strings.Contains(text, "{given}") {
		t.Fatalf("the template: %q", text)
	}
	b.submit("/write", "step", "preview").says(200, "What they will read", "We want to know how you are now.")
	if strings.Contains(b.body, `name="checked"`) {
		b.submit("/write").says(400, "tick that you have checked")
	}
	b.submit("/write", "checked", "yes", "seal", "of something else").says(422, "Check who it goes to")
	b.submit("/write", "checked", "yes", "about", "").says(400, "Say in a few words what it is about")
	b.submit("/write", "checked", "yes", "about", "How you are", "message", "Hello {given}").says(400, "Fill in {given}")
	b.submit("/write", "checked", "yes", "message", "How are you now?", "wait", "yes").says(200, "Sent.")
	b.open(b.find(`href="(/desk/[^"]*/request/[^"]*)"`)).says(200, "How you are", "Waiting for the patient", "How are you now?", "From us")
	in, err := message.New(h.store).Inbox(t.Context(), h.p.ODS(), "Patient/"+who.ID)
	must(t, err)
	if len(in) == 0 || in[0].Text != "How are you now?" {
		t.Fatalf("%+v", in)
	}
}

// What is planned is listed and can be stopped; a time that has gone is not
// taken, and nothing typed is lost.
func TestPlanAndStop(t *testing.T) {
	hazard.Covers(t, "H-035")
	h := newHouse(t, 30)
	who := h.sample[0]
	b := h.as("navigator").open("patient/" + who.ID + "/write")
	b.submit("/write", "checked", "yes", "about", "Later", "message", "Did it help?", "later-day", "2026-03-02", "later-time", "09:00").says(400, "still to come", "Did it help?")
	b.submit("/write", "checked", "yes", "later-day", "2026-03-05", "later-time", "").says(400, "both the day and the time")
	b.submit("/write", "checked", "yes", "later-day", "2026-03-05", "later-time", "09:00").says(200, "Planned. It goes at its time", "Did it help?", "Stop it")
	b.open("planned").says(200, "Did it help?")
	action := b.find(`action="(/desk/[^"]*/planned/[^"]*)"`)
	b.post(action, nil).says(200, "Stopped. It will not be sent.")
	b.open("planned").says(200, "No messages are planned.")
}

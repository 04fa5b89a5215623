package web_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/booking"
	"heartwood/internal/care/message"
	"heartwood/internal/care/request"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

var navigator = record.Author{Ref: "Practitioner/nav", Role: "navigator"}

// diary gives the practice a clinician with free times, tomorrow from 9.
func (y *surgery) diary(times int) {
	y.put("Practitioner/gp", `"name":[{"text":"Dr Grey"}]`)
	y.put("Practitioner/nav", `"name":[{"text":"Nat Vale"}]`)
	y.put("Schedule/gp", `"active":true,"actor":[{"reference":"Practitioner/gp","display":"Dr Grey"}]`)
	start := time.Now().Add(24 * time.Hour).Truncate(time.Hour)
	for i := range times {
		at := start.Add(time.Duration(i) * 15 * time.Minute)
		y.put(fmt.Sprintf("Slot/s%d", i), fmt.Sprintf(`"schedule":{"reference":"Schedule/gp"},"status":"free","serviceType":[{"text":"Routine"}],"start":%q,"end":%q`,
			at.Format(time.RFC3339), at.Add(15*time.Minute).Format(time.RFC3339)))
	}
}

// asked is a request of a person, in the ledger.
func (y *surgery) asked(as string) request.View {
	y.t.Helper()
	b := y.browser(as)
	b.to(y.t, "My left ear has been sore since Monday.")
	b.post(ask + "/check")
	for _, q := range y.queue() {
		if q.Patient == people[as].Ref {
			return q
		}
	}
	y.t.Fatal("the request is not in the ledger")
	return request.View{}
}

func (y *surgery) offer(patient string, q request.View) ident.Ref {
	y.t.Helper()
	p, _ := ident.ParseRef(patient)
	r, err := booking.New().Offer(context.Background(), y.practice, navigator, booking.OfferCommand{
		Patient: p, Request: ident.Ref{Type: "Task", ID: q.ID}, Reason: "To look at your ear", Constraint: booking.Constraint{Kind: "Routine"},
	})
	if err != nil {
		y.t.Fatal(err)
	}
	return r.Appointment.Appointment
}

func TestChoosingMovingAndCancelling(t *testing.T) {
	y := open(t)
	y.diary(3)
	ann := y.browser("ann")
	at := "/p/Z99901/of/me/appointments/" + y.offer("Patient/ann", y.asked("ann")).ID
	if p := ann.get("/p/Z99901/"); !strings.Contains(p.body, at+"/choose") {
		t.Errorf("the home page does not offer the choice: %d", p.status)
	}
	choose := ann.get(at + "/choose")
	if choose.status != 200 || !strings.Contains(choose.body, `value="s0"`) || !strings.Contains(choose.body, "Dr Grey") {
		t.Fatalf("choose: %d", choose.status)
	}
	if p := ann.post(at+"/choose", "token", token(choose.body)); p.status != 422 || !strings.Contains(p.body, "Choose a time") {
		t.Errorf("no choice: %d", p.status)
	}
	booked := ann.post(at+"/choose", "slot", "s0", "token", token(choose.body))
	if booked.status != 200 || booked.path != at || !strings.Contains(booked.body, "Your appointment is booked") {
		t.Fatalf("booked: %d at %s", booked.status, booked.path)
	}
	// The same form again shows the same booking.
	if p := ann.post(at+"/choose", "slot", "s0", "token", token(choose.body)); p.status != 200 || p.path != at {
		t.Errorf("again: %d at %s", p.status, p.path)
	}
	if ics := ann.get(at + "/calendar.ics"); ics.status != 200 || !strings.Contains(ics.body, "BEGIN:VEVENT") || strings.Contains(ics.body, "your ear") {
		t.Errorf("calendar: %d %s", ics.status, ics.body)
	}
	move := ann.get(at + "/choose")
	if p := ann.post(at+"/choose", "slot", "s1", "token", token(move.body)); p.status != 200 || !strings.Contains(p.path, "/appointments/") {
		t.Errorf("moved: %d at %s", p.status, p.path)
	}
	list := ann.get("/p/Z99901/of/me/appointments")
	coming := link(list.body, "/p/Z99901/of/me/appointments/")
	if p := ann.post(coming+"/cancel", "token", ident.NewID(), "reason", "better now"); p.status != 200 || !strings.Contains(p.body, "We have cancelled") {
		t.Errorf("cancelled %s: %d at %s", coming, p.status, p.path)
	}
	free, err := booking.New().Free(context.Background(), y.practice, booking.Query{})
	if err != nil || len(free) != 3 {
		t.Errorf("%d times free, %v", len(free), err)
	}
}

func TestWhoComesSecondGetsAChoice(t *testing.T) {
	hazard.Covers(t, "H-004")
	y := open(t)
	y.diary(2)
	ann, cat := y.browser("ann"), y.browser("cat")
	a := "/p/Z99901/of/me/appointments/" + y.offer("Patient/ann", y.asked("ann")).ID + "/choose"
	c := "/p/Z99901/of/me/appointments/" + y.offer("Patient/cat", y.asked("cat")).ID + "/choose"
	first, second := ann.get(a), cat.get(c)
	if p := ann.post(a, "slot", "s0", "token", token(first.body)); p.status != 200 {
		t.Fatalf("first: %d", p.status)
	}
	p := cat.post(c, "slot", "s0", "token", token(second.body))
	if p.status != 409 || !strings.Contains(p.body, "just taken that time") || !strings.Contains(p.body, `value="s1"`) || strings.Contains(p.body, `value="s0"`) {
		t.Errorf("second: %d %s", p.status, errorsOf(p.body))
	}
	if p := cat.post(c, "slot", "s1", "token", token(p.body)); p.status != 200 {
		t.Errorf("her next choice: %d", p.status)
	}
	// Nobody picks for somebody else.
	if p := cat.post(a, "slot", "s1", "token", ident.NewID()); p.status != 404 {
		t.Errorf("somebody else's offer: %d", p.status)
	}
}

func TestMessagesBothWays(t *testing.T) {
	y := open(t)
	y.diary(0)
	q := y.asked("ann")
	m := message.New(y.store)
	if _, err := m.Send(context.Background(), ods, navigator, message.Send{Request: q.ID, Patient: "Patient/ann", Text: "Is the ear running? <b>Tell us</b>", Await: true}, "send-1"); err != nil {
		t.Fatal(err)
	}
	ann := y.browser("ann")
	if p := ann.get("/p/Z99901/"); !strings.Contains(p.body, "1 new message") {
		t.Errorf("the home page does not say so: %d", p.status)
	}
	at := "/p/Z99901/of/me/requests/" + q.ID
	p := ann.get(at)
	if p.status != 200 || !strings.Contains(p.body, "Nat Vale") || !strings.Contains(p.body, "&lt;b&gt;Tell us") || !strings.Contains(p.body, "We need your reply") {
		t.Fatalf("the request: %d\n%s", p.status, p.body)
	}
	if h := ann.get("/p/Z99901/"); strings.Contains(h.body, "new message") {
		t.Error("a message that was read is still new")
	}
	if e := ann.upload(at, "", "", nil, "text", "", "token", token(p.body)); e.status != 422 || !strings.Contains(e.body, "Write your message") {
		t.Errorf("an empty reply: %d", e.status)
	}
	for range 2 { // sent twice, kept once
		if s := ann.upload(at, "", "", nil, "text", "Yes, since last night.", "token", token(p.body)); s.status != 200 || strings.Count(s.body, "Yes, since last night.") != 1 {
			t.Errorf("the reply: %d, %d times", s.status, strings.Count(s.body, "Yes, since last night."))
		}
	}
	if e := ann.upload(at, "", "", nil, "text", "Now I have crushing chest pain and I am sweating", "token", token(ann.get(at).body)); e.status != 200 || !strings.Contains(e.body, "nhsuk-card--care--emergency") {
		t.Errorf("an emergency in a reply: %d", e.status)
	}
}

// token is the form's own, as the page has it.
func token(body string) string {
	const before = `name="token" value="`
	i := strings.Index(body, before)
	if i < 0 {
		return ""
	}
	rest := body[i+len(before):]
	return rest[:strings.IndexByte(rest, '"')]
}

// link is the first link on a page that begins with prefix.
func link(body, prefix string) string {
	i := strings.Index(body, `href="`+prefix)
	if i < 0 {
		return ""
	}
	rest := body[i+len(`href="`):]
	return rest[:strings.IndexByte(rest, '"')]
}

// A message that was sent to many is read by who is signed in, is new until
// then, and what they answer is a request that says what it answers.
func TestAMessageToManyIsReadAndAnswered(t *testing.T) {
	y := open(t)
	for _, who := range []string{"ann", "cat"} {
		y.put("Communication/batch-"+who, `"status":"completed","category":[{"coding":[{"system":"`+care.MessageKind+`","code":"message"}]}],"basedOn":[{"reference":"Group/flu"}],"subject":{"reference":"Patient/`+who+`"},"recipient":[{"reference":"Patient/`+who+`"}],"sent":"2026-01-05T10:00:00Z","payload":[{"contentString":"Your flu jab is ready."}]`)
	}
	ann := y.browser("ann")
	const at = "/p/Z99901/of/me/messages/batch-ann"
	if p := ann.get("/p/Z99901/"); !strings.Contains(p.body, "1 new message") {
		t.Errorf("the home page does not say that it waits: %d", p.status)
	}
	if p := ann.get("/p/Z99901/of/me/requests"); !strings.Contains(p.body, at) || strings.Contains(p.body, "batch-cat") {
		t.Errorf("the list: %d", p.status)
	}
	read := ann.get(at)
	if read.status != 200 || !strings.Contains(read.body, "Your flu jab is ready.") {
		t.Fatalf("read: %d", read.status)
	}
	if p := ann.get("/p/Z99901/"); strings.Contains(p.body, "new message") {
		t.Error("it is still new")
	}
	if p := ann.get("/p/Z99901/of/me/messages/batch-cat"); p.status != 404 {
		t.Errorf("somebody else's: %d", p.status)
	}
	for range 2 { // the button pressed twice is one request
		p := ann.post(at, "text", "I would like it on Friday", "token", token(read.body))
		if p.status != 200 || !strings.Contains(p.body, "We have your message.") || !strings.Contains(p.body, "I would like it on Friday") {
			t.Fatalf("answered: %d at %s", p.status, p.path)
		}
	}
	q := y.queue()
	if len(q) != 1 || q[0].Patient != "Patient/ann" {
		t.Fatalf("%+v", q)
	}
	urgent := ann.post(at, "text", "I have crushing chest pain and I am sweating", "token", token(ann.get(at).body))
	if urgent.status != 200 || !strings.Contains(urgent.body, "999") || !strings.Contains(urgent.body, "We have your message too") {
		t.Errorf("an emergency: %d", urgent.status)
	}
}

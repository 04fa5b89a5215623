package web_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"heartwood/internal/care/booking"
	"heartwood/internal/care/request"
	"heartwood/internal/care/rota"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

const bookAt = "/p/Z99901/of/me/appointments/book"

// sold opens a sort of slot to any patient, unasked, every day from 10 to 12.
func (y *surgery) sold() {
	y.t.Helper()
	y.put("Practitioner/gp", `"name":[{"text":"Dr Grey"}]`)
	s := rota.Defaults()
	s.Templates = []rota.Template{{
		ID: "bloods", Name: "Blood tests", Clinician: ident.Ref{Type: "Practitioner", ID: "gp"}, ClinicianName: "Dr Grey",
		Days: [7]bool{true, true, true, true, true, true, true}, From: 600, To: 720, Length: 30, Type: "clinic",
		Modes: []booking.Mode{booking.FaceToFace}, Capacity: 1, Who: []string{booking.BySelf}, OpensDays: rota.Always,
	}}
	if err := rota.Save(context.Background(), y.practice, record.Author{Ref: "Practitioner/boss", Role: "manager"}, s); err != nil {
		y.t.Fatal(err)
	}
	// Slots are given here and not by the rota, which asks the opening hours.
	y.put("Schedule/gp", `"active":true,"actor":[{"reference":"Practitioner/gp","display":"Dr Grey"}]`)
	start := time.Now().Add(24 * time.Hour).Truncate(time.Hour)
	for i := range 3 {
		at := start.Add(time.Duration(i) * 30 * time.Minute)
		y.put(fmt.Sprintf("Slot/b%d", i), fmt.Sprintf(`"schedule":{"reference":"Schedule/gp"},"status":"free","serviceType":[{"text":"Clinic"}],"start":%q,"end":%q,"extension":[{"url":"%sslot-terms","extension":[{"url":"who","valueCode":"self"}]}]`,
			at.Format(time.RFC3339), at.Add(30*time.Minute).Format(time.RFC3339), "https://heartwood.example/fhir/StructureDefinition/"))
	}
}

func TestBookUnasked(t *testing.T) {
	y := open(t)
	ann := y.browser("ann")
	if p := ann.get("/p/Z99901/of/me/appointments"); strings.Contains(p.body, bookAt) {
		t.Error("booking is shown where nothing is sold to patients")
	}
	y.sold()
	if p := ann.get("/p/Z99901/of/me/appointments"); !strings.Contains(p.body, bookAt) {
		t.Error("booking is not shown")
	}
	p := ann.get(bookAt)
	if p.status != 200 || !strings.Contains(p.body, `value="Clinic"`) || strings.Contains(p.body, `value="Urgent appointment"`) {
		t.Fatalf("the sorts: %d", p.status)
	}
	if q := ann.post(bookAt, "token", token(p.body), "kind", "Clinic"); q.status != 422 || !strings.Contains(q.body, "what it is for") {
		t.Errorf("nothing is said of what for: %d", q.status)
	}
	q := ann.post(bookAt, "token", token(p.body), "kind", "Clinic", "about", "The yearly blood test")
	if q.status != 200 || !strings.Contains(q.body, `value="b0"`) || !strings.Contains(q.body, "The yearly blood test") {
		t.Fatalf("the times: %d", q.status)
	}
	done := ann.post(bookAt, "token", token(q.body), "step", "time", "kind", "Clinic", "about", "The yearly blood test", "slot", "b0")
	if done.status != 200 || !strings.Contains(done.body, "Your appointment is booked") || !strings.Contains(done.body, "The yearly blood test") {
		t.Fatalf("booked: %d %s", done.status, errorsOf(done.body))
	}
	again := ann.post(bookAt, "token", token(q.body), "step", "time", "kind", "Clinic", "about", "The yearly blood test", "slot", "b0")
	if again.path != done.path {
		t.Errorf("the same form again: %d %s", again.status, again.path)
	}
	p = ann.get(bookAt)
	if p := ann.post(bookAt, "token", token(p.body), "step", "time", "kind", "Clinic", "about", "Another", "slot", "b1"); p.status != 409 || !strings.Contains(p.body, "You have an appointment like this already") {
		t.Errorf("a second: %d", p.status)
	}
	// Somebody else is second, and chooses another time.
	cat := y.browser("cat")
	p = cat.get(bookAt)
	if p := cat.post(bookAt, "token", token(p.body), "step", "time", "kind", "Clinic", "about", "Bloods", "slot", "b0"); p.status != 409 || !strings.Contains(p.body, "just taken that time") || !strings.Contains(p.body, `value="b1"`) {
		t.Errorf("second: %d", p.status)
	}
	// What is booked unasked can be moved and cancelled by its patient.
	if p := ann.get(done.path + "/choose"); p.status != 200 || !strings.Contains(p.body, `value="b1"`) {
		t.Errorf("moving: %d", p.status)
	} else if p := ann.post(done.path+"/choose", "token", token(p.body), "slot", "b1"); p.status != 200 || !strings.Contains(p.body, "Your appointment is booked") {
		t.Errorf("moved: %d %s", p.status, errorsOf(p.body))
	}
	if len(y.queue()) != 0 {
		t.Error("booking made a request")
	}
}

// Words of danger beside an appointment are heeded: nothing routine is booked,
// the words reach the queue, and the person is told what to do now.
func TestWordsBesideAnAppointment(t *testing.T) {
	hazard.Covers(t, "H-002")
	y := open(t)
	y.sold()
	ann := y.browser("ann")
	p := ann.get(bookAt)
	form := []string{"token", token(p.body), "kind", "Clinic", "about", "I have crushing chest pain and I am sweating"}
	got := ann.post(bookAt, form...)
	if got.status != 200 || !strings.Contains(got.body, "999") || !strings.Contains(got.body, "We have not booked a time yet") {
		t.Fatalf("the advice: %d", got.status)
	}
	ann.post(bookAt, append(form, "step", "time", "slot", "b0")...) // not by the second form either
	if q := y.queue(); len(q) != 1 || q[0].Urgency != request.Stat {
		t.Fatalf("the queue: %+v", q)
	} else if q, err := request.New(y.store).Load(t.Context(), ods, q[0].ID); err != nil || !strings.Contains(q.About(), "crushing chest pain") {
		t.Errorf("what the queue has: %q %v", q.About(), err)
	}
	if p := ann.get("/p/Z99901/of/me/appointments"); strings.Contains(p.body, "Dr Grey") {
		t.Error("a time was booked all the same")
	}
	// Other words under the same form are not taken for the first.
	form[5] = "I have crushing chest pain, and now I cannot breathe"
	ann.post(bookAt, form...)
	if q := y.queue(); len(q) != 2 {
		t.Errorf("%d requests of two different messages", len(q))
	}
	// The reason of a cancellation is read too.
	cat := y.browser("cat")
	p = cat.get(bookAt)
	booked := cat.post(bookAt, "token", token(p.body), "step", "time", "kind", "Clinic", "about", "The yearly blood test", "slot", "b2")
	p = cat.get(booked.path + "/cancel")
	got = cat.post(booked.path+"/cancel", "token", token(p.body), "reason", "My face has drooped and I cannot lift my arm")
	if got.status != 200 || !strings.Contains(got.body, "999") || !strings.Contains(got.body, "We have cancelled your appointment") {
		t.Errorf("the advice on cancelling: %d %s", got.status, errorsOf(got.body))
	}
	if q := y.queue(); len(q) != 3 {
		t.Errorf("%d requests after a cancellation with words of danger", len(q))
	}
}

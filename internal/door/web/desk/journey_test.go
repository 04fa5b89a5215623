package desk_test

import (
	"strings"
	"testing"
	"time"
)

// take makes a request for somebody on the phone, and gives its path.
func take(h *house, patient, what string) string {
	h.t.Helper()
	b := h.as("navigator").open("new?patient=" + patient)
	b.says(200, "New request")
	b.submit("/new", "channel", "phone", "kind", "new-problem", "what", what, "how-long", "1 to 3 days", "contact-how", "phone", "step", "save")
	b.says(200)
	return b.find(`href="(/desk/[A-Z0-9]+/request/[^"/]+)"`)
}

func TestJourney(t *testing.T) {
	h := newHouse(t, 30)
	patient := h.sample[0]
	path := take(h, patient.ID, "My knee has been sore since I fell on the stairs")

	nav := h.as("navigator")
	nav.open("").says(200, "My knee has been sore", patient.Name, "Phone", "Routine")
	nav.open(path).says(200, "My knee has been sore", "Allergies", "Problems", "Medicines", "Waiting to be looked at")

	nav.submit("/urgency", "urgency", "asap", "reason", "cannot bear weight").says(200, "Urgency saved", "Within 2 hours", "cannot bear weight")
	gp := h.staff["clinician"]
	nav.submit("/assign", "owner", gp.Ref).says(200, "Assigned", gp.Name)
	h.as("clinician").open("?show=mine").says(200, "My knee has been sore", "You")

	nav.open(path).submit("/reply", "message", "", "step", "").says(400, "Write the message first")
	nav.submit("/reply", "message", "Can you send a photo of it?", "step", "preview").says(200, "What they will read", "Can you send a photo of it?")
	nav.submit("/reply", "message", "Can you send a photo of it?", "wait", "yes").says(200, "Sent.", "Can you send a photo of it?", "Waiting for the patient")
	nav.open("?show=patient").says(200, "My knee has been sore")

	nav.open(path).submit("/offer", "until", h.day(7)).says(200, "Offer sent", "a choice of")
	slot := nav.open(path + "/offer").find(`name="slot" id="slot-0" value="([^"]+)"`)
	nav.submit("/book", "slot", slot).says(200, "Booked", "Appointment booked", "Your appointment is on")
	nav.open(path).submit("/job", "what", "Ring the fracture clinic", "owner", gp.Ref, "by", h.day(1)).says(200, "Job given", "Ring the fracture clinic")
	doc := h.as("clinician").open("jobs").says(200, "Ring the fracture clinic", patient.Name)
	doc.submit("/jobs/"+doc.find(`action="[^"]*/jobs/([a-z0-9]+)"`), "done", "").says(400, "Write what was done")
	doc.submit("", "done", "They will ring her").says(200, "Job done").silent("Ring the fracture clinic")

	note := h.as("clinician").open("consult?request="+path[strings.LastIndex(path, "/")+1:]).says(200, "Consultation", "My knee has been sore")
	note.submit("/consult", "mode", "telephone", "reason", "Knee pain", "history", "Fell on the stairs", "examination", "Swollen, full range", "plan", "Rest and ice",
		"safety-netting", "Come back if it locks or gives way", "bp", "128/76", "pulse", "72", "step", "sign")
	note.says(200, "Consultation signed", "Close with an outcome", "recorded a consultation", "Come back if it locks")

	closing := h.as("clinician").open(path)
	closing.submit("/close", "outcome", "", "told", "Rest it").says(400, "Choose an outcome", "Rest it")
	closing.submit("/close", "outcome", "consultation", "told", "").says(400, "Write what the patient is told")
	closing.submit("/close", "outcome", "consultation", "told", "Rest it for a week").says(200, "Closed", "Consultation done", "Rest it for a week")
	nav.open("").says(200).silent("My knee has been sore")

	nav.open(path).submit("/reopen", "reason", "they rang again").says(200, "Open again", "they rang again")
	nav.open("").says(200, "My knee has been sore")
	h.as("clinician").open("patient/"+patient.ID+"?part=looked").says(200, "Request", "Direct care", gp.Name)
}

func (h *house) day(n int) string { return h.p.Now().AddDate(0, 0, n).Format(time.DateOnly) }

func TestRedFlagOnTheDesk(t *testing.T) {
	h := newHouse(t, 20)
	b := h.as("navigator").open("new?patient=" + h.sample[0].ID)
	b.submit("/new", "channel", "desk", "kind", "new-problem", "contact-how", "phone", "step", "save",
		"what", "I have crushing chest pain going down my left arm and I am sweating").says(200, "Tell them now", "999")
	path := b.find(`href="(/desk/[A-Z0-9]+/request/[^"/]+)"`)
	h.as("navigator").open("").says(200, "Emergency", "Desk")
	h.as("navigator").open(path).says(200, "Written:", "Agree", "Only a clinician can overrule")
	doc := h.as("clinician").open(path)
	doc.submit("/flag", "decision", "overrule", "reason", "").says(400, "Say why")
	doc.submit("/flag", "decision", "overrule", "reason", "known muscle strain, seen yesterday").
		says(200, "Decision about the red flag saved", "known muscle strain", "overruled", "Emergency")
}

func TestNobodyOverwritesAColleague(t *testing.T) {
	h := newHouse(t, 20)
	path := take(h, h.sample[0].ID, "I need a letter for my employer")
	one, two := h.as("navigator").open(path), h.as("clinician").open(path)
	one.submit("/urgency", "urgency", "urgent", "reason", "needed today").says(200, "Urgency saved")
	two.submit("/reply", "message", "Please send us the form.").
		says(409, "Someone else changed this request", h.staff["navigator"].Name+", today 10:00: raised to urgent", "Please send us the form.", "needed today")
	two.submit("/reply", "message", "Please send us the form.").says(200, "Sent.")
}

func TestOnlyStaffOfThePractice(t *testing.T) {
	h := newHouse(t, 20)
	path := take(h, h.sample[0].ID, "A repeat prescription please")
	nav := h.staff["navigator"]
	elsewhere := nav
	elsewhere.Practice = "Z99999"
	h.staff["elsewhere"] = elsewhere
	patient := nav
	patient.Role, patient.Ref, patient.Patients = "patient", "Patient/"+h.sample[0].ID, []string{"Patient/" + h.sample[0].ID}
	h.staff["patient"] = patient
	for _, p := range []string{
		"", "patients", "new", "diary", "jobs", "consult?patient=" + h.sample[0].ID, "patient/" + h.sample[0].ID, path, "codes?q=a",
		"/live/" + string(h.p.ODS()) + "/queue",
	} {
		h.as("elsewhere").open(p).says(403)
		h.as("patient").open(p).says(403)
		h.as("").open(p).says(401)
	}
	h.as("navigator").open("consult?patient="+h.sample[0].ID).says(403, "record a consultation")
	h.as("manager").open(path).says(200, "Your role does not show clinical records").silent("Allergies", "Reply", "Close with")
	h.as("manager").open("patient/" + h.sample[0].ID).says(403)
}

func TestFindingPatients(t *testing.T) {
	h := newHouse(t, 30)
	who := h.sample[0]
	for _, q := range []string{who.Name, who.NHS.String(), who.Born.Format("2/1/2006"), strings.Fields(who.Name)[len(strings.Fields(who.Name))-1] + " " + who.Born.Format(time.DateOnly)} {
		h.as("navigator").open("patients?q="+strings.ReplaceAll(q, " ", "+")).says(200, who.Name)
	}
	h.as("navigator").open("patients?q=Zzzyx").says(200, "Nobody registered here matches")
	h.as("navigator").open("patients?q=%3Cscript%3E").says(200).silent("<script>")
}

func TestADraftIsNeverLost(t *testing.T) {
	h := newHouse(t, 20)
	path := take(h, h.sample[0].ID, "My ears are blocked")
	id := path[strings.LastIndex(path, "/")+1:]
	doc := h.as("clinician").open("consult?request="+id).submit("/consult", "history", "Both ears, a week", "step", "save").says(200, "Draft saved", "Both ears, a week")
	doc.submit("/consult", "codeq", "Earwax", "step", "code").says(200, "Both ears, a week")
	h.as("clinician").open("consult?request="+id).says(200, "Both ears, a week", "draft")
	h.as("clinician").open("jobs").says(200, "Consultations that you have not signed", h.sample[0].Name)
	h.as("clinician").open(path).says(200, "began a consultation, not signed yet")
	bad := h.as("clinician").open("consult?request=" + id)
	bad.submit("/consult", "bp", "high", "history", "Both ears, two weeks", "step", "sign").says(400, "two numbers, such as 120/80", "Both ears, two weeks")
}

func TestTwoPeopleBookTheSameTime(t *testing.T) {
	h := newHouse(t, 20)
	one := h.as("navigator").open(take(h, h.sample[0].ID, "A blood pressure check") + "/offer")
	two := h.as("navigator").open(take(h, h.sample[1].ID, "A cervical screening test") + "/offer")
	slot := one.find(`name="slot" id="slot-0" value="([^"]+)"`)
	one.submit("/book", "slot", slot).says(200, "Booked")
	two.submit("/book", "slot", slot).says(409, "First free times").silent("Booked.")
	if two.find(`name="slot" id="slot-0" value="([^"]+)"`) == slot {
		t.Error("the slot that was taken is offered again")
	}
}

func TestTheSameFormTwice(t *testing.T) {
	h := newHouse(t, 20)
	b := h.as("navigator").open("new?patient=" + h.sample[0].ID)
	page := *b
	page.submit("/new", "channel", "phone", "kind", "admin", "contact-how", "phone", "what", "A letter please", "step", "save").says(200, "Recorded as")
	again := *b
	again.submit("/new", "channel", "phone", "kind", "admin", "contact-how", "phone", "what", "A letter please", "step", "save").says(200, "Recorded as")
	if one, two := page.find(`Recorded as ([A-Z0-9-]+)`), again.find(`Recorded as ([A-Z0-9-]+)`); one != two {
		t.Errorf("one form made two requests: %s and %s", one, two)
	}
	h.as("navigator").open("").says(200, "1 open request ")
}

func TestOneFormForACaller(t *testing.T) {
	h := newHouse(t, 20)
	who := h.sample[0]
	b := h.as("navigator").open("new").submit("/new", "who", who.NHS.String(), "what", "A rash on my leg", "step", "find").says(200, who.Name, "A rash on my leg")
	b.submit("/new", "kind", "new-problem", "contact-how", "phone", "contact-number", "", "step", "save").says(200, "Recorded as")
	h.as("navigator").open("new").submit("/new", "who", "Zzyzx", "what", "Keep these words", "step", "find").
		says(200, "Nobody registered here matches", "Keep these words")
}

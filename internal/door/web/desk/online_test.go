package desk_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"heartwood/internal/record"

	"heartwood/internal/access"
)

func (h *house) online(id string) string { return "patient/" + id + "/online" }

func TestGivingAPatientOnlineAccess(t *testing.T) {
	h := newHouse(t, 30)
	ann := h.sample[0]
	n := h.as("navigator")
	n.open("patient/"+ann.ID).says(200, "Online access")
	at := h.online(ann.ID)
	n.open(at).says(200, "They cannot sign in yet", "Give online access")
	n.submit("/online", "do", "give", "email", "ann@example").says(400, "Say how you checked who they are")
	n.submit("/online", "do", "give", "email", "not an address", "checked", "photo").says(400, "Enter an e-mail address like")
	n.submit("/online", "do", "give", "email", "Ann@Example.org", "checked", "photo").
		says(200, "They now have online access. We have e-mailed them a link", "ann@example.org", "Identity: I saw a photo document", "Given by "+h.staff["navigator"].Name).
		silent("They cannot sign in yet")
	if len(h.letters) != 1 || h.letters[0].To != "ann@example.org" || !strings.Contains(h.letters[0].Text, "https://care.example/sign-in/link/") {
		t.Fatalf("the letters: %+v", h.letters)
	}
	own, err := h.accounts.For(t.Context(), h.p.ODS(), "Patient/"+ann.ID)
	must(t, err)
	if len(own) != 1 || own[0].Role != access.Patient || !strings.HasSuffix(own[0].Name, ann.Name) || own[0].Disabled {
		t.Fatalf("%+v", own)
	}
	n.post(h.desk(at), url.Values{"do": {"give"}, "email": {"two@example.org"}, "checked": {"photo"}}).says(400, "has online access already")
	n.open(at).submit("/online", "do", "letter").says(200, "We have e-mailed a link")
	n.submit("/online", "do", "stop").says(200, "Access stopped", "Stopped", "Give back")
	n.submit("/online", "do", "restore").says(200, "Access given back").silent("Stopped", "Give back")
}

func TestLettingSomebodyActForAPatient(t *testing.T) {
	h := newHouse(t, 30)
	mum, child := h.sample[0], h.sample[1]
	m, err := h.accounts.Add(t.Context(), record.System, access.Account{
		Practice: h.p.ODS(), Name: mum.Name, Role: access.Patient, Ref: "Patient/" + mum.ID, Email: "mum@example.org",
	})
	must(t, err)
	n := h.as("clinician")
	at := h.online(child.ID)
	form := url.Values{
		"do": {"proxy"}, "scope": {"ask", "book"}, "proxy-name": {"Mrs " + strings.ToUpper(mum.Name)}, "proxy-email": {"mum@example.org"}, "relationship": {"mother"},
		"given": {"Birth certificate seen"}, "until-day": {"1"}, "until-month": {"4"}, "until-year": {"2026"}, "proxy-checked": {"vouched"},
	}
	without := func(field string) url.Values {
		v := url.Values{}
		for k, s := range form {
			if k != field {
				v[k] = s
			}
		}
		return v
	}
	for field, want := range map[string]string{
		"proxy-name": "Enter the name", "relationship": "Say who they are", "given": "Say why", "proxy-checked": "how you checked", "until-day": "real date",
	} {
		n.post(h.desk(at), without(field)).says(400, want)
	}
	past := without("")
	past["until-year"] = []string{"2025"}
	n.post(h.desk(at), past).says(400, "The last day must be today or later")
	// A patient with an account of that name and address gets no second one.
	n.post(h.desk(at), form).says(200, "They may now act for this patient", mum.Name+" , mother, until 1 April 2026", "Why: Birth certificate seen", "Given by "+h.staff["clinician"].Name)
	if m, err = h.accounts.Get(t.Context(), h.p.ODS(), m.ID); err != nil || !m.Acts("Patient/"+child.ID, h.p.Now()) {
		t.Errorf("she does not act for the child: %+v, %v", m.Charges, err)
	}
	n.open(h.online(mum.ID)).says(200, child.Name+" as their mother")
	// It ends by itself.
	h.clock.Add(int64(40 * 24 * time.Hour))
	n.open(at).says(200, "Ended")
	// Somebody who is not a patient here gets an account of their own.
	form = url.Values{
		"do": {"proxy"}, "scope": {"ask", "book"}, "proxy-name": {"Jo Carer"}, "proxy-email": {"jo@example.org"}, "relationship": {"carer"},
		"given": {"The patient asked for it"}, "proxy-checked": {"photo"},
	}
	n.post(h.desk(at), form).says(200, "We have e-mailed them a link", "Jo Carer , carer, until it is stopped")
	jo, err := h.accounts.ByEmail(t.Context(), h.p.ODS(), "jo@example.org")
	must(t, err)
	if len(jo) != 1 || jo[0].Role != access.Proxy || !jo[0].Acts("Patient/"+child.ID, h.p.Now()) || len(h.letters) != 1 {
		t.Fatalf("%+v, %d letters", jo, len(h.letters))
	}
	n.post(h.desk(at), url.Values{"do": {"take"}, "account": {jo[0].ID}}).says(200, "Access stopped").silent("Jo Carer")
	if jo[0], err = h.accounts.Get(t.Context(), h.p.ODS(), jo[0].ID); err != nil || jo[0].Acts("Patient/"+child.ID, h.p.Now()) {
		t.Errorf("he still acts: %+v, %v", jo[0].Charges, err)
	}
}

func TestWhoGivesAccess(t *testing.T) {
	h := newHouse(t, 30)
	at, other := h.online(h.sample[0].ID), h.online(h.sample[1].ID)
	h.as("manager").open(at).says(200, "Give online access").silent("Medicines")
	h.staff["patient"] = access.Person{AccountID: "p", Name: "P", Role: access.Patient, Practice: h.p.ODS(), Ref: "Patient/" + h.sample[0].ID, Patients: []string{"Patient/" + h.sample[0].ID}}
	h.staff["elsewhere"] = access.Person{AccountID: "e", Name: "E", Role: access.Manager, Practice: "Z99999", Ref: "Practitioner/e"}
	give := url.Values{"do": {"give"}, "email": {"x@example.org"}, "checked": {"photo"}}
	for _, as := range []string{"patient", "elsewhere"} {
		h.as(as).open(at).says(403)
		h.as(as).post(h.desk(at), give).says(403)
	}
	h.as("").open(at).says(401)
	// Nobody changes one patient's access by way of another's page.
	h.as("manager").post(h.desk(at), give).says(200, "They now have online access")
	own, err := h.accounts.For(t.Context(), h.p.ODS(), "Patient/"+h.sample[0].ID)
	must(t, err)
	for _, do := range []string{"stop", "restore", "letter", "take"} {
		h.as("manager").post(h.desk(other), url.Values{"do": {do}, "account": {own[0].ID}}).says(404)
	}
	h.as("manager").open("patient/" + "nobody/online").says(404)
	var seen bool
	sights, err := h.p.Accesses(t.Context(), "Patient/"+h.sample[0].ID, time.Time{}, 50)
	must(t, err)
	for _, s := range sights {
		seen = seen || s.Type == "online access" && s.Author.Ref == h.staff["manager"].Ref
	}
	if !seen {
		t.Error("the manager's sight is not in the access log")
	}
}

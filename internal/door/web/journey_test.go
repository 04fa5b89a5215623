package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"heartwood/internal/care/request"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
)

func TestAskingWithoutAnAccount(t *testing.T) {
	hazard.Covers(t, "H-001")
	y := open(t)
	b := y.browser("")
	at := b.to(t, "My left ear has been sore since Monday.")
	if at.path != ask+"/check" || !strings.Contains(at.body, "My left ear") || !strings.Contains(at.body, "3 April 1980") {
		t.Fatalf("at %s", at.path)
	}
	if n := len(y.queue()); n != 0 {
		t.Fatalf("%d requests before sending", n)
	}
	sent := b.post(ask + "/check")
	ref := reference.FindString(sent.body)
	if sent.path != ask+"/sent" || ref == "" || !strings.Contains(sent.body, "What happens next") {
		t.Fatalf("at %s: %s", sent.path, errorsOf(sent.body))
	}
	q := y.queue()
	if len(q) != 1 || q[0].Reference != ref || q[0].Name != "Dee Dunn" || q[0].Channel != request.Web {
		t.Fatalf("the ledger has %+v", q)
	}
	// Sent again, gone back, opened again: the same receipt, one request.
	for _, again := range []seen{b.post(ask + "/check"), b.get(ask + "/what"), b.get(ask + "/sent"), b.post(ask+"/what", "what", "other")} {
		if again.path != ask+"/sent" || reference.FindString(again.body) != ref {
			t.Errorf("again: %s, %s", again.path, reference.FindString(again.body))
		}
	}
	if n := len(y.queue()); n != 1 {
		t.Errorf("%d requests after sending again", n)
	}
}

func TestAskingForSomebodyElseWithoutAnAccount(t *testing.T) {
	y := open(t)
	b := y.browser("")
	b.post(ask)
	you := b.post(ask+"/who", "asker", "proxy")
	if !strings.Contains(you.body, "Your own name") || !strings.Contains(you.body, "Who you are to them") || strings.Contains(you.body, "bday-day") {
		t.Fatalf("%d: the page does not ask who is asking", you.status)
	}
	them := []string{"given", "Dee", "family", "Dunn", "birth-day", "3", "birth-month", "4", "birth-year", "1940", "phone", "07700 900 002"}
	if p := b.post(ask+"/you", them...); p.status != 422 || !strings.Contains(p.body, "Enter your own name") || !strings.Contains(p.body, "who you are to them") {
		t.Errorf("nobody asks: %d %s", p.status, errorsOf(p.body))
	}
	b.post(ask+"/you", append(them, "by", "Jo Dunn", "relationship", "daughter")...)
	b.post(ask+"/kind", "kind", "admin")
	b.post(ask+"/what", "what", "A letter for her carers, please.")
	b.post(ask + "/by-when")
	b.upload(ask+"/photos", "", "", nil)
	at := b.post(ask+"/contact", "contact-how", "phone", "contact-number", "07700 900 002")
	if at.path != ask+"/check" || !strings.Contains(at.body, "Jo Dunn") || !strings.Contains(at.body, "daughter") {
		t.Fatalf("at %s: %s", at.path, errorsOf(at.body))
	}
	// Changing who it is for asks again whose name was given.
	if p := b.post(ask+"/who", "asker", "self"); p.path != ask+"/you" {
		t.Errorf("after the change at %s", p.path)
	}
	b.post(ask+"/who", "asker", "proxy")
	b.post(ask+"/you", append(them, "by", "Jo Dunn", "relationship", "daughter")...)
	if p := b.post(ask + "/check"); p.path != ask+"/sent" {
		t.Fatalf("at %s: %s", p.path, errorsOf(p.body))
	}
	q := y.queue()
	if len(q) != 1 || q[0].Name != "Dee Dunn" {
		t.Fatalf("the ledger has %+v", q)
	}
}

func TestOneRequestFromManySendings(t *testing.T) {
	hazard.Covers(t, "H-009")
	y := open(t)
	b := y.browser("")
	b.to(t, "My left ear has been sore since Monday.")
	var wg sync.WaitGroup
	refs := make([]string, 8)
	for i := range refs {
		wg.Go(func() { refs[i] = reference.FindString(b.post(ask + "/check").body) })
	}
	wg.Wait()
	for _, r := range refs {
		if r == "" || r != refs[0] {
			t.Errorf("receipts %v", refs)
			break
		}
	}
	if n := len(y.queue()); n != 1 {
		t.Errorf("%d requests", n)
	}
}

func TestEmergencyIsToldAtOnceAndKept(t *testing.T) {
	hazard.Covers(t, "H-002")
	y := open(t)
	b := y.browser("")
	at := b.to(t, "I have crushing chest pain going down my left arm and I am sweating.")
	if at.path != ask+"/sent" || !strings.Contains(at.body, "nhsuk-card--care--emergency") || !strings.Contains(at.body, "tel:999") {
		t.Fatalf("at %s", at.path)
	}
	q := y.queue()
	if len(q) != 1 || q[0].Urgency != request.Stat || reference.FindString(at.body) != q[0].Reference {
		t.Errorf("the ledger has %+v", q)
	}
}

func TestEmergencyIsToldEvenWhenTheRecordIsAway(t *testing.T) {
	hazard.Covers(t, "H-002")
	y := open(t)
	b := y.browser("")
	b.post(ask)
	b.post(ask+"/who", "asker", "self")
	b.post(ask+"/you", "given", "Dee", "family", "Dunn", "birth-day", "3", "birth-month", "4", "birth-year", "1980", "phone", "07700 900 002")
	b.post(ask+"/kind", "kind", "new-problem")
	if err := y.store.Close(); err != nil {
		t.Fatal(err)
	}
	at := b.post(ask+"/what", "what", "I have crushing chest pain going down my left arm and I am sweating.")
	for _, want := range []string{"nhsuk-card--care--emergency", "tel:999", "We could not keep your request"} {
		if !strings.Contains(at.body, want) {
			t.Errorf("%d at %s: the page lacks %q", at.status, at.path, want)
		}
	}
}

func TestHostileTextIsKeptAndEscaped(t *testing.T) {
	y := open(t)
	b := y.browser("ann")
	const bad = `<script>alert(1)</script>'; DROP TABLE x;-- "onmouseover="x`
	if at := b.to(t, bad); strings.Contains(at.body, "<script>alert") {
		t.Error("the check page has it raw")
	}
	b.post(ask + "/check")
	q := y.queue()
	if len(q) != 1 {
		t.Fatalf("%d requests", len(q))
	}
	at := b.get("/p/Z99901/of/me/requests/" + q[0].ID)
	if at.status != 200 || strings.Contains(at.body, "<script>alert") || !strings.Contains(at.body, "DROP TABLE") {
		t.Errorf("the request: %d", at.status)
	}
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	y := open(t)
	b := y.browser("")
	b.post(ask)
	if at := b.post(ask + "/who"); at.status != 422 || !strings.Contains(at.body, "Choose who needs help") {
		t.Errorf("who: %d", at.status)
	}
	b.post(ask+"/who", "asker", "self")
	at := b.post(ask+"/you", "given", "", "family", "x", "birth-day", "31", "birth-month", "2", "birth-year", "2020", "phone", "abc", "nhs-number", "123 456 7890")
	for _, want := range []string{"Enter a first name", "must be a real date", "Enter a phone number, like", "This is not an NHS number"} {
		if !strings.Contains(at.body, want) {
			t.Errorf("not named: %s", want)
		}
	}
	if at := b.get(ask + "/check"); at.path != ask+"/you" {
		t.Errorf("a form that is not filled in went on to %s", at.path)
	}
	if at := b.post(ask + "/check"); at.path != ask+"/you" || len(y.queue()) != 0 {
		t.Errorf("a form that is not filled in was sent: %s", at.path)
	}
}

func TestUploadThatLies(t *testing.T) {
	y := open(t)
	b := y.browser("ann")
	b.post(ask)
	b.post(ask+"/who", "asker", "Patient/ann")
	b.post(ask+"/kind", "kind", "admin")
	b.post(ask+"/what", "what", "A form to sign")
	b.post(ask + "/by-when")
	for _, c := range []struct {
		name, media string
		data        string
	}{
		{"photo.jpg", "image/jpeg", "<html><script>alert(1)</script>"},
		{"photo.png", "image/png", "\x89PNG\r\n\x1a\nnot really"},
		{"run.exe", "application/octet-stream", "MZ\x90\x00"},
		{"x.svg", "image/svg+xml", "<svg onload='alert(1)'/>"},
	} {
		at := b.upload(ask+"/photos", c.name, c.media, []byte(c.data))
		if at.status != 422 || !strings.Contains(at.body, "There is a problem") {
			t.Errorf("%s: %d at %s", c.name, at.status, at.path)
		}
	}
}

func TestNobodySeesAnotherPersonsPages(t *testing.T) {
	hazard.Covers(t, "H-006")
	y := open(t)
	ann, cat := y.browser("ann"), y.browser("cat")
	ann.to(t, "My left ear has been sore since Monday.")
	ann.post(ask + "/check")
	q := y.queue()
	if len(q) != 1 || q[0].Patient != "Patient/ann" {
		t.Fatalf("the ledger has %+v", q)
	}
	if at := ann.get("/p/Z99901/of/me/requests"); !strings.Contains(at.body, q[0].Reference) {
		t.Errorf("her own list: %d", at.status)
	}
	for path, want := range map[string]int{
		"/p/Z99901/of/ann/requests":               403,
		"/p/Z99901/of/ann/record":                 403,
		"/p/Z99901/of/ann/looked":                 403,
		"/p/Z99901/of/me/requests/" + q[0].ID:     404,
		"/p/Z99901/of/me/requests/nonsense":       404,
		"/p/Z99901/of/me/appointments/nonsense":   404,
		"/p/Z99901/of/%3Cscript%3E/requests":      403,
		"/p/Z99901/of/ben/requests/" + q[0].ID:    403,
		"/p/Z99901/of/me/requests/" + q[0].ID[:4]: 404,
	} {
		if at := cat.get(path); at.status != want {
			t.Errorf("%s: %d, want %d", path, at.status, want)
		}
	}
	// A mother does not find her own request among her child's.
	if at := ann.get("/p/Z99901/of/ben/requests/" + q[0].ID); at.status != 404 {
		t.Errorf("her request under her child's name: %d", at.status)
	}
	if at := cat.post("/p/Z99901/of/ann/requests/"+q[0].ID, "text", "hello", "token", ident.NewID()); at.status != 403 {
		t.Errorf("a reply to somebody else's request: %d", at.status)
	}
}

func TestEverySightIsInTheAccessLog(t *testing.T) {
	y := open(t)
	ann := y.browser("ann")
	for _, page := range []string{"requests", "appointments", "record", "record/all", "looked"} {
		before := len(y.accesses("Patient/ann"))
		if at := ann.get("/p/Z99901/of/me/" + page); at.status != 200 {
			t.Errorf("%s: %d", page, at.status)
		}
		if len(y.accesses("Patient/ann")) <= before {
			t.Errorf("%s was shown and not logged", page)
		}
	}
	at := ann.get("/p/Z99901/of/ben/requests")
	if at.status != 200 || !strings.Contains(at.body, "You are acting for <strong>Ben Ashe</strong>") {
		t.Errorf("the child's requests: %d", at.status)
	}
	if a := y.accesses("Patient/ben"); len(a) != 1 || a[0].Purpose != "proxy access" || a[0].Author.Ref != "Patient/ann" {
		t.Errorf("the child's access log: %+v", a)
	}
	if at := ann.get("/p/Z99901/of/ben/looked"); !strings.Contains(at.body, "You") {
		t.Error("the child's page does not say that she looked")
	}
}

func TestSignedOutInTheMiddleLosesNothing(t *testing.T) {
	hazard.Covers(t, "H-001")
	y := open(t)
	b := y.browser("ann")
	b.post(ask)
	b.post(ask+"/who", "asker", "Patient/ann")
	b.post(ask+"/kind", "kind", "new-problem")
	u, _ := url.Parse(y.server.URL)
	b.c.Jar.SetCookies(u, []*http.Cookie{{Name: "as", Path: "/", MaxAge: -1}})
	at := b.post(ask+"/what", "what", "My left ear has been sore since Monday.")
	if at.status != 401 || !strings.Contains(at.body, "kept what you had filled in") || strings.Contains(at.body, "sore") ||
		!strings.Contains(at.body, "/sign-in?next=%2Fp%2FZ99901%2Fask") {
		t.Fatalf("signed out: %d", at.status)
	}
	if p := b.get(ask); strings.Contains(p.body, "Carry on") || strings.Contains(p.body, "sore") {
		t.Error("the form is offered to whoever is there")
	}
	b.c.Jar.SetCookies(u, []*http.Cookie{{Name: "as", Value: "cat", Path: "/"}})
	if p := b.get(ask + "/what"); p.path != ask || strings.Contains(p.body, "sore") {
		t.Errorf("somebody else: %s", p.path)
	}
	b.c.Jar.SetCookies(u, []*http.Cookie{{Name: "as", Value: "ann", Path: "/"}})
	if p := b.get(ask); !strings.Contains(p.body, ask+"/how-long") {
		t.Error("the form does not go on where it was")
	}
	if p := b.get(ask + "/what"); !strings.Contains(p.body, "My left ear has been sore") {
		t.Error("what was typed is lost")
	}
}

package delivery_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/delivery"
	"heartwood/internal/care/message"
	"heartwood/internal/care/request"
	"heartwood/internal/care/search"
	"heartwood/internal/care/write"
	"heartwood/internal/fhir"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
)

const ods = ident.ODS("Z99901")

var (
	ctx  = context.Background()
	ann  = record.Author{Ref: "Patient/ann", Role: care.RolePatient}
	gp   = record.Author{Ref: "Practitioner/gp", Role: care.RoleClinician}
	self = record.Author{Ref: "Device/heartwood", Role: care.RoleSystem}
)

type house struct {
	t   *testing.T
	p   *record.Practice
	s   *delivery.Service
	now time.Time
	has map[delivery.Medium]bool
}

func open(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, now: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), has: map[delivery.Medium]bool{delivery.SMS: true, delivery.Email: true, delivery.Letter: true}}
	store := memory.Open(t, func() time.Time { return h.now })
	h.p, _ = store.Practice(ods)
	h.s = &delivery.Service{Can: func(_ ident.ODS, m delivery.Medium) bool { return h.has[m] }, Link: func(ident.ODS, ident.Ref) string { return "https://x.example/m/1" }}
	w, err := record.Prepare(ident.Ref{Type: "Patient", ID: "ann"}, []byte(`{"resourceType":"Patient","id":"ann","birthDate":"1980-01-01","name":[{"given":["Ann"],"family":"Example"}],"telecom":[{"system":"phone","value":"07700 900002"},{"system":"email","value":"ann@example.com"}],"address":[{"line":["1 Nowhere Road"],"city":"Anytown","postalCode":"ZZ99 3AA"}]}`))
	h.must(err)
	_, err = h.p.Commit(ctx, record.Change{Author: gp, Writes: []record.Write{w}})
	h.must(err)
	r, err := request.New(store).Receive(ctx, ods, ann, request.Ask{Patient: "Patient/ann", Asker: request.Self, Channel: request.Web, Kind: request.Admin, What: "A letter please"}, "k")
	h.must(err)
	_, err = message.New(store).Send(ctx, ods, gp, message.Send{Request: r.ID, Text: "Your test shows something private."}, "m")
	h.must(err)
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// owed is the one notice that waits to be sent, nil for none.
func (h *house) owed() *record.Version {
	h.t.Helper()
	var out *record.Version
	h.must(search.Each(ctx, h.p, "Communication?status=preparation", func(v record.Version, _ *fhir.Resource) error {
		if out != nil {
			h.t.Fatal("two notices at once")
		}
		out = &v
		return nil
	}))
	return out
}

// hand routes what is owed and hands it over, as the outbox does.
func (h *house) hand() (delivery.Out, ident.Ref, error) {
	h.t.Helper()
	v := h.owed()
	if v == nil {
		h.t.Fatal("nothing is owed")
	}
	c, err := v.Resource()
	h.must(err)
	out, err := h.s.Route(ctx, h.p, v.Ref, c)
	if err != nil {
		return out, v.Ref, err
	}
	b := write.New(self, "outbox: handed over", "")
	set := write.Obj{"status": "in-progress", "sent": write.Instant(h.now)}
	for k, x := range out.Lease {
		set[k] = x
	}
	b.Edit(*v, c, set)
	change, err := b.Change()
	h.must(err)
	_, err = h.p.Commit(ctx, change)
	h.must(err)
	return out, v.Ref, nil
}

func (h *house) jobs() (n int, words string) {
	h.must(search.Each(ctx, h.p, "Task?code=job", func(_ record.Version, t *fhir.Resource) error {
		n++
		words = t.Get("description").Str()
		return nil
	}))
	return n, words
}

// A message that fails goes the next way, one at a time, and when none is left
// a person is asked. An address that is no use is marked, and not used again.
func TestFallback(t *testing.T) {
	hazard.Covers(t, "H-026")
	hazard.Covers(t, "H-025")
	h := open(t)
	out, sms, err := h.hand()
	h.must(err)
	if out.Medium != delivery.SMS || strings.Contains(out.Text, "private") || !strings.Contains(out.Text, "/m/1") {
		t.Fatalf("%+v", out)
	}
	bad := delivery.Report{Failed: true, Bad: true, Detail: "permanent-failure"}
	for range 3 { // told again, nothing more follows
		h.must(h.s.Settle(ctx, h.p, sms, bad))
	}
	c, err := delivery.LoadContact(ctx, h.p, "Patient/ann")
	if err != nil || len(c.Stale) != 1 || c.Stale[0].Medium != delivery.SMS {
		t.Fatalf("%+v, %v", c, err)
	}
	out, email, err := h.hand()
	h.must(err)
	if out.Medium != delivery.Email || strings.Contains(out.Text, "private") {
		t.Fatalf("%+v", out)
	}
	h.must(h.s.Settle(ctx, h.p, email, delivery.Report{}))
	if h.owed() != nil {
		t.Fatal("another way was tried while it was on its way")
	}
	h.now = h.now.Add(delivery.Patience(delivery.Email) + time.Minute)
	h.must(h.s.Settle(ctx, h.p, email, delivery.Report{}))
	out, post, err := h.hand()
	h.must(err)
	if out.Medium != delivery.Letter || !strings.Contains(out.Text, "private") {
		t.Fatalf("%+v", out)
	}
	for range 2 {
		h.must(h.s.Settle(ctx, h.p, post, delivery.Report{Failed: true, Detail: "cancelled"}))
	}
	n, said := h.jobs()
	if n != 1 || h.owed() != nil || !strings.Contains(said, "Text message: permanent-failure.") {
		t.Fatalf("%d jobs: %s", n, said)
	}
}

// What has arrived stays so, whatever is told later and in whichever order.
func TestDeliveredIsTheEnd(t *testing.T) {
	h := open(t)
	_, ref, err := h.hand()
	h.must(err)
	h.must(h.s.Settle(ctx, h.p, ref, delivery.Report{Delivered: true, At: h.now}))
	h.must(h.s.Settle(ctx, h.p, ref, delivery.Report{Failed: true}))
	if n, _ := h.jobs(); n != 0 || h.owed() != nil {
		t.Fatal("something followed")
	}
}

func TestNobodyCanBeReached(t *testing.T) {
	hazard.Covers(t, "H-026")
	h := open(t)
	h.has = map[delivery.Medium]bool{}
	_, ref, err := h.hand()
	if err == nil {
		t.Fatal("it went somewhere")
	}
	h.must(h.s.Settle(ctx, h.p, ref, delivery.Report{Failed: true, Detail: err.Error()}))
	if n, _ := h.jobs(); n != 1 {
		t.Fatalf("%d jobs", n)
	}
}

// What was said of safe contact is found however deep it stands in a form, and
// whichever program brought the form; other answers of the patient are not.
func TestSafeContactIsFoundWhereverItStands(t *testing.T) {
	hazard.Covers(t, "H-036")
	const safe = `{"linkId":"contact-safe","answer":[{"valueString":"` + request.SafeNoTexts + `"}]}`
	for name, item := range map[string]string{
		"by itself":           safe,
		"on a page":           `{"linkId":"page","item":[` + safe + `]}`,
		"in a group of pages": `{"linkId":"a","item":[{"linkId":"b","item":[{"linkId":"c"},` + safe + `]}]}`,
		"beneath an answer":   `{"linkId":"a","answer":[{"valueBoolean":true,"item":[` + safe + `]}]}`,
		"beside an answer":    `{"linkId":"a","answer":[{"valueBoolean":true}],"item":[` + safe + `]}`,
		"not answered":        `{"linkId":"contact-safe"}`,
		"another question":    `{"linkId":"what","answer":[{"valueString":"contact-safe"}]}`,
	} {
		h := open(t)
		w, err := record.Prepare(ident.Ref{Type: "QuestionnaireResponse", ID: "q"}, []byte(`{"resourceType":"QuestionnaireResponse","id":"q","status":"completed","authored":"2026-11-20T10:00:00Z","item":[`+item+`]}`))
		h.must(err)
		_, err = h.p.Commit(ctx, record.Change{Author: gp, Writes: []record.Write{w}})
		h.must(err)
		if c, err := delivery.LoadContact(ctx, h.p, "Patient/ann"); err != nil || c.Heed().Any() {
			t.Errorf("%s: %+v of somebody else, %v", name, c, err)
		}
		w, err = record.Prepare(w.Ref, []byte(`{"resourceType":"QuestionnaireResponse","id":"q","status":"completed","subject":{"reference":"Patient/ann"},"authored":"2026-11-20T10:00:00Z","item":[`+item+`]}`))
		h.must(err)
		_, err = h.p.Commit(ctx, record.Change{Author: gp, Writes: []record.Write{w}})
		h.must(err)
		c, err := delivery.LoadContact(ctx, h.p, "Patient/ann")
		if want := !strings.HasPrefix(name, "not") && !strings.HasPrefix(name, "another"); err != nil || c.Heed().NoTexts != want {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
	}
}

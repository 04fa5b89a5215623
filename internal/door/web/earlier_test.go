package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"heartwood/internal/care/booking"
	"heartwood/internal/care/hidden"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
)

// Who has an appointment asks for an earlier time on the page where they move
// it; and when one comes free they take it, and the
// other is given back, or let it go and keep what they have.
func TestAnEarlierTime(t *testing.T) {
	hazard.Covers(t, "H-004")
	hazard.Covers(t, "H-016")
	y := open(t)
	y.diary(3)
	ctx, svc := context.Background(), booking.New()
	book := func(who, slot string) ident.Ref {
		t.Helper()
		r, err := svc.Book(ctx, y.practice, navigator, booking.BookCommand{Patient: ident.Ref{Type: "Patient", ID: who}, Slot: ident.Ref{Type: "Slot", ID: slot}})
		if err != nil {
			t.Fatal(err)
		}
		return r.Appointment.Appointment
	}
	first, second, late := book("cat", "s0"), book("cat", "s1"), book("ann", "s2")
	base := "/p/Z99901/of/me/appointments/"
	b := y.browser("ann")
	move := base + late.ID + "/choose"
	p := b.get(move)
	if !strings.Contains(p.body, "Tell me if a time comes free") {
		t.Fatalf("the move page: %d", p.status)
	}
	if p = b.post(base+late.ID+"/wait", "do", "earlier", "token", token(p.body)); p.status != 200 || !strings.Contains(p.body, "You keep your time on") || strings.Contains(p.body, "we will contact you") {
		t.Fatalf("the wait: %d %s", p.status, p.body)
	}
	if p := b.get(move); strings.Contains(p.body, "Tell me if a time comes free") || !strings.Contains(p.body, "You are on the list to be seen sooner") {
		t.Error("it can be asked for twice")
	}
	list := strings.TrimSuffix(base, "/")
	if p := b.get(list); !strings.Contains(p.body, "You are on the list to be seen sooner. You keep your time on") || strings.Contains(p.body, "You are on the waiting list") {
		t.Error("the list does not say that it is for an earlier time")
	}
	b.get("/language/cy")
	if p := b.get(list); !strings.Contains(p.body, "Rydych ar y rhestr i gael eich gweld yn gynt. Rydych yn cadw eich amser ar") {
		t.Error("nor does it in Welsh")
	}
	b.get("/language/en")
	entry, ok, err := svc.EarlierOf(ctx, y.practice, late)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	at := base + entry.Appointment.ID
	free := func(appt ident.Ref) {
		t.Helper()
		if _, err := svc.Cancel(ctx, y.practice, navigator, booking.CancelCommand{Appointment: appt, Reason: "test"}); err != nil {
			t.Fatal(err)
		}
		if err := svc.FillGaps(ctx, y.practice); err != nil {
			t.Fatal(err)
		}
	}
	free(second)
	if p = b.get(at); !strings.Contains(p.body, "We are keeping it for you until") || !strings.Contains(p.body, "you give that one back") {
		t.Fatalf("the time that is kept: %d %s", p.status, p.body)
	}
	y.inWelsh(b, at, "You have a time", "If you choose")
	if p = b.post(at+"/wait", "do", "decline", "token", token(p.body)); p.status != 200 || !strings.Contains(p.body, "You keep your time on") {
		t.Errorf("letting it go: %d", p.status)
	}
	y.inWelsh(b, at, "You keep", "sooner", "You can move")
	y.inWelsh(b, move, "sooner", "We can tell you", "You are on")
	if v, err := svc.Appointment(ctx, y.practice, late); err != nil || v.Status != "booked" || v.Slot.ID != "s2" {
		t.Errorf("they have lost their time: %+v %v", v, err)
	}
	ann := ident.Ref{Type: "Patient", ID: "ann"}
	if err := hidden.Hide(ctx, y.practice, navigator, ann, late, "not to be seen"); err != nil {
		t.Fatal(err)
	}
	for path, wants := range map[string]int{at: http.StatusNotFound, base + late.ID: http.StatusNotFound, base: http.StatusOK} {
		if p := b.get(strings.TrimSuffix(path, "/")); p.status != wants || wants == http.StatusOK && strings.Contains(p.body, entry.Appointment.ID) {
			t.Errorf("%s of a hidden appointment: %d", path, p.status)
		}
	}
	if err := hidden.Show(ctx, y.practice, navigator, ann, late, "a mistake"); err != nil {
		t.Fatal(err)
	}
	free(first)
	p = b.get(at)
	if p = b.post(at+"/choose", "slot", "s0", "token", token(p.body)); p.status != 200 || !strings.Contains(p.body, "Your appointment is booked") {
		t.Fatalf("taking it: %d %s", p.status, errorsOf(p.body))
	}
	if v, err := svc.Appointment(ctx, y.practice, late); err != nil || v.Slot.ID != "s0" {
		t.Errorf("they have %+v %v", v, err)
	}
}

// inWelsh checks that a page in Welsh has none of these English words.
func (y *surgery) inWelsh(b *browser, path string, english ...string) {
	y.t.Helper()
	u, _ := url.Parse(y.server.URL)
	b.c.Jar.SetCookies(u, []*http.Cookie{{Name: "hw-language", Value: "cy", Path: "/"}})
	p := b.get(path)
	b.c.Jar.SetCookies(u, []*http.Cookie{{Name: "hw-language", Value: "en", Path: "/"}})
	_, main, _ := strings.Cut(p.body, "<main")
	for _, s := range english {
		if strings.Contains(main, s) || p.status != 200 {
			y.t.Errorf("%s: %d, %q is English on the Welsh page", path, p.status, s)
		}
	}
}

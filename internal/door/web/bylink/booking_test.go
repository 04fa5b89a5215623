package bylink

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"heartwood/internal/care/booking"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
)

type diary struct {
	t   *testing.T
	mux *http.ServeMux
	p   *record.Practice
	now time.Time
	svc *booking.Service
	app ident.Ref // the offer that "good" opens
}

func openDiary(t *testing.T, limits booking.Constraint) *diary {
	t.Helper()
	d := &diary{t: t, mux: http.NewServeMux(), svc: booking.New(), now: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)}
	store := memory.Open(t, func() time.Time { return d.now })
	d.p, _ = store.Practice("Z99901")
	for ref, rest := range map[string]string{
		"Patient/ann": `"birthDate":"1980-04-03"`, "Patient/ben": `"birthDate":"1981-04-03"`,
		"Schedule/gp": `"active":true,"actor":[{"reference":"Practitioner/gp","display":"Dr Test"}]`,
		"Slot/phone":  d.slot(24*time.Hour, "Telephone"), "Slot/phone2": d.slot(25*time.Hour, "Telephone"), "Slot/room": d.slot(26*time.Hour, "In-person"),
	} {
		r, _ := ident.ParseRef(ref)
		w, err := record.Prepare(r, fmt.Appendf(nil, `{"resourceType":%q,"id":%q,%s}`, r.Type, r.ID, rest))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.p.Commit(context.Background(), record.Change{Author: record.Author{Ref: "Practitioner/gp", Role: "clinician"}, Writes: []record.Write{w}}); err != nil {
			t.Fatal(err)
		}
	}
	d.app = d.offer("ann", limits)
	other := d.offer("ben", booking.Constraint{})
	New(Config{Store: store, OpenBooking: func(link string) (ident.ODS, string, bool) {
		return "Z99901", map[string]string{"good": d.app.ID, "ben": other.ID}[link], link == "good" || link == "ben"
	}}).Routes(d.mux)
	return d
}

func (d *diary) slot(in time.Duration, channel string) string {
	at := d.now.Add(in)
	return `"schedule":{"reference":"Schedule/gp"},"status":"free","start":"` + at.Format(time.RFC3339) + `","end":"` + at.Add(10*time.Minute).Format(time.RFC3339) +
		`","extension":[{"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DeliveryChannel","valueCodeableConcept":{"coding":[{"code":"` + channel + `"}]}}]`
}

func (d *diary) offer(who string, limits booking.Constraint) ident.Ref {
	d.t.Helper()
	res, err := d.svc.Offer(context.Background(), d.p, record.Author{Ref: "Practitioner/nav", Role: "navigator"},
		booking.OfferCommand{Patient: ident.Ref{Type: "Patient", ID: who}, Constraint: limits, Reason: "Your knee"})
	if err != nil {
		d.t.Fatal(err)
	}
	return res.Appointment.Appointment
}

func (d *diary) get(link string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	d.mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/b/"+link, nil))
	return w
}

var tokenOf = regexp.MustCompile(`name="token" value="([^"]+)"`)

func (d *diary) do(step string, more ...string) *httptest.ResponseRecorder {
	return d.doAs("good", "1980", step, more...)
}

func (d *diary) doAs(link, year, step string, more ...string) *httptest.ResponseRecorder {
	form := born(year)
	form.Set("step", step)
	form.Set("token", ident.NewID())
	for i := 0; i+1 < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return d.post(link, form)
}

func (d *diary) post(link string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/b/"+link, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	d.mux.ServeHTTP(w, r)
	return w
}

func (d *diary) says(w *httptest.ResponseRecorder, code int, wanted ...string) {
	d.t.Helper()
	for _, s := range wanted {
		if !strings.Contains(w.Body.String(), s) {
			d.t.Fatalf("%d, and it does not say %q:\n%s", w.Code, s, w.Body)
		}
	}
	if w.Code != code {
		d.t.Fatalf("answered %d, not %d:\n%s", w.Code, code, w.Body)
	}
}

// A link books what was offered and nothing else: only after the date of
// birth, only the one appointment, only the right sort of time.
func TestBookMoveAndCancelByLink(t *testing.T) {
	hazard.Covers(t, "H-024")
	hazard.Covers(t, "H-004")
	d := openDiary(t, booking.Constraint{Mode: booking.Telephone})
	if w := d.get("good"); w.Code != 200 || strings.Contains(w.Body.String(), "knee") {
		t.Fatalf("it says something before the date of birth: %d", w.Code)
	}
	d.says(d.get("bad"), http.StatusGone)
	if w := d.doAs("good", "1981", "pick", "slot", "phone"); w.Code != http.StatusUnprocessableEntity || strings.Contains(w.Body.String(), "knee") {
		t.Fatalf("with a wrong date of birth: %d", w.Code)
	}
	w := d.do("")
	d.says(w, 200, "Choose a time", "Your knee", "slot-phone", "Dr Test")
	if strings.Contains(w.Body.String(), "slot-room") {
		t.Error("a time of another sort is shown")
	}
	d.says(d.do("pick", "slot", "room"), http.StatusUnprocessableEntity, "not one of those offered")
	d.says(d.do("pick", "slot", ""), http.StatusBadRequest, "Choose a time")

	form := born("1980")
	form.Set("step", "pick")
	form.Set("slot", "phone")
	form.Set("token", tokenOf.FindStringSubmatch(w.Body.String())[1])
	for range 2 { // the same form twice
		d.says(d.post("good", form), 200, "Your appointment is booked.", "Phone call")
	}
	d.says(d.do("move"), 200, "Move your appointment", "slot-phone2")
	d.says(d.do("pick", "slot", "phone2"), 200, "Your appointment is booked.", "11am")
	d.says(d.do("sure"), 200, "Yes, cancel it")
	d.says(d.do("cancel"), 200, "We have cancelled your appointment.", "has been cancelled")
	d.says(d.do("pick", "slot", "phone"), http.StatusConflict, "has been cancelled")
	if a, err := d.svc.OfPatient(context.Background(), d.p, ident.Ref{Type: "Patient", ID: "ben"}); err != nil || len(a) != 1 || a[0].Status != "proposed" {
		t.Errorf("somebody else's: %+v, %v", a, err)
	}
}

func TestWaitByLink(t *testing.T) {
	d := openDiary(t, booking.Constraint{Mode: booking.Video})
	d.says(d.do(""), 200, "There are no free times left that fit", "Join the waiting list")
	d.says(d.do("join"), 200, "You are on the waiting list.", "You are next.")
	d.says(d.do("choose"), 200, "Choose a time")
}

// Two who take the last time by link: one has it, the other is told.
func TestTwoByLink(t *testing.T) {
	hazard.Covers(t, "H-004")
	d := openDiary(t, booking.Constraint{})
	d.says(d.do("pick", "slot", "phone"), 200, "Your appointment is booked.")
	d.says(d.doAs("ben", "1981", "pick", "slot", "phone"), http.StatusConflict, "somebody else has just taken that time")
}

func TestAnOfferThatHasEnded(t *testing.T) {
	d := openDiary(t, booking.Constraint{Until: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)})
	d.now = d.now.Add(3 * time.Hour)
	d.says(d.do(""), 200, "This offer has ended")
	d.says(d.do("pick", "slot", "phone"), http.StatusUnprocessableEntity, "This offer has ended")
}

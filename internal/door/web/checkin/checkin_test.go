package checkin

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"heartwood/internal/care/booking"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
)

type screen struct {
	t   *testing.T
	mux *http.ServeMux
	p   *record.Practice
	now time.Time
}

func (s *screen) put(ref, rest string) {
	s.t.Helper()
	r, _ := ident.ParseRef(ref)
	w, err := record.Prepare(r, fmt.Appendf(nil, `{"resourceType":%q,"id":%q,%s}`, r.Type, r.ID, rest))
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.p.Commit(context.Background(), record.Change{Author: by, Writes: []record.Write{w}}); err != nil {
		s.t.Fatal(err)
	}
}

// person puts somebody into the record, expected after some minutes.
func (s *screen) person(id, family, born string, in time.Duration) {
	s.put("Patient/"+id, `"name":[{"family":"`+family+`"}],"birthDate":"`+born+`"`)
	at := s.now.Add(in).UTC()
	s.put("Appointment/"+id, `"status":"booked","start":"`+at.Format(time.RFC3339)+`","end":"`+at.Add(10*time.Minute).Format(time.RFC3339)+
		`","participant":[{"actor":{"reference":"Patient/`+id+`"},"status":"accepted"}]`)
}

func open(t *testing.T) *screen {
	t.Helper()
	s := &screen{t: t, mux: http.NewServeMux(), now: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)}
	store := memory.Open(t, func() time.Time { return s.now })
	s.p, _ = store.Practice("Z99901")
	New(Config{Store: store, Open: func(link string) (ident.ODS, string, bool) { return "Z99901", "1", link == "good" }}).Routes(s.mux)
	return s
}

func (s *screen) say(day, month, surname string) *httptest.ResponseRecorder {
	form := url.Values{"day": {day}, "month": {month}, "surname": {surname}}
	r := httptest.NewRequest(http.MethodPost, "/check-in/good", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	s.mux.ServeHTTP(w, r)
	return w
}

func (s *screen) status(id string) string {
	v, err := booking.New().Appointment(context.Background(), s.p, ident.Ref{Type: "Appointment", ID: id})
	if err != nil {
		s.t.Fatal(err)
	}
	return v.Status
}

// The screen checks in the one who fits. Twins, strangers and people of
// another time are all told the same, and nobody's name is ever shown.
func TestWhoIsCheckedIn(t *testing.T) {
	hazard.Covers(t, "H-030")
	s := open(t)
	s.person("ann", "O'Brien", "1980-04-03", 10*time.Minute)
	s.person("twin1", "Example", "1990-05-06", 20*time.Minute)
	s.person("twin2", "Example", "1990-05-06", 30*time.Minute)
	s.person("later", "Sample", "1970-01-02", 5*time.Hour)
	s.person("past", "Late", "1970-01-03", -2*time.Hour)
	for _, tt := range []struct {
		day, month, surname, id string
		here                    bool
	}{
		{"3", "4", "o", "ann", true},
		{"3", "4", "OBR", "ann", true},
		{"3", "4", "X", "ann", false},
		{"4", "3", "o", "ann", false},
		{"6", "5", "e", "twin1", false},
		{"2", "1", "s", "later", false},
		{"3", "1", "l", "past", false},
		{"31", "12", "q", "", false},
	} {
		w := s.say(tt.day, tt.month, tt.surname)
		if w.Code != 200 || strings.Contains(w.Body.String(), "Thank you. We know") != tt.here {
			t.Errorf("%v: %d", tt, w.Code)
		}
		for _, never := range []string{"Brien", "Example", "twin", "10:10", "Nobody"} {
			if strings.Contains(w.Body.String(), never) {
				t.Errorf("%v: the screen shows %q", tt, never)
			}
		}
		if tt.id != "" && tt.id != "ann" && s.status(tt.id) != "booked" {
			t.Errorf("%s was marked %s", tt.id, s.status(tt.id))
		}
	}
	if s.status("ann") != "arrived" {
		t.Errorf("ann is %s", s.status("ann"))
	}
	if w := s.say("first", "4", ""); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("nonsense: %d", w.Code)
	}
}

// Trying birthdays one by one finds nobody: the screen rests.
func TestNoTryingOut(t *testing.T) {
	hazard.Covers(t, "H-030")
	s := open(t)
	for i := range mostWrong {
		s.say(fmt.Sprint(1+i%28), "9", "a")
	}
	s.person("ann", "Able", "1980-04-03", 10*time.Minute)
	if w := s.say("3", "4", "a"); strings.Contains(w.Body.String(), "Thank you. We know") {
		t.Error("it goes on answering")
	}
	s.now = s.now.Add(restsFor)
	if w := s.say("3", "4", "a"); !strings.Contains(w.Body.String(), "Thank you. We know") {
		t.Error("it does not wake again")
	}
}

func TestAnOldAddressOpensNothing(t *testing.T) {
	s := open(t)
	set, err := booking.LoadSettings(context.Background(), s.p)
	if err != nil {
		t.Fatal(err)
	}
	set.Screen = 2
	if err := booking.SaveSettings(context.Background(), s.p, by, set); err != nil {
		t.Fatal(err)
	}
	if w := s.say("3", "4", "a"); w.Code != http.StatusGone {
		t.Errorf("%d", w.Code)
	}
}

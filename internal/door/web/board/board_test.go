package board_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care/request"
	"heartwood/internal/door/web/board"
	"heartwood/internal/door/web/page/pagecheck"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/pebble"
	"heartwood/internal/words"
)

func TestTemplates(t *testing.T) { pagecheck.All(t) }

var people = map[string]access.Person{
	"commissioner": {AccountID: "c", Name: "Ms Board", Role: access.Commissioner, Practice: "Z99901", Ref: "Practitioner/c"},
	"manager":      {AccountID: "m", Name: "Ms Manager", Role: access.Manager, Practice: "Z99901", Ref: "Practitioner/m"},
	"clinician":    {AccountID: "d", Name: "Dr Grey", Role: access.Clinician, Practice: "Z99901", Ref: "Practitioner/d"},
	"navigator":    {AccountID: "n", Name: "Mr Vale", Role: access.Navigator, Practice: "Z99901", Ref: "Practitioner/n"},
	"patient":      {AccountID: "p", Name: "Ann", Role: access.Patient, Practice: "Z99901", Ref: "Patient/ann", Patients: []string{"Patient/ann"}},
}

// network is two practices: the first has three requests, one of them closed,
// the second one; two and a half hours have passed since.
func network(t *testing.T) func(as string) (int, string) {
	t.Helper()
	log, err := pebble.Open(pebble.Config{})
	must(t, err)
	now := time.Date(2026, 3, 3, 9, 0, 0, 0, words.London)
	store, err := record.Open(t.Context(), record.Config{Log: log, Now: func() time.Time { return now }})
	must(t, err)
	t.Cleanup(func() { _, _ = store.Close(), log.Close() })
	svc := request.New(store)
	for i, in := range []struct {
		ods     ident.ODS
		channel request.Channel
	}{{"Z99901", request.Phone}, {"Z99901", request.Phone}, {"Z99901", request.Desk}, {"Z99902", request.Phone}} {
		_, err := store.Practice(in.ods)
		must(t, err)
		nav := record.Author{Ref: "Practitioner/n", Role: "navigator"}
		r, err := svc.Receive(t.Context(), in.ods, nav, request.Ask{
			Identity: request.Identity{Given: "Ann", Family: "Example", Birth: "1980-01-02", Phone: "07700 900123"},
			Asker:    request.Staff, Channel: in.channel, Kind: request.Admin, What: "A letter for my employer please",
			Contact: request.Contact{How: "phone", Number: "07700 900123"},
		}, fmt.Sprint("k", i))
		must(t, err)
		if i == 0 {
			_, err = svc.Do(t.Context(), in.ods, nav, r.ID, "", request.Close{Outcome: request.AdminDone, Told: "Your letter is at the desk."})
			must(t, err)
		}
	}
	now = now.Add(150 * time.Minute)
	mux := http.NewServeMux()
	board.New(board.Config{Store: store}).Routes(mux)
	return func(as string) (int, string) {
		r := httptest.NewRequest(http.MethodGet, "/board/", nil)
		if who, ok := people[as]; ok {
			r = r.WithContext(access.With(r.Context(), who))
		}
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var tags = regexp.MustCompile(`<[^>]*>`)

func text(body string) string {
	return strings.Join(strings.Fields(tags.ReplaceAllString(body, " ")), " ")
}

func TestACommissionerSeesEveryPracticeAndNoPatient(t *testing.T) {
	open := network(t)
	code, body := open("commissioner")
	if code != 200 {
		t.Fatalf("answered %d: %s", code, text(body))
	}
	for _, want := range []string{
		"Tuesday 3 March 2026",
		"Z99901 3 1 2 0 1 of 1 (100%) 2 h 30 min Yes",
		"Z99902 1 0 1 0 None due yet 2 h 30 min Yes",
		"All practices 4 1 3 0 1 of 1 (100%) 2 h 30 min Yes",
		"Practice Online Phone Desk Z99901 0 2 1 Z99902 0 1 0 All practices 0 3 1",
		"Requests that came in today: 4 in all, most for Z99901 with 3.",
	} {
		if !strings.Contains(text(body), want) {
			t.Errorf("the page does not say %q:\n%s", want, text(body))
		}
	}
	for _, secret := range []string{"Ann", "Example", "letter for my employer", "900123", "Task/"} {
		if strings.Contains(body, secret) {
			t.Errorf("the page shows %q, which is a patient's", secret)
		}
	}
	if strings.Contains(body, "style=") || strings.Contains(body, "<script>") {
		t.Error("the page breaks its content security policy")
	}
}

func TestWhoSeesTheBoard(t *testing.T) {
	open := network(t)
	for as, want := range map[string]int{"commissioner": 200, "manager": 200, "clinician": 403, "navigator": 403, "patient": 403, "": 401} {
		code, body := open(as)
		if code != want {
			t.Errorf("%q: %d, not %d", as, code, want)
		}
		if as != "commissioner" && strings.Contains(body, "Z99902") {
			t.Errorf("%q sees another practice", as)
		}
	}
}

package manage_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care/request"
	"heartwood/internal/door/web/manage"
	"heartwood/internal/door/web/page"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/pebble"
	"heartwood/internal/words"
)

const ods = ident.ODS("Z99901")

var people = map[string]access.Person{
	"manager":   {AccountID: "m", Name: "Ms Manager", Role: access.Manager, Practice: ods, Ref: "Practitioner/m"},
	"navigator": {AccountID: "n", Name: "Mr Navigator", Role: access.Navigator, Practice: ods, Ref: "Practitioner/n"},
	"elsewhere": {AccountID: "e", Name: "Ms Elsewhere", Role: access.Manager, Practice: "Z99902", Ref: "Practitioner/e"},
}

// office is a practice with some requests, and its manager's pages.
func office(t *testing.T) (open func(as, path string) (int, string)) {
	t.Helper()
	open, _ = officeOf(t)
	return open
}

// officeOf is an office and the practice that it is of.
func officeOf(t *testing.T) (open func(as, path string) (int, string), practice *record.Practice) {
	t.Helper()
	log, err := pebble.Open(pebble.Config{})
	must(t, err)
	now := time.Date(2026, 3, 3, 11, 0, 0, 0, words.London)
	store, err := record.Open(t.Context(), record.Config{Log: log, Now: func() time.Time { return now }})
	must(t, err)
	t.Cleanup(func() { _, _ = store.Close(), log.Close() })
	practice, err = store.Practice(ods)
	must(t, err)
	svc := request.New(store)
	nav := people["navigator"].Author("")
	for i, channel := range []request.Channel{request.Phone, request.Phone, request.Desk} {
		r, err := svc.Receive(t.Context(), ods, nav, request.Ask{
			Identity: request.Identity{Given: "Ann", Family: "Example", Birth: "1980-01-02", Phone: "07700 900123"},
			Asker:    request.Staff, Channel: channel, Kind: request.Admin, What: "A letter for my employer please",
			Contact: request.Contact{How: "phone", Number: "07700 900123"},
		}, fmt.Sprint("k", i))
		must(t, err)
		if i > 0 {
			continue
		}
		_, err = svc.Do(t.Context(), ods, nav, r.ID, "", request.Close{Outcome: request.AdminDone, Told: "Your letter is at the desk."})
		must(t, err)
	}
	keys, err := access.OpenKeys(t.TempDir(), func() time.Time { return now })
	must(t, err)
	accounts, err := access.NewAccounts(access.Config{Store: store, Keys: keys, Origin: "http://localhost:8080", Now: func() time.Time { return now }})
	must(t, err)
	mux := http.NewServeMux()
	manage.New(manage.Config{Store: store, Accounts: accounts}).Routes(mux)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if who, ok := people[r.Header.Get("Test-As")]; ok {
			r = r.WithContext(access.With(r.Context(), who))
		}
		mux.ServeHTTP(w, page.WithBase(r, page.Frame{}))
	}))
	t.Cleanup(server.Close)
	return func(as, path string) (int, string) {
		path, form, post := strings.Cut(path, " ") // "path field=value&…" sends a form
		method := http.MethodGet
		if post {
			method = http.MethodPost
		}
		r, err := http.NewRequestWithContext(context.Background(), method, server.URL+path, strings.NewReader(form))
		must(t, err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Test-As", as)
		resp, err := http.DefaultClient.Do(r) // its redirects keep the header
		must(t, err)
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		must(t, err)
		return resp.StatusCode, string(b)
	}, practice
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

func TestToday(t *testing.T) {
	open := office(t)
	code, body := open("manager", "/manage/Z99901/")
	if code != 200 {
		t.Fatalf("answered %d: %s", code, text(body))
	}
	for _, want := range []string{"Came in 3", "Answered 1", "Still open 2", "Requests by channel: 3 in all, most for Phone with 2.", "Phone 2 Desk 1"} {
		if !strings.Contains(text(body), want) {
			t.Errorf("the page does not say %q:\n%s", want, text(body))
		}
	}
	if strings.Contains(body, "style=") || strings.Contains(body, "<script>") {
		t.Error("the page breaks its content security policy")
	}
	for _, secret := range []string{"Ann", "Example", "letter for my employer"} {
		if strings.Contains(text(body), secret) {
			t.Errorf("the page shows %q, which is a patient's", secret)
		}
	}
}

func TestReconciliation(t *testing.T) {
	open := office(t)
	code, body := open("manager", "/manage/Z99901/reconcile")
	if code != 200 || !strings.Contains(text(body), "3 in = 1 answered + 2 open") || !strings.Contains(text(body), "It adds up") {
		t.Fatalf("answered %d: %s", code, text(body))
	}
	if code, body = open("manager", "/manage/Z99901/reconcile?from=2026-02-30"); code != 200 || !strings.Contains(text(body), "Use real dates") {
		t.Errorf("an impossible date answered %d: %s", code, text(body))
	}
	if code, body = open("manager", "/manage/Z99901/reconcile?from=2026-01-01&to=2026-01-31"); code != 200 || !strings.Contains(text(body), "0 in = 0 answered + 0 open") {
		t.Errorf("an empty month answered %d: %s", code, text(body))
	}
}

func TestOnlyTheManager(t *testing.T) {
	open := office(t)
	for _, path := range []string{"/manage/Z99901/", "/manage/Z99901/reconcile", "/manage/Z99901/accounts", "/manage/Z99901/accounts name=Eve"} {
		for as, want := range map[string]int{"navigator": 403, "elsewhere": 403, "": 401} {
			if code, _ := open(as, path); code != want {
				t.Errorf("%s as %q answered %d, not %d", path, as, code, want)
			}
		}
	}
}

func TestInvitingStaff(t *testing.T) {
	open := office(t)
	const page = "/manage/Z99901/accounts"
	code, body := open("manager", page+" name=&email=nobody&role=patient")
	if code != 400 || !strings.Contains(text(body), "Enter their name") || !strings.Contains(text(body), "Choose what they do") {
		t.Fatalf("a bad form answered %d: %s", code, text(body))
	}
	code, body = open("manager", page+" name=Dr+New+Person&email=new@example.org&role=clinician")
	if code != 200 || !strings.Contains(text(body), "can now set up their account") || !strings.Contains(body, "http://localhost:8080/") {
		t.Fatalf("an invitation answered %d: %s", code, text(body))
	}
	if code, body = open("manager", page+" name=Dr+Other&email=new@example.org&role=clinician"); code != 400 {
		t.Errorf("a second account with one address answered %d: %s", code, text(body))
	}
	_, body = open("manager", page)
	id := regexp.MustCompile(`accounts/([^"]+)"`).FindStringSubmatch(body)
	if id == nil || !strings.Contains(text(body), "Dr New Person Clinician new@example.org Not set up yet") || strings.Contains(body, "/invite/") {
		t.Fatalf("the list says: %s", text(body))
	}
	if code, body = open("manager", page+"/"+id[1]+" do=stop"); code != 200 || !strings.Contains(text(body), "Stopped") {
		t.Errorf("stopping answered %d: %s", code, text(body))
	}
	if code, body = open("manager", page+"/"+id[1]+" do=restore"); code != 200 || strings.Contains(text(body), "Stopped") {
		t.Errorf("restoring answered %d: %s", code, text(body))
	}
	if code, _ = open("manager", page+"/nobody do=stop"); code != 404 {
		t.Errorf("a stranger's account answered %d", code)
	}
}

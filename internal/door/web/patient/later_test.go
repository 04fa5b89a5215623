package patient

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care/form"
	"heartwood/internal/care/request"
	"heartwood/internal/care/starts"
	"heartwood/internal/hazard"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
)

// device is a browser that nobody has signed in with, unless as says so.
type device struct {
	t      *testing.T
	client *http.Client
	origin string
	as     string
}

func (d device) do(method, path string, pairs ...string) (int, string, string) {
	d.t.Helper()
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequestWithContext(d.t.Context(), method, d.origin+path, strings.NewReader(v.Encode()))
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Test-As", d.as)
	res, err := d.client.Do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return res.StatusCode, res.Request.URL.Path, string(b)
}

// plainSeal stands for the installation's key.
type plainSeal struct{}

func (plainSeal) Seal(purpose string, b []byte) string { return purpose + string(b) }
func (plainSeal) Open(purpose, s string) ([]byte, error) {
	return []byte(strings.TrimPrefix(s, purpose)), nil
}

var folk = map[string]access.Person{
	"ann": {AccountID: "a", Name: "Ann", Role: access.Patient, Practice: "Z99901", Ref: "Patient/ann", Patients: []string{"Patient/ann"}},
	"cat": {AccountID: "c", Name: "Cat", Role: access.Patient, Practice: "Z99901", Ref: "Patient/cat", Patients: []string{"Patient/cat"}},
}

func surgery(t *testing.T, dir string, now func() time.Time) (another func(as string) device, store *record.Store) {
	t.Helper()
	return surgeryWith(t, dir, now, nil)
}

func surgeryWith(t *testing.T, dir string, now func() time.Time, marks *starts.Marks) (another func(as string) device, store *record.Store) {
	t.Helper()
	store = memory.Open(t, nil)
	mux := http.NewServeMux()
	New(Config{Store: store, Drafts: NewDrafts(dir, now), SignIn: true, Sealer: plainSeal{}, Starts: marks}).Routes(mux)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p, ok := folk[r.Header.Get("Test-As")]; ok {
			r = r.WithContext(access.With(r.Context(), p))
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return func(as string) device {
		jar, _ := cookiejar.New(nil)
		return device{t, &http.Client{Jar: jar}, server.URL, as}
	}, store
}

var codeShown = regexp.MustCompile(`[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{5}`)

const ask = "/p/Z99901/ask"

// saved fills a form in up to its words and puts it by.
func saved(t *testing.T, d device) string {
	t.Helper()
	d.do("POST", ask)
	d.do("POST", ask+"/who", "asker", "self")
	d.do("POST", ask+"/you", "given", "Dee", "family", "Dunn", "birth-day", "3", "birth-month", "4", "birth-year", "1980", "phone", "07700 900 002")
	d.do("POST", ask+"/kind", "kind", "new-problem")
	_, path, body := d.do("POST", ask+"/what", "what", "My left ear has been sore.", "later", "yes")
	code := codeShown.FindString(body)
	if path != ask+"/later" || code == "" || !strings.Contains(body, "It has not been sent") {
		t.Fatalf("at %s: %s", path, body)
	}
	return code
}

// A form that is put by comes back on another device by its code and the date
// of birth that it has, and by nothing else; it ends after a week; and neither
// the code nor what was written is on the disk.
func TestPutByAndComeBack(t *testing.T) {
	hazard.Covers(t, "H-012")
	now := time.Now()
	dir := filepath.Join(t.TempDir(), "drafts")
	another, store := surgery(t, dir, func() time.Time { return now })
	first := another("")
	code := saved(t, first)
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 2 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{code, tidyCode(code), "sore"} {
			if readable(b, secret) || strings.Contains(f.Name(), secret) {
				t.Errorf("%s is on the disk", secret)
			}
		}
	}
	second := another("")
	for _, c := range [][]string{
		{"code", code}, // the date of birth was given, and is asked
		{"code", code, "birth-day", "4", "birth-month", "4", "birth-year", "1980"},
		{"code", "2222-2222-2222-22222", "birth-day", "3", "birth-month", "4", "birth-year", "1980"},
	} {
		if status, _, body := second.do("POST", "/p/Z99901/return", c...); status != 422 || !strings.Contains(body, "We cannot find a form") {
			t.Errorf("%v answered %d: %s", c, status, body)
		}
	}
	right := []string{"code", " " + strings.ToLower(code), "birth-day", "3", "birth-month", "4", "birth-year", "1980"}
	if status, _, _ := another("").do("POST", "/p/Z99902/return", right...); status != 422 {
		t.Errorf("another practice answered %d", status)
	}
	now = now.Add(6 * 24 * time.Hour)
	if _, path, body := second.do("POST", "/p/Z99901/return", right...); path != ask+"/how-long" {
		t.Fatalf("at %s: %s", path, body)
	}
	if _, _, body := second.do("GET", ask+"/what"); !strings.Contains(body, "My left ear has been sore.") {
		t.Error("what was written did not come back")
	}
	if _, path, _ := first.do("GET", ask+"/what"); path != ask+"/what" {
		t.Error("the first device lost it")
	}
	now = now.Add(8 * 24 * time.Hour)
	if status, _, _ := another("").do("POST", "/p/Z99901/return", right...); status != 422 {
		t.Errorf("after its time it answered %d", status)
	}
	if q, err := request.New(store).Queue(context.Background(), "Z99901"); err != nil || len(q) != 0 {
		t.Errorf("the practice has %d requests, %v", len(q), err)
	}
}

// Who guesses dates of birth, or codes, is stopped.
func TestGuessingIsStopped(t *testing.T) {
	hazard.Covers(t, "H-012")
	another, _ := surgery(t, "", time.Now)
	code := saved(t, another(""))
	thief := another("")
	for range mostWrong {
		thief.do("POST", "/p/Z99901/return", "code", code, "birth-day", "1", "birth-month", "1", "birth-year", "1970")
	}
	if status, path, _ := thief.do("POST", "/p/Z99901/return", "code", code, "birth-day", "3", "birth-month", "4", "birth-year", "1980"); status != 422 {
		t.Errorf("the code still opens after %d guesses, at %s", mostWrong, path)
	}
	status := 0
	for range 12 {
		status, _, _ = thief.do("POST", "/p/Z99901/return", "code", "2222-2222-2222-22222")
	}
	if status != http.StatusTooManyRequests {
		t.Errorf("the last of many tries answered %d", status)
	}
}

// An emergency is never put by: it is told and sent.
func TestEmergencyIsNotPutBy(t *testing.T) {
	hazard.Covers(t, "H-012")
	hazard.Covers(t, "H-002")
	another, store := surgery(t, "", time.Now)
	d := another("")
	saved(t, d)
	_, _, body := d.do("POST", ask+"/what", "what", "I have crushing chest pain going down my left arm and I am sweating.", "later", "yes")
	if !strings.Contains(body, "tel:999") {
		t.Errorf("no advice: %s", body)
	}
	if q, err := request.New(store).Queue(context.Background(), "Z99901"); err != nil || len(q) != 1 {
		t.Errorf("%d requests, %v", len(q), err)
	}
}

// Codes are long, of letters that cannot be taken for each other, and read
// back however they are typed.
func TestCodes(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		c := newCode()
		if len(c) != codeLength || seen[c] || tidyCode(" "+strings.ToLower(grouped(c))) != c {
			t.Fatal(c)
		}
		seen[c] = true
	}
}

// Each sort of asker gets the form for them.
func TestWhomAFormIsFor(t *testing.T) {
	now := time.Date(2026, 11, 26, 10, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		d    draft
		want string
	}{
		{draft{Asker: request.Self, Birth: "1980-04-03"}, "adult"},
		{draft{Asker: request.Self, Birth: "1980-04-03", Carer: true}, "carer"},
		{draft{Asker: request.Self, Birth: "2014-04-03", Carer: true}, "carer"}, // a young carer
		{draft{Asker: request.Self, Birth: "2014-04-03"}, "child"},
		{draft{Asker: request.Proxy, Birth: "2014-04-03"}, "child"},
		{draft{Asker: request.Proxy, Birth: "1950-04-03"}, "someone-else"},
		{draft{Asker: request.Proxy, Identity: request.Identity{Birth: "2020-01-01"}}, "child"},
		{draft{Asker: request.Proxy}, "someone-else"},
	} {
		got := c.d.whom(visit{now: now})
		f, ok := form.Pick(form.Shipped(), string(request.NewProblem), got)
		if got != c.want || !ok || f.For != c.want {
			t.Errorf("%+v: %s, the form for %q", c.d, got, f.For)
		}
	}
}

package signin

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"heartwood/internal/access"
	"heartwood/internal/door/web/page/pagecheck"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/pebble"
)

func TestPages(t *testing.T) { pagecheck.All(t) }

// site is the sign-in pages on a real server, with a page behind them that
// says who is signed in.
type site struct {
	*testing.T
	url      string
	accounts *access.Accounts
	letters  chan access.Letter
	mu       sync.Mutex
	now      time.Time // protected by mu
}

const here = ident.ODS("Z99901")

func (s *site) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *site) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

func newSite(t *testing.T, demo bool) *site {
	t.Helper()
	s := &site{T: t, now: time.Now(), letters: make(chan access.Letter, 10)}
	log, err := pebble.Open(pebble.Config{})
	s.must(err)
	store, err := record.Open(context.Background(), record.Config{Log: log, Now: s.Now})
	s.must(err)
	keys, err := access.OpenKeys(filepath.Join(t.TempDir(), "keys"), s.Now)
	s.must(err)
	mux := http.NewServeMux()
	server := httptest.NewServer(http.NewCrossOriginProtection().Handler(mux))
	s.url = strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	s.accounts, err = access.NewAccounts(access.Config{Store: store, Keys: keys, Origin: s.url, Now: s.Now})
	s.must(err)
	sessions := access.NewSessions(s.accounts)
	d := New(Config{
		Accounts: s.accounts, Sessions: sessions, Keys: keys, Demo: demo, Now: s.Now,
		Send:         func(_ context.Context, l access.Letter) error { s.letters <- l; return nil },
		Practices:    store.Practices,
		PracticeName: func(ident.ODS) string { return "Riverside Surgery" },
	})
	d.Register(mux)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		p, ok := sessions.Person(r)
		if !ok {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = io.WriteString(w, "signed in by "+p.Method+" as "+string(p.Role)+" at "+r.URL.RequestURI())
	})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { _ = d.Run(ctx); close(done) }()
	t.Cleanup(func() { server.Close(); cancel(); <-done; _ = store.Close(); _ = log.Close() })
	return s
}

func (s *site) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *site) add(a access.Account) access.Account {
	s.Helper()
	a.Practice = here
	if a.Role == access.Patient {
		a.Ref = "Patient/p1"
	}
	a, err := s.accounts.Add(context.Background(), record.System, a)
	s.must(err)
	return a
}

// browser is a person's browser.
type browser struct {
	*site
	http.Client
}

func (s *site) browser() *browser {
	jar, _ := cookiejar.New(nil)
	return &browser{s, http.Client{Jar: jar}}
}

// answer is where the browser ended up and what it shows.
type answer struct {
	status int
	path   string
	body   string
}

func (b *browser) finish(r *http.Response, err error) answer {
	b.Helper()
	b.must(err)
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	b.must(err)
	return answer{r.StatusCode, r.Request.URL.RequestURI(), string(body)}
}

func (b *browser) open(path string) answer {
	b.Helper()
	return b.finish(b.Get(b.site.url + path))
}

func (b *browser) post(path string, pairs ...string) answer {
	b.Helper()
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return b.finish(b.PostForm(b.site.url+path, v))
}

func (a answer) want(t *testing.T, status int, path, says string) {
	t.Helper()
	if a.status != status || a.path != path || !strings.Contains(a.body, says) {
		t.Errorf("got %d at %s, want %d at %s saying %q:\n%s", a.status, a.path, status, path, says, a.body)
	}
}

func (s *site) letter() (path string) {
	s.Helper()
	select {
	case l := <-s.letters:
		m := regexp.MustCompile(regexp.QuoteMeta(s.url) + `(/sign-in/link/\S+)`).FindStringSubmatch(l.Text)
		if m == nil {
			s.Fatalf("no link in:\n%s", l.Text)
		}
		return m[1]
	case <-time.After(5 * time.Second):
		s.Fatal("no letter came")
		return ""
	}
}

func TestPatientByLink(t *testing.T) {
	s := newSite(t, false)
	s.add(access.Account{Name: "Pat Example", Role: access.Patient, Email: "pat@example.com"})
	b := s.browser()
	b.open("/sign-in?next=/p/Z99901/ask%3Fx%3D1").want(t, 200, "/sign-in?next=/p/Z99901/ask%3Fx%3D1", `value="/p/Z99901/ask?x=1"`)
	known := b.post("/sign-in", "email", "Pat@Example.com", "next", "/p/Z99901/ask?x=1")
	unknown := s.browser().post("/sign-in", "email", "nobody@example.com")
	if known != unknown {
		t.Error("the answer tells whether an address is known")
	}
	known.want(t, 200, "/sign-in/sent", "Check your e-mail")
	link := s.letter()
	for range 2 { // a scanner, then the person
		s.browser().open(link).want(t, 200, link, "Sign in as Pat Example")
	}
	if got := s.browser().open("/p/Z99901/"); got.status != 401 {
		t.Error("opening a link signs in")
	}
	b.post(strings.Split(link, "?")[0], "next", "/p/Z99901/ask?x=1").want(t, 200, "/p/Z99901/ask?x=1", "signed in by link as patient")
	b.post(link).want(t, 410, link, "does not work any more")
	b.open(link).want(t, 410, link, "does not work any more")
	b.open("/sign-in").want(t, 200, "/p/Z99901/", "signed in by link")
	b.post("/sign-out").want(t, 200, "/sign-in?out=1", "You have signed out")
	if got := b.open("/p/Z99901/"); got.status != 401 {
		t.Error("still signed in")
	}
	for _, bad := range []string{"", "x", "a b@example.com"} {
		b.post("/sign-in", "email", bad).want(t, 422, "/sign-in", "There is a problem")
	}
}

func TestStaffJourney(t *testing.T) {
	s := newSite(t, false)
	a := s.add(access.Account{Name: "Nia Example", Role: access.Navigator, Email: "nia@example.com"})
	link, err := s.accounts.Invite(context.Background(), record.System, here, a.ID)
	s.must(err)
	path := strings.TrimPrefix(link, s.url)
	b := s.browser()
	first := b.open(path)
	first.want(t, 200, path, "Riverside Surgery")
	field := func(a answer, name string) string {
		m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(a.body)
		if m == nil {
			t.Fatalf("no field %s in:\n%s", name, a.body)
		}
		return m[1]
	}
	secret := strings.ReplaceAll(regexp.MustCompile(`<strong>([A-Z2-7 ]+)</strong>`).FindStringSubmatch(first.body)[1], " ", "")
	code := func() string { c, err := totp.GenerateCode(secret, s.Now()); s.must(err); return c }
	const password = "copper lantern Tuesday"
	b.post(path, "password", password, "again", "other", "sealed", field(first, "sealed"), "code", code()).want(t, 422, path, "the same password twice")
	second := b.post(path, "password", "short", "again", "short", "sealed", field(first, "sealed"), "code", code())
	second.want(t, 422, path, "at least 12 characters")
	if !strings.Contains(strings.ReplaceAll(second.body, " ", ""), secret) {
		t.Error("the secret changed")
	}
	b.post(path, "password", password, "again", password, "sealed", field(second, "sealed"), "code", code()).want(t, 200, path, "Keep your recovery codes")
	b.open("/desk/Z99901/").want(t, 200, "/desk/Z99901/", "signed in by invite as navigator")
	b.post("/sign-out")

	s.pass(time.Minute)
	b.open("/sign-in/code").want(t, 200, "/sign-in/staff", "Staff sign in")
	b.post("/sign-in/code", "code", code()).want(t, 200, "/sign-in/staff", "Staff sign in")
	b.post("/sign-in/staff", "email", "nia@example.com", "password", "wrong").want(t, 422, "/sign-in/staff", "The e-mail address or password is not right")
	b.post("/sign-in/staff", "email", "nia@example.com", "password", password, "next", "//evil.example").want(t, 200, "/sign-in/code", "Enter your code")
	if got := b.open("/desk/Z99901/"); got.status != 401 {
		t.Error("signed in by a password alone")
	}
	b.post("/sign-in/code", "code", "000000").want(t, 422, "/sign-in/code", "The code is not right")
	b.post("/sign-in/code", "code", code(), "next", "https://evil.example/").want(t, 200, "/desk/Z99901/", "signed in by password as navigator")
}

func TestStepExpiresAndCannotBeForged(t *testing.T) {
	s := newSite(t, false)
	b := s.browser()
	for _, value := range []string{"", "x", strings.Repeat("A", 100)} {
		u, _ := url.Parse(s.url)
		b.Jar.SetCookies(u, []*http.Cookie{{Name: stepCookie, Value: value, Path: "/"}})
		b.open("/sign-in/code").want(t, 200, "/sign-in/staff", "Staff sign in")
	}
}

func TestDemo(t *testing.T) {
	s := newSite(t, true)
	a := s.add(access.Account{Name: "Moss <b>Example</b>", Role: access.Manager, About: "runs the place"})
	b := s.browser()
	b.open("/demo").want(t, 200, "/demo", "Practice manager: runs the place")
	b.open("/demo").want(t, 200, "/demo", "Moss &lt;b&gt;")
	b.post("/demo", "who", string(here)+"/"+a.ID).want(t, 200, "/manage/Z99901/", "signed in by demo as manager")
	for _, bad := range []string{"", "x", "Z99901/", "Z99909/" + a.ID, "Z99901/nobody", "Z99901/../x"} {
		if got := s.browser().post("/demo", "who", bad); got.status < 400 {
			t.Errorf("%q: %d", bad, got.status)
		}
	}
	r, _ := http.NewRequest("POST", s.url+"/demo", strings.NewReader("who="+string(here)+"/"+a.ID))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if got := s.browser().finish(http.DefaultClient.Do(r)); got.status != 403 {
		t.Errorf("from another site: %d", got.status)
	}
}

func TestNoDemoOutsideTheDemo(t *testing.T) {
	s := newSite(t, false)
	a := s.add(access.Account{Name: "M", Role: access.Manager})
	b := s.browser()
	if got := b.post("/demo", "who", string(here)+"/"+a.ID); got.status != 401 { // the page behind
		t.Errorf("%d", got.status)
	}
	if strings.Contains(b.open("/sign-in").body, "/demo") {
		t.Error("the sign-in page speaks of the demonstration")
	}
}

func TestPasskeyEndpoints(t *testing.T) {
	s := newSite(t, true)
	a := s.add(access.Account{Name: "Pat", Role: access.Patient})
	b := s.browser()
	b.post("/sign-in/passkey/finish").want(t, 401, "/sign-in/passkey/finish", `"error"`)
	b.post("/sign-in/passkey/begin").want(t, 200, "/sign-in/passkey/begin", `"challenge"`)
	b.post("/sign-in/passkey/finish", "x", strings.Repeat("x", answerLimit)).want(t, 413, "/sign-in/passkey/finish", `"error"`)
	b.post("/sign-in/passkey/begin")
	b.post("/sign-in/passkey/finish", "x", "y").want(t, 401, "/sign-in/passkey/finish", "was not accepted")
	b.post("/account/passkeys/begin").want(t, 401, "/account/passkeys/begin", "Sign in first")
	b.open("/account/passkeys").want(t, 200, "/sign-in?next=%2Faccount%2Fpasskeys", "Sign in")
	b.post("/demo", "who", string(here)+"/"+a.ID)
	b.open("/account/passkeys").want(t, 200, "/account/passkeys", "You have no passkeys yet")
	b.post("/account/passkeys/begin").want(t, 200, "/account/passkeys/begin", `"residentKey":"required"`)
	if got := b.post("/account/passkeys/remove", "id", "x"); got.status != 404 {
		t.Errorf("removed what is not there: %d", got.status)
	}
}

func TestSafeNext(t *testing.T) {
	for in, want := range map[string]string{
		"/p/Z99901/": "/p/Z99901/", "/desk/Z99901/request/1?x=1&y=/z": "/desk/Z99901/request/1?x=1&y=/z",
		"": "", "/": "", "//evil.example": "", "/\\evil.example": "", "https://evil.example": "", "evil": "",
		"/\t/evil.example": "", "/%09/x": "/%09/x", "javascript:alert(1)": "", "/x\r\nSet-Cookie: a=b": "",
		"/sign-in": "", "/sign-out": "", "/sign-in/staff": "", "/sign-into": "/sign-into", "/demo": "",
		"/é": "", "/" + strings.Repeat("x", 3000): "", "/%2f/evil.example": "", "/x/..//evil.example": "/x/..//evil.example",
	} {
		if got := safeNext(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzSafeNext(f *testing.F) {
	f.Add("/p/x")
	f.Add("//evil.example")
	base, _ := url.Parse("https://care.example/sign-in")
	f.Fuzz(func(t *testing.T, in string) {
		out := safeNext(in)
		if out == "" {
			return
		}
		u, err := base.Parse(out)
		if err != nil || u.Host != "care.example" || u.Scheme != "https" {
			t.Errorf("%q goes to %v, %v", in, u, err)
		}
	})
}

package access

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"heartwood/internal/record"
)

func TestSessions(t *testing.T) {
	h := newHouse(t)
	a := h.add(here, Patient, "pat@example.com")
	r := h.signIn(a, ByLink)
	p, ok := h.sessions.Person(r)
	if !ok || p.AccountID != a.ID || p.Method != ByLink || p.Self() != a.Ref || p.Session == "" {
		t.Fatalf("%+v, %v", p, ok)
	}
	h.start("https://care.example") // a restart keeps people signed in
	if _, ok := h.sessions.Person(r); !ok {
		t.Error("signed out by a restart")
	}
	w := httptest.NewRecorder()
	h.must(h.sessions.End(w, r))
	if c := w.Result().Cookies(); len(c) != 1 || c[0].MaxAge != -1 {
		t.Errorf("cookies %v", c)
	}
	if _, ok := h.sessions.Person(r); ok {
		t.Error("the cookie works after signing out")
	}
	h.must(h.sessions.End(httptest.NewRecorder(), r)) // twice is no error
}

func TestTamperedCookies(t *testing.T) {
	h := newHouse(t)
	good := h.signIn(h.add(here, Manager, ""), ByDemo)
	c, _ := good.Cookie("__Host-heartwood")
	h.add(elsewhere, Manager, "")
	v := c.Value
	for _, bad := range []string{
		"", "x", v + "x", v[:len(v)-1], strings.Replace(v, here, elsewhere, 1), strings.ToLower(v),
		v[:10] + "AAAA" + v[14:], here + ".", "Z99909" + v[6:], "../../x" + v[6:], here + "." + strings.Repeat("A", 43),
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Cookie", "__Host-heartwood="+bad)
		if p, ok := h.sessions.Person(r); ok {
			t.Errorf("%q is %+v", bad, p)
		}
		h.must(h.sessions.End(httptest.NewRecorder(), r))
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", "heartwood="+v)
	if _, ok := h.sessions.Person(r); ok {
		t.Error("a cookie of another name was taken")
	}
	if _, ok := h.sessions.Person(good); !ok {
		t.Error("the good one was ended")
	}
	if all, _ := h.store.Practices(h.ctx); len(all) != 2 {
		t.Errorf("practices %v", all)
	}
}

func TestSessionsExpire(t *testing.T) {
	h := newHouse(t)
	staff := h.signIn(h.add(here, Clinician, ""), ByPasskey)
	idle := h.signIn(h.add(here, Patient, ""), ByPasskey)
	busy := h.signIn(h.add(here, Patient, ""), ByPasskey)
	is := func(r *http.Request) bool { _, ok := h.sessions.Person(r); return ok }
	for i := range 13 * 4 {
		at := time.Duration(i) * 15 * time.Minute
		if got, want := is(busy), at < PatientFor; got != want {
			t.Fatalf("the busy patient after %v: %v", at, got)
		}
		if i == 4 && is(idle) {
			t.Error("the idle patient is still signed in")
		}
		if i%10 == 9 {
			h.start("https://care.example") // what is remembered must not be only in memory
		}
		if i >= 44 {
			if got, want := is(staff), at < StaffFor; got != want {
				t.Fatalf("staff after %v: %v", at, got)
			}
		}
		h.pass(15 * time.Minute)
	}
}

func TestPrivilegeChangesEndSessions(t *testing.T) {
	h := newHouse(t)
	for name, change := range map[string]func(a Account){
		"disabled": func(a Account) { _, err := h.accounts.Disable(h.ctx, record.System, here, a.ID, true); h.must(err) },
		"disabled and enabled": func(a Account) {
			_, err := h.accounts.Disable(h.ctx, record.System, here, a.ID, true)
			h.must(err)
			_, err = h.accounts.Disable(h.ctx, record.System, here, a.ID, false)
			h.must(err)
		},
		"everywhere": func(a Account) { h.must(h.accounts.SignOutEverywhere(h.ctx, record.System, here, a.ID)) },
		"role": func(a Account) {
			_, err := h.accounts.SetRole(h.ctx, record.System, here, a.ID, Manager)
			h.must(err)
		},
	} {
		a := h.add(here, Navigator, "")
		r := h.signIn(a, ByPasskey)
		if _, ok := h.sessions.Person(r); !ok {
			t.Fatalf("%s: not signed in", name)
		}
		h.pass(time.Second)
		change(a)
		if _, ok := h.sessions.Person(r); ok {
			t.Errorf("%s: still signed in", name)
		}
	}
}

func TestSigningInEndsTheSessionBefore(t *testing.T) {
	h := newHouse(t)
	a := h.add(here, Patient, "")
	old := h.signIn(a, ByLink)
	h.must(h.sessions.Start(httptest.NewRecorder(), old, h.add(here, Manager, "").Person(ByPassword, h.Now())))
	if _, ok := h.sessions.Person(old); ok {
		t.Error("the session before goes on")
	}
}

func TestPlainHTTPHasAPlainCookie(t *testing.T) {
	h := newHouse(t)
	h.start("http://localhost:8080")
	w := httptest.NewRecorder()
	h.must(h.sessions.Start(w, httptest.NewRequest("POST", "/", nil), h.add(here, Patient, "").Person(ByDemo, h.Now())))
	if c := w.Result().Cookies()[0]; c.Name != "heartwood" || c.Secure || !c.HttpOnly {
		t.Errorf("cookie %v", c)
	}
	if !h.accounts.HasPasskeys() {
		t.Error("localhost has no passkeys")
	}
	h.start("http://127.0.0.1:8080")
	if !h.accounts.HasPasskeys() || h.accounts.web.Config.RPOrigins[0] != "http://localhost:8080" {
		t.Error("this machine has no passkeys by its name")
	}
	h.start("http://192.0.2.1:8080")
	if h.accounts.HasPasskeys() {
		t.Error("a bare address has passkeys")
	}
	for _, bad := range []string{"", "care.example", "https://care.example/x", "ftp://care.example"} {
		if _, err := NewAccounts(Config{Origin: bad}); err == nil {
			t.Errorf("%q was taken as an origin", bad)
		}
	}
}

func TestMiddleware(t *testing.T) {
	h := newHouse(t)
	r := h.signIn(h.add(here, Patient, ""), ByLink)
	seen := 0
	handler := h.sessions.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if _, ok := From(r.Context()); ok {
			seen++
		}
	}))
	handler.ServeHTTP(httptest.NewRecorder(), r)
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	if seen != 1 {
		t.Errorf("seen %d times", seen)
	}
}

func TestLooked(t *testing.T) {
	h := newHouse(t)
	p, err := h.store.Practice(here)
	h.must(err)
	a := h.add(here, Patient, "")
	for _, who := range []Person{
		a.Person(ByLink, h.Now()),
		h.add(here, Navigator, "").Person(ByDemo, h.Now()),
	} {
		h.must(Looked(h.ctx, p, who, Sight{Patient: a.Ref, What: "summary"}))
		h.pass(time.Minute)
	}
	got, err := p.Accesses(h.ctx, a.Ref, time.Time{}, 10)
	h.must(err)
	if len(got) != 2 || got[0].Purpose != "direct care" || got[1].Purpose != "self access" || got[0].Count != 1 {
		t.Errorf("%+v", got)
	}
}

func TestTidy(t *testing.T) {
	h := newHouse(t)
	a := h.add(here, Patient, "pat@example.com")
	for range 3 {
		h.signIn(a, ByLink)
		h.lettersFor(a)
	}
	h.pass(13 * time.Hour)
	r, link := h.signIn(a, ByLink), h.lettersFor(a)
	p, err := h.store.Practice(here)
	h.must(err)
	for range 2 {
		h.must(h.sessions.Tidy(h.ctx, here))
		for _, typ := range []string{sessionType, linkType} {
			page, err := p.Find(h.ctx, typ)
			h.must(err)
			if len(page.Matches) != 1 {
				t.Errorf("%d left of %s", len(page.Matches), typ)
			}
		}
	}
	if _, ok := h.sessions.Person(r); !ok {
		t.Error("a live session was tidied away")
	}
	_, err = h.accounts.OpenLink(h.ctx, link)
	h.must(err)
}

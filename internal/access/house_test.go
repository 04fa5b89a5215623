package access

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/pebble"
)

// house is two practices with accounts, on a clock that tests move.
type house struct {
	*testing.T
	ctx      context.Context
	store    *record.Store
	keys     *Keys
	accounts *Accounts
	sessions *Sessions
	mu       sync.Mutex
	now      time.Time // protected by mu
}

func (h *house) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *house) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{T: t, ctx: context.Background(), now: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)}
	log, err := pebble.Open(pebble.Config{})
	if err == nil {
		h.store, err = record.Open(h.ctx, record.Config{Log: log, Now: h.Now})
	}
	h.must(err)
	t.Cleanup(func() { _ = h.store.Close(); _ = log.Close() })
	h.keys = testKeys(t, h.Now)
	h.start("https://care.example")
	return h
}

// start begins the program again over the same record.
func (h *house) start(origin string) {
	h.Helper()
	var err error
	h.accounts, err = NewAccounts(Config{Store: h.store, Keys: h.keys, Origin: origin, Now: h.Now})
	h.must(err)
	h.sessions = NewSessions(h.accounts)
}

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h *house) add(practice ident.ODS, r Role, email string) Account {
	h.Helper()
	a := Account{Practice: practice, Name: "Sam Example", Role: r, Email: email}
	switch r {
	case Patient:
		a.Ref = "Patient/" + ident.NewID()
	case Proxy:
		a.Ref, a.Charges = "RelatedPerson/x", []Charge{{Patient: child, Relationship: "mother"}}
	}
	a, err := h.accounts.Add(h.ctx, record.System, a)
	h.must(err)
	return a
}

const goodPassword = "copper lantern Tuesday"

// enrolled is a member of staff with a password and a code.
func (h *house) enrolled(practice ident.ODS, r Role, email string) (a Account, secret string, recovery []string) {
	h.Helper()
	a = h.add(practice, r, email)
	link, err := h.accounts.Invite(h.ctx, record.System, practice, a.ID)
	h.must(err)
	e, err := h.accounts.NewEnrolment(a, "")
	h.must(err)
	a, recovery, err = h.accounts.Enrol(h.ctx, linkValue(link), goodPassword, e.Sealed, h.codeFor(e.Secret))
	h.must(err)
	return a, e.Secret, recovery
}

func (h *house) codeFor(secret string) string {
	h.Helper()
	code, err := totp.GenerateCode(secret, h.Now())
	h.must(err)
	return code
}

func linkValue(link string) string {
	u, _ := url.Parse(link)
	return u.Path[strings.LastIndexByte(u.Path, '/')+1:]
}

func (h *house) refused(err error, k fault.Kind) {
	h.Helper()
	if !fault.Is(err, k) {
		h.Errorf("got %v, want %v", err, k)
	}
}

// signIn is a request with the cookies of somebody who has signed in.
func (h *house) signIn(a Account, method string) *http.Request {
	h.Helper()
	w := httptest.NewRecorder()
	h.must(h.sessions.Start(w, httptest.NewRequest("POST", "/sign-in", nil), a.Person(method, h.Now())))
	r := httptest.NewRequest("GET", "/", nil)
	for _, c := range w.Result().Cookies() {
		if c.Name != "__Host-heartwood" || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
			h.Errorf("cookie %v", c)
		}
		r.AddCookie(c)
	}
	return r
}

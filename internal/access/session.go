package access

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// How long a session lasts.
const (
	StaffFor    = 12 * time.Hour // staff, from sign-in
	PatientFor  = 12 * time.Hour // patients and proxies, from sign-in
	PatientIdle = time.Hour      // patients and proxies, from the last page they asked for
	touchEvery  = 10 * time.Minute
)

// Sessions keeps who is signed in. The browser holds a cookie; the practice's
// log holds its hash, so that neither the log nor a backup can sign anybody in.
type Sessions struct {
	c        Config
	accounts *Accounts
	mu       sync.Mutex
	seen     map[string]time.Time // by session id, when newer than the log's; protected by mu
}

type sessionBody struct {
	ResourceType string    `json:"resourceType"`
	ID           string    `json:"id"`
	Account      string    `json:"account"`
	Role         Role      `json:"role"`
	Method       string    `json:"method"`
	Created      time.Time `json:"created"`
	Expires      time.Time `json:"expires"`
	Seen         time.Time `json:"seen"`
}

// NewSessions keeps the sessions of these accounts.
func NewSessions(a *Accounts) *Sessions {
	return &Sessions{c: a.c, accounts: a, seen: map[string]time.Time{}}
}

// CookieName is the session cookie's name: __Host- binds it to this host and
// to https, where there is https.
func (s *Sessions) CookieName() string {
	if s.secure() {
		return "__Host-heartwood"
	}
	return "heartwood"
}

func (s *Sessions) secure() bool { return strings.HasPrefix(s.c.Origin, "https://") }

// Cookie makes a cookie as this installation sets them: for the whole site,
// out of reach of scripts, not sent from other sites' forms. age 0 lasts until
// the browser closes; below 0 removes it.
func (s *Sessions) Cookie(name, value string, age time.Duration) *http.Cookie {
	c := &http.Cookie{ //nolint:gosec // Secure wherever there is https; a test holds it
		Name: name, Value: value, Path: "/", HttpOnly: true,
		Secure: s.secure(), SameSite: http.SameSiteLaxMode, MaxAge: int(age / time.Second),
	}
	if age < 0 {
		c.MaxAge = -1
	}
	return c
}

// Start signs a person in: a new session, whatever cookie they came with,
// whose session ends.
func (s *Sessions) Start(w http.ResponseWriter, r *http.Request, person Person) error {
	p, err := s.c.Store.Practice(person.Practice)
	if err != nil {
		return err
	}
	now := s.c.Now().UTC()
	lasts := PatientFor
	if person.Role != Patient && person.Role != Proxy {
		lasts = StaffFor
	}
	value, id := secret(person.Practice)
	ref := ident.Ref{Type: sessionType, ID: id}
	write, err := prepare(ref, sessionBody{
		sessionType, id, person.AccountID, person.Role, person.Method, now, now.Add(lasts), now,
	})
	if err != nil {
		return err
	}
	if err := s.endCookie(r); err != nil {
		return err
	}
	_, err = p.Commit(r.Context(), record.Change{
		Author: person.Author(""), Reason: "signed in by " + person.Method,
		Expect: []record.Expect{{Ref: ref}}, Writes: []record.Write{write},
	})
	if err != nil {
		return err
	}
	http.SetCookie(w, s.Cookie(s.CookieName(), value, 0))
	return nil
}

// Person tells who is signed in. A session whose account has been disabled,
// or has another role than it was started with, is over.
func (s *Sessions) Person(r *http.Request) (Person, bool) {
	c, err := r.Cookie(s.CookieName())
	if err != nil {
		return Person{}, false
	}
	practice, id, ok := secretOf(c.Value)
	if !ok {
		return Person{}, false
	}
	ctx := r.Context()
	p, err := s.accounts.known(ctx, practice)
	if err != nil {
		return Person{}, false
	}
	v, err := p.Read(ctx, ident.Ref{Type: sessionType, ID: id})
	if err != nil {
		return Person{}, false
	}
	var b sessionBody
	if json.Unmarshal(v.Body.Bytes, &b) != nil {
		return Person{}, false
	}
	now := s.c.Now()
	if !s.alive(b, now) {
		return Person{}, false
	}
	a, err := s.accounts.Get(ctx, practice, b.Account)
	if err != nil || a.Disabled || a.Role != b.Role || b.Created.Before(a.Since) {
		return Person{}, false
	}
	s.touch(ctx, p, v, b, now)
	person := a.Person(b.Method, now)
	person.Session = id
	return person, true
}

// alive tells whether a session has neither expired nor been left alone for
// too long.
func (s *Sessions) alive(b sessionBody, now time.Time) bool {
	if !now.Before(b.Expires) {
		return false
	}
	if b.Role != Patient && b.Role != Proxy {
		return true
	}
	s.mu.Lock()
	last := s.seen[b.ID]
	s.mu.Unlock()
	if last.Before(b.Seen) {
		last = b.Seen
	}
	return now.Sub(last) < PatientIdle
}

// touch remembers that a session is in use: in memory each time, in the log
// now and then, so that a restart or another process does not end it.
func (s *Sessions) touch(ctx context.Context, p *record.Practice, v record.Version, b sessionBody, now time.Time) {
	if b.Role != Patient && b.Role != Proxy {
		return
	}
	s.mu.Lock()
	for id, t := range s.seen {
		if len(s.seen) < 10_000 {
			break
		}
		if now.Sub(t) > touchEvery {
			delete(s.seen, id)
		}
	}
	s.seen[b.ID] = now
	s.mu.Unlock()
	if now.Sub(b.Seen) < touchEvery {
		return
	}
	b.Seen = now.UTC()
	w, err := prepare(v.Ref, b)
	if err != nil {
		return
	}
	// Losing to another page of the same person is as good as winning.
	_, _ = p.Commit(ctx, record.Change{
		Author: record.System, Reason: "session in use",
		Expect: []record.Expect{v.Expect()}, Writes: []record.Write{w},
	})
}

// End signs the person out: the session is deleted, not only the cookie.
func (s *Sessions) End(w http.ResponseWriter, r *http.Request) error {
	err := s.endCookie(r)
	http.SetCookie(w, s.Cookie(s.CookieName(), "", -1))
	return err
}

// endCookie ends the session that the browser came with, if there is one.
func (s *Sessions) endCookie(r *http.Request) error {
	c, err := r.Cookie(s.CookieName())
	if err != nil {
		return nil //nolint:nilerr // there is no session of ours to end
	}
	practice, id, ok := secretOf(c.Value)
	if !ok {
		return nil
	}
	ctx := r.Context()
	p, err := s.accounts.known(ctx, practice)
	if err != nil {
		return nil //nolint:nilerr // there is no session of ours to end
	}
	ref := ident.Ref{Type: sessionType, ID: id}
	if _, err := p.Read(ctx, ref); err != nil {
		return nil //nolint:nilerr // it has ended already
	}
	s.mu.Lock()
	delete(s.seen, id)
	s.mu.Unlock()
	_, err = p.Commit(ctx, record.Change{
		Author: record.System, Reason: "signed out", Writes: []record.Write{record.Remove(ref)},
	})
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
		return nil
	}
	return err
}

// Middleware puts the person who is signed in into each request's context;
// pages take them out with From.
func (s *Sessions) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p, ok := s.Person(r); ok {
			r = r.WithContext(With(r.Context(), p))
		}
		next.ServeHTTP(w, r)
	})
}

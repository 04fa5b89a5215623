// Package local is a message service of our own that speaks the APIs of GOV.UK
// Notify and NHS Notify, for demonstrations and tests.
//
// What comes in: requests as those services take them, checked as strictly.
// What goes out: answers and callbacks in their shape, and a list of what was
// sent. It must never send anything to anybody.
package local

import (
	"context"
	"crypto/rsa"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"heartwood/internal/ident"
)

// Config is what the service knows of its one customer.
type Config struct {
	Service, Secret string         // GOV.UK: the two halves of the API key
	Token           string         // GOV.UK: the bearer token of callbacks
	App             string         // NHS: the API key
	Public          *rsa.PublicKey // NHS: of the key that signs assertions
	CallbackSecret  string         // NHS: what signs callbacks
	// Tell delivers a callback; nil drops it. The path is "govuk/receipt",
	// "govuk/text" or "nhs/status".
	Tell func(ctx context.Context, path string, header http.Header, body []byte) error
	Now  func() time.Time
}

// Item is one message as the service took it.
type Item struct {
	ID, Reference string
	By            string // "GOV.UK Notify" or "NHS Notify"
	Medium        string // sms, email, letter, app
	To            string
	Subject, Text string
	PDF           []byte
	Status        string // in the service's own words
	At            time.Time
	told          string // the status that a callback has told
}

// Service is the local message service: an http.Handler, and a RoundTripper
// for clients in the same process.
type Service struct {
	c   Config
	mux *http.ServeMux

	mu    sync.Mutex
	items []*Item         // newest last; protected by mu
	fail  []int           // statuses to answer the next requests with; protected by mu
	used  map[string]bool // assertions seen; protected by mu
}

const keeps = 1000 // items

// New makes the service.
func New(c Config) *Service {
	if c.Now == nil {
		c.Now = time.Now
	}
	s := &Service{c: c, mux: http.NewServeMux(), used: map[string]bool{}}
	s.mux.HandleFunc("POST /v2/notifications/{kind}", s.govukSend)
	s.mux.HandleFunc("GET /v2/notifications/{id}", s.govukOne)
	s.mux.HandleFunc("GET /v2/notifications", s.govukList)
	s.mux.HandleFunc("POST /oauth2/token", s.nhsToken)
	s.mux.HandleFunc("POST /comms/v1/messages", s.nhsSend)
	s.mux.HandleFunc("GET /comms/v1/messages/{id}", s.nhsOne)
	return s
}

// Fail answers the next requests with these statuses, one each.
func (s *Service) Fail(statuses ...int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = append(s.fail, statuses...)
}

func (s *Service) failing() (int, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.fail) == 0 {
		return 0, false
	}
	n := s.fail[0]
	s.fail = s.fail[1:]
	return n, true
}

// ServeHTTP answers.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if n, ok := s.failing(); ok {
		answer(w, n, map[string]any{"status_code": n, "errors": []any{map[string]string{"error": "Told to fail", "message": "by a test"}}})
		return
	}
	s.mux.ServeHTTP(w, r)
}

// Items are what was sent, newest first.
func (s *Service) Items() []Item {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Item, 0, len(s.items))
	for _, i := range slices.Backward(s.items) {
		out = append(out, *i)
	}
	return out
}

func (s *Service) add(i Item) Item {
	i.ID, i.At = uuid(), s.c.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.items = append(s.items, &i)
	if len(s.items) > keeps {
		s.items = slices.Delete(s.items, 0, len(s.items)-keeps)
	}
	return i
}

func (s *Service) find(fits func(*Item) bool) []Item {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Item
	for _, i := range slices.Backward(s.items) {
		if fits(i) {
			out = append(out, *i)
		}
	}
	return out
}

// Became changes what became of a message: "delivered", "permanent-failure".
func (s *Service) Became(id, status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, i := range s.items {
		if i.ID == id {
			i.Status = status
		}
	}
}

// fate is what becomes of a message by itself: the numbers and addresses that
// GOV.UK Notify keeps for trying things out fail as they do there.
func fate(i Item) string {
	to := strings.ReplaceAll(i.To, " ", "")
	switch {
	case strings.HasSuffix(to, "7700900002"), strings.HasPrefix(to, "perm-fail@"):
		return "permanent-failure"
	case strings.HasSuffix(to, "7700900003"), strings.HasPrefix(to, "temp-fail@"):
		return "temporary-failure"
	case i.Medium == "letter":
		return "received"
	}
	return "delivered"
}

// Deliver lets time pass: what was on its way arrives or fails, and callbacks
// that have not been taken yet are told. It gives how many were.
func (s *Service) Deliver(ctx context.Context) int {
	s.mu.Lock()
	var due []Item
	for _, i := range s.items {
		switch i.Status {
		case "created", "sending", "accepted":
			i.Status = fate(*i)
		}
		if i.told != i.Status {
			due = append(due, *i)
		}
	}
	s.mu.Unlock()
	n := 0
	for _, i := range due {
		if s.tell(ctx, i) != nil {
			continue // told again next time
		}
		n++
		s.mu.Lock()
		for _, x := range s.items {
			if x.ID == i.ID {
				x.told = i.Status
			}
		}
		s.mu.Unlock()
	}
	return n
}

// Run delivers every few seconds until the context ends.
func (s *Service) Run(ctx context.Context) error {
	t := time.NewTicker(2 * time.Second)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
			s.Deliver(ctx)
		}
	}
}

// uuid is an id in the shape that both services have.
func uuid() string {
	h := strings.ToLower(ident.NewID() + ident.NewID() + ident.NewID())
	var b strings.Builder
	for _, r := range h {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'f' {
			b.WriteRune(r)
		} else {
			b.WriteByte("0123456789abcdef"[r%16])
		}
		if b.Len() == 32 {
			break
		}
	}
	x := b.String()
	return x[:8] + "-" + x[8:12] + "-" + x[12:16] + "-" + x[16:20] + "-" + x[20:]
}

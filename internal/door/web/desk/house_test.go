package desk_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/demo"
	"heartwood/internal/door/web/desk"
	"heartwood/internal/door/web/live"
	"heartwood/internal/door/web/page"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/pebble"
	"heartwood/internal/view/worklist"
	"heartwood/internal/words"
)

// house is one practice of the demonstration on a real record in memory, with
// its desk served over HTTP and a clock that the test moves.
type house struct {
	t      testing.TB
	store  *record.Store
	p      *record.Practice
	clock  *atomic.Int64
	server *httptest.Server
	staff  map[string]access.Person // by role
	sample []demo.Sample

	accounts *access.Accounts
	letters  []access.Letter
}

func newHouse(t testing.TB, patients int) *house {
	t.Helper()
	log, err := pebble.Open(pebble.Config{})
	must(t, err)
	h := &house{t: t, clock: &atomic.Int64{}, staff: map[string]access.Person{}}
	start := time.Date(2026, 3, 3, 10, 0, 0, 0, words.London)
	h.clock.Store(start.UnixNano())
	now := func() time.Time { return time.Unix(0, h.clock.Load()) }
	h.store, err = record.Open(t.Context(), record.Config{Log: log, Now: now})
	must(t, err)
	net, err := demo.New(demo.Config{Seed: 1, Practices: 1, Patients: patients, Today: start})
	must(t, err)
	practice := net.Practices()[0]
	h.p, err = h.store.Practice(practice.ODS)
	must(t, err)
	h.fill(practice)
	for _, s := range practice.Staff() {
		if _, had := h.staff[s.Role]; !had {
			h.staff[s.Role] = access.Person{AccountID: s.ID, Name: s.Name, Role: access.Role(s.Role), Practice: s.ODS, Ref: "Practitioner/" + s.ID}
		}
	}
	h.sample = practice.SamplePatients()
	list := worklist.New(h.p)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- list.Run(ctx) }()
	must(t, list.Ready(t.Context()))
	queue := func(context.Context, ident.ODS) (*worklist.List, error) { return list, nil }
	mux := http.NewServeMux()
	keys, err := access.OpenKeys(t.TempDir(), now)
	must(t, err)
	h.accounts, err = access.NewAccounts(access.Config{Store: h.store, Keys: keys, Origin: "https://care.example", Now: now})
	must(t, err)
	desk.New(desk.Config{Store: h.store, Queue: queue, Accounts: h.accounts, Send: func(_ context.Context, l access.Letter) error {
		h.letters = append(h.letters, l) // each test asks for one page at a time
		return nil
	}}).Routes(mux)
	live.New(queue, nil).Routes(mux)
	h.server = httptest.NewServer(h.signedIn(mux))
	t.Cleanup(func() {
		h.server.Close()
		stop()
		<-ended
		_, _ = h.store.Close(), log.Close()
	})
	return h
}

// fill puts the demonstration's resources into the record.
func (h *house) fill(practice demo.Practice) {
	h.t.Helper()
	c := record.Change{Author: record.Author{Ref: "Device/demo", Role: "system"}, Reason: "demo"}
	flush := func() {
		if len(c.Writes) > 0 {
			_, err := h.p.Commit(h.t.Context(), c)
			must(h.t, err)
			c.Writes = nil
		}
	}
	for item := range practice.Resources() {
		w, err := record.Prepare(ident.Ref{Type: item.Type, ID: item.ID}, item.Body)
		must(h.t, err)
		if c.Writes = append(c.Writes, w); len(c.Writes) == 500 {
			flush()
		}
	}
	flush()
}

// signedIn takes who is asking from a header: sign-in has its own tests.
func (h *house) signedIn(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p, ok := h.staff[r.Header.Get("Test-As")]; ok {
			r = r.WithContext(access.With(r.Context(), p))
		}
		next.ServeHTTP(w, page.WithBase(r, page.Frame{}))
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// browser is one person at the desk, without script.
type browser struct {
	h    *house
	as   string
	at   string // path of the page
	code int
	body string
}

func (h *house) as(role string) *browser { return &browser{h: h, as: role} }

func (h *house) desk(path string) string { return "/desk/" + string(h.p.ODS()) + "/" + path }

func (b *browser) send(r *http.Request) *browser {
	b.h.t.Helper()
	r.Header.Set("Test-As", b.as)
	client := http.Client{CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		r.Header.Set("Test-As", b.as)
		return nil
	}}
	resp, err := client.Do(r)
	must(b.h.t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	must(b.h.t, err)
	b.at, b.code, b.body = resp.Request.URL.RequestURI(), resp.StatusCode, string(body)
	return b
}

// open goes to a page of the desk.
func (b *browser) open(path string) *browser {
	b.h.t.Helper()
	if !strings.HasPrefix(path, "/") {
		path = b.h.desk(path)
	}
	r, err := http.NewRequestWithContext(b.h.t.Context(), http.MethodGet, b.h.server.URL+path, nil)
	must(b.h.t, err)
	return b.send(r)
}

var (
	inputTag  = regexp.MustCompile(`<input [^>]*>`)
	textTag   = regexp.MustCompile(`(?s)<textarea [^>]*name="([^"]*)"[^>]*>(.*?)</textarea>`)
	selectTag = regexp.MustCompile(`(?s)<select [^>]*name="([^"]*)"[^>]*>(.*?)</select>`)
	optionTag = regexp.MustCompile(`<option value="([^"]*)"[^>]*?( selected)?>`)
	attribute = regexp.MustCompile(`([a-z-]+)(?:="([^"]*)")?`)
)

// filled are the fields of a form as they stand.
func filled(form string) url.Values {
	v := url.Values{}
	for _, tag := range inputTag.FindAllString(form, -1) {
		a := map[string]string{}
		for _, m := range attribute.FindAllStringSubmatch(strings.TrimPrefix(tag, "<input "), -1) {
			a[m[1]] = unescape(m[2])
		}
		_, checked := a["checked"]
		if t := a["type"]; t != "checkbox" && t != "radio" || checked {
			v.Add(a["name"], a["value"])
		}
	}
	for _, m := range textTag.FindAllStringSubmatch(form, -1) {
		v.Add(m[1], unescape(m[2]))
	}
	for _, m := range selectTag.FindAllStringSubmatch(form, -1) {
		for i, o := range optionTag.FindAllStringSubmatch(m[2], -1) {
			if i == 0 || o[2] != "" {
				v.Set(m[1], unescape(o[1]))
			}
		}
	}
	return v
}

// submit sends the form whose action ends in end, with its hidden fields and
// these values: as a browser would.
func (b *browser) submit(end string, values ...string) *browser {
	b.h.t.Helper()
	at := regexp.MustCompile(`<form method="post" action="([^"]*` + regexp.QuoteMeta(end) + `)"`).FindStringSubmatchIndex(b.body)
	if at == nil {
		b.h.t.Fatalf("%s (%d) has no form to %q:\n%s", b.at, b.code, end, b.text())
	}
	action := b.body[at[2]:at[3]]
	form, _, _ := strings.Cut(b.body[at[0]:], "</form>")
	v := filled(form)
	for i := 0; i+1 < len(values); i += 2 {
		v.Set(values[i], values[i+1])
	}
	return b.post(action, v)
}

func (b *browser) post(action string, v url.Values) *browser {
	b.h.t.Helper()
	r, err := http.NewRequestWithContext(b.h.t.Context(), http.MethodPost, b.h.server.URL+action, strings.NewReader(v.Encode()))
	must(b.h.t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.send(r)
}

func unescape(s string) string {
	return strings.NewReplacer("&amp;", "&", "&#34;", `"`, "&#39;", "'", "&#43;", "+", "&lt;", "<", "&gt;", ">").Replace(s)
}

var (
	tags   = regexp.MustCompile(`<[^>]*>`)
	spaces = regexp.MustCompile(`\s+`)
)

// text is what the page says.
func (b *browser) text() string {
	_, main, _ := strings.Cut(b.body, "<main")
	if main == "" {
		main = b.body
	}
	return unescape(spaces.ReplaceAllString(tags.ReplaceAllString(main, " "), " "))
}

// says fails the test unless the page has this status and says these words.
func (b *browser) says(code int, wanted ...string) *browser {
	b.h.t.Helper()
	if b.code != code {
		b.h.t.Fatalf("%s answered %d, not %d:\n%s", b.at, b.code, code, b.text())
	}
	for _, w := range wanted {
		if !strings.Contains(b.text(), w) {
			b.h.t.Fatalf("%s does not say %q:\n%s", b.at, w, b.text())
		}
	}
	return b
}

// silent fails the test if the page says any of these.
func (b *browser) silent(unwanted ...string) *browser {
	b.h.t.Helper()
	for _, w := range unwanted {
		if strings.Contains(b.text(), w) {
			b.h.t.Fatalf("%s says %q:\n%s", b.at, w, b.text())
		}
	}
	return b
}

// find gives the first submatch of a pattern in the page's HTML.
func (b *browser) find(pattern string) string {
	b.h.t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(b.body)
	if m == nil {
		b.h.t.Fatalf("%s has no %s:\n%s", b.at, pattern, b.body)
	}
	return unescape(m[1])
}

// give sends a form of the desk, and follows where it leads.
func (b *browser) give(path string, pairs ...string) *browser {
	b.h.t.Helper()
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return b.post(b.h.desk(path), v)
}

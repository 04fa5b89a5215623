package web_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care/request"
	"heartwood/internal/door/web"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/pebble"
	"heartwood/internal/view/worklist"
)

const ods = ident.ODS("Z99901")

// surgery is a practice with a few patients and the whole site before it.
type surgery struct {
	t        *testing.T
	store    *record.Store
	practice *record.Practice
	server   *httptest.Server
}

func open(t *testing.T) *surgery {
	t.Helper()
	log, err := pebble.Open(pebble.Config{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := record.Open(context.Background(), record.Config{Log: log})
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.Practice(ods)
	if err != nil {
		t.Fatal(err)
	}
	y := &surgery{t: t, store: s, practice: p}
	y.put("Organization/Z99901", `"name":"Alder Lane Surgery"`)
	y.put("Patient/ann", `"name":[{"given":["Ann"],"family":"Ashe"}],"birthDate":"1980-04-03","gender":"female","telecom":[{"system":"phone","value":"07700 900001"}]`)
	y.put("Patient/ben", `"name":[{"given":["Ben"],"family":"Ashe"}],"birthDate":"2019-06-01","gender":"male"`)
	y.put("Patient/cat", `"name":[{"given":["Cat"],"family":"Cole"}],"birthDate":"1955-06-01"`)
	list := worklist.New(p)
	h := web.New(web.Config{
		Store: s, SignIn: func(*http.ServeMux) {},
		Queue: func(context.Context, ident.ODS) (*worklist.List, error) { return list, nil },
	})
	y.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := r.Cookie("as"); err == nil {
			r = r.WithContext(access.With(r.Context(), people[c.Value]))
		}
		h.ServeHTTP(w, r)
	}))
	t.Cleanup(func() { y.server.Close(); _ = s.Close(); _ = log.Close() })
	return y
}

var people = map[string]access.Person{
	"ann": {
		AccountID: "a", Name: "Ann Ashe", Role: access.Patient, Practice: ods, Ref: "Patient/ann",
		Patients: []string{"Patient/ann", "Patient/ben"}, Charges: []access.Charge{{Patient: "Patient/ben", Relationship: "mother"}},
	},
	"cat": {AccountID: "c", Name: "Cat Cole", Role: access.Patient, Practice: ods, Ref: "Patient/cat", Patients: []string{"Patient/cat"}},
}

func (y *surgery) put(ref, rest string) {
	y.t.Helper()
	r, _ := ident.ParseRef(ref)
	w, err := record.Prepare(r, fmt.Appendf(nil, `{"resourceType":%q,"id":%q,%s}`, r.Type, r.ID, rest))
	if err != nil {
		y.t.Fatal(err)
	}
	_, err = y.practice.Commit(context.Background(), record.Change{Author: record.Author{Ref: "Device/test", Role: "system"}, Reason: "test", Writes: []record.Write{w}})
	if err != nil {
		y.t.Fatal(err)
	}
}

func (y *surgery) queue() []request.View {
	y.t.Helper()
	q, err := request.New(y.store).Queue(context.Background(), ods)
	if err != nil {
		y.t.Fatal(err)
	}
	return q
}

// browser is one person's browser, with its cookies.
type browser struct {
	y *surgery
	c *http.Client
}

func (y *surgery) browser(as string) *browser {
	jar, _ := cookiejar.New(nil)
	if as != "" {
		u, _ := url.Parse(y.server.URL)
		jar.SetCookies(u, []*http.Cookie{{Name: "as", Value: as, Path: "/"}})
	}
	return &browser{y, &http.Client{Jar: jar}}
}

// seen is the page that a request ended on.
type seen struct {
	status int
	path   string
	body   string
}

func (b *browser) do(r *http.Request) seen {
	b.y.t.Helper()
	res, err := b.c.Do(r)
	if err != nil {
		b.y.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.y.t.Fatal(err)
	}
	return seen{res.StatusCode, res.Request.URL.Path, string(body)}
}

func (b *browser) get(path string) seen {
	r, _ := http.NewRequest("GET", b.y.server.URL+path, nil)
	return b.do(r)
}

func (b *browser) post(path string, pairs ...string) seen {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	r, _ := http.NewRequest("POST", b.y.server.URL+path, strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

func (b *browser) upload(path, name, media string, data []byte, pairs ...string) seen {
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for i := 0; i < len(pairs); i += 2 {
		_ = m.WriteField(pairs[i], pairs[i+1])
	}
	if name != "" {
		h := map[string][]string{"Content-Disposition": {fmt.Sprintf(`form-data; name="photos"; filename=%q`, name)}, "Content-Type": {media}}
		p, _ := m.CreatePart(h)
		_, _ = p.Write(data)
	}
	_ = m.Close()
	r, _ := http.NewRequest("POST", b.y.server.URL+path, &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return b.do(r)
}

const ask = "/p/Z99901/ask"

// to walks the form up to the page with all the answers, saying what.
func (b *browser) to(t *testing.T, what string) seen {
	t.Helper()
	at := b.post(ask)
	steps := map[string][]string{
		"who": {"asker", "self"},
		"you": {
			"given", "Dee", "family", "Dunn", "birth-day", "3", "birth-month", "4", "birth-year", "1980",
			"phone", "07700 900 002", "nhs-number", "999 000 0018",
		},
		"kind": {"kind", "new-problem"}, "what": {"what", what},
		"how-long": {"how-long", "1 to 3 days"}, "how-bad": {"how-bad", "3"}, "change": {"change", "same"},
		"pregnant": {"pregnant", "no"}, "tried": {"tried", "rest"}, "hope": {"hope", ""},
		"contact": {"contact-how", "phone", "contact-number", "07700 900 002"},
	}
	for range 20 {
		step := at.path[strings.LastIndexByte(at.path, '/')+1:]
		switch pairs, ok := steps[step]; {
		case step == "photos":
			at = b.upload(ask+"/photos", "", "", nil)
		case !ok:
			return at
		case step == "who" && strings.Contains(at.body, "Patient/ann"):
			at = b.post(ask+"/who", "asker", "Patient/ann")
		default:
			at = b.post(ask+"/"+step, pairs...)
		}
		if at.status != http.StatusOK {
			t.Fatalf("step %s: %d\n%s", step, at.status, errorsOf(at.body))
		}
	}
	t.Fatalf("the form does not end: %s", at.path)
	return at
}

var (
	errorLine = regexp.MustCompile(`(?s)nhsuk-error-summary__list">.*?</ul>`)
	reference = regexp.MustCompile(`HW-[0-9A-Z]{4}-[0-9A-Z]{4}`)
)

func errorsOf(body string) string {
	if m := errorLine.FindString(body); m != "" {
		return m
	}
	return body
}

func (y *surgery) accesses(patient string) []record.Access {
	y.t.Helper()
	a, err := y.practice.Accesses(context.Background(), patient, time.Time{}, 100)
	if err != nil {
		y.t.Fatal(err)
	}
	return a
}

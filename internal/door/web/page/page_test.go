package page_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"

	"heartwood/internal/door/web/page"
	"heartwood/internal/door/web/page/pagecheck"
	"heartwood/internal/fault"
	"heartwood/internal/words"
)

type sample struct {
	Form *page.Form
	Rows []page.Row
	Kind []page.Option
	Text string
}

var samplePage = page.New[sample](fstest.MapFS{"sample.html": {Data: []byte(`
<h1>{{.Text}}</h1>
{{input .Form "name" "Your name" "hint" "As on your passport" "autocomplete" "name"}}
{{textarea .Form "about" "About" "max" "2000"}}
{{dateinput .Form "dob" "Date of birth" "bday" "yes"}}
{{radios .Form "kind" "What kind?" .Kind "label" "l" "h1" "yes"}}
{{checkboxes .Form "needs" "Needs" .Kind}}
{{selectbox .Form "pick" "Pick" .Kind}}
{{file .Form "photo" "Photo" "accept" "image/*"}}
{{hidden "draft" "1"}}{{button "Go" ""}}{{tag "New" "blue"}}
{{care "emergency" "Call 999"}}<p>now</p>{{endcare}}
{{details "More"}}<p>x</p>{{enddetails}}{{warning "Note"}}<p>x</p>{{endwarning}}{{inset}}<p>x</p>{{endinset}}
{{card "Card"}}x{{endcard}}{{alert "info" "T"}}x{{endalert}}
{{summary .Rows}}{{panel "Sent" "Ref 1"}}{{pagination "" "" "/2" "Older"}}`)}}, "sample.html")

func TestTemplatesFitTheirStructs(t *testing.T) { pagecheck.All(t) }

const script = `<script>alert(1)</script>"'>`

func TestPageEscapesWhatPeopleType(t *testing.T) {
	form := &page.Form{Values: url.Values{"name": {script}, "about": {script}, "dob-day": {script}, "kind": {"a"}}}
	form.Fail("name", "Enter "+script)
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "/", nil)
	f := page.Frame{Title: script, Practice: script, User: &page.User{Name: script}, Form: form}
	err := samplePage.Render(w, r, 200, f, sample{
		Form: form, Text: script,
		Rows: []page.Row{{Key: script, Value: script, Change: "javascript:alert(1)"}}, Kind: []page.Option{{Value: "a", Text: script}},
	})
	if err != nil {
		t.Fatal(err)
	}
	body := w.Body.String()
	if strings.Contains(body, "<script>alert") || strings.Contains(body, `href="javascript:`) {
		t.Errorf("the page has unescaped input:\n%s", body)
	}
	for _, want := range []string{"There is a problem", `href="#name"`, `id="name"`, "Error: &lt;script"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if csp := w.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
		t.Errorf("policy = %q", csp)
	}
	if got := w.Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control = %q", got)
	}
}

func TestErrorShowsTheSentenceAndNeverTheCause(t *testing.T) {
	tests := []struct {
		err    error
		status int
		says   string
	}{
		{fault.New(fault.NotFound, "There is no such request."), 404, "There is no such request."},
		{fault.Wrap(errors.New("secret"), fault.Forbidden, "You may not."), 403, "You may not."},
		{errors.New("secret"), 500, "tell the practice this reference"},
	}
	for _, tt := range tests {
		w := httptest.NewRecorder()
		page.Error(w, httptest.NewRequest("GET", "/", nil), tt.err)
		if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.says) || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%v: %d %s", tt.err, w.Code, w.Body)
		}
	}
}

func TestParse(t *testing.T) {
	post := func(body string) (*page.Form, error) {
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return page.Parse(httptest.NewRecorder(), r, 1000)
	}
	f, err := post(url.Values{"a": {"  x\r\ny\x00\x07 "}, "d-day": {"31"}, "d-month": {"2"}, "d-year": {"2020"}, "e-day": {"1"}, "e-month": {"2"}, "e-year": {"2020"}}.Encode())
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Text("a", 10); got != "x\ny" {
		t.Errorf("text = %q", got)
	}
	if d := f.Date("e", "a date"); words.Date(d) != "1 February 2020" || !f.OK() {
		t.Errorf("date = %v, %v", d, f.Errors)
	}
	if f.Date("d", "a date"); f.Error("d") == "" {
		t.Error("31 February was taken")
	}
	if f.Need("none", 5, "Enter it"); f.Error("none") != "Enter it" {
		t.Error("an empty field was taken")
	}
	if _, err := post("a=" + strings.Repeat("x", 2000)); fault.KindOf(err) != fault.TooLarge {
		t.Errorf("too much: %v", err)
	}
	if _, err := post("a=%zz"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("bad encoding: %v", err)
	}
}

func TestFuncShowsItsError(t *testing.T) {
	w := httptest.NewRecorder()
	page.Func(func(http.ResponseWriter, *http.Request) error { return fault.New(fault.Gone, "It has gone.") }).
		ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != http.StatusGone {
		t.Error(w.Code)
	}
}

package page_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"heartwood/internal/door/web/page"
)

// Whatever a browser sends, a form is read or refused, and what is read is
// clean text that is no longer than was asked for unless it is an error.
func FuzzForm(f *testing.F) {
	f.Add("a=x&d-day=1&d-month=2&d-year=2020", "application/x-www-form-urlencoded")
	f.Add("a=%00%e2%80%ae%ff&d-day=31&d-month=2", "application/x-www-form-urlencoded")
	f.Add("--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--b--", "multipart/form-data; boundary=b")
	f.Add("--b", "multipart/form-data; boundary=")
	f.Fuzz(func(t *testing.T, body, media string) {
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.Header.Set("Content-Type", media)
		form, err := page.Parse(httptest.NewRecorder(), r, 4096)
		if err != nil {
			return
		}
		s := form.Text("a", 10)
		if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }) {
			t.Errorf("kept %q", s)
		}
		if utf8.RuneCountInString(s) > 10 && form.Error("a") == "" {
			t.Errorf("took %q", s)
		}
		if d := form.Date("d", "a date"); d.IsZero() == (form.Error("d") == "") {
			t.Errorf("date %v, error %q", d, form.Error("d"))
		}
	})
}

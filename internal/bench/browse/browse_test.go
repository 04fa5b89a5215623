package browse_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"heartwood/internal/bench/browse"
)

const page = `<html><main><form method="post" action="next?a=1" enctype="multipart/form-data">
<input type="hidden" name="key" value="k1"><input name="birth-day"><input name="birth-year"><input name="given" value="Robin">
<input type="radio" name="r" value="a"><input type="radio" name="r" value="b"><input type="radio" name="off" value="x" disabled>
<input type="checkbox" name="c" value="1"><input type="checkbox" name="c" value="2" checked>
<select name="s"><option value="">Choose</option><option value="one">1</option></select>
<textarea name="t">
kept</textarea><input type="file" name="f"><button name="step" value="save">Go</button>
</form></main></html>`

func TestFill(t *testing.T) {
	forms := (&browse.Page{Body: []byte(page)}).Forms()
	if len(forms) != 1 {
		t.Fatalf("%d forms", len(forms))
	}
	got := forms[0].Fill(url.Values{"step": {"save"}}, func(n int) int { return n - 1 })
	want := url.Values{
		"key": {"k1"}, "birth-day": {"3"}, "birth-year": {"2020"}, "given": {"Robin"}, "r": {"b"},
		"c": {"2"}, "s": {"one"}, "t": {"kept"}, "step": {"save"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// A form is sent to where it says, with a cookie that came before, redirects
// are followed, and every answer is told.
func TestSend(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /p/form", func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "draft", Value: "d1", Path: "/"})
		_, _ = w.Write([]byte(page))
	})
	mux.HandleFunc("POST /p/next", func(w http.ResponseWriter, r *http.Request) {
		c, err := r.Cookie("draft")
		if err != nil || c.Value != "d1" || r.FormValue("given") != "Robin" || r.URL.RawQuery != "a=1" {
			t.Errorf("cookie %v, form %v, %v", c, r.Form, err)
		}
		http.Redirect(w, r, "/done", http.StatusSeeOther)
	})
	mux.HandleFunc("GET /done", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("thank you")) })
	mux.HandleFunc("GET /away", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://elsewhere.example/", http.StatusFound)
	})
	s := httptest.NewServer(mux)
	defer s.Close()
	b := browse.New(s.URL)
	defer b.Close()
	var paths []string
	b.Saw = func(a browse.Answer) { paths = append(paths, a.Path) }
	p, err := b.Get(t.Context(), "/p/form")
	if err != nil {
		t.Fatal(err)
	}
	f := p.Forms()[0]
	got, err := b.Send(t.Context(), p, f, f.Fill(nil, func(int) int { return 0 }))
	if err != nil || string(got.Body) != "thank you" {
		t.Fatalf("%v %v", got, err)
	}
	if d := cmp.Diff([]string{"/p/form", "/p/next", "/done"}, paths); d != "" {
		t.Error(d)
	}
	if _, err := b.Get(t.Context(), "/away"); err == nil {
		t.Error("it followed a redirect to another site")
	}
}

func FuzzForms(f *testing.F) {
	f.Add(page)
	f.Add("<form><select name=a><option><form>")
	f.Fuzz(func(_ *testing.T, s string) {
		for _, x := range (&browse.Page{Body: []byte(s)}).Forms() {
			x.Fill(nil, func(int) int { return 0 })
		}
	})
}

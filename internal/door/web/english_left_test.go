package web_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"

	"heartwood/internal/words"
)

// theSame are texts of patients' pages that are alike in English and Welsh: the
// names of people and places, of languages and of the thing itself, what people
// wrote, and what is only in English by decision.
var theSame = []string{
	"Heartwood", "Surgery", "Cymraeg", "English", "ann", "una", "ann Example",
	"A letter, please.", "“A letter, please.”", "Your flu jab is ready.", "a.png", "Consultation", // what was written, by patients and by staff
}

var receiptNo = regexp.MustCompile(`^(A letter, please\.: )?HW-[0-9A-Z-]+$`)

// areas are the first parts of the addresses that patients read.
var areas = []string{"p", "m", "b", "check-in", "sign-in", "account", "privacy", "accessibility"}

// Every page that a patient reads is in Welsh to its last word, when it has
// nothing to say and when it says what is wrong.
func TestNoEnglishIsLeft(t *testing.T) {
	w := newTown(t)
	for _, r := range routes {
		method, _, ok := strings.Cut(r.pattern, " ")
		area := strings.Split(r.path, "/")[1]
		if !ok || !slices.Contains(areas, area) || strings.HasPrefix(r.path, "/sign-in/staff") || strings.HasSuffix(r.path, ".ics") || strings.HasPrefix(r.ok, "3") {
			continue
		}
		for _, who := range []string{"nobody", "ann", "una"} {
			if !r.lets(who) {
				continue
			}
			english, welsh := w.read(who, method, r.path, r.form, words.English), w.read(who, method, r.path, r.form, words.Welsh)
			for s := range welsh {
				if english[s] && !slices.Contains(theSame, s) && !receiptNo.MatchString(s) {
					t.Errorf("%s %s as %s: %q is English on the Welsh page", method, r.path, who, s)
				}
			}
		}
	}
}

// read is every text on a page, and every label that is read out, in a language.
func (w *town) read(who, method, path, form string, lang words.Lang) map[string]bool {
	w.t.Helper()
	r := httptest.NewRequest(method, w.stand(path), strings.NewReader(w.stand(form)))
	r.AddCookie(&http.Cookie{Name: "hw-language", Value: string(lang)})
	if method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if c := w.cookies[who]; c != nil {
		r.AddCookie(c)
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	out := map[string]bool{}
	if !strings.HasPrefix(rec.Header().Get("Content-Type"), "text/html") {
		return out
	}
	doc, err := html.Parse(rec.Body)
	must(w.t, err)
	for n := range doc.Descendants() {
		texts := []string{n.Data}
		if n.Type == html.ElementNode {
			texts = nil
			for _, a := range n.Attr {
				if a.Key == "aria-label" || a.Key == "alt" || a.Key == "placeholder" || a.Key == "title" {
					texts = append(texts, a.Val)
				}
			}
		} else if n.Type != html.TextNode || n.Parent.Data == "script" || n.Parent.Data == "style" || spokenIn(n, "en") {
			continue
		}
		for _, s := range texts {
			if s = strings.Join(strings.Fields(s), " "); strings.IndexFunc(s, unicode.IsLetter) >= 0 {
				out[s] = true
			}
		}
	}
	return out
}

// spokenIn tells whether a text says of itself that it is in another language
// than its page.
func spokenIn(n *html.Node, lang string) bool {
	for p := n.Parent; p != nil && p.Data != "html"; p = p.Parent {
		for _, a := range p.Attr {
			if a.Key == "lang" {
				return a.Val == lang
			}
		}
	}
	return false
}

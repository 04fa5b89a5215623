package page

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestPieces(t *testing.T) {
	for _, c := range []struct {
		source string
		want   []string
	}{
		{`<p>Hello, {{.Name}}</p>`, []string{"Hello, {{.Name}}"}},
		{`<p><a href="{{.Cancel}}">Cancel it</a></p>`, []string{"Cancel it"}},
		{`<p>None. <a class="x" href="{{.Ask}}">Ask us</a>
 now</p>`, []string{"None. <a>Ask us</a> now"}},
		{`{{if .A}}Yes{{else}}No{{end}}`, []string{"Yes", "No"}},
		{`<li>{{.What}}{{with .Who}} with {{.}}{{end}}</li>`, []string{"with {{.}}"}},
		{`<nav aria-label="Menu"><ul></ul></nav>`, []string{"Menu"}},
		{`{{input .Form "given" "First name" "width" "20" "hint" "As on your card"}}`, []string{"First name", "As on your card"}},
		{`<p>{{.Only}}</p><p>“{{.}}”</p>`, nil},
	} {
		if got := English(c.source); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.source, got, c.want)
		}
	}
}

func TestRewriteKeepsTagsAndPlaces(t *testing.T) {
	source := `<p>See <a class="x" href="{{.A}}">one</a> or <a href="/b">two</a>.</p>`
	got := rewrite(source, func(s string) string {
		return map[string]string{"See <a>one</a> or <a>two</a>.": "Gweler <a>un</a> neu <a>dau</a>."}[s]
	})
	if want := `<p>Gweler <a class="x" href="{{.A}}">un</a> neu <a href="/b">dau</a>.</p>`; got != want {
		t.Errorf("got %s", got)
	}
}

// A language that has no words for a page leaves it exactly as it is, so that
// a page is never harmed by what a translation lacks.
func TestNothingToSayChangesNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		parts := rapid.SliceOf(rapid.SampledFrom([]string{
			"<p>", "</p>", "<a href=\"{{.X}}\">", "</a>", "Some words", " ", "\n", "{{if .A}}", "{{end}}", "{{.B}}",
			`{{button "Send" ""}}`, "<br>", "<", "{{", `<b aria-label="A b">`, "</b>", "ŵ", "1 < 2",
		})).Draw(rt, "parts")
		source := strings.Join(parts, "")
		same := func(s string) string { return s }
		// Space within a piece is the only thing that may differ.
		if got := rewrite(source, same); strings.Join(strings.Fields(got), "") != strings.Join(strings.Fields(source), "") {
			rt.Fatalf("%q became %q", source, got)
		}
	})
}

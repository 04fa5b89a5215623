package web

import (
	"html"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"heartwood/internal/door/web/page"
	"heartwood/internal/words"
)

// harderPages name things by their proper names (passkeys, accessibility,
// privacy); how hard each may be at most is said here.
var harderPages = map[string]float64{
	"patient/appointment.html": 11.5, "bylink/book_birth.html": 13.5,
	"bylink/birth.html": 12, "bylink/done.html": 11.5, "signin/choose.html": 11.5, "signin/passkeys.html": 11.5, "signin/stale.html": 12.5,
	"about/accessibility.html": 12.5, "about/privacy.html": 12,
}

var blocks = regexp.MustCompile(`\{\{[^}]*\}\}|<[^>]*>`)

// Every page that patients read can be read by people aged 11, and no sentence
// of it is long. What the program puts in (a name, a date) is left out.
func TestPatientsPagesCanBeRead(t *testing.T) {
	for _, dir := range []string{"patient", "bylink", "signin", "about"} {
		pages, _ := filepath.Glob(dir + "/*.html")
		for _, f := range pages {
			if slices.Contains(staffPages, filepath.Base(f)) {
				continue
			}
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			var text strings.Builder
			for _, s := range page.English(string(b)) {
				text.WriteString(html.UnescapeString(blocks.ReplaceAllString(s, " it ")) + "\n")
			}
			r := words.Read(text.String())
			oldest := max(words.OldestReading, harderPages[f])
			if r.Words >= words.FewestToRead && r.Age() > oldest {
				t.Errorf("%s: reading age %.1f, %d long of %d words", f, r.Age(), r.Long, r.Words)
			}
			if r.LongestWords > words.LongestSentence {
				t.Errorf("%s: %d words in “%s”", f, r.LongestWords, r.Longest)
			}
		}
	}
}

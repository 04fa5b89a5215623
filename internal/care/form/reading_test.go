package form

import (
	"testing"

	"heartwood/internal/words"
)

// Every form that is shipped can be read by people aged 11: as a whole, each
// question that has words enough to say, and without a sentence that is long.
func TestShippedFormsCanBeRead(t *testing.T) {
	for _, f := range Shipped() {
		r := f.Reading()
		t.Logf("%s for %q: age %.1f, %d words", f.Kind, f.For, r.Age(), r.Words)
		if r.Age() > words.OldestReading {
			t.Errorf("%s: reading age %.1f", f.URL, r.Age())
		}
		if r.LongestWords > words.LongestSentence {
			t.Errorf("%s: %d words in “%s”", f.URL, r.LongestWords, r.Longest)
		}
		for _, p := range f.Pages {
			for _, a := range p.Asks {
				if one := words.Read(a.English()); one.Hard() {
					t.Errorf("%s: %s: reading age %.1f", f.URL, a.ID, one.Age())
				}
			}
		}
	}
}

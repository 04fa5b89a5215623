package words

import (
	"math"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

// Words of which the syllables are known.
func TestSyllables(t *testing.T) {
	for n, list := range map[int]string{
		1: "the a ask help make makes need asked phone send you're don't pain back NHS 111 which doesn't eye eyes shortness",
		2: "table tables wanted doses problem doctor people number letter appointment's question quiet asthma science being mobile",
		3: "medicine practitioner's condition appointment emergency's possible registration's",
	} {
		for _, w := range strings.Fields(list) {
			got := syllables(w)
			if diff := got - n; diff < -1 || diff > 1 {
				t.Errorf("%s: %d syllables, not about %d", w, got, n)
			}
		}
	}
	for w, n := range map[string]int{
		"help": 1, "make": 1, "table": 2, "asked": 1, "wanted": 2, "doses": 2, "problem": 2, "medicine": 3,
		"condition": 3, "question": 2, "people": 2, "appointment": 3, "emergency": 4, "tried": 1, "being": 2, "worried": 2,
		"contraception": 4, "registration": 4, "practice": 2, "anything": 3, "something": 2, "everything": 3, "another": 3, "—": 0, "12": 1,
	} {
		if got := syllables(w); got != n {
			t.Errorf("%s: %d syllables, not %d", w, got, n)
		}
	}
}

// Texts whose age is plain: those of early readers, what a practice should
// write, and what it should not.
func TestReadingAge(t *testing.T) {
	for _, c := range []struct {
		text     string
		from, to float64
	}{
		{"The cat sat on the mat. The dog ran to the cat. It was a big red dog. We all had fun.", 8, 8.2},
		{"We ask you some questions. A member of our team reads your answers. We tell you when you will hear from us. Call 999 in an emergency.", 7, 11},
		{"Patients presenting with exacerbations of pre-existing cardiovascular pathology should undertake an immediate clinical evaluation, notwithstanding the unavailability of continuity arrangements.", 18, 40},
	} {
		if a := Read(c.text).Age(); a < c.from || a > c.to {
			t.Errorf("%q: age %.1f, not between %.0f and %.0f", c.text, a, c.from, c.to)
		}
	}
	// The formula itself: 25 long words in 30 sentences are grade 8.3.
	if r := (Reading{Words: 300, Sentences: 30, Long: 25}); math.Abs(r.Age()-(5+3.1291+1.0430*5)) > 1e-9 {
		t.Errorf("%.3f", r.Age())
	}
	if (Reading{}).Age() != 0 || Read("… — !").Words != 0 {
		t.Error("no words have an age")
	}
	if Read("Contraception registration").Hard() {
		t.Error("two words are too few to call a text hard")
	}
}

// Nothing breaks it, every word counts at least one syllable, and a text twice
// over is as hard as once.
func TestReadingHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "text")
		r := Read(s)
		if r.Syllables < r.Words || r.Words > 0 && r.Sentences == 0 || r.LongestWords > r.Words {
			t.Fatalf("%+v", r)
		}
		twice := Read(s + "\n" + s)
		if strings.ContainsFunc(s, unicode.IsLetter) && math.Abs(twice.Age()-r.Age()) > 1e-9 {
			t.Fatalf("%.3f once, %.3f twice", r.Age(), twice.Age())
		}
	})
}

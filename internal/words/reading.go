package words

import (
	"math"
	"strings"
	"unicode"
)

// Reading is how hard a text is to read.
//
// Source: G. Harry McLaughlin, "SMOG grading: a new readability formula",
// Journal of Reading 12 (8), 1969: grade = 3.1291 + 1.0430 × the square root
// of the words of three syllables or more in 30 sentences; a text of fewer
// sentences is taken as so many times longer. The age is the grade and 5, the
// age in years at which an American grade begins. docs/decision/013 says why
// this one.
type Reading struct {
	Words, Sentences int
	Syllables        int    // of all words
	Long             int    // words of three syllables or more
	Longest          string // the sentence with the most words
	LongestWords     int
}

// OldestReading is the age in years above which a text is too hard for what
// patients read, FewestToRead the fewest words of which an age says anything,
// and LongestSentence the most words of a sentence.
const (
	OldestReading   = 11.0
	FewestToRead    = 30
	LongestSentence = 20
)

// Read measures an English text. A line without a stop at its end is a
// sentence of its own, as a heading, a label and an item of a list are.
func Read(text string) Reading {
	var r Reading
	for _, s := range stops(text) {
		n := 0
		for _, w := range strings.FieldsFunc(s, func(c rune) bool { return unicode.IsSpace(c) || strings.ContainsRune("-–/", c) }) {
			k := syllables(w)
			if k == 0 {
				continue
			}
			n++
			r.Syllables += k
			if k >= 3 {
				r.Long++
			}
		}
		if n == 0 {
			continue
		}
		r.Words, r.Sentences = r.Words+n, r.Sentences+1
		if n > r.LongestWords {
			r.Longest, r.LongestWords = strings.TrimSpace(s), n
		}
	}
	return r
}

// Age is the age in years at which somebody understands such a text; 0 for no
// words, and never below 8, where the formula begins.
func (r Reading) Age() float64 {
	if r.Words == 0 {
		return 0
	}
	return 5 + 3.1291 + 1.0430*math.Sqrt(30*float64(r.Long)/float64(r.Sentences))
}

// Hard tells whether a text is harder than people aged 11 can read with ease,
// where there are words enough to say.
func (r Reading) Hard() bool { return r.Words >= FewestToRead && r.Age() > OldestReading }

// stops cuts a text after its stops and at its line ends.
func stops(text string) []string {
	var out []string
	from := 0
	runes := []rune(text)
	for i, c := range runes {
		stop := c == '\n' || (c == '.' || c == '!' || c == '?') && (i+1 == len(runes) || unicode.IsSpace(runes[i+1]))
		if stop {
			out = append(out, string(runes[from:i+1]))
			from = i + 1
		}
	}
	return append(out, string(runes[from:]))
}

// Endings and beginnings that change how many syllables the letters seem to
// have.
var (
	plainly = strings.NewReplacer("’", "", "'", "", "some", "som", "every", "evry") // an e within that is not said
	silent  = []string{"es", "ed", "e"}                                             // of "makes", "cared", "make"
	voiced  = []string{"les", "le"}                                                 // of "tables", "table"
	apart   = []string{"ia", "io", "iu", "eo", "ua", "uo", "ying", "eing", "iest", "ier"}
	joined  = []string{"tio", "sio", "cio", "gio", "xio", "cia", "tia", "sia", "qua", "quo", "gua", "people"} // said as one
)

// syllables counts those of a word by its vowels, as a reader would say it;
// a number counts one, and what has neither letter nor digit none.
func syllables(word string) int {
	w := strings.ToLower(strings.TrimFunc(word, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) }))
	w = plainly.Replace(w)
	if w == "" {
		return 0
	}
	if !strings.ContainsFunc(w, unicode.IsLetter) || len(w) <= 3 {
		return 1
	}
	n, vowel := 0, false
	for i, c := range w {
		is := strings.ContainsRune("aeiou", c) || c == 'y' && i > 0
		if is && !vowel {
			n++
		}
		vowel = is
	}
	for _, s := range apart {
		n += strings.Count(w, s)
	}
	for _, s := range joined {
		n -= strings.Count(w, s)
	}
	return max(1, n-mute(w))
}

// mute is 1 for a word the last e of which is not said.
func mute(w string) int {
	for _, s := range voiced {
		stem, ok := strings.CutSuffix(w, s)
		if ok && stem != "" && !strings.ContainsRune("aeiou", rune(stem[len(stem)-1])) {
			return 0
		}
	}
	for _, s := range silent {
		stem, ok := strings.CutSuffix(w, s)
		if !ok || stem == "" || strings.ContainsRune("aeiouy", rune(stem[len(stem)-1])) {
			continue
		}
		last := stem[len(stem)-1]
		switch {
		case s == "ed" && (last == 't' || last == 'd'), // wanted
			s == "es" && strings.ContainsRune("szxc", rune(last)), // doses
			s == "es" && (strings.HasSuffix(stem, "sh") || strings.HasSuffix(stem, "ch") || last == 'g'):
			return 0
		}
		return 1
	}
	return 0
}

package triage

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxTokens is how many words of one request are screened: far more than a
// form takes, and a limit on the work that hostile text can cause.
const maxTokens = 20000

// token is one word of what was written.
type token struct {
	word     string // lower case, without apostrophes
	from, to int    // where it stands in its text
	text     int    // which text
	clause   int    // clauses are numbered; a full stop, "but" and the like begin one
	comma    bool   // a comma stands before it
	soft     bool   // it may stand inside any phrase
	record   bool   // it is of the record, not written by the person
	ids      []int  // the pattern words that it may be
}

// fillers say nothing here and are left out, of text and of patterns.
var fillers = set("a an the my his her hers its their our your of am are is was were be been being that this these those i've ive im it's its")

// soft words may stand anywhere inside a phrase.
var soft = set("really very so quite just some rather also bit slightly extremely terribly awful awfully horrible absolutely actually dead proper pure reet well right pretty somewhat rather majorly massively sort kind of like")

// turns begin a new clause: what was denied before them is not denied after.
var turns = set("but however although though except yet now then still because since when so plus only")

func set(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[strings.ReplaceAll(w, "'", "")] = true
	}
	return m
}

// tokenise splits texts into words without fillers, each spelt as the rules
// spell it.
func tokenise(texts []string, spelling map[string]string) []token {
	size := 0
	for _, t := range texts {
		size += len(t)
	}
	out := make([]token, 0, min(size/5+8, maxTokens))
	clause := 0
	for n, text := range texts {
		clause++
		comma := false
		for i := 0; i < len(text) && len(out) < maxTokens; {
			r, size := utf8.DecodeRuneInString(text[i:])
			switch {
			case isWord(r):
				word, end := scanWord(text, i)
				if right, ok := spelling[word]; ok {
					word = right
				}
				if turns[word] {
					clause++
				}
				if !fillers[word] && word != "" {
					out = append(out, token{word: word, from: i, to: end, text: n, clause: clause, comma: comma, soft: soft[word]})
					comma = false
				}
				i = end
				continue
			case r == ',' || r == '/' || r == '(' || r == ')':
				comma = true
			case r == '.' || r == '!' || r == '?' || r == ';' || r == ':' || r == '\n' || r == '•':
				if !decimal(text, i) {
					clause++
				}
			}
			i += size
		}
	}
	return out
}

// decimal tells whether the full stop at i stands inside a number: 38.5.
func decimal(text string, i int) bool {
	return i > 0 && i+1 < len(text) && isDigit(text[i-1]) && isDigit(text[i+1])
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// scanWord reads the word at i: letters and digits, with apostrophes dropped.
// A number and a unit written together ("39c", "6weeks") are two words.
func scanWord(text string, i int) (word string, end int) {
	var b strings.Builder
	digits := isDigit(text[i])
	for end = i; end < len(text); {
		r, size := utf8.DecodeRuneInString(text[end:])
		switch {
		case r == '\'' || r == '’' || r == '‘' || r == '`' || r == '´':
			if n, _ := utf8.DecodeRuneInString(text[end+size:]); !unicode.IsLetter(n) {
				return b.String(), end
			}
		case digits && r == '.' && decimal(text, end):
			b.WriteByte('.')
		case digits != (r >= '0' && r <= '9') || !isWord(r):
			return b.String(), end
		default:
			b.WriteRune(fold(r))
		}
		end += size
	}
	return b.String(), end
}

// fold lowers a letter and takes the accents that phones put on off it.
func fold(r rune) rune {
	r = unicode.ToLower(r)
	switch r {
	case 'é', 'è', 'ê', 'ë':
		return 'e'
	case 'á', 'à', 'â', 'ä', 'å':
		return 'a'
	case 'ï', 'í', 'ì', 'î':
		return 'i'
	case 'ö', 'ó', 'ò', 'ô':
		return 'o'
	case 'ü', 'ú', 'ù', 'û':
		return 'u'
	}
	return r
}

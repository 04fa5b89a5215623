// Package form is the questions that a practice asks: forms that are data.
//
// What comes in: a form as a FHIR R4 Questionnaire or as one of the files that
// are shipped, and answers by question. What goes out: which questions are
// asked next, what is wrong with an answer, everything that was written (for
// the red-flag rules), and QuestionnaireResponse items. It must never ask a
// form that is not active, never lose an answer because a form has a newer
// version, and never decide anything about the answers.
package form

import (
	"slices"
	"strings"
	"time"

	"heartwood/internal/words"
)

// Type is what sort of answer a question takes; FHIR item types.
type Type string

// The types.
const (
	Text    Type = "text"    // several lines
	String  Type = "string"  // one line
	Choice  Type = "choice"  // one of the options
	Several Type = "several" // a choice that repeats: any of the options
	Boolean Type = "boolean" // yes or no
	Date    Type = "date"
	Integer Type = "integer"
	Decimal Type = "decimal"
	Display Type = "display" // words only
)

// Types lists them in the order of an editor.
var Types = []Type{Text, String, Choice, Several, Boolean, Date, Integer, Decimal, Display}

// Words are a piece of text in the languages that it has; "en" always.
type Words map[string]string

// In is the text in a language, in English where it has none.
func (w Words) In(lang string) string {
	if s := w[lang]; s != "" {
		return s
	}
	return words.Lang(lang).T(w["en"])
}

// Form is one version of a form.
type Form struct {
	ID      string // of the Questionnaire in the record; "" for one that is shipped
	URL     string // its canonical address, the same for every version
	Version string
	Status  string // draft, active, retired
	Kind    string // what requests it asks about: a request.Kind
	For     string // whom it is for: "" for anybody, else one of Fors
	Title   Words
	Intro   Words
	BSL     string // https address of the form in British Sign Language
	Easy    string // https address of an easy-read version
	Pages   []Page
}

// Fors are the people a form can be for, besides everybody.
var Fors = []string{"adult", "child", "someone-else", "carer"}

// Page is what is asked together: one question, as a rule.
type Page struct {
	ID    string
	Title Words
	When  Rule
	Asks  []Ask
}

// Ask is one question.
type Ask struct {
	ID       string // the item's linkId
	Type     Type
	Text     Words
	Hint     Words
	Required bool
	Max      int // of characters (text, string), or the largest number
	Min      int // the smallest number
	Options  []Option
	When     Rule
}

// Option is one answer of a choice.
type Option struct {
	Code  string
	Label Words
	Hint  Words
}

// Rule says when something is asked: when any or all of its conditions hold.
// One without conditions always holds.
type Rule struct {
	All        bool
	Conditions []Condition
}

// Condition compares the answer of an earlier question.
type Condition struct {
	Ask    string // its linkId
	Op     string // =, !=, exists, >, <, >=, <=
	Answer string // a code, "true" or "false", a number, a date 2006-01-02
}

// Ops are the comparisons of FHIR R4 enableWhen.
var Ops = []string{"exists", "=", "!=", ">", "<", ">=", "<="}

// Canonical names this version of the form: url|version.
func (f Form) Canonical() string { return f.URL + "|" + f.Version }

// Ask finds a question by its id.
func (f Form) Ask(id string) (Ask, bool) {
	for _, p := range f.Pages {
		for _, a := range p.Asks {
			if a.ID == id {
				return a, true
			}
		}
	}
	return Ask{}, false
}

// Page finds a page by its id.
func (f Form) Page(id string) (Page, bool) {
	i := slices.IndexFunc(f.Pages, func(p Page) bool { return p.ID == id })
	if i < 0 {
		return Page{}, false
	}
	return f.Pages[i], true
}

// Option finds an option by its code.
func (a Ask) Option(code string) (Option, bool) {
	i := slices.IndexFunc(a.Options, func(o Option) bool { return o.Code == code })
	if i < 0 {
		return Option{}, false
	}
	return a.Options[i], true
}

// Answers are by question: the text, the codes, "true" or "false", the number
// as it was written, the date as 2006-01-02. No answer is no entry.
type Answers map[string][]string

// Get is the first answer to a question, "" for none.
func (a Answers) Get(id string) string {
	if v := a[id]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// Said is an answer in the words of the form, several joined by commas.
func (a Ask) Said(values []string, lang string) string {
	var out []string
	for _, v := range values {
		switch {
		case a.Type == Boolean && v == "true":
			v = yes.In(lang)
		case a.Type == Boolean:
			v = no.In(lang)
		case a.Type == Choice || a.Type == Several:
			if o, ok := a.Option(v); ok {
				v = o.Label.In(lang)
			}
		}
		out = append(out, v)
	}
	return strings.Join(out, ", ")
}

var (
	yes = Words{"en": "Yes", "cy": "Ie"}
	no  = Words{"en": "No", "cy": "Na"}
)

// Each is the answers with every value changed by do; what becomes empty is no
// answer.
func (a Answers) Each(do func(string) string) Answers {
	out := Answers{}
	for id, values := range a {
		for _, v := range values {
			if v = do(v); v != "" {
				out[id] = append(out[id], v)
			}
		}
	}
	return out
}

// Yes and No are what a yes-or-no question offers.
func Yes(lang string) string { return yes.In(lang) }

// No is the other answer.
func No(lang string) string { return no.In(lang) }

// Shown is an answer as its reader checks it: dates in words.
func (a Ask) Shown(values []string, lang string) string {
	if a.Type == Date && len(values) == 1 {
		if t, err := time.Parse("2006-01-02", values[0]); err == nil {
			return t.Format("2 January 2006")
		}
	}
	return a.Said(values, lang)
}

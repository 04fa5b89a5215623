package form

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"heartwood/internal/care"
)

// What a form may have at most: a person must get to its end.
const (
	mostPages   = 40
	mostAsks    = 120
	mostOptions = 60
	longestText = 1000
)

// reserved are the fields of every request: they are asked around the form,
// and a question may not take their place.
var reserved = []string{
	"asker", "given", "family", "birth", "nhs-number", "phone", "by", "relationship", "channel", "kind", "photos",
	"contact-how", "contact-number", "contact-email", "contact-not", "interpreter", "needs", "bsl", "easy-read", "needs-other",
	"who", "you", "contact", "check", "sent", "start", "step", "key", "more", "later", "as", "at", "carried", "do", "shown",
}

// Whole says what is wrong with a form, each fault at the page or question at
// fault ("page.3", "what", "what.option.2", "title"). It is nil for one that
// can be asked.
func (f Form) Whole() error {
	var bad care.Faults
	if u, err := url.Parse(f.URL); err != nil || !u.IsAbs() || strings.ContainsAny(f.URL, "| ") {
		bad.Add("url", "The form needs an address of its own, such as https://practice.example/form/cough.")
	}
	if f.Version == "" || len(f.Version) > 64 || strings.ContainsAny(f.Version, "| ") {
		bad.Add("version", "The form needs a version, without spaces.")
	}
	if !slices.Contains([]string{"draft", "active", "retired"}, f.Status) {
		bad.Add("status", "A form is draft, active or retired.")
	}
	if f.For != "" && !slices.Contains(Fors, f.For) {
		bad.Add("for", "Choose whom the form is for.")
	}
	wording(&bad, "title", f.Title, true)
	wording(&bad, "intro", f.Intro, false)
	secure(&bad, "bsl", f.BSL)
	secure(&bad, "easy", f.Easy)
	if len(f.Pages) == 0 || len(f.Pages) > mostPages {
		bad.Add("pages", "A form has 1 to %d pages.", mostPages)
	}
	w := whole{form: f, bad: &bad, before: map[string]Ask{}, seen: map[string]bool{}}
	for i, p := range f.Pages {
		w.page(fmt.Sprintf("page.%d", i+1), p)
	}
	if len(w.seen) > mostAsks {
		bad.Add("pages", "A form has at most %d questions.", mostAsks)
	}
	if a, ok := f.Ask("what"); !ok || a.Type != Text || !a.Required || len(a.When.Conditions) > 0 {
		bad.Add("what", "Every form has a question with the id “what”, of several lines, that must always be answered: the person’s own words.")
	}
	return bad.Err()
}

// whole walks a form in order: a condition can only rest on what was asked
// before, so nothing goes round in a circle.
type whole struct {
	form   Form
	bad    *care.Faults
	before map[string]Ask
	seen   map[string]bool // pages and questions
}

func (w *whole) page(where string, p Page) {
	w.id(where, p.ID)
	wording(w.bad, where, p.Title, len(p.Asks) > 1)
	w.rule(where, p.When)
	if len(p.Asks) == 0 {
		w.bad.Add(where, "This page asks nothing.")
	}
	for _, a := range p.Asks {
		w.ask(a)
	}
}

func (w *whole) id(where, id string) {
	switch {
	case id == "" || len(id) > 40 || strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789-") != "":
		w.bad.Add(where, "An id has small letters, numbers and hyphens, at most 40.")
	case slices.Contains(reserved, id):
		w.bad.Add(where, "The id “%s” is used for something else. Choose another.", id)
	case w.seen[id]:
		w.bad.Add(where, "The id “%s” is used twice.", id)
	}
	w.seen[id] = true
}

func (w *whole) ask(a Ask) {
	w.id(a.ID, a.ID)
	wording(w.bad, a.ID, a.Text, true)
	wording(w.bad, a.ID+".hint", a.Hint, false)
	w.rule(a.ID, a.When)
	switch {
	case !slices.Contains(Types, a.Type):
		w.bad.Add(a.ID, "Choose what sort of answer this takes.")
	case a.Max < 0 || a.Max != 0 && a.Min > a.Max:
		w.bad.Add(a.ID, "The smallest number is more than the largest.")
	case (a.Type == Text || a.Type == String) && a.Max > Longest:
		w.bad.Add(a.ID, "An answer has at most %d characters.", Longest)
	case a.Type == Choice || a.Type == Several:
		w.options(a)
	case len(a.Options) > 0:
		w.bad.Add(a.ID, "Only a choice has options.")
	}
	w.before[a.ID] = a
}

func (w *whole) options(a Ask) {
	least := 2
	if a.Type == Several {
		least = 1
	}
	if len(a.Options) < least || len(a.Options) > mostOptions {
		w.bad.Add(a.ID, "A choice has %d to %d options.", least, mostOptions)
	}
	seen := map[string]bool{}
	for i, o := range a.Options {
		where := fmt.Sprintf("%s.option.%d", a.ID, i+1)
		wording(w.bad, where, o.Label, true)
		wording(w.bad, where, o.Hint, false)
		if o.Code == "" || len(o.Code) > 60 || strings.TrimSpace(o.Code) != o.Code || strings.ContainsAny(o.Code, "\n\t") || seen[o.Code] {
			w.bad.Add(where, "Each option needs a code of its own.")
		}
		seen[o.Code] = true
	}
}

func (w *whole) rule(where string, r Rule) {
	for _, c := range r.Conditions {
		a, ok := w.before[c.Ask]
		switch {
		case !ok:
			w.bad.Add(where, "It depends on “%s”, which is not asked before it.", c.Ask)
		case !slices.Contains(Ops, c.Op):
			w.bad.Add(where, "A condition compares with =, !=, >, <, >=, <= or exists.")
		case c.Op == "exists" || a.Type == Boolean:
			if c.Answer != "true" && c.Answer != "false" {
				w.bad.Add(where, "This condition needs true or false.")
			}
		case a.Type == Choice || a.Type == Several:
			if _, ok := a.Option(c.Answer); !ok {
				w.bad.Add(where, "“%s” is not one of the answers to “%s”.", c.Answer, c.Ask)
			}
		case (a.Type == Integer || a.Type == Decimal) && a.wrongSort(c.Answer):
			w.bad.Add(where, "This condition needs a number.")
		case c.Answer == "":
			w.bad.Add(where, "This condition needs an answer to compare with.")
		}
	}
}

// wrongSort tells whether an answer is no number at all.
func (a Ask) wrongSort(v string) bool {
	a.Min, a.Max = 0, 0
	return a.wrongNumber(v) != ""
}

func wording(bad *care.Faults, where string, w Words, needed bool) {
	if needed && strings.TrimSpace(w["en"]) == "" {
		bad.Add(where, "This needs words, in English at least.")
	}
	for lang, s := range w {
		switch {
		case len(lang) < 2 || len(lang) > 8:
			bad.Add(where, "“%s” is not a language.", lang)
		case utf8.RuneCountInString(s) > longestText:
			bad.Add(where, "This is too long: use at most %d characters.", longestText)
		case strings.ContainsAny(s, "<>") || !utf8.ValidString(s):
			bad.Add(where, "Write plain words, without < or >.")
		}
	}
}

// secure refuses a link that is not https.
func secure(bad *care.Faults, where, link string) {
	u, err := url.Parse(link)
	if link != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
		bad.Add(where, "A link begins with https://.")
	}
}

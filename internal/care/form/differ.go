package form

import (
	"fmt"
	"slices"
	"strings"
)

// Differ says in words what has changed from one version of a form to
// another, in the order of the new one, what has gone at the end.
func Differ(was, now Form) []string {
	was, now = was.Tidy(), now.Tidy()
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	changed(add, "The title", was.Title, now.Title)
	changed(add, "The introduction", was.Intro, now.Intro)
	for _, x := range []struct{ what, was, now string }{
		{"What it is about", was.Kind, now.Kind},
		{"Whom it is for", was.For, now.For},
		{"The link in British Sign Language", was.BSL, now.BSL},
		{"The link in easy read", was.Easy, now.Easy},
	} {
		if x.was != x.now {
			add("%s: was “%s”, is “%s”.", x.what, x.was, x.now)
		}
	}
	for _, p := range now.Pages {
		for _, a := range p.Asks {
			if before, ok := was.Ask(a.ID); ok {
				was.differ(add, now, before, a)
			} else {
				add("New question: “%s”.", a.Text["en"])
			}
		}
	}
	for _, p := range was.Pages {
		for _, a := range p.Asks {
			if _, ok := now.Ask(a.ID); !ok {
				add("Taken away: “%s”.", a.Text["en"])
			}
		}
	}
	return append(out, arranged(was, now)...)
}

// changed says how a text has changed in each language.
func changed(add func(string, ...any), what string, was, now Words) {
	for _, lang := range []string{"en", "cy"} {
		in := map[string]string{"en": "", "cy": " in Welsh"}[lang]
		switch b, a := was[lang], now[lang]; {
		case a == b:
		case b == "":
			add("%s%s is new: “%s”.", what, in, a)
		case a == "":
			add("%s%s is gone: “%s”.", what, in, b)
		default:
			add("%s%s: was “%s”, is “%s”.", what, in, b, a)
		}
	}
}

func (f Form) differ(add func(string, ...any), now Form, was, is Ask) {
	of := "“" + was.Text["en"] + "”: "
	say := func(format string, args ...any) {
		s := fmt.Sprintf(format, args...)
		add("%s", of+strings.ToLower(s[:1])+s[1:])
	}
	changed(say, "The words", was.Text, is.Text)
	changed(say, "The hint", was.Hint, is.Hint)
	if was.Type != is.Type {
		say("The sort of answer was %s, is %s.", Sorts[was.Type], Sorts[is.Type])
	}
	if was.Required != is.Required {
		say("%s", map[bool]string{true: "Must be answered now.", false: "May be left empty now."}[is.Required])
	}
	if was.Min != is.Min || was.Max != is.Max {
		say("The limits were %d to %d, are %d to %d.", was.Min, was.Max, is.Min, is.Max)
	}
	if was.When.line() != is.When.line() {
		say("Was asked %s, is asked %s.", when(f.SayRule(was.When)), when(now.SayRule(is.When)))
	}
	for _, o := range is.Options {
		before, ok := was.Option(o.Code)
		if !ok {
			say("New answer “%s”.", o.Label["en"])
			continue
		}
		changed(say, "The answer “"+before.Label["en"]+"”", before.Label, o.Label)
		changed(say, "The hint of the answer “"+before.Label["en"]+"”", before.Hint, o.Hint)
	}
	for _, o := range was.Options {
		if _, ok := is.Option(o.Code); !ok {
			say("Without the answer “%s”.", o.Label["en"])
		}
	}
}

func when(rule string) string {
	if rule == "" {
		return "always"
	}
	return "only if " + rule
}

// arranged says whether what both versions ask stands in another order, or on
// other pages.
func arranged(was, now Form) []string {
	order := func(f, other Form) (ids []string, pages string) {
		for _, p := range f.Pages {
			for _, a := range p.Asks {
				if _, ok := other.Ask(a.ID); ok {
					ids = append(ids, a.ID)
					pages += a.ID + " "
				}
			}
			pages += "/"
		}
		return ids, pages
	}
	a, onA := order(was, now)
	b, onB := order(now, was)
	squeeze := func(s string) string {
		return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '/' }), "/")
	}
	switch {
	case !slices.Equal(a, b):
		return []string{"The questions are in another order."}
	case squeeze(onA) != squeeze(onB):
		return []string{"The questions stand on other pages."}
	}
	return nil
}

// Sorts says what each sort of answer is, for who writes a form.
var Sorts = map[Type]string{
	Text: "several lines of text", String: "one line of text", Choice: "one of some answers", Several: "any of some answers",
	Boolean: "yes or no", Date: "a date", Integer: "a whole number", Decimal: "a number", Display: "no answer: words only",
}

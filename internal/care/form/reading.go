package form

import (
	"strings"

	"heartwood/internal/words"
)

// English is every English word of a form as it is read: each title, question,
// hint and answer on a line of its own.
func (f Form) English() string {
	var b strings.Builder
	say := func(w Words) {
		if s := strings.TrimSpace(w["en"]); s != "" {
			b.WriteString(s + "\n")
		}
	}
	say(f.Title)
	say(f.Intro)
	for _, p := range f.Pages {
		say(p.Title)
		for _, a := range p.Asks {
			b.WriteString(a.English())
		}
	}
	return b.String()
}

// English is every English word of a question, in lines.
func (a Ask) English() string {
	lines := []string{a.Text["en"], a.Hint["en"]}
	for _, o := range a.Options {
		lines = append(lines, o.Label["en"], o.Hint["en"])
	}
	var b strings.Builder
	for _, s := range lines {
		if s = strings.TrimSpace(s); s != "" {
			b.WriteString(s + "\n")
		}
	}
	return b.String()
}

// Reading is how hard the form is to read, in English.
func (f Form) Reading() words.Reading { return words.Read(f.English()) }

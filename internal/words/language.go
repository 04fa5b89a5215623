package words

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// Lang is a language that pages are written in, by its BCP 47 code.
type Lang string

// The languages that the code names; the others are files of lang/ too.
const (
	English Lang = "en"
	Welsh   Lang = "cy"
)

//go:embed lang/*.toml
var files embed.FS

// catalogue is one language's file. A further language is one more file.
type catalogue struct {
	Name string // in the language itself: "Cymraeg"
	Dir  string // "ltr", or "rtl" for one written from right to left
	// Months and Days are named from January and from Sunday, Short months as
	// in a table; Times are how a day and a time are put together.
	Months, Short, Days []string
	// Within are the days as they stand in the middle of a sentence, where
	// that differs: "ddydd Sul".
	Within []string
	Times  map[string]string
	Say    map[string]string // each English sentence in this language

	say      map[string]string
	patterns []pattern
}

var catalogues = func() map[Lang]*catalogue {
	out := map[Lang]*catalogue{}
	names, err := files.ReadDir("lang")
	if err != nil {
		panic(err) // the folder is embedded
	}
	for _, f := range names {
		b, err := files.ReadFile(path.Join("lang", f.Name()))
		if err != nil {
			panic(err) // as above
		}
		c, err := readCatalogue(string(b))
		if err != nil {
			panic(fmt.Sprintf("lang/%s: %v", f.Name(), err)) // a test reads every file
		}
		out[Lang(strings.TrimSuffix(f.Name(), ".toml"))] = c
	}
	return out
}()

func readCatalogue(text string) (*catalogue, error) {
	var c catalogue
	if _, err := toml.Decode(text, &c); err != nil {
		return nil, err
	}
	if c.Dir != "ltr" && c.Dir != "rtl" || c.Name == "" {
		return nil, fmt.Errorf("it needs a name, and a dir of ltr or rtl")
	}
	if len(c.Months) != 12 || len(c.Short) != 12 || len(c.Days) != 7 {
		return nil, fmt.Errorf("it needs 12 months, 12 short months and 7 days")
	}
	c.say = c.Say
	keys := make([]string, 0, len(c.say))
	for en := range c.say {
		keys = append(keys, en)
	}
	// The longest first: it is the one that fits closest.
	slices.SortFunc(keys, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	for _, en := range keys {
		if p, ok := patternOf(en, c.say[en]); ok {
			c.patterns = append(c.patterns, p)
		}
	}
	return &c, nil
}

// Languages lists every language, English first.
func Languages() []Lang {
	out := []Lang{English}
	for l := range catalogues {
		out = append(out, l)
	}
	slices.Sort(out[1:])
	return out
}

// Known tells whether pages can be had in this language.
func (l Lang) Known() bool { return l == English || catalogues[l] != nil }

// Name is what the language calls itself.
func (l Lang) Name() string {
	if c := catalogues[l]; c != nil {
		return c.Name
	}
	return "English"
}

// Dir is the direction the language is written in: "ltr" or "rtl".
func (l Lang) Dir() string {
	if c := catalogues[l]; c != nil {
		return c.Dir
	}
	return "ltr"
}

// Accept is the first language of an Accept-Language header that pages can be
// had in, English when there is none. Weights are taken as given by the order,
// as browsers send them.
func Accept(header string) Lang {
	for i, part := range strings.Split(header, ",") {
		if i == 20 {
			break
		}
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		base, _, _ := strings.Cut(tag, "-")
		if l := Lang(strings.ToLower(base)); l.Known() {
			return l
		}
	}
	return English
}

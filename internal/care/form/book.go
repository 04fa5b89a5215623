package form

import (
	"cmp"
	"context"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"heartwood/internal/care"
	"heartwood/internal/care/search"
	"heartwood/internal/fhir"
	"heartwood/internal/record"
)

//go:embed forms/*.toml
var files embed.FS

// shipped are the forms that come with the program, by kind and name. A test
// reads them, so a mistake in them stops it from starting.
var shipped = func() []Form {
	all, err := readFiles(files)
	if err != nil {
		panic(err)
	}
	return all
}()

// Shipped lists the forms that come with the program.
func Shipped() []Form { return slices.Clone(shipped) }

// file is a form as it is written by hand: easier to read and to review than
// a Questionnaire, which it becomes.
type file struct {
	ID      string `toml:"id"` // the last part of the form's address
	Version string `toml:"version"`
	Kind    string `toml:"kind"`
	For     string `toml:"for"`
	Title   Words  `toml:"title"`
	Intro   Words  `toml:"intro"`
	BSL     string `toml:"bsl"`
	Easy    string `toml:"easy"`
	Pages   []struct {
		ID    string   `toml:"id"`
		Title Words    `toml:"title"`
		When  []string `toml:"when"` // "question = answer"; any of them
		All   bool     `toml:"all"`  // all of them
		Asks  []struct {
			ID       string   `toml:"id"`
			Type     Type     `toml:"type"`
			Text     Words    `toml:"text"`
			Hint     Words    `toml:"hint"`
			Required bool     `toml:"required"`
			Min      int      `toml:"min"`
			Max      int      `toml:"max"`
			When     []string `toml:"when"`
			All      bool     `toml:"all"`
			Options  []struct {
				Code  string `toml:"code"`
				Label Words  `toml:"label"`
				Hint  Words  `toml:"hint"`
			} `toml:"option"`
		} `toml:"ask"`
	} `toml:"page"`
}

func readFiles(from fs.FS) ([]Form, error) {
	names, err := fs.Glob(from, "forms/*.toml")
	if err != nil {
		return nil, err
	}
	var out []Form
	for _, name := range names {
		src, err := fs.ReadFile(from, name)
		if err != nil {
			return nil, err
		}
		f, err := readFile(string(src))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out = append(out, f)
	}
	return out, nil
}

func readFile(src string) (Form, error) {
	var x file
	m, err := toml.Decode(src, &x)
	if err != nil {
		return Form{}, err
	}
	if un := m.Undecoded(); len(un) > 0 {
		return Form{}, fmt.Errorf("%s is not known", un[0])
	}
	f := Form{
		URL: care.Base + "Questionnaire/" + x.ID, Version: x.Version, Status: "active", Kind: x.Kind, For: x.For,
		Title: x.Title, Intro: x.Intro, BSL: x.BSL, Easy: x.Easy,
	}
	for _, p := range x.Pages {
		page := Page{ID: p.ID, Title: p.Title, When: rule(p.When, p.All)}
		for _, a := range p.Asks {
			ask := Ask{
				ID: a.ID, Type: a.Type, Text: a.Text, Hint: a.Hint, Required: a.Required, Min: a.Min, Max: a.Max,
				When: rule(a.When, a.All),
			}
			for _, o := range a.Options {
				ask.Options = append(ask.Options, Option(o))
			}
			page.Asks = append(page.Asks, ask)
		}
		f.Pages = append(f.Pages, page)
	}
	return f, f.Whole()
}

// rule reads conditions as they are written: "pregnant = true".
func rule(conditions []string, all bool) Rule {
	r := Rule{All: all}
	for _, s := range conditions {
		ask, rest, _ := strings.Cut(s, " ")
		op, answer, _ := strings.Cut(rest, " ")
		r.Conditions = append(r.Conditions, Condition{Ask: ask, Op: op, Answer: answer})
	}
	return r
}

// Active lists the forms that a practice asks: those that are shipped, each
// replaced by the practice's own active version where it has one, and its own
// besides. A version that cannot be asked is left out, so that what is shipped
// stands in for it.
func Active(ctx context.Context, p *record.Practice) ([]Form, error) {
	type key struct{}
	all, err := record.Kept(p, key{}, nil, []string{"Questionnaire"}, func() ([]Form, error) { return active(ctx, p) })
	return slices.Clone(all), err
}

func active(ctx context.Context, p *record.Practice) ([]Form, error) {
	own := map[string]Form{}
	err := search.Each(ctx, p, "Questionnaire?status=active", func(v record.Version, q *fhir.Resource) error {
		f, err := Read(q)
		if err != nil {
			return nil //nolint:nilerr // a form that cannot be asked is nobody's: the pages of forms show it
		}
		f.ID = v.Ref.ID
		if was, ok := own[f.URL]; !ok || newer(f.Version, was.Version) {
			own[f.URL] = f
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var out []Form
	for _, f := range shipped {
		if mine, ok := own[f.URL]; ok {
			f = mine
			delete(own, f.URL)
		}
		out = append(out, f)
	}
	for _, f := range own {
		out = append(out, f)
	}
	slices.SortStableFunc(out, func(a, b Form) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.URL, b.URL)) })
	return out, nil
}

// newer compares versions as people number them: 10 comes after 9, and 1.10
// after 1.9.
func newer(a, b string) bool {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(x), len(y)) {
		if x[i] == y[i] {
			continue
		}
		if len(x[i]) != len(y[i]) {
			return len(x[i]) > len(y[i])
		}
		return x[i] > y[i]
	}
	return len(x) > len(y)
}

// Pick finds the form for a kind of request and the person it is for: the one
// for such a person, else the one for everybody, else the first of the kind. Of
// two that would do, the practice's own is asked.
func Pick(forms []Form, kind, whom string) (Form, bool) {
	best, ok := Form{}, false
	rank := func(f Form) int {
		switch f.For {
		case whom:
			return 3
		case "":
			return 2
		}
		return 1
	}
	for _, f := range forms {
		if f.Kind == kind && (!ok || rank(f) > rank(best) || rank(f) == rank(best) && f.ID != "" && best.ID == "") {
			best, ok = f, true
		}
	}
	return best, ok
}

// Find gives the version of a form that a canonical address names, among the
// practice's own (retired ones too) and those that are shipped.
func Find(ctx context.Context, p *record.Practice, canonical string) (Form, bool, error) {
	address, version, _ := strings.Cut(canonical, "|")
	found, ok := Form{}, false
	err := search.Each(ctx, p, "Questionnaire?url="+address, func(v record.Version, q *fhir.Resource) error {
		if f, err := Read(q); err == nil && f.Version == version {
			f.ID = v.Ref.ID
			found, ok = f, true
		}
		return nil
	})
	if ok || err != nil {
		return found, ok, err
	}
	for _, f := range shipped {
		if f.URL == address && f.Version == version {
			return f, true, nil
		}
	}
	return Form{}, false, nil
}

package triage

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/BurntSushi/toml"
)

// source is what the files of a folder of rules say together.
type source struct {
	Rule      []Rule              `toml:"rule"`
	Set       map[string][]string `toml:"set"`
	Fact      map[string]Fact     `toml:"fact"`
	Advice    map[string]Advice   `toml:"advice"`
	Spelling  map[string][]string `toml:"spelling"` // how a word is also written
	Problem   map[string][]string `toml:"problem"`  // what a contact may be about
	Lookalike struct {
		Phrases []string `toml:"phrases"`
		Told    []string `toml:"told"` // of others, and only when of the past
	} `toml:"lookalike"`

	sum string
}

// Fact is something that may be known of a person: from the record, from an
// answer, or because they say so.
type Fact struct {
	Title   string   `toml:"title"`   // "takes a blood thinner"
	Words   []string `toml:"words"`   // phrases, for the record and for what is written
	Answers []string `toml:"answers"` // "pregnant=true"
}

// File is one rule file: TOML, as docs/decision/019-rule-files.md says.
type File struct {
	Name   string // "brain.toml"
	Source []byte
}

// parse reads rule files in the order given; each adds to those before it.
func parse(files []File) (source, []Problem) {
	all := source{Set: map[string][]string{}, Fact: map[string]Fact{}, Advice: map[string]Advice{}, Spelling: map[string][]string{}, Problem: map[string][]string{}}
	sum := sha256.New()
	var out []Problem
	for _, f := range files {
		sum.Write(f.Source)
		if err := all.add(f.Name, string(f.Source)); err != nil {
			out = append(out, Problem{File: f.Name, Text: err.Error()})
		}
	}
	all.sum = hex.EncodeToString(sum.Sum(nil))[:12]
	return all, out
}

func (all *source) add(name, src string) error {
	var f source
	m, err := toml.Decode(src, &f)
	if err != nil {
		return err
	}
	if un := m.Undecoded(); len(un) > 0 {
		return fmt.Errorf("the field %s is not known", un[0])
	}
	maps.Copy(all.Set, f.Set)
	maps.Copy(all.Fact, f.Fact)
	maps.Copy(all.Advice, f.Advice)
	maps.Copy(all.Problem, f.Problem)
	for k, v := range f.Spelling {
		all.Spelling[k] = append(all.Spelling[k], v...)
	}
	for i := range f.Rule {
		f.Rule[i].File = name
	}
	all.Rule = append(all.Rule, f.Rule...)
	all.Lookalike.Phrases = append(all.Lookalike.Phrases, f.Lookalike.Phrases...)
	all.Lookalike.Told = append(all.Lookalike.Told, f.Lookalike.Told...)
	return nil
}

// spellings are the words by how they are also written.
func (all *source) spellings() (map[string]string, error) {
	out := map[string]string{}
	for right, ways := range all.Spelling {
		for _, w := range ways {
			if old, ok := out[w]; ok && old != right {
				return nil, fmt.Errorf("spelling: %q is both %q and %q", w, old, right)
			}
			if w == right || strings.ContainsAny(w, " '") {
				return nil, fmt.Errorf("spelling: %q is not one other word", w)
			}
			out[w] = right
		}
	}
	return out, nil
}

// compile makes a book of rule files, and says all that is wrong with them.
// The book is whole only when nothing is.
func compile(files []File) (*book, []Problem) {
	all, out := parse(files)
	if len(out) > 0 {
		return nil, out
	}
	return compileSource(all)
}

func compileSource(all source) (b *book, out []Problem) {
	spelling, err := all.spellings()
	if err != nil {
		return nil, []Problem{{Text: err.Error()}}
	}
	b = &book{
		advice: all.Advice, vocab: newVocabulary(spelling), starts: map[int][]start{}, again: map[string][]string{},
		spelling: spelling, facts: all.Fact, sets: all.Set, version: all.sum,
	}
	out = append(out, b.lookalikes(all.Lookalike.Phrases, false)...)
	out = append(out, b.lookalikes(all.Lookalike.Told, true)...)
	if err := b.about(all.Problem); err != nil {
		out = append(out, Problem{Field: "problem", Text: err.Error()})
	}
	sort.SliceStable(all.Rule, func(i, j int) bool { return all.Rule[i].ID < all.Rule[j].ID })
	for _, r := range all.Rule {
		out = append(out, b.add(r)...)
	}
	return b, out
}

// lookalikes compiles what only looks like a complaint.
func (b *book) lookalikes(phrases []string, told bool) (out []Problem) {
	b.passed = append(b.passed, phrases...)
	for _, p := range phrases {
		steps, err := b.phrase(p)
		switch {
		case err != nil:
			out = append(out, Problem{Field: "lookalike", Text: err.Error()})
		case len(steps) < 2:
			out = append(out, Problem{Field: "lookalike", Text: fmt.Sprintf("%q is one word, which may be a complaint", p)})
		default:
			b.put(start{rule: lookalike, steps: steps, told: told})
		}
	}
	return out
}

// about compiles what a contact may be about.
func (b *book) about(problems map[string][]string) error {
	b.common = set(strings.Join(problems["common"], " "))
	for _, name := range slices.Sorted(maps.Keys(problems)) {
		if name == "common" {
			continue
		}
		b.problems = append(b.problems, name)
		for _, p := range problems[name] {
			if err := b.fill(start{rule: problem, group: len(b.problems) - 1}, p); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return nil
}

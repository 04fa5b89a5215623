package triage

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
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

// parse reads the rule files of a folder, in order of name. Files the name of
// which a later folder repeats are read too: rules are only ever added.
func parse(from fs.FS) (source, error) {
	all := source{Set: map[string][]string{}, Fact: map[string]Fact{}, Advice: map[string]Advice{}, Spelling: map[string][]string{}, Problem: map[string][]string{}}
	sum := sha256.New()
	names, err := fs.Glob(from, "rules/*.toml")
	if err != nil {
		return all, err
	}
	for _, name := range names {
		src, err := fs.ReadFile(from, name)
		if err != nil {
			return all, err
		}
		sum.Write(src)
		if err := all.add(name, string(src)); err != nil {
			return all, err
		}
	}
	all.sum = hex.EncodeToString(sum.Sum(nil))[:12]
	return all, nil
}

func (all *source) add(name, src string) error {
	var f source
	m, err := toml.Decode(src, &f)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if un := m.Undecoded(); len(un) > 0 {
		return fmt.Errorf("%s: %s is not known", name, un[0])
	}
	for k, v := range f.Set {
		all.Set[k] = v
	}
	for k, v := range f.Fact {
		all.Fact[k] = v
	}
	for k, v := range f.Advice {
		all.Advice[k] = v
	}
	for k, v := range f.Spelling {
		all.Spelling[k] = append(all.Spelling[k], v...)
	}
	for k, v := range f.Problem {
		all.Problem[k] = v
	}
	for i := range f.Rule {
		f.Rule[i].File = name
	}
	all.Rule = append(all.Rule, f.Rule...)
	all.Lookalike.Phrases = append(all.Lookalike.Phrases, f.Lookalike.Phrases...)
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

func compile(from fs.FS) (*book, error) {
	all, err := parse(from)
	if err != nil {
		return nil, err
	}
	spelling, err := all.spellings()
	if err != nil {
		return nil, err
	}
	b := &book{
		advice: all.Advice, vocab: newVocabulary(spelling), starts: map[int][]start{},
		spelling: spelling, facts: all.Fact, sets: all.Set, version: all.sum,
	}
	for _, p := range all.Lookalike.Phrases {
		steps, err := b.phrase(p)
		if err != nil {
			return nil, fmt.Errorf("lookalike: %w", err)
		}
		if len(steps) < 2 {
			return nil, fmt.Errorf("lookalike: %q is one word, which may be a complaint", p)
		}
		b.put(start{rule: lookalike, steps: steps})
	}
	if err := b.about(all.Problem); err != nil {
		return nil, err
	}
	sort.SliceStable(all.Rule, func(i, j int) bool { return all.Rule[i].ID < all.Rule[j].ID })
	for _, r := range all.Rule {
		if err := b.add(r); err != nil {
			return nil, fmt.Errorf("%s: %w", r.ID, err)
		}
	}
	return b, nil
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
				return fmt.Errorf("problem %s: %w", name, err)
			}
		}
	}
	return nil
}

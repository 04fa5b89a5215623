package triage

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"regexp"
	"sort"
	"strings"

	"github.com/BurntSushi/toml"
)

//go:embed rules
var files embed.FS

// Rule is one red flag, as its file says it.
type Rule struct {
	ID      string   `toml:"id"`
	Title   string   `toml:"title"`
	Level   string   `toml:"level"`   // emergency or urgent
	Catches string   `toml:"catches"` // what it is for, in a sentence
	Source  string   `toml:"source"`  // where the threshold comes from, in our words
	Hazard  string   `toml:"hazard"`
	Advice  string   `toml:"advice"`    // a key of advice.toml; "" is urgent
	Sex     Sex      `toml:"sex"`       // only this sex; not known counts
	From    string   `toml:"from"`      // youngest: "18 years", "3 months", "28 days"
	To      string   `toml:"to"`        // up to but not including
	AgeSaid bool     `toml:"age_known"` // only when the age is known
	Denied  string   `toml:"denied"`    // the level when it is only denied: "" or urgent
	Any     []string `toml:"any"`       // one of these is enough
	Near    []Group  `toml:"together"`
	Catch   []string `toml:"catch"` // examples that must be found
	Pass    []string `toml:"pass"`  // examples that must not
}

// Group is a set of lists, one phrase of each of which must be found.
type Group struct {
	Within int        `toml:"within"` // all within so many words; 0 anywhere
	Words  [][]string `toml:"words"`
}

// book is every rule, compiled.
type book struct {
	rules   []compiled
	advice  map[string]Advice
	vocab   *vocabulary
	starts  map[int][]start // by the id of a phrase's first word
	version string
}

type compiled struct {
	Rule
	level, denied Level
	from, to      int // days; to 0 is no limit
	groups        []group
}

type group struct {
	within int
	slots  int
}

// start is a phrase, and the slot of the group of the rule that it fills.
type start struct {
	rule, group, slot int
	steps             []step
}

// step is one word of a phrase: any of ids, after at most gap others.
type step struct {
	ids []int
	gap int
	not bool // the next word must be none of ids
}

var rules = load(files)

// Rules lists the rules in force, by id.
func Rules() []Rule {
	out := make([]Rule, len(rules.rules))
	for i, r := range rules.rules {
		out[i] = r.Rule
	}
	return out
}

// Version names the rules in force: it changes when any of them does.
func Version() string { return rules.version }

// AdviceFor is what the person is shown for a rule; ok is false when there is
// no such rule.
func AdviceFor(id string) (a Advice, title string, level Level, ok bool) {
	for _, r := range rules.rules {
		if r.ID == id {
			return rules.advice[r.Advice], r.Title, r.level, true
		}
	}
	return Advice{}, "", 0, false
}

// load reads the embedded files. They are part of the program and a test
// reads them, so a mistake in them stops it from starting.
func load(from fs.FS) *book {
	b, err := compile(from)
	if err != nil {
		panic(err)
	}
	return b
}

func compile(from fs.FS) (*book, error) {
	b := &book{advice: map[string]Advice{}, vocab: newVocabulary(), starts: map[int][]start{}}
	sets := map[string][]string{}
	var all []Rule
	sum := sha256.New()
	names, err := fs.Glob(from, "rules/*.toml")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		src, err := fs.ReadFile(from, name)
		if err != nil {
			return nil, err
		}
		sum.Write(src)
		var f struct {
			Rule   []Rule              `toml:"rule"`
			Set    map[string][]string `toml:"set"`
			Advice map[string]Advice   `toml:"advice"`
		}
		m, err := toml.Decode(string(src), &f)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if un := m.Undecoded(); len(un) > 0 {
			return nil, fmt.Errorf("%s: %s is not known", name, un[0])
		}
		for k, v := range f.Set {
			sets[k] = v
		}
		for k, v := range f.Advice {
			b.advice[k] = v
		}
		all = append(all, f.Rule...)
	}
	b.version = hex.EncodeToString(sum.Sum(nil))[:12]
	sort.Slice(all, func(i, j int) bool { return all[i].ID < all[j].ID })
	for _, r := range all {
		if err := b.add(r, sets); err != nil {
			return nil, fmt.Errorf("%s: %w", r.ID, err)
		}
	}
	return b, nil
}

var idForm = regexp.MustCompile(`^RF-\d{3}$`)

func (b *book) add(r Rule, sets map[string][]string) error {
	c := compiled{Rule: r}
	var ok, ok2, ok3, ok4 bool
	c.level, ok = parseLevel(r.Level)
	c.denied, ok2 = parseLevel(r.Denied)
	c.from, ok3 = parseAge(r.From)
	c.to, ok4 = parseAge(r.To)
	if c.Advice == "" {
		c.Advice = "urgent"
	}
	_, known := b.advice[c.Advice]
	switch {
	case !idForm.MatchString(r.ID):
		return fmt.Errorf("an id is RF- and three digits")
	case len(b.rules) > 0 && b.rules[len(b.rules)-1].ID == r.ID:
		return fmt.Errorf("there are two")
	case !ok || c.level == 0 || !ok2:
		return fmt.Errorf("the level is emergency or urgent")
	case !ok3 || !ok4:
		return fmt.Errorf("an age is a number and days, months or years")
	case !known:
		return fmt.Errorf("there is no advice %q", c.Advice)
	}
	n := len(b.rules)
	gs := []Group{}
	if len(r.Any) > 0 {
		gs = append(gs, Group{Words: [][]string{r.Any}})
	}
	for _, g := range append(gs, r.Near...) {
		for slot, phrases := range g.Words {
			for _, p := range phrases {
				steps, err := b.phrase(p, sets)
				if err != nil {
					return err
				}
				s := start{rule: n, group: len(c.groups), slot: slot, steps: steps}
				for _, id := range steps[0].ids {
					b.starts[id] = append(b.starts[id], s)
				}
			}
		}
		c.groups = append(c.groups, group{within: g.Within, slots: len(g.Words)})
	}
	if len(c.groups) == 0 {
		return fmt.Errorf("it looks for nothing")
	}
	b.rules = append(b.rules, c)
	return nil
}

func parseLevel(s string) (Level, bool) {
	switch s {
	case "":
		return 0, true
	case "urgent":
		return Urgent, true
	case "emergency":
		return Emergency, true
	}
	return 0, false
}

func parseAge(s string) (days int, ok bool) {
	if s == "" {
		return 0, true
	}
	var n int
	var unit string
	if _, err := fmt.Sscanf(s, "%d %s", &n, &unit); err != nil || n <= 0 {
		return 0, false
	}
	switch strings.TrimSuffix(unit, "s") {
	case "day":
		return n, true
	case "month":
		return n * 365 / 12, true
	case "year":
		return n * 365, true
	}
	return 0, false
}

// phrase compiles one phrase: words; bleed* for any word that begins so;
// {set} for any word of a set; # for a number, ## for one of 8 or more; .. for up to four words
// between; ... for up to eight; !word at the end for a word that must not
// follow.
func (b *book) phrase(p string, sets map[string][]string) ([]step, error) {
	var steps []step
	gap := 0
	for _, w := range strings.Fields(p) {
		switch {
		case w == "..":
			gap = 4
			continue
		case w == "...":
			gap = 8
			continue
		case strings.HasPrefix(w, "{"):
			words, ok := sets[strings.Trim(w, "{}")]
			if !ok {
				return nil, fmt.Errorf("there is no set %s", w)
			}
			var ids []int
			for _, x := range words {
				if fillers[x] || strings.ContainsAny(x, " .") {
					return nil, fmt.Errorf("set %s: %q is not one word that can be met", w, x)
				}
				ids = append(ids, b.vocab.id(x))
			}
			steps = append(steps, step{ids: ids, gap: gap})
		case strings.HasPrefix(w, "!"):
			steps = append(steps, step{ids: []int{b.vocab.id(w[1:])}, not: true})
		default:
			w = strings.ReplaceAll(w, "'", "")
			if fillers[w] {
				continue
			}
			steps = append(steps, step{ids: []int{b.vocab.id(w)}, gap: gap})
		}
		gap = 0
	}
	if len(steps) == 0 || steps[0].not {
		return nil, fmt.Errorf("the phrase %q is empty", p)
	}
	return steps, nil
}

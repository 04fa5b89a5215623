package triage

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

//go:embed rules
var files embed.FS

// Files are the rule files of the program, in order of name.
func Files() []File {
	names, _ := fs.Glob(files, "rules/*.toml") // the pattern is sound
	out := make([]File, 0, len(names))
	for _, n := range names {
		src, _ := files.ReadFile(n) // they are in the program
		out = append(out, File{Name: path.Base(n), Source: src})
	}
	return out
}

// Rule is one red flag, as its file says it.
type Rule struct {
	ID      string `toml:"id"`
	Title   string `toml:"title"`
	Level   string `toml:"level"`   // emergency or urgent
	Catches string `toml:"catches"` // what it is for, in a sentence
	Source  string `toml:"source"`  // where the threshold comes from, in our words
	Hazard  string `toml:"hazard"`

	Check

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
	When    []Known  `toml:"when"`  // examples that need more than words

	// Ever has the rule count what is told as long ago or over, too.
	Ever bool `toml:"ever"`

	// Again names the rules beside which this one says nothing new: it is left
	// out when one of them is met at its level or a higher one. "*" is any rule
	// that does not say "*" itself.
	Again []string `toml:"again"`

	Repeat string `toml:"repeat"` // what a contact must be, for a rule that looks at contacts and not at words

	Reviewed string `toml:"reviewed"` // the day: 2026-11-26
	Reviewer string `toml:"reviewer"` // who reviewed it; "" is: not yet reviewed by a clinician
	File     string `toml:"-"`
}

// Known is an example with what else is known. It must be found, unless Not.
type Known struct {
	Text    string   `toml:"text"`
	Record  []string `toml:"record"`
	Answers []string `toml:"answers"` // "pregnant=true"
	Age     string   `toml:"age"`
	Sex     Sex      `toml:"sex"`
	Not     bool     `toml:"not"`
}

// Group is a set of lists, one phrase of each of which must be found.
type Group struct {
	Within int        `toml:"within"` // all within so many words; 0 anywhere
	Words  [][]string `toml:"words"`
}

// lookalike is the rule of what only looks like a complaint.
const lookalike = -1

// problem is the rule of what a contact is about, which is no rule.
const problem = -2

// book is every rule, compiled.
type book struct {
	rules   []compiled
	advice  map[string]Advice
	vocab   *vocabulary
	starts  map[int][]start // by the id of a phrase's first word
	asked   []asked
	version string

	again    map[string][]string // by id, the rules beside which one says nothing new
	spelling map[string]string
	facts    map[string]Fact
	sets     map[string][]string
	passed   []string        // phrases of lookalikes
	problems []string        // names, by the group of their starts
	common   map[string]bool // words that tell no problems apart
	repeats  []Rule          // those that look at contacts, not at words
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
	fact              bool // it may be met in the record too, and from any distance
	told              bool // a lookalike only where it is told of the past
}

// asked is an answer that fills a slot: "temperature>=38".
type asked struct {
	rule, group, slot int
	link, op, value   string
}

// step is one word of a phrase: any of ids, after at most gap others.
type step struct {
	ids []int
	gap int
	not bool // the next word must be none of ids
}

// inForce are the rules of the program, compiled when they are first needed:
// most commands need none. The app needs them as it starts.
var inForce = sync.OnceValue(func() *book { return load(Files()) })

// Rules lists the rules in force, by id.
func Rules() []Rule {
	out := make([]Rule, len(inForce().rules), len(inForce().rules)+len(inForce().repeats))
	for i, r := range inForce().rules {
		out[i] = r.Rule
	}
	return append(out, inForce().repeats...)
}

// Version names the rules in force: it changes when any of them does.
func Version() string { return inForce().version }

// AdviceFor is what the person is shown for a rule; ok is false when there is
// no such rule.
func AdviceFor(id string) (a Advice, title string, level Level, ok bool) {
	for _, r := range inForce().rules {
		if r.ID == id {
			return inForce().advice[r.Advice], r.Title, r.level, true
		}
	}
	for _, r := range inForce().repeats {
		if r.ID == id {
			return inForce().advice["urgent"], r.Title, Urgent, true
		}
	}
	if localID.MatchString(id) { // of a practice's own: it may have changed since
		return inForce().advice["urgent"], "", Urgent, true
	}
	return Advice{}, "", 0, false
}

// load reads the embedded files. They are part of the program and a test
// reads them, so a mistake in them stops it from starting.
func load(from []File) *book {
	b, wrong := compile(from)
	if len(wrong) > 0 {
		panic(wrong[0].String())
	}
	return b
}

var idForm = regexp.MustCompile(`^(RF|LR)-\d{3}$`)

// add compiles a rule, and says all that is wrong with it.
func (b *book) add(r Rule) []Problem {
	c, out := b.checked(r)
	if r.Repeat != "" {
		b.repeats = append(b.repeats, r)
		return out
	}
	gs := []Group{}
	if len(r.Any) > 0 {
		gs = append(gs, Group{Words: [][]string{r.Any}})
	}
	for i, g := range append(gs, r.Near...) {
		field := "together"
		if i == 0 && len(r.Any) > 0 {
			field = "any"
		}
		out = append(out, b.group(&c, field, g)...)
	}
	if len(r.Any)+len(r.Near) == 0 {
		out = append(out, r.problem("any", "it looks for nothing"))
	}
	b.rules = append(b.rules, c)
	b.again[r.ID] = r.Again
	return out
}

// checked is a rule with its level and ages read.
func (b *book) checked(r Rule) (c compiled, out []Problem) {
	c = compiled{Rule: r}
	if c.Advice == "" {
		c.Advice = "urgent"
	}
	var level, denied, from, to bool
	c.level, level = parseLevel(r.Level)
	c.denied, denied = parseLevel(r.Denied)
	c.from, from = parseAge(r.From)
	c.to, to = parseAge(r.To)
	_, advised := b.advice[c.Advice]
	for _, x := range []struct {
		bad         bool
		field, text string
	}{
		{!idForm.MatchString(r.ID), "id", "an id is RF- and three digits"},
		{len(b.rules) > 0 && b.rules[len(b.rules)-1].ID == r.ID, "id", "there are two of this id"},
		{!level || c.level == 0, "level", "the level is emergency or urgent"},
		{!denied, "denied", "the level is emergency or urgent"},
		{!from, "from", "an age is a number and days, months or years"},
		{!to, "to", "an age is a number and days, months or years"},
		{r.Sex != "" && r.Sex != Female && r.Sex != Male, "sex", "the sex is female or male"},
		{!advised, "advice", fmt.Sprintf("there is no advice %q", c.Advice)},
	} {
		if x.bad {
			out = append(out, r.problem(x.field, x.text))
		}
	}
	return c, out
}

// group compiles one group of a rule.
func (b *book) group(c *compiled, field string, g Group) (out []Problem) {
	said := false
	for slot, phrases := range g.Words {
		plain := true
		for _, p := range phrases {
			plain = plain && !strings.HasPrefix(p, "@")
			if err := b.fill(start{rule: len(b.rules), group: len(c.groups), slot: slot}, p); err != nil {
				out = append(out, c.problem(field, err.Error()))
			}
		}
		said = said || plain
	}
	if !said {
		out = append(out, c.problem(field, "a group asks for nothing but what is known"))
	}
	c.groups = append(c.groups, group{within: g.Within, slots: len(g.Words)})
	return out
}

func (r Rule) problem(field, text string) Problem { return Problem{r.File, r.ID, field, text} }

// fill adds what may fill a slot: a phrase, "a ~ b" for both orders, "@fact",
// or an answer, "?temperature>=38".
func (b *book) fill(s start, p string) error {
	if name, ok := strings.CutPrefix(p, "@"); ok {
		f, ok := b.facts[name]
		if !ok {
			return fmt.Errorf("there is no fact %q", name)
		}
		s.fact = true
		for _, a := range f.Answers {
			if err := b.fill(s, "?"+a); err != nil {
				return err
			}
		}
		for _, w := range f.Words {
			if err := b.fill(s, w); err != nil {
				return err
			}
		}
		return nil
	}
	if q, ok := strings.CutPrefix(p, "?"); ok {
		m := answerForm.FindStringSubmatch(q)
		if m == nil {
			return fmt.Errorf("an answer is a linkId, one of = >= <=, and a value: %q", p)
		}
		b.asked = append(b.asked, asked{s.rule, s.group, s.slot, m[1], m[2], m[3]})
		return nil
	}
	ways := []string{p}
	if x, y, ok := strings.Cut(p, " ~ "); ok {
		ways = []string{x + " .. " + y, y + " .. " + x}
	}
	for _, w := range ways {
		steps, err := b.phrase(w)
		if err != nil {
			return err
		}
		s.steps = steps
		b.put(s)
	}
	return nil
}

func (b *book) put(s start) {
	for _, id := range s.steps[0].ids {
		b.starts[id] = append(b.starts[id], s)
	}
}

var answerForm = regexp.MustCompile(`^([\w.-]+)(>=|<=|=)(.+)$`)

// met tells whether one of the answers to the question is what is asked for.
func (a asked) met(in Answers) (value string, ok bool) {
	for _, v := range in[a.link] {
		if a.op == "=" {
			if strings.EqualFold(v, a.value) {
				return v, true
			}
			continue
		}
		x, err := strconv.ParseFloat(v, 64)
		y, err2 := strconv.ParseFloat(a.value, 64)
		if err == nil && err2 == nil && (a.op == ">=" && x >= y || a.op == "<=" && x <= y) {
			return v, true
		}
	}
	return "", false
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
func (b *book) phrase(p string) ([]step, error) {
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
			words, ok := b.sets[strings.Trim(w, "{}")]
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

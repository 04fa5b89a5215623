// Package routing decides who gets what: a practice's rules, in order, and for
// a request the first that fits.
//
// What comes in: the rules as a manager wrote them, what is known of a request
// and its patient, and who works here and is in. What goes out: an owner, why,
// and a stricter clock where a rule sets one. It must never leave a request
// without an owner, never lower an urgency or put off a clock, never look at
// the channel somebody came by, and never read a clock or a store to decide.
package routing

import (
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/words"
)

// Rule sends the requests that it fits to somebody. Conditions that are empty
// fit everything; all that are set must fit.
type Rule struct {
	Kinds      []string // "medicine"
	Priorities []string // "urgent"
	Words      []string // any of these stands in what was written
	From, To   int      // ages, both included; 0, 0 for any
	Conditions []string // any of these stands in the name of a problem of theirs
	Languages  []string // "cy": any of these is preferred
	Clinician  string   // their usual clinician is this one
	Begin, End int      // minutes of the day from which to which; 0, 0 for any

	Target string        // "usual", "role:pharmacist", "CareTeam/…", "Practitioner/…"
	Within time.Duration // of opening time: a stricter clock; 0 for none
	Raise  string        // a priority that it has at least; "" for as it is
}

// Usual is the target that is the patient's own usual clinician.
const Usual = "usual"

// RolePrefix begins a target that is anybody of a job who is in.
const RolePrefix = "role:"

// Setting is a practice's rules.
type Setting struct {
	Rules   []Rule
	Off     string // why they are switched off; "" while they hold
	Version string // of what was read; "" when nobody has set any
}

// Case is what is known of one request.
type Case struct {
	Key        string // shares work out evenly and the same each time: the reference
	Kind       string
	Priority   string
	Text       string
	Age        int // years; -1 unknown
	Conditions []string
	Language   string
	Usual      string // "Practitioner/…", "" for nobody
	At         time.Time
}

// Person is somebody who works here.
type Person struct {
	Ref, Name, Job string
	Away           bool // not in on the day
}

// Team is a group that work can be given to.
type Team struct{ Ref, Name string }

// Staff is who work can be given to.
type Staff struct {
	People []Person
	Teams  []Team
}

// Decision is who gets a request and why.
type Decision struct {
	Owner, Name string
	Rule        int           // from 1; 0 for the default route
	Why         string        // "rule 3: medicines go to the pharmacy team"
	Within      time.Duration // 0 for the usual clock
	Priority    string        // at least this; "" for as it is
}

// Default is the route of what no rule fits.
var Default = Decision{Owner: care.Triage, Name: care.TriageName, Why: "no rule fits: the triage team looks at it first"}

// Route finds the first rule that fits and whose target can take it. Whatever
// the rules say, there is an owner.
func (s Setting) Route(c Case, staff Staff) Decision {
	if s.Off != "" {
		d := Default
		d.Why = "the rules are switched off: the triage team looks at it first"
		return d
	}
	passed := ""
	c.Text = fold(c.Text)
	for i, r := range s.Rules {
		if !r.fits(c) {
			continue
		}
		owner, name, why := staff.take(r.Target, c)
		if owner == "" {
			if passed == "" {
				passed = number(i) + " fits, but " + why + "; "
			}
			continue
		}
		return Decision{Owner: owner, Name: name, Rule: i + 1, Why: passed + number(i) + ": " + r.Say(staff), Within: r.Within, Priority: higher(r.Raise, c.Priority)}
	}
	d := Default
	d.Why = passed + d.Why
	return d
}

func number(i int) string { return "rule " + itoa(i+1) }

// higher is a priority only when it is above another.
func higher(raise, than string) string {
	if rank(raise) > rank(than) {
		return raise
	}
	return ""
}

func rank(priority string) int {
	return slices.Index([]string{"routine", "urgent", "asap", "stat"}, priority)
}

func (r Rule) fits(c Case) bool {
	any := func(set []string, is func(string) bool) bool { return len(set) == 0 || slices.ContainsFunc(set, is) }
	minute := c.At.In(words.London).Hour()*60 + c.At.In(words.London).Minute()
	switch {
	// An emergency is the triage team's unless a rule is meant for emergencies.
	case c.Priority == "stat" && len(r.Priorities) == 0,
		len(r.Kinds) > 0 && !slices.Contains(r.Kinds, c.Kind),
		len(r.Priorities) > 0 && !slices.Contains(r.Priorities, c.Priority),
		len(r.Languages) > 0 && !slices.Contains(r.Languages, c.Language),
		(r.From != 0 || r.To != 0) && (c.Age < 0 || c.Age < r.From || c.Age > r.To),
		r.Clinician != "" && r.Clinician != c.Usual,
		(r.Begin != 0 || r.End != 0) && (minute < r.Begin || minute >= r.End),
		!any(r.Words, func(w string) bool { return contains(c.Text, w) }),
		!any(r.Conditions, func(w string) bool {
			return slices.ContainsFunc(c.Conditions, func(have string) bool { return contains(fold(have), w) })
		}):
		return false
	}
	return true
}

// fold makes a text into words in small letters with a space on either side.
func fold(s string) string {
	f := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r < 128
	})
	return " " + strings.Join(f, " ") + " "
}

// contains tells whether whole words stand in a folded text.
func contains(folded, phrase string) bool {
	p := fold(phrase)
	return len(p) > 2 && strings.Contains(folded, p)
}

// take is who a target stands for now: "" and why when nobody.
func (s Staff) take(target string, c Case) (ref, name, why string) {
	switch {
	case target == Usual && c.Usual == "":
		return "", "", "they have no usual clinician"
	case target == Usual:
		return s.person(c.Usual, "their usual clinician")
	case strings.HasPrefix(target, RolePrefix):
		return s.share(strings.TrimPrefix(target, RolePrefix), c.Key)
	case strings.HasPrefix(target, "CareTeam/"):
		for _, t := range s.Teams {
			if t.Ref == target {
				return t.Ref, t.Name, ""
			}
		}
		return "", "", "there is no such team any more"
	}
	return s.person(target, "who it names")
}

func (s Staff) person(ref, who string) (string, string, string) {
	for _, p := range s.People {
		switch {
		case p.Ref != ref:
		case p.Away:
			return "", "", who + " is away"
		default:
			return p.Ref, p.Name, ""
		}
	}
	return "", "", who + " does not work here any more"
}

// share gives work out evenly among those of a job who are in: the same
// request always to the same person.
func (s Staff) share(job, key string) (string, string, string) {
	var in []Person
	for _, p := range s.People {
		if strings.EqualFold(p.Job, job) && !p.Away {
			in = append(in, p)
		}
	}
	if len(in) == 0 {
		return "", "", "nobody who does that work is in"
	}
	slices.SortFunc(in, func(a, b Person) int { return strings.Compare(a.Ref, b.Ref) })
	h := fnv.New64a()
	h.Write([]byte(key))
	p := in[h.Sum64()%uint64(len(in))]
	return p.Ref, p.Name, ""
}

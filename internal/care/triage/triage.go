// Package triage screens what people write for red flags.
//
// What comes in: the words, the answers that are not words, and what is known:
// age, sex, conditions and medicines of the record, earlier contacts. What
// goes out: findings, each naming its rule, the words that met it and what
// the person should do now. It must never lower an urgency, never say that
// something is safe, and never read a clock, a store or the network. What is
// not known never rules anything out. When in doubt it flags: a person
// confirms.
package triage

//go:generate go run heartwood/cmd/heartwood triage report --markdown ../../../docs/rules.md

// Level is how serious a finding is.
type Level uint8

// The levels.
const (
	Urgent    Level = iota + 1 // needs a clinician the same day
	Emergency                  // needs 999, A&E or a crisis line now
)

// String is "none", "urgent" or "emergency".
func (l Level) String() string { return [...]string{"none", "urgent", "emergency"}[l] }

// Sex limits a rule.
type Sex string

// The values; "" is not known, and never rules anything out.
const (
	Female Sex = "female"
	Male   Sex = "male"
)

// Input is what is known.
type Input struct {
	Texts []string // each field of the form, as written
	Age   Age
	Sex   Sex

	// Record is what the record has of the person, as it is displayed there:
	// "Type 1 diabetes mellitus", "Warfarin 3 mg tablets". Only the facts that
	// rules name are looked for in it, and never a complaint.
	Record []string
	// Answers are those of questions that are not free text, by linkId: a code,
	// "true" or "false", or a number as it was given.
	Answers Answers
}

// Answers are answers by the linkId of their question.
type Answers map[string][]string

// Age is an age in days; not Known never rules anything out.
type Age struct {
	Days  int
	Known bool
}

// Years makes an Age.
func Years(n int) Age { return Age{Days: n * 365, Known: true} }

// Finding is one rule that was met.
type Finding struct {
	Rule   string // "RF-001"
	Title  string // "Possible heart attack"
	Level  Level
	Words  []string // the parts of the text that met it, as written
	Known  []string // what of the record or the answers met it: "Warfarin 3 mg tablets"
	Advice Advice
}

// Advice is what the person is shown, in plain words.
type Advice struct {
	Heading string   // "Call 999 now"
	Lines   []string // "Tell them you have chest pain." …
	Call    string   // "999", "111", "" – a number to link
}

// Worst is the highest level found, 0 for none.
func Worst(f []Finding) Level {
	var l Level
	for _, x := range f {
		l = max(l, x.Level)
	}
	return l
}

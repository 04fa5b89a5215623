package delivery

import (
	"slices"
	"strings"
	"time"

	"heartwood/internal/fault"
	"heartwood/internal/words"
)

// Why nothing is sent to those who are not to be told by any other way either.
const (
	SayDied = "The patient has died. Nothing is sent to them."
	SayLeft = "The patient is no longer registered here."
)

// Choose is pure: the one way in which a message goes to a patient now. can
// says which media the practice has; tried is where it went before. A refusal
// (fault.Refused) says why there is none, in words for staff.
func Choose(p Person, can func(Medium) bool, tried []Target) (Route, error) {
	switch {
	case p.Dead:
		return Route{}, fault.New(fault.Refused, SayDied)
	case p.Left:
		return Route{}, fault.New(fault.Refused, SayLeft)
	case p.Contact.Needs.NoWriting:
		return Route{}, fault.New(fault.Refused, "The patient cannot read text. Tell them in the way they need.")
	}
	safe := p.Contact.Heed()
	if safe.Ask {
		return Route{}, unsafe("The patient has told us how it is safe to reach them. Read it, then find a way to tell them.")
	}
	needs, barred := p.Contact.Needs, false
	r := Route{Large: needs.LargePrint, EasyRead: needs.EasyRead, Language: needs.Language}
	if r.Language == "" {
		r.Language = words.English
	}
	for _, m := range order(p.Contact.Prefers, needs) {
		if !can(m) {
			continue
		}
		for _, a := range p.addresses(m) {
			t := Target{m, a}
			switch {
			case slices.Contains(tried, t) || p.stale(t):
			case !safe.lets(t):
				barred = true
			default:
				r.Target = t
				return r, nil
			}
		}
	}
	if barred {
		return Route{}, unsafe("There is no safe way to send this. " + strings.Join(safe.Words(), ". ") + ".")
	}
	if len(tried) > 0 {
		return Route{}, fault.New(fault.Refused, "Every way of reaching the patient has been tried.")
	}
	return Route{}, fault.New(fault.Refused, "There is no address that we may use for the patient.")
}

// order is which media may be used, and in which order: what the patient
// prefers, then the rest. Who asks for paper gets paper only.
func order(prefers []Medium, n Needs) []Medium {
	if n.LetterOnly {
		return []Medium{Letter}
	}
	var out []Medium
	for _, m := range append(slices.Clone(prefers), Media...) {
		if slices.Contains(Media, m) && !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	return out
}

func (p Person) addresses(m Medium) []string {
	switch m {
	case SMS:
		if only := p.Contact.Heed().Only; IsMobile(only) {
			return []string{only}
		}
		return p.Phones
	case Email:
		return p.Emails
	case Letter:
		if len(p.Home) > 1 {
			return []string{strings.Join(append([]string{p.Name}, p.Home...), "\n")}
		}
	case App:
		if p.NHS != "" {
			return []string{p.NHS}
		}
	}
	return nil
}

func (p Person) stale(t Target) bool {
	return slices.ContainsFunc(p.Contact.Stale, func(k Mark) bool {
		return k.Medium == t.Medium && SameAddress(k.Address, t.Address)
	})
}

// SameAddress compares addresses as people write them.
func SameAddress(a, b string) bool { return Plain(a) == Plain(b) }

// Plain is a phone number or an e-mail address in the one form in which it is
// compared: "07700900123", "jo@example.com".
func Plain(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if strings.ContainsRune(s, '@') || strings.ContainsRune(s, '\n') {
		return s
	}
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, strings.ReplaceAll(s, "(0)", ""))
	if digits == "" {
		return s
	}
	for _, abroad := range []string{"+44", "0044"} {
		if rest, ok := strings.CutPrefix(digits, abroad); ok {
			return "0" + rest
		}
	}
	if len(digits) == 12 && strings.HasPrefix(digits, "447") {
		return "0" + digits[2:]
	}
	return digits
}

// IsMobile tells whether a number takes text messages in the United Kingdom.
func IsMobile(s string) bool {
	p := Plain(s)
	return len(p) == 11 && strings.HasPrefix(p, "07") && p[2] != '0' && p[2] != '6'
}

// Patience is how long a message may be on its way before another way is
// tried.
func Patience(m Medium) time.Duration {
	switch m {
	case App:
		return 8 * time.Hour
	case SMS:
		return 24 * time.Hour
	case Email:
		return 3 * 24 * time.Hour
	}
	return 10 * 24 * time.Hour // a letter, second class
}

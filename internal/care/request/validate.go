package request

import (
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"heartwood/internal/care"
	"heartwood/internal/care/form"
	"heartwood/internal/ident"
	"heartwood/internal/words"
)

// longest is how much one field takes, in characters.
const longest = 5000

// Clean trims what was typed and takes out characters that no keyboard makes.
func (a Ask) Clean() Ask {
	for _, s := range []*string{
		&a.What, &a.HowLong, &a.Hope, &a.Tried, &a.Identity.Given, &a.Identity.Family,
		&a.Identity.Birth, &a.Identity.NHSNumber, &a.Identity.Phone,
		&a.Identity.By, &a.Identity.Relationship, &a.Contact.Number, &a.Contact.Email,
		&a.Contact.NotWhen, &a.Contact.Safe, &a.Needs.Interpreter, &a.Needs.Other,
	} {
		*s = clean(*s)
	}
	if a.Patient != "" {
		a.Identity = Identity{}
	}
	if a.formed() {
		a.Answers = a.Answers.Each(clean)
		if a.What = a.Answers.Get("what"); a.What == "" { // a form that asks it later
			a.What = strings.Join(a.Form.Written(a.Answers), ". ")
		}
	}
	return a
}

// formed tells whether a form was filled in.
func (a Ask) formed() bool { return a.Form.URL != "" }

// CleanText trims a text and takes out characters that no keyboard makes.
func CleanText(s string) string { return clean(s) }

func clean(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "�"), "\r\n", "\n")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		turns := r >= '\u202a' && r <= '\u202e' // text the other way about
		if unicode.IsControl(r) && r != '\n' && r != '\t' || r == '\ufeff' || turns {
			return -1
		}
		return r
	}, s))
}

// Validate gives every field at fault, in the order of the form.
func (a Ask) Validate(now time.Time) error {
	var f care.Faults
	a.who(&f, now)
	if _, ok := kindLabels[a.Kind]; !ok {
		f.Add("kind", "Choose what your request is about.")
	}
	if a.formed() {
		a.answered(&f, now)
	} else if a.What == "" {
		f.Add("what", "Tell us what you need help with.")
	}
	for _, x := range []struct{ where, s string }{
		{"what", a.What},
		{"how-long", a.HowLong},
		{"hope", a.Hope},
		{"tried", a.Tried},
		{"contact-not", a.Contact.NotWhen},
		{"contact-safe", a.Contact.Safe},
		{"needs-other", a.Needs.Other},
	} {
		if n := utf8.RuneCountInString(x.s); n > longest {
			f.Add(x.where, "This is %d characters too long. It can have up to %d.", n-longest, longest)
		}
	}
	if a.HowBad < 0 || a.HowBad > 5 {
		f.Add("how-bad", "Choose how bad it is, from 1 to 5.")
	}
	a.Contact.check(&f)
	if utf8.RuneCountInString(a.Needs.Interpreter) > 100 {
		f.Add("interpreter", "Tell us the language in a few words.")
	}
	return f.Err()
}

// answered checks the answers to what the form asks. The ledger refuses none
// because a question was left open: in an emergency a form comes before its
// end, and staff ask what they can. The pages insist where there is time.
func (a Ask) answered(f *care.Faults, now time.Time) {
	if a.What == "" {
		f.Add("what", "Tell us what you need help with.")
	}
	for _, p := range a.Form.Asked(a.Answers) {
		asks := slices.Clone(p.Asks)
		for i := range asks {
			asks[i].Required = false
		}
		for _, e := range care.Fields(form.Check(asks, a.Answers, now)) {
			f.Add(e.Where, "%s", e.Message)
		}
	}
}

func (a Ask) who(f *care.Faults, now time.Time) {
	if !slices.Contains([]Asker{Self, Proxy, Staff}, a.Asker) {
		f.Add("asker", "Choose who is asking.")
	}
	if !slices.Contains(Channels, a.Channel) {
		f.Add("channel", "Choose how the request came in.")
	}
	if a.Patient != "" {
		if r, ok := ident.ParseRef(a.Patient); !ok || r.Type != "Patient" {
			f.Add("patient", "Choose who the request is for.")
		}
		return
	}
	if a.Channel.Unnamed() {
		a.unnamed(f)
		return
	}
	a.Identity.check(f, now)
	a.Identity.asker(f, a.Asker == Proxy)
}

// unnamed checks what came from an address and may say no more: there must be
// somewhere to answer to.
func (a Ask) unnamed(f *care.Faults) {
	if a.Contact.Email == "" && a.Contact.Number == "" {
		f.Add("contact-email", "Say which address this came from.")
	}
	for _, x := range []struct{ where, s string }{
		{"given", a.Identity.Given}, {"family", a.Identity.Family}, {"by", a.Identity.By}, {"relationship", a.Identity.Relationship},
	} {
		if utf8.RuneCountInString(x.s) > 100 {
			f.Add(x.where, "This can have up to 100 letters.")
		}
	}
}

// asker checks who asks for somebody else: a proxy who is not signed in is
// known only by what they say here.
func (i Identity) asker(f *care.Faults, proxy bool) {
	for _, x := range []struct{ where, s, ask string }{
		{"by", i.By, "Enter your own name."},
		{"relationship", i.Relationship, "Tell us who you are to them, for example mother or carer."},
	} {
		if x.s == "" && proxy {
			f.Add(x.where, "%s", x.ask)
		} else if utf8.RuneCountInString(x.s) > 100 {
			f.Add(x.where, "This can have up to 100 letters.")
		}
	}
}

func (i Identity) check(f *care.Faults, now time.Time) {
	for _, x := range []struct{ where, s, ask string }{
		{"given", i.Given, "Enter the first name."}, {"family", i.Family, "Enter the last name."},
	} {
		if x.s == "" {
			f.Add(x.where, "%s", x.ask)
		} else if utf8.RuneCountInString(x.s) > 100 {
			f.Add(x.where, "The name can have up to 100 letters.")
		}
	}
	switch b, err := time.ParseInLocation("2006-01-02", i.Birth, words.London); {
	case i.Birth == "":
		f.Add("birth", "Enter the date of birth.")
	case err != nil:
		f.Add("birth", "Enter a real date of birth, for example 27 3 1984.")
	case b.After(now):
		f.Add("birth", "The date of birth must be in the past.")
	case words.Years(b, now) > 130:
		f.Add("birth", "The date of birth is too long ago. Check the year.")
	}
	if i.NHSNumber != "" {
		if _, err := ident.ParseNHSNumber(i.NHSNumber); err != nil {
			f.Add("nhs-number", "Enter an NHS number with 10 digits, for example 999 123 4560, or leave it empty.")
		}
	}
	if i.Phone == "" {
		f.Add("phone", "Enter a phone number, so that we can check who the request is for.")
	} else if !isPhone(i.Phone) {
		f.Add("phone", "Enter a phone number, for example 01632 960 001.")
	}
}

// howLabels are the ways to answer somebody, as a page says them.
var howLabels = map[string]string{
	"message": "By message in the account", "phone": "By phone", "text": "By text message",
	"email": "By email", "letter": "By letter",
}

func (c Contact) check(f *care.Faults) {
	if c.How != "" && howLabels[c.How] == "" {
		f.Add("contact-how", "Choose how we should contact you.")
	}
	switch {
	case c.Number != "" && !isPhone(c.Number):
		f.Add("contact-number", "Enter a phone number, for example 07700 900 001.")
	case c.Number == "" && (c.How == "phone" || c.How == "text"):
		f.Add("contact-number", "Enter the phone number that we should use.")
	}
	switch {
	case c.Email != "" && !isEmail(c.Email):
		f.Add("contact-email", "Enter an email address in the right form, like name@example.com.")
	case c.Email == "" && c.How == "email":
		f.Add("contact-email", "Enter the email address that we should use.")
	}
}

func isPhone(s string) bool {
	digits := 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case !strings.ContainsRune(" +-().", r):
			return false
		}
	}
	return digits >= 7 && digits <= 15
}

func isEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && len(s) <= 254 && strings.Contains(s[strings.LastIndexByte(s, '@'):], ".")
}

package patient

import (
	"context"
	"strings"

	"heartwood/internal/care/request"
	"heartwood/internal/door/web/page"
	"heartwood/internal/ident"
)

// The choices of the form, in plain words.
var (
	kinds = func() []page.Option {
		hints := map[request.Kind]string{
			request.NewProblem:      "Something new that is wrong or worries you",
			request.ExistingProblem: "Something you have had help with before",
			request.Medicine:        "For example, side effects, or how to take it",
			request.TestResult:      "For example, a blood test or a scan",
			request.FitNote:         "If you are too ill to work",
			request.MentalHealth:    "If you feel low, worried or unsafe",
			request.Prescription:    "To order medicine that you take all the time",
			request.Contraception:   "To start, change or go on with it",
			request.Review:          "For example, for asthma or diabetes",
			request.Registration:    "If you are not with us yet",
			request.Admin:           "For example, a form to fill in or a change of address",
		}
		var out []page.Option
		for _, k := range request.Kinds {
			out = append(out, page.Option{Value: string(k), Text: k.Label(), Hint: hints[k]})
		}
		return out
	}()
	needs = []page.Option{
		{Value: "bsl", Text: "British Sign Language"}, {Value: "easyread", Text: "Easy read"},
	}
	// unsafe is what must not happen when we reply.
	unsafe = []page.Option{
		{Value: request.SafeNoVoicemail, Text: "Do not leave a voicemail"},
		{Value: request.SafeNoTexts, Text: "Other people use this phone: do not send text messages"},
		{Value: request.SafeNoEmails, Text: "Other people read this email: do not send emails"},
		{Value: request.SafeNoPost, Text: "Other people open my letters: do not write to my home"},
	}
	askers = []page.Option{
		{Value: string(request.Self), Text: "Me"},
		{Value: string(request.Proxy), Text: "Someone else", Hint: "For example, your child or someone you care for"},
		asCarer,
	}
	// asCarer is to ask for help of one's own, as somebody who cares for
	// another: it has a form of its own.
	asCarer = page.Option{Value: "carer", Text: "Me, because I look after someone", Hint: "For help with caring, or with how it makes you feel"}
)

// replies are the ways to be told; a message needs an account to read it in.
func replies(signedIn bool) []page.Option {
	all := []page.Option{
		{Value: "message", Text: "A message in my account here"},
		{Value: "phone", Text: "Phone call"},
		{Value: "text", Text: "Text message"},
		{Value: "email", Text: "Email"},
		{Value: "letter", Text: "Letter"},
	}
	if !signedIn {
		return all[1:]
	}
	return all
}

func textOf(options []page.Option, value string) string {
	for _, o := range options {
		if o.Value == value {
			return o.Text
		}
	}
	return ""
}

// people are who the visitor may ask for.
func (v visit) people(ctx context.Context) []page.Option {
	if !v.signedIn {
		return askers
	}
	var out []page.Option
	for _, p := range v.Patients {
		o := page.Option{Value: p, Text: v.nameOf(ctx, p), Hint: v.Relationship(p)}
		if p == v.Self() {
			out = append(out, page.Option{Value: p, Text: "Me"}, asCarer)
			continue
		}
		if o.Hint != "" {
			o.Hint = "You are their " + o.Hint
		}
		out = append(out, o)
	}
	return out
}

func fillWho(d *draft) *page.Form {
	v := string(d.Asker)
	if d.Patient != "" {
		v = d.Patient
	}
	if d.Carer {
		v = asCarer.Value
	}
	return page.NewForm(map[string]string{"asker": v})
}

func saveWho(v visit, d *draft, f *page.Form) {
	const missing = "Choose who needs help"
	if !v.signedIn {
		was := d.Asker
		chosen := f.Choice("asker", missing, askers)
		if d.Carer = chosen == asCarer.Value; d.Carer {
			chosen = string(request.Self)
		}
		d.Asker, d.Patient = request.Asker(chosen), ""
		if was != "" && was != d.Asker { // whose name and birth date they gave is asked again
			delete(d.Done, "you")
		}
		return
	}
	var options []page.Option
	for _, p := range v.Patients {
		options = append(options, page.Option{Value: p})
	}
	if d.Carer = f.Value("asker") == asCarer.Value && v.Self() != ""; d.Carer {
		d.Patient = v.Self()
		return
	}
	d.Patient = f.Choice("asker", missing, options)
}

func fillYou(d *draft) *page.Form {
	f := page.NewForm(map[string]string{
		"given": d.Identity.Given, "family": d.Identity.Family,
		"nhs-number": d.Identity.NHSNumber, "phone": d.Identity.Phone,
		"by": d.Identity.By, "relationship": d.Identity.Relationship,
	})
	if y, m, day := cut(d.Identity.Birth); y != "" {
		f.Set("birth-year", y)
		f.Set("birth-month", strings.TrimLeft(m, "0"))
		f.Set("birth-day", strings.TrimLeft(day, "0"))
	}
	return f
}

func cut(date string) (y, m, d string) {
	p := strings.Split(date, "-")
	if len(p) != 3 {
		return "", "", ""
	}
	return p[0], p[1], p[2]
}

func saveYou(v visit, d *draft, f *page.Form) {
	i := &d.Identity
	i.By, i.Relationship = "", ""
	if d.Asker == request.Proxy {
		i.By = f.Need("by", 100, "Enter your own name")
		i.Relationship = f.Need("relationship", 100, "Tell us who you are to them, for example mother or carer")
	}
	i.Given = f.Need("given", 100, "Enter a first name")
	i.Family = f.Need("family", 100, "Enter a last name")
	if t := f.Date("birth", "a date of birth"); !t.IsZero() {
		switch {
		case t.After(v.now):
			f.Fail("birth", "The date of birth must be in the past")
		case t.Year() < v.now.Year()-130:
			f.Fail("birth", "Check the year of birth")
		}
		i.Birth = t.Format("2006-01-02")
	}
	i.NHSNumber = f.Text("nhs-number", 20)
	if i.NHSNumber != "" {
		if n, err := ident.ParseNHSNumber(i.NHSNumber); err != nil {
			f.FailWith("nhs-number", err)
		} else {
			i.NHSNumber = string(n)
		}
	}
	i.Phone = f.Need("phone", 30, "Enter a phone number we can call you on")
	if i.Phone != "" && !phoneLike(i.Phone) {
		f.Fail("phone", "Enter a phone number, like 01632 960 001 or 07700 900 982")
	}
	if d.Contact.Number == "" {
		d.Contact.Number = i.Phone
	}
	if d.Contact.How == "" {
		d.Contact.How = "phone"
	}
}

// phoneLike tells whether text could be a phone number, as the ledger will: 7
// to 15 digits and what people put between them.
func phoneLike(s string) bool {
	n := 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			n++
		case !strings.ContainsRune("+ ()-.", r):
			return false
		}
	}
	return n >= 7 && n <= 15
}

func fillKind(d *draft) *page.Form {
	f := page.NewForm(map[string]string{"kind": string(d.Kind)})
	if d.Carer {
		f.Set("as", asCarer.Value)
	}
	return f
}

func saveKind(v visit, d *draft, f *page.Form) {
	if alone(v, d) { // who it is for was not asked: there is nobody else
		d.Carer = f.Has("as", asCarer.Value)
	}
	d.Kind = request.Kind(f.Choice("kind", "Choose what you need help with", kinds))
}

func fillContact(d *draft) *page.Form {
	f := page.NewForm(map[string]string{
		"contact-how": d.Contact.How, "contact-number": d.Contact.Number,
		"contact-email": d.Contact.Email, "contact-not": d.Contact.NotWhen,
		"interpreter": d.Needs.Interpreter, "needs-other": d.Needs.Other,
	})
	for _, o := range unsafe {
		if strings.Contains(d.Contact.Safe, o.Value) {
			f.Values.Add("contact-safe", o.Value)
		}
	}
	if d.Needs.BSL {
		f.Values.Add("needs", "bsl")
	}
	if d.Needs.EasyRead {
		f.Values.Add("needs", "easyread")
	}
	return f
}

func saveContact(v visit, d *draft, f *page.Form) {
	c := &d.Contact
	c.How = f.Choice("contact-how", "Choose how we should reply", replies(v.signedIn))
	c.Number, c.Email = f.Text("contact-number", 30), f.Text("contact-email", 200)
	c.Safe = strings.Join(f.Choices("contact-safe", unsafe), ". ")
	if c.How == "text" && strings.Contains(c.Safe, unsafe[1].Value) || c.How == "email" && strings.Contains(c.Safe, unsafe[2].Value) {
		f.Fail("contact-how", "You told us that other people can read this. Choose another way to reply")
	}
	c.NotWhen = f.Text("contact-not", 200)
	if (c.How == "phone" || c.How == "text") && c.Number == "" {
		f.Fail("contact-number", "Enter a phone number")
	} else if c.Number != "" && !phoneLike(c.Number) {
		f.Fail("contact-number", "Enter a phone number, like 01632 960 001 or 07700 900 982")
	}
	if c.How == "email" && c.Email == "" {
		f.Fail("contact-email", "Enter an email address")
	} else if c.Email != "" && !emailLike(c.Email) {
		f.Fail("contact-email", "Enter an email address, like name@example.com")
	}
	d.Needs = request.Needs{
		Interpreter: f.Text("interpreter", 60), BSL: f.Has("needs", "bsl"),
		EasyRead: f.Has("needs", "easyread"), Other: f.Text("needs-other", 300),
	}
}

func emailLike(s string) bool {
	user, host, ok := strings.Cut(s, "@")
	return ok && user != "" && strings.Contains(host, ".") && !strings.ContainsAny(s, " \n\t<>,;") && !strings.Contains(host, "@")
}

// needs are the communication needs in a line.
func (d *draft) needs() string {
	var s []string
	if d.Needs.Interpreter != "" {
		s = append(s, "An interpreter: "+d.Needs.Interpreter)
	}
	if d.Needs.BSL {
		s = append(s, "British Sign Language")
	}
	if d.Needs.EasyRead {
		s = append(s, "Easy read")
	}
	if d.Needs.Other != "" {
		s = append(s, d.Needs.Other)
	}
	return strings.Join(s, "\n")
}

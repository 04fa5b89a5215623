package delivery

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"heartwood/internal/care"
	"heartwood/internal/care/search"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/words"
)

// contactRef is where a patient's Contact is kept.
func contactRef(patient ident.Ref) ident.Ref {
	h := sha256.Sum256([]byte(patient.String()))
	return ident.Ref{Type: "Basic", ID: "contact-" + hex.EncodeToString(h[:16])}
}

// LoadContact reads what a practice has been told about reaching a patient.
func LoadContact(ctx context.Context, p *record.Practice, patient string) (Contact, error) {
	c, _, _, err := loadContact(ctx, p, patient)
	return c, err
}

func loadContact(ctx context.Context, p *record.Practice, patient string) (Contact, record.Version, *fhir.Resource, error) {
	c := Contact{Patient: patient}
	ref, ok := ident.ParseRef(patient)
	if !ok || ref.Type != "Patient" {
		return c, record.Version{}, nil, fault.At(fault.Invalid, "patient", "This is not a patient.")
	}
	res, v, err := search.Get(ctx, p, contactRef(ref))
	if err != nil {
		return c, v, nil, err
	}
	if res == nil {
		c.Said, err = saidSince(ctx, p, ref, time.Time{})
		return c, record.Version{}, nil, err
	}
	c.Version = v.ID
	for e := range res.Get("extension").Items() {
		name, ok := strings.CutPrefix(e.Get("url").Str(), contactURL)
		if ok {
			c.read(name, e)
		}
	}
	c.Said, err = saidSince(ctx, p, ref, c.Settled)
	return c, v, res, err
}

func (c *Contact) read(name string, e fhir.Node) {
	yes := e.Get("valueBoolean").True()
	switch name {
	case "large-print":
		c.Needs.LargePrint = yes
	case "easy-read":
		c.Needs.EasyRead = yes
	case "bsl":
		c.Needs.BSL = yes
	case "no-phone":
		c.Needs.NoPhone = yes
	case "no-writing":
		c.Needs.NoWriting = yes
	case "letter-only":
		c.Needs.LetterOnly = yes
	case "no-bulk":
		c.NoBulk = yes
	case "safe":
		c.Safe.read(e)
	case "settled":
		c.Settled = write.When(e.Get("valueDateTime"))
	case "language":
		c.Needs.Language = words.Lang(e.Get("valueCode").Str())
	case "spoken":
		c.Needs.Spoken = e.Get("valueString").Str()
	case "other":
		c.Needs.Other = e.Get("valueString").Str()
	case "prefers":
		c.Prefers = append(c.Prefers, Medium(e.Get("valueCode").Str()))
	case "stale":
		var k Mark
		for x := range e.Get("extension").Items() {
			switch x.Get("url").Str() {
			case "medium":
				k.Medium = Medium(x.Get("valueCode").Str())
			case "address":
				k.Address = x.Get("valueString").Str()
			case "why":
				k.Why = x.Get("valueString").Str()
			case "since":
				k.Since = write.When(x.Get("valueDateTime"))
			}
		}
		c.Stale = append(c.Stale, k)
	}
}

func (c Contact) body(patient ident.Ref) write.Obj {
	var ext write.List
	flag := func(name string, is bool) {
		if is {
			ext = append(ext, write.Obj{"url": contactURL + name, "valueBoolean": true})
		}
	}
	text := func(name, member, s string) {
		if s != "" {
			ext = append(ext, write.Obj{"url": contactURL + name, member: s})
		}
	}
	n := c.Needs
	flag("large-print", n.LargePrint)
	flag("easy-read", n.EasyRead)
	flag("bsl", n.BSL)
	flag("no-phone", n.NoPhone)
	flag("no-writing", n.NoWriting)
	flag("letter-only", n.LetterOnly)
	flag("no-bulk", c.NoBulk)
	text("language", "valueCode", string(n.Language))
	text("spoken", "valueString", n.Spoken)
	text("other", "valueString", n.Other)
	for _, m := range c.Prefers {
		text("prefers", "valueCode", string(m))
	}
	for _, k := range c.Stale {
		ext = append(ext, write.Obj{"url": contactURL + "stale", "extension": write.List{
			write.Obj{"url": "medium", "valueCode": string(k.Medium)},
			write.Obj{"url": "address", "valueString": k.Address},
			write.Obj{"url": "why", "valueString": k.Why},
			write.Obj{"url": "since", "valueDateTime": write.Instant(k.Since)},
		}})
	}
	if parts := c.Safe.parts(); len(parts) > 0 {
		ext = append(ext, write.Obj{"url": contactURL + "safe", "extension": parts})
	}
	if !c.Settled.IsZero() {
		ext = append(ext, write.Obj{"url": contactURL + "settled", "valueDateTime": write.Instant(c.Settled)})
	}
	o := write.Obj{"code": write.Coded(settingSys, "contact", "How to reach a patient"), "subject": write.Ref(patient)}
	if len(ext) > 0 {
		o["extension"] = ext
	}
	return o
}

// Check says what is wrong with a contact.
func (c Contact) Check() error {
	var f care.Faults
	for _, m := range c.Prefers {
		if !slices.Contains(Media, m) {
			f.Add("prefers", "Choose how the patient prefers to hear from us.")
		}
	}
	if utf8.RuneCountInString(c.Needs.Spoken) > 100 {
		f.Add("spoken", "Say the language in a few words.")
	}
	if utf8.RuneCountInString(c.Needs.Other) > 300 {
		f.Add("other", "Use 300 characters or fewer.")
	}
	if c.Safe.Only != "" && len(Plain(c.Safe.Only)) < 10 {
		f.Add("only", "Enter the whole number, like 07700 900 982.")
	}
	if utf8.RuneCountInString(c.Safe.Note) > 300 {
		f.Add("safe-note", "Use 300 characters or fewer.")
	}
	if l := c.Needs.Language; l != "" && l != words.English && l != words.Welsh {
		f.Add("language", "We write in English and in Welsh.")
	}
	return f.Err()
}

// Save keeps a contact in a new version, over the one that was seen.
func Save(ctx context.Context, p *record.Practice, by record.Author, c Contact) error {
	if err := c.Check(); err != nil {
		return err
	}
	now, v, _, err := loadContact(ctx, p, c.Patient)
	if err != nil {
		return err
	}
	if now.Version != c.Version {
		return errChanged
	}
	b := write.New(by, "how to reach the patient", "")
	c.put(b, v)
	change, err := b.Change()
	if err != nil {
		return err
	}
	if _, err = p.Commit(ctx, change); fault.Is(err, fault.Conflict) {
		return errChanged
	}
	return err
}

var errChanged = fault.New(fault.Conflict, "Somebody else has changed this meanwhile. Look at what it is now, and enter yours again.")

func (c Contact) put(b *write.Builder, v record.Version) {
	ref, _ := ident.ParseRef(c.Patient)
	if c.Version == "" {
		b.Create(contactRef(ref), c.body(ref))
		return
	}
	b.Replace(v, c.body(ref))
}

// Load reads a patient as far as reaching them goes.
func Load(ctx context.Context, p *record.Practice, patient string) (Person, error) {
	ref, ok := ident.ParseRef(patient)
	if !ok || ref.Type != "Patient" {
		return Person{}, fault.New(fault.Refused, "There is no patient to send this to.")
	}
	v, err := p.Read(ctx, ref)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
		return Person{}, fault.New(fault.Refused, "The patient is not in this record.")
	}
	if err != nil {
		return Person{}, err
	}
	res, err := v.Resource()
	if err != nil {
		return Person{}, err
	}
	out := PersonOf(res)
	out.Ref = patient
	out.Contact, err = LoadContact(ctx, p, patient)
	if out.Contact.Needs.Language == "" && preferred(res) == words.Welsh {
		out.Contact.Needs.Language = words.Welsh
	}
	return out, err
}

func preferred(res *fhir.Resource) words.Lang {
	for c := range res.Get("communication").Items() {
		for x := range c.Get("language", "coding").Items() {
			if c.Get("preferred").True() && x.Get("code").Is("cy") {
				return words.Welsh
			}
		}
	}
	return words.English
}

// PersonOf reads a Patient.
func PersonOf(res *fhir.Resource) Person {
	out := Person{
		Born: res.Get("birthDate").Str(), Left: res.Get("active").Kind() == fhir.Bool && !res.Get("active").True(),
		Dead: res.Get("deceasedBoolean").True() || res.Get("deceasedDateTime").Exists(),
	}
	for i := range res.Get("identifier").Items() {
		if i.Get("system").Is(care.NHSNumber) {
			out.NHS = i.Get("value").Str()
		}
	}
	for n := range res.Get("name").Items() {
		if n.Get("use").Is("old") {
			continue
		}
		out.Given = n.Get("given").At(0).Str()
		out.Name = strings.TrimSpace(strings.Join([]string{n.Get("prefix").At(0).Str(), out.Given, n.Get("family").Str()}, " "))
		if out.Name == "" {
			out.Name = n.Get("text").Str()
		}
		break
	}
	out.telecoms(res)
	for a := range res.Get("address").Items() {
		if a.Get("use").Is("old") || a.Get("period", "end").Exists() || len(out.Home) > 0 {
			continue
		}
		for l := range a.Get("line").Items() {
			out.Home = append(out.Home, l.Str())
		}
		for _, m := range []string{"city", "district", "postalCode"} {
			if s := a.Get(m).Str(); s != "" {
				out.Home = append(out.Home, s)
			}
		}
	}
	return out
}

func (p *Person) telecoms(res *fhir.Resource) {
	type one struct{ rank, value string }
	var phones, emails []one
	for t := range res.Get("telecom").Items() {
		value := strings.TrimSpace(t.Get("value").Str())
		if value == "" || t.Get("use").Is("old") || t.Get("period", "end").Exists() {
			continue
		}
		rank := t.Get("rank").Str()
		if len(rank) != 1 {
			rank = "8"
		}
		switch {
		case t.Get("system").Is("email"):
			emails = append(emails, one{rank, value})
		case (t.Get("system").Is("phone") || t.Get("system").Is("sms")) && IsMobile(value):
			phones = append(phones, one{rank, value})
		}
	}
	best := func(list []one) (out []string) {
		slices.SortStableFunc(list, func(a, b one) int { return strings.Compare(a.rank, b.rank) })
		for _, x := range list {
			out = append(out, x.value)
		}
		return out
	}
	p.Phones, p.Emails = best(phones), best(emails)
}

// MarkStale notes that nothing arrives at an address; once is enough.
func (c *Contact) MarkStale(t Target, why string, now time.Time) bool {
	if t.Address == "" || t.Medium == App || slices.ContainsFunc(c.Stale, func(k Mark) bool { return k.Medium == t.Medium && SameAddress(k.Address, t.Address) }) {
		return false
	}
	c.Stale = append(c.Stale, Mark{Medium: t.Medium, Address: t.Address, Why: why, Since: now})
	return true
}

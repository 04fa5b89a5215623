package delivery

import (
	"context"
	"slices"
	"strings"

	"heartwood/internal/care"
	"heartwood/internal/care/hidden"
	"heartwood/internal/care/search"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/words"
)

// Service finds routes and records what became of them.
type Service struct {
	// Can tells which media a practice has.
	Can func(practice ident.ODS, m Medium) bool
	// Link is where a patient reads a message without an account; nil for no
	// links, and "" for none to this message.
	Link func(practice ident.ODS, message ident.Ref) string
	// Name is what a practice is called.
	Name func(practice ident.ODS) string
}

// Out is a message that is ready to be handed over.
type Out struct {
	Route
	Subject, Text string
	Person        Person
	Lease         map[string]any // what is written into the Communication with the lease
}

// Route says where a Communication goes now, and in which words.
func (s *Service) Route(ctx context.Context, p *record.Practice, ref ident.Ref, c *fhir.Resource) (Out, error) {
	if to, ok := target(c, writeTo); ok {
		out := Out{Route: Route{Target: to, Language: words.English}, Subject: subjectOf(c), Text: textOf(c)}
		return out, safeFor(ctx, p, to, c)
	}
	if c.Get("recipient").Len() != 1 {
		return Out{}, fault.New(fault.Refused, "A message needs one recipient.")
	}
	if to := write.Target(c.Get("recipient").At(0)); to.Type == "Practitioner" {
		return s.colleague(ctx, p, to, c)
	}
	person, err := Load(ctx, p, c.Get("recipient", "reference").Str())
	if err != nil {
		return Out{}, err
	}
	can := func(m Medium) bool { return s.Can(p.ODS(), m) }
	var tried []Target
	about := partOf(c)
	if kindOf(c) == "notice" && !about.IsZero() {
		if tried, err = triedFor(ctx, p, about, ref); err != nil {
			return Out{}, err
		}
	} else { // somebody said how it is to travel
		want := mediumOf(c)
		can = func(m Medium) bool { return m == want && s.Can(p.ODS(), m) }
	}
	if err := notHidden(ctx, p, person.Ref, about); err != nil {
		return Out{}, err
	}
	r, err := Choose(person, can, tried)
	if err != nil {
		return Out{}, err
	}
	out := Out{Route: r, Person: person, Subject: subjectOf(c), Text: textOf(c)}
	if err := s.say(ctx, p, &out, about); err != nil {
		return Out{}, err
	}
	out.Lease = lease(c, r.Target)
	return out, nil
}

// safeFor refuses to answer an address by itself when anybody whose it is, or
// whose request this is, has said that it is not safe. That they wrote from it
// does not make it so: somebody else may read what comes back.
func safeFor(ctx context.Context, p *record.Practice, to Target, c *fhir.Resource) error {
	who, err := Candidates(ctx, p, to.Address)
	if err != nil {
		return err
	}
	if task := write.Target(c.Get("basedOn").At(0)); task.Type == "Task" {
		t, _, err := search.Get(ctx, p, task)
		if err != nil {
			return err
		}
		if t != nil {
			if ref := write.Target(t.Get("for")); ref.Type == "Patient" {
				who = append(who, Candidate{Ref: ref})
			}
		}
	}
	for _, one := range who {
		contact, err := LoadContact(ctx, p, one.Ref.String())
		if err != nil {
			return err
		}
		if safe := contact.Heed(); safe.Ask || !safe.lets(to) {
			return unsafe("They have told us that this is not a safe way to reach them, so we did not write back that we have their message.")
		}
	}
	return nil
}

// notHidden refuses to tell anybody of a message that is hidden from online
// access: whoever must not see it may be the one who reads the notice.
func notHidden(ctx context.Context, p *record.Practice, patient string, about ident.Ref) error {
	ref, ok := ident.ParseRef(patient)
	if !ok || about.IsZero() {
		return nil
	}
	set, err := hidden.Of(ctx, p, ref)
	if err == nil && set.Has(about) {
		err = unsafe("This is hidden from online access, so no message is sent about it. Tell the patient in a safe way.")
	}
	return err
}

// say puts a notice into the words that its medium takes. Only a letter, which
// nobody but the patient opens, says what the message says; unless the message
// is one that may be read by anybody.
func (s *Service) say(ctx context.Context, p *record.Practice, out *Out, about ident.Ref) error {
	if about.IsZero() {
		return nil
	}
	link := ""
	if s.Link != nil {
		link = s.Link(p.ODS(), about)
	}
	name := "your GP practice"
	if s.Name != nil {
		name = s.Name(p.ODS())
	}
	usual := out.Text == words.T(words.English, "notice.body")
	switch {
	case out.Medium == Letter:
		v, err := p.Read(ctx, about)
		if err != nil {
			return err
		}
		m, err := v.Resource()
		if err != nil {
			return err
		}
		out.Text = textOf(m)
	case usual:
		out.Subject, out.Text = notice(out.Language, out.Medium, name, link)
	case link != "":
		out.Text += "\n\n" + said[out.Language].reply + "\n" + link
	}
	return nil
}

// lease is what is written with the lease: the medium, and where it goes.
func lease(c *fhir.Resource, t Target) map[string]any {
	code, display := t.Medium.code()
	return map[string]any{
		"extension": write.Extended(c, sentTo, pointed(sentTo, t)),
		"medium":    write.List{write.Coded(care.Medium, code, display)},
	}
}

// pointed is a target as an extension.
func pointed(url string, t Target) write.Obj {
	system := map[Medium]string{SMS: "sms", Email: "email"}[t.Medium]
	if system == "" {
		system = "other"
	}
	return write.Obj{"url": url, "valueContactPoint": write.Obj{"system": system, "value": t.Address, "use": "temp"}}
}

// colleague is where a message to a member of staff goes: the way that was
// asked for where their Practitioner has an address for it, else the other. An
// alarm that only one of the two can carry still gets there.
func (s *Service) colleague(ctx context.Context, p *record.Practice, to ident.Ref, c *fhir.Resource) (Out, error) {
	v, err := p.Read(ctx, to)
	if err != nil {
		return Out{}, err
	}
	res, err := v.Resource()
	if err != nil {
		return Out{}, err
	}
	who := PersonOf(res)
	addresses := map[Medium][]string{SMS: who.Phones, Email: who.Emails}
	media := []Medium{Email, SMS}
	if mediumOf(c) == SMS {
		slices.Reverse(media)
	}
	for _, m := range media {
		if len(addresses[m]) > 0 && s.Can(p.ODS(), m) {
			t := Target{Medium: m, Address: addresses[m][0]}
			return Out{Route: Route{Target: t, Language: words.English}, Subject: subjectOf(c), Text: textOf(c), Lease: lease(c, t)}, nil
		}
	}
	return Out{}, fault.New(fault.Refused, "There is no mobile number or email address for this member of staff.")
}

// target reads what pointed wrote.
func target(c *fhir.Resource, url string) (Target, bool) {
	for e := range c.Get("extension").Items() {
		if !e.Get("url").Is(url) {
			continue
		}
		t := Target{Address: e.Get("valueContactPoint", "value").Str(), Medium: mediumOf(c)}
		switch e.Get("valueContactPoint", "system").Str() {
		case "sms":
			t.Medium = SMS
		case "email":
			t.Medium = Email
		}
		return t, t.Address != ""
	}
	return Target{}, false
}

// triedFor is where a message's other notices went.
func triedFor(ctx context.Context, p *record.Practice, about, but ident.Ref) ([]Target, error) {
	var out []Target
	err := search.Each(ctx, p, "Communication?part-of="+about.String(), func(v record.Version, c *fhir.Resource) error {
		if t, ok := target(c, sentTo); ok && v.Ref != but {
			out = append(out, t)
		}
		return nil
	})
	return out, err
}

func partOf(c *fhir.Resource) ident.Ref {
	r := write.Target(c.Get("partOf").At(0))
	if r.Type != "Communication" {
		return ident.Ref{}
	}
	return r
}

func kindOf(c *fhir.Resource) string {
	for k := range c.Get("category").Items() {
		for x := range k.Get("coding").Items() {
			if x.Get("system").Is(care.MessageKind) {
				return x.Get("code").Str()
			}
		}
	}
	return ""
}

func mediumOf(c *fhir.Resource) Medium {
	for m := range c.Get("medium").Items() {
		for x := range m.Get("coding").Items() {
			switch strings.ToUpper(x.Get("code").Str()) {
			case "SMSWRIT", "SMS":
				return SMS
			case "EMAILWRIT", "EMAIL", "E-MAIL":
				return Email
			case "MAILWRIT":
				return Letter
			case "APP":
				return App
			}
		}
	}
	return ""
}

func subjectOf(c *fhir.Resource) string {
	if t := c.Get("topic", "text").Str(); t != "" {
		return t
	}
	return "A message from your GP practice"
}

func textOf(c *fhir.Resource) string {
	var parts []string
	for p := range c.Get("payload").Items() {
		if s := p.Get("contentString").Str(); s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, "\n\n")
}

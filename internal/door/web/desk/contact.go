package desk

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care"
	"heartwood/internal/care/delivery"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/words"
)

// contactPage is how a patient is reached: what they need, what they prefer,
// and which of their addresses do not work.
type contactPage struct {
	Desk    desk
	Notice  *notice
	Summary *side
	Tabs    []tab
	Action  string
	Name    string
	Form    *page.Form
	Version string
	Lines   []contactLine // every address that we have
	Needs   []page.Option
	Prefers []page.Option
	Langs   []page.Option
	Safe    []page.Option
	Said    []string   // what the patient told us since staff last settled it
	Looked  string     // when the page was shown
	Silent  *page.Form // the form of switching their messages, when it came back
	Silence *silence
}

// contactLine is one address, and whether anything arrives there.
type contactLine struct {
	Kind, Address, Problem string
	Index                  string // of the mark, "" for none
}

var contactTemplate = page.New[contactPage](files, "contact.html", "summary.html", "parts.html")

var needOptions = []page.Option{
	{Value: "large-print", Text: "Large print", Hint: "Letters are printed in 18 point"},
	{Value: "easy-read", Text: "Easy read", Hint: "Short lines, 16 point"},
	{Value: "bsl", Text: "British Sign Language", Hint: "Do not phone without an interpreter"},
	{Value: "no-phone", Text: "Cannot be phoned"},
	{Value: "letter-only", Text: "Paper letters only", Hint: "No texts, emails or app notifications"},
	{Value: "no-writing", Text: "Cannot read text", Hint: "Braille, audio or a person: nothing is sent by itself, staff are asked instead"},
	{Value: "no-bulk", Text: "No messages that are sent to many"},
}

var preferOptions = []page.Option{
	{Value: "", Text: "Whatever is quickest"},
	{Value: "app", Text: "NHS App"},
	{Value: "sms", Text: "Text message"},
	{Value: "email", Text: "Email"},
	{Value: "letter", Text: "Letter"},
}

var langOptions = []page.Option{{Value: "en", Text: "English"}, {Value: "cy", Text: "Welsh"}}

var safeOptions = []page.Option{
	{Value: "no-voicemail", Text: "Leave no voicemail, and no message with anybody"},
	{Value: "no-texts", Text: "No text messages", Hint: "Others use the phone"},
	{Value: "no-emails", Text: "No emails", Hint: "Others read them"},
	{Value: "no-post", Text: "No letters to their home", Hint: "Others open them"},
	{Value: "no-app", Text: "No app notifications", Hint: "Others see the screen"},
}

func safeFrom(form *page.Form) delivery.Safe {
	return delivery.Safe{
		NoVoicemail: form.Has("safe", "no-voicemail"), NoTexts: form.Has("safe", "no-texts"), NoEmails: form.Has("safe", "no-emails"),
		NoPost: form.Has("safe", "no-post"), NoApp: form.Has("safe", "no-app"),
		Only: form.Text("only", 30), Note: form.Text("safe-note", 300),
	}
}

func (d *Desk) contact(w http.ResponseWriter, r *http.Request) error {
	v, err := d.enter(r, access.AskOnBehalf, "Patient/"+r.PathValue("id"))
	if err != nil {
		return err
	}
	return d.showContact(w, r, v, contactPage{Notice: contactNotice(r)}, http.StatusOK)
}

func contactNotice(r *http.Request) *notice {
	switch r.URL.Query().Get("done") {
	case "save":
		return &notice{Class: "done", Title: "Saved."}
	case "off":
		return &notice{Class: "done", Title: "Their messages are switched off.", Text: "They can still ask for help in a new request."}
	case "on":
		return &notice{Class: "done", Title: "Their messages are switched on again."}
	case "confirm":
		return &notice{Class: "done", Title: "Confirmed. This address is used again."}
	}
	return nil
}

func (d *Desk) contactDo(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	v, form, err := d.posted(w, r, access.AskOnBehalf, "Patient/"+id, 0)
	if err != nil {
		return err
	}
	person, err := delivery.Load(r.Context(), v.practice, "Patient/"+id)
	if err != nil {
		return err
	}
	c := person.Contact
	c.Version = form.Value("version")
	do := "save"
	if mark := form.Value("confirm"); mark != "" {
		do = "confirm"
		if n, err := strconv.Atoi(mark); err == nil && n >= 0 && n < len(c.Stale) {
			c.Stale = slices.Delete(c.Stale, n, n+1)
		}
	} else {
		c.Needs, c.Prefers, c.NoBulk = needsFrom(form)
		c.Safe = safeFrom(form)
		if at, err := time.Parse(time.RFC3339, form.Value("looked")); err == nil && !at.After(v.now) {
			c.Settled = at // what was said before that was on the page
		}
	}
	err = delivery.Save(r.Context(), v.practice, v.Author("Patient/"+id), c)
	if err == nil {
		http.Redirect(w, r, v.base()+"patient/"+id+"/contact?done="+do, http.StatusSeeOther)
		return nil
	}
	f := care.Fields(err)[0]
	if f.Kind != fault.Invalid && f.Kind != fault.Conflict {
		return err
	}
	for _, f := range care.Fields(err) {
		form.Fail(orElse(f.Where, "other"), f.Message)
	}
	return d.showContact(w, r, v, contactPage{Form: form}, f.Kind.Status())
}

func needsFrom(form *page.Form) (delivery.Needs, []delivery.Medium, bool) {
	n := delivery.Needs{
		LargePrint: form.Has("needs", "large-print"), EasyRead: form.Has("needs", "easy-read"), BSL: form.Has("needs", "bsl"),
		NoPhone: form.Has("needs", "no-phone"), LetterOnly: form.Has("needs", "letter-only"), NoWriting: form.Has("needs", "no-writing"),
		Language: words.Lang(form.Value("language")), Spoken: form.Text("spoken", 100), Other: form.Text("other", 300),
	}
	var prefers []delivery.Medium
	if m := form.Value("prefers"); m != "" {
		prefers = append(prefers, delivery.Medium(m))
	}
	return n, prefers, form.Has("needs", "no-bulk")
}

func (d *Desk) showContact(w http.ResponseWriter, r *http.Request, v visit, p contactPage, status int) error {
	id := r.PathValue("id")
	ref := "Patient/" + id
	person, err := delivery.Load(r.Context(), v.practice, ref)
	if fault.Is(err, fault.Refused) {
		return fault.New(fault.NotFound, "There is no such patient.")
	}
	if err != nil {
		return err
	}
	if p.Summary, err = d.side(r.Context(), v, ref); err != nil {
		return err
	}
	if err := v.saw(r.Context(), ref, "contact details", p.Summary); err != nil {
		return err
	}
	p.Desk, p.Name, p.Action, p.Tabs = v.desk(), person.Name, v.base()+"patient/"+id+"/contact", d.tabs(v, id, "contact")
	p.Needs, p.Prefers, p.Langs, p.Version = needOptions, preferOptions, langOptions, person.Contact.Version
	p.Lines, p.Safe, p.Looked = contactLines(person, v), safeOptions, v.now.Format(time.RFC3339)
	for _, x := range person.Contact.Said {
		p.Said = append(p.Said, "“"+x.Words+"”, "+moment(x.When, v.now))
	}
	if p.Form == nil {
		p.Form = contactForm(person.Contact)
	}
	if p.Silence, err = d.silenceOf(r.Context(), v, ref, p.Silent); err != nil {
		return err
	}
	f := v.frame(r, "How to reach them", "patients")
	switch {
	case !p.Form.OK():
		f.Form = p.Form
	case !p.Silent.OK():
		f.Form = p.Silent
	}
	return contactTemplate.Render(w, r, status, f, p)
}

func contactForm(c delivery.Contact) *page.Form {
	n := c.Needs
	form := page.NewForm(map[string]string{"language": orElse(string(n.Language), "en"), "spoken": n.Spoken, "other": n.Other, "prefers": ""})
	safe := c.Heed()
	form.Set("only", safe.Only)
	form.Set("safe-note", safe.Note)
	for name, is := range map[string]bool{
		"no-voicemail": safe.NoVoicemail, "no-texts": safe.NoTexts, "no-emails": safe.NoEmails, "no-post": safe.NoPost, "no-app": safe.NoApp,
	} {
		if is {
			form.Values.Add("safe", name)
		}
	}
	if len(c.Prefers) > 0 {
		form.Set("prefers", string(c.Prefers[0]))
	}
	for name, is := range map[string]bool{
		"large-print": n.LargePrint, "easy-read": n.EasyRead, "bsl": n.BSL, "no-phone": n.NoPhone,
		"letter-only": n.LetterOnly, "no-writing": n.NoWriting, "no-bulk": c.NoBulk,
	} {
		if is {
			form.Values.Add("needs", name)
		}
	}
	return form
}

func contactLines(person delivery.Person, v visit) []contactLine {
	var out []contactLine
	add := func(kind string, m delivery.Medium, address string) {
		l := contactLine{Kind: kind, Address: address}
		for i, k := range person.Contact.Stale {
			if k.Medium == m && delivery.SameAddress(k.Address, address) {
				l.Problem, l.Index = "Nothing has arrived here since "+moment(k.Since, v.now)+" ("+k.Why+").", strconv.Itoa(i)
			}
		}
		out = append(out, l)
	}
	for _, s := range person.Phones {
		add("Mobile", delivery.SMS, s)
	}
	for _, s := range person.Emails {
		add("Email", delivery.Email, s)
	}
	if len(person.Home) > 0 {
		add("Post", delivery.Letter, strings.Join(person.Home, ", "))
	}
	return out
}

// reachWords are the addresses of a patient at which nothing arrives, and
// what they need, as lines for the head of a page.
func reachWords(c delivery.Contact) []string {
	out := append(c.SafeWords(), c.Needs.Words()...)
	for _, k := range c.Stale {
		out = append(out, k.Medium.Label()+" does not arrive: confirm "+map[delivery.Medium]string{
			delivery.SMS: "the mobile number", delivery.Email: "the email address", delivery.Letter: "the postal address",
		}[k.Medium])
	}
	return out
}

package manage

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care/overflow"
	"heartwood/internal/care/request"
	"heartwood/internal/care/search"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// networkPage lists what is agreed with the other practices of the network.
type networkPage struct {
	Saved bool
	Rows  []agreementRow
	Rest  []page.Link // practices with which nothing is agreed
}

type agreementRow struct {
	Name, Href string
	Rows       []page.Row
}

// agreementPage is what is agreed with one.
type agreementPage struct {
	Action, Version, Name string
	Form                  *page.Form
	Kinds, Urgencies      []page.Option
	Share                 []page.Option
	Theirs                []page.Row // their side, as their record has it
}

var (
	networkTemplate   = page.New[networkPage](files, "network.html")
	agreementTemplate = page.New[agreementPage](files, "agreement.html")
)

var urgencyOptions = []page.Option{{Value: "routine", Text: "Routine"}, {Value: "urgent", Text: "Urgent"}, {Value: "asap", Text: "Very urgent"}}

var shareOptions = []page.Option{{Value: "summary", Text: "Problems, medicines and allergies too"}, {Value: "photos", Text: "Photos and documents too, if the patient agrees"}}

func (m *Manage) network(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Manage)
	if err != nil {
		return err
	}
	all, err := overflow.Agreements(r.Context(), v.practice)
	if err != nil {
		return err
	}
	p := networkPage{Saved: r.FormValue("done") == "saved"}
	known := map[ident.ODS]bool{v.ods: true}
	for _, a := range all {
		known[a.Partner] = true
		p.Rows = append(p.Rows, agreementRow{
			Name: a.Name, Href: v.base() + "network/" + string(a.Partner),
			Rows: []page.Row{
				{Key: "We may hand over", Value: a.Gives.Say()},
				{Key: "We take from them", Value: a.Takes.Say()},
				{Key: "We may book there", Value: a.Books.Say()},
				{Key: "They may book here", Value: a.Lets.Say()},
			},
		})
	}
	slices.SortFunc(p.Rows, func(a, b agreementRow) int { return strings.Compare(a.Name, b.Name) })
	others, err := m.store.Practices(r.Context())
	if err != nil {
		return err
	}
	for _, o := range others {
		if !known[o] {
			name, err := m.practiceName(r.Context(), v.practice, o)
			if err != nil {
				return err
			}
			p.Rest = append(p.Rest, page.Link{Href: v.base() + "network/" + string(o), Text: name})
		}
	}
	return networkTemplate.Render(w, r, http.StatusOK, m.frame(r, v, "The network", "network"), p)
}

// practiceName is what a practice calls itself.
func (m *Manage) practiceName(ctx context.Context, here *record.Practice, ods ident.ODS) (string, error) {
	at := ods.Organization()
	res, _, err := search.Get(ctx, here, at)
	if err == nil && res == nil {
		var there *record.Practice
		if there, err = m.store.Practice(ods); err == nil {
			res, _, err = search.Get(ctx, there, at)
		}
	}
	if err != nil {
		return "", err
	}
	if res != nil {
		if n := res.Get("name").Str(); n != "" {
			return n, nil
		}
	}
	return string(ods), nil
}

// partner is the practice of an address, with what is agreed.
func (m *Manage) partner(r *http.Request, v visit) (overflow.Agreement, error) {
	ods, err := ident.ParseODS(r.PathValue("partner"))
	if err != nil || ods == v.ods {
		return overflow.Agreement{}, fault.New(fault.NotFound, "There is no such practice.")
	}
	all, err := m.store.Practices(r.Context())
	if err != nil {
		return overflow.Agreement{}, err
	}
	a, err := overflow.With(r.Context(), v.practice, ods)
	if err != nil {
		return a, err
	}
	if a.Version == "" {
		if !slices.Contains(all, ods) {
			return a, fault.New(fault.NotFound, "There is no such practice.")
		}
		a.Name, err = m.practiceName(r.Context(), v.practice, ods)
	}
	return a, err
}

func (m *Manage) agreement(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Manage)
	if err != nil {
		return err
	}
	a, err := m.partner(r, v)
	if err != nil {
		return err
	}
	return m.showAgreement(w, r, v, a, agreementForm(a), http.StatusOK)
}

func agreementForm(a overflow.Agreement) *page.Form {
	f := page.NewForm(map[string]string{"version": a.Version})
	hours := func(name string, day, from, to int) {
		if day == 0 && to == 0 {
			from, to = 8*60, 18*60+30
		}
		f.Set(name+"-day", strconv.Itoa(day))
		f.Set(name+"-from", hour(from))
		f.Set(name+"-to", hour(min(to, 24*60-1)))
	}
	for name, t := range map[string]overflow.Terms{"gives": a.Gives, "takes": a.Takes} {
		hours(name, t.PerDay, t.From, t.To)
		f.Values[name+"-kind"], f.Values[name+"-urgency"] = t.Kinds, t.Priorities
		if t.Summary {
			f.Values[name+"-share"] = append(f.Values[name+"-share"], "summary")
		}
		if t.Photos {
			f.Values[name+"-share"] = append(f.Values[name+"-share"], "photos")
		}
	}
	hours("books", a.Books.PerDay, a.Books.From, a.Books.To)
	hours("lets", a.Lets.PerDay, a.Lets.From, a.Lets.To)
	return f
}

func (m *Manage) showAgreement(w http.ResponseWriter, r *http.Request, v visit, a overflow.Agreement, form *page.Form, status int) error {
	p := agreementPage{
		Action: v.base() + "network/" + string(a.Partner), Version: form.Value("version"), Name: a.Name, Form: form,
		Urgencies: urgencyOptions, Share: shareOptions,
	}
	for _, k := range request.Kinds {
		p.Kinds = append(p.Kinds, page.Option{Value: string(k), Text: k.Label()})
	}
	if there, err := m.store.Practice(a.Partner); err == nil {
		theirs, err := overflow.With(r.Context(), there, v.ods)
		if err != nil {
			return err
		}
		p.Theirs = []page.Row{
			{Key: "They take from us", Value: theirs.Takes.Say()},
			{Key: "They may send us", Value: theirs.Gives.Say()},
			{Key: "We may book there", Value: theirs.Lets.Say()},
			{Key: "They may book here", Value: theirs.Books.Say()},
		}
	}
	f := m.frame(r, v, a.Name, "network")
	f.Back = &page.Link{Text: "The network", Href: v.base() + "network"}
	f.Form = form
	return agreementTemplate.Render(w, r, status, f, p)
}

// agreementDo keeps our side of what is agreed.
func (m *Manage) agreementDo(w http.ResponseWriter, r *http.Request) error {
	v, form, err := m.posted(w, r, access.Manage, 0)
	if err != nil {
		return err
	}
	was, err := m.partner(r, v)
	if err != nil {
		return err
	}
	a := overflow.Agreement{Partner: was.Partner, Name: was.Name, Version: form.Value("version"), Gives: termsOf(form, "gives"), Takes: termsOf(form, "takes")}
	a.Books.PerDay, a.Books.From, a.Books.To = limitsOf(form, "books")
	a.Lets.PerDay, a.Lets.From, a.Lets.To = limitsOf(form, "lets")
	if form.OK() {
		if err = overflow.Save(r.Context(), v.practice, v.Author(""), a); err == nil {
			http.Redirect(w, r, v.base()+"network?done=saved", http.StatusSeeOther)
			return nil
		}
	}
	status, err := refused(form, err, "gives-day")
	if err != nil {
		return err
	}
	return m.showAgreement(w, r, v, was, form, status)
}

func termsOf(form *page.Form, name string) (t overflow.Terms) {
	t.PerDay, t.From, t.To = limitsOf(form, name)
	for _, k := range request.Kinds {
		if form.Has(name+"-kind", string(k)) {
			t.Kinds = append(t.Kinds, string(k))
		}
	}
	t.Priorities = form.Choices(name+"-urgency", urgencyOptions)
	t.Summary, t.Photos = form.Has(name+"-share", "summary"), form.Has(name+"-share", "photos")
	return t
}

// limitsOf reads how many a day, and from when to when.
func limitsOf(form *page.Form, name string) (day, from, to int) {
	day, err := strconv.Atoi(strings.TrimSpace(form.Value(name + "-day")))
	if err != nil {
		day = -1
	}
	a, err1 := time.Parse("15:04", form.Text(name+"-from", 5))
	b, err2 := time.Parse("15:04", form.Text(name+"-to", 5))
	if err1 != nil || err2 != nil {
		form.Fail(name+"-from", "Write from when to when, such as 08:00 and 18:30")
		return day, 0, 0
	}
	from, to = a.Hour()*60+a.Minute(), b.Hour()*60+b.Minute()
	if to == 24*60-1 {
		to = 24 * 60
	}
	return day, from, to
}

package patient

import (
	"net/http"
	"net/url"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care/hidden"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/view/timeline"
)

type recordPage struct {
	Heading  string
	Mine     bool
	About    []page.Row
	Allergy  string
	Sections []section
	All      string
	Looked   string
}

type section struct {
	Title, None string
	Lines       []recordLine
}

type recordLine struct {
	Title, Detail, When, Kind string
	Serious                   bool
}

type journalPage struct {
	Heading string
	Lines   []recordLine
	Total   int
	Newer   string
	Older   string
	Summary string
}

var (
	recordTemplate  = page.New[recordPage](files, "record.html", "change_link.html")
	journalTemplate = page.New[journalPage](files, "journal.html")
)

// recordPage is the record on one page.
func (a *Patients) recordPage(w http.ResponseWriter, r *http.Request) error {
	v, err := a.enterFor(r, access.SeeOwnRecord)
	if err != nil {
		return err
	}
	ref, _ := ident.ParseRef(v.patient)
	s, err := timeline.Read(r.Context(), v.practice, ref)
	if err != nil {
		return err
	}
	set, err := v.withheld(r.Context())
	if err != nil {
		return err
	}
	if err := v.looked(r.Context(), "summary", 1); err != nil {
		return err
	}
	p := recordPage{
		Heading: v.heading("record"), Mine: v.mine(), Allergy: allergyText(s), About: v.aboutRows(s.Banner),
		All: v.base() + "record/all", Looked: v.base() + "looked",
		Sections: []section{
			{"Allergies", "", v.recordLines(set, s.Allergies)},
			{"Health problems now", "No current problems are recorded.", v.recordLines(set, s.Problems)},
			{"Medicines now", "No current medicines are recorded.", v.recordLines(set, s.Medicines)},
			{"Test results", "No results are recorded.", v.recordLines(set, s.Results)},
			{"Vaccines", "No vaccines are recorded.", v.recordLines(set, s.Immunisations)},
			{"Past health problems", "No past problems are recorded.", v.recordLines(set, s.PastProblems)},
			{"Visits and calls", "No visits are recorded.", v.recordLines(set, s.Contacts)},
			{"Letters", "No letters are recorded.", v.recordLines(set, s.Letters)},
		},
	}
	return recordTemplate.Render(w, r, http.StatusOK, v.frame(r, p.Heading, v.base()+"record"), p)
}

// allergyText says what is known of allergies, to the person themselves.
func allergyText(s timeline.Summary) string {
	switch s.AllergyState {
	case timeline.NoKnown:
		return "Your record says that you have no known allergies."
	case timeline.AllergiesKnown:
		return ""
	}
	return "No allergies are recorded. If you have one, tell us."
}

func (v visit) aboutRows(b timeline.Banner) []page.Row {
	rows := []page.Row{{Key: "Name", Value: b.Name}}
	add := func(key, value string) {
		if value != "" {
			rows = append(rows, page.Row{Key: key, Value: value})
		}
	}
	if !b.Born.IsZero() {
		add("Date of birth", v.lang.Date(b.Born))
	}
	add("NHS number", b.NHS.String())
	add("Phone", b.Phone)
	add("Email", b.Email)
	add("Address", b.Address)
	for _, n := range b.Needs {
		add("Help you need", n)
	}
	return rows
}

func (v visit) recordLines(set hidden.Set, lines []timeline.Line) []recordLine {
	var out []recordLine
	for _, l := range lines {
		if !shows(set)(l) {
			continue
		}
		out = append(out, recordLine{Title: l.Title, Detail: l.Detail, When: v.shortDate(l.Date), Serious: l.Serious})
	}
	return out
}

func (v visit) shortDate(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return v.lang.ShortDate(t)
}

// journalPage is everything, newest first, a page at a time.
func (a *Patients) journalPage(w http.ResponseWriter, r *http.Request) error {
	v, err := a.enterFor(r, access.SeeOwnRecord)
	if err != nil {
		return err
	}
	ref, _ := ident.ParseRef(v.patient)
	cursor := r.URL.Query().Get("from")
	if len(cursor) > 500 {
		return fault.New(fault.Invalid, "This link is not whole. Please go back and try again.")
	}
	set, err := v.withheld(r.Context())
	if err != nil {
		return err
	}
	// Left out before pages are cut and counted: no count tells of it.
	j, err := timeline.ReadJournal(r.Context(), v.practice, ref, timeline.Part{From: cursor, Most: 50, Show: shows(set)})
	if err != nil {
		return err
	}
	if err := v.looked(r.Context(), "journal", len(j.Items)); err != nil {
		return err
	}
	p := journalPage{Heading: v.heading("whole record"), Total: j.Total, Summary: v.base() + "record"}
	if j.Next != "" {
		p.Older = v.base() + "record/all?from=" + url.QueryEscape(j.Next)
	}
	if cursor != "" {
		p.Newer = v.base() + "record/all"
	}
	for _, i := range j.Items {
		if i.Title == i.Kind { // it has no other
			i.Title = v.lang.T(i.Title)
		}
		p.Lines = append(p.Lines, recordLine{Title: i.Title, Detail: i.Detail, When: v.shortDate(i.Date), Kind: v.lang.T(i.Kind), Serious: i.Serious})
	}
	f := v.frame(r, p.Heading, v.base()+"record")
	f.Back = &page.Link{Href: p.Summary}
	return journalTemplate.Render(w, r, http.StatusOK, f, p)
}

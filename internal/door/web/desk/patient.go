package desk

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care/hidden"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/view/timeline"
)

type patientPage struct {
	Desk                 desk
	Notice               *notice
	Summary              *side
	NewHref, ConsultHref string
	WriteHref, JobHref   string
	CasesHref            string
	Tabs                 []tab
	Journal              []journalDay
	Seen                 []seenRow
	Older, Empty         string
}

type tab struct {
	Label, Href string
	Current     bool
}

type journalDay struct {
	Date    string
	Entries []journalEntry
}

type journalEntry struct {
	Kind, Text, Note, Href string
	Lines                  []string
	Hidden                 bool // not seen online
}

type seenRow struct{ When, Who, What, Why string }

var patientTemplate = page.New[patientPage](files, "patient.html", "summary.html", "parts.html")

// tabs are the parts of a record: a name, and the resource types it holds.
var tabs = []struct {
	key, label string
	kinds      []string
}{
	{"", "Everything", nil},
	{"contacts", "Consultations", []string{"Encounter", "Composition"}},
	{"problems", "Problems", []string{"Condition", "AllergyIntolerance"}},
	{"medicines", "Medicines", []string{"MedicationRequest", "MedicationStatement", "Immunization"}},
	{"results", "Results", []string{"Observation", "DiagnosticReport"}},
	{"letters", "Letters", []string{"DocumentReference", "List"}},
}

// journalMost is how many entries one page of the journal holds.
const journalMost = 50

func (d *Desk) patientPage(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	part := r.FormValue("part")
	action := access.SeeRecord
	if part == "looked" {
		action = access.FindPatient // the log itself asks further below
	}
	v, err := d.enter(r, action, "Patient/"+id)
	if err != nil {
		return err
	}
	ref := ident.Ref{Type: "Patient", ID: id}
	if !ident.IsID(id) {
		return fault.New(fault.NotFound, "There is no such patient.")
	}
	p := patientPage{Desk: v.desk(), Notice: noticeOf(r), NewHref: v.base() + "new?patient=" + id}
	if p.Summary, err = d.side(r.Context(), v, ref.String()); err != nil {
		return err
	}
	if v.may(access.Consult, ref.String()) {
		p.ConsultHref = v.base() + "consult?patient=" + id
	}
	if v.may(access.Message, ref.String()) {
		p.WriteHref = v.base() + "patient/" + id + "/write"
	}
	if v.may(access.AssignJob, ref.String()) {
		p.JobHref = v.base() + "jobs/new?patient=" + id
		p.CasesHref = v.base() + "cases?patient=" + id
	}
	p.Tabs = d.tabs(v, id, part)
	if err := v.saw(r.Context(), ref.String(), "record", p.Summary); err != nil {
		return err
	}
	if part == "looked" {
		err = d.whoLooked(r.Context(), v, &p, ref)
	} else {
		err = d.journal(r.Context(), v, &p, ref, part, r.FormValue("from"))
	}
	if err != nil {
		return err
	}
	return patientTemplate.Render(w, r, http.StatusOK, v.frame(r, p.Summary.Name, "patients"), p)
}

// tabs links to the parts of a record that the visitor may open.
func (d *Desk) tabs(v visit, id, here string) []tab {
	at := v.base() + "patient/" + id
	var out []tab
	if v.may(access.SeeRecord, "Patient/"+id) {
		for _, t := range tabs {
			out = append(out, tab{t.label, at + query("part", t.key), t.key == here})
		}
	}
	if v.may(access.Message, "Patient/"+id) {
		out = append(out, tab{"Write to them", at + "/write", here == "write"})
	}
	if v.may(access.Book, "Patient/"+id) {
		out = append(out, tab{"Book elsewhere", at + "/elsewhere", here == "elsewhere"})
	}
	out = append(out, tab{"Who looked", at + "?part=looked", here == "looked"})
	if v.may(access.Hide, "Patient/"+id) {
		out = append(out, tab{"Hidden online", at + "/hidden", here == "hidden"})
	}
	if v.may(access.AskOnBehalf, "Patient/"+id) {
		out = append(out, tab{"How to reach them", at + "/contact", here == "contact"})
	}
	if d.accounts != nil && v.may(access.GiveAccess, "Patient/"+id) {
		out = append(out, tab{"Online access", at + "/online", here == "online"})
	}
	return out
}

func query(name, value string) string {
	if value == "" {
		return ""
	}
	return "?" + name + "=" + url.QueryEscape(value)
}

func (d *Desk) journal(ctx context.Context, v visit, p *patientPage, ref ident.Ref, part, from string) error {
	var kinds []string
	for _, t := range tabs {
		if t.key == part {
			kinds = t.kinds
		}
	}
	j, err := timeline.ReadJournal(ctx, v.practice, ref, timeline.Part{From: from, Most: journalMost, Types: kinds})
	if err != nil {
		return err
	}
	set, err := hidden.Of(ctx, v.practice, ref)
	if err != nil {
		return err
	}
	for _, it := range j.Items {
		on := orElse(date(it.Date), "No date")
		if n := len(p.Journal); n == 0 || p.Journal[n-1].Date != on {
			p.Journal = append(p.Journal, journalDay{Date: on})
		}
		e := journalEntry{Kind: it.Kind, Text: it.Title, Note: it.By, Lines: lines(it.Detail), Hidden: set.Has(it.Ref)}
		if it.Ref.Type == "Composition" && v.may(access.Consult, ref.String()) {
			e.Href = v.base() + "consult/" + it.Ref.ID
		}
		if !it.Thread.IsZero() {
			e.Href = v.base() + "request/" + it.Thread.ID
		}
		today := &p.Journal[len(p.Journal)-1]
		today.Entries = append(today.Entries, e)
	}
	if j.Next != "" {
		p.Older = v.base() + "patient/" + ref.ID + "?" + url.Values{"part": {part}, "from": {j.Next}}.Encode()
	}
	p.Empty = "Nothing recorded here."
	return nil
}

// whoLooked lists everybody who has seen this record.
func (d *Desk) whoLooked(ctx context.Context, v visit, p *patientPage, ref ident.Ref) error {
	who, err := d.colleagues(ctx, v)
	if err != nil {
		return err
	}
	seen, err := v.practice.Accesses(ctx, ref.String(), time.Time{}, 200)
	if err != nil {
		return err
	}
	for _, a := range seen {
		row := seenRow{When: moment(a.Time, v.now), Who: who.name(a.Author.Ref), What: capital(a.Type), Why: capital(a.Purpose)}
		if n := len(p.Seen); n > 0 { // one page shows more than one part at once
			last := &p.Seen[n-1]
			if last.When == row.When && last.Who == row.Who && last.Why == row.Why {
				if !strings.Contains(strings.ToLower(last.What), strings.ToLower(row.What)) {
					last.What = join(last.What, strings.ToLower(row.What))
				}
				continue
			}
		}
		p.Seen = append(p.Seen, row)
	}
	p.Empty = "Nobody has looked at this record yet."
	return nil
}

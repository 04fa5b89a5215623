package desk

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care"
	"heartwood/internal/care/delivery"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/view/read"
	"heartwood/internal/words"
)

type patientsPage struct {
	Desk         desk
	Note, Sought string
	Notice       *notice
	Rows         []patientRow
	Empty        string
}

type patientRow struct {
	ID, Name, Born, Age       string
	NHSNumber, Address, Phone string
	Href, New                 string
}

var patientsTemplate = page.New[patientsPage](files, "patients.html", "parts.html")

// foundMost is how many patients a search shows.
const foundMost = 50

func (d *Desk) patientsPage(w http.ResponseWriter, r *http.Request) error {
	v, err := d.enter(r, access.FindPatient, "")
	if err != nil {
		return err
	}
	p := patientsPage{Desk: v.desk(), Sought: strings.TrimSpace(r.FormValue("q"))}
	p.Desk.Sought = p.Sought
	switch {
	case p.Sought == "":
		p.Empty = "Type a name, a date of birth, an NHS number or a phone number."
	default:
		p.Rows, err = d.find(r.Context(), v, p.Sought)
		switch {
		case fault.Is(err, fault.Invalid):
			p.Notice = &notice{Class: "problem", Title: fault.From(err).Message}
		case err != nil:
			return err
		case len(p.Rows) == 0:
			p.Empty = "Nobody registered here matches. Check the spelling, or try the date of birth."
		case len(p.Rows) == foundMost:
			p.Note = "the first 50: add a first name or a date of birth"
		default:
			p.Note = plural(len(p.Rows), "found", "found")
		}
	}
	return patientsTemplate.Render(w, r, http.StatusOK, v.frame(r, "Patients", "patients"), p)
}

// find looks patients up by whatever was typed, and logs the sight.
func (d *Desk) find(ctx context.Context, v visit, typed string) ([]patientRow, error) {
	query, err := patientQuery(typed)
	if err != nil {
		return nil, err
	}
	found, err := v.practice.Find(ctx, query)
	if err != nil {
		return nil, err
	}
	rows := make([]patientRow, 0, len(found.Matches))
	var patients []string
	for _, m := range found.Matches {
		row, err := v.patientRow(m)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
		patients = append(patients, m.Ref.String())
	}
	return rows, d.glanced(ctx, v, "patient search", patients)
}

var (
	phoneForm = regexp.MustCompile(`^\+?[0-9][0-9 ()-]{6,}$`)
	dateForms = []string{"2006-01-02", "2/1/2006", "2-1-2006", "2.1.2006", "2 January 2006", "2 Jan 2006", "02012006"}
)

// patientQuery turns what was typed into a search: an NHS number, a phone
// number, or words of a name and a date of birth in any order.
func patientQuery(typed string) (string, error) {
	typed = strings.Join(strings.Fields(typed), " ")
	if typed == "" {
		return "", fault.New(fault.Invalid, "Type a name, a date of birth, an NHS number or a phone number.")
	}
	if len(typed) > 100 {
		return "", fault.New(fault.Invalid, "That is too long to look for.")
	}
	if n, err := ident.ParseNHSNumber(typed); err == nil {
		return "Patient?identifier=" + url.QueryEscape(care.NHSNumber+"|"+string(n)), nil
	}
	q := url.Values{"_count": {"50"}, "_sort": {"family,given"}}
	if born, rest := takeDate(typed); !born.IsZero() {
		q.Set("birthdate", born.Format(time.DateOnly))
		typed = rest
	} else if phoneForm.MatchString(typed) {
		return "Patient?_count=50&telecom=" + url.QueryEscape(strings.Join(delivery.Forms(typed), ",")), nil
	} else if strings.Contains(typed, "@") && !strings.ContainsAny(typed, " ,|$") {
		return "Patient?_count=50&telecom=" + url.QueryEscape(typed), nil
	}
	for _, w := range strings.Fields(strings.ReplaceAll(typed, ",", " ")) {
		q.Add("name", w)
	}
	return "Patient?" + q.Encode(), nil
}

// takeDate finds a date among the words; the rest is the name.
func takeDate(s string) (time.Time, string) {
	f := strings.Fields(s)
	for n := min(3, len(f)); n >= 1; n-- {
		for i := 0; i+n <= len(f); i++ {
			for _, form := range dateForms {
				if t, err := time.Parse(form, strings.Join(f[i:i+n], " ")); err == nil && t.Year() > 1880 {
					rest := append(append([]string(nil), f[:i]...), f[i+n:]...)
					return t, strings.Join(rest, " ")
				}
			}
		}
	}
	return time.Time{}, s
}

func (v visit) patientRow(m record.Version) (patientRow, error) {
	res, err := m.Resource()
	if err != nil {
		return patientRow{}, err
	}
	row := patientRow{
		ID: m.Ref.ID, Name: read.Name(res), NHSNumber: nhsNumber(res),
		Href: v.base() + "patient/" + m.Ref.ID, New: v.base() + "new?patient=" + m.Ref.ID,
	}
	if t, ok := words.Birth(res.Get("birthDate").Str()); ok {
		row.Born, row.Age = t.Format("2 Jan 2006"), words.Age(t, v.now)
	}
	for t := range res.Get("telecom").Items() {
		if t.Get("system").Is("phone") && row.Phone == "" {
			row.Phone = t.Get("value").Str()
		}
	}
	a := res.Get("address")
	row.Address = join(a.Get("line").First().Str(), a.Get("postalCode").Str())
	return row, nil
}

func nhsNumber(res *fhir.Resource) string {
	for id := range res.Get("identifier").Items() {
		if id.Get("system").Is(care.NHSNumber) {
			return ident.NHSNumber(id.Get("value").Str()).String()
		}
	}
	return ""
}

// patient reads one patient as a row.
func (d *Desk) patient(ctx context.Context, v visit, id string) (patientRow, error) {
	if !ident.IsID(id) {
		return patientRow{}, fault.New(fault.NotFound, "There is no such patient.")
	}
	m, err := v.practice.Read(ctx, ident.Ref{Type: "Patient", ID: id})
	if err != nil {
		return patientRow{}, err
	}
	return v.patientRow(m)
}

// foundRadios are search results to choose one of.
func foundRadios(rows []patientRow, chosen string) []radio {
	var out []radio
	for _, p := range rows {
		out = append(out, radio{
			Name: "patient", ID: "patient-" + p.ID, Value: p.ID, Label: p.Name,
			Hint: join("born "+p.Born, p.NHSNumber, p.Address), Chosen: p.ID == chosen || len(rows) == 1,
		})
	}
	return out
}

package returns

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"heartwood/internal/view/measure"
	"heartwood/internal/words"
)

// monthly makes the published files of the practice: the measures of online
// requests, those by day and time, the cross-table of appointments, and the
// month's sums of management information.
func (r *Return) monthly(c counts, registered int) error {
	month := r.Span.From.Format(time.DateOnly)
	place := func(more ...string) []string { return append(append([]string{month}, r.Place.columns()...), more...) }
	var measures, times [][]string
	for _, m := range [][2]string{
		{"Submissions", strconv.Itoa(len(c.online))},
		{"Clinical", strconv.Itoa(c.types[clinical])},
		{"Administrative", strconv.Itoa(c.types[administrative])},
		{"Other/Unknown type", strconv.Itoa(c.types[other])},
		{"Registered Patient Count", strconv.Itoa(registered)},
		{"Rate per 1,000 Registered Patients", rate(len(c.online), registered)},
		{"Participation", "1"},
	} {
		measures = append(measures, place(strings.ToUpper(Supplier), m[0], m[1]))
	}
	for d, day := range measure.Weekdays {
		for b, band := range measure.Bands {
			times = append(times, place(day, band, strconv.Itoa(c.times[slotTime{d, b}])))
		}
	}
	for _, t := range []struct {
		name string
		head []string
		rows [][]string
	}{
		{"practice-measures", append(append([]string{"MONTH"}, placeHead...), "SUPPLIER", "METRIC", "VALUE"), measures},
		{"day-and-time", append(append([]string{"MONTH"}, placeHead...), "WEEKDAY", "SUBMISSION_TIME", "VALUE"), times},
		{"appointments", appointmentHead, r.appointments(c)},
		{"slot-use", slotHead, r.slotUse(c, month)},
		{"appointment-information", []string{"MONTH", "GP_CODE", "MEASURE", "VALUE"}, r.information(c, month)},
	} {
		f, err := r.csv(t.name, t.head, t.rows)
		if err != nil {
			return err
		}
		r.Files = append(r.Files, f)
	}
	return nil
}

// appointmentHead are the columns of the practice-level cross-table of
// Appointments in General Practice.
var appointmentHead = []string{
	"APPOINTMENT_MONTH_START_DATE", "GP_CODE", "GP_NAME", "SUPPLIER", "PCN_CODE", "PCN_NAME", "SUB_ICB_LOCATION_CODE", "SUB_ICB_LOCATION_NAME",
	"HCP_TYPE", "APPT_MODE", "NATIONAL_CATEGORY", "TIME_BETWEEN_BOOK_AND_APPT", "COUNT_OF_APPOINTMENTS", "APPT_STATUS",
}

// cell is one combination of the cross-table.
type cell struct{ who, mode, category, lead, status string }

func (r *Return) appointments(c counts) [][]string {
	var out [][]string
	month := strings.ToUpper(r.Span.From.Format("02Jan2006"))
	for _, k := range slices.SortedFunc(maps.Keys(c.cross), func(a, b cell) int {
		return cmp.Or(cmp.Compare(a.who, b.who), cmp.Compare(a.mode, b.mode), cmp.Compare(a.category, b.category), cmp.Compare(a.lead, b.lead), cmp.Compare(a.status, b.status))
	}) {
		p := r.Place
		out = append(out, []string{
			month, p.Code, p.Name, strings.ToUpper(Supplier), p.PCN, p.PCNName, p.SubICB, p.SubName,
			k.who, k.mode, k.category, k.lead, strconv.Itoa(c.cross[k]), k.status,
		})
	}
	return out
}

func cellOf(v *measure.Visit) cell {
	category := v.Category
	if category == "" {
		category = "Unmapped"
	}
	mode := map[string]string{"face-to-face": "Face-to-Face", "telephone": "Telephone", "video": "Video Conference/Online", "home-visit": "Home Visit"}[v.Mode]
	return cell{professional(v), cmp.Or(mode, "Unknown"), category, lead(v), status(v)}
}

// professional is the collection's type of who held it.
func professional(v *measure.Visit) string {
	switch p := v.Professional; {
	case p == "":
		return "Unknown"
	case strings.HasPrefix(p, "GP") || strings.Contains(strings.ToLower(p), "general practitioner"):
		return "GP"
	}
	return "Other Practice staff"
}

// status is the collection's status of an appointment that is past: whether
// the patient was seen. Of one who came and left unseen neither "Attended",
// which means seen, nor "DNA" is true (NHS England, data quality guidance for
// GP appointments data, "Appointment status"; docs/decision/036).
func status(v *measure.Visit) string {
	if v.Unseen {
		return "Unknown"
	}
	switch v.Status {
	case "fulfilled", "arrived", "checked-in":
		return "Attended"
	case "noshow":
		return "DNA"
	}
	return "Unknown"
}

// lead is the time between booking and appointment in the collection's bands;
// two of their names have two spaces, as they are published.
func lead(v *measure.Visit) string {
	if v.Booked.IsZero() || v.Start.IsZero() {
		return "Unknown / Data Quality"
	}
	day := func(t time.Time) int64 {
		y, m, d := t.In(words.London).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400
	}
	switch n := day(v.Start) - day(v.Booked); {
	case n < 0:
		return "Unknown / Data Quality"
	case n == 0:
		return "Same Day"
	case n == 1:
		return "1 Day"
	case n <= 7:
		return "2 to 7 Days"
	case n <= 14:
		return "8  to 14 Days"
	case n <= 21:
		return "15  to 21 Days"
	case n <= 28:
		return "22  to 28 Days"
	}
	return "More than 28 Days"
}

func (r *Return) information(c counts, month string) [][]string {
	var out [][]string
	for _, m := range []string{
		"Appointments booked", "Appointments booked online by the patient or a proxy", "Appointments booked by the practice",
		"Appointments cancelled", "Appointments cancelled online by the patient or a proxy", "Appointments cancelled by the practice",
		"Appointments, Attended", "Appointments, DNA", "Appointments, Unknown",
	} {
		out = append(out, []string{month, r.Place.Code, m, strconv.Itoa(c.booked[m])})
	}
	return out
}

func (r *Return) csv(what string, head []string, rows [][]string) (File, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	if err := w.WriteAll(append([][]string{head}, rows...)); err != nil {
		return File{}, err
	}
	return File{Name: r.fileName(what + ".csv"), Type: "text/csv; charset=utf-8", Body: b.Bytes(), Rows: len(rows)}, nil
}

package returns

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"heartwood/internal/view/measure"
)

// Supplier is who a return says it comes from.
const Supplier = "Heartwood"

// table is one structure of the weekly return: its columns and rows.
type table struct {
	name string
	head []string
	rows [][]string
}

// weekly makes the seven structures of the collection: incidents, and of
// online and of video consultations the sums, the practice and the records. As
// JSON they are one document; as CSV each is a file, and the practice of video
// consultations has none.
func (r *Return) weekly(c counts) error {
	tables := []table{r.incidents(), r.ocAggregate(c), r.ocPractice(c), r.ocRecords(c), r.vcAggregate(c), r.vcPractice(c), r.vcRecords(c)}
	doc := map[string]any{
		"supplier": Supplier, "odsCode": r.Place.Code,
		"periodStart": r.Period, "periodEnd": r.Span.To.AddDate(0, 0, -1).Format(time.DateOnly), "produced": stamp(r.Made),
	}
	for _, t := range tables {
		rows := []map[string]string{}
		for _, row := range t.rows {
			o := map[string]string{}
			for i, h := range t.head {
				o[h] = row[i]
			}
			rows = append(rows, o)
		}
		doc[t.name] = rows
	}
	b, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return err
	}
	r.Files = append(r.Files, File{Name: r.fileName("all.json"), Type: "application/json", Body: append(b, '\n'), Rows: len(c.online)})
	for _, t := range tables {
		if t.name == "vcPractice" {
			continue
		}
		f, err := r.csv(fileNames[t.name], t.head, t.rows)
		if err != nil {
			return err
		}
		r.Files = append(r.Files, f)
	}
	return nil
}

var fileNames = map[string]string{
	"incidents": "incidents", "ocAggregate": "oc-aggregate", "ocPractice": "oc-practice", "ocRecord": "oc-record",
	"vcAggregate": "vc-aggregate", "vcRecord": "vc-record",
}

// common are the columns that every structure begins with.
var common = []string{"supplier", "odsCode", "periodStart", "periodEnd"}

func (r *Return) row(more ...string) []string {
	return append([]string{Supplier, r.Place.Code, r.Period, r.Span.To.AddDate(0, 0, -1).Format(time.DateOnly)}, more...)
}

func head(more ...string) []string { return append(slices.Clone(common), more...) }

// incidents has no rows: nothing in the record says that the service failed.
func (r *Return) incidents() table {
	return table{name: "incidents", head: head("start", "end", "description", "practicesAffected")}
}

func (r *Return) ocAggregate(c counts) table {
	t := table{name: "ocAggregate", head: head("type", "status", "submissions")}
	sums := map[[2]string]int{}
	for i := range c.online {
		f := &c.online[i]
		sums[[2]string{typeOf(f.Kind), r.status(f)}]++
	}
	for k, n := range sums {
		t.rows = append(t.rows, r.row(k[0], k[1], strconv.Itoa(n)))
	}
	slices.SortFunc(t.rows, slices.Compare)
	return t
}

func (r *Return) ocPractice(c counts) table {
	t := table{name: "ocPractice", head: head("participation", "submissions", "clinical", "administrative", "otherOrUnknown")}
	t.rows = append(t.rows, r.row("1", strconv.Itoa(len(c.online)), strconv.Itoa(c.types[clinical]), strconv.Itoa(c.types[administrative]), strconv.Itoa(c.types[other])))
	return t
}

// status is where a request stood when the return was made.
func (r *Return) status(f *measure.Fact) string {
	if f.Open(r.Made) {
		return "open"
	}
	return "closed"
}

func (r *Return) ocRecords(c counts) table {
	t := table{name: "ocRecord", head: head("recordReference", "submittedAt", "channel", "requester", "ageBand", "gender", "type", "priority", "status", "firstResponseAt", "outcome", "closedAt")}
	for i := range c.online {
		f := &c.online[i]
		closed := time.Time{}
		if !f.Open(r.Made) {
			closed = f.Closed
		}
		t.rows = append(t.rows, r.row(
			reference(r.Place.Code, f.Task.ID), stamp(f.In), "web", f.Asker, f.Who.Band(f.In), cmp.Or(f.Who.Sex, "unknown"),
			typeOf(f.Kind), f.Priority, r.status(f), stamp(f.Answered), f.OutcomeCode, stamp(closed)))
	}
	return t
}

func (r *Return) vcAggregate(c counts) table {
	t := table{name: "vcAggregate", head: head("status", "consultations")}
	sums := map[string]int{}
	for i := range c.video {
		sums[status(&c.video[i])]++
	}
	for _, s := range []string{"Attended", "DNA", "Unknown"} {
		if sums[s] > 0 {
			t.rows = append(t.rows, r.row(s, strconv.Itoa(sums[s])))
		}
	}
	return t
}

func (r *Return) vcPractice(c counts) table {
	t := table{name: "vcPractice", head: head("participation", "consultations")}
	t.rows = append(t.rows, r.row("1", strconv.Itoa(len(c.video))))
	return t
}

func (r *Return) vcRecords(c counts) table {
	t := table{name: "vcRecord", head: head("recordReference", "startedAt", "plannedMinutes", "professional", "status")}
	slices.SortFunc(c.video, func(a, b measure.Visit) int { return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.ID, b.ID)) })
	for i := range c.video {
		v := &c.video[i]
		t.rows = append(t.rows, r.row(reference(r.Place.Code, v.ID), stamp(v.Start), fmt.Sprint(int(v.End.Sub(v.Start).Minutes())), professional(v), status(v)))
	}
	return t
}

package desk

import (
	"context"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care"
	"heartwood/internal/door/web/page"
	"heartwood/internal/ident"
	"heartwood/internal/view/worklist"
)

// most is how many rows a page of the queue shows at first.
const most = 100

// patience is how long a page waits for the queue to show the newest change.
const patience = 300 * time.Millisecond

type queuePage struct {
	Desk          desk
	Heading, Note string
	Notice        *notice
	Table         queueTable
}

type queueTable struct {
	Alarm          *alarm
	Live, Revision string
	Note           string // beside the heading, kept in step by the page's script
	Caption, Empty string
	Filters        []filterLink
	Rows           []queueRow
	More           string
	MoreCount      int
}

type filterLink struct {
	Label, Href    string
	Count          int
	Current, Alert bool
}

type queueRow struct {
	ID, Href           string
	Urgency            urgency
	What               string
	Flags              []string
	Looking            string
	Patient, Age       string
	Channel            string
	Waited, SinceISO   string
	By, ByISO, ByClass string
	State              string
	Owner              string
}

var (
	queueTemplate = page.New[queuePage](files, "queue.html", "queue_table.html", "parts.html")
	queueParts    = template.Must(template.ParseFS(files, "queue_table.html"))
)

func (d *Desk) queuePage(w http.ResponseWriter, r *http.Request) error {
	v, err := d.enter(r, access.WorkQueue, "")
	if err != nil {
		return err
	}
	table, counts, err := d.table(r, v)
	if err != nil {
		return err
	}
	table.Note = queueNote(counts)
	if r.Header.Get(partHeader) == "queue" {
		return fragment(w, r, queueParts, "queue-table", table)
	}
	return queueTemplate.Render(w, r, http.StatusOK, v.frame(r, "Queue", ""), queuePage{
		Desk: v.desk(), Heading: "Queue", Note: table.Note, Notice: noticeOf(r), Table: table,
	})
}

func queueNote(c worklist.Counts) string {
	note := plural(c.Open, "open request", "open requests")
	if c.Late > 0 {
		note += fmt.Sprintf(", %d late", c.Late)
	}
	return note
}

// table reads the queue as it is after the newest change.
func (d *Desk) table(r *http.Request, v visit) (queueTable, worklist.Counts, error) {
	list, err := d.fresh(r.Context(), v)
	if err != nil {
		return queueTable{}, worklist.Counts{}, err
	}
	show, limit := r.FormValue("show"), most
	if n, err := strconv.Atoi(r.FormValue("rows")); err == nil && n > most {
		limit = min(n, 5000)
	}
	all := list.View(worklist.Filter{})
	rows := chosen(all.Rows, show, v.ref())
	t := queueTable{
		Live:     "/live/" + string(v.ods) + "/queue",
		Revision: strconv.FormatUint(all.Revision, 10),
		Caption:  "Open requests, most urgent first",
		Empty:    emptyWords(show),
		Filters:  v.filters(all, show),
	}
	if more := len(rows) - limit; more > 0 {
		t.More = fmt.Sprintf("%s?show=%s&rows=%d", v.base(), show, limit+most)
		t.MoreCount = min(more, most)
		rows = rows[:limit]
	}
	t.Alarm = v.alarm(worklist.Unattended(all.Rows, v.now))
	var patients []string
	for _, row := range rows {
		t.Rows = append(t.Rows, v.row(row))
		patients = append(patients, patientOf(row))
	}
	return t, all.Counts, d.glanced(r.Context(), v, "queue", patients)
}

// patientOf is whom a row is about, "" when that is not known yet.
func patientOf(row worklist.Row) string {
	if row.Patient.IsZero() {
		return ""
	}
	return row.Patient.String()
}

// fresh is the practice's list, once it shows what is committed.
func (d *Desk) fresh(ctx context.Context, v visit) (*worklist.List, error) {
	list, err := d.queue(ctx, v.ods)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	_ = list.Wait(ctx, v.practice.Position()) // a little old is better than nothing
	return list, nil
}

// ref is the visitor's own reference.
func (v visit) ref() ident.Ref {
	ref, _ := ident.ParseRef(v.Ref)
	return ref
}

var triageTeam, _ = ident.ParseRef(care.Triage)

// shows are the filters of the queue: what each lets through.
var shows = []struct {
	key, label, empty string
	lets              func(r worklist.Row, me ident.Ref) bool
}{
	{"", "All", "No open requests. Everything has been answered.", func(worklist.Row, ident.Ref) bool { return true }},
	{"mine", "Mine", "Nothing is with you.", func(r worklist.Row, me ident.Ref) bool { return r.Owner == me }},
	{"team", "Teams", "Nothing is with a team.", func(r worklist.Row, _ ident.Ref) bool { return r.Owner.Type == "CareTeam" }},
	{"nobody", "Unassigned", "Every request is with somebody.", func(r worklist.Row, _ ident.Ref) bool {
		return r.Owner.IsZero() || r.Owner.Type == "Organization" || r.Waiting == worklist.OnTriage && r.Owner == triageTeam
	}},
	{"urgent", "Urgent", "Nothing urgent is open.", func(r worklist.Row, _ ident.Ref) bool { return r.Priority != "routine" && r.Priority != "" }},
	{"patient", "Waiting for patient", "Nothing waits for a patient.", func(r worklist.Row, _ ident.Ref) bool { return r.Waiting == worklist.OnPatient }},
}

func chosen(rows []worklist.Row, show string, me ident.Ref) []worklist.Row {
	for _, s := range shows {
		if s.key != show || show == "" {
			continue
		}
		kept := make([]worklist.Row, 0, len(rows))
		for _, r := range rows {
			if s.lets(r, me) {
				kept = append(kept, r)
			}
		}
		return kept
	}
	return rows
}

func emptyWords(show string) string {
	for _, s := range shows {
		if s.key == show {
			return s.empty
		}
	}
	return shows[0].empty
}

func (v visit) filters(all worklist.View, show string) []filterLink {
	me := v.ref()
	links := make([]filterLink, len(shows))
	for i, s := range shows {
		links[i] = filterLink{Label: s.label, Href: v.base(), Current: s.key == show, Alert: s.key == "urgent"}
		if s.key != "" {
			links[i].Href += "?show=" + s.key
		}
		for _, r := range all.Rows {
			if s.lets(r, me) {
				links[i].Count++
			}
		}
		links[i].Alert = links[i].Alert && links[i].Count > 0
	}
	return links
}

func (v visit) row(r worklist.Row) queueRow {
	q := queueRow{
		ID: r.Task.ID, Href: v.base() + "request/" + r.Task.ID,
		Urgency: urgencyOf(r.Priority), What: firstLine(r.Asked, 110), Flags: r.Flags,
		Patient: r.Name, Age: years(r.Age), Channel: channelOf(r.Channel),
		Waited: waited(v.now.Sub(r.Since)), SinceISO: iso(r.Since),
		ByISO: iso(r.AnswerBy), State: stateWords[r.Waiting], Owner: r.OwnerName,
	}
	if q.What == "" {
		q.What = "Request " + r.Reference
	}
	if r.Waiting != worklist.OnPatient {
		q.By, q.ByClass = clock(r.AnswerBy, worklist.Grace(r.Priority), v.now)
	}
	if r.Owner == v.ref() {
		q.Owner = "You"
	}
	for _, l := range r.Looking {
		if l.Ref != v.ref() {
			q.Looking = join(q.Looking, l.Name)
		}
	}
	return q
}

var stateWords = map[worklist.Waiting]string{
	worklist.OnTriage: "Not looked at yet", worklist.OnTeam: "With the practice",
	worklist.OnPatient: "With the patient", worklist.OnClosing: "To be closed",
}

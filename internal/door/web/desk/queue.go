package desk

import (
	"context"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"time"

	"heartwood/internal/access"
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
	Notice, Shut  *notice
	Table         queueTable
	Show          show
	Bulk          *bulkForm // nil for those who decide nothing
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
	Picking        bool // rows can be selected
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
	Pick               string // id and version, for the form of many at once
	Picked             bool
	Aside, AsideWhy    string
	HandedUp           bool
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
	return d.showQueue(w, r, v, nil, noticeOf(r), http.StatusOK)
}

// showQueue shows the queue, with a form of many at once as it was typed.
func (d *Desk) showQueue(w http.ResponseWriter, r *http.Request, v visit, typed *page.Form, said *notice, status int) error {
	who, err := d.colleagues(r.Context(), v)
	if err != nil {
		return err
	}
	s := v.showOf(r, who)
	table, counts, err := d.table(r, v, s, typed)
	if err != nil {
		return err
	}
	table.Note = queueNote(counts)
	if r.Header.Get(partHeader) == "queue" {
		return fragment(w, r, queueParts, "queue-table", table)
	}
	return queueTemplate.Render(w, r, status, v.frame(r, "Queue", ""), queuePage{
		Desk: v.desk(), Heading: "Queue", Note: table.Note, Notice: said, Table: table,
		Shut: v.shut(r.Context()), Show: s, Bulk: v.bulkForm(typed, who),
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
func (d *Desk) table(r *http.Request, v visit, s show, typed *page.Form) (queueTable, worklist.Counts, error) {
	list, err := d.fresh(r.Context(), v)
	if err != nil {
		return queueTable{}, worklist.Counts{}, err
	}
	limit := most
	if n, err := strconv.Atoi(r.FormValue("rows")); err == nil && n > most {
		limit = min(n, 5000)
	}
	all := list.View(worklist.Filter{})
	rows := s.chosen(all.Rows, v)
	t := queueTable{
		Picking:  v.may(access.Triage, ""),
		Live:     "/live/" + string(v.ods) + "/queue",
		Revision: strconv.FormatUint(all.Revision, 10),
		Caption:  "Open requests, most urgent first",
		Empty:    s.empty(),
		Filters:  v.filters(all, s),
	}
	if more := len(rows) - limit; more > 0 {
		t.More = v.base() + s.query(fmt.Sprint(limit+most))
		t.MoreCount = min(more, most)
		rows = rows[:limit]
	}
	t.Alarm = v.rung(v.alarm(worklist.Unattended(all.Rows, v.now)), v.ringing(r.Context()))
	var patients []string
	for _, row := range rows {
		q := v.row(row)
		q.Picked = typed.Has("pick", q.Pick)
		t.Rows = append(t.Rows, q)
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
	q.Pick, q.HandedUp = r.Task.ID+" "+r.Version, !r.Escalated.IsZero()
	if r.Asleep(v.now) {
		q.Aside, q.AsideWhy = "Put aside until "+moment(r.Snoozed, v.now), r.SnoozedWhy
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

package measure

import (
	"time"

	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/view/read"
	"heartwood/internal/words"
)

// Deed is a kind of work that a member of staff does and that leaves a trace
// in the record.
type Deed string

// The deeds. Consultation is the work that everybody sees; the others are
// hidden: no diary shows them.
const (
	Taking       Deed = "taking"  // writing a request down for a caller, or somebody at the desk
	Triage       Deed = "triage"  // a decision about a request
	Messaging    Deed = "message" // a message to a patient, the closing one too
	Jobs         Deed = "job"     // a job for a colleague done
	Letters      Deed = "letter"  // a document written or filed
	Results      Deed = "result"  // a result filed
	Bookings     Deed = "booking" // an appointment made, moved or cancelled by staff
	Consultation Deed = "consultation"
)

// Deeds lists them in the order of a page.
var Deeds = []Deed{Taking, Triage, Messaging, Jobs, Letters, Results, Bookings, Consultation}

// Idle is the longest gap that is counted as work: two deeds of one person
// that lie further apart do not tell how long the second took.
const Idle = 15 * time.Minute

// Work is how much was done, and how long it took as far as it was measured.
type Work struct {
	Items    int           // deeds
	Measured int           // of those, how many followed another within Idle
	Time     time.Duration // of the measured ones
}

func (w *Work) add(o Work) {
	w.Items, w.Measured, w.Time = w.Items+o.Items, w.Measured+o.Measured, w.Time+o.Time
}

// Took is the time of all items: as measured, and for the others each as long
// as is assumed.
func (w Work) Took(each time.Duration) time.Duration {
	return w.Time + time.Duration(w.Items-w.Measured)*each
}

// hour is one hour of one day, in London.
type hour struct {
	day  int32 // days since 1970
	hour int8
}

// workbook sums work by the hour.
type workbook struct {
	cells map[hour]map[Deed]Work
	last  map[string]lastDeed // by who did it
}

type lastDeed struct {
	at   time.Time
	cell hour
	deed Deed
	work Work
}

func newWorkbook() workbook {
	return workbook{cells: map[hour]map[Deed]Work{}, last: map[string]lastDeed{}}
}

func hourOf(t time.Time) hour {
	return hour{dayOf(t), int8(t.In(words.London).Hour())}
}

// together is how close two traces of one person are of the same deed: a
// message and the state of its request are written at once.
const together = 2 * time.Second

// add enters a deed. Of the traces of one deed the one that says most counts.
func (w *workbook) add(by string, deed Deed, at time.Time) {
	last, ok := w.last[by]
	gap := at.Sub(last.at)
	if ok && gap < together {
		if rank[deed] > rank[last.deed] {
			w.put(last.cell, last.deed, Work{-last.work.Items, -last.work.Measured, -last.work.Time})
			w.put(last.cell, deed, last.work)
			last.deed = deed
			w.last[by] = last
		}
		return
	}
	one := Work{Items: 1}
	if ok && gap <= Idle {
		one.Measured, one.Time = 1, gap
	}
	cell := hourOf(at)
	w.put(cell, deed, one)
	w.last[by] = lastDeed{at, cell, deed, one}
}

var rank = map[Deed]int{Triage: 1, Bookings: 2, Jobs: 3, Taking: 4, Messaging: 5, Letters: 6, Results: 7, Consultation: 8}

func (w *workbook) put(cell hour, deed Deed, one Work) {
	if w.cells[cell] == nil {
		w.cells[cell] = map[Deed]Work{}
	}
	sum := w.cells[cell][deed]
	sum.add(one)
	w.cells[cell][deed] = sum
}

// deed enters what an entry tells of somebody's work; most tell nothing.
func (b *Book) deed(e *record.Entry, res *fhir.Resource) {
	if !isStaff(e.Author.Role) {
		b.broughtIn(e, res)
		return
	}
	if d := b.kindOf(e, res); d != "" {
		b.work.add(e.Author.Ref, d, happened(e.Time.Time(), res))
	}
}

// broughtIn enters the work of a request that came from another system with
// its answer: somebody decided, and told them. How long is not known.
func (b *Book) broughtIn(e *record.Entry, res *fhir.Resource) {
	if e.Type != "Task" || len(e.Parents) > 0 || !res.Get("status").Is("completed") || read.Code(res.Get("code"), taskCode) != "request" {
		return
	}
	if at := read.Time(res.Get("executionPeriod", "start").Str()); !at.IsZero() {
		b.work.put(hourOf(at), Triage, Work{Items: 1})
	}
	b.work.put(hourOf(happened(e.Time.Time(), res)), Messaging, Work{Items: 1})
	if c := input(res, "channel"); c == "phone" || c == "desk" {
		b.work.put(hourOf(read.Time(res.Get("authoredOn").Str())), Taking, Work{Items: 1})
	}
}

func (b *Book) kindOf(e *record.Entry, res *fhir.Resource) Deed {
	switch e.Type {
	case "Task":
		return b.taskDeed(e.Ref(), e, res)
	case "Communication":
		if k := read.Code(res.Get("category"), base+"message-kind"); k == "message" || k == "outcome" {
			return Messaging
		}
	case "Encounter":
		if res.Get("status").Is("finished") {
			return Consultation
		}
	case "DocumentReference":
		if res.Get("subject").Exists() {
			return Letters
		}
	case "DiagnosticReport":
		return Results
	case "Appointment":
		return Bookings
	}
	return ""
}

func (b *Book) taskDeed(ref ident.Ref, e *record.Entry, res *fhir.Resource) Deed {
	switch read.Code(res.Get("code"), taskCode) {
	case "request":
		if len(e.Parents) == 0 && !res.Get("partOf").Exists() {
			return Taking
		}
		return Triage
	case "job":
		if res.Get("status").Is("completed") && b.assigned[ref] != "" {
			delete(b.assigned, ref)
			return Jobs
		}
		b.assigned[ref] = "open"
	}
	return ""
}

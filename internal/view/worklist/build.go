package worklist

import (
	"context"
	"slices"
	"strings"
	"time"

	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/view/read"
	"heartwood/internal/words"
)

// The resources of a request are those of docs/resources.md.
const (
	base         = "https://heartwood.example/fhir/"
	taskCode     = base + "task-code"
	stateSystem  = base + "business-status"
	openRequests = "Task?code=" + taskCode + "%7Crequest&status:not=completed&_count=500"
)

// build makes the row of a request from the record as it is now; open is
// false when there is no such open request. used is what the row was made
// from besides the Task.
func build(ctx context.Context, p *record.Practice, id string) (row Row, used []ident.Ref, open bool, err error) {
	task, v, err := read.Get(ctx, p, ident.Ref{Type: "Task", ID: id})
	if err != nil || task == nil || !isOpen(task) {
		return Row{}, nil, false, err
	}
	row = fromTask(task, v)
	b := builder{ctx: ctx, p: p, row: &row}
	b.patient()
	b.asked(task)
	b.owner(task)
	b.flags()
	return row, b.used, true, b.err
}

// isOpen: only an answered request is closed. One that ended in any other way
// stays in sight until a person has closed it properly.
func isOpen(task *fhir.Resource) bool {
	return read.Code(task.Get("code"), taskCode) == "request" && !task.Get("status").Is("completed")
}

func fromTask(t *fhir.Resource, v record.Version) Row {
	r := Row{
		Task: v.Ref, Version: v.ID,
		Reference: t.Get("groupIdentifier", "value").Str(),
		Patient:   read.Ref(t.Get("for")),
		Name:      t.Get("for", "display").Str(),
		Asked:     read.Clip(t.Get("description").Str(), 140),
		Priority:  t.Get("priority").Str(),
		Status:    t.Get("status").Str(),
		Since:     read.Time(t.Get("authoredOn").Str()),
		Moved:     read.Time(t.Get("lastModified").Str()),
		AnswerBy:  read.Time(t.Get("restriction", "period", "end").Str()),
		Owner:     read.Ref(t.Get("owner")),
		OwnerName: t.Get("owner", "display").Str(),
	}
	if r.Priority == "" {
		r.Priority = "routine"
	}
	if r.Since.IsZero() {
		r.Since = v.Time.In(words.London)
	}
	r.Waiting = waiting(r.Status, read.Code(t.Get("businessStatus"), stateSystem))
	r.Channel, r.Kind = input(t, "channel"), input(t, "kind")
	r.Snoozed, r.SnoozedWhy, r.Escalated = moment(t, "snoozed"), input(t, "snoozed-why"), moment(t, "escalated")
	return r
}

func waiting(status, state string) Waiting {
	switch {
	case state == "with-patient":
		return OnPatient
	case state == "answered":
		return OnClosing
	case state == "triaged" || state == "" && (status == "accepted" || status == "in-progress"):
		return OnTeam
	}
	return OnTriage
}

// input is a coded or written input of the Task.
func input(t *fhir.Resource, name string) string {
	for in := range t.Get("input").Items() {
		if read.Code(in.Get("type"), "") != name && !in.Get("type", "text").Is(name) {
			continue
		}
		for _, m := range []string{"valueCode", "valueString"} {
			if s := in.Get(m).Str(); s != "" {
				return s
			}
		}
		if c := read.Code(in.Get("valueCodeableConcept"), ""); c != "" {
			return c
		}
		if c := in.Get("valueCoding", "code").Str(); c != "" {
			return c
		}
	}
	return ""
}

// moment is a time among the inputs of the Task, zero for none.
func moment(t *fhir.Resource, name string) time.Time {
	for in := range t.Get("input").Items() {
		if read.Code(in.Get("type"), "") == name {
			return read.Time(in.Get("valueDateTime").Str())
		}
	}
	return time.Time{}
}

// builder adds to a row what stands outside its Task.
type builder struct {
	ctx  context.Context
	p    *record.Practice
	row  *Row
	used []ident.Ref
	err  error
}

// read gets a resource and remembers that the row was made from it.
func (b *builder) read(ref ident.Ref) *fhir.Resource {
	if ref.IsZero() || b.err != nil {
		return nil
	}
	if !slices.Contains(b.used, ref) {
		b.used = append(b.used, ref)
	}
	res, _, err := read.Get(b.ctx, b.p, ref)
	b.err = err
	return res
}

func (b *builder) patient() {
	res := b.read(b.row.Patient)
	if res == nil {
		return
	}
	if n := read.Name(res); n != "" {
		b.row.Name = n
	}
	b.row.Born, _ = words.Birth(res.Get("birthDate").Str())
}

func (b *builder) asked(task *fhir.Resource) {
	res := b.read(read.Ref(task.Get("focus")))
	if res == nil {
		return
	}
	if input(task, "part") != "" {
		return // its own words are the Task's description
	}
	if s := answer(res.Root(), "what"); s != "" {
		b.row.Asked = read.Clip(s, 140)
	}
}

// answer is the text of the item with this linkId, wherever it stands.
func answer(n fhir.Node, link string) string {
	for item := range n.Get("item").Items() {
		if item.Get("linkId").Is(link) {
			return item.Get("answer", "valueString").Str()
		}
		if s := answer(item, link); s != "" {
			return s
		}
	}
	return ""
}

func (b *builder) owner(task *fhir.Resource) {
	if res := b.read(b.row.Owner); res != nil {
		if n := read.Name(res); n != "" {
			b.row.OwnerName = n
		}
	}
}

// flags are the rules that the words met, worst first as they were found.
func (b *builder) flags() {
	if b.err != nil {
		return
	}
	b.err = read.Each(b.ctx, b.p, "DetectedIssue?implicated="+b.row.Task.String()+"&_count=50", func(v record.Version, res *fhir.Resource) error {
		b.used = append(b.used, v.Ref)
		if s := read.Concept(res.Get("code")); s != "" && !slices.Contains(b.row.Flags, s) && !res.Get("status").Is("entered-in-error") {
			b.row.Flags = append(b.row.Flags, s)
		}
		return nil
	})
}

// implicated are the Tasks that a DetectedIssue is about.
func implicated(body []byte) []string {
	res, err := fhir.ParseResource(body)
	if err != nil {
		return nil // a deletion: the rows that used it are known
	}
	var out []string
	for n := range res.Get("implicated").Items() {
		if r := read.Ref(n); r.Type == "Task" {
			out = append(out, r.ID)
		}
	}
	return out
}

// age says how old the patient is on the day the queue is read.
func age(born, now time.Time) string {
	if born.IsZero() {
		return ""
	}
	return strings.TrimSuffix(words.Age(born, now), " years")
}

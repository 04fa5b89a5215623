package batch

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/delivery"
	"heartwood/internal/care/request"
	"heartwood/internal/care/search"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

const (
	code = "batch"
	ext  = care.Base + "StructureDefinition/batch-"
)

// Can tells which media a practice has.
type Can func(practice ident.ODS, m delivery.Medium) bool

// Save keeps a draft: a new one when it has no id.
func Save(ctx context.Context, p *record.Practice, by record.Author, b Batch, key string) (string, error) {
	b.Title, b.Text = request.CleanText(b.Title), request.CleanText(b.Text)
	b.People = once(b.People)
	if err := b.Check(); err != nil {
		return "", err
	}
	b.State, b.By, b.Made = Draft, by.Ref, p.Now()
	w := write.New(by, "message to many: "+string(b.State), "batch:"+by.Ref+":"+key)
	if done, ok, err := p.Repeat(ctx, "batch:"+by.Ref+":"+key); err != nil || ok {
		if err != nil {
			return "", err
		}
		return done.Versions[0].Ref.ID, nil
	}
	b.ID = ident.NewID()
	w.Create(refOf(b.ID), b.body())
	change, err := w.Change()
	if err != nil {
		return "", err
	}
	_, err = p.Commit(ctx, change)
	return b.ID, err
}

func once(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}

// Move approves a draft or stops what is approved. seen is the version that
// the person was looking at.
func Move(ctx context.Context, p *record.Practice, by record.Author, id, seen string, to State) error {
	b, v, res, err := load(ctx, p, id)
	if err != nil {
		return err
	}
	if b.Version != seen && to != Stopped { // stopping is never too late to try
		return fault.New(fault.Conflict, "Somebody changed this meanwhile. Look at it again.")
	}
	switch {
	case b.State == Draft && to == Approved:
		b.Approver = by.Ref
	case (b.State == Approved || b.State == Draft) && to == Stopped:
	default:
		return fault.New(fault.Refused, "This cannot be done any more.")
	}
	b.State = to
	return b.commit(ctx, p, by, v, res)
}

func (b Batch) commit(ctx context.Context, p *record.Practice, by record.Author, v record.Version, res *fhir.Resource) error {
	w := write.New(by, "message to many: "+string(b.State), "")
	w.Edit(v, res, write.Obj{"extension": b.extensions(), "active": b.State == Approved})
	if b.State == Done || b.State == Stopped {
		if err := b.missed(ctx, p, w); err != nil {
			return err
		}
	}
	change, err := w.Change()
	if err != nil {
		return err
	}
	_, err = p.Commit(ctx, change)
	return err
}

// Load reads one batch.
func Load(ctx context.Context, p *record.Practice, id string) (Batch, error) {
	b, _, _, err := load(ctx, p, id)
	return b, err
}

func load(ctx context.Context, p *record.Practice, id string) (Batch, record.Version, *fhir.Resource, error) {
	if !ident.IsID(id) {
		return Batch{}, record.Version{}, nil, unknown()
	}
	v, err := p.Read(ctx, refOf(id))
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
		return Batch{}, v, nil, unknown()
	}
	if err != nil {
		return Batch{}, v, nil, err
	}
	res, err := v.Resource()
	if err != nil {
		return Batch{}, v, nil, err
	}
	b, ok := read(v, res)
	if !ok {
		return Batch{}, v, nil, unknown()
	}
	return b, v, res, nil
}

// List gives a practice's batches, the newest first.
func List(ctx context.Context, p *record.Practice) ([]Batch, error) {
	var out []Batch
	err := search.Each(ctx, p, "Group?code="+url.QueryEscape(care.TaskCode+"|"+code), func(v record.Version, res *fhir.Resource) error {
		if b, ok := read(v, res); ok {
			out = append(out, b)
		}
		return nil
	})
	slices.SortFunc(out, func(a, b Batch) int { return cmp.Or(b.Made.Compare(a.Made), cmp.Compare(a.ID, b.ID)) })
	return out, err
}

func read(v record.Version, res *fhir.Resource) (Batch, bool) {
	b := Batch{ID: v.Ref.ID, Version: v.ID, Title: res.Get("name").Str(), By: res.Get("managingEntity", "reference").Str()}
	if !res.Get("code", "coding", "code").Is(code) {
		return b, false
	}
	for m := range res.Get("member").Items() {
		b.People = append(b.People, m.Get("entity", "reference").Str())
	}
	for e := range res.Get("extension").Items() {
		switch strings.TrimPrefix(e.Get("url").Str(), ext) {
		case "state":
			b.State = State(e.Get("valueCode").Str())
		case "text":
			b.Text = e.Get("valueString").Str()
		case "approver":
			b.Approver = e.Get("valueString").Str()
		case "at":
			b.At = write.When(e.Get("valueDateTime"))
		case "made":
			b.Made = write.When(e.Get("valueDateTime"))
		}
	}
	return b, true
}

func (b Batch) body() write.Obj {
	o := write.Obj{
		"type": "person", "actual": true, "active": false, "name": b.Title,
		"code": write.Coded(care.TaskCode, code, "Message to many"), "quantity": len(b.People), "extension": b.extensions(),
	}
	if r, ok := ident.ParseRef(b.By); ok && r.Type == "Practitioner" {
		o["managingEntity"] = write.Ref(r)
	}
	var members write.List
	for _, p := range b.People {
		members = append(members, write.Obj{"entity": write.Obj{"reference": p}})
	}
	o["member"] = members
	return o
}

func (b Batch) extensions() write.List {
	out := write.List{
		write.Obj{"url": ext + "state", "valueCode": string(b.State)},
		write.Obj{"url": ext + "text", "valueString": b.Text},
		write.Obj{"url": ext + "made", "valueDateTime": write.Instant(b.Made)},
	}
	if b.Approver != "" {
		out = append(out, write.Obj{"url": ext + "approver", "valueString": b.Approver})
	}
	if !b.At.IsZero() {
		out = append(out, write.Obj{"url": ext + "at", "valueDateTime": write.Instant(b.At)})
	}
	return out
}

// aRound is how many people one round sends to: the stop button is looked at
// before each.
const aRound = 200

// Round sends what is due of every approved batch of a practice. It goes on
// where a round that was cut short ended; each person gets it once, whoever
// sends.
func Round(ctx context.Context, p *record.Practice, can Can) error {
	all, err := List(ctx, p)
	if err != nil {
		return err
	}
	for _, b := range all {
		if b.State != Approved || b.At.After(p.Now()) {
			continue
		}
		if err := send(ctx, p, b, can); err != nil {
			return err
		}
	}
	return nil
}

func send(ctx context.Context, p *record.Practice, b Batch, can Can) error {
	n := 0
	for _, patient := range b.People {
		key := "batch:" + b.ID + ":" + patient
		_, done, err := p.Repeat(ctx, key)
		if err != nil {
			return err
		}
		if done {
			continue
		}
		if n++; n > aRound {
			return nil
		}
		v, err := p.Read(ctx, refOf(b.ID))
		if err != nil {
			return err
		}
		res, err := v.Resource()
		if err != nil {
			return err
		}
		if now, _ := read(v, res); now.State != Approved {
			return nil // stopped meanwhile
		}
		if err := one(ctx, p, b, v, patient, key, can); err != nil && !fault.Is(err, fault.Conflict) {
			return err
		}
	}
	if n > 0 {
		return nil
	}
	now, v, res, err := load(ctx, p, b.ID)
	if err != nil || now.State != Approved {
		return err
	}
	now.State = Done
	if err := now.commit(ctx, p, record.System, v, res); !fault.Is(err, fault.Conflict) {
		return err
	}
	return nil // another round has ended it, or a person has stopped it
}

// missed gives whoever approved a batch the one job of looking at those whom
// it did not reach, so that nobody is left out in silence.
func (b Batch) missed(ctx context.Context, p *record.Practice, w *write.Builder) error {
	got, err := Results(ctx, p, b)
	if err != nil || len(got.Missed) == 0 {
		return err
	}
	n := map[string]int{}
	for _, m := range got.Missed {
		n[m.Why]++
	}
	lines := []string{fmt.Sprintf("The message to many “%s” was not sent to %s. Its page lists them: decide whether to tell them in another way.", b.Title, people(len(got.Missed)))}
	for _, why := range slices.Sorted(maps.Keys(n)) {
		lines = append(lines, fmt.Sprintf("%d: %s", n[why], why))
	}
	o := write.Job(record.System, strings.Join(lines, "\n"), "routine", p.Now())
	o["focus"] = write.Ref(refOf(b.ID))
	if r, ok := ident.ParseRef(b.Approver); ok && r.Type == "Practitioner" {
		o["owner"] = write.Ref(r)
	}
	w.Create(ident.Ref{Type: "Task", ID: "batch-missed-" + b.ID[:min(len(b.ID), 50)]}, o)
	return nil
}

func people(n int) string {
	if n == 1 {
		return "one person"
	}
	return fmt.Sprintf("%d people", n)
}

// one sends to one person, or records why not. It relies on the version of
// the batch that was read, so that nothing is sent after it was stopped.
func one(ctx context.Context, p *record.Practice, b Batch, v record.Version, patient, key string, can Can) error {
	w := write.New(record.System, "message to many", key)
	w.Expect(v.Expect())
	person, err := delivery.Load(ctx, p, patient)
	if err == nil {
		err = Refuse(person, func(m delivery.Medium) bool { return can(p.ODS(), m) })
	}
	ref := ident.Ref{Type: "Communication", ID: b.messageID(patient)}
	who, _ := ident.ParseRef(patient)
	o := write.Obj{
		"category": write.List{write.Coded(care.MessageKind, "message", "")}, "basedOn": write.List{write.Ref(refOf(b.ID))},
		"subject": write.Ref(who), "recipient": write.List{write.Ref(who)}, "sent": write.Instant(p.Now()),
		"payload": write.List{write.Obj{"contentString": b.Words(person)}},
	}
	if by, ok := ident.ParseRef(b.Approver); ok && by.Type == "Practitioner" {
		o["sender"] = write.Ref(by)
	}
	switch {
	case err == nil:
		o["status"] = "completed"
		delivery.Owe(w, ref, refOf(b.ID), who, "A message from your GP practice", b.Words(person))
	case fault.Is(err, fault.Refused):
		o["status"], o["statusReason"] = "not-done", write.Obj{"text": fault.From(err).Message}
		o["category"] = write.List{write.Coded(care.MessageKind, "notice", "")} // nobody was sent it: not in a thread
	default:
		return err
	}
	w.Create(ref, o)
	change, err := w.Change()
	if err != nil {
		return err
	}
	_, err = p.Commit(ctx, change)
	return err
}

// Results tells how a batch stands.
func Results(ctx context.Context, p *record.Practice, b Batch) (Result, error) {
	r := Result{All: len(b.People), Why: map[string]int{}}
	err := search.Each(ctx, p, "Communication?based-on="+refOf(b.ID).String(), func(v record.Version, c *fhir.Resource) error {
		switch {
		case !strings.HasPrefix(v.Ref.ID, "batch-"):
		case c.Get("status").Is("not-done"):
			r.Refused++
			why := c.Get("statusReason", "text").Str()
			r.Why[why]++
			if why != delivery.SayDied && why != delivery.SayLeft {
				r.Missed = append(r.Missed, Missed{c.Get("subject", "reference").Str(), why})
			}
		default:
			r.Sent++
		}
		return nil
	})
	r.Left = max(0, r.All-r.Sent-r.Refused)
	slices.SortFunc(r.Missed, func(a, b Missed) int { return cmp.Or(cmp.Compare(a.Why, b.Why), cmp.Compare(a.Patient, b.Patient)) })
	return r, err
}

// ByNumbers finds the patients of pasted NHS numbers; wrong are the lines that
// are no number or nobody's here.
func ByNumbers(ctx context.Context, p *record.Practice, pasted string) (people, wrong []string, err error) {
	for line := range strings.FieldsFuncSeq(pasted, func(r rune) bool { return r == '\n' || r == ',' || r == ';' || r == '\t' }) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		n, bad := ident.ParseNHSNumber(line)
		if bad != nil {
			wrong = append(wrong, line)
			continue
		}
		page, err := p.Find(ctx, "Patient?identifier="+url.QueryEscape(care.NHSNumber+"|"+string(n))+"&_count=2")
		if err != nil {
			return nil, nil, err
		}
		if len(page.Matches) != 1 {
			wrong = append(wrong, line)
			continue
		}
		people = append(people, page.Matches[0].Ref.String())
	}
	return once(people), wrong, nil
}

// ByAge finds the patients of an age in years, both ends included.
func ByAge(ctx context.Context, p *record.Practice, from, to int) ([]string, error) {
	now := p.Now()
	query := "Patient?birthdate=le" + now.AddDate(-from, 0, 0).Format(time.DateOnly) + "&birthdate=gt" + now.AddDate(-to-1, 0, 0).Format(time.DateOnly)
	var out []string
	err := search.Each(ctx, p, query, func(v record.Version, _ *fhir.Resource) error {
		out = append(out, v.Ref.String())
		return nil
	})
	return once(out), err
}

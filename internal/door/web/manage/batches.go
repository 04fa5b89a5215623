package manage

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"heartwood/internal/access"
	"heartwood/internal/care/batch"
	"heartwood/internal/care/delivery"
	"heartwood/internal/care/message"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/words"
)

type batchesPage struct {
	Action string
	Form   *page.Form
	Key    string
	Rows   []batchRow
	Begin  []page.Option // templates that may go to many
}

type batchRow struct{ Title, Href, State, Made, People string }

type batchPage struct {
	Title, Action, Version, State, Text string
	Form                                *page.Form
	Draft, CanStop, Stopped             bool
	Preview                             *batchPreview
	Result                              []page.Row
	Why                                 []page.Row
	Missed                              []page.Row // who was not sent it, and why: the first 200
	More                                int        // of them that are not listed
	Done                                string
}

type batchPreview struct {
	Rows, Excluded []page.Row
	Examples       []batchExample
}

type batchExample struct{ By, Text string }

var (
	batchesTemplate = page.New[batchesPage](files, "batches.html")
	batchTemplate   = page.New[batchPage](files, "batch.html")
)

var batchStates = map[batch.State]string{
	batch.Draft: "Not sent yet", batch.Approved: "Being sent", batch.Stopped: "Stopped", batch.Done: "Sent",
}

func (m *Manage) batches(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Manage)
	if err != nil {
		return err
	}
	return m.showBatches(w, r, v, nil, http.StatusOK)
}

func (m *Manage) showBatches(w http.ResponseWriter, r *http.Request, v visit, form *page.Form, status int) error {
	all, err := batch.List(r.Context(), v.practice)
	if err != nil {
		return err
	}
	p := batchesPage{Action: v.base() + "batches", Form: form, Key: form.Value("key")}
	if p.Key == "" {
		p.Key = ident.NewID()
	}
	for _, b := range all[:min(len(all), 100)] {
		p.Rows = append(p.Rows, batchRow{b.Title, v.base() + "batches/" + b.ID, batchStates[b.State], words.Stamp(b.Made), strconv.Itoa(len(b.People))})
	}
	templates, err := message.Templates(r.Context(), v.practice)
	if err != nil {
		return err
	}
	p.Begin = []page.Option{{Text: "None: write it freely"}}
	for _, t := range message.Offered(templates, true) {
		p.Begin = append(p.Begin, page.Option{Value: t.ID, Text: t.Title})
	}
	f := m.frame(r, v, "Messages to many", "batches")
	f.Form = form
	return batchesTemplate.Render(w, r, status, f, p)
}

// batchesDo keeps a draft; nothing is sent.
func (m *Manage) batchesDo(w http.ResponseWriter, r *http.Request) error {
	v, form, err := m.posted(w, r, access.Manage, 1<<20)
	if err != nil {
		return err
	}
	if form.Value("do") == "fill" {
		if err := beginBatch(r.Context(), v, form); err != nil {
			return err
		}
		return m.showBatches(w, r, v, form, http.StatusOK)
	}
	b := batch.Batch{Title: form.Text("title", 100), Text: form.Text("text", 5000)}
	if b.People, err = cohort(r.Context(), v, form); err != nil {
		return err
	}
	var id string
	if form.OK() {
		id, err = batch.Save(r.Context(), v.practice, v.Author(""), b, form.Value("key"))
		if err == nil {
			http.Redirect(w, r, v.base()+"batches/"+id, http.StatusSeeOther)
			return nil
		}
	}
	status, err := refused(form, err, "people")
	if err != nil {
		return err
	}
	return m.showBatches(w, r, v, form, status)
}

// beginBatch puts the template that was chosen into the message, below what
// was typed. The first name stays a place: it is another for each person.
func beginBatch(ctx context.Context, v visit, form *page.Form) error {
	t, ok, err := message.TemplateOf(ctx, v.practice, form.Value("template"))
	if err != nil || !ok || !t.Many || t.Off {
		return err
	}
	known, err := message.Known(ctx, v.practice, "", "")
	if err != nil {
		return err
	}
	form.Set("text", strings.TrimSpace(form.Value("text")+"\n\n"+t.Begin(words.English, known)))
	form.Set("title", cmp.Or(form.Value("title"), t.Title))
	return nil
}

// cohort is the people that a form chooses: pasted numbers, or an age.
func cohort(ctx context.Context, v visit, form *page.Form) ([]string, error) {
	if pasted := form.Value("people"); pasted != "" {
		people, wrong, err := batch.ByNumbers(ctx, v.practice, pasted)
		if len(wrong) > 0 {
			form.Fail("people", strconv.Itoa(len(wrong))+" lines are not the NHS number of one patient of this practice. The first is line "+strconv.Quote(wrong[0]))
		}
		return people, err
	}
	from, err1 := strconv.Atoi(form.Text("from", 3))
	to, err2 := strconv.Atoi(form.Text("to", 3))
	if err1 != nil || err2 != nil || from < 0 || to < from || to > 130 {
		form.Fail("people", "Paste NHS numbers, or choose an age from and to")
		return nil, nil //nolint:nilerr // what cannot be read is passed over here
	}
	return batch.ByAge(ctx, v.practice, from, to)
}

func (m *Manage) batch(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Manage)
	if err != nil {
		return err
	}
	return m.showBatch(w, r, v, nil, http.StatusOK)
}

func (m *Manage) batchDo(w http.ResponseWriter, r *http.Request) error {
	v, form, err := m.posted(w, r, access.Manage, 0)
	if err != nil {
		return err
	}
	to := batch.Stopped
	switch form.Value("do") {
	case "approve":
		to = batch.Approved
	case "stop":
	default:
		return fault.New(fault.NotFound, "There is no such form.")
	}
	err = batch.Move(r.Context(), v.practice, v.Author(""), r.PathValue("id"), form.Value("version"), to)
	if err != nil {
		if !form.FailWith("do", err) {
			return err
		}
		return m.showBatch(w, r, v, form, http.StatusConflict)
	}
	http.Redirect(w, r, v.base()+"batches/"+r.PathValue("id")+"?done="+string(to), http.StatusSeeOther)
	return nil
}

func (m *Manage) showBatch(w http.ResponseWriter, r *http.Request, v visit, form *page.Form, status int) error {
	b, err := batch.Load(r.Context(), v.practice, r.PathValue("id"))
	if err != nil {
		return err
	}
	p := batchPage{
		Title: b.Title, Action: v.base() + "batches/" + b.ID, Version: b.Version, State: batchStates[b.State], Text: b.Text, Form: form,
		Draft: b.State == batch.Draft, CanStop: b.State == batch.Approved || b.State == batch.Draft, Stopped: b.State == batch.Stopped,
	}
	if p.Draft {
		if p.Preview, err = m.previewBatch(r.Context(), v, b); err != nil {
			return err
		}
	} else {
		got, err := batch.Results(r.Context(), v.practice, b)
		if err != nil {
			return err
		}
		p.Result = []page.Row{
			{Key: "People", Value: strconv.Itoa(got.All)},
			{Key: "Sent", Value: strconv.Itoa(got.Sent)},
			{Key: "Not sent, with a reason", Value: strconv.Itoa(got.Refused)},
			{Key: "Not sent yet", Value: strconv.Itoa(got.Left)},
		}
		p.Why = counted(got.Why)
		if p.Missed, err = m.missed(r.Context(), v, got.Missed); err != nil {
			return err
		}
		p.More = len(got.Missed) - len(p.Missed)
	}
	f := m.frame(r, v, "Message to many", "batches")
	f.Form = form
	f.Back = &page.Link{Text: "Messages to many", Href: v.base() + "batches"}
	return batchTemplate.Render(w, r, status, f, p)
}

// listed is how many people a batch's page names.
const listed = 200

// missed names those whom a batch did not reach, once that is logged.
func (m *Manage) missed(ctx context.Context, v visit, all []batch.Missed) ([]page.Row, error) {
	var rows []page.Row
	var sights []access.Sight
	for _, x := range all[:min(len(all), listed)] {
		person, err := delivery.Load(ctx, v.practice, x.Patient)
		if err != nil && !fault.Is(err, fault.Refused) {
			return nil, err
		}
		name := cmp.Or(person.Name, "Somebody who is not in this record")
		if person.NHS != "" {
			name += ", NHS number " + page.NHS(person.NHS)
		}
		rows = append(rows, page.Row{Key: name, Value: x.Why})
		sights = append(sights, access.Sight{Patient: x.Patient, What: "message to many"})
	}
	return rows, access.Looked(ctx, v.practice, v.Person, sights...)
}

func counted(m map[string]int) []page.Row {
	var out []page.Row
	for k, n := range m {
		out = append(out, page.Row{Key: k, Value: strconv.Itoa(n)})
	}
	slices.SortFunc(out, func(a, b page.Row) int { return cmp.Compare(a.Key, b.Key) })
	return out
}

// previewBatch looks at everybody as they are now. The examples name people,
// so that sight is logged.
func (m *Manage) previewBatch(ctx context.Context, v visit, b batch.Batch) (*batchPreview, error) {
	people := make([]delivery.Person, 0, len(b.People))
	for _, ref := range b.People {
		person, err := delivery.Load(ctx, v.practice, ref)
		if fault.Is(err, fault.Refused) {
			person = delivery.Person{Ref: ref, Left: true}
		} else if err != nil {
			return nil, err
		}
		people = append(people, person)
	}
	look := b.Look(people, func(d delivery.Medium) bool { return m.can == nil || m.can(v.ods, d) })
	out := &batchPreview{Excluded: counted(look.Excluded)}
	out.Rows = append(out.Rows, page.Row{Key: "Will be sent to", Value: strconv.Itoa(look.Sends)})
	for _, d := range delivery.Media {
		if n := look.By[d]; n > 0 {
			out.Rows = append(out.Rows, page.Row{Key: d.Label(), Value: strconv.Itoa(n)})
		}
	}
	out.Rows = append(out.Rows, page.Row{Key: "Text message fragments to pay for", Value: strconv.Itoa(look.Fragments)})
	var sights []access.Sight
	for _, e := range look.Examples {
		out.Examples = append(out.Examples, batchExample{e.By.Label(), e.Text})
	}
	for i, person := range people {
		if i < 3 {
			sights = append(sights, access.Sight{Patient: person.Ref, What: "message to many"})
		}
	}
	return out, access.Looked(ctx, v.practice, v.Person, sights...)
}

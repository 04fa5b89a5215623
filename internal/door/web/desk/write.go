package desk

import (
	"context"
	"net/http"
	"net/url"

	"heartwood/internal/access"
	"heartwood/internal/care"
	"heartwood/internal/care/message"
	"heartwood/internal/care/request"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

// writePage is where staff begin a thread with a patient.
type writePage struct {
	Desk                   desk
	Notice                 *notice
	Summary                *side
	Tabs                   []tab
	Name, Action, Key      string
	About, Problem, Offend string // Offend is the field at fault
	Compose                compose
	Planned                []plannedRow
	typed                  url.Values
}

// plannedRow is one message that is to go later.
type plannedRow struct{ Action, When, Who, About, Text, Why string }

var writeTemplate = page.New[writePage](files, "write.html", "compose.html", "summary.html", "parts.html")

// writePage shows it; nothing is sent.
func (d *Desk) writePage(w http.ResponseWriter, r *http.Request) error {
	v, err := d.enter(r, access.Message, "Patient/"+r.PathValue("id"))
	if err != nil {
		return err
	}
	p := writePage{typed: r.URL.Query(), Key: ident.NewID()}
	if s := writeDones[r.URL.Query().Get("done")]; s != "" {
		p.Notice = &notice{Class: "done", Title: s}
		if id := r.URL.Query().Get("request"); ident.IsID(id) {
			p.Notice.Href, p.Notice.LinkText = v.base()+"request/"+id, "Open it"
		}
	}
	return d.showWrite(w, r, v, p, http.StatusOK)
}

var writeDones = map[string]string{"sent": "Sent.", "planned": "Planned. It goes at its time unless it is stopped.", "stopped": "Stopped. It will not be sent."}

// writeDo begins the thread, or plans it for later.
func (d *Desk) writeDo(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	v, f, err := d.posted(w, r, access.Message, "Patient/"+id, maxFiles)
	if err != nil {
		return err
	}
	p := writePage{typed: f.Values, Key: orElse(f.Value("key"), ident.NewID())}
	switch f.Value("step") {
	case "fill":
		if err := v.begin(r.Context(), "Patient/"+id, f); err != nil {
			return err
		}
		return d.showWrite(w, r, v, p, http.StatusOK)
	case "preview":
		p.Compose.Preview = paragraphs(f.Text("message", 5000))
		return d.showWrite(w, r, v, p, http.StatusOK)
	}
	next, err := d.beginThread(r.Context(), v, id, f)
	if err == nil {
		http.Redirect(w, r, v.base()+"patient/"+id+"/write?"+next, http.StatusSeeOther)
		return nil
	}
	fail := care.Fields(err)[0]
	switch fail.Kind {
	case fault.Invalid, fault.Refused, fault.Conflict, fault.TooLarge:
	default:
		return err
	}
	p.Problem, p.Offend = fail.Message, fail.Where
	if len(f.Files["files"]) > 0 {
		p.Problem += " Add the files again."
	}
	return d.showWrite(w, r, v, p, fail.Kind.Status())
}

// beginThread sends or plans; it says what the page then tells.
func (d *Desk) beginThread(ctx context.Context, v visit, id string, f *page.Form) (string, error) {
	patient := "Patient/" + id
	m, at, err := d.write(ctx, v, patient, f)
	if err != nil {
		return "", err
	}
	b := message.Begin{Send: m, About: f.Text("about", 200), Owner: request.Owner{Ref: v.Ref, Name: v.Name}}
	if !at.IsZero() {
		_, err := d.messages.Plan(ctx, v.ods, v.Author(patient), b, at, f.Value("key"))
		return "done=planned", err
	}
	got, err := d.messages.Begin(ctx, v.ods, v.Author(patient), b, f.Value("key"))
	return "done=sent&request=" + url.QueryEscape(got.Request), err
}

func (d *Desk) showWrite(w http.ResponseWriter, r *http.Request, v visit, p writePage, status int) error {
	id := r.PathValue("id")
	ref := "Patient/" + id
	var err error
	if p.Summary, err = d.side(r.Context(), v, ref); err != nil {
		return err
	}
	if p.Compose, err = d.compose(r.Context(), v, ref, p.typed, p.Compose.Preview); err != nil {
		return err
	}
	if p.Planned, err = d.planned(r.Context(), v, ref, ""); err != nil {
		return err
	}
	if err := v.saw(r.Context(), ref, "contact details", p.Summary); err != nil {
		return err
	}
	p.Desk, p.Name, p.Action, p.About = v.desk(), p.Summary.Name, v.base()+"patient/"+id+"/write", p.typed.Get("about")
	p.Tabs = d.tabs(v, id, "write")
	f := v.frame(r, "Write to "+p.Name, "patients")
	return writeTemplate.Render(w, r, status, f, p)
}

// planned are the messages that are to go later, of a patient or of one of
// their requests.
func (d *Desk) planned(ctx context.Context, v visit, patient, request string) ([]plannedRow, error) {
	if patient == "" {
		return nil, nil
	}
	all, err := d.messages.Planned(ctx, v.ods, patient)
	if err != nil {
		return nil, err
	}
	var out []plannedRow
	for _, x := range all {
		if request == "" || x.Request == request {
			out = append(out, v.plannedRow(x))
		}
	}
	return out, nil
}

func (v visit) plannedRow(x message.Later) plannedRow {
	return plannedRow{
		Action: v.base() + "planned/" + x.ID, When: capital(moment(x.At, v.now)), About: orElse(x.About, "In a request"), Text: x.Text, Why: x.Why,
	}
}

// plannedPage lists every message of the practice that is to go later.
func (d *Desk) plannedPage(w http.ResponseWriter, r *http.Request) error {
	v, err := d.enter(r, access.Message, "")
	if err != nil {
		return err
	}
	all, err := d.messages.Planned(r.Context(), v.ods, "")
	if err != nil {
		return err
	}
	p := plannedList{Desk: v.desk()}
	if r.URL.Query().Get("done") == "stopped" {
		p.Notice = &notice{Class: "done", Title: writeDones["stopped"]}
	}
	var sights []access.Sight
	for _, x := range all {
		row := v.plannedRow(x)
		if s, err := d.side(r.Context(), v, x.Patient); err == nil && s != nil {
			row.Who = s.Name
		}
		sights = append(sights, access.Sight{Patient: x.Patient, What: "planned message"})
		p.Rows = append(p.Rows, row)
	}
	if err := v.looked(r.Context(), sights...); err != nil {
		return err
	}
	return plannedTemplate.Render(w, r, http.StatusOK, v.frame(r, "Planned messages", "jobs"), p)
}

type plannedList struct {
	Desk   desk
	Notice *notice
	Rows   []plannedRow
}

var plannedTemplate = page.New[plannedList](files, "planned.html", "compose.html", "parts.html")

// plannedStop stops a message, and goes back to where it was stopped.
func (d *Desk) plannedStop(w http.ResponseWriter, r *http.Request) error {
	v, err := d.enter(r, access.Message, "")
	if err != nil {
		return err
	}
	x, err := d.messages.PlannedOne(r.Context(), v.ods, r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := d.messages.Stop(r.Context(), v.ods, v.Author(x.Patient), x.ID); err != nil {
		return err
	}
	to := v.base() + "planned?done=stopped"
	if ref, ok := ident.ParseRef(x.Patient); ok && v.may(access.Message, x.Patient) {
		to = v.base() + "patient/" + ref.ID + "/write?done=stopped"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

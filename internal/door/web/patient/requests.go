package patient

import (
	"context"
	"encoding/base64"
	"net/http"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care"
	"heartwood/internal/care/message"
	"heartwood/internal/care/online"
	"heartwood/internal/care/progress"
	"heartwood/internal/care/request"
	"heartwood/internal/care/triage"
	"heartwood/internal/care/upload"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

type requestListPage struct {
	Open, Closed []requestLine
	Messages     []noteLine // that belong to no request
	Ask          string
	Heading      string
}

type requestDetail struct {
	Form      *page.Form
	Action    string
	Token     string
	Line      requestLine
	Way       progress.Way
	Open      bool
	Expected  string // as the queue now stands
	Told      string
	Answers   []page.Row
	Photos    []photoLine
	Thread    []messageLine
	Offers    []appointmentLine
	Booked    []appointmentLine
	Advice    []triage.Advice
	WaitsFor  bool // the practice waits for the patient
	CanAnswer bool
	Begun     bool // by the practice: they asked nothing
	Own       online.Own
	Off       *offNow
	Went      *wentAsk
}

type messageLine struct {
	FromUs bool
	By     string
	Text   string
	Sent   time.Time
	New    bool
	Photos []photoLine
	Asks   string // where the form that came with it is filled in
}

var (
	requestListTemplate = page.New[requestListPage](files, "requests.html")
	requestTemplate     = page.New[requestDetail](files, "request.html", "advice.html", "own.html", "off.html", "went.html")
)

// requestList shows everything that was asked.
func (a *Patients) requestList(w http.ResponseWriter, r *http.Request) error {
	v, err := a.enterFor(r, access.SeeRequests)
	if err != nil {
		return err
	}
	views, err := a.requests.Of(r.Context(), v.ods, v.patient)
	if err != nil {
		return err
	}
	if err := v.looked(r.Context(), "requests", len(views)); err != nil {
		return err
	}
	set, err := v.withheld(r.Context())
	if err != nil {
		return err
	}
	p := requestListPage{Ask: v.root() + "ask", Heading: v.heading("requests")}
	for _, q := range views {
		if set.Has(taskRef(q.ID)) {
			continue
		}
		if q.Open() {
			p.Open = append(p.Open, v.requestLine(q))
		} else {
			p.Closed = append(p.Closed, v.requestLine(q))
		}
	}
	if p.Messages, err = a.notes(r, v, set); err != nil {
		return err
	}
	return requestListTemplate.Render(w, r, http.StatusOK, v.frame(r, p.Heading, v.base()+"requests"), p)
}

// heading is "Your requests", or whose they are.
func (v visit) heading(what string) string {
	if v.mine() {
		return v.lang.T("Your " + what)
	}
	return v.forName + ": " + v.lang.T(what)
}

// theirs loads a request of the page's patient; of any other it says that
// there is none.
func (a *Patients) theirs(r *http.Request, v visit) (request.View, error) {
	q, err := a.requests.Load(r.Context(), v.ods, r.PathValue("id"))
	if err != nil {
		return q, err
	}
	set, err := v.withheld(r.Context())
	if err != nil {
		return q, err
	}
	if q.Patient != v.patient || set.Has(taskRef(q.ID)) {
		return q, fault.New(fault.NotFound, "There is no such request.")
	}
	return q, nil
}

// requestPage shows one request, the messages about it and what was offered.
func (a *Patients) requestPage(w http.ResponseWriter, r *http.Request) error {
	v, err := a.enterFor(r, access.SeeRequests)
	if err != nil {
		return err
	}
	return a.showRequest(w, r, v, page.NewForm(map[string]string{"token": ident.NewID()}), nil, http.StatusOK)
}

func (a *Patients) showRequest(w http.ResponseWriter, r *http.Request, v visit, form *page.Form, advice []triage.Advice, status int) error {
	ctx := r.Context()
	q, err := a.theirs(r, v)
	if err != nil {
		return err
	}
	thread, err := a.messages.Thread(ctx, v.ods, q.ID)
	if err != nil {
		return err
	}
	set, err := v.withheld(ctx)
	if err != nil {
		return err
	}
	if err := v.looked(ctx, "request", 1+len(thread)); err != nil {
		return err
	}
	p := requestDetail{
		Form: form, Action: v.base() + "requests/" + q.ID, Token: form.Value("token"), Line: v.requestLine(q),
		Open: q.Open(), Expected: a.expected(r, v, q), Told: q.Told, Advice: advice, WaitsFor: q.State == request.WithPatient,
		CanAnswer: access.May(v.Person, access.AskForSelf, v.ods, v.patient) == nil,
	}
	p.Own = v.notice(ctx)
	if p.Off, err = v.off(ctx, q); err != nil {
		return err
	}
	if p.Went, err = v.went(ctx, q, p.CanAnswer, form); err != nil {
		return err
	}
	for _, x := range q.Answers {
		if x.ID == "asker" || x.ID == "channel" {
			continue // they know
		}
		if x.ID == "kind" || x.ID == "contact-how" { // our words, not theirs
			x.Text = v.lang.T(x.Text)
		}
		p.Answers = append(p.Answers, page.Row{Key: x.Question, Value: x.Text})
	}
	if p.Way, err = v.way(ctx, q); err != nil {
		return err
	}
	p.Photos = v.photoLines(q.ID, q.Photos)
	var unread []string
	for _, m := range thread {
		if set.Has(ident.Ref{Type: "Communication", ID: m.ID}) {
			continue
		}
		if m.FromUs && m.Read.IsZero() {
			unread = append(unread, m.ID)
		}
		if m.FromUs && m.Text == q.Told {
			p.Told = "" // it is in the thread
		}
		l := v.messageLine(ctx, q.ID, m)
		if m.Form != "" && p.CanAnswer && !message.Answered(thread, m) {
			l.Asks = v.base() + "requests/" + q.ID + "/questions/" + m.ID
		}
		p.Thread = append(p.Thread, l)
	}
	if err := a.offers(r, v, q.ID, &p); err != nil {
		return err
	}
	if len(unread) > 0 && r.Method == http.MethodGet {
		if err := a.messages.Seen(ctx, v.ods, v.author(), unread...); err != nil && !fault.Is(err, fault.Conflict) {
			return err
		}
	}
	title := q.Kind.Label()
	if p.Begun = begun(q); p.Begun {
		title = q.About()
		p.Line.Kind = title
	}
	f := v.frame(r, title, v.base()+"requests")
	f.Form = form
	f.Back = &page.Link{Href: v.base() + "requests", Text: "All requests"}
	switch r.URL.Query().Get("sent") {
	case "":
	case "went":
		f.Alert = &page.Alert{Kind: "success", Text: "Thank you for telling us."}
	case "new":
		f.Alert = &page.Alert{Kind: "success", Text: "We have your message. It is a new request."}
	default:
		f.Alert = &page.Alert{Kind: "success", Text: "We have your message."}
	}
	return requestTemplate.Render(w, r, status, f, p)
}

func (v visit) messageLine(ctx context.Context, request string, m message.Message) messageLine {
	l := messageLine{FromUs: m.FromUs, Text: m.Text, Sent: m.Sent, New: m.FromUs && m.Read.IsZero(), Photos: v.photoLines(request, m.Photos)}
	switch {
	case m.FromUs:
		l.By = orElse(nameOf(ctx, v.practice, m.From), v.lang.T("Your practice"))
	case m.From == v.Ref:
		l.By = v.lang.T("You")
	default:
		l.By = orElse(nameOf(ctx, v.practice, m.From), v.lang.T("You"))
	}
	return l
}

func (v visit) photoLines(request string, photos []request.Photo) []photoLine {
	var out []photoLine
	for i, p := range photos {
		name := p.Name
		if name == "" {
			name = v.lang.T("Photo %d", i+1)
		}
		out = append(out, photoLine{Name: name, Src: v.base() + "requests/" + request + "/photo/" + id(p.Binary)})
	}
	return out
}

func (a *Patients) offers(r *http.Request, v visit, request string, p *requestDetail) error {
	views, err := a.booking.OfRequest(r.Context(), v.practice, ident.Ref{Type: "Task", ID: request})
	if err != nil {
		return err
	}
	for _, b := range views {
		l := v.appointmentLine(b)
		switch {
		case b.Patient.String() != v.patient:
		case l.Choose != "":
			p.Offers = append(p.Offers, l)
		case l.Coming:
			p.Booked = append(p.Booked, l)
		}
	}
	return nil
}

// replyMax is how long a reply may be, in characters.
const replyMax = 4000

// reply adds a message, with photos, to a request.
func (a *Patients) reply(w http.ResponseWriter, r *http.Request) error {
	v, err := a.enterFor(r, access.AskForSelf)
	if err != nil {
		return err
	}
	q, err := a.theirs(r, v)
	if err != nil {
		return err
	}
	form, err := page.Parse(w, r, maxUpload)
	if err != nil {
		return err
	}
	in := message.Reply{Request: q.ID, Text: form.Need("text", replyMax, "Write your message")}
	for _, h := range form.Files["photos"] {
		if h.Size == 0 && h.Filename == "" {
			continue
		}
		b, err := page.ReadFile(h, upload.MaxBytes)
		if err != nil {
			form.Fail("photos", fault.From(err).Message)
			break
		}
		in.Photos = append(in.Photos, upload.File{Name: h.Filename, Type: h.Header.Get("Content-Type"), Data: b})
	}
	token, err := form.Token()
	if err != nil {
		return err
	}
	if !form.OK() {
		return a.showRequest(w, r, v, form, nil, http.StatusUnprocessableEntity)
	}
	receipt, err := a.messages.Reply(r.Context(), v.ods, v.author(), in, "reply-"+q.ID+"-"+token)
	if k := fault.KindOf(err); err != nil && (k == fault.Invalid || k == fault.Refused || k == fault.TooLarge) {
		for _, e := range care.Fields(err) {
			form.Fail(orElse(e.Where, "text"), e.Message)
		}
		return a.showRequest(w, r, v, form, nil, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	if len(receipt.Emergency) > 0 { // shown at once, on this very page
		return a.showRequest(w, r, v, page.NewForm(map[string]string{"token": ident.NewID()}), receipt.Emergency, http.StatusOK)
	}
	if receipt.ID != q.ID { // messages have been switched off on this one
		see(w, r, v.base()+"requests/"+receipt.ID+"?sent=new")
		return nil
	}
	see(w, r, v.base()+"requests/"+q.ID+"?sent=1")
	return nil
}

// photo shows a photo of a request or of a message about it.
func (a *Patients) photo(w http.ResponseWriter, r *http.Request) error {
	v, err := a.enterFor(r, access.SeeRequests)
	if err != nil {
		return err
	}
	ctx := r.Context()
	q, err := a.theirs(r, v)
	if err != nil {
		return err
	}
	thread, err := a.messages.Thread(ctx, v.ods, q.ID)
	if err != nil {
		return err
	}
	photos := q.Photos
	set, err := v.withheld(ctx)
	if err != nil {
		return err
	}
	for _, m := range thread {
		if !set.Has(ident.Ref{Type: "Communication", ID: m.ID}) {
			photos = append(photos, m.Photos...)
		}
	}
	for _, p := range photos {
		if id(p.Binary) != r.PathValue("binary") {
			continue
		}
		if err := v.looked(ctx, "photo", 1); err != nil {
			return err
		}
		res, err := resource(ctx, v.practice, p.Binary)
		if err != nil {
			return err
		}
		data, err := base64.StdEncoding.DecodeString(res.Get("data").Str())
		if err != nil {
			return err
		}
		return picture(w, res.Get("contentType").Str(), data)
	}
	return fault.New(fault.NotFound, "There is no such photo.")
}

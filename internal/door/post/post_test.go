package post_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/smtp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/channels"
	"heartwood/internal/care/delivery"
	"heartwood/internal/care/escalate"
	"heartwood/internal/care/inbound"
	"heartwood/internal/care/message"
	"heartwood/internal/care/progress"
	"heartwood/internal/care/promise"
	"heartwood/internal/care/request"
	"heartwood/internal/care/search"
	"heartwood/internal/channel/notify"
	"heartwood/internal/door/post"
	"heartwood/internal/fhir"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
	"heartwood/internal/words"
)

const ods = ident.ODS("Z99901")

var (
	ctx = context.Background()
	ann = record.Author{Ref: "Patient/ann", Role: care.RolePatient}
	gp  = record.Author{Ref: "Practitioner/gp", Role: care.RoleClinician}
)

type house struct {
	t     *testing.T
	store *record.Store
	p     *record.Practice
	door  *post.Door
	mux   *http.ServeMux
	in    *inbound.Service
	clock atomic.Int64 // nanoseconds
}

func open(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, mux: http.NewServeMux()}
	h.at("2026-11-23 10:00")
	h.store = memory.Open(t, func() time.Time { return time.Unix(0, h.clock.Load()) })
	h.p, _ = h.store.Practice(ods)
	d := &delivery.Service{Can: func(ident.ODS, delivery.Medium) bool { return true }}
	h.in = inbound.New(h.store, d)
	h.door = post.New(post.Config{Store: h.store, Delivery: d, Inbound: h.in, Callback: func(context.Context, ident.ODS) (notify.Callback, bool) {
		return notify.Callback{Token: "tok", APIKey: "app", Secret: []byte("shh")}, true
	}})
	h.door.Routes(h.mux)
	for _, id := range []string{"ann", "bob"} {
		phone := map[string]string{"ann": "07700 900001", "bob": "07700 900005"}[id]
		w, err := record.Prepare(ident.Ref{Type: "Patient", ID: id}, fmt.Appendf(nil, `{"resourceType":"Patient","id":%q,"birthDate":"1980-01-01","name":[{"given":[%q],"family":"Example"}],"telecom":[{"system":"phone","value":%q},{"system":"email","value":"%s@example.com"}]}`, id, id, phone, id))
		h.must(err)
		_, err = h.p.Commit(ctx, record.Change{Author: gp, Writes: []record.Write{w}})
		h.must(err)
	}
	return h
}

func (h *house) at(s string) time.Time {
	at, err := time.ParseInLocation("2006-01-02 15:04", s, words.London)
	h.must(err)
	h.clock.Store(at.UnixNano())
	return at
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// asked makes a request of Ann's on which we have written, and gives its id
// and reference.
func (h *house) asked() (id, reference string) {
	h.t.Helper()
	r, err := request.New(h.store).Receive(ctx, ods, ann, request.Ask{Patient: "Patient/ann", Asker: request.Self, Channel: request.Web, Kind: request.Admin, What: "A letter"}, "k")
	h.must(err)
	_, err = message.New(h.store).Send(ctx, ods, gp, message.Send{Request: r.ID, Text: "Which letter?", Await: true}, "m")
	h.must(err)
	return r.ID, r.Reference
}

func (h *house) count(query string) (n int) {
	h.t.Helper()
	h.must(search.Each(ctx, h.p, query, func(record.Version, *fhir.Resource) error { n++; return nil }))
	return n
}

func (h *house) tell(path, auth, body string) int {
	r := httptest.NewRequest(http.MethodPost, "/post/Z99901/"+path, strings.NewReader(body))
	r.Header.Set("Authorization", auth)
	w := httptest.NewRecorder()
	h.mux.ServeHTTP(w, r)
	return w.Code
}

func TestCallbacksShowTheirKey(t *testing.T) {
	h := open(t)
	body := `{"id":"1","source_number":"447700900005","destination_number":"07700900111","message":"I need a fit note","date_received":"2026-11-23T09:00:00Z"}`
	for auth, want := range map[string]int{"": 401, "Bearer wrong": 401, "Bearer tok": 202} {
		if got := h.tell("govuk/text", auth, body); got != want {
			t.Errorf("%q: %d", auth, got)
		}
	}
	if got := h.tell("nhs/status", "Bearer tok", `{"data":[]}`); got != 401 {
		t.Errorf("unsigned: %d", got)
	}
	if got := h.tell("govuk/text", "Bearer tok", `{`); got != 400 {
		t.Errorf("broken: %d", got)
	}
	if got := h.tell("govuk/receipt", "Bearer tok", `{"reference":"unknown","id":"x","status":"delivered"}`); got != 202 {
		t.Errorf("a receipt of something else: %d", got)
	}
}

// A text from a number is a request of nobody's until a person has matched
// it, once, with one answer; and the words are screened like any other.
func TestATextBecomesARequest(t *testing.T) {
	hazard.Covers(t, "H-003")
	h := open(t)
	body := `{"id":"1","source_number":"447700900005","message":"I have crushing chest pain and I am sweating"}`
	for range 3 {
		if got := h.tell("govuk/text", "Bearer tok", body); got != 202 {
			t.Fatal(got)
		}
	}
	if n := h.count("Task?code=request"); n != 1 {
		t.Fatalf("%d requests", n)
	}
	h.must(search.Each(ctx, h.p, "Task?code=request", func(v record.Version, _ *fhir.Resource) error {
		r, err := request.FromTask(v)
		if r.Patient != "" || r.Channel != request.SMS || r.Urgency != request.Stat || r.Owner.Ref == "" {
			t.Errorf("%+v", r)
		}
		return err
	}))
	if n := h.count("Communication?status=preparation"); n != 1 {
		t.Fatalf("%d answers", n)
	}
	who, err := delivery.Candidates(ctx, h.p, "07700900005")
	if err != nil || len(who) != 1 || who[0].Ref.ID != "bob" {
		t.Fatalf("%+v, %v", who, err)
	}
}

// Of a text or e-mail that comes while the practice is shut and takes none the
// sender is told when it is read; it is a request all the same, and words of
// danger are answered as at any time.
func TestWhatComesWhileShut(t *testing.T) {
	hazard.Covers(t, "H-020")
	hazard.Covers(t, "H-002")
	h := open(t)
	w, err := record.Prepare(ident.Ref{Type: "HealthcareService", ID: "opening-hours"}, []byte(`{"resourceType":"HealthcareService","availableTime":[{"daysOfWeek":["sat"],"availableStartTime":"08:00:00","availableEndTime":"12:00:00"}]}`))
	h.must(err)
	manager := record.Author{Ref: "Practitioner/m", Role: care.RoleManager}
	_, err = h.p.Commit(ctx, record.Change{Author: manager, Reason: "open on Saturdays", Writes: []record.Write{w}})
	h.must(err)
	h.must(channels.Take(ctx, h.p, manager, map[request.Channel][]request.Kind{request.SMS: nil}, ""))
	for i, tt := range []struct {
		channel    request.Channel
		from, text string
		says, not  string
	}{
		{request.SMS, "447700900005", "I need a letter", "read it when we open", "Call 999 now"},
		{request.SMS, "447700900001", "I have crushing chest pain and I am sweating", "Call 999 now", "read it when we open"},
		{request.Email, "ann@example.com", "I need a letter", "We have your message", "read it when we open"},
	} {
		got, err := h.in.Take(ctx, ods, inbound.Letter{Channel: tt.channel, ID: fmt.Sprint(i), From: tt.from, Text: tt.text})
		h.must(err)
		if got.As != inbound.AsRequest {
			t.Errorf("%q: %+v", tt.text, got)
		}
		said := ""
		h.must(search.Each(ctx, h.p, "Communication?based-on=Task/"+got.Request, func(v record.Version, c *fhir.Resource) error {
			said += c.Get("payload", "contentString").Str()
			return nil
		}))
		if !strings.Contains(said, tt.says) || strings.Contains(said, tt.not) {
			t.Errorf("%q by %s is answered %q", tt.text, tt.channel, said)
		}
	}
	if n := h.count("Task?code=request"); n != 3 {
		t.Errorf("%d of 3 requests were kept", n)
	}
}

// Who writes by text or e-mail is told the time that an online receipt would
// tell; it is kept with the request, and the patient and an alarm see it pass.
func TestWhoWritesIsPromisedATime(t *testing.T) {
	hazard.Covers(t, "H-031")
	h := open(t)
	latest := h.at("2026-11-23 16:00")
	h.at("2026-11-23 10:00")
	foreseen := promise.Range{From: latest.Add(-4 * time.Hour), To: latest.Add(-2 * time.Hour), Latest: latest}
	for _, c := range []struct {
		said promise.Range
		want string
	}{
		{foreseen, "You will hear from us most likely between midday and 2pm today, and by 4pm today at the latest."},
		{promise.Range{}, "You will hear from us by 6:30pm tomorrow."},
	} {
		h.in.Foreseeing(func(context.Context, ident.ODS, request.Foreseen) promise.Range { return c.said })
		for path, body := range map[string]string{
			"text": `{"id":"%d","source_number":"447700900%03d","message":"I need a letter for my gym"}`,
			"mail": "From: jo%[2]d@example.com\r\nSubject: Letter\r\nMessage-ID: <%[1]d@x>\r\n\r\nI need a letter for my gym.\r\n",
		} {
			h.clock.Add(int64(time.Second))
			n := int(h.clock.Load()/int64(time.Second)) % 60
			if path == "text" {
				if got := h.tell("govuk/text", "Bearer tok", fmt.Sprintf(body, n, n+10)); got != 202 {
					t.Fatal(got)
				}
			} else {
				raw := fmt.Sprintf(body, n, n)
				_, err := h.in.Take(ctx, ods, post.Parse([]byte(raw), fmt.Sprintf("jo%d@example.com", n)))
				h.must(err)
			}
			r := h.newest()
			if !r.Promised.Latest.Equal(c.said.Latest) || !r.Promised.From.Equal(c.said.From) {
				t.Errorf("%s: kept %+v", path, r.Promised)
			}
			if said := h.acknowledged(r.ID); !strings.Contains(said, c.want) {
				t.Errorf("%s: told %q", path, said)
			}
			if c.said.IsZero() {
				continue
			}
			was := h.clock.Load()
			now := h.at("2026-11-23 16:01")
			if way := progress.Of(progress.Read(r), words.English, now); !way.Late {
				t.Errorf("%s: what was promised has passed, and it is not late", path)
			}
			h.clock.Store(was)
		}
	}
	h.at("2026-11-24 19:00")
	h.must(escalate.Round(ctx, h.p))
	alarms, err := escalate.List(ctx, h.p)
	h.must(err)
	if len(alarms) != 4 {
		t.Errorf("%d alarms ring for 4 requests that are late", len(alarms))
	}
}

// newest is the request that came last.
func (h *house) newest() (last request.View) {
	h.t.Helper()
	h.must(search.Each(ctx, h.p, "Task?code=request", func(v record.Version, _ *fhir.Resource) error {
		r, err := request.FromTask(v)
		if r.Since.After(last.Since) {
			last = r
		}
		return err
	}))
	return last
}

// acknowledged is what the sender of a request is told.
func (h *house) acknowledged(id string) (said string) {
	h.t.Helper()
	h.must(search.Each(ctx, h.p, "Communication?based-on=Task/"+id+"&status=preparation", func(_ record.Version, c *fhir.Resource) error {
		said = c.Get("payload").First().Get("contentString").Str()
		return nil
	}))
	return said
}

// Nobody is answered by themselves at an address that its owner has said is not
// safe, or before a person has read what they said; what they wrote is a
// request all the same, and an emergency still rings.
func TestAcknowledgementsHeedSafeContact(t *testing.T) {
	hazard.Covers(t, "H-036")
	for name, c := range map[string]struct {
		safe   delivery.Safe
		said   string
		letter inbound.Letter
		goes   bool
	}{
		"a text, nothing said":        {letter: inbound.Letter{Channel: request.SMS, From: "+447700900001"}, goes: true},
		"a text, no texts":            {safe: delivery.Safe{NoTexts: true}, letter: inbound.Letter{Channel: request.SMS, From: "+447700900001"}},
		"a text, another number only": {safe: delivery.Safe{Only: "07700 900002"}, letter: inbound.Letter{Channel: request.SMS, From: "07700 900001"}},
		"a text, this number only":    {safe: delivery.Safe{Only: "07700 900001"}, letter: inbound.Letter{Channel: request.SMS, From: "07700 900001"}, goes: true},
		"a text, no emails":           {safe: delivery.Safe{NoEmails: true}, letter: inbound.Letter{Channel: request.SMS, From: "07700 900001"}, goes: true},
		"an email, no emails":         {safe: delivery.Safe{NoEmails: true}, letter: inbound.Letter{Channel: request.Email, From: "Ann@example.com"}},
		"said with a request":         {said: request.SafeNoTexts, letter: inbound.Letter{Channel: request.SMS, From: "07700 900001"}},
		"said in words of their own":  {said: "My brother reads them", letter: inbound.Letter{Channel: request.Email, From: "ann@example.com"}},
		"somebody else's choice":      {safe: delivery.Safe{NoTexts: true}, letter: inbound.Letter{Channel: request.SMS, From: "07700 900005"}, goes: true},
	} {
		h := open(t)
		if c.safe.Any() {
			h.must(delivery.Save(ctx, h.p, gp, delivery.Contact{Patient: "Patient/ann", Safe: c.safe}))
		}
		if c.said != "" {
			_, err := request.New(h.store).Receive(ctx, ods, ann, request.Ask{Patient: "Patient/ann", Asker: request.Self, Channel: request.Web, Kind: request.Admin, What: "A letter", Contact: request.Contact{Safe: c.said}}, "k")
			h.must(err)
		}
		c.letter.ID, c.letter.Text = "1", "I have crushing chest pain and I am sweating"
		got, err := h.in.Take(ctx, ods, c.letter)
		if err != nil || got.As != inbound.AsRequest {
			t.Fatalf("%s: %+v, %v", name, got, err)
		}
		r, err := request.New(h.store).Load(ctx, ods, got.Request)
		if err != nil || r.Urgency != request.Stat {
			t.Errorf("%s: %v, %v", name, r.Urgency, err)
		}
		d := &delivery.Service{Can: func(ident.ODS, delivery.Medium) bool { return true }}
		h.must(search.Each(ctx, h.p, "Communication?based-on=Task/"+got.Request+"&status=preparation", func(v record.Version, res *fhir.Resource) error {
			out, err := d.Route(ctx, h.p, v.Ref, res)
			if c.goes != (err == nil) || err != nil && !delivery.IsUnsafe(err) {
				t.Errorf("%s: %+v, %v", name, out.Target, err)
			}
			return nil
		}))
	}
}

func TestATextContinuesItsThread(t *testing.T) {
	h := open(t)
	id, _ := h.asked()
	got, err := h.in.Take(ctx, ods, inbound.Letter{Channel: request.SMS, ID: "9", From: "+447700900001", Text: "The one for my gym"})
	if err != nil || got.As != inbound.AsReply || got.Request != id {
		t.Fatalf("%+v, %v", got, err)
	}
	thread, err := message.New(h.store).Thread(ctx, ods, id)
	if err != nil || len(thread) != 2 || thread[1].Kind != "reply" || !strings.Contains(thread[1].Via, "Nobody has checked") {
		t.Fatalf("%+v, %v", thread, err)
	}
	if got, err := h.in.Take(ctx, ods, inbound.Letter{Channel: request.SMS, ID: "10", From: "07700 900005", Text: "Hello"}); err != nil || got.As != inbound.AsRequest {
		t.Fatalf("from somebody else: %+v, %v", got, err)
	}
}

// An e-mail with a reference goes on the thread only from an address of that
// patient: a reference is no secret.
func TestAnEmailNeedsReferenceAndAddress(t *testing.T) {
	hazard.Covers(t, "H-003")
	h := open(t)
	id, ref := h.asked()
	for from, want := range map[string]string{"ann@example.com": inbound.AsReply, "bob@example.com": inbound.AsRequest, "x@elsewhere.example": inbound.AsRequest} {
		raw := "From: " + from + "\r\nSubject: Re: We have your message [" + ref + "]\r\nMessage-ID: <" + from + ">\r\n\r\nThe gym.\r\n\r\nOn Monday somebody at the practice wrote:\r\n> crushing chest pain\r\n"
		got, err := h.in.Take(ctx, ods, post.Parse([]byte(raw), from))
		if err != nil || got.As != want || want == inbound.AsReply && got.Request != id {
			t.Errorf("%s: %+v, %v", from, got, err)
		}
	}
	v, err := request.New(h.store).Load(ctx, ods, id)
	if err != nil || v.Urgency == request.Stat {
		t.Fatalf("what was quoted was screened as theirs: %+v, %v", v.Urgency, err)
	}
}

func TestMachinesAreNotAnswered(t *testing.T) {
	h := open(t)
	for i, head := range []string{"Auto-Submitted: auto-replied", "Precedence: bulk", "List-Id: <x>", "X-Spam-Flag: YES"} {
		raw := fmt.Sprintf("From: a@example.com\r\nMessage-ID: <m%d@x>\r\n%s\r\n\r\nI am away.\r\n", i, head)
		got, err := h.in.Take(ctx, ods, post.Parse([]byte(raw), "a@example.com"))
		if err != nil || got.As != inbound.SetAside {
			t.Errorf("%s: %+v, %v", head, got, err)
		}
	}
	if n := h.count("Communication?status=preparation"); n != 0 {
		t.Errorf("%d answers", n)
	}
	if n := h.count("Communication?category=set-aside"); n != 4 {
		t.Errorf("%d kept", n)
	}
}

const bounce = "From: MAILER-DAEMON@mx.example\r\nMessage-ID: <b1@mx>\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n" +
	"--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; ann@example.com\r\nAction: failed\r\nStatus: 5.1.1\r\n" +
	"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <%s@practice.example>\r\nSubject: x\r\n--b--\r\n"

// A message that came back marks its address and goes another way.
func TestABounceMarksTheAddress(t *testing.T) {
	hazard.Covers(t, "H-025")
	h := open(t)
	h.asked()
	var notice ident.Ref
	h.must(search.Each(ctx, h.p, "Communication?status=preparation", func(v record.Version, c *fhir.Resource) error {
		notice = v.Ref
		e, err := fhir.NewEdit(v.JSON())
		h.must(err)
		e.Set("completed", "status")
		e.Set([]any{map[string]any{"url": care.Base + "StructureDefinition/sent-to", "valueContactPoint": map[string]string{"system": "email", "value": "ann@example.com"}}}, "extension")
		b, err := e.Bytes()
		h.must(err)
		w, err := record.Prepare(v.Ref, b)
		h.must(err)
		_, err = h.p.Commit(ctx, record.Change{Author: gp, Writes: []record.Write{w}})
		return err
	}))
	got, err := h.in.Take(ctx, ods, post.Parse(fmt.Appendf(nil, bounce, notice.ID), ""))
	if err != nil || got.As != inbound.AsBounce {
		t.Fatalf("%+v, %v", got, err)
	}
	c, err := delivery.LoadContact(ctx, h.p, "Patient/ann")
	if err != nil || len(c.Stale) != 1 || c.Stale[0].Address != "ann@example.com" {
		t.Fatalf("%+v, %v", c, err)
	}
	if n := h.count("Communication?status=preparation"); n != 1 {
		t.Fatalf("%d more ways", n)
	}
}

func TestMailServer(t *testing.T) {
	h := open(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	h.must(err)
	c, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	m := &post.Mail{Door: h.door, Domain: "test", Practices: func(context.Context) ([]ident.ODS, error) { return []ident.ODS{ods}, nil }, Slog: h.door.Slog}
	go func() { done <- m.Serve(c, l) }()
	mail := []byte("From: Jo <jo@example.com>\r\nSubject: Prescription\r\nMessage-ID: <1@x>\r\nContent-Type: text/html\r\n\r\n<style>p{}</style><p>My <b>inhaler</b> please</p>\r\n")
	h.must(smtp.SendMail(l.Addr().String(), nil, "jo@example.com", []string{"z99901@in.example"}, mail))
	h.must(smtp.SendMail(l.Addr().String(), nil, "jo@example.com", []string{"z99901+x@in.example"}, mail))
	if err := smtp.SendMail(l.Addr().String(), nil, "jo@example.com", []string{"z99999@in.example"}, mail); err == nil {
		t.Error("taken for nobody")
	}
	stop()
	h.must(<-done)
	if n := h.count("Task?code=request"); n != 1 {
		t.Fatalf("%d requests of one e-mail", n)
	}
	h.must(search.Each(ctx, h.p, "Task?code=request", func(v record.Version, res *fhir.Resource) error {
		if s := res.Get("description").Str(); !strings.Contains(s, "My inhaler please") || strings.Contains(s, "p{}") {
			t.Errorf("%q", s)
		}
		return nil
	}))
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("From: a@example.com\r\nSubject: =?utf-8?q?caf=C3=A9?=\r\n\r\nHello"), "a@example.com")
	f.Add(fmt.Appendf(nil, bounce, "x1"), "")
	f.Add([]byte("Content-Type: multipart/mixed; boundary=a\r\n\r\n"+strings.Repeat("--a\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n", 30)), "x@y.example")
	f.Add([]byte("Content-Type: text/html; charset=windows-1252\r\nContent-Transfer-Encoding: base64\r\n\r\nPGI+aGk8L2I+"), "x@y.example")
	f.Fuzz(func(t *testing.T, raw []byte, from string) {
		l := post.Parse(raw, from)
		if l.ID == "" {
			t.Error("a letter without an id")
		}
		if len(l.Files) > 20 || len(l.Text) > 2<<20*8 {
			t.Error("beyond the bounds")
		}
	})
}

package web_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care"
	"heartwood/internal/care/request"
	"heartwood/internal/care/upload"
	"heartwood/internal/care/workflow"
	"heartwood/internal/door/web"
	"heartwood/internal/door/web/phone"
	"heartwood/internal/door/web/sent"
	"heartwood/internal/door/web/signin"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/pebble"
	"heartwood/internal/view/worklist"
)

// town is two practices behind one door, with real sessions, an account of
// every role at each, and a record of each patient. In each practice "ann" is
// the patient whose pages are asked for, "cat" another patient, and "una" acts
// for ann.
type town struct {
	t        *testing.T
	store    *record.Store
	accounts *access.Accounts
	handler  http.Handler
	cookies  map[string]*http.Cookie // by who: "nobody" has none
	people   map[string]access.Person
	ids      map[string]string // what the table's addresses stand for
}

const (
	here = ident.ODS("Z99901")
	away = ident.ODS("Z99902")
)

// visitors are everybody who knocks at each address: of this practice, and of
// another.
var visitors = []string{
	"nobody", "ann", "cat", "una", "navigator", "clinician", "manager", "commissioner",
	"away ann", "away navigator", "away clinician", "away manager", "away commissioner",
}

func newTown(t *testing.T) *town {
	t.Helper()
	log, err := pebble.Open(pebble.Config{})
	must(t, err)
	store, err := record.Open(t.Context(), record.Config{Log: log})
	must(t, err)
	w := &town{t: t, store: store, cookies: map[string]*http.Cookie{}, people: map[string]access.Person{}, ids: map[string]string{}}
	keys, err := access.OpenKeys(t.TempDir(), nil)
	must(t, err)
	w.accounts, err = access.NewAccounts(access.Config{Store: store, Keys: keys, Origin: "http://localhost:8080"})
	must(t, err)
	sessions := access.NewSessions(w.accounts)
	quiet := slog.New(slog.DiscardHandler)
	sign := signin.New(signin.Config{
		Accounts: w.accounts, Sessions: sessions, Keys: keys, Practices: store.Practices, Demo: true, Slog: quiet,
		Send: func(context.Context, access.Letter) error { return nil },
	})
	ctx, end := context.WithCancel(context.Background())
	lists := map[ident.ODS]*worklist.List{}
	var ended []chan struct{}
	for _, o := range []ident.ODS{here, away} {
		w.settle(o, sessions)
		w.fill(o)
		p, err := store.Practice(o)
		must(t, err)
		lists[o] = worklist.New(p)
		done := make(chan struct{})
		ended = append(ended, done)
		go func() { defer close(done); _ = lists[o].Run(ctx) }() // ends with the test
		must(t, lists[o].Ready(t.Context()))
	}
	shut := make(chan struct{})
	close(shut) // streams say hello and end
	w.handler = web.New(web.Config{
		More:  []web.Area{phone.New(phone.Config{Store: store})},
		Store: store, Sessions: sessions, SignIn: sign.Register, Accounts: w.accounts, Demo: true, Stop: shut, Slog: quiet,
		Sent:  func() []sent.Item { return nil },
		Queue: func(_ context.Context, o ident.ODS) (*worklist.List, error) { return lists[o], nil },
	})
	t.Cleanup(func() {
		end()
		for _, done := range ended {
			<-done
		}
		_, _ = store.Close(), log.Close()
	})
	return w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// named is who or what, at a practice.
func named(o ident.ODS, what string) string {
	if o == away {
		return "away " + what
	}
	return what
}

// settle makes the accounts of a practice and signs each of them in.
func (w *town) settle(o ident.ODS, sessions *access.Sessions) {
	w.t.Helper()
	for who, a := range map[string]access.Account{
		"ann": {Role: access.Patient, Ref: "Patient/ann"}, "cat": {Role: access.Patient, Ref: "Patient/cat"},
		"una":       {Role: access.Proxy, Ref: "RelatedPerson/una", Charges: []access.Charge{{Patient: "Patient/ann", Relationship: "aunt"}}},
		"navigator": {Role: access.Navigator}, "clinician": {Role: access.Clinician},
		"manager": {Role: access.Manager}, "commissioner": {Role: access.Commissioner},
	} {
		a.Practice, a.Name = o, who
		a, err := w.accounts.Add(w.t.Context(), record.System, a)
		must(w.t, err)
		rec := httptest.NewRecorder()
		person := a.Person(access.ByPasskey, time.Now())
		must(w.t, sessions.Start(rec, httptest.NewRequest("POST", "/", nil), person))
		w.cookies[named(o, who)], w.people[named(o, who)] = rec.Result().Cookies()[0], person
		w.ids[named(o, who)+" account"] = a.ID
	}
}

// fill gives a practice two patients with a request, a photo, appointments, a
// job and a note each.
func (w *town) fill(o ident.ODS) {
	w.t.Helper()
	p, err := w.store.Practice(o)
	must(w.t, err)
	put := func(ref, rest string) {
		r, _ := ident.ParseRef(ref)
		one, err := record.Prepare(r, fmt.Appendf(nil, `{"resourceType":%q,"id":%q,%s}`, r.Type, r.ID, rest))
		must(w.t, err)
		_, err = p.Commit(w.t.Context(), record.Change{Author: record.System, Reason: "test", Writes: []record.Write{one}})
		must(w.t, err)
	}
	put("Organization/"+string(o), `"name":"Surgery"`)
	start := time.Now().Add(48 * time.Hour).UTC().Format(time.RFC3339)
	end := time.Now().Add(49 * time.Hour).UTC().Format(time.RFC3339)
	for _, who := range []string{"ann", "cat"} {
		put("Patient/"+who, `"name":[{"given":["`+who+`"],"family":"Example"}],"birthDate":"1980-04-03","telecom":[{"system":"phone","value":"07700 900001"}]`)
		key := named(o, who)
		id := strings.ReplaceAll(key, " ", "-")
		w.ids[key+" booked"], w.ids[key+" offer"], w.ids[key+" note"] = id+"-booked", id+"-offer", id+"-note"
		actor := `"participant":[{"actor":{"reference":"Patient/` + who + `"},"status":"accepted"}]`
		put("Appointment/"+id+"-booked", `"status":"booked","start":"`+start+`","end":"`+end+`",`+actor)
		put("Appointment/"+id+"-offer", `"status":"proposed",`+actor)
		w.ids[key+" message"] = "batch-" + id
		put("Communication/batch-"+id, `"status":"completed","category":[{"coding":[{"system":"`+care.MessageKind+`","code":"message"}]}],"basedOn":[{"reference":"Group/flu"}],"subject":{"reference":"Patient/`+who+`"},"recipient":[{"reference":"Patient/`+who+`"}],"sent":"2026-01-05T10:00:00Z","payload":[{"contentString":"Your flu jab is ready."}]`)
		put("Composition/"+id+"-note", `"status":"final","type":{"text":"Consultation"},"subject":{"reference":"Patient/`+who+`"},"date":"2026-01-05T10:00:00Z","author":[{"reference":"`+w.people[named(o, "clinician")].Ref+`"}],"title":"Consultation"`)
		got, err := request.New(w.store).Receive(w.t.Context(), o, record.Author{Ref: "Patient/" + who, Role: "patient", For: "Patient/" + who}, request.Ask{
			Patient: "Patient/" + who, Asker: request.Self, Channel: request.Web, Kind: request.Admin, What: "A letter, please.",
			Contact: request.Contact{How: "message"}, Photos: []upload.File{{Name: "a.png", Type: "image/png", Data: dot()}},
		}, "k-"+who)
		must(w.t, err)
		view, err := request.New(w.store).Load(w.t.Context(), o, got.ID)
		must(w.t, err)
		_, w.ids[key+" photo"], _ = strings.Cut(view.Photos[0].Binary, "/")
		w.ids[key+" request"] = got.ID
		w.work(p, key, who, got.ID)
	}
}

// work has a workflow under way for a patient, and keeps the ids of its case
// and its first job.
func (w *town) work(p *record.Practice, key, who, request string) {
	w.t.Helper()
	flow, err := workflow.Save(w.t.Context(), p, record.System, workflow.Definition{
		Title: "Letter", Steps: []workflow.Step{{ID: "s1", Title: "Write it", Owner: "CareTeam/triage", Days: 1}},
	}, "letter "+string(p.ODS()))
	must(w.t, err)
	c, err := workflow.Start(w.t.Context(), p, record.System, flow, "Patient/"+who, request, "hand:"+who)
	must(w.t, err)
	jobs, err := workflow.Jobs(w.t.Context(), p, c)
	must(w.t, err)
	w.ids[key+" case"], w.ids[key+" job"], w.ids[named(p.ODS(), "workflow")] = c.ID, jobs["s1"].ID, flow
}

func dot() []byte {
	var b bytes.Buffer
	_ = png.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 40)))
	return b.Bytes()
}

var stands = regexp.MustCompile(`\[([a-z ]+)\]`)

// stand puts the ids in for what stands for them.
func (w *town) stand(s string) string {
	return stands.ReplaceAllStringFunc(s, func(s string) string {
		id := w.ids[s[1:len(s)-1]]
		if id == "" {
			w.t.Fatalf("nothing stands for %s", s)
		}
		return id
	})
}

// ask sends one request as somebody; a "[cat request]" in the address stands
// for its id.
func (w *town) ask(who, method, path, form string) *httptest.ResponseRecorder {
	w.t.Helper()
	path = w.stand(path)
	r := httptest.NewRequest(method, path, strings.NewReader(w.stand(form)))
	if method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if c := w.cookies[who]; c != nil {
		r.AddCookie(c)
	} else if who != "nobody" {
		w.t.Fatalf("nobody is called %s", who)
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	return rec
}

// answers says in a word how a request was met.
func answers(r *httptest.ResponseRecorder) string {
	if to := r.Header().Get("Location"); strings.HasPrefix(to, "/sign-in") {
		return "sign in"
	}
	if r.Code == http.StatusUnauthorized {
		return "sign in"
	}
	return fmt.Sprint(r.Code)
}

// route is one address: how it answers those who may, and who they are;
// everybody else is refused in the way of its area.
type route struct {
	pattern string // as it is registered
	path    string // an address it has
	form    string
	who     string // those who may, separated by spaces; "all" for everybody
	ok      string // how they are answered
	sees    string // whose record is shown: a sight is logged
}

const (
	theirs = "ann,una"
	desk_  = "navigator,clinician,manager"
	care_  = "navigator,clinician"
)

// routes is every address of the site. TestRoutesAreAllHere holds it to be so.
var routes = []route{
	{"GET /{$}", "/", "", "all", "200", ""},
	{"GET /assets/", "/assets/none.css", "", "all", "404", ""},
	{"/", "/elsewhere", "", "all", "404", ""},

	{"GET /sign-in", "/sign-in?out=1", "", "all", "200", ""},
	{"POST /sign-in", "/sign-in", "email=", "all", "422", ""},
	{"GET /sign-in/sent", "/sign-in/sent", "", "all", "200", ""},
	{"GET /sign-in/link/{link}", "/sign-in/link/none", "", "all", "410", ""},
	{"POST /sign-in/link/{link}", "/sign-in/link/none", "", "all", "410", ""},
	{"GET /sign-in/staff", "/sign-in/staff", "", "all", "200", ""},
	{"POST /sign-in/staff", "/sign-in/staff", "email=", "all", "422", ""},
	{"GET /sign-in/code", "/sign-in/code", "", "", "", ""},
	{"POST /sign-in/code", "/sign-in/code", "code=000000", "", "", ""},
	{"GET /sign-in/invite/{link}", "/sign-in/invite/none", "", "all", "410", ""},
	{"POST /sign-in/invite/{link}", "/sign-in/invite/none", "", "all", "410", ""},
	{"POST /sign-in/passkey/begin", "/sign-in/passkey/begin", "", "all", "200", ""},
	{"POST /sign-in/passkey/finish", "/sign-in/passkey/finish", "", "", "", ""},
	{"POST /sign-in/invite/{link}/begin", "/sign-in/invite/none/begin", "", "", "", ""},
	{"POST /sign-in/invite/{link}/finish", "/sign-in/invite/none/finish", "", "", "", ""},
	{"GET /account/passkeys", "/account/passkeys", "", "everybody", "200", ""},
	{"POST /account/passkeys/begin", "/account/passkeys/begin", "", "everybody", "200", ""},
	{"POST /account/passkeys/finish", "/account/passkeys/finish", "", "", "", ""}, // without a ceremony
	{"POST /account/passkeys/remove", "/account/passkeys/remove", "id=none", "everybody", "404", ""},
	{"GET /demo", "/demo", "", "all", "200", ""},
	{"POST /demo", "/demo", "who=none", "all", "400", ""},

	{"GET /m/{link}", "/m/none", "", "all", "410", ""},
	{"POST /m/{link}", "/m/none", "", "all", "410", ""},
	{"GET /b/{link}", "/b/none", "", "all", "410", ""},
	{"POST /b/{link}", "/b/none", "", "all", "410", ""},
	{"GET /check-in/{link}", "/check-in/none", "", "all", "410", ""},
	{"POST /check-in/{link}", "/check-in/none", "", "all", "410", ""},

	{"GET /p/{ods}/{$}", "/p/Z99901/", "", "all", "200", ""},
	{"GET /p/{ods}/ask", "/p/Z99901/ask", "", "all", "200", ""},
	{"POST /p/{ods}/ask", "/p/Z99901/ask", "", "all", "303", ""},
	{"GET /p/{ods}/ask/{step}", "/p/Z99901/ask/what", "", "all", "303", ""}, // no form begun: to its start
	{"POST /p/{ods}/ask/{step}", "/p/Z99901/ask/what", "what=x", "all", "410", ""},
	{"GET /p/{ods}/ask/photos/{n}", "/p/Z99901/ask/photos/0", "", "all", "404", ""},
	{"GET /p/{ods}/return", "/p/Z99901/return", "", "all", "200", ""},
	{"POST /p/{ods}/return", "/p/Z99901/return", "code=", "all", "422", ""},
	{"GET /p/{ods}/leave", "/p/Z99901/leave", "", "all", "303", ""},
	{"GET /p/{ods}/people", "/p/Z99901/people", "", "ann,cat,una", "200", ""},
	{"GET /p/{ods}/of/{who}/requests", "/p/Z99901/of/ann/requests", "", theirs, "200", "ann"},
	{"GET /p/{ods}/of/{who}/requests/{id}", "/p/Z99901/of/ann/requests/[ann request]", "", theirs, "200", "ann"},
	{"POST /p/{ods}/of/{who}/requests/{id}", "/p/Z99901/of/ann/requests/[ann request]", "text=&token=01234567890123456789", theirs, "422", "ann"},
	{"POST /p/{ods}/of/{who}/requests/{id}/went", "/p/Z99901/of/ann/requests/[ann request]/went", "how=", theirs, "422", "ann"},
	{"GET /p/{ods}/of/{who}/requests/{id}/questions/{message}", "/p/Z99901/of/ann/requests/[ann request]/questions/none", "", theirs, "404", ""},
	{"POST /p/{ods}/of/{who}/requests/{id}/questions/{message}", "/p/Z99901/of/ann/requests/[ann request]/questions/none", "", theirs, "404", ""},
	{"GET /p/{ods}/of/{who}/requests/{id}/photo/{binary}", "/p/Z99901/of/ann/requests/[ann request]/photo/[ann photo]", "", theirs, "200", "ann"},
	{"GET /p/{ods}/of/{who}/messages/{message}", "/p/Z99901/of/ann/messages/[ann message]", "", theirs, "200", "ann"},
	{"POST /p/{ods}/of/{who}/messages/{message}", "/p/Z99901/of/ann/messages/[ann message]", "text=&token=01234567890123456789", theirs, "422", "ann"},
	{"GET /p/{ods}/of/{who}/appointments", "/p/Z99901/of/ann/appointments", "", theirs, "200", "ann"},
	{"GET /p/{ods}/of/{who}/appointments/book", "/p/Z99901/of/ann/appointments/book", "", theirs, "200", "ann"},
	{"POST /p/{ods}/of/{who}/appointments/book", "/p/Z99901/of/ann/appointments/book", "kind=x", theirs, "422", "ann"},
	{"GET /p/{ods}/of/{who}/appointments/{id}", "/p/Z99901/of/ann/appointments/[ann booked]", "", theirs, "200", "ann"},
	{"GET /p/{ods}/of/{who}/appointments/{id}/choose", "/p/Z99901/of/ann/appointments/[ann offer]/choose", "", theirs, "200", "ann"},
	{"POST /p/{ods}/of/{who}/appointments/{id}/choose", "/p/Z99901/of/ann/appointments/[ann offer]/choose", "slot=!", theirs, "422", "ann"},
	{"POST /p/{ods}/of/{who}/appointments/{id}/wait", "/p/Z99901/of/ann/appointments/[ann offer]/wait", "do=decline", theirs, "303", "ann"},
	{"POST /p/{ods}/of/{who}/appointments/{id}/here", "/p/Z99901/of/ann/appointments/[ann booked]/here", "", theirs, "422", "ann"},
	{"GET /p/{ods}/of/{who}/appointments/{id}/cancel", "/p/Z99901/of/ann/appointments/[ann booked]/cancel", "", theirs, "200", "ann"},
	{"POST /p/{ods}/of/{who}/appointments/{id}/cancel", "/p/Z99901/of/ann/appointments/[ann booked]/cancel", "reason=" + strings.Repeat("x", 201), theirs, "422", "ann"},
	{"GET /p/{ods}/of/{who}/appointments/{id}/calendar.ics", "/p/Z99901/of/ann/appointments/[ann booked]/calendar.ics", "", theirs, "200", "ann"},
	{"GET /p/{ods}/of/{who}/record", "/p/Z99901/of/ann/record", "", theirs, "200", "ann"},
	{"GET /p/{ods}/of/{who}/record/all", "/p/Z99901/of/ann/record/all", "", theirs, "200", "ann"},
	{"GET /p/{ods}/of/{who}/access", "/p/Z99901/of/ann/access", "", theirs, "200", ""},
	{"POST /p/{ods}/of/{who}/access", "/p/Z99901/of/ann/access", "token=01234567890123456789", theirs, "422", ""},
	{"GET /p/{ods}/of/{who}/looked", "/p/Z99901/of/ann/looked", "", theirs, "200", "ann"},

	{"GET /desk/{ods}/{$}", "/desk/Z99901/", "", desk_, "200", "ann"},
	{"GET /desk/{ods}/request/{id}", "/desk/Z99901/request/[ann request]", "", desk_, "200", "ann"},
	{"GET /desk/{ods}/request/{id}/{do}", "/desk/Z99901/request/[ann request]/reply", "", desk_, "200", "ann"},
	{"GET /desk/{ods}/request/{id}/photo/{binary}", "/desk/Z99901/request/[ann request]/photo/[ann photo]", "", desk_, "200", "ann"},
	{"POST /desk/{ods}/request/{id}/{do}", "/desk/Z99901/request/[ann request]/urgency", "urgency=", desk_, "400", "ann"},
	{"POST /desk/{ods}/request/{id}/{do}", "/desk/Z99901/request/[ann request]/flag", "rule=none", desk_, "400", "ann"},
	{"POST /desk/{ods}/request/{id}/{do}", "/desk/Z99901/request/[ann request]/network", "partner=none", desk_, "400", "ann"},
	{"POST /desk/{ods}/request/{id}/{do}", "/desk/Z99901/request/[ann request]/assign", "owner=none", desk_, "400", "ann"},
	{"POST /desk/{ods}/request/{id}/{do}", "/desk/Z99901/request/[ann request]/match", "patient=none", desk_, "400", "ann"},
	{"POST /desk/{ods}/request/{id}/{do}", "/desk/Z99901/request/[ann request]/reply", "message=", care_, "400", "ann"},
	{"POST /desk/{ods}/request/{id}/{do}", "/desk/Z99901/request/[ann request]/offer", "until=never", desk_, "400", "ann"},
	{"POST /desk/{ods}/request/{id}/{do}", "/desk/Z99901/request/[ann request]/book", "slot=!", desk_, "400", "ann"},
	{"POST /desk/{ods}/request/{id}/{do}", "/desk/Z99901/request/[ann request]/job", "what=", desk_, "400", "ann"},
	{"POST /desk/{ods}/request/{id}/{do}", "/desk/Z99901/request/[ann request]/close", "outcome=", care_, "400", "ann"},
	{"POST /desk/{ods}/request/{id}/{do}", "/desk/Z99901/request/[ann request]/reopen", "reason=", care_, "400", "ann"},
	{"POST /desk/{ods}/request/{id}/{do}", "/desk/Z99901/request/[ann request]/snooze", "until-day=never", desk_, "400", "ann"},
	{"POST /desk/{ods}/request/{id}/{do}", "/desk/Z99901/request/[ann request]/wake", "", desk_, "422", "ann"},
	{"POST /desk/{ods}/request/{id}/{do}", "/desk/Z99901/request/[ann request]/take", "version=c.0", desk_, "409", "ann"},
	{"POST /desk/{ods}/request/{id}/{do}", "/desk/Z99901/request/[ann request]/handup", "to=none", desk_, "400", "ann"},
	{"POST /desk/{ods}/request/{id}/{do}", "/desk/Z99901/request/[ann request]/split", "part-owner=none", desk_, "400", "ann"},
	{"POST /desk/{ods}/request/{id}/{do}", "/desk/Z99901/request/[ann request]/merge", "into=", care_, "400", "ann"},
	{"GET /desk/{ods}/alarms", "/desk/Z99901/alarms", "", desk_, "200", ""},
	{"POST /desk/{ods}/alarms/{id}", "/desk/Z99901/alarms/none", "", desk_, "404", ""},
	{"GET /desk/{ods}/next", "/desk/Z99901/next", "", desk_, "303", ""},
	{"POST /desk/{ods}/bulk", "/desk/Z99901/bulk", "do=wake", desk_, "400", ""},
	{"GET /desk/{ods}/bulk/{batch}", "/desk/Z99901/bulk/none", "", desk_, "404", ""},
	{"POST /desk/{ods}/bulk/{batch}/undo", "/desk/Z99901/bulk/none/undo", "", desk_, "404", ""},
	{"GET /desk/{ods}/patients", "/desk/Z99901/patients?q=ann", "", desk_, "200", "ann"},
	{"GET /desk/{ods}/patient/{id}", "/desk/Z99901/patient/ann", "", care_, "200", "ann"},
	{"GET /desk/{ods}/patient/{id}", "/desk/Z99901/patient/ann?part=looked", "", desk_, "200", "ann"},
	{"GET /desk/{ods}/patient/{id}/hidden", "/desk/Z99901/patient/ann/hidden", "", "navigator,clinician", "200", "ann"},
	{"POST /desk/{ods}/patient/{id}/hidden", "/desk/Z99901/patient/ann/hidden", "do=hide", "navigator,clinician", "400", "ann"},
	{"POST /desk/{ods}/patient/{id}/hidden", "/desk/Z99901/patient/ann/hidden", "do=show", "clinician", "400", "ann"},
	{"GET /desk/{ods}/patient/{id}/online", "/desk/Z99901/patient/ann/online", "", desk_, "200", "ann"},
	{"POST /desk/{ods}/patient/{id}/online", "/desk/Z99901/patient/ann/online", "do=give", desk_, "400", "ann"},
	{"POST /desk/{ods}/patient/{id}/online", "/desk/Z99901/patient/ann/online", "do=stop&account=none", desk_, "404", ""},
	{"GET /desk/{ods}/patient/{id}/contact", "/desk/Z99901/patient/ann/contact", "", desk_, "200", "ann"},
	{"POST /desk/{ods}/patient/{id}/messages", "/desk/Z99901/patient/ann/messages", "do=off&why=", "clinician,manager", "400", "ann"},
	{"POST /desk/{ods}/request/{id}/{do}", "/desk/Z99901/request/[ann request]/mute", "why=", "clinician,manager", "400", "ann"},
	{"POST /desk/{ods}/request/{id}/{do}", "/desk/Z99901/request/[ann request]/unmute", "", "clinician,manager", "422", "ann"},
	{"POST /desk/{ods}/patient/{id}/contact", "/desk/Z99901/patient/ann/contact", "language=xx", desk_, "400", "ann"},
	{"GET /desk/{ods}/patient/{id}/write", "/desk/Z99901/patient/ann/write", "", care_, "200", "ann"},
	{"POST /desk/{ods}/patient/{id}/write", "/desk/Z99901/patient/ann/write", "message=", care_, "400", "ann"},
	{"GET /desk/{ods}/patient/{id}/elsewhere", "/desk/Z99901/patient/ann/elsewhere", "", desk_, "200", "ann"},
	{"POST /desk/{ods}/patient/{id}/elsewhere", "/desk/Z99901/patient/ann/elsewhere", "do=book", desk_, "400", "ann"},
	{"GET /desk/{ods}/planned", "/desk/Z99901/planned", "", care_, "200", ""},
	{"POST /desk/{ods}/planned/{id}", "/desk/Z99901/planned/none", "", care_, "404", ""},
	{"GET /desk/{ods}/new", "/desk/Z99901/new?patient=ann", "", desk_, "200", "ann"},
	{"POST /desk/{ods}/new", "/desk/Z99901/new", "patient=ann", desk_, "400", "ann"},
	{"GET /desk/{ods}/diary", "/desk/Z99901/diary", "", desk_, "200", ""},
	{"POST /desk/{ods}/diary", "/desk/Z99901/diary", "do=block", desk_, "400", ""},
	{"GET /desk/{ods}/check-in", "/desk/Z99901/check-in", "", desk_, "200", ""},
	{"POST /desk/{ods}/check-in", "/desk/Z99901/check-in", "version=c.0", desk_, "409", ""},
	{"GET /desk/{ods}/waiting", "/desk/Z99901/waiting", "", desk_, "200", ""},
	{"POST /desk/{ods}/waiting/{id}", "/desk/Z99901/waiting/[ann offer]", "do=off", desk_, "400", ""},
	{"POST /desk/{ods}/request/{id}/{do}", "/desk/Z99901/request/[ann request]/wait", "until=never", desk_, "400", "ann"},
	{"GET /desk/{ods}/filing", "/desk/Z99901/filing", "", care_, "200", ""},
	{"POST /desk/{ods}/filing", "/desk/Z99901/filing", "heading=admin", care_, "400", ""},
	{"POST /desk/{ods}/request/{id}/{do}", "/desk/Z99901/request/[ann request]/file", "heading=", care_, "422", "ann"},
	{"POST /desk/{ods}/request/{id}/{do}", "/desk/Z99901/request/[ann request]/unfile", "reason=", care_, "400", "ann"},
	{"POST /desk/{ods}/job-views", "/desk/Z99901/job-views", "do=new&name=", desk_, "400", ""},
	{"GET /desk/{ods}/cases", "/desk/Z99901/cases?patient=ann", "", desk_, "200", "ann"},
	{"POST /desk/{ods}/cases", "/desk/Z99901/cases", "workflow=&patient=ann", desk_, "400", "ann"},
	{"GET /desk/{ods}/cases/{id}", "/desk/Z99901/cases/none", "", desk_, "404", ""},
	{"POST /desk/{ods}/cases/{id}", "/desk/Z99901/cases/none", "reason=none", desk_, "404", ""},
	{"GET /desk/{ods}/cases/{id}", "/desk/Z99901/cases/[ann case]", "", desk_, "200", "ann"},
	{"POST /desk/{ods}/cases/{id}", "/desk/Z99901/cases/[ann case]", "reason=", desk_, "400", "ann"},
	{"GET /desk/{ods}/jobs", "/desk/Z99901/jobs", "", desk_, "200", ""},
	{"GET /desk/{ods}/jobs", "/desk/Z99901/jobs?show=all", "", desk_, "200", "ann"},
	{"GET /desk/{ods}/jobs/{id}", "/desk/Z99901/jobs/[ann job]", "", desk_, "200", "ann"},
	{"POST /desk/{ods}/jobs/{id}", "/desk/Z99901/jobs/[ann job]", "done=", desk_, "400", "ann"},
	{"POST /desk/{ods}/request/{id}/{do}", "/desk/Z99901/request/[ann request]/begin", "workflow=", desk_, "400", "ann"},
	{"GET /desk/{ods}/jobs/new", "/desk/Z99901/jobs/new?patient=ann", "", desk_, "200", "ann"},
	{"POST /desk/{ods}/jobs", "/desk/Z99901/jobs", "what=&patient=ann", desk_, "400", "ann"},
	{"GET /desk/{ods}/jobs/{id}", "/desk/Z99901/jobs/[ann request]", "", desk_, "404", ""},
	{"POST /desk/{ods}/jobs/{id}", "/desk/Z99901/jobs/[ann request]", "done=done", desk_, "404", ""}, // a request is no job
	{"GET /desk/{ods}/consult", "/desk/Z99901/consult?patient=ann", "", "clinician", "200", "ann"},
	{"POST /desk/{ods}/consult", "/desk/Z99901/consult", "patient=ann&step=look", "clinician", "200", "ann"},
	{"GET /desk/{ods}/consult/{id}", "/desk/Z99901/consult/[ann note]", "", "clinician", "200", "ann"},
	{"GET /desk/{ods}/codes", "/desk/Z99901/codes?q=asthma", "", "clinician", "200", ""},

	{"GET /manage/{ods}/{$}", "/manage/Z99901/", "", "manager", "200", ""},
	{"GET /manage/{ods}/workflows", "/manage/Z99901/workflows", "", "manager", "200", ""},
	{"GET /manage/{ods}/workflows/{id}", "/manage/Z99901/workflows/new", "", "manager", "200", ""},
	{"POST /manage/{ods}/workflows/{id}", "/manage/Z99901/workflows/new", "do=save&title={none}", "manager", "400", ""},
	{"GET /manage/{ods}/workflows/{id}", "/manage/Z99901/workflows/[workflow]", "", "manager", "200", ""},
	{"GET /manage/{ods}/workflows/{id}", "/manage/Z99901/workflows/[workflow]?from=1", "", "manager", "200", ""},
	{"GET /manage/{ods}/workflows/{id}", "/manage/Z99901/workflows/[workflow]?from=9", "", "manager", "404", ""},
	{"POST /manage/{ods}/workflows/{id}", "/manage/Z99901/workflows/[workflow]", "do=save&title=", "manager", "400", ""},
	{"GET /manage/{ods}/templates", "/manage/Z99901/templates", "", "manager", "200", ""},
	{"GET /manage/{ods}/templates/{id}", "/manage/Z99901/templates/photo", "", "manager", "200", ""},
	{"GET /manage/{ods}/templates/{id}", "/manage/Z99901/templates/new", "", "manager", "200", ""},
	{"POST /manage/{ods}/templates/{id}", "/manage/Z99901/templates/new", "do=save&body={none}", "manager", "400", ""},
	{"GET /manage/{ods}/batches", "/manage/Z99901/batches", "", "manager", "200", ""},
	{"POST /manage/{ods}/batches", "/manage/Z99901/batches", "title=", "manager", "400", ""},
	{"GET /manage/{ods}/batches/{id}", "/manage/Z99901/batches/none", "", "manager", "404", ""},
	{"POST /manage/{ods}/batches/{id}", "/manage/Z99901/batches/none", "do=stop", "manager", "404", ""},
	{"GET /manage/{ods}/settings", "/manage/Z99901/settings", "", "manager", "200", ""},
	{"GET /manage/{ods}/reports", "/manage/Z99901/reports", "", "manager", "200", ""},
	{"GET /manage/{ods}/patient-view", "/manage/Z99901/patient-view", "", "manager", "200", ""},
	{"POST /manage/{ods}/patient-view", "/manage/Z99901/patient-view", "shown=all", "manager", "400", ""},
	{"GET /manage/{ods}/access", "/manage/Z99901/access", "", "manager", "200", ""},
	{"GET /manage/{ods}/access/{file}", "/manage/Z99901/access/third-next.csv", "", "manager", "200", ""},
	{"GET /manage/{ods}/booking", "/manage/Z99901/booking", "", "manager", "200", ""},
	{"POST /manage/{ods}/booking", "/manage/Z99901/booking", "keep=never", "manager", "400", ""},
	{"GET /manage/{ods}/work", "/manage/Z99901/work", "", "manager", "200", ""},
	{"POST /manage/{ods}/work", "/manage/Z99901/work", "triage=never", "manager", "400", ""},
	{"GET /manage/{ods}/feedback", "/manage/Z99901/feedback?period=quarter", "", "manager", "200", ""},
	{"GET /manage/{ods}/feedback/{file}", "/manage/Z99901/feedback/how-it-went.csv", "", "manager", "200", ""},
	{"GET /manage/{ods}/jobs", "/manage/Z99901/jobs?period=quarter", "", "manager", "200", ""},
	{"GET /manage/{ods}/jobs/{file}", "/manage/Z99901/jobs/cases-steps.csv", "", "manager", "200", ""},
	{"GET /manage/{ods}/fair", "/manage/Z99901/fair", "", "manager", "200", ""},
	{"GET /manage/{ods}/fair/{file}", "/manage/Z99901/fair/fair-age.csv", "", "manager", "200", ""},
	{"GET /manage/{ods}/returns", "/manage/Z99901/returns", "", "manager", "200", ""},
	{"GET /manage/{ods}/returns/{kind}/{period}", "/manage/Z99901/returns/weekly/2026-01-05", "", "manager", "200", ""},
	{"POST /manage/{ods}/returns/{kind}/{period}", "/manage/Z99901/returns/monthly/2026-01", "", "manager", "303", ""},
	{"GET /manage/{ods}/returns/{kind}/{period}/{file}", "/manage/Z99901/returns/monthly/2026-01/none.csv", "", "manager", "404", ""},
	{"GET /manage/{ods}/measures", "/manage/Z99901/measures", "", "manager", "200", ""},
	{"GET /manage/{ods}/measures/{file}", "/manage/Z99901/measures/outcomes.csv", "", "manager", "200", ""},
	{"GET /manage/{ods}/rules", "/manage/Z99901/rules", "", "manager", "200", ""},
	{"GET /manage/{ods}/red-flags", "/manage/Z99901/red-flags", "", "manager", "200", ""},
	{"POST /manage/{ods}/red-flags", "/manage/Z99901/red-flags", "days=0&do=save", "manager", "400", ""},
	{"GET /manage/{ods}/reconcile", "/manage/Z99901/reconcile", "", "manager", "200", ""},
	{"POST /manage/{ods}/reconcile", "/manage/Z99901/reconcile", "form=none", "manager", "404", ""},
	{"GET /manage/{ods}/online", "/manage/Z99901/online", "", "manager", "200", ""},
	{"POST /manage/{ods}/online", "/manage/Z99901/online", "ask=1", "manager", "400", ""},
	{"GET /manage/{ods}/network", "/manage/Z99901/network", "", "manager", "200", ""},
	{"GET /manage/{ods}/network/{partner}", "/manage/Z99901/network/Z99902", "", "manager", "200", ""},
	{"POST /manage/{ods}/network/{partner}", "/manage/Z99901/network/Z99902", "gives-day=x", "manager", "400", ""},
	{"GET /manage/{ods}/teams", "/manage/Z99901/teams", "", "manager", "200", ""},
	{"POST /manage/{ods}/teams", "/manage/Z99901/teams", "do=away", "manager", "400", ""},
	{"GET /manage/{ods}/teams/{id}", "/manage/Z99901/teams/new", "", "manager", "200", ""},
	{"POST /manage/{ods}/teams/{id}", "/manage/Z99901/teams/new", "name=", "manager", "400", ""},
	{"GET /manage/{ods}/direct", "/manage/Z99901/direct", "", "manager", "200", ""},
	{"POST /manage/{ods}/direct", "/manage/Z99901/direct", "is=off&why=", "manager", "400", ""},
	{"GET /manage/{ods}/clocks", "/manage/Z99901/clocks", "", "manager", "200", ""},
	{"POST /manage/{ods}/clocks", "/manage/Z99901/clocks", "what-0=nothing&do=save", "manager", "400", ""},
	{"GET /manage/{ods}/channels", "/manage/Z99901/channels", "", "manager", "200", ""},
	{"POST /manage/{ods}/channels", "/manage/Z99901/channels", "do=close", "manager", "400", ""},
	{"GET /manage/{ods}/forms", "/manage/Z99901/forms", "", "manager", "200", ""},
	{"POST /manage/{ods}/forms", "/manage/Z99901/forms", "title=", "manager", "400", ""},
	{"GET /manage/{ods}/forms/{form}", "/manage/Z99901/forms/admin", "", "manager", "200", ""},
	{"POST /manage/{ods}/forms/{form}", "/manage/Z99901/forms/admin", "do=publish", "manager", "409", ""}, // there is no draft
	{"GET /manage/{ods}/forms/{form}/question/{question}", "/manage/Z99901/forms/admin/question/what", "", "manager", "200", ""},
	{"POST /manage/{ods}/forms/{form}/question/{question}", "/manage/Z99901/forms/admin/question/what", "text=", "manager", "400", ""},
	{"GET /manage/{ods}/forms/{form}/preview", "/manage/Z99901/forms/admin/preview", "", "manager", "200", ""},
	{"POST /manage/{ods}/forms/{form}/preview", "/manage/Z99901/forms/admin/preview", "at=words&shown=what", "manager", "422", ""},
	{"GET /manage/{ods}/forms/{form}/questionnaire.json", "/manage/Z99901/forms/admin/questionnaire.json", "", "manager", "200", ""},
	{"GET /manage/{ods}/alarms", "/manage/Z99901/alarms", "", "manager", "200", ""},
	{"POST /manage/{ods}/alarms", "/manage/Z99901/alarms", "again=never", "manager", "400", ""},
	{"GET /manage/{ods}/navigation", "/manage/Z99901/navigation", "", "manager", "200", ""},
	{"GET /manage/{ods}/routing", "/manage/Z99901/routing", "", "manager", "200", ""},
	{"POST /manage/{ods}/routing", "/manage/Z99901/routing", "do=off", "manager", "400", ""},
	{"POST /manage/{ods}/routing", "/manage/Z99901/routing", "do=put", "manager", "400", ""},
	{"POST /manage/{ods}/routing", "/manage/Z99901/routing", "do=save&draft=to=Practitioner/gone", "manager", "400", ""},
	{"GET /manage/{ods}/rota", "/manage/Z99901/rota", "", "manager", "200", ""},
	{"POST /manage/{ods}/rota", "/manage/Z99901/rota", "do=look+session", "manager", "400", ""},
	{"GET /manage/{ods}/calls", "/manage/Z99901/calls", "", "manager", "200", ""},
	{"POST /manage/{ods}/calls", "/manage/Z99901/calls", "start=nowhere", "manager", "400", ""},
	{"GET /manage/{ods}/opening", "/manage/Z99901/opening", "", "manager", "200", ""},
	{"POST /manage/{ods}/opening", "/manage/Z99901/opening", "do=preview&mon-from=never", "manager", "400", ""},
	{"GET /manage/{ods}/opening", "/manage/Z99901/opening", "", "manager", "200", ""},
	{"POST /manage/{ods}/opening", "/manage/Z99901/opening", "do=save", "manager", "400", ""}, // a practice that never opens
	{"GET /manage/{ods}/accounts", "/manage/Z99901/accounts", "", "manager", "200", ""},
	{"POST /manage/{ods}/accounts", "/manage/Z99901/accounts", "name=", "manager", "400", ""},
	{"POST /manage/{ods}/accounts/{id}", "/manage/Z99901/accounts/[navigator account]", "do=none", "manager", "400", ""},

	{"GET /board/{$}", "/board/", "", "manager,commissioner,away manager,away commissioner", "200", ""},
	{"GET /demo/sent", "/demo/sent", "", "all", "200", ""},
	{"GET /demo/sent/{id}", "/demo/sent/none", "", "all", "404", ""},
	{"GET /privacy", "/privacy", "", "all", "200", ""},
	{"GET /accessibility", "/accessibility", "", "all", "200", ""},

	{"GET /board/{$}", "/board/", "", "manager,commissioner,away manager,away commissioner", "200", ""},
	{"GET /privacy", "/privacy", "", "all", "200", ""},
	{"GET /language/{lang}", "/language/cy", "", "all", "303", ""},
	{"GET /accessibility", "/accessibility", "", "all", "200", ""},

	{"GET /live/{ods}/queue", "/live/Z99901/queue", "", desk_, "200", ""},
	{"GET /live/{ods}/phone", "/live/Z99901/phone", "", desk_, "404", ""}, // this one has no telephone
	{"GET /desk/{ods}/phone", "/desk/Z99901/phone", "", desk_, "200", ""},
	{"GET /live/{ods}/request/{id}", "/live/Z99901/request/[ann request]", "", desk_, "200", ""},

	{"POST /sign-out", "/sign-out", "", "all", "sign in", ""}, // the last: it ends their sessions
}

// lets tells whether a visitor is among those who may.
func (r route) lets(who string) bool {
	switch r.who {
	case "all":
		return true
	case "everybody":
		return who != "nobody"
	}
	return slices.Contains(strings.Split(r.who, ","), who)
}

// refuses is how a route answers those who may not.
func (r route) refuses(who string) string {
	switch area := strings.Split(r.path, "/")[1]; {
	case who == "nobody", area == "sign-in", area == "account":
		return "sign in"
	}
	return "403"
}

func TestRoutes(t *testing.T) {
	w := newTown(t)
	for _, r := range routes {
		method, _, ok := strings.Cut(r.pattern, " ")
		if !ok {
			method = "GET"
		}
		for _, who := range visitors {
			before := w.sights(who, r.sees)
			got := w.ask(who, method, r.path, r.form)
			switch {
			case !r.lets(who):
				if answers(got) != r.refuses(who) {
					t.Errorf("%s %s as %s: %s, want %v", method, r.path, who, answers(got), r.refuses(who))
				}
				if w.sights(who, r.sees) != before {
					t.Errorf("%s %s as %s: a sight of what was refused", method, r.path, who)
				}
				if strings.Contains(got.Body.String(), "Example") {
					t.Errorf("%s %s as %s: a refusal names a patient", method, r.path, who)
				}
			case answers(got) != r.ok:
				t.Errorf("%s %s as %s: %s, want %s", method, r.path, who, answers(got), r.ok)
			case r.sees == "":
			case w.sights(who, r.sees) == before:
				t.Errorf("%s %s as %s: no sight of %s is in the access log", method, r.path, who, r.sees)
			}
			if got.Header().Get("Content-Security-Policy") == "" || got.Header().Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s %s: without its security headers", method, r.path)
			}
			if c := got.Header().Get("Cache-Control"); !strings.Contains(c, "no-store") && !strings.Contains(r.path, "/assets/") &&
				!strings.Contains(r.path, "/codes") && got.Code != http.StatusSeeOther {
				t.Errorf("%s %s as %s: may be cached: %q", method, r.path, who, c)
			}
		}
	}
}

// sights counts what somebody has seen of a patient of this practice.
func (w *town) sights(who, patient string) (n int) {
	w.t.Helper()
	if patient == "" {
		return 0
	}
	p, err := w.store.Practice(here)
	must(w.t, err)
	all, err := p.Accesses(w.t.Context(), "Patient/"+patient, time.Time{}, 5000)
	must(w.t, err)
	for _, a := range all {
		if a.Author.Ref == w.people[who].Ref {
			n++
		}
	}
	return n
}

// What belongs to somebody else, or to another practice, is not there.
func TestWhatIsNotTheirsIsNotThere(t *testing.T) {
	w := newTown(t)
	for _, c := range []struct{ who, method, path, form, want string }{
		{"ann", "GET", "/p/Z99901/of/me/requests/[cat request]", "", "404"},
		{"ann", "POST", "/p/Z99901/of/me/requests/[cat request]", "text=hello&token=01234567890123456789", "404"},
		{"ann", "GET", "/p/Z99901/of/me/requests/[cat request]/photo/[cat photo]", "", "404"},
		{"ann", "GET", "/p/Z99901/of/me/requests/[ann request]/photo/[cat photo]", "", "404"},
		{"ann", "GET", "/p/Z99901/of/me/appointments/[cat booked]", "", "404"},
		{"ann", "GET", "/p/Z99901/of/me/appointments/[cat booked]/calendar.ics", "", "404"},
		{"ann", "GET", "/p/Z99901/of/me/appointments/[cat booked]/cancel", "", "404"},
		{"ann", "POST", "/p/Z99901/of/me/appointments/[cat booked]/cancel", "token=1", "404"},
		{"ann", "GET", "/p/Z99901/of/me/appointments/[cat offer]/choose", "", "404"},
		{"ann", "POST", "/p/Z99901/of/me/appointments/[cat offer]/choose", "slot=a", "404"},
		{"ann", "GET", "/p/Z99901/of/me/requests/[away ann request]", "", "404"},
		{"ann", "GET", "/p/Z99901/of/me/messages/[cat message]", "", "404"},
		{"ann", "POST", "/p/Z99901/of/me/messages/[cat message]", "text=hello&token=01234567890123456789", "404"},
		{"una", "GET", "/p/Z99901/of/ann/messages/[cat message]", "", "404"},
		{"ann", "GET", "/p/Z99901/of/me/appointments/[away ann booked]/calendar.ics", "", "404"},
		{"ann", "GET", "/p/Z99901/of/cat/record", "", "403"},
		{"ann", "GET", "/p/Z99901/of/..%2Fcat/record", "", "403"},
		{"una", "GET", "/p/Z99901/of/cat/record", "", "403"},
		{"una", "GET", "/p/Z99901/of/ann/requests/[cat request]", "", "404"},
		{"away ann", "GET", "/p/Z99901/of/me/record", "", "403"},
		{"away navigator", "GET", "/desk/Z99902/request/[ann request]", "", "404"},
		{"away navigator", "GET", "/desk/Z99902/request/[away ann request]/photo/[ann photo]", "", "404"},
		{"navigator", "GET", "/desk/Z99901/request/[cat request]/photo/[ann photo]", "", "404"},
		{"away clinician", "GET", "/desk/Z99902/consult/[ann note]", "", "404"},
		{"away clinician", "GET", "/desk/Z99902/consult?request=[ann request]", "", "404"},
		{"away clinician", "POST", "/desk/Z99902/request/[ann request]/close", "outcome=advice&told=x", "404"},
		{"away navigator", "POST", "/desk/Z99902/jobs/[ann request]", "done=x", "404"},
		{"away navigator", "GET", "/desk/Z99902/jobs/[ann job]", "", "404"},
		{"away navigator", "GET", "/desk/Z99902/cases/[ann case]", "", "404"},
		{"away navigator", "POST", "/desk/Z99902/cases/[ann case]", "reason=x", "404"},
		{"away navigator", "POST", "/desk/Z99902/request/[away ann request]/begin", "workflow=none", "404"},
		{"away manager", "GET", "/manage/Z99902/workflows/[ann case]", "", "404"},
		{"away manager", "POST", "/manage/Z99902/accounts/[navigator account]", "do=stop", "404"},
		{"manager", "POST", "/manage/Z99901/accounts/[ann account]", "do=invite", "404"},
		{"manager", "POST", "/manage/Z99901/accounts/[manager account]", "do=stop", "422"},
		{"navigator", "POST", "/desk/Z99901/patient/ann/online", "do=stop&account=[cat account]", "404"},
		{"away navigator", "POST", "/desk/Z99902/patient/ann/online", "do=stop&account=[ann account]", "404"},
		{"navigator", "GET", "/desk/Z99901/patient/nobody/online", "", "404"},
		{"navigator", "GET", "/desk/Z99901/request/[ann booked]", "", "404"},
		{"navigator", "GET", "/desk/Z99901/patient/nobody", "", "404"},
	} {
		if got := answers(w.ask(c.who, c.method, c.path, c.form)); got != c.want {
			t.Errorf("%s %s as %s: %s, want %s", c.method, c.path, c.who, got, c.want)
		}
	}
}

// No address changes anything when it is only looked at, and none takes a
// form that another site sent.
func TestNoRouteTakesFormsOfOtherSites(t *testing.T) {
	w := newTown(t)
	for _, r := range routes {
		if !strings.HasPrefix(r.pattern, "POST ") {
			continue
		}
		req := httptest.NewRequest("POST", strings.NewReplacer("[", "", "]", "", " ", "-").Replace(r.path), strings.NewReader(r.form))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "cross-site")
		req.AddCookie(w.cookies["clinician"])
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, req)
		if rec.Code != http.StatusForbidden || !strings.Contains(rec.Body.String(), "another site") {
			t.Errorf("%s: %d", r.pattern, rec.Code)
		}
	}
}

var registered = regexp.MustCompile(`(?:handle|Handle|HandleFunc)\("((?:GET |POST |PUT |DELETE |PATCH )?/[^"]*)"|Handle\("(GET )"\+assets\.Prefix`)

// Every address that the code registers is in the table, and the table has no
// other.
func TestRoutesAreAllHere(t *testing.T) {
	want, have := map[string]bool{}, map[string]bool{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		src, err := os.ReadFile(path)
		for _, m := range registered.FindAllStringSubmatch(string(src), -1) {
			if m[2] != "" {
				m[1] = "GET /assets/"
			}
			want[m[1]] = true
		}
		if n := strings.Count(string(src), "mux.Handle") - len(regexp.MustCompile(`mux\.Handle(Func)?\((pattern,|"|\n)`).FindAllString(string(src), -1)); n > 0 {
			t.Errorf("%s registers an address in a way that this test cannot read", path)
		}
		return err
	})
	must(t, err)
	mux := http.NewServeMux()
	for _, r := range routes {
		if !have[r.pattern] {
			mux.Handle(r.pattern, http.NotFoundHandler())
		}
		have[r.pattern] = true
	}
	for _, r := range routes {
		method, _, ok := strings.Cut(r.pattern, " ")
		if !ok {
			method = "GET"
		}
		_, got := mux.Handler(httptest.NewRequest(method, strings.NewReplacer("[", "", "]", "", " ", "-").Replace(r.path), nil))
		if got != r.pattern {
			t.Errorf("%s is answered by %q, not %q", r.path, got, r.pattern)
		}
	}
	for _, p := range slices.Sorted(maps.Keys(want)) {
		if !have[p] {
			t.Errorf("%s is not in the table of routes", p)
		}
	}
	for _, p := range slices.Sorted(maps.Keys(have)) {
		if !want[p] {
			t.Errorf("the table has %s, and the site has not", p)
		}
	}
}

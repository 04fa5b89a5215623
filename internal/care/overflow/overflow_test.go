package overflow

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heartwood/internal/care"
	"heartwood/internal/care/request"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
	"heartwood/internal/words"
)

const (
	homeODS = ident.ODS("Z99901")
	hubODS  = ident.ODS("Z99902")
)

var (
	ctx       = context.Background()
	navigator = record.Author{Ref: "Practitioner/nav", Role: care.RoleNavigator}
	hubGP     = record.Author{Ref: "Practitioner/hub", Role: care.RoleClinician}
)

// town is a practice and a hub in one store, with an agreement on both sides.
type town struct {
	t         testing.TB
	home, hub *record.Practice
	store     *record.Store
	requests  *request.Service
	relay     Relay
	clock     atomic.Int64
}

func newTown(t testing.TB) *town {
	t.Helper()
	w := &town{t: t}
	w.at("2026-11-24 10:00")
	s := memory.Open(t, func() time.Time { return time.Unix(0, w.clock.Load()) })
	w.store, w.requests, w.relay = s, request.New(s), Relay{Practice: s.Practice}
	var err error
	if w.home, err = s.Practice(homeODS); err != nil {
		t.Fatal(err)
	}
	if w.hub, err = s.Practice(hubODS); err != nil {
		t.Fatal(err)
	}
	w.put(w.home, `{"resourceType":"Patient","id":"ann","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000018"}],"name":[{"given":["Ann"],"family":"Example"}],"birthDate":"1980-05-01","telecom":[{"system":"email","value":"ann@patient.example.org"}]}`)
	w.put(w.home, `{"resourceType":"AllergyIntolerance","id":"a","patient":{"reference":"Patient/ann"},"code":{"text":"Penicillin"}}`)
	terms := Terms{Kinds: []string{"new-problem"}, Priorities: []string{"routine", "urgent"}, PerDay: 2, From: 0, To: 24 * 60, Summary: true}
	w.must(Save(ctx, w.home, navigator, Agreement{Partner: hubODS, Name: "The hub", Gives: terms}))
	w.must(Save(ctx, w.hub, navigator, Agreement{Partner: homeODS, Name: "Home", Takes: terms}))
	return w
}

func (w *town) at(s string) {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, words.London)
	if err != nil {
		panic(err)
	}
	w.clock.Store(t.UnixNano())
}

func (w *town) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *town) put(p *record.Practice, body string) {
	w.t.Helper()
	typ := body[len(`{"resourceType":"`):][:strings.Index(body[len(`{"resourceType":"`):], `"`)]
	id := body[strings.Index(body, `"id":"`)+6:]
	x, err := record.Prepare(ident.Ref{Type: typ, ID: id[:strings.Index(id, `"`)]}, []byte(body))
	w.must(err)
	_, err = p.Commit(ctx, record.Change{Author: navigator, Reason: "test", Writes: []record.Write{x}})
	w.must(err)
}

// asked makes a request at home and hands it over.
func (w *town) asked() string {
	w.t.Helper()
	id := w.received()
	w.must(HandOver(ctx, w.home, navigator, Offer{Request: id, Partner: hubODS, Agreed: true, How: "on the phone"}, "offer "+id))
	return id
}

func (w *town) received() string {
	w.t.Helper()
	r, err := w.requests.Receive(ctx, homeODS, record.Author{Ref: "Patient/ann", Role: care.RolePatient}, request.Ask{
		Patient: "Patient/ann", Asker: request.Self, Channel: request.Web, Kind: request.NewProblem, What: "A sore throat",
	}, ident.NewID())
	w.must(err)
	return r.ID
}

func (w *town) round() {
	w.t.Helper()
	w.must(w.relay.Round(ctx, w.home))
}

func (w *town) view(ods ident.ODS, id string) request.View {
	w.t.Helper()
	v, err := w.requests.Load(ctx, ods, id)
	w.must(err)
	return v
}

func (w *town) handover(id string) Handover {
	w.t.Helper()
	h, ok, err := Of(ctx, w.home, id)
	w.must(err)
	if !ok {
		w.t.Fatal("it was not handed over")
	}
	return h
}

func (w *town) count(p *record.Practice, query string) int {
	w.t.Helper()
	page, err := p.Find(ctx, query+"&_total=accurate&_count=1")
	w.must(err)
	return page.Total
}

func TestThereAndBack(t *testing.T) {
	hazard.Covers(t, "H-032")
	w := newTown(t)
	id := w.asked()
	if v := w.view(homeODS, id); !v.Open() || v.Owner.Name != "The hub" || v.AnswerBy.IsZero() {
		t.Fatalf("at home it is %+v", v)
	}
	w.round()
	h := w.handover(id)
	there := w.view(hubODS, h.ID)
	if h.State != Sent || there.Owner.Ref != care.Triage || there.AnswerBy.After(w.view(homeODS, id).AnswerBy) || there.Reference != w.view(homeODS, id).Reference {
		t.Fatalf("over there: %+v, %+v", h, there)
	}
	text := ""
	for _, a := range there.Answers {
		text += a.Question + ": " + a.Text + "\n"
	}
	if !strings.Contains(text, "A sore throat") || !strings.Contains(text, "Penicillin") {
		t.Errorf("they see %s", text)
	}
	v, err := w.hub.Read(ctx, ident.Ref{Type: "Patient", ID: "visitor-ann"})
	w.must(err)
	if strings.Contains(string(v.Body.Bytes), "ann@") {
		t.Error("an address for messages went along")
	}
	if w.count(w.home, "Consent?patient=Patient/ann") != 1 {
		t.Error("the consent is not in the record")
	}
	_, err = w.requests.Do(ctx, hubODS, hubGP, h.ID, "", request.Start{})
	w.must(err)
	w.round()
	if w.handover(id).State != Taken {
		t.Error("it is not seen that they began")
	}
	w.at("2026-11-24 16:00") // past the time to begin: they have begun
	w.round()
	_, err = w.requests.Do(ctx, hubODS, hubGP, h.ID, "", request.Close{Outcome: request.AdviceGiven, Told: "Rest and drink."})
	w.must(err)
	for range 3 {
		w.round()
	}
	end := w.view(homeODS, id)
	if end.State != request.Closed || end.Outcome != request.AdviceGiven || !strings.Contains(end.Told, "Rest and drink.") || w.handover(id).State != Done {
		t.Errorf("in the end: %+v", end)
	}
	if n := w.count(w.home, "Communication?category=outcome"); n != 1 {
		t.Errorf("the patient is told %d times", n)
	}
}

// It comes home by itself, with an alarm, whatever goes wrong over there.
func TestComesBack(t *testing.T) {
	hazard.Covers(t, "H-032")
	for name, wrong := range map[string]func(w *town, id string){
		"not begun in time": func(w *town, id string) { w.round(); w.at("2026-11-24 11:30"); w.round() },
		"refused": func(w *town, id string) {
			w.round()
			_, err := w.requests.Do(ctx, hubODS, hubGP, w.handover(id).ID, "", request.Close{Outcome: request.NotOurPatient, Told: "We have nobody today."})
			w.must(err)
			w.round()
		},
		"never carried": func(w *town, id string) { w.at("2026-11-24 12:00"); w.round() },
		"they take no more": func(w *town, id string) {
			a, err := With(ctx, w.hub, homeODS)
			w.must(err)
			a.Takes = Terms{}
			w.must(Save(ctx, w.hub, navigator, a))
			w.round()
		},
		"no such practice": func(w *town, id string) {
			r := Relay{Practice: func(ident.ODS) (*record.Practice, error) { return nil, fault.New(fault.NotFound, "none") }}
			w.must(r.Round(ctx, w.home))
		},
		"taken back while it waits": func(w *town, id string) {
			w.round()
			_, err := w.requests.Do(ctx, homeODS, navigator, id, "", request.Assign{To: request.Owner{Ref: care.Triage, Name: "Triage team"}})
			w.must(err)
			w.round()
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTown(t)
			id := w.asked()
			wrong(w, id)
			v := w.view(homeODS, id)
			if !v.Open() || v.Owner.Ref != care.Triage || w.handover(id).State != Returned {
				t.Errorf("with %s, handover %s", v.Owner.Ref, w.handover(id).State)
			}
			if name != "taken back while it waits" && (v.Escalated.IsZero() || !strings.Contains(v.History[0].Note, "Back from The hub")) {
				t.Errorf("no alarm: %+v", v.History[0])
			}
			w.round()
			if again := w.view(homeODS, id); again.Version != v.Version {
				t.Error("another round changed it again")
			}
			if x, err := w.requests.Load(ctx, hubODS, w.handover(id).ID); err == nil && x.Open() {
				t.Error("it is still open over there")
			}
		})
	}
}

func TestOfferIsRefused(t *testing.T) {
	w := newTown(t)
	id := w.received()
	ok := Offer{Request: id, Partner: hubODS, Agreed: true, How: "at the desk"}
	for name, o := range map[string]Offer{
		"without consent": {Request: id, Partner: hubODS, How: "x"}, "without how": {Request: id, Partner: hubODS, Agreed: true},
		"somebody else": {Request: id, Partner: "Z99999", Agreed: true, How: "x"}, "no request": {Request: "none", Partner: hubODS, Agreed: true, How: "x"},
	} {
		if err := HandOver(ctx, w.home, navigator, o, ""); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	w.must(HandOver(ctx, w.home, navigator, ok, "one"))
	w.must(HandOver(ctx, w.home, navigator, ok, "one")) // pressed twice
	if err := HandOver(ctx, w.home, navigator, ok, "two"); err == nil {
		t.Error("handed over twice")
	}
	w.asked()
	third := ok
	third.Request = w.received()
	if err := HandOver(ctx, w.home, navigator, third, ""); err == nil {
		t.Error("more than was agreed for a day")
	}
	if n := w.count(w.home, "Task?code="+care.TaskCode+"%7Chandover"); n != 2 {
		t.Errorf("%d handovers", n)
	}
}

// Whatever is done in whatever order, by two relays at once, with a crash
// after any step: one request over there, one end at home, and never lost.
func TestRelayIsExactlyOnce(t *testing.T) {
	hazard.Covers(t, "H-032")
	w := newTown(t)
	for _, p := range []*record.Practice{w.home, w.hub} { // enough for all that follows
		all, err := Agreements(ctx, p)
		w.must(err)
		a := all[0]
		a.Gives.PerDay, a.Takes.PerDay = 50_000, 50_000
		w.must(save(ctx, p, navigator, a)) // more than a manager may agree
	}
	rapid.Check(t, func(rt *rapid.T) {
		id := w.asked()
		h := w.handover(id)
		minutes := 0
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			switch rapid.SampledFrom([]string{"round", "two", "crash", "start", "close", "refuse", "recall", "wait"}).Draw(rt, "step") {
			case "round":
				_ = w.relay.Round(ctx, w.home)
			case "two":
				var g sync.WaitGroup
				for range 2 {
					g.Go(func() { _ = w.relay.Round(ctx, w.home) })
				}
				g.Wait()
			case "crash": // it is there, and home was not told
				if ours, err := request.Brief(ctx, w.home, id); err == nil && w.handover(id).State == Owed && ours.Open() && ours.Owner.Ref == "Organization/Z99902" {
					if c, err := w.relay.parcel(ctx, w.home, w.hub, h, ours); err == nil {
						_, _ = w.hub.Commit(ctx, c)
					}
				}
			case "start":
				_, _ = w.requests.Do(ctx, hubODS, hubGP, h.ID, "", request.Start{})
			case "close":
				_, _ = w.requests.Do(ctx, hubODS, hubGP, h.ID, "", request.Close{Outcome: request.AdviceGiven, Told: "Rest."})
			case "refuse":
				_, _ = w.requests.Do(ctx, hubODS, hubGP, h.ID, "", request.Close{Outcome: request.NotOurPatient, Told: "No."})
			case "recall":
				_, _ = w.requests.Do(ctx, homeODS, navigator, id, "", request.Assign{To: request.Owner{Ref: care.Triage}})
			case "wait":
				minutes += rapid.IntRange(1, 40).Draw(rt, "minutes")
				w.clock.Add(int64(time.Duration(minutes) * time.Minute))
			}
		}
		for range 3 {
			_ = w.relay.Round(ctx, w.home)
		}
		ours, theirs := w.view(homeODS, id), w.count(w.hub, "Task?code="+care.TaskCode+"%7Crequest&_id="+h.ID)
		if theirs > 1 {
			rt.Fatalf("%d requests over there", theirs)
		}
		if n := w.count(w.home, "Communication?category=outcome&based-on=Task/"+id); n > 1 || (n == 1) != !ours.Open() {
			rt.Fatalf("told %d times, open %v", n, ours.Open())
		}
		if ours.Owner.Ref == "" || ours.AnswerBy.IsZero() {
			rt.Fatalf("no owner or no clock: %+v", ours)
		}
		over := w.handover(id).State
		switch {
		case over == Returned && ours.Open() && ours.Owner.Ref != care.Triage:
			rt.Fatalf("returned to nobody: %s", ours.Owner.Ref)
		case (over == Owed || over == Sent || over == Taken) && theirs == 0:
			rt.Fatalf("it is %s and nowhere", over)
		}
	})
}

func TestTerms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := Terms{
			Kinds:      rapid.SliceOfN(rapid.StringMatching(`[a-z-]{1,8}`), 0, 4).Draw(t, "kinds"),
			Priorities: rapid.SliceOfN(rapid.SampledFrom([]string{"routine", "urgent"}), 0, 2).Draw(t, "urgency"),
			PerDay:     rapid.IntRange(0, 99).Draw(t, "day"), From: 10, To: rapid.IntRange(10, 1440).Draw(t, "to"), Summary: rapid.Bool().Draw(t, "summary"),
		}
		if back, err := ParseTerms(x.Line()); err != nil || back.Line() != x.Line() {
			t.Fatalf("%s: %v %s", x.Line(), err, back.Line())
		}
	})
	if (Terms{}).Say() != "nothing" || (Terms{}).Fits("new-problem", "routine", time.Now()) {
		t.Error("terms that nobody agreed allow something")
	}
}

func FuzzParseTerms(f *testing.F) {
	f.Add("kind=new-problem; urgency=routine; day=10; time=480-1080; share=summary")
	f.Fuzz(func(t *testing.T, line string) {
		x, err := ParseTerms(line)
		if err != nil {
			return
		}
		if back, err := ParseTerms(x.Line()); err != nil || back.Line() != x.Line() {
			t.Fatalf("%q: %v", line, err)
		}
	})
}

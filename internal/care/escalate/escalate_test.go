package escalate_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heartwood/internal/care"
	"heartwood/internal/care/escalate"
	"heartwood/internal/care/opening"
	"heartwood/internal/care/request"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
	"heartwood/internal/words"
)

const ods = ident.ODS("Z99901")

var (
	ctx       = context.Background()
	self      = record.Author{Ref: "Patient/ann", Role: care.RolePatient}
	navigator = record.Author{Ref: "Practitioner/nav", Role: care.RoleNavigator}
)

func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, words.London)
	if err != nil {
		panic(err)
	}
	return t
}

type house struct {
	p        *record.Practice
	requests *request.Service
	clock    atomic.Int64
}

func open(t testing.TB) *house {
	t.Helper()
	h := &house{}
	h.set("2026-11-23 10:00")
	s := memory.Open(t, func() time.Time { return time.Unix(0, h.clock.Load()) })
	p, err := s.Practice(ods)
	if err != nil {
		t.Fatal(err)
	}
	h.p, h.requests = p, request.New(s)
	for _, body := range []string{
		`{"resourceType":"Patient","id":"ann","name":[{"given":["Ann"],"family":"Example"}]}`,
		`{"resourceType":"CareTeam","id":"triage","name":"Triage team","participant":[{"member":{"reference":"Practitioner/nav"}}]}`,
		`{"resourceType":"PractitionerRole","id":"boss-role","practitioner":{"reference":"Practitioner/boss"},"code":[{"coding":[{"code":"manager"}]}]}`,
	} {
		h.put(t, body)
	}
	return h
}

func (h *house) put(t testing.TB, body string) {
	t.Helper()
	r, err := fhir.ParseResource([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	w, err := record.Prepare(r.Ref(), []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.p.Commit(ctx, record.Change{Author: navigator, Reason: "test", Writes: []record.Write{w}}); err != nil {
		t.Fatal(err)
	}
}

func (h *house) set(s string)         { h.clock.Store(at(s).UnixNano()) }
func (h *house) pass(d time.Duration) { h.clock.Add(int64(d)) }
func (h *house) round(t testing.TB)   { must(t, escalate.Round(ctx, h.p)) }
func must(t testing.TB, err error)    { t.Helper(); fatal(t, err) }
func fatal(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (h *house) ask(t testing.TB, what string) string {
	t.Helper()
	r, err := h.requests.Receive(ctx, ods, self, request.Ask{
		Patient: "Patient/ann", Asker: request.Self, Channel: request.Web, Kind: request.NewProblem, What: what,
		HowLong: "1 day", Contact: request.Contact{How: "message"},
	}, what)
	must(t, err)
	return r.ID
}

// told are the people who have been sent messages, each as often as they were.
func (h *house) told(t testing.TB) (out []string) {
	t.Helper()
	page, err := h.p.Find(ctx, "Communication?status=preparation&category=alarm&_count=100")
	must(t, err)
	for _, v := range page.Matches {
		c, err := v.Resource()
		must(t, err)
		out = append(out, c.Get("recipient").First().Get("reference").Str())
		text := c.Get("payload").First().Get("contentString").Str()
		for _, secret := range []string{"Ann", "Example", "chest", "HW-"} {
			if strings.Contains(text+string(v.Body.Bytes), secret) {
				t.Errorf("a message to staff says %q: %s", secret, text)
			}
		}
	}
	return out
}

func (h *house) alarms(t testing.TB) []escalate.Alarm {
	t.Helper()
	all, err := escalate.List(ctx, h.p)
	must(t, err)
	return all
}

// An emergency that nobody takes rings on the screen, then tells its team, then
// the manager, and goes on until somebody takes it.
func TestAnEmergencyRingsUntilItIsTaken(t *testing.T) {
	hazard.Covers(t, "H-019")
	h := open(t)
	id := h.ask(t, "Crushing chest pain and sweating")
	h.round(t)
	if n := len(h.alarms(t)); n != 0 {
		t.Fatalf("%d alarms at once", n)
	}
	h.pass(5 * time.Minute)
	for range 3 { // looking again rings no more
		h.round(t)
	}
	all := h.alarms(t)
	if len(all) != 1 || all[0].Kind != escalate.Emergency || !all[0].Rings() || len(h.told(t)) != 0 {
		t.Fatalf("%+v", all)
	}
	h.pass(5 * time.Minute)
	h.round(t)
	h.round(t)
	if got := strings.Join(h.told(t), " "); got != "Practitioner/nav" {
		t.Errorf("after 5 minutes told: %s", got)
	}
	h.pass(25 * time.Minute)
	h.round(t)
	if got := h.told(t); len(got) != 4 { // the triage team once more, the manager by e-mail and text
		t.Errorf("after 30 minutes told: %v", got)
	}
	h.pass(30 * time.Minute)
	h.round(t)
	if got := h.told(t); len(got) != 6 {
		t.Errorf("not repeated: %v", got)
	}
	must(t, escalate.Take(ctx, h.p, navigator, "Nav", all[0].ID))
	if err := escalate.Take(ctx, h.p, record.Author{Ref: "Practitioner/gp", Role: care.RoleClinician}, "GP", all[0].ID); !fault.Is(err, fault.Conflict) {
		t.Errorf("taken twice: %v", err)
	}
	v, err := h.requests.Load(ctx, ods, id)
	must(t, err)
	if v.Owner.Ref != navigator.Ref || v.State != request.Working {
		t.Errorf("it is with %+v, %s", v.Owner, v.State)
	}
	h.pass(time.Hour / 2)
	h.round(t)
	if n := len(h.told(t)); n != 6 || len(h.alarms(t)) != 0 {
		t.Errorf("it rings on: %d, %+v", n, h.alarms(t))
	}
}

// Nobody is sent a message while the practice is shut; it goes when it opens.
func TestMessagesWaitForTheMorning(t *testing.T) {
	h := open(t)
	h.set("2026-11-23 20:00")
	h.ask(t, "Crushing chest pain and sweating")
	h.pass(3 * time.Hour)
	h.round(t)
	if len(h.alarms(t)) != 1 || len(h.told(t)) != 0 {
		t.Fatalf("%+v, told %v", h.alarms(t), h.told(t))
	}
	h.set("2026-11-24 08:00")
	h.round(t)
	if len(h.told(t)) == 0 {
		t.Error("nobody was told in the morning")
	}
}

func TestAwayLateAndHandedUp(t *testing.T) {
	hazard.Covers(t, "H-017")
	hazard.Covers(t, "H-019")
	h := open(t)
	id := h.ask(t, "A letter, please")
	do := func(cmd request.Command) {
		_, err := h.requests.Do(ctx, ods, navigator, id, "", cmd)
		must(t, err)
	}
	kind := func(want escalate.Kind) {
		t.Helper()
		h.round(t)
		all := h.alarms(t)
		if want == "" && len(all) == 0 || len(all) == 1 && all[0].Kind == want && all[0].Rings() {
			return
		}
		t.Errorf("want %q, have %+v", want, all)
	}
	do(request.Assign{To: request.Owner{Ref: "Practitioner/gp"}})
	kind("")
	h.put(t, `{"resourceType":"PractitionerRole","id":"gp-role","practitioner":{"reference":"Practitioner/gp"},"notAvailable":[{"description":"leave","during":{"start":"2026-11-20","end":"2026-11-24"}}]}`)
	kind(escalate.Away)
	do(request.Snooze{Until: at("2026-11-24 12:00"), Reason: "the lab"})
	kind("")
	do(request.Escalate{To: request.Owner{Ref: "Practitioner/boss"}, Reason: "worse"})
	kind(escalate.HandedUp)
	do(request.Take{By: request.Owner{Ref: navigator.Ref}})
	kind("")
	h.set("2026-11-24 18:31")
	kind(escalate.Late)
	do(request.Close{Outcome: request.AdminDone, Told: "Sent."})
	kind("")
}

func TestLostRingsUntilItIsSettled(t *testing.T) {
	h := open(t)
	must(t, escalate.Raise(ctx, h.p, "reconciliation", "1 difference"))
	must(t, escalate.Raise(ctx, h.p, "reconciliation", "1 difference"))
	h.pass(31 * time.Minute)
	h.round(t)
	all := h.alarms(t)
	if len(all) != 1 || all[0].Kind != escalate.Lost || len(h.told(t)) == 0 {
		t.Fatalf("%+v, told %v", all, h.told(t))
	}
	must(t, escalate.Take(ctx, h.p, record.Author{Ref: "Practitioner/boss", Role: care.RoleManager}, "Boss", all[0].ID))
	h.round(t)
	if all = h.alarms(t); len(all) != 1 || all[0].Rings() {
		t.Errorf("%+v", all)
	}
	must(t, escalate.Settle(ctx, h.p, "reconciliation"))
	if len(h.alarms(t)) != 0 {
		t.Error("not settled")
	}
}

func TestPathIsCheckedAndKept(t *testing.T) {
	h := open(t)
	p, err := escalate.LoadPath(ctx, h.p)
	must(t, err)
	for where, bad := range map[string]escalate.Path{
		"step-0": {Again: time.Hour},
		"step-1": {Again: time.Hour, Steps: []escalate.Step{{time.Hour, "owner", []escalate.Medium{"email"}}, {time.Minute, "owner", []escalate.Medium{"email"}}}},
		"again":  {Steps: p.Steps},
	} {
		if err := bad.Check(); err == nil || care.Fields(err)[0].Where != where {
			t.Errorf("%s: %v", where, err)
		}
	}
	p.Steps = p.Steps[:1]
	must(t, escalate.SavePath(ctx, h.p, navigator, p))
	if err := escalate.SavePath(ctx, h.p, navigator, p); !fault.Is(err, fault.Conflict) {
		t.Errorf("overwritten: %v", err)
	}
	if got, err := escalate.LoadPath(ctx, h.p); err != nil || len(got.Steps) != 1 || got.Steps[0].Who != "owner" {
		t.Errorf("%+v, %v", got, err)
	}
}

// However often and however late somebody looks, an alarm that nobody takes
// has taken every step that is due, and none twice at one look.
func TestEveryStepIsTakenInTheEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		path, now := escalate.Default(), at("2026-11-23 09:00")
		a, sent := escalate.Alarm{ID: "a"}, map[string]int{}
		for range rapid.IntRange(1, 40).Draw(t, "looks") {
			var steps []escalate.Step
			a, steps = escalate.Next(a, escalate.Late, true, path, now, opening.Core())
			if a.Step != path.Due(a, now) || len(steps) > len(path.Steps) {
				t.Fatalf("%+v at %s: %v", a, now, steps)
			}
			for _, s := range steps {
				sent[s.Who]++
			}
			now = now.Add(time.Duration(rapid.IntRange(0, 12).Draw(t, "minutes")) * time.Minute)
		}
		if due := path.Due(a, now.Add(-12*time.Minute)); due > 0 && sent["owner"] != 1 {
			t.Fatalf("%d steps are due and the owner was told %d times", due, sent["owner"])
		}
	})
}

package reconcile

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heartwood/internal/care"
	"heartwood/internal/care/message"
	"heartwood/internal/care/request"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/pebble"
)

// node is one of two processes on one log.
type node struct {
	store *record.Store
	reqs  *request.Service
	msgs  *message.Service
	p     *record.Practice
}

// history is a random history of one practice, and what is known of it.
type history struct {
	t     *rapid.T
	ods   ident.ODS
	nodes [2]*node
	clock *atomic.Int64
	pos   ident.Position
	views map[string]request.View // each request as it was after the last command
	made  map[string]string       // the key of a form → the request it made
	batch []string                // batches that can be taken back
	hub   hub                     // the practice that takes what is handed over
	jobs  map[string]bool         // those asked for, by id
	n     int
}

var (
	historyGP  = record.Author{Ref: "Practitioner/gp", Role: care.RoleClinician}
	historyNav = record.Author{Ref: "Practitioner/nav", Role: care.RoleNavigator}
	historyAnn = record.Author{Ref: "Patient/ann", Role: care.RolePatient}
)

// Whatever is done to requests, in any order, from two processes, with screens
// that are out of date and keys that come again: none is lost, none is there
// twice, none ends without an outcome, and neither urgency nor clock slips in
// silence. Nor when they are handed to another practice, which answers,
// sends back or lets them lie, when alarms ring and when jobs hang on them.
func TestAnyHistoryBalances(t *testing.T) {
	hazard.Covers(t, "H-001")
	hazard.Covers(t, "H-018")
	log, err := pebble.Open(pebble.Config{})
	if err != nil {
		t.Fatal(err)
	}
	clock := &atomic.Int64{}
	var stores [2]*record.Store
	for i := range stores {
		stores[i], err = record.Open(context.Background(), record.Config{Log: log, Poll: time.Millisecond, Now: func() time.Time { return time.Unix(0, clock.Load()) }})
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { _, _, _ = stores[0].Close(), stores[1].Close(), log.Close() })
	run := 0
	rapid.Check(t, func(t *rapid.T) {
		run++
		clock.Store(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC).UnixNano())
		h := begin(t, stores, clock, ident.ODS(fmt.Sprintf("Z%05d", run)))
		for range rapid.IntRange(5, 20).Draw(t, "commands") {
			h.step()
		}
		h.settle()
		h.balances()
	})
}

func begin(t *rapid.T, stores [2]*record.Store, clock *atomic.Int64, ods ident.ODS) *history {
	h := &history{t: t, ods: ods, clock: clock, pos: ident.Position{}, views: map[string]request.View{}, made: map[string]string{}, jobs: map[string]bool{}}
	for i, s := range stores {
		p, err := s.Practice(ods)
		if err != nil {
			t.Fatal(err)
		}
		h.nodes[i] = &node{s, request.New(s), message.New(s), p}
	}
	w, err := record.Prepare(ident.Ref{Type: "Patient", ID: "ann"}, []byte(`{"resourceType":"Patient","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000018"}],"birthDate":"1980-01-01","name":[{"given":["Ann"],"family":"Example"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.nodes[0].p.Commit(ctx, record.Change{Author: historyGP, Reason: "test", Writes: []record.Write{w}}); err != nil {
		t.Fatal(err)
	}
	h.agree()
	h.see(h.nodes[0])
	h.wait(h.nodes[1])
	h.receive(h.nodes[1])
	h.see(h.nodes[1])
	h.look(h.nodes[1], nil)
	return h
}

var ctx = context.Background()

// see makes sure that what a process has done is seen by the next that looks.
func (h *history) see(n *node) { h.pos.Merge(n.p.Position()) }

// step lets some time pass and does one thing through one of the processes.
func (h *history) step() {
	h.n++
	h.clock.Add(int64(time.Duration(rapid.OneOf(rapid.IntRange(1, 20), rapid.IntRange(1, 400)).Draw(h.t, "minutes")) * time.Minute))
	n := h.nodes[rapid.IntRange(0, 1).Draw(h.t, "process")]
	if rapid.Bool().Draw(h.t, "caught up") {
		h.wait(n)
		h.waitThere(n)
	}
	var cmd request.Command
	switch rapid.IntRange(0, 17).Draw(h.t, "deed") {
	case 0, 1:
		h.receive(n)
	case 2:
		h.reply(n)
		cmd = request.Returned{}
	case 3:
		h.merge(n)
	case 4:
		cmd = h.bulk(n)
	case 5, 6:
		h.handOver(n)
	case 7, 8:
		h.relay(n)
	case 9, 10:
		h.help(n)
	case 11:
		cmd = h.alarm(n)
	case 12:
		h.job(n)
	default:
		cmd = h.command()
		h.do(n, cmd)
	}
	h.see(n)
	h.look(n, cmd)
}

func (h *history) waitThere(n *node) {
	if err := h.there(n).Wait(ctx, h.hub.pos); err != nil {
		h.t.Fatal(err)
	}
}

func (h *history) wait(n *node) {
	if err := n.p.Wait(ctx, h.pos); err != nil {
		h.t.Fatal(err)
	}
}

// receive takes in a form: a new one, or one that was sent before.
func (h *history) receive(n *node) {
	key := fmt.Sprintf("form-%d", rapid.IntRange(0, h.n+1).Draw(h.t, "form"))
	got, err := n.reqs.Receive(ctx, h.ods, historyAnn, request.Ask{
		Patient: "Patient/ann", Asker: request.Self, Channel: request.Web, Kind: request.NewProblem, HowLong: "days",
		What:    rapid.SampledFrom([]string{"A letter", "My knee hurts", "I found a lump in my breast", "I have crushing chest pain"}).Draw(h.t, "what"),
		Contact: request.Contact{How: "message"},
	}, key)
	if err != nil {
		h.t.Fatal(err)
	}
	if was, again := h.made[key]; again && was != got.ID {
		h.t.Fatalf("one form made two requests: %s and %s", was, got.ID)
	}
	h.made[key] = got.ID
	if _, known := h.views[got.ID]; !known {
		h.views[got.ID] = request.View{}
	}
}

// one is a request, and the version of it that is on somebody's screen.
func (h *history) one() (id, seen string) {
	id = rapid.SampledFrom(sorted(h.views)).Draw(h.t, "request")
	switch rapid.IntRange(0, 3).Draw(h.t, "screen") {
	case 0:
		return id, ""
	case 1:
		return id, "s/1" // long out of date
	}
	return id, h.views[id].Version
}

func (h *history) by() record.Author {
	return rapid.SampledFrom([]record.Author{historyGP, historyNav}).Draw(h.t, "who")
}

func (h *history) command() request.Command {
	who := request.Owner{Ref: rapid.SampledFrom([]string{"Practitioner/gp", "Practitioner/nav", "CareTeam/triage"}).Draw(h.t, "owner")}
	reason := rapid.SampledFrom([]string{"", "looked at it"}).Draw(h.t, "reason")
	urgency := request.Urgency(rapid.IntRange(0, 4).Draw(h.t, "urgency"))
	if rapid.IntRange(0, 3).Draw(h.t, "triage") == 0 {
		return request.Confirm{Urgency: urgency, Reason: reason}
	}
	return rapid.SampledFrom([]request.Command{
		request.Assign{To: who},
		request.Start{To: who},
		request.Await{For: "a photo"},
		request.Spoke{},
		request.Close{Outcome: request.AdviceGiven, Told: rapid.SampledFrom([]string{"", "Rest."}).Draw(h.t, "told")},
		request.Reopen{Reason: reason},
		request.Snooze{Until: h.nodes[0].p.Now().Add(time.Duration(urgency) * 20 * time.Hour), Reason: reason, Past: rapid.Bool().Draw(h.t, "past")},
		request.Wake{},
		request.Escalate{To: who, Urgency: urgency, Reason: reason},
		request.Take{By: who},
		request.HandBack{To: who, Reason: reason},
		request.Split{What: "The other thing", To: who, Urgency: urgency, Reason: reason},
	}).Draw(h.t, "command")
}

func (h *history) do(n *node, cmd request.Command) {
	id, seen := h.one()
	_, err := n.reqs.Do(ctx, h.ods, h.by(), id, seen, cmd)
	h.tolerable(err)
	if err == nil && seen == "s/1" {
		h.t.Fatalf("%T was decided from a screen that is long out of date", cmd)
	}
}

func (h *history) reply(n *node) {
	id, _ := h.one()
	_, err := n.msgs.Reply(ctx, h.ods, historyAnn, message.Reply{Request: id, Text: "It is the same."}, fmt.Sprintf("reply-%d", rapid.IntRange(0, h.n).Draw(h.t, "reply")))
	h.tolerable(err)
}

func (h *history) merge(n *node) {
	id, seen := h.one()
	into, _ := h.one()
	h.tolerable(n.reqs.Merge(ctx, h.ods, h.by(), id, seen, request.Merge{Into: into}, fmt.Sprintf("merge-%d", h.n)))
}

// bulk does one thing to many, or takes back what was done.
func (h *history) bulk(n *node) request.Command {
	if len(h.batch) > 0 && rapid.Bool().Draw(h.t, "take back") {
		_, err := n.reqs.Undo(ctx, h.ods, h.by(), rapid.SampledFrom(h.batch).Draw(h.t, "batch"))
		h.tolerable(err)
		return nil
	}
	var picked []request.Picked
	for range rapid.IntRange(1, 3).Draw(h.t, "many") {
		id, seen := h.one()
		picked = append(picked, request.Picked{ID: id, Version: seen})
	}
	cmd := h.command()
	b, err := n.reqs.Bulk(ctx, h.ods, h.by(), picked, cmd, fmt.Sprintf("bulk-%d", h.n))
	h.tolerable(err)
	if err == nil {
		h.batch = append(h.batch, b.ID)
	}
	return cmd
}

// tolerable: what is not allowed is refused in one of the ways that a person
// can do something about; nothing fails.
func (h *history) tolerable(err error) {
	if err != nil && fault.From(err).Kind == fault.Internal {
		h.t.Fatal(err)
	}
}

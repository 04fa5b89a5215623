package reconcile

import (
	"fmt"
	"strings"
	"time"

	"pgregory.net/rapid"

	"heartwood/internal/care"
	"heartwood/internal/care/escalate"
	"heartwood/internal/care/overflow"
	"heartwood/internal/care/request"
	"heartwood/internal/care/search"
	"heartwood/internal/care/task"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// hub is the other practice of a history: what is handed over goes there.
type hub struct {
	ods  ident.ODS
	name string
	pos  ident.Position
}

var historyHub = record.Author{Ref: "Practitioner/hub", Role: care.RoleClinician}

// agree has both practices agree on what is handed over.
func (h *history) agree() {
	h.hub = hub{ods: "H" + h.ods[1:], name: "The hub", pos: ident.Position{}}
	terms := overflow.Terms{Kinds: []string{"new-problem"}, Priorities: []string{"routine", "urgent", "asap"}, PerDay: 2, From: 0, To: 24 * 60, Summary: true}
	there := h.there(h.nodes[0])
	for _, err := range []error{
		overflow.Save(ctx, h.nodes[0].p, historyNav, overflow.Agreement{Partner: h.hub.ods, Name: h.hub.name, Gives: terms}),
		overflow.Save(ctx, there, historyHub, overflow.Agreement{Partner: h.ods, Name: "Home", Takes: terms}),
	} {
		if err != nil {
			h.t.Fatal(err)
		}
	}
	h.seen(there)
}

// there is the hub's record as one process has it.
func (h *history) there(n *node) *record.Practice {
	p, err := n.store.Practice(h.hub.ods)
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

func (h *history) seen(there *record.Practice) { h.hub.pos.Merge(there.Position()) }

// handOver asks the patient and hands a request to the hub.
func (h *history) handOver(n *node) {
	id, seen := h.one()
	h.tolerable(overflow.HandOver(ctx, n.p, historyNav, overflow.Offer{
		Request: id, Seen: seen, Partner: h.hub.ods, Agreed: true, How: "on the phone",
	}, fmt.Sprintf("offer-%d", rapid.IntRange(0, h.n).Draw(h.t, "offer"))))
	h.see(n)
	if rapid.IntRange(0, 3).Draw(h.t, "carried at once") > 0 {
		m := h.nodes[rapid.IntRange(0, 1).Draw(h.t, "carrier")]
		h.wait(m)
		h.relay(m)
		h.see(m)
	}
}

// relay carries what was handed over a step further.
func (h *history) relay(n *node) {
	h.tolerable(overflow.Relay{Practice: n.store.Practice}.Round(ctx, n.p))
	h.seen(h.there(n))
}

// taken are the requests that the hub has.
func (h *history) taken(there *record.Practice) (out []request.View) {
	h.find(there, "Task?code="+care.TaskCode+"%7Crequest", func(v record.Version) {
		r, err := request.FromTask(v)
		if err != nil {
			h.t.Fatal(err)
		}
		out = append(out, r)
	})
	return out
}

func (h *history) find(p *record.Practice, query string, fn func(record.Version)) {
	err := search.Each(ctx, p, query, func(v record.Version, _ *fhir.Resource) error {
		fn(v)
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// help lets the hub do something with what it has.
func (h *history) help(n *node) {
	there := h.there(n)
	all := h.taken(there)
	if len(all) == 0 {
		return
	}
	r := rapid.SampledFrom(all).Draw(h.t, "theirs")
	who := request.Owner{Ref: historyHub.Ref, Name: "The hub's doctor"}
	cmd := rapid.SampledFrom([]request.Command{
		request.Start{To: who},
		request.Close{Outcome: request.AdviceGiven, Told: "Gargle."},
		request.Close{Outcome: request.NotOurPatient, Told: "Please ask your own practice."},
		request.Reopen{Reason: "there is more"},
		request.Await{For: "a photo"},
		request.Split{What: "The other thing", To: who},
	}).Draw(h.t, "help")
	_, err := n.reqs.Do(ctx, h.hub.ods, historyHub, r.ID, "", cmd)
	h.tolerable(err)
	h.seen(there)
}

// alarm looks for what needs an alarm, or takes one.
func (h *history) alarm(n *node) request.Command {
	if rapid.Bool().Draw(h.t, "round") {
		h.tolerable(escalate.Round(ctx, n.p))
		return nil
	}
	all, err := escalate.List(ctx, n.p)
	if err != nil {
		h.t.Fatal(err)
	}
	if len(all) > 0 {
		h.tolerable(escalate.Take(ctx, n.p, historyNav, "Nav", rapid.SampledFrom(all).Draw(h.t, "alarm").ID))
	}
	return request.Take{}
}

// job asks a colleague for something about a request, or decides about a job.
func (h *history) job(n *node) {
	jobs := task.NewService(n.store)
	if len(h.jobs) == 0 || rapid.Bool().Draw(h.t, "ask") {
		id, _ := h.one()
		j, err := jobs.Create(ctx, h.ods, historyNav, task.New{What: "Ring them", Request: id, Owner: historyGP.Ref}, fmt.Sprintf("job-%d", h.n))
		h.tolerable(err)
		if err == nil {
			h.jobs[j.ID] = true
		}
		return
	}
	ids := make([]string, 0, len(h.jobs))
	h.find(n.p, "Task?code="+care.TaskCode+"%7Cjob", func(v record.Version) { ids = append(ids, v.Ref.ID) })
	if len(ids) == 0 {
		return // this process has not seen any yet
	}
	_, err := jobs.Do(ctx, h.ods, historyGP, rapid.SampledFrom(ids).Draw(h.t, "job"), "", rapid.SampledFrom([]task.Command{
		task.Complete{Result: "Done."}, task.Cancel{Reason: "Not needed."}, task.Reopen{Reason: "Once more."},
	}).Draw(h.t, "decision"))
	h.tolerable(err)
}

// settle lets the relay and the alarms run until nothing is on its way, and
// then holds the other practice, the alarms and the jobs against each other.
func (h *history) settle() {
	for range 8 { // owed, sent, taken, answered; and each side catches up
		for _, n := range h.nodes {
			h.wait(n)
			h.waitThere(n)
			h.relay(n)
			h.see(n)
		}
	}
	n := h.nodes[0]
	h.wait(n)
	h.tolerable(escalate.Round(ctx, n.p))
	h.see(n)
	h.handed(n)
	h.rings(n)
	h.kept(n)
}

// handed: what is with the other practice is open there, or on its way; and
// what has come home is nobody's there.
func (h *history) handed(n *node) {
	theirs := map[string]request.View{}
	for _, r := range h.taken(h.there(n)) {
		theirs[r.ID] = r
	}
	for _, id := range sorted(h.views) {
		r, err := n.reqs.Load(ctx, h.ods, id)
		if err != nil {
			h.t.Fatal(err)
		}
		o, was, err := overflow.Of(ctx, n.p, id)
		if err != nil {
			h.t.Fatal(err)
		}

		away := r.Open() && strings.HasPrefix(r.Owner.Ref, "Organization/")
		ended := o.State == overflow.Done || o.State == overflow.Returned
		switch over := theirs[o.ID]; {
		case away && (!was || ended):
			h.t.Fatalf("%s is with another practice, and nothing brings it back: %+v", id, o)
		case away && !over.Open():
			h.t.Fatalf("%s waits for an answer that nobody owes: %+v there", id, over)
		case was && o.State == overflow.Returned && over.ID != "" && over.Open():
			h.t.Fatalf("%s has come home and is open at the other practice too", id)
		}
	}
	for _, m := range h.nodes {
		h.waitThere(m)
		rep, err := New(m.store).Run(ctx, h.hub.ods, n.p.Now().AddDate(0, -1, 0), n.p.Now().Add(time.Hour))
		if err != nil || !rep.Balanced() || rep.Total.In != len(theirs) {
			h.t.Fatalf("the other practice has %d: %+v, %v", len(theirs), rep, err)
		}
	}
}

// rings: what needs an alarm has one, and none rings for what does not.
func (h *history) rings(n *node) {
	all, err := escalate.List(ctx, n.p)
	if err != nil {
		h.t.Fatal(err)
	}
	has := map[string]bool{}
	for _, a := range all {
		has[a.Request.ID] = true
	}
	for _, id := range sorted(h.views) {
		r, err := n.reqs.Load(ctx, h.ods, id)
		if err != nil {
			h.t.Fatal(err)
		}
		wants := false
		if r.Open() {
			_, wants = escalate.Wants(r, n.p.Now(), func(string) bool { return false })
		}
		if wants && !has[id] || !r.Open() && has[id] {
			h.t.Fatalf("wants an alarm: %v; has one: %v: %+v", wants, has[id], r)
		}
	}
}

// kept: every job that was asked for is there, and is no request.
func (h *history) kept(n *node) {
	for id := range h.jobs {
		v, err := n.p.Read(ctx, ident.Ref{Type: "Task", ID: id})
		if err != nil {
			h.t.Fatal(err)
		}
		if _, err := task.JobOf(v); err != nil {
			h.t.Fatal(err)
		}
	}
	if err := errOf(n.reqs.Do(ctx, h.ods, historyGP, anyOf(h.jobs), "", request.Spoke{})); len(h.jobs) > 0 && !fault.Is(err, fault.NotFound) {
		h.t.Fatalf("a job was taken for a request: %v", err)
	}
}

func errOf[T any](_ T, err error) error { return err }

func anyOf(m map[string]bool) string {
	for id := range m {
		return id
	}
	return "none"
}

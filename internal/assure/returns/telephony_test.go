package returns_test

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"heartwood/internal/assure/returns"
	"heartwood/internal/care/callflow"
	"heartwood/internal/hazard"
	"heartwood/internal/record"
)

// line is a practice's telephone, driven by the machine that drives the real
// one.
type line struct {
	*surgery
	s    *callflow.Service
	plan callflow.Plan
	n    int
}

func telephone(t *testing.T) *line {
	s := open(t)
	plan, err := callflow.Load(ctx, s.p)
	must(t, err)
	plan.Nodes = append(plan.Nodes, callflow.Node{ID: "machine", Kind: callflow.Voicemail, Name: "Message", Says: []string{"shut"}})
	plan.Nodes[2].Keys = append(plan.Nodes[2].Keys, callflow.Key{Digit: "9", Name: "Message", To: "machine"})
	return &line{surgery: s, s: callflow.NewService(s.store), plan: plan}
}

// did is an event so long after the one before.
type did struct {
	after time.Duration
	e     callflow.Event
}

func (l *line) call(when string, events ...did) callflow.Call {
	l.t.Helper()
	l.n++
	l.now(when)
	c := callflow.Call{}
	from := fmt.Sprintf("+4477009001%02d", l.n)
	first := did{e: callflow.Event{What: callflow.Arrived, Call: fmt.Sprint("call", l.n), From: from, To: "+442079460123"}}
	for _, d := range append([]did{first}, events...) {
		l.clock.Add(int64(d.after))
		d.e.At = l.p.Now()
		next, acts, err := callflow.Next(l.plan, c, d.e, callflow.Facts{Open: true})
		must(l.t, err)
		c, err = l.s.Keep(ctx, "Z99901", record.System, next, acts)
		must(l.t, err)
	}
	return c
}

func press(d string) did { return did{5 * time.Second, callflow.Event{What: callflow.Digit, Digit: d}} }

func after(d time.Duration, what callflow.Happening) did {
	return did{d, callflow.Event{What: what, By: map[callflow.Happening]string{callflow.Offered: "Practitioner/n", callflow.Picked: "Practitioner/n"}[what]}}
}

func picked(wait, talk time.Duration) []did {
	return []did{press("1"), after(wait, callflow.Offered), after(0, callflow.Picked), after(talk, callflow.HungUp)}
}

// month is a month of calls with every outcome.
func (l *line) month() {
	l.call("2026-11-02 08:00", after(3*time.Second, callflow.HungUp))
	l.call("2026-11-02 18:29", picked(30*time.Second, 90*time.Second)...)
	l.call("2026-11-02 18:30", picked(60*time.Second, 5*time.Minute)...)
	l.call("2026-11-03 08:59", picked(5*time.Minute, 301*time.Second)...)
	l.call("2026-11-03 09:00", press("1"), after(6*time.Minute, callflow.HungUp))
	l.call("2026-11-30 23:59", press("9"), after(20*time.Second, callflow.Recorded))
	for _, key := range []string{"first", "second"} {
		c := l.call("2026-11-04 10:00", press("1"), after(3*time.Minute, callflow.Tick), press(callflow.CallBackKey))
		if key == "first" {
			_, err := l.s.Change(ctx, "Z99901", record.System, c.Task, callflow.Tried{By: "Practitioner/n", Through: true})
			must(l.t, err)
		}
	}
	l.call("2026-10-31 23:59", after(time.Second, callflow.HungUp)) // another month
	l.call("2026-12-01 00:00", after(time.Second, callflow.HungUp))
	out, acts, err := callflow.Next(l.plan, callflow.Call{}, callflow.Event{What: callflow.Dialling, Call: "out1", From: "+442079460123", To: "+447700900199", At: at("2026-11-05 10:00")}, callflow.Facts{})
	must(l.t, err)
	_, err = l.s.Keep(ctx, "Z99901", record.System, out, acts)
	must(l.t, err)
	l.now("2026-12-02 09:00")
}

func TestTelephony(t *testing.T) {
	l := telephone(t)
	l.month()
	r := l.make(returns.Calls, "2026-11")
	if !r.Balanced() || len(r.Checks) != 4 || r.Checks[0].Return != 8 {
		t.Errorf("%+v", r.Checks)
	}
	sums := map[string]int{}
	zeros := 0
	for _, x := range rows(t, r, "cbt-aggregated") {
		n, err := strconv.Atoi(x["Value"])
		must(t, err)
		sums[x["Metric"]] += n
		if of := strings.Join(strings.Fields(x["Metric"]+" "+x["Date"]+" "+x["Band"]), " "); of != x["Metric"] {
			sums[of] = n
		}
		if n == 0 {
			zeros++
		}
	}
	for name, want := range map[string]int{
		"CBT001": 8, "CBT002": 1, "CBT003": 3, "CBT004": 2, "CBT005": 2, "CBT006": 1, "CBT007": 3,
		"CBT001 2026-11-02 08:00-09:59": 1, "CBT001 2026-11-02 18:00-18:29": 1, "CBT001 2026-11-02 18:30-23:59": 1, "CBT001 2026-11-30 18:30-23:59": 1,
		"CBT003 Less than 1 minute": 1, "CBT003 1 - 2 minutes": 1, "CBT003 2 - 5 minutes": 1, "CBT003 Longer than 5 minutes": 0,
		"CBT004 Less than 1 minute": 1, "CBT004 Longer than 5 minutes": 1, "CBT007 1 - 2 minutes": 1, "CBT007 2 - 5 minutes": 1, "CBT007 Longer than 5 minutes": 1,
	} {
		if sums[name] != want {
			t.Errorf("%s: %d, want %d", name, sums[name], want)
		}
	}
	if zeros == 0 || len(rows(t, r, "cbt-day-and-time")) != 30 || len(rows(t, r, "cbt-call-level")) != 8 {
		t.Error("what counts nothing has no row")
	}
	if x := rows(t, r, "cbt-outcomes")[0]; x["Count of Inbound calls"] != "8" || x["Answered %"] != "0.375" || x["Call back made % of requested"] != "0.500" || x["GP Practice (ODS_CODE)"] != "Z99901" {
		t.Errorf("%v", x)
	}
	if x := rows(t, r, "cbt-answered")[0]; x["Wait time: 1 - 2 minutes"] != "1" || x["Duration: Longer than 5 minutes %"] != "0.333" {
		t.Errorf("%v", x)
	}
	if x := rows(t, r, "cbt-missed")[0]; x["Missed"] != "2" || x["Wait time: Longer than 5 minutes"] != "1" {
		t.Errorf("%v", x)
	}
	for _, f := range r.Files {
		if bytes.Contains(f.Body, []byte("7700900")) || bytes.Contains(f.Body, []byte("20794")) {
			t.Errorf("a telephone number is in %s", f.Name)
		}
	}
}

// A practice without a call returns its zeros; a call that has no outcome makes
// the return not balance, and is named.
func TestTelephonyChecks(t *testing.T) {
	hazard.Covers(t, "H-044")
	l := telephone(t)
	if r := l.make(returns.Calls, "2026-11"); !r.Balanced() || len(rows(t, r, "cbt-day-and-time")) != 30 || rows(t, r, "cbt-outcomes")[0]["Answered %"] != "" {
		t.Errorf("%+v", r.Checks)
	}
	c := l.call("2026-11-02 08:00", press("1"))
	l.now("2026-12-02 09:00")
	r := l.make(returns.Calls, "2026-11")
	if r.Balanced() || len(r.Checks[0].Named) != 1 || !strings.Contains(r.Checks[0].Named[0], c.ID) {
		t.Errorf("%+v", r.Checks)
	}
	must(t, returns.Keep(ctx, l.p, record.System, r))
	if done, err := returns.History(ctx, l.p); err != nil || len(done) != 1 || done[0].Kind != returns.Calls || done[0].Balanced {
		t.Errorf("%+v, %v", done, err)
	}
}

package returns

import (
	"context"
	"fmt"
	"slices"
	"time"

	"heartwood/internal/care/callflow"
	"heartwood/internal/record"
	"heartwood/internal/view/measure"
	"heartwood/internal/words"
)

// The metrics of the national collection of cloud based telephony, each with
// its definition. A call counts in the month, and in the time band, in which it
// came in.
//
// Requirements: https://digital.nhs.uk/data-and-information/data-collections-and-data-sets/data-collections/cloud-based-telephony
const (
	// Inbound calls: every call that came in to a number of the practice,
	// whatever became of it. One who rings again is another call.
	inbound = "CBT001"
	// Ended in the menu: the caller rang off, or the plan had no more to say,
	// before the call came to a queue. The text is silent about a call that the
	// menu sends on to a number outside: it did not queue here, and is counted
	// here.
	ended = "CBT002"
	// Answered: a person picked up, of the practice or of one that answers for
	// it. By how long the caller had waited in the queue; a wait in an earlier
	// call whose place was kept is that call's.
	answered = "CBT003"
	// Missed: the caller left while queueing. Who left a voicemail is counted
	// here too, with the time in the queue before it. By the wait.
	missed = "CBT004"
	// Call back requested: the wait ended with a call that is owed. It is not
	// answered, also once it was made.
	requested = "CBT005"
	// Call back made: of the calls in CBT005, those whose caller was reached by
	// the time at which the return was produced. The code of this metric is
	// inferred: the text was not seen to name it, nor to say in which month a
	// call back counts that was asked for in another.
	made = "CBT006"
	// Answered, by how long the call lasted from being answered.
	lasted = "CBT007"
)

// lengths are the bands of waits and durations. The text does not say where a
// whole minute belongs: here with the band that it begins, and 5 minutes with
// those up to 5, for the last band is of more than 5.
var lengths = [4]string{"Less than 1 minute", "1 - 2 minutes", "2 - 5 minutes", "Longer than 5 minutes"}

func lengthOf(d time.Duration) int {
	switch {
	case d < time.Minute:
		return 0
	case d < 2*time.Minute:
		return 1
	case d <= 5*time.Minute:
		return 2
	}
	return 3
}

// callBands are the time bands: those of online requests, the last in two.
var callBands = append(slices.Clone(measure.Bands[:7]), "18:00-18:29", "18:30-23:59")

func callBand(t time.Time) int {
	b := measure.BandOf(t)
	if l := t.In(words.London); b == 7 && (l.Hour() > 18 || l.Minute() >= 30) {
		return 8
	}
	return b
}

// telephony is a month's calls, counted once.
type telephony struct {
	calls    []callflow.Call // that came in
	days     []time.Time
	times    map[[2]int]int // by day of the month, from 0, and time band
	ended    int
	asked    int
	made     int
	waited   [4]int // answered
	talked   [4]int
	left     [4]int // missed
	open     []string
	reached  map[string]bool // calls back that were made
	pickedUp int             // counted by the steps of the calls
}

func sum(n [4]int) int { return n[0] + n[1] + n[2] + n[3] }

// telephony makes the monthly file of calls, aggregated and call by call. Only
// practices that have agreed to take part return it (CQRS), between the 1st and
// the 5th of the month after.
func (r *Return) telephony(ctx context.Context, store *record.Store, p *record.Practice) error {
	s := callflow.NewService(store)
	all, err := s.Between(ctx, p.ODS(), r.Span.From, r.Span.To)
	if err != nil {
		return err
	}
	back, err := s.CallsBack(ctx, p.ODS(), r.Span.From, r.Span.To.AddDate(0, 0, 1))
	if err != nil {
		return err
	}
	t := telephony{times: map[[2]int]int{}, reached: map[string]bool{}}
	for d := r.Span.From; d.Before(r.Span.To); d = d.AddDate(0, 0, 1) {
		t.days = append(t.days, d)
	}
	for _, b := range back {
		t.reached[b.ID] = b.State == callflow.Made
	}
	for _, c := range all {
		if c.Direction == callflow.In {
			t.count(c)
		}
	}
	r.checkCalls(t)
	return r.callFiles(t)
}

func (t *telephony) count(c callflow.Call) {
	t.calls = append(t.calls, c)
	t.times[[2]int{c.Began.In(words.London).Day() - 1, callBand(c.Began)}]++
	if slices.ContainsFunc(c.Steps, func(s callflow.Step) bool { return s.What == string(callflow.Picked) }) {
		t.pickedUp++
	}
	wait, talk := lengthOf(c.Wait(c.Ended)), lengthOf(c.Talked(c.Ended))
	switch c.Outcome {
	case callflow.InMenu:
		t.ended++
	case callflow.Answered:
		t.waited[wait]++
		t.talked[talk]++
	case callflow.Missed:
		t.left[wait]++
	case callflow.ToCall:
		t.asked++
		if t.reached[c.Task] {
			t.made++
		}
	default:
		t.open = append(t.open, c.ID+": a call without an outcome")
	}
}

func (r *Return) checkCalls(t telephony) {
	times, outcomes := 0, t.ended+sum(t.waited)+sum(t.left)+t.asked
	for _, n := range t.times {
		times += n
	}
	r.Checks = append(r.Checks,
		Check{"Inbound calls (CBT001)", len(t.calls), outcomes, "ended in the menu, answered, missed and call back requested together (CBT002, 003, 004, 005)", t.open},
		Check{"Answered by wait (CBT003)", sum(t.waited), sum(t.talked), "answered by duration (CBT007)", nil},
		Check{"Answered (CBT003)", sum(t.waited), t.pickedUp, "calls with a step in which somebody picked up", nil},
		Check{"Inbound calls (CBT001)", len(t.calls), times, "all days and times together", nil},
	)
}

// outcome is the metric that a call counts in beside CBT001; "" for none.
func outcome(c callflow.Call) string {
	return map[callflow.Outcome]string{callflow.InMenu: ended, callflow.Answered: answered, callflow.Missed: missed, callflow.ToCall: requested}[c.Outcome]
}

// share is n as a part of all, as the published tables have it; "" of none.
func share(n, of int) string {
	if of == 0 {
		return ""
	}
	return fmt.Sprintf("%.3f", float64(n)/float64(of))
}

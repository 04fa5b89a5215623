package surge

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"heartwood/internal/bench/browse"
)

// meter gathers what is measured.
type meter struct {
	mu       sync.Mutex // protects all below
	took     map[string][]time.Duration
	errors   map[string]int
	forms    int // sent, with a receipt
	left     int // begun and left, as meant
	calls    int // typed in, with a receipt
	failed   int
	why      []string
	streams  int // event streams that broke off
	receipts map[string][]time.Time
	base     map[string]int // what each queue showed at first
	lags     map[string][]time.Duration
}

func newMeter() *meter {
	return &meter{
		took: map[string][]time.Duration{}, errors: map[string]int{},
		receipts: map[string][]time.Time{}, base: map[string]int{}, lags: map[string][]time.Duration{},
	}
}

// saw tells the meter of every answer to people of one kind. What is cut off
// because the run is over does not count.
func (m *meter) saw(kind string) func(browse.Answer) {
	return func(a browse.Answer) {
		k := kind
		if strings.HasPrefix(a.Path, "/assets/") {
			k = "asset"
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		m.took[k] = append(m.took[k], a.Took)
		if a.Err != nil || a.Status >= 400 {
			m.errors[k]++
		}
	}
}

func (m *meter) broke() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.streams++
}

func (m *meter) received(code string, at time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.receipts[code] = append(m.receipts[code], at)
}

// shown notes that a screen of the practice showed n open requests: then the
// first n - base receipts stand on it. The first screen to show one counts.
func (m *meter) shown(code string, n int, at time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.base[code]; !ok {
		m.base[code] = n
	}
	got := m.receipts[code]
	for i := len(m.lags[code]); i < min(n-m.base[code], len(got)); i++ {
		m.lags[code] = append(m.lags[code], max(0, at.Sub(got[i])))
	}
}

// caught tells whether every receipt stands on a screen.
func (m *meter) caught() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for code, got := range m.receipts {
		if len(m.lags[code]) < len(got) {
			return false
		}
	}
	return true
}

// Result is one surge as it was measured.
type Result struct {
	Patients int      `json:"patients"`
	Times    float64  `json:"times"`
	Seconds  float64  `json:"seconds"`
	Forms    int      `json:"formsSent"`
	Left     int      `json:"formsLeft"`
	Calls    int      `json:"callsTypedIn"`
	Failed   int      `json:"peopleWhoFailed"`
	Why      []string `json:"why,omitempty"`
	Streams  int      `json:"streamsBroken"`
	Unshown  int      `json:"receiptsNotOnAScreen"`
	Rows     []Row    `json:"rows"`
	Lag      Row      `json:"lag"` // from a receipt to a navigator's screen
}

// Row is one kind of answer.
type Row struct {
	Kind   string  `json:"kind"`
	Count  int     `json:"count"`
	PerSec float64 `json:"perSecond"`
	P50    float64 `json:"p50Milliseconds"`
	P95    float64 `json:"p95Milliseconds"`
	P99    float64 `json:"p99Milliseconds"`
	Errors int     `json:"errors"`
}

func (s *surge) result(took time.Duration) Result {
	m := s.meter
	m.mu.Lock()
	defer m.mu.Unlock()
	r := Result{
		Patients: s.Patients, Times: s.Times, Seconds: took.Seconds(), Forms: m.forms, Left: m.left, Calls: m.calls,
		Failed: m.failed, Why: m.why, Streams: m.streams,
	}
	for _, k := range []string{"patient", "staff", "asset"} {
		r.Rows = append(r.Rows, row(k, m.took[k], m.errors[k], took))
	}
	var lags []time.Duration
	for code, got := range m.receipts {
		lags = append(lags, m.lags[code]...)
		r.Unshown += len(got) - len(m.lags[code])
	}
	r.Lag = row("on a screen", lags, 0, took)
	return r
}

func row(kind string, took []time.Duration, errors int, over time.Duration) Row {
	slices.Sort(took)
	at := func(q float64) float64 {
		if len(took) == 0 {
			return 0
		}
		return float64(took[min(len(took)-1, int(q*float64(len(took))))].Microseconds()) / 1000
	}
	return Row{
		Kind: kind, Count: len(took), PerSec: float64(len(took)) / over.Seconds(),
		P50: at(0.50), P95: at(0.95), P99: at(0.99), Errors: errors,
	}
}

// Print writes the result as a table.
func (r Result) Print(out io.Writer) {
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(out, format, args...) }
	say("%d patients, %g times a Monday morning, %.0f s: %d forms sent, %d begun and left, %d calls typed in, %d people failed\n",
		r.Patients, r.Times, r.Seconds, r.Forms, r.Left, r.Calls, r.Failed)
	say("%-14s %8s %10s %9s %9s %9s %7s\n", "", "answers", "per second", "p50 ms", "p95 ms", "p99 ms", "errors")
	for _, x := range append(r.Rows, r.Lag) {
		say("%-14s %8d %10.1f %9.1f %9.1f %9.1f %7d\n", x.Kind, x.Count, x.PerSec, x.P50, x.P95, x.P99, x.Errors)
	}
	if r.Unshown > 0 || r.Streams > 0 {
		say("%d receipts were on no screen; %d streams broke off\n", r.Unshown, r.Streams)
	}
	for _, w := range r.Why {
		say("failed: %s\n", w)
	}
	say("\n")
}

// Package bench measures a FHIR base from outside, with the same client
// whatever server is behind it.
//
// What comes in: a base address, a token and how many clients. What goes out:
// a table for people and the same figures as JSON: durable creates, reads,
// searches, a mix and imported resources a second, how long they took, and
// the memory of the server. It must never be pointed at real records: it
// writes synthetic patients into the base that it measures.
package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Config says what to measure and how long.
type Config struct {
	Base     string        // "http://127.0.0.1:8080/fhir/Z99901"
	Token    string        // bearer token; "" for none
	Clients  int           // at once; 16 when 0
	Duration time.Duration // of each measurement; 5 s when 0
	PID      int           // the server's process, for its memory; 0 to leave out
	Bundle   int           // resources in a transaction of the import; 100 when 0
}

// Result is everything that was measured.
type Result struct {
	Clients int       `json:"clients"`
	Seconds float64   `json:"secondsEach"`
	Rows    []Row     `json:"rows"`
	RSS     uint64    `json:"rssBytes,omitempty"`     // of the server at the end
	Peak    uint64    `json:"peakRSSBytes,omitempty"` // of the server at its highest
	At      time.Time `json:"at"`
}

// Row is one measurement.
type Row struct {
	Name   string  `json:"name"`
	Unit   string  `json:"unit"`
	Count  int64   `json:"count"`
	PerSec float64 `json:"perSecond"`
	P50    float64 `json:"p50Milliseconds"`
	P99    float64 `json:"p99Milliseconds"`
	Errors int64   `json:"errors"`
}

// Run takes every measurement in turn and prints the table to out.
func Run(ctx context.Context, c Config, out io.Writer) (Result, error) {
	if c.Clients == 0 {
		c.Clients = 16
	}
	if c.Duration == 0 {
		c.Duration = 5 * time.Second
	}
	if c.Bundle == 0 {
		c.Bundle = 100
	}
	r := newRunner(c)
	res := Result{Clients: c.Clients, Seconds: c.Duration.Seconds(), At: time.Now().UTC()}
	if err := r.seed(ctx); err != nil {
		return res, fmt.Errorf("bench: the base does not take a first patient: %w", err)
	}
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(out, format, args...) }
	say("%-22s %12s %10s %10s %8s\n", "", "per second", "p50 ms", "p99 ms", "errors")
	for _, m := range r.measurements() {
		row, err := r.measure(ctx, m)
		if err != nil {
			return res, err
		}
		res.Rows = append(res.Rows, row)
		say("%-22s %12.0f %10.2f %10.2f %8d\n", row.Name, row.PerSec, row.P50, row.P99, row.Errors)
	}
	if c.PID != 0 {
		res.RSS, res.Peak = memory(c.PID)
		say("%-22s %9d MB %7d MB at its highest\n", "memory of the server", res.RSS>>20, res.Peak>>20)
	}
	return res, ctx.Err()
}

// measurement is one kind of work; once does it one time.
type measurement struct {
	name, unit string
	weight     int64 // resources that one request counts for
	once       func(ctx context.Context, w *worker) error
}

type runner struct {
	Config
	http     *http.Client
	patients ids
	made     atomic.Int64
}

func newRunner(c Config) *runner {
	d := net.Dialer{Timeout: 10 * time.Second}
	return &runner{Config: c, http: &http.Client{
		Transport: &http.Transport{
			DialContext: d.DialContext, MaxIdleConns: c.Clients, MaxIdleConnsPerHost: c.Clients,
			DisableCompression: true, WriteBufferSize: 16 << 10, ReadBufferSize: 16 << 10,
		},
		Timeout: 2 * time.Minute,
	}}
}

// measure runs one measurement with every client for its time.
func (r *runner) measure(ctx context.Context, m measurement) (Row, error) {
	// A clock, not the context, ends the work: no request is cut off half way.
	end := time.Now().Add(r.Duration)
	workers := make([]*worker, r.Clients)
	var wg sync.WaitGroup
	start := time.Now()
	for i := range workers {
		w := newWorker(r, i)
		workers[i] = w
		wg.Go(func() {
			for time.Now().Before(end) && ctx.Err() == nil {
				at := time.Now()
				if err := m.once(ctx, w); err != nil {
					w.errors++
					w.last = err
					continue
				}
				w.took = append(w.took, time.Since(at))
			}
		})
	}
	wg.Wait()
	return m.row(workers, time.Since(start))
}

func (m measurement) row(workers []*worker, took time.Duration) (Row, error) {
	row := Row{Name: m.name, Unit: m.unit}
	var all []time.Duration
	var last error
	for _, w := range workers {
		all = append(all, w.took...)
		row.Errors += w.errors
		if w.last != nil {
			last = w.last
		}
	}
	if len(all) == 0 {
		return row, fmt.Errorf("bench: %s: nothing succeeded: %w", m.name, last)
	}
	slices.Sort(all)
	row.Count = int64(len(all)) * m.weight
	row.PerSec = float64(row.Count) / took.Seconds()
	row.P50 = ms(all[len(all)/2])
	row.P99 = ms(all[min(len(all)-1, len(all)*99/100)])
	return row, nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// memory reads what Linux says of a process, in bytes; zeros elsewhere.
func memory(pid int) (rss, peak uint64) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0, 0
	}
	read := func(name string) uint64 {
		_, rest, _ := bytes.Cut(b, []byte("\n"+name+":"))
		f := strings.Fields(string(rest[:min(len(rest), 64)]))
		if len(f) == 0 {
			return 0
		}
		kb, _ := strconv.ParseUint(f[0], 10, 64)
		return kb << 10
	}
	return read("VmRSS"), read("VmHWM")
}

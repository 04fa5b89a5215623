package load

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/term"
)

// meter shows how far an import is: a bar on a terminal, and elsewhere a line
// every few seconds.
type meter struct {
	out        io.Writer
	terminal   bool
	total      int64
	read, done atomic.Int64
	now        func() time.Time
}

func newMeter(out io.Writer, total int64, now func() time.Time) *meter {
	m := &meter{out: out, total: total, now: now}
	if f, ok := out.(*os.File); ok {
		m.terminal = term.IsTerminal(int(f.Fd()))
	}
	return m
}

// start shows progress until the function it returns is called.
func (m *meter) start() (stop func()) {
	if m.out == nil {
		return func() {}
	}
	every := 5 * time.Second
	if m.terminal {
		every = 200 * time.Millisecond
	}
	begun := m.now()
	end := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				m.show(m.now().Sub(begun))
			case <-end:
				if m.terminal {
					m.show(m.now().Sub(begun))
					fmt.Fprintln(m.out)
				}
				return
			}
		}
	})
	return func() { close(end); wg.Wait() }
}

func (m *meter) show(took time.Duration) {
	read, done := m.read.Load(), m.done.Load()
	part := 1.0
	if m.total > 0 {
		part = min(1, float64(read)/float64(m.total))
	}
	line := fmt.Sprintf("%3.0f%% of %.1f MB, %d resources, %.0f a second", part*100, float64(m.total)/1e6, done, float64(done)/max(took.Seconds(), .001))
	if !m.terminal {
		fmt.Fprintln(m.out, line)
		return
	}
	const width = 24
	full := int(part * width)
	fmt.Fprintf(m.out, "\r[%s%s] %s   ", strings.Repeat("=", full), strings.Repeat(" ", width-full), line)
}

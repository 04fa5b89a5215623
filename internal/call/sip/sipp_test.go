package sip

import (
	"net"
	"os/exec"
	"strings"
	"testing"

	"heartwood/internal/hazard"
)

// sipp runs SIPp, which knows SIP from elsewhere than we do, as the carrier:
// so many calls of a scenario in testdata.
func sipp(t *testing.T, s *Server, transport, scenario, calls string) {
	t.Helper()
	path, err := exec.LookPath("sipp")
	if err != nil {
		t.Skip("needs SIPp: apt-get install sip-tester")
	}
	_, port, _ := net.SplitHostPort(freeUDP(t))
	out, err := exec.CommandContext(t.Context(), path, s.Addr(map[string]string{"u1": "udp", "t1": "tcp"}[transport]).String(),
		"-sf", "testdata/"+scenario+".xml", "-t", transport, "-i", "127.0.0.1", "-p", port, "-s", "01632960001",
		"-m", calls, "-r", "50", "-l", "20", "-timeout", "90s", "-timeout_error", "-nostdin", "-trace_err", "-error_file", t.TempDir()+"/errors").CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", scenario, err, last(string(out), 60))
	}
}

func last(s string, lines int) string {
	all := strings.Split(s, "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// answering answers every call until the test ends, and counts those that
// ended as they ought to.
func answeringAll(t *testing.T, calls <-chan *Call, answer func(*Call) error) {
	t.Helper()
	go func() {
		for {
			select {
			case c := <-calls:
				go func() {
					_ = c.Ring()
					_ = answer(c)
					for range c.Events() {
					}
				}()
			case <-t.Context().Done():
				return
			}
		}
	}()
}

func TestSIPp(t *testing.T) {
	hazard.Covers(t, "H-060")
	take := func(c *Call) error { return c.Answer(audio(30000)) }
	ring := func(*Call) error { return nil }
	for _, c := range []struct {
		scenario, transport, calls string
		answer                     func(*Call) error
	}{
		{"call", "u1", "100", take},
		{"call", "t1", "50", take},
		{"hold", "u1", "20", take},
		{"cancel", "u1", "20", ring},
		{"abuse", "u1", "20", take},
	} {
		t.Run(c.scenario+" "+c.transport, func(t *testing.T) {
			s, calls := at127(t, func(conf *Config) { conf.Listen.TCP = "127.0.0.1:0" })
			answeringAll(t, calls, c.answer)
			sipp(t, s, c.transport, c.scenario, c.calls)
		})
	}
}

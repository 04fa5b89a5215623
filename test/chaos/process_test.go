package chaos_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"heartwood/internal/hazard"
	"heartwood/internal/record/postgres/pgtest"
)

func TestMain(m *testing.M) {
	status := pgtest.Main(m)
	_ = os.RemoveAll(filepath.Dir(binary.path))
	os.Exit(status)
}

var binary struct {
	once sync.Once
	path string
	err  error
}

// program builds the program once, and gives where it is.
func program(t *testing.T) string {
	t.Helper()
	binary.once.Do(func() {
		dir, err := os.MkdirTemp("", "heartwood-chaos-")
		if err != nil {
			binary.err = err
			return
		}
		binary.path = filepath.Join(dir, "heartwood")
		cmd := exec.Command("go", "build", "-o", binary.path, "./cmd/heartwood")
		cmd.Dir = hazard.Root(t)
		if out, err := cmd.CombinedOutput(); err != nil {
			binary.err = fmt.Errorf("%w: %s", err, out)
		}
	})
	if binary.err != nil {
		t.Fatal(binary.err)
	}
	return binary.path
}

// heartwood runs a command to its end and gives what it printed.
func heartwood(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out, stderr bytes.Buffer
	cmd := exec.Command(program(t), args...)
	cmd.Stdout, cmd.Stderr = &out, &stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("heartwood %s: %w: %s", args[0], err, stderr.String())
	}
	return strings.TrimSpace(out.String()), nil
}

func must(t *testing.T, args ...string) string {
	t.Helper()
	out, err := heartwood(t, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// server is a process that is killed and started again at one address.
type server struct {
	t    *testing.T
	args []string
	url  string
	cmd  *exec.Cmd
	log  *bytes.Buffer
	up   chan error // one answer: nil once it is ready
}

func newServer(t *testing.T, args ...string) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, args: append(args, "--listen", addr), url: "http://" + addr}
	t.Cleanup(s.kill)
	return s
}

// start starts the process without waiting until it is ready.
func (s *server) start() {
	s.t.Helper()
	s.log, s.up = &bytes.Buffer{}, make(chan error, 1)
	s.cmd = exec.Command(program(s.t), s.args...)
	s.cmd.Stderr = s.log
	out, err := s.cmd.StdoutPipe()
	if err == nil {
		err = s.cmd.Start()
	}
	if err != nil {
		s.t.Fatal(err)
	}
	go func(up chan<- error) {
		r := bufio.NewReader(out)
		line, err := r.ReadString('\n')
		if err == nil && !strings.HasPrefix(line, "ready ") {
			err = fmt.Errorf("it said %q", line)
		}
		up <- err
		_, _ = io.Copy(io.Discard, r)
	}(s.up)
}

func (s *server) ready() {
	s.t.Helper()
	select {
	case err := <-s.up:
		if err != nil {
			_ = s.cmd.Wait()
			s.t.Fatalf("the server did not start again: %v\n%s", err, s.log.String())
		}
	case <-time.After(60 * time.Second):
		s.t.Fatal("the server did not start again in a minute")
	}
}

// kill ends the process as the machine's own end would: nothing is flushed.
func (s *server) kill() {
	if s.cmd != nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
		s.cmd = nil
	}
}

// stop asks the process to end.
func (s *server) stop() {
	s.t.Helper()
	err := s.cmd.Process.Signal(os.Interrupt)
	dead := time.AfterFunc(20*time.Second, func() { _ = s.cmd.Process.Kill() })
	if err = errors.Join(err, s.cmd.Wait()); err != nil {
		s.t.Errorf("the server did not end well: %v\n%s", err, s.log.String())
	}
	dead.Stop()
	s.cmd = nil
}

// rounds is how often to kill.
func rounds(t *testing.T) int {
	t.Helper()
	if v := os.Getenv("CHAOS_ROUNDS"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if testing.Short() {
		return 2
	}
	return 8
}

// seeded gives this run's moments, and says how to have them again.
func seeded(t *testing.T) *rand.Rand {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if v := os.Getenv("CHAOS_SEED"); v != "" {
		var err error
		if seed, err = strconv.ParseUint(v, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("CHAOS_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/rogpeppe/go-internal/testscript"

	"heartwood/test/chaos/form"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"heartwood": func() { os.Exit(run(os.Args[1:], streams{os.Stdout, os.Stderr})) },
	})
}

// TestScripts runs the command line as people do: testdata/script/*.txtar.
//
// Beside the commands of testscript there are: "exits N program args…", which
// wants exactly that status; "server args…", which starts "heartwood args…",
// waits until it is ready and sets $URL and $ADDR, and "stop", which asks it to end and
// wants status 0; "ask ODS words", which fills in a practice's form; "from
// NAME FILE", which sets $NAME to a file's first line; and "gz", "zst",
// "flip" (every file of a pattern, in the middle) and "cut" (a file, to half).
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", RequireUniqueNames: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "server": startInScript, "stop": stopInScript, "ask": askInScript, "from": from,
			"gz":  pressed(func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil }),
			"zst": pressed(func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) }),
			"cut": func(ts *testscript.TestScript, _ bool, args []string) {
				change(ts, args, func(b []byte) []byte { return b[:len(b)/2] })
			},
			"flip": func(ts *testscript.TestScript, _ bool, args []string) {
				change(ts, args, func(b []byte) []byte {
					if len(b) > 0 {
						b[len(b)/2] ^= 0x40
					}
					return b
				})
			},
		},
	})
}

// command is a program with the script's surroundings.
func command(ts *testscript.TestScript, args []string) *exec.Cmd {
	path, err := exec.LookPath(args[0])
	ts.Check(err)
	cmd := exec.Command(path, args[1:]...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = []string{"PATH=" + ts.Getenv("PATH"), "TMPDIR=" + ts.Getenv("TMPDIR"), "HOME=" + ts.Getenv("HOME")}
	return cmd
}

func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	cmd := command(ts, args[1:])
	cmd.Stdout, cmd.Stderr = ts.Stdout(), ts.Stderr()
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		ts.Check(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != want {
		ts.Fatalf("it ended with status %d, want %d", got, want)
	}
}

// running is the server of each script that has one.
var running struct {
	sync.Mutex
	by map[*testscript.TestScript]*exec.Cmd
}

// taken is a script's server, which is no longer counted as running.
func taken(ts *testscript.TestScript) *exec.Cmd {
	running.Lock()
	defer running.Unlock()
	cmd := running.by[ts]
	delete(running.by, ts)
	return cmd
}

func startInScript(ts *testscript.TestScript, _ bool, args []string) {
	cmd := command(ts, append([]string{"heartwood"}, args...))
	var log bytes.Buffer
	cmd.Stderr = &log
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	lines := bufio.NewReader(out)
	first, err := lines.ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSpace(first), "ready ")
	if !ok {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		ts.Fatalf("the server said %q (%v) and %s", first, err, log.String())
	}
	ts.Setenv("URL", url)
	ts.Setenv("ADDR", strings.TrimPrefix(url, "http://"))
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	running.Lock()
	if running.by == nil {
		running.by = map[*testscript.TestScript]*exec.Cmd{}
	}
	running.by[ts] = cmd
	running.Unlock()
	ts.Defer(func() {
		if cmd := taken(ts); cmd != nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	})
}

func stopInScript(ts *testscript.TestScript, _ bool, _ []string) {
	cmd := taken(ts)
	if cmd == nil {
		ts.Fatalf("there is no server to stop")
	}
	ts.Check(cmd.Process.Signal(os.Interrupt))
	dead := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() })
	defer dead.Stop()
	ts.Check(cmd.Wait())
}

func askInScript(ts *testscript.TestScript, _ bool, args []string) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	ref, err := form.New(ts.Getenv("URL"), args[0]).Ask(ctx, args[1])
	ts.Check(err)
	_, err = io.WriteString(ts.Stdout(), ref+"\n")
	ts.Check(err)
}

func from(ts *testscript.TestScript, _ bool, args []string) {
	line, _, _ := strings.Cut(ts.ReadFile(args[1]), "\n")
	ts.Setenv(args[0], line)
}

func pressed(press func(io.Writer) (io.WriteCloser, error)) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, _ bool, args []string) {
		var b bytes.Buffer
		w, err := press(&b)
		ts.Check(err)
		_, err = io.WriteString(w, ts.ReadFile(args[0]))
		ts.Check(errors.Join(err, w.Close()))
		ts.Check(os.WriteFile(ts.MkAbs(args[1]), b.Bytes(), 0o600))
	}
}

// change rewrites every file of the patterns.
func change(ts *testscript.TestScript, patterns []string, to func([]byte) []byte) {
	n := 0
	for _, p := range patterns {
		files, err := filepath.Glob(ts.MkAbs(p))
		ts.Check(err)
		for _, f := range files {
			b, err := os.ReadFile(f)
			ts.Check(err)
			ts.Check(os.WriteFile(f, to(b), 0o600))
			n++
		}
	}
	if n == 0 {
		ts.Fatalf("there is no file %v", patterns)
	}
}

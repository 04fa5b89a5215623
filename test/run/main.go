// Command run runs the Go tests and prints one line a package, what failed in
// full, and what was skipped and why. With NO_SKIP=1 a skipped test is a
// failure: continuous integration has everything that tests need.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"sort"
	"strings"
)

type event struct {
	Action, Package, Test, Output string
	Elapsed                       float64
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	t := tally{said: map[string][]string{}, why: map[string]string{}}
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			fmt.Println(lines.Text())
			continue
		}
		t.take(e)
	}
	err = cmd.Wait()
	t.report()
	if err != nil || t.failed > 0 {
		return fmt.Errorf("tests failed")
	}
	if os.Getenv("NO_SKIP") != "" && len(t.why) > 0 {
		return fmt.Errorf("%d tests were skipped where none may be", len(t.why))
	}
	return lines.Err()
}

type tally struct {
	passed, failed int
	said           map[string][]string // output by package and test, until it ends
	why            map[string]string   // skipped tests and the reason
}

func (t *tally) take(e event) {
	at := e.Package + " " + e.Test
	switch e.Action {
	case "output":
		t.said[at] = append(t.said[at], e.Output)
		return
	case "build-output":
		fmt.Print(e.Output)
		return
	case "pass", "fail", "skip":
	default:
		return
	}
	if e.Test == "" {
		t.pkg(e)
		delete(t.said, at)
		return
	}
	switch e.Action {
	case "pass":
		t.passed++
	case "fail":
		t.failed++
		fmt.Print("--- ", at, "\n", strings.Join(t.said[at], ""))
	case "skip":
		t.why[at] = reason(t.said[at])
	}
	delete(t.said, at)
}

func (t *tally) pkg(e event) {
	switch {
	case e.Action == "pass":
		fmt.Printf("ok  \t%s\t%.1fs\n", e.Package, e.Elapsed)
	case e.Action == "fail":
		t.failed++
		fmt.Printf("FAIL\t%s\t%.1fs\n%s", e.Package, e.Elapsed, strings.Join(t.said[e.Package+" "], ""))
		t.unended(e.Package)
	}
}

// unended prints what the tests of a package said that never ended: one that
// panicked, or that was running when the time was up.
func (t *tally) unended(pkg string) {
	for at, said := range t.said {
		if p, test, _ := strings.Cut(at, " "); p == pkg && test != "" {
			fmt.Print("--- ", at, " did not end\n", strings.Join(said, ""))
			delete(t.said, at)
		}
	}
}

// reason is what the test said when it skipped.
func reason(out []string) string {
	for _, l := range out {
		if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, "===") && !strings.HasPrefix(l, "---") {
			return l
		}
	}
	return "no reason given"
}

func (t *tally) report() {
	names := make([]string, 0, len(t.why))
	for n := range t.why {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		fmt.Printf("skip\t%s\n\t%s\n", n, t.why[n])
	}
	fmt.Printf("%d passed, %d failed, %d skipped\n", t.passed, t.failed, len(t.why))
}

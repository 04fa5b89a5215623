package patient

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"heartwood/internal/care/search"
	"heartwood/internal/care/starts"
	"heartwood/internal/fhir"
	"heartwood/internal/record"
)

// Somebody who leaves a form is counted at the question that was before them
// and not before a day has passed; who put it by, not before a week; and who
// sends it counts as that alone. Nothing that they wrote is in a mark.
func TestWhereAFormWasLeft(t *testing.T) {
	now := time.Now()
	dir := t.TempDir()
	marks := starts.New(dir, func() time.Time { return now })
	another, store := surgeryWith(t, "", func() time.Time { return now }, marks)
	p, err := store.Practice("Z99901")
	if err != nil {
		t.Fatal(err)
	}
	left := another("")
	left.do("POST", ask)
	left.do("POST", ask+"/who", "asker", "self")
	saved(t, another(""))
	sent := another("")
	sent.do("POST", ask)
	sent.do("POST", ask+"/who", "asker", "self")
	sent.do("POST", ask+"/you", "given", "Dee", "family", "Dunn", "birth-day", "3", "birth-month", "4", "birth-year", "1980", "phone", "07700 900 002")
	sent.do("POST", ask+"/kind", "kind", "new-problem")
	sent.do("POST", ask+"/what", "what", "I have crushing chest pain and I am sweating.") // an emergency is sent at once
	b, err := os.ReadFile(filepath.Join(dir, "Z99901", "marks"))
	if err != nil || strings.Contains(string(b), "Dunn") || strings.Contains(string(b), "sore") || strings.Contains(string(b), "1980") {
		t.Errorf("%s, %v", b, err)
	}
	if can, _ := marks.Unfinished("Z99901"); can != 2 {
		t.Errorf("%d can be sent", can)
	}
	for _, c := range []struct {
		after                 time.Duration
		can, putBy, new, sent int
	}{{0, 2, 1, 0, 1}, {25 * time.Hour, 1, 1, 1, 1}, {8 * 24 * time.Hour, 0, 0, 2, 1}} {
		now = time.Now().Add(c.after)
		if err := marks.Round(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		can, putBy := marks.Unfinished("Z99901")
		at, gone := countStarts(t, p)
		if can != c.can || putBy != c.putBy || gone != c.sent || len(at) != c.new {
			t.Errorf("after %v: %d can be sent, %d put by, left at %v, %d sent", c.after, can, putBy, at, gone)
		}
		if c.new == 2 && (at["you"] != 1 || at["how-long"]+at["what"] != 1) {
			t.Errorf("left at %v", at)
		}
	}
}

// countStarts is where forms were left, by page, and how many were sent.
func countStarts(t *testing.T, p *record.Practice) (at map[string]int, sent int) {
	t.Helper()
	at = map[string]int{}
	err := search.Each(t.Context(), p, "MeasureReport?status=complete", func(_ record.Version, res *fhir.Resource) error {
		for k, n := range starts.Read(res) {
			if k.Sent {
				sent += n
			} else {
				at[k.Step] += n
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return at, sent
}

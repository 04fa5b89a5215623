package prompts

import (
	"encoding/csv"
	"errors"
	"flag"
	"io/fs"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"heartwood/internal/care/callflow"
)

var update = flag.Bool("update", false, "write en.csv anew: what callflow says, and numbers; then run make prompts")

// What can be said is what plans say: the words of every prompt that callflow
// has of its own, and of the plan that a practice starts with.
func TestWordsAreThoseOfPlans(t *testing.T) {
	want := callflow.Spoken()
	for _, p := range callflow.Default("").Prompts {
		want[p.ID] = p.Says
	}
	if *update {
		write(t, want)
		return
	}
	for _, p := range All() {
		if want[p.ID] != p.Words {
			t.Errorf("%s says %q, and plans have %q", p.ID, p.Words, want[p.ID])
		}
		delete(want, p.ID)
	}
	for id := range want {
		t.Errorf("%s cannot be said: go test ./internal/call/prompts -update && make prompts", id)
	}
}

func write(t *testing.T, want map[string]string) {
	var b strings.Builder
	w := csv.NewWriter(&b)
	rows := [][]string{{"id", "words"}}
	for _, id := range slices.Sorted(maps.Keys(want)) {
		rows = append(rows, []string{id, want[id]})
	}
	if err := errors.Join(w.WriteAll(rows), os.WriteFile("en.csv", []byte(b.String()), 0o644)); err != nil {
		t.Fatal(err)
	}
}

// Every prompt has words and a sound of a plausible length for them, and no
// sound lies about that is not in the list.
func TestEveryPromptIsSpoken(t *testing.T) {
	set, err := load(list, sounds)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range set.order {
		words := len(strings.Fields(p.Words))
		most := time.Second + time.Duration(words)*time.Second
		if words == 0 || p.Length() < 200*time.Millisecond || p.Length() > most {
			t.Errorf("%s takes %v for %d words", p.ID, p.Length(), words)
		}
		if loud := loudness(p.Sound); loud < 0.01 {
			t.Errorf("%s cannot be heard: %.4f of full scale", p.ID, loud)
		}
	}
	files, err := fs.Glob(sounds, "en/*.al")
	if err != nil || len(files) != len(set.order) {
		t.Errorf("%d sounds, %d prompts, %v", len(files), len(set.order), err)
	}
}

func TestLoadRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		list   string
		sounds fstest.MapFS
	}{
		"a prompt without sound": {"id,words\na,Hello\n", fstest.MapFS{}},
		"one that is there twice": {
			"id,words\na,Hello\na,Hello\n",
			fstest.MapFS{"en/a.al": &fstest.MapFile{Data: []byte{0xd5}}},
		},
		"a broken list": {"id,words\na\n", fstest.MapFS{"en/a.al": &fstest.MapFile{}}},
	} {
		if _, err := load(c.list, c.sounds); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

// loudness is the root mean square of A-law samples as a part of full scale.
func loudness(sound []byte) float64 {
	var sum float64
	for _, a := range sound {
		a ^= 0x55
		v := float64(a&0x0f)*2 + 1
		if e := a >> 4 & 7; e > 0 {
			v = (v + 32) * math.Exp2(float64(e-1))
		}
		sum += v * v
	}
	return math.Sqrt(sum/float64(len(sound))) / 4096
}

package prompts

import (
	"io/fs"
	"math"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

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

func TestNumbers(t *testing.T) {
	for n := -1; n <= Highest+1; n++ {
		p, ok := Of(Number(n))
		if want := n >= 1 && n <= Highest; ok != want {
			t.Errorf("number %d can be said: %v", n, ok)
		} else if ok && p.Words == "" {
			t.Errorf("number %d has no words", n)
		}
	}
	for _, p := range All() {
		if strings.HasPrefix(p.ID, numbered) {
			t.Errorf("%s is listed", p.ID)
		}
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

package signal_test

import (
	"encoding/json"
	"strings"
	"testing"

	"heartwood/internal/call/room/signal"
	"heartwood/internal/fault"
)

var good = []string{
	`{"kind":"offer","sdp":"v=0","sends":{"0":"voice","1":"camera","2":"screen"}}`,
	`{"kind":"mute","voice":true}`, `{"kind":"mute"}`, `{"kind":"admit","who":"2"}`, `{"kind":"remove","who":"2"}`,
	`{"kind":"silence","who":"2"}`, `{"kind":"lock","on":true}`, `{"kind":"leave"}`,
}

func TestReadsWhatBrowsersSay(t *testing.T) {
	for _, g := range good {
		if _, err := signal.Read([]byte(g)); err != nil {
			t.Errorf("%s: %v", g, err)
		}
	}
}

func TestRefuses(t *testing.T) {
	for _, c := range []struct {
		raw  string
		kind fault.Kind
	}{
		{``, fault.Invalid},
		{`{`, fault.Invalid},
		{`null`, fault.Unsupported},
		{`[]`, fault.Invalid},
		{`{"kind":"dance"}`, fault.Unsupported},
		{`{"kind":"leave","extra":1}`, fault.Invalid},
		{`{"kind":"leave"}{"kind":"leave"}`, fault.Invalid},
		{`{"kind":"admit"}`, fault.Invalid},
		{`{"kind":"admit","who":"` + strings.Repeat("x", 65) + `"}`, fault.TooLarge},
		{`{"kind":"offer"}`, fault.Invalid},
		{`{"kind":"offer","sdp":"v=0","sends":{"0":"voice","1":"voice"}}`, fault.Invalid},
		{`{"kind":"offer","sdp":"v=0","sends":{"0":"thoughts"}}`, fault.Invalid},
		{`{"kind":"offer","sdp":"v=0","sends":{"0":"voice","1":"camera","2":"screen","3":"x"}}`, fault.TooLarge},
		{"{\"kind\":\"leave\xff\"}", fault.Invalid},
		{`{"kind":"offer","sdp":"` + strings.Repeat("x", signal.MaxBytes) + `"}`, fault.TooLarge},
	} {
		if _, err := signal.Read([]byte(c.raw)); !fault.Is(err, c.kind) {
			t.Errorf("%.60s: %v, not %s", c.raw, err, c.kind)
		}
	}
}

// FuzzRead: what is taken is of a known kind, small, and reads the same again.
func FuzzRead(f *testing.F) {
	for _, g := range good {
		f.Add([]byte(g))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		h, err := signal.Read(raw)
		if err != nil {
			if fault.KindOf(err) == fault.Internal {
				t.Fatal(err)
			}
			return
		}
		again, err := json.Marshal(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := signal.Read(again); err != nil && len(again) <= signal.MaxBytes {
			t.Errorf("%s became %s: %v", raw, again, err)
		}
	})
}

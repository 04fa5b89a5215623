package sip

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestASecretNeverPrints(t *testing.T) {
	word := "open-sesame"
	trunk := Trunk{Name: "carrier", Server: "198.51.100.1", User: "practice", Secret: secret(t, word)}
	keys := NewSDES(1, Suites[0])
	raw, _ := keys.Keys()
	var b strings.Builder
	for _, v := range []any{trunk, &trunk, newTrunk(trunk), Config{Trunks: []Trunk{trunk}}, trunk.Secret, Media{Crypto: keys}, keys} {
		fmt.Fprintf(&b, "%v %+v %#v %s\n", v, v, v, v)
		slog.New(slog.NewTextHandler(&b, nil)).Info("trunk", "v", v)
		slog.New(slog.NewJSONHandler(&b, nil)).Info("trunk", "v", v)
	}
	j, err := json.Marshal(trunk)
	must(t, err)
	b.Write(j)
	for _, hidden := range []string{word, string(raw), fmt.Sprint(raw), fmt.Sprintf("%#v", raw)} {
		if strings.Contains(b.String(), hidden) {
			t.Errorf("a secret was printed: %.2000s", b.String())
		}
	}
	if trunk.Secret.word() != word {
		t.Error("the secret is not what the file holds")
	}
}

// A secret that others may read is none.
func TestASecretIsItsOwnersAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	must(t, os.WriteFile(path, []byte("open-sesame\n"), 0o600))
	if s, err := ReadSecret(path); err != nil || s.word() != "open-sesame" {
		t.Errorf("its owner's: %v", err)
	}
	must(t, os.Chmod(path, 0o640))
	if _, err := ReadSecret(path); err == nil || strings.Contains(err.Error(), "sesame") {
		t.Errorf("one that others may read: %v", err)
	}
}

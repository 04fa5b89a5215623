package pebble_test

import (
	"testing"

	"heartwood/internal/record"
	"heartwood/internal/record/pebble"
	"heartwood/internal/record/recordtest"
)

func open(t *testing.T) record.Log {
	t.Helper()
	l, err := pebble.Open(pebble.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func TestLog(t *testing.T)    { recordtest.Log(t, open) }
func TestStore(t *testing.T)  { recordtest.Store(t, open, true) }
func TestLinear(t *testing.T) { recordtest.Linear(t, open, true) }

// Package memory gives tests a real record that is kept in memory.
//
// What comes in: a test and its clock. What goes out: an open store, closed
// when the test ends. It must never be used outside tests: nothing in it
// survives the process.
package memory

import (
	"context"
	"testing"
	"time"

	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/pebble"
)

// Open gives a store on the embedded engine. A nil clock is time.Now.
func Open(t testing.TB, now func() time.Time) *record.Store {
	t.Helper()
	log, err := pebble.Open(pebble.Config{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := record.Open(context.Background(), record.Config{Log: log, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := log.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Practice gives one practice's record in such a store.
func Practice(t testing.TB, ods ident.ODS, now func() time.Time) *record.Practice {
	t.Helper()
	p, err := Open(t, now).Practice(ods)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

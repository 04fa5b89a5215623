package fhir_test

import (
	"testing"
	"time"

	"heartwood/internal/fhir"
)

func TestParseDate(t *testing.T) {
	for _, c := range []struct{ in, low, high string }{
		{"2026", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"},
		{"2026-12", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"},
		{"2028-02-29", "2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z"},
		{"2026-07-01T09:30", "2026-07-01T09:30:00Z", "2026-07-01T09:31:00Z"},
		{"2026-07-01T09:30:15+01:00", "2026-07-01T08:30:15Z", "2026-07-01T08:30:16Z"},
		{"2026-07-01T09:30:15.5Z", "2026-07-01T09:30:15.5Z", "2026-07-01T09:30:15.6Z"},
		{"2026-07-01T09:30:15.123456Z", "2026-07-01T09:30:15.123Z", "2026-07-01T09:30:15.124Z"},
	} {
		low, high, err := fhir.ParseDate(c.in)
		if err != nil {
			t.Errorf("%s: %v", c.in, err)
			continue
		}
		at := func(ms int64) string { return time.UnixMilli(ms).UTC().Format(time.RFC3339Nano) }
		if at(low) != c.low || at(high) != c.high {
			t.Errorf("%s: %s..%s, want %s..%s", c.in, at(low), at(high), c.low, c.high)
		}
	}
	for _, bad := range []string{
		"", "26", "2026-13", "2026-00", "2026-02-30", "2025-02-29", "2026-1-1", "2026-01-01T", "2026-01-01T24:00:00Z",
		"2026-01-01T10:00:00+15:00", "2026-01-01 10:00", "2026-01-01T10:00:00.Z", "2026-01-01T10:00:00z", "0000", "2026-01-01Z", "2026-01-01T10:00:00+0100",
	} {
		if _, _, err := fhir.ParseDate(bad); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

package postgres_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"heartwood/internal/fault"
	"heartwood/internal/record"
	"heartwood/internal/record/postgres"
	"heartwood/internal/record/postgres/pgtest"
	"heartwood/internal/record/recordtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func open(t *testing.T) record.Log {
	t.Helper()
	l, err := postgres.Open(context.Background(), pgtest.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func TestLog(t *testing.T)    { recordtest.Log(t, open) }
func TestStore(t *testing.T)  { recordtest.Store(t, open, true) }
func TestLinear(t *testing.T) { recordtest.Linear(t, open, true) }

func TestOpenSaysNothingOfThePassword(t *testing.T) {
	_, err := postgres.Open(context.Background(), "postgres://u:hunter2@127.0.0.1:1/db?sslmode=%zz")
	if !fault.Is(err, fault.Invalid) || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%v", err)
	}
}

func TestOpenRefusesAForgetfulDatabase(t *testing.T) {
	_, err := postgres.Open(context.Background(), pgtest.Database(t)+" options='-c synchronous_commit=off'")
	if !fault.Is(err, fault.Refused) || !strings.Contains(err.Error(), "synchronous_commit") {
		t.Errorf("%v, want it refused", err)
	}
}

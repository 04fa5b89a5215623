package record_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/pebble"
)

// filled gives a log with some patients, changes, a delete and accesses.
func filled(t testing.TB) (record.Log, *record.Store) {
	t.Helper()
	log, err := pebble.Open(pebble.Config{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := record.Open(context.Background(), record.Config{Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(); _ = log.Close() })
	for _, o := range []ident.ODS{ods, "Z99902"} {
		p, err := s.Practice(o)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 30 {
			commit(t, p, record.Change{Key: fmt.Sprint("k", i), Writes: []record.Write{
				put(t, "Patient", fmt.Sprint("p", i), `"name":[{"family":"Example"}]`),
				put(t, "Task", "t", fmt.Sprintf(`"priority":"routine","authoredOn":"2026-01-%02d"`, i+1)),
			}})
		}
		commit(t, p, record.Change{Writes: []record.Write{record.Remove(ident.Ref{Type: "Patient", ID: "p3"})}})
		if err := p.Saw(context.Background(), record.Access{Patient: "Patient/p1", Type: "summary"}); err != nil {
			t.Fatal(err)
		}
	}
	return log, s
}

func TestVerifyProvesASoundStore(t *testing.T) {
	log, s := filled(t)
	p, err := record.Verify(context.Background(), log, nil)
	if err != nil || p.Practices != 2 || p.Entries != 2*62 {
		t.Fatalf("%+v %v", p, err)
	}
	if err := record.VerifyIndexes(context.Background(), s); err != nil {
		t.Fatal(err)
	}
}

// tampered is a log in which one entry or body reads differently.
type tampered struct {
	record.Log
	change func(*record.Entry)
}

func (l tampered) Read(ctx context.Context, o ident.ODS, from ident.Position, max int) ([]record.Entry, error) {
	es, err := l.Log.Read(ctx, o, from, max)
	for i := range es {
		l.change(&es[i])
	}
	return es, err
}

func TestVerifyNamesTheFirstDamage(t *testing.T) {
	log, _ := filled(t)
	at := func(seq uint64, change func(*record.Entry)) func(*record.Entry) {
		return func(e *record.Entry) {
			if e.Practice == ods && e.Stream == "c" && e.Seq >= seq {
				change(e)
			}
		}
	}
	for name, c := range map[string]struct {
		change func(*record.Entry)
		want   string
	}{
		"body":   {at(7, func(e *record.Entry) { e.Body = bytes.Replace(e.Body, []byte("Example"), []byte("Exempla"), 1) }), "c.7: its body has been altered"},
		"author": {at(9, func(e *record.Entry) { e.Author.Ref = "Practitioner/other" }), "c.9: it has been altered"},
		"resealed": {at(9, func(e *record.Entry) {
			if e.Seq == 9 {
				e.Reason = "nothing to see"
				e.Seal()
			}
		}), "c.10: it does not chain"},
	} {
		_, err := record.Verify(context.Background(), tampered{log, c.change}, nil)
		var d *record.Damage
		if !errors.As(err, &d) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

func TestBackupAndRestore(t *testing.T) {
	log, _ := filled(t)
	ctx := context.Background()
	var b bytes.Buffer
	n, err := record.Backup(ctx, log, &b)
	if err != nil || n != 2*62 {
		t.Fatal(n, err)
	}
	to, err := pebble.Open(pebble.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	if n, err = record.Restore(ctx, to, bytes.NewReader(b.Bytes())); err != nil || n != 2*62 {
		t.Fatal(n, err)
	}
	p := practiceOf(t, to)
	if got := len(strings.Fields(find(t, p, "Patient?_count=100"))); got != 29 {
		t.Errorf("%d patients came back, want 29", got)
	}
	if _, err := record.Restore(ctx, to, bytes.NewReader(b.Bytes())); !fault.Is(err, fault.Refused) {
		t.Errorf("restored over a record: %v", err)
	}
}

func TestRestoreRefusesADamagedBackup(t *testing.T) {
	log, _ := filled(t)
	var b bytes.Buffer
	if _, err := record.Backup(context.Background(), log, &b); err != nil {
		t.Fatal(err)
	}
	for _, bad := range [][]byte{nil, []byte("hello"), b.Bytes()[:b.Len()/2], b.Bytes()[:b.Len()-9], bytes.Repeat([]byte{0x28}, 100)} {
		to, err := pebble.Open(pebble.Config{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := record.Restore(context.Background(), to, bytes.NewReader(bad)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%d bytes of a backup: %v, want it refused", len(bad), err)
		}
		_ = to.Close()
	}
}

package record

import (
	"bytes"
	"context"
	"testing"

	"heartwood/internal/ident"
)

func FuzzUnmarshalEntry(f *testing.F) {
	e := Entry{
		Practice: "Z99901", Stream: "c", Seq: 7, Time: 1 << 20, Op: Put, Type: "Task", ID: "t", Key: "k",
		Reason: "why", Parents: []string{"c.1"}, Rest: 2, Splice: 33, Author: Author{Ref: "Patient/1", Role: "patient", For: "Patient/1"},
	}
	e.Seal()
	f.Add(e.Marshal())
	f.Add([]byte{entryFormat})
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := UnmarshalEntry(b)
		if err != nil {
			return
		}
		again, err := UnmarshalEntry(e.Marshal())
		if err != nil || !bytes.Equal(again.Marshal(), e.Marshal()) {
			t.Fatalf("%+v came back as %+v: %v", e, again, err)
		}
	})
}

func TestSealCoversEveryField(t *testing.T) {
	base := Entry{Practice: "Z99901", Stream: "c", Seq: 7, Time: 9, Op: Put, Type: "Task", ID: "t"}
	base.Seal()
	for name, change := range map[string]func(*Entry){
		"practice": func(e *Entry) { e.Practice = "Z99902" }, "stream": func(e *Entry) { e.Stream = "s" },
		"seq": func(e *Entry) { e.Seq++ }, "time": func(e *Entry) { e.Time++ }, "author": func(e *Entry) { e.Author.Ref = "x" },
		"role": func(e *Entry) { e.Author.Role = "x" }, "for": func(e *Entry) { e.Author.For = "x" },
		"reason": func(e *Entry) { e.Reason = "x" }, "key": func(e *Entry) { e.Key = "x" }, "rest": func(e *Entry) { e.Rest++ },
		"op": func(e *Entry) { e.Op = Delete }, "type": func(e *Entry) { e.Type = "x" }, "id": func(e *Entry) { e.ID = "x" },
		"parents": func(e *Entry) { e.Parents = []string{"c.1"} }, "body": func(e *Entry) { e.BodyHash[3]++ },
		"splice": func(e *Entry) { e.Splice++ }, "prev": func(e *Entry) { e.Prev[0]++ },
	} {
		e := base
		if change(&e); e.Sealed() {
			t.Errorf("a changed %s goes unnoticed", name)
		}
	}
}

func FuzzRestore(f *testing.F) {
	f.Add([]byte("heartwood backup 1\n"))
	f.Add([]byte{0x28, 0xb5, 0x2f, 0xfd, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := Restore(t.Context(), empty{}, bytes.NewReader(b)); err == nil {
			t.Skip() // a whole backup, however unlikely
		}
	})
}

// empty is a log that has nothing and takes nothing.
type empty struct{ Log }

func (empty) Practices(context.Context) ([]ident.ODS, error) { return nil, nil }

func (empty) Append(context.Context, ident.ODS, ident.Position, []Entry) error { return nil }

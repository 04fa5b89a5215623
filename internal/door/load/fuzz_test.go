package load

import (
	"bytes"
	"context"
	"testing"

	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// nowhere takes everything and keeps only the names, so that a fuzzer is fast.
type nowhere map[ident.Ref]bool

func (n nowhere) Put(_ context.Context, writes []record.Write) ([]bool, error) {
	for _, w := range writes {
		n[w.Ref] = true
	}
	return make([]bool, len(writes)), nil
}

func (n nowhere) Find(context.Context, string) ([]ident.Ref, error) { return nil, nil }

// FuzzRun feeds files of any content: whatever they hold, the import ends,
// and every resource that was read is stored, unchanged or refused by name.
func FuzzRun(f *testing.F) {
	f.Add([]byte(patient("a")))
	f.Add([]byte(patient("a") + "\n" + patient("b") + "\n{"))
	f.Add([]byte(`{"resourceType":"Bundle","type":"transaction","entry":[{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient"}},{"resource":{"resourceType":"Basic","code":{"text":"x"},"subject":{"reference":"urn:uuid:1"},"author":{"reference":"Practitioner?identifier=1"}}}]}`))
	f.Add([]byte(`{"resourceType":"Bundle","type":"collection","entry":[{},{"resource":1},{"resource":{"resourceType":"Patient","id":""}}]}`))
	f.Add(gz([]byte(patient("a"))))
	f.Add(zst([]byte(patient("a"))))
	f.Add(tarred("a.json", patient("a"), "b.ndjson", patient("b")+"\n"+patient("c")))
	f.Fuzz(func(t *testing.T, in []byte) {
		var all bytes.Buffer
		sum, err := Run(context.Background(), Config{Sink: nowhere{}, Paths: []string{file(t, "in", in)}, Workers: 1, Refused: &all, MaxDocument: 1 << 16})
		if err != nil {
			t.Fatal(err)
		}
		c := sum.Total()
		if c.Refused() < 0 || c.Refused() > 0 && sum.Faults == 0 || bytes.Count(all.Bytes(), []byte("\n")) != sum.Faults {
			t.Fatalf("%+v with %d refusals", c, sum.Faults)
		}
	})
}

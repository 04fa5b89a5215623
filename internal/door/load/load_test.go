package load

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	kv "github.com/cockroachdb/pebble/v2"
	"github.com/klauspost/compress/zstd"

	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/pebble"
)

// practice opens an empty record in memory.
func practice(t testing.TB) *record.Practice {
	t.Helper()
	cache := kv.NewCache(48 << 20)
	defer cache.Unref()
	log, err := pebble.Open(pebble.Config{Cache: cache})
	if err != nil {
		t.Fatal(err)
	}
	store, err := record.Open(context.Background(), record.Config{Log: log, Cache: cache})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = store.Close()
		_ = log.Close()
	})
	p, err := store.Practice("Z90001")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func file(t testing.TB, name string, body []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, body, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func load(t testing.TB, p *record.Practice, paths ...string) Summary {
	t.Helper()
	sum, err := Run(context.Background(), Config{Sink: StoreSink{Practice: p, Author: record.Author{Ref: "Device/import", Role: "system"}}, Paths: paths})
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// is compares a summary with what it should be, as "read/stored/unchanged/refused".
func is(t testing.TB, s Summary, want string) {
	t.Helper()
	c := s.Total()
	if got := fmt.Sprintf("%d/%d/%d/%d", c.Read, c.Stored, c.Unchanged, c.Refused()); got != want {
		t.Errorf("read/stored/unchanged/refused %s, want %s; %v", got, want, s.Refused)
	}
}

func patient(id string) string {
	if id == "" {
		return `{"resourceType":"Patient","gender":"other"}`
	}
	return `{"resourceType":"Patient","id":"` + id + `","gender":"other"}`
}

func gz(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(b)
	_ = z.Close()
	return out.Bytes()
}

func zst(b []byte) []byte {
	z, _ := zstd.NewWriter(nil)
	return z.EncodeAll(b, nil)
}

func tarred(files ...string) []byte {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for i := 0; i < len(files); i += 2 {
		_ = w.WriteHeader(&tar.Header{Name: files[i], Mode: 0o600, Size: int64(len(files[i+1])), Typeflag: tar.TypeReg})
		_, _ = w.Write([]byte(files[i+1]))
	}
	_ = w.Close()
	return out.Bytes()
}

func zipped(files ...string) []byte {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for i := 0; i < len(files); i += 2 {
		f, _ := w.Create(files[i])
		_, _ = f.Write([]byte(files[i+1]))
	}
	_ = w.Close()
	return out.Bytes()
}

func TestEveryPacking(t *testing.T) {
	one, lines := []byte(patient("a")), []byte(patient("a")+"\n"+patient("b")+"\r\n\n"+patient("c"))
	pretty := []byte("\ufeff{\n  \"resourceType\": \"Patient\",\n  \"id\": \"a\"\n}\n" + patient("b"))
	archive := tarred("../../etc/a.json", patient("a"), "x/b.ndjson", string(lines), "README.md", "# about", "package.json", `{"name":"x"}`, "inner.json.gz", string(gz([]byte(patient("z")))))
	for name, c := range map[string]struct {
		body []byte
		want string
	}{
		"one.json":      {one, "1/1/0/0"},
		"no-suffix":     {one, "1/1/0/0"},
		"pretty.json":   {pretty, "2/2/0/0"},
		"lines.ndjson":  {lines, "3/3/0/0"},
		"lines.txt":     {lines, "3/3/0/0"},
		"lines.gz":      {gz(lines), "3/3/0/0"},
		"twice.gz":      {append(gz(lines), gz([]byte("\n"+patient("d")))...), "4/4/0/0"},
		"wrong-name.gz": {zst(lines), "3/3/0/0"},
		"lines.zst":     {zst(lines), "3/3/0/0"},
		"a.tar":         {archive, "5/4/1/0"},
		"a.tar.gz":      {gz(archive), "5/4/1/0"},
		"a.tar.zst":     {zst(archive), "5/4/1/0"},
		"a.zip":         {zipped("x/a.json", patient("a"), "b.ndjson.gz", string(gz(lines)), "../up.txt", "nothing"), "4/3/1/0"},
		"empty.json":    {nil, "0/0/0/0"},
	} {
		t.Run(name, func(t *testing.T) {
			p := practice(t)
			path := file(t, name, c.body)
			is(t, load(t, p, path), c.want)
			again := load(t, p, filepath.Dir(path)) // the folder, and once more
			if n := again.Total(); n.Stored != 0 || n.Unchanged != n.Read || again.Faults != 0 {
				t.Errorf("again: %+v, %v", n, again.Refused)
			}
		})
	}
}

// Many jobs, prepared side by side while others are stored:
// nothing is refused, nothing is lost, and again nothing changes. Real
// collections are loaded whole in test/collections.
func TestManySideBySide(t *testing.T) {
	const people = 2000
	var b bytes.Buffer
	for i := range people {
		fmt.Fprintf(&b, `{"resourceType":"Patient","id":"p%d","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">%s</div>"}}`+"\n", i, strings.Repeat("word ", 120))
	}
	if b.Len() < 4*jobBytes {
		t.Fatalf("%d bytes are not many jobs", b.Len())
	}
	p, path := practice(t), file(t, "many.ndjson", b.Bytes())
	c := Config{Sink: StoreSink{Practice: p, Author: record.Author{Ref: "Device/import", Role: "system"}}, Paths: []string{path}, Workers: 4}
	for _, want := range []string{"2000/2000/0/0", "2000/0/2000/0"} {
		sum, err := Run(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		is(t, sum, want)
	}
}

func TestTransactionIsWholeOrNothing(t *testing.T) {
	good := `{"resourceType":"Bundle","type":"transaction","entry":[
	 {"fullUrl":"urn:uuid:11111111-1111-4111-8111-111111111111","resource":{"resourceType":"Patient","id":"kept"},"request":{"method":"POST","url":"Patient"}},
	 {"fullUrl":"urn:uuid:22222222-2222-4222-8222-222222222222","resource":{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"urn:uuid:11111111-1111-4111-8111-111111111111"},"performer":[{"reference":"urn:uuid:99999999-9999-4999-8999-999999999999"}]},"request":{"method":"POST","url":"Observation"}},
	 {"resource":{"resourceType":"Patient","id":"put"},"request":{"method":"PUT","url":"Patient/put"}},
	 {"request":{"method":"GET","url":"Patient/1"}},{"request":{"method":"DELETE","url":"Patient/1"}}]}`
	p := practice(t)
	sum := load(t, p, file(t, "good.json", []byte(good)))
	is(t, sum, "3/3/0/0")
	if sum.Passed != 2 {
		t.Errorf("passed over %d", sum.Passed)
	}
	v, err := p.Read(context.Background(), ident.Ref{Type: "Observation", ID: "22222222-2222-4222-8222-222222222222"})
	if err != nil {
		t.Fatal(err)
	}
	if s := string(v.Body.Bytes); !strings.Contains(s, `"subject":{"reference":"Patient/kept"}`) || !strings.Contains(s, "urn:uuid:99999999") {
		t.Errorf("references: %s", s)
	}
	for name, bad := range map[string]string{
		"gender": strings.Replace(good, `"id":"put"`, `"id":"put","gender":"x"`, 1),
		"url":    strings.Replace(good, "Patient/put", "Patient/other", 1),
		"type":   strings.Replace(good, `"POST","url":"Patient"`, `"POST","url":"Group"`, 1),
		"twice":  strings.Replace(strings.Replace(good, "Patient/put", "Patient/kept", 1), `"id":"put"`, `"id":"kept"`, 1),
		"id":     strings.Replace(good, `"id":"put"`, `"id":"p u t"`, 1),
	} {
		q := practice(t)
		sum := load(t, q, file(t, "bad.json", []byte(bad)), file(t, "next.json", []byte(patient("next"))))
		is(t, sum, "4/1/0/3")
		if len(sum.Refused) != 2 || !strings.HasPrefix(sum.Refused[0].Where, "Bundle.entry[") {
			t.Errorf("%s: %v", name, sum.Refused)
		}
		if page, err := q.Find(context.Background(), "Patient"); err != nil || len(page.Matches) != 1 {
			t.Errorf("%s: the record holds %d patients, %v", name, len(page.Matches), err)
		}
	}
}

func TestCollectionEntriesStandAlone(t *testing.T) {
	bundle := `{"resourceType":"Bundle","type":"collection","entry":[{"resource":` + patient("a") + `},
	{"resource":{"resourceType":"Patient","id":"b","birthDate":"2020-02-31"}},{"resource":` + patient("") + `},
	{"fullUrl":"http://a.example/Patient/c","resource":{"resourceType":"Patient"}},{"resource":` + patient("a") + `},
	{"resource":{"resourceType":"Patient","id":"a","gender":"male"}}]}`
	p := practice(t)
	path := file(t, "c.json", []byte(bundle))
	sum := load(t, p, path)
	is(t, sum, "6/4/1/1")
	if sum.Refused[0].Where != "Bundle.entry[1].Patient.birthDate" {
		t.Errorf("%+v", sum.Refused)
	}
	if _, err := p.Read(context.Background(), ident.Ref{Type: "Patient", ID: "c"}); err != nil {
		t.Error(err)
	}
	v, err := p.Read(context.Background(), ident.Ref{Type: "Patient", ID: "a"})
	if err != nil || !strings.Contains(string(v.Body.Bytes), "male") {
		t.Errorf("the last one does not stand: %s %v", v.Body.Bytes, err)
	}
}

func TestConditionalReferences(t *testing.T) {
	who := `{"resourceType":"Practitioner","id":"dr","identifier":[{"system":"http://x.example","value":"7"}]}`
	visit := func(id, ref string) string {
		return `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Basic","id":"` + id + `","code":{"text":"x"},"author":{"reference":"` + ref + `"}},"request":{"method":"POST","url":"Basic"}}]}`
	}
	p := practice(t)
	sum := load(t, p, file(t, "a.json", []byte(visit("one", "Practitioner?identifier=http://x.example|7"))),
		file(t, "b.json", []byte(visit("two", "Practitioner?identifier=http://x.example|8"))),
		file(t, "practitionerInformation1.json", []byte(who)))
	is(t, sum, "3/3/0/0")
	for id, want := range map[string]string{"one": `"Practitioner/dr"`, "two": `"Practitioner?identifier=http://x.example|8"`} {
		v, err := p.Read(context.Background(), ident.Ref{Type: "Basic", ID: id})
		if err != nil || !strings.Contains(string(v.Body.Bytes), want) {
			t.Errorf("%s: %s %v", id, v.Body.Bytes, err)
		}
	}
}

func TestBrokenFilesDoNotStopTheRest(t *testing.T) {
	dir := t.TempDir()
	whole := tarred("a.json", patient("a"), "b.json", patient("b"))
	var many bytes.Buffer
	for i := range 5000 {
		fmt.Fprintf(&many, `{"resourceType":"Patient","id":"m%d","birthDate":"19%02d-0%d-1%d"}`+"\n", i*7919, i%90, i%9+1, i%9)
	}
	cut := gz(many.Bytes())
	for name, body := range map[string][]byte{
		"1-cut.tar":       whole[:1536+20],
		"2-cut.gz":        cut[:len(cut)/2],
		"3-cut.json":      []byte(`{"resourceType":"Patient","id":"x","name":[{"fam`),
		"4-lines.ndjson":  []byte(patient("l1") + "\n{\"resourceType\":\n" + patient("l2") + "\n" + `{"resourceType":"Wizard"}` + "\n" + `{"a":1,"a":2}`),
		"5-latin.json":    []byte("{\"resourceType\":\"Patient\",\"id\":\"y\",\"name\":[{\"family\":\"\xe9\"}]}"),
		"6-xml.xml":       []byte(`<Patient xmlns="http://hl7.org/fhir"/>`),
		"7-array.json":    []byte(`[{}]`),
		"8-sixteen.json":  []byte("\xff\xfe{\x00"),
		"9-deep.json":     []byte(strings.Repeat(`{"a":`, 5000)),
		"a-good.json":     []byte(patient("good")),
		"b-junk.json":     []byte("{\n\"resourceType\":\"Patient\",\"id\":\"z\"} junk"),
		"c-notice.txt":    []byte("nothing to load"),
		"d-zeros.json.gz": gz(make([]byte, 100)),
		"f-cut.zip":       zipped("a.json", patient("zip"))[:60],
		"e-type.json":     []byte(`{"resourceType":"Bundle","type":"transaction","entry":{"resource":{}}}`),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var all bytes.Buffer
	p := practice(t)
	sum, err := Run(context.Background(), Config{Sink: StoreSink{Practice: p}, Paths: []string{dir, filepath.Join(dir, "absent")}, Refused: &all})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"a", "l1", "l2", "good", "z"} {
		if _, err := p.Read(context.Background(), ident.Ref{Type: "Patient", ID: id}); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
	wants := []string{"1-cut.tar", "2-cut.gz", "3-cut.json", "4-lines.ndjson", "5-latin", "6-xml", "7-array", "8-sixteen", "9-deep", "b-junk", "e-type", "f-cut.zip", "absent"}
	var print bytes.Buffer
	if err := sum.Print(&print); err != nil {
		t.Fatal(err)
	}
	for _, want := range wants {
		if !strings.Contains(print.String(), want) {
			t.Errorf("%s is not listed as refused:\n%s", want, print.String())
		}
	}
	if n := strings.Count(all.String(), "\n"); n != sum.Faults || !json.Valid([]byte(strings.SplitN(all.String(), "\n", 2)[0])) {
		t.Errorf("%d lines for %d refusals", n, sum.Faults)
	}
	if strings.Count(all.String(), "4-lines") != 3 {
		t.Errorf("broken lines: %s", all.String())
	}
}

func TestBounds(t *testing.T) {
	p := practice(t)
	big := []byte(`{"resourceType":"Patient","id":"big","name":[{"text":"` + strings.Repeat("x", 5000) + `"}]}`)
	sum, err := Run(context.Background(), Config{Sink: StoreSink{Practice: p}, MaxDocument: 1000, Paths: []string{
		file(t, "big.json", big),
		file(t, "big.ndjson", append(append([]byte(patient("a")+"\n"), big...), []byte("\n"+patient("b"))...)),
	}})
	if err != nil {
		t.Fatal(err)
	}
	if sum.Total().Stored != 2 || sum.Faults != 2 {
		t.Errorf("%+v %v", sum.Total(), sum.Refused)
	}
	nested := []byte(patient("n"))
	for range 9 {
		nested = gz(nested)
	}
	if sum := load(t, p, file(t, "nested.gz", nested)); sum.Faults != 1 {
		t.Errorf("%v", sum.Refused)
	}
	if !testing.Short() {
		var bomb bytes.Buffer
		z, _ := zstd.NewWriter(&bomb)
		_, _ = z.Write([]byte(patient("first") + "\n"))
		line := append(bytes.Repeat([]byte(" "), 1<<20), '\n')
		for range 400 {
			_, _ = z.Write(line)
		}
		_ = z.Close()
		sum := load(t, p, file(t, "bomb.zst", bomb.Bytes()))
		if sum.Faults != 1 || !strings.Contains(sum.Refused[0].Message, "unpacks") {
			t.Errorf("%v", sum.Refused)
		}
	}
}

func TestOrganisationFiles(t *testing.T) {
	line := `"Z90901","THE ELM SURGERY","Y63","QHM","ELM HOUSE","1 ELM ROAD","","OAKENBURY","","HW1 1CK","19740401","","ACTIVE","B","16C","20200401","","01632 960001","","","","1","","16C","","RO76",""` + "\n"
	p := practice(t)
	sum := load(t, p, file(t, "practices.csv.gz", gz([]byte(line+"broken\n"+strings.Replace(line, "Z90901", "Z90902", 1)))))
	if sum.Types["Organization"].Stored != 2 || sum.Faults != 1 || sum.Refused[0].Entry != 2 {
		t.Errorf("%+v %v", sum.Types, sum.Refused)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var many bytes.Buffer
	for i := range 20000 {
		many.WriteString(patient(fmt.Sprint(i)) + "\n")
	}
	if _, err := Run(ctx, Config{Sink: StoreSink{Practice: practice(t)}, Paths: []string{file(t, "a.ndjson", many.Bytes())}}); err == nil {
		t.Error("an import that was given up says nothing")
	}
}

func TestProgress(t *testing.T) {
	var out bytes.Buffer
	m := newMeter(&out, 2_000_000, time.Now)
	m.read.Store(500_000)
	m.done.Store(300)
	m.show(2 * time.Second)
	m.terminal = true
	m.show(2 * time.Second)
	want := " 25% of 2.0 MB, 300 resources, 150 a second\n\r[======                  ]  25% of 2.0 MB, 300 resources, 150 a second   "
	if out.String() != want {
		t.Errorf("got  %q\nwant %q", out.String(), want)
	}
}

package record_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/pebble"
)

const ods = ident.ODS("Z99901")

// open gives a practice on an in-memory log.
func open(t testing.TB) *record.Practice {
	t.Helper()
	log, err := pebble.Open(pebble.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	return practiceOf(t, log)
}

func practiceOf(t testing.TB, log record.Log) *record.Practice {
	t.Helper()
	s, err := record.Open(context.Background(), record.Config{Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	p, err := s.Practice(ods)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func put(t testing.TB, typ, id, rest string) record.Write {
	t.Helper()
	if rest != "" {
		rest = "," + rest
	}
	w, err := record.Prepare(ident.Ref{Type: typ, ID: id}, []byte(`{"resourceType":"`+typ+`","id":"`+id+`"`+rest+`}`))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func commit(t testing.TB, p *record.Practice, c record.Change) record.Receipt {
	t.Helper()
	r, err := p.Commit(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func ids(page record.Page) string {
	var out []string
	for _, m := range page.Matches {
		out = append(out, m.Ref.ID)
	}
	return strings.Join(out, " ")
}

func find(t testing.TB, p *record.Practice, q string) string {
	t.Helper()
	page, err := p.Find(context.Background(), q)
	if err != nil {
		t.Fatalf("%s: %v", q, err)
	}
	return ids(page)
}

func TestCommitReadHistory(t *testing.T) {
	p, ctx := open(t), context.Background()
	ref := ident.Ref{Type: "Patient", ID: "a"}
	r1 := commit(t, p, record.Change{
		Author: record.Author{Ref: "Practitioner/1", Role: "clinician"}, Reason: "registration",
		Writes: []record.Write{put(t, "Patient", "a", `"gender":"female"`)},
	})
	v, err := p.Read(ctx, ref)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"resourceType":"Patient","id":"a","meta":{"versionId":"c.1","lastUpdated":"` + v.Time.Format("2006-01-02T15:04:05.000Z") + `"},"gender":"female"}`
	if string(v.JSON()) != want {
		t.Errorf("read %s, want %s", v.JSON(), want)
	}
	commit(t, p, record.Change{Expect: []record.Expect{r1.Versions[0].Expect()}, Writes: []record.Write{put(t, "Patient", "a", `"gender":"male"`)}})
	_, err = p.Commit(ctx, record.Change{Expect: []record.Expect{r1.Versions[0].Expect()}, Writes: []record.Write{put(t, "Patient", "a", `"gender":"other"`)}})
	if !fault.Is(err, fault.Conflict) {
		t.Errorf("a stale version: %v, want a conflict", err)
	}
	commit(t, p, record.Change{Writes: []record.Write{record.Remove(ref)}})
	if _, err := p.Read(ctx, ref); !fault.Is(err, fault.Gone) {
		t.Errorf("read after delete: %v, want gone", err)
	}
	h, err := p.History(ctx, ref, "", 10)
	if err != nil || len(h) != 3 || !h[0].Deleted || h[2].ID != "c.1" || h[2].Author.Ref != "Practitioner/1" {
		t.Errorf("history %+v %v", h, err)
	}
	if v, err := p.VRead(ctx, ref, "c.2"); err != nil || !strings.Contains(string(v.JSON()), `"male"`) {
		t.Errorf("vread %s %v", v.JSON(), err)
	}
	if got := find(t, p, "Patient?gender=male"); got != "" {
		t.Errorf("a deleted patient is found: %s", got)
	}
}

func TestChangesAreWholeOrNothing(t *testing.T) {
	p, ctx := open(t), context.Background()
	_, err := p.Commit(ctx, record.Change{
		Expect: []record.Expect{{Ref: ident.Ref{Type: "Slot", ID: "s"}, Version: "c.9"}},
		Writes: []record.Write{put(t, "Patient", "a", ""), put(t, "Patient", "b", "")},
	})
	if !fault.Is(err, fault.Conflict) || len(p.Position()) != 0 {
		t.Fatalf("%v at %s", err, p.Position())
	}
	_, err = p.Commit(ctx, record.Change{Writes: []record.Write{put(t, "Patient", "a", ""), put(t, "Patient", "a", "")}})
	if !fault.Is(err, fault.Invalid) {
		t.Fatalf("one resource twice: %v", err)
	}
}

func TestKeyMakesAChangeHappenOnce(t *testing.T) {
	p := open(t)
	c := func(id string) record.Change {
		return record.Change{Key: "form-1", Writes: []record.Write{put(t, "Task", id, ""), put(t, "Task", id+"2", "")}}
	}
	var wg sync.WaitGroup
	got := make([]record.Receipt, 20)
	for i := range got {
		wg.Add(1)
		go func() {
			defer wg.Done()
			got[i] = commit(t, p, c(fmt.Sprint("t", i)))
		}()
	}
	wg.Wait()
	for _, r := range got {
		if len(r.Versions) != 2 || r.Versions[0].Ref != got[0].Versions[0].Ref || r.Versions[1].ID != got[0].Versions[1].ID {
			t.Errorf("receipts differ: %v and %v", r.Versions, got[0].Versions)
		}
	}
	if n := find(t, p, "Task"); len(strings.Fields(n)) != 2 {
		t.Errorf("tasks %s, want two", n)
	}
}

func TestOneOfManyConditionalCreatesWins(t *testing.T) {
	p := open(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for i := range 16 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			id := fmt.Sprint("p", i)
			_, err := p.Commit(context.Background(), record.Change{
				Expect: []record.Expect{{None: "Patient?identifier=x|1"}},
				Writes: []record.Write{put(t, "Patient", id, `"identifier":[{"system":"x","value":"1"}]`)},
			})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else if !fault.Is(err, fault.Conflict) {
				t.Error(err)
			}
		}()
	}
	wg.Wait()
	if won != 1 {
		t.Errorf("%d won, want 1", won)
	}
}

func TestFind(t *testing.T) {
	p, ctx := open(t), context.Background()
	for i := range 25 {
		status := []string{"requested", "accepted"}[i%2]
		commit(t, p, record.Change{Writes: []record.Write{put(t, "Task", fmt.Sprintf("t%02d", i),
			fmt.Sprintf(`"status":"%s","intent":"order","authoredOn":"2026-11-%02dT09:00:00Z","for":{"reference":"Patient/p%d"}`, status, i+1, i%3))}})
	}
	commit(t, p, record.Change{Writes: []record.Write{put(t, "Patient", "p1", `"name":[{"family":"O’Neill-Jönes","given":["Áine"]}],"birthDate":"1980-02"`)}})
	for q, want := range map[string]string{
		"Task?status=requested&patient=Patient/p1":                "t04 t10 t16 t22",
		"Task?status=requested&patient=p1&_count=2":               "t04 t10",
		"Task?patient=p1&_sort=-authored-on&_count=3":             "t22 t19 t16",
		"Task?authored-on=ge2026-11-24":                           "t23 t24",
		"Task?authored-on=lt2026-11-02":                           "t00",
		"Task?authored-on=2026-11-05":                             "t04",
		"Task?authored-on=gt2026-11-23&status=requested,accepted": "t23 t24",
		"Task?_id=t01,t03,zz":                                     "t01 t03",
		"Task?_id=t01,t03&status=requested":                       "",
		"Task?_id=t01,t03&_id=t03,zz":                             "t03",
		"Task?_id=t01&_id=t03":                                    "",
		"Task?status:not=requested&patient=p0":                    "t03 t09 t15 t21",
		"Patient?family=oneill":                                   "p1",
		"Patient?name=AINE":                                       "p1",
		"Patient?family:exact=O’Neill-Jönes":                      "p1",
		"Patient?family:contains=jones":                           "p1",
		"Patient?family:exact=oneill":                             "",
		"Patient?birthdate=1980":                                  "p1",
		"Patient?birthdate=1980-02-14":                            "",
		"Patient?birthdate:missing=true":                          "",
		"Patient?gender:missing=true":                             "p1",
	} {
		if got := find(t, p, q); got != want {
			t.Errorf("%s found %q, want %q", q, got, want)
		}
	}
	page, err := p.Find(ctx, "Task?status=requested&_count=5&_total=accurate&_include=Task:patient")
	if err != nil || page.Total != 13 || page.Next == "" || len(page.Included) != 1 {
		t.Fatalf("%+v %v", page, err)
	}
	seen := ids(page)
	for page.Next != "" {
		if page, err = p.Find(ctx, "Task?status=requested&_count=5&_cursor="+page.Next); err != nil {
			t.Fatal(err)
		}
		seen += " " + ids(page)
	}
	if seen != find(t, p, "Task?status=requested&_count=100") {
		t.Errorf("pages gave %s", seen)
	}
	if page, err := p.Find(ctx, "Task?status=requested&identifier:not=_count=0"); err != nil || len(page.Matches) != 13 {
		t.Errorf("%d matches, %v; a value that ends like a count is no count", len(page.Matches), err)
	}
	for _, q := range []string{"Task?nonsense=1", "Task?authored-on=2026-02-30", "Nothing?x=1", "Task?_sort=what", "Task?_count=-1", "Task?status:foo=1"} {
		if _, err := p.Find(ctx, q); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v, want it refused", q, err)
		}
	}
}

func TestSearchByStretchesOfTime(t *testing.T) {
	p := open(t)
	for i := range 60 {
		at := time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC).Add(time.Duration(i) * 12 * time.Hour)
		commit(t, p, record.Change{Writes: []record.Write{
			put(t, "Slot", fmt.Sprintf("s%02d", i), fmt.Sprintf(`"schedule":{"reference":"Schedule/1"},"status":"%s","start":"%s","end":"%s"`,
				[]string{"free", "busy"}[i%2], at.Format(time.RFC3339), at.Add(time.Hour).Format(time.RFC3339))),
			put(t, "Encounter", fmt.Sprintf("e%02d", i), fmt.Sprintf(`"status":"finished","class":{"code":"AMB"},"period":{"start":"%s","end":"%s"}`,
				at.Format(time.RFC3339), at.Add(36*time.Hour).Format(time.RFC3339))),
		}})
	}
	const november = "Encounter?date=ge2026-11-29&date=lt2026-11-30"
	if got := find(t, p, november); got != "e53 e54 e55 e56 e57" {
		t.Errorf("%s found %q", november, got)
	}
	// A period without an end makes the parameter's spans endless.
	commit(t, p, record.Change{Writes: []record.Write{put(t, "Encounter", "open", `"status":"in-progress","class":{"code":"AMB"},"period":{"start":"2026-11-02"}`)}})
	for q, want := range map[string]string{
		"Slot?start=ge2026-11-03&start=lt2026-11-05":             "s04 s05 s06 s07",
		"Slot?start=gt2026-11-03&start=le2026-11-04":             "s06 s07",
		"Slot?status=free&start=ge2026-11-03&start=lt2026-11-05": "s04 s06",
		"Slot?start=ge2026-11-05&start=lt2026-11-03":             "",
		"Slot?start=sa2026-11-30":                                "",
		"Slot?start=sa2026-11-29T12:00:00Z":                      "s57 s58 s59",
		"Slot?start=eb2026-11-01T12:00:00Z":                      "s00",
		"Slot?start=2026-11-03T09:00:00Z":                        "s04",
		november:                                                 "e53 e54 e55 e56 e57 open",
		"Encounter?date=sa2026-11-29&date=le2026-12-30":          "e58 e59",
		"Encounter?date=2026-11&_count=100":                      strings.Join(seq("e", 0, 56), " "),
	} {
		if got := find(t, p, q); got != want {
			t.Errorf("%s found %q, want %q", q, got, want)
		}
	}
}

// seq lists names with two digits.
func seq(prefix string, from, to int) (out []string) {
	for i := from; i <= to; i++ {
		out = append(out, fmt.Sprintf("%s%02d", prefix, i))
	}
	return out
}

func TestSearchByWhatCodesImplyAndByIdentifier(t *testing.T) {
	p := open(t)
	commit(t, p, record.Change{Writes: []record.Write{
		put(t, "Patient", "a", `"gender":"male","meta":{"lastUpdated":"1999-01-01T00:00:00Z","versionId":"7"}`),
		put(t, "Task", "t", `"status":"requested","intent":"order","for":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000018"}}`),
	}})
	for q, want := range map[string]string{
		"Patient?gender=http://hl7.org/fhir/administrative-gender|male":        "a",
		"Patient?gender=http://example.org|male":                               "",
		"Patient?_lastUpdated=lt2000":                                          "",
		"Task?subject:identifier=https://fhir.nhs.uk/Id/nhs-number|9990000018": "t",
		"Task?subject=9990000018":                                              "",
		"Task?subject:identifier=https://example.org|9990000018":               "",
	} {
		if got := find(t, p, q); got != want {
			t.Errorf("%s found %q, want %q", q, got, want)
		}
	}
}

func TestAccessLog(t *testing.T) {
	p, ctx := open(t), context.Background()
	who := record.Author{Ref: "Practitioner/1", Role: "navigator"}
	if err := p.Saw(ctx, record.Access{Author: who, Purpose: "direct care", Patient: "Patient/a", Type: "summary"}); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		p.Noted(record.Access{Author: record.Author{Ref: "Device/x"}, Purpose: "program", Patient: "Patient/a", Type: "Observation"})
	}
	deadline := time.Now().Add(5 * time.Second)
	for {
		got, err := p.Accesses(ctx, "Patient/a", time.Time{}, 10)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) >= 2 {
			n := 0
			for _, a := range got {
				if a.Type == "Observation" {
					n += a.Count
				}
			}
			if n == 100 && got[len(got)-1].Author == who {
				return
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("accesses %+v", got)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// failing is a log whose next appends fail.
type failing struct {
	record.Log
	left atomic.Int32
}

func (l *failing) Append(ctx context.Context, o ident.ODS, heads ident.Position, es []record.Entry) error {
	if l.left.Add(-1) >= 0 {
		return errors.New("the disk is full")
	}
	return l.Log.Append(ctx, o, heads, es)
}

func TestNotedReadsOutliveAFailure(t *testing.T) {
	inner, err := pebble.Open(pebble.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = inner.Close() })
	log := &failing{Log: inner}
	log.left.Store(2)
	p := practiceOf(t, log)
	p.Noted(record.Access{Author: record.Author{Ref: "Device/x"}, Patient: "Patient/a", Type: "Observation", Count: 7})
	for range 500 {
		if got, err := p.Accesses(context.Background(), "Patient/a", time.Time{}, 10); err != nil {
			t.Fatal(err)
		} else if len(got) == 1 && got[0].Count == 7 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("the reads were forgotten")
}

func TestFollowSeesEveryEntryOnce(t *testing.T) {
	p := open(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	got := make(chan string, 1000)
	go func() {
		_ = p.Follow(ctx, nil, func(es []record.Entry) error {
			for _, e := range es {
				got <- e.ID
			}
			return nil
		})
	}()
	for i := range 100 {
		commit(t, p, record.Change{Writes: []record.Write{put(t, "Task", fmt.Sprint("t", i), "")}})
	}
	for i := range 100 {
		if id := <-got; id != fmt.Sprint("t", i) {
			t.Fatalf("entry %d was %s", i, id)
		}
	}
}

func TestReopenedStoreHasEverything(t *testing.T) {
	dir := t.TempDir()
	for round := range 3 {
		log, err := pebble.Open(pebble.Config{Dir: dir + "/log"})
		if err != nil {
			t.Fatal(err)
		}
		s, err := record.Open(context.Background(), record.Config{Log: log, Dir: dir + "/index"})
		if err != nil {
			t.Fatal(err)
		}
		p, err := s.Practice(ods)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(strings.Fields(find(t, p, "Patient"))); got != round {
			t.Errorf("round %d: %d patients", round, got)
		}
		commit(t, p, record.Change{Writes: []record.Write{put(t, "Patient", fmt.Sprint("p", round), "")}})
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		patient := ident.Ref{Type: "Patient", ID: "p0"}
		_, read := p.Read(context.Background(), patient)
		_, found := p.Find(context.Background(), "Patient")
		_, past := p.History(context.Background(), patient, "", 1)
		_, seen := p.Accesses(context.Background(), patient.String(), time.Time{}, 1)
		for what, err := range map[string]error{"read": read, "search": found, "history": past, "who looked": seen} {
			if !fault.Is(err, fault.Busy) {
				t.Errorf("%s of a closed record: %v", what, err)
			}
		}
		if err := log.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

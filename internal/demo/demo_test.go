package demo

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heartwood/internal/care"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
)

var today = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func network(t testing.TB, seed int64, practices, patients int) *Network {
	t.Helper()
	n, err := New(Config{Seed: seed, Practices: practices, Patients: patients, Today: today})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestLimits(t *testing.T) {
	for name, c := range map[string]Config{
		"too many practices": {Practices: 100, Today: today},
		"no practices":       {Practices: -1, Today: today},
		"too many patients":  {Practices: 10, Patients: 100_000, Today: today},
		"no day":             {},
	} {
		if _, err := New(c); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestSameSeedSameBytes(t *testing.T) {
	write := func(seed int64) []byte {
		var b bytes.Buffer
		for _, p := range network(t, seed, 2, 150).Practices() {
			for item := range p.Resources() {
				fmt.Fprintf(&b, "%s/%s %s\n", item.Type, item.ID, item.Body)
			}
		}
		return b.Bytes()
	}
	one, again, other := write(7), write(7), write(8)
	if !bytes.Equal(one, again) {
		t.Error("the same seed made different bytes")
	}
	if bytes.Equal(one, other) {
		t.Error("another seed made the same bytes")
	}
}

// TestEveryResource reads everything that is made: it parses, keeps its
// promises about ids and refers only to what was made.
func TestEveryResource(t *testing.T) {
	n := network(t, 1, 3, 700)
	patients := 0
	nhs := map[string]bool{}
	perPatient := 0
	for _, p := range n.Practices() {
		made := map[string]bool{}
		wanted := map[string]string{}
		current, closed := "", map[string]bool{}
		for item := range p.Resources() {
			r, err := fhir.ParseResource(item.Body)
			if err != nil {
				t.Fatalf("%v\n%s", err, item.Body)
			}
			for _, issue := range fhir.Validate(r) {
				t.Fatalf("%s: %s\n%s", issue.Where, issue.Message, item.Body)
			}
			ref := r.Ref().String()
			if r.Type() != item.Type || r.ID() != item.ID || made[ref] {
				t.Fatalf("%s/%s is named wrongly or twice: %s", item.Type, item.ID, ref)
			}
			made[ref] = true
			references(r.Root(), func(to string) { wanted[to] = ref })
			if r.Type() == "Patient" {
				patients++
				number := r.Get("identifier", "value").Str()
				if _, err := ident.ParseNHSNumber(number); err != nil || !strings.HasPrefix(number, "999") || nhs[number] {
					t.Errorf("NHS number %s: %v", number, err)
				}
				nhs[number] = true
			}
			if patient := belongs(r); patient != "" {
				if patient != current {
					closed[current] = true
					current = patient
				}
				if closed[patient] {
					t.Fatalf("resources of %s are not together", patient)
				}
				perPatient++
			}
		}
		if !made[care.Triage] {
			t.Errorf("%s has no team for new requests", p.ODS)
		}
		for to, from := range wanted {
			if !made[to] {
				t.Errorf("%s refers to %s, which is not made", from, to)
			}
		}
	}
	if patients != 3*700 {
		t.Errorf("made %d patients", patients)
	}
	if mean := float64(perPatient) / float64(patients); mean < 9 || mean > 18 {
		t.Errorf("%.1f resources a patient", mean)
	} else {
		t.Logf("%.1f resources a patient", mean)
	}
}

func references(n fhir.Node, found func(string)) {
	for c := range n.Children() {
		if c.KeyIs("reference") && c.Kind() == fhir.String {
			found(c.Str())
		}
		references(c, found)
	}
}

// belongs is the patient whose record a resource is in.
func belongs(r *fhir.Resource) string {
	if r.Type() == "Patient" {
		return "Patient/" + r.ID()
	}
	for _, name := range []string{"subject", "patient"} {
		if ref := r.Get(name, "reference").Str(); strings.HasPrefix(ref, "Patient/") {
			return ref
		}
	}
	return ""
}

// TestNumbersNeverMeet: whatever the seed, two people never share an id or an
// NHS number, and the number is a valid one of the test range.
func TestNumbersNeverMeet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := &Network{cfg: Config{Seed: rapid.Int64().Draw(t, "seed")}}
		a := rapid.IntRange(0, maxPeople-1).Draw(t, "a")
		b := rapid.IntRange(0, maxPeople-1).Draw(t, "b")
		if nhs := n.nhsNumber(a); !strings.HasPrefix(string(nhs), "999") {
			t.Fatalf("%s is not in the test range", nhs)
		} else if _, err := ident.ParseNHSNumber(string(nhs)); err != nil {
			t.Fatal(err)
		}
		if a != b && (n.nhsNumber(a) == n.nhsNumber(b) || n.patientID(a) == n.patientID(b)) {
			t.Fatalf("%d and %d share a number", a, b)
		}
	})
}

func TestNothingIsReal(t *testing.T) {
	for _, p := range network(t, 3, 3, 300).Practices() {
		for item := range p.Resources() {
			var r struct {
				Telecom []struct{ System, Value string }
				Address json.RawMessage
			}
			if err := json.Unmarshal(item.Body, &r); err != nil {
				t.Fatal(err)
			}
			for _, c := range r.Telecom {
				if c.System == "phone" && !strings.HasPrefix(c.Value, "07700 900") && !strings.HasPrefix(c.Value, "01632 960") {
					t.Errorf("telephone number %s", c.Value)
				}
				if c.System == "email" && !strings.HasSuffix(c.Value, ".example.org") {
					t.Errorf("address %s", c.Value)
				}
			}
			for part := range strings.SplitSeq(string(r.Address), `"postalCode":"`) {
				code, _, _ := strings.Cut(part, `"`)
				if strings.HasPrefix(code, "HW") && !strings.ContainsAny(code[len(code)-2:], "CIKMOV") {
					t.Errorf("postcode %s could be given out", code)
				}
			}
		}
	}
}

// TestCodesAreNotInUse looks in the published files.
func TestCodesAreNotInUse(t *testing.T) {
	files, _ := filepath.Glob("../../../shared/data/ods/*.csv.gz")
	if len(files) == 0 {
		t.Skip("needs ../shared/data/ods, which is not here")
	}
	n := network(t, 1, maxPractices, 1)
	ours := []string{PCN, ICB, strings.ToUpper(PCNName), strings.ToUpper(ICBName)}
	for _, p := range n.Practices() {
		ours = append(ours, string(p.ODS), strings.ToUpper(p.Name))
	}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		if _, err := text.ReadFrom(z); err != nil {
			t.Fatal(err)
		}
		for _, code := range ours {
			for _, form := range []string{`"` + code + `"`, "\n" + code + ",", "," + code + ","} {
				if bytes.Contains(text.Bytes(), []byte(form)) {
					t.Errorf("%s is in use: %s", code, filepath.Base(name))
				}
			}
		}
		f.Close()
	}
}

func TestSamples(t *testing.T) {
	for _, p := range network(t, 1, 3, 1500).Practices() {
		samples := p.SamplePatients()
		if len(samples) < 4 || len(samples[0].Proxy) == 0 {
			t.Fatalf("%s: %d samples, %+v", p.ODS, len(samples), samples)
		}
		made := map[string]string{}
		for item := range p.Resources() {
			made[item.Type+"/"+item.ID] = string(item.Body)
		}
		for _, s := range samples {
			body := made["Patient/"+s.ID]
			if !strings.Contains(body, string(s.NHS)) {
				t.Errorf("%s is not as it was written", s.Why)
			}
			for _, c := range s.Proxy {
				if !strings.Contains(body, "RelatedPerson/"+c.Related) || !strings.Contains(made["RelatedPerson/"+c.Related], "Patient/"+c.ID) {
					t.Errorf("%s: the tie to the child is missing", s.Why)
				}
			}
		}
		for _, s := range p.Staff() {
			if made["Practitioner/"+s.ID] == "" || made["PractitionerRole/"+s.RoleID] == "" {
				t.Errorf("%s is not in the record", s.ID)
			}
		}
	}
}

func TestDiaryIsOnOpenDays(t *testing.T) {
	n, err := New(Config{Today: time.Date(2026, 12, 18, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range n.openDays(8) {
		got = append(got, d.Format("0102"))
	}
	if want := "[1218 1221 1222 1223 1224 1229 1230 1231]"; fmt.Sprint(got) != want {
		t.Errorf("open on %v, want %s", got, want)
	}
	holidays := 0
	for d := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() == 2027; d = d.AddDate(0, 0, 1) {
		if wd := d.Weekday(); wd != 0 && wd != 6 && bankHoliday(d) {
			holidays++
		}
	}
	if holidays != 8 {
		t.Errorf("%d bank holidays in 2027", holidays)
	}
}

func BenchmarkResources(b *testing.B) {
	p := network(b, 1, 1, 1500).Practices()[0]
	b.ReportAllocs()
	made, bytes := 0, 0
	for b.Loop() {
		for item := range p.Resources() {
			made++
			bytes += len(item.Body)
		}
	}
	b.ReportMetric(float64(made)/b.Elapsed().Seconds(), "resources/s")
	b.ReportMetric(float64(bytes)/float64(made), "bytes/resource")
	b.ReportMetric(float64(made)/float64(b.N)/1500, "resources/patient")
}

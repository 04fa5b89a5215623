package network

import (
	"bytes"
	"compress/gzip"
	"os"
	"strings"
	"testing"

	"heartwood/internal/fhir"
)

const two = `"Z90901","THE ELM SURGERY","Y63","QHM","ELM HOUSE","1 ELM ROAD","","OAKENBURY","","HW1 1CK","19740401","","ACTIVE","B","16C","20200401","","01632 960001","","","","1","","16C","","RO76",""
"Z90902","ELM WALK-IN CENTRE","Y63","QHM","2 ELM ROAD","","","OAKENBURY","WEALDSHIRE","HW1 1CK","20100401","20171031","INACTIVE","B","00K","20130401","20171031","","","","","1","","00K","","RO87",""
`

func gather(t *testing.T, in string) (rows []Row, faults map[int]string) {
	t.Helper()
	faults = map[int]string{}
	kind := Sniff([]byte(in))
	if kind == Unknown {
		kind = Practices
	}
	for row, err := range Read(strings.NewReader(in), kind) {
		if err != nil {
			faults[row.Line] = err.Error()
			continue
		}
		r, err := fhir.ParseResource(row.Resource)
		if err != nil {
			t.Fatal(err)
		}
		for _, issue := range fhir.Validate(r) {
			t.Errorf("line %d: %s: %s", row.Line, issue.Where, issue.Message)
		}
		rows = append(rows, row)
	}
	return rows, faults
}

func TestPractices(t *testing.T) {
	for name, in := range map[string]string{
		"plain":        two,
		"byte order":   "\ufeff" + two,
		"line endings": strings.ReplaceAll(two, "\n", "\r\n"),
	} {
		rows, faults := gather(t, in)
		if len(rows) != 2 || len(faults) != 0 || Sniff([]byte(in)) != Practices {
			t.Fatalf("%s: %d rows, %v", name, len(rows), faults)
		}
	}
	rows, _ := gather(t, two)
	want := `{"resourceType":"Organization","id":"Z90902","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/organization-period","valuePeriod":{"start":"2010-04-01","end":"2017-10-31"}}],` +
		`"identifier":[{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"Z90902"}],"active":false,"type":[{"coding":[{"system":"https://fhir.nhs.uk/CodeSystem/organisation-role","code":"RO177","display":"PRESCRIBING COST CENTRE"}]}],` +
		`"name":"ELM WALK-IN CENTRE","address":[{"use":"work","line":["2 ELM ROAD","WEALDSHIRE"],"city":"OAKENBURY","postalCode":"HW1 1CK"}],"partOf":{"identifier":{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"00K"}}}`
	if got := string(rows[1].Resource); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if !strings.Contains(string(rows[0].Resource), "RO76") {
		t.Error("the practice is not marked as one")
	}
}

func TestBadLines(t *testing.T) {
	in := two +
		"\"unfinished\n" +
		strings.Replace(two, "Z90901", "Z90901", 1)[:strings.IndexByte(two, '\n')+1] + // again
		strings.Replace(strings.SplitN(two, "\n", 2)[0], "19740401", "31/12/1974", 1) + "\n" +
		"a,b,c\n" +
		strings.Repeat("x", maxLine*2) + "\n" +
		strings.Replace(strings.Replace(strings.SplitN(two, "\n", 2)[0], "Z90901", "Z90903", 1), "THE ELM", "CAF\xc9", 1) + "\n"
	rows, faults := gather(t, in)
	if len(faults) != 5 || len(rows) != 3 {
		t.Fatalf("%d rows, %d faults: %v", len(rows), len(faults), faults)
	}
	for n, want := range map[int]string{3: "comma-separated", 4: "earlier line", 5: "open date", 6: "3 fields", 7: "too long"} {
		if !strings.Contains(faults[n], want) {
			t.Errorf("line %d: %q, want %q", n, faults[n], want)
		}
	}
	if !strings.Contains(string(rows[2].Resource), "CAFÉ") {
		t.Errorf("Windows-1252 was not read: %s", rows[2].Resource)
	}
}

func TestRealFiles(t *testing.T) {
	for name, want := range map[string]struct {
		kind Kind
		rows int
	}{
		"epraccur_202602.csv.gz":                   {Practices, 15389},
		"epcn_202302_pcncorepartnerdetails.csv.gz": {Partners, 6000},
		"epcn_202302_pcndetails.csv.gz":            {Networks, 1200},
	} {
		f, err := os.Open("../../../shared/data/ods/" + name)
		if err != nil {
			t.Skip("needs ../shared/data/ods, which is not here")
		}
		defer f.Close()
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if _, err := b.ReadFrom(z); err != nil {
			t.Fatal(err)
		}
		if k := Sniff(b.Bytes()); k != want.kind {
			t.Errorf("%s is taken for %d", name, k)
			continue
		}
		rows, faults := gather(t, b.String())
		if len(rows) < want.rows || len(faults) > 0 {
			t.Errorf("%s: %d rows, want at least %d; %d refused", name, len(rows), want.rows, len(faults))
			for line, why := range faults {
				t.Fatalf("for one, line %d: %s", line, why)
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(two))
	f.Add([]byte("PCN Code,PCN Name,Current Sub ICB Loc Code,Sub ICB Location,Open Date,Close Date,Address Line 1,Address Line 2,Address Line 3,Address Line 4,Address Line 5,Postcode\nU90001,A PCN,36L,X,20191001,,H,1 R,,T,,HW1 1CK\n"))
	f.Add([]byte("Partner Organisation Code,Partner Name,a,b,PCN Code,PCN Name,c,d,e,f,g\nZ90001,A,x,y,U90001,B,x,y,20191001,20201001,True\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		for _, kind := range []Kind{Sniff(in), Practices, Partners, Networks} {
			for row, err := range Read(bytes.NewReader(in), kind) {
				if err != nil {
					continue
				}
				r, err := fhir.ParseResource(row.Resource)
				if err != nil {
					t.Fatal(err)
				}
				if err := fhir.Refusal(fhir.Validate(r)); err != nil {
					t.Fatalf("%v\n%s", err, row.Resource)
				}
			}
		}
	})
}

package deprivation_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"heartwood/internal/care/deprivation"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
)

const deciles = "lsoa21_code,IMD_score,IMD_decile\nE01000001,8.7,8\nE01000002,4.7,10\nE01000003,60.1,1\n"

const postcodes = "\ufeffpcd7,pcds,lsoa21cd\n" +
	"ZZ1 1AA,ZZ1 1AA,E01000001\nZZ1 1AB,ZZ1 1AB,E01000003\nZZ1 1AC,ZZ1 1AC,W01000001\nZZ1 1AD,ZZ1 1AD,\n"

func table(t *testing.T, wanted ...string) deprivation.Table {
	t.Helper()
	d, err := deprivation.Deciles(strings.NewReader(deciles))
	if err != nil {
		t.Fatal(err)
	}
	w := map[string]bool{}
	for _, s := range wanted {
		w[s] = true
	}
	out, err := deprivation.Of(strings.NewReader(postcodes), d, w)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Every patient gets the tenth of where they live, those who have it are left
// alone, and everybody is counted once.
func TestApply(t *testing.T) {
	ctx := context.Background()
	p, err := memory.Open(t, nil).Practice("Z99901")
	if err != nil {
		t.Fatal(err)
	}
	const home, old = `{"use":"home","postalCode":"%s"}`, `{"use":"old","postalCode":"ZZ1 1AB"},`
	ten := `"extension":[{"url":"` + deprivation.URL + `","valueInteger":%d},{"url":"https://example.org/x","valueDecimal":1.50}],`
	people := []struct{ id, members, want string }{
		{"none", `"address":[` + old + fmt.Sprintf(home, "zz11aa") + `]`, `"valueInteger":8`},
		{"other", fmt.Sprintf(ten, 3) + `"address":[` + fmt.Sprintf(home, "ZZ1 1AB") + `]`, `"valueInteger":1}`},
		{"same", fmt.Sprintf(ten, 8) + `"address":[` + fmt.Sprintf(home, "ZZ1 1AA") + `]`, `"valueInteger":8`},
		{"wales", fmt.Sprintf(ten, 5) + `"address":[` + fmt.Sprintf(home, "ZZ1 1AC") + `]`, `"valueInteger":5`},
		{"ended", `"address":[` + fmt.Sprintf(home, "ZZ1 1AD") + `]`, ""},
		{"unknown", `"address":[` + fmt.Sprintf(home, "ZZ9 9ZZ") + `]`, ""},
		{"nowhere", `"gender":"female"`, ""},
	}
	var c record.Change
	for _, one := range people {
		w, err := record.Prepare(ident.Ref{Type: "Patient", ID: one.id}, []byte(`{"resourceType":"Patient","id":"`+one.id+`",`+one.members+`}`))
		if err != nil {
			t.Fatal(err)
		}
		c.Writes = append(c.Writes, w)
	}
	if _, err := p.Commit(ctx, c); err != nil {
		t.Fatal(err)
	}
	wanted, err := deprivation.Postcodes(ctx, p)
	if err != nil || len(wanted) != 5 || !wanted["ZZ11AA"] {
		t.Fatalf("%v, %v", wanted, err)
	}
	got, err := deprivation.Apply(ctx, p, table(t, "ZZ11AA", "ZZ11AB", "ZZ11AC", "ZZ11AD"))
	want := deprivation.Counts{Patients: 7, Written: 2, Same: 1, NoPostcode: 1, Unknown: 1, NoTenth: 2}
	if err != nil || got != want {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	for _, one := range people {
		v, err := p.Read(ctx, ident.Ref{Type: "Patient", ID: one.id})
		if err != nil {
			t.Fatal(err)
		}
		body := string(v.JSON())
		if has := strings.Contains(body, deprivation.URL); has != (one.want != "") || !strings.Contains(body, one.want) {
			t.Errorf("%s: %s", one.id, body)
		}
		if strings.Contains(one.members, "1.50") && !strings.Contains(body, "1.50") {
			t.Errorf("%s lost another extension: %s", one.id, body)
		}
	}
	again, err := deprivation.Apply(ctx, p, table(t, "ZZ11AA", "ZZ11AB", "ZZ11AC", "ZZ11AD"))
	if want = (deprivation.Counts{Patients: 7, Same: 3, NoPostcode: 1, Unknown: 1, NoTenth: 2}); err != nil || again != want {
		t.Errorf("the second time: %+v, %v; want %+v", again, err, want)
	}
}

// A bad table is refused with its line and what is wrong, and says no postcode.
func TestRefused(t *testing.T) {
	good, _ := deprivation.Deciles(strings.NewReader(deciles))
	for _, c := range []struct{ file, want string }{
		{"", "empty"},
		{"lsoa21_code,IMD_decile\n", "no rows"},
		{"a,b\n1,2\n", "Line 1"},
		{"lsoa21_code,IMD_decile\nE01000001,8\nE01000002,11\n", "Line 3"},
		{"lsoa21_code,IMD_decile\nE01000001,eight\n", "not 1 to 10"},
		{"lsoa21_code,IMD_decile\nE0100,8\n", "small area"},
		{"lsoa21_code,IMD_decile\nE01000001,8\nE01000001,9\n", "twice"},
		{"lsoa21_code,IMD_decile\nE01000001\n", "Line 2"},
		{"lsoa21_code,IMD_decile\nE01000001,\"8\n", "Line 2"},
		{"\x1f\x8bnot gzip", "unpacked"},
	} {
		if _, err := deprivation.Deciles(strings.NewReader(c.file)); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.file, err, c.want)
		}
	}
	for _, c := range []struct{ file, want string }{
		{"pcds,lsoa21cd\n", "no rows"},
		{"pcds,oa21\nZZ1 1AA,E01000001\n", "Line 1"},
		{"pcds,lsoa21cd\n,E01000001\n", "missing"},
		{"pcds,lsoa21cd\nZZ1 1AA,Hackney 001A\n", "small area"},
		{"pcds,lsoa21cd\nZZ1 1AA,E01000001\nZZ11AA,E01000002\n", "Line 3"},
	} {
		_, err := deprivation.Of(strings.NewReader(c.file), good, map[string]bool{"ZZ11AA": true})
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "ZZ1") {
			t.Errorf("%q: %v, want %q", c.file, err, c.want)
		}
	}
}

// The national table of 2025 is read whole, where it is there.
func TestNationalTable(t *testing.T) {
	f, err := os.Open(filepath.Join(hazard.Root(t), "..", "shared", "data", "geo", "imd2025_england_lsoa21.csv.gz"))
	if err != nil {
		t.Skip("the national table is not here")
	}
	defer f.Close() // only read
	d, err := deprivation.Deciles(f)
	if err != nil {
		t.Fatal(err)
	}
	tenths := map[int]int{}
	for _, n := range d {
		tenths[n]++
	}
	for n := 1; n <= 10; n++ {
		if tenths[n] < len(d)/10-1 || tenths[n] > len(d)/10+1 {
			t.Errorf("tenth %d has %d of %d areas", n, tenths[n], len(d))
		}
	}
}

func FuzzTables(f *testing.F) {
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	_, _ = w.Write([]byte(deciles))
	_ = w.Close()
	f.Add(z.Bytes(), []byte(postcodes))
	f.Add([]byte(deciles), []byte(postcodes))
	f.Add([]byte("lsoa,decile\nE01000001,1"), []byte("postcode,lsoa\nZZ1 1AA,E01000001"))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		d, err := deprivation.Deciles(bytes.NewReader(a))
		if err != nil {
			return
		}
		table, err := deprivation.Of(bytes.NewReader(b), d, map[string]bool{"ZZ11AA": true})
		if err != nil {
			return
		}
		if n := table["ZZ11AA"]; len(table) > 1 || n < 0 || n > 10 {
			t.Fatalf("%v", table)
		}
	})
}

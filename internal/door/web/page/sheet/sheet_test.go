package sheet_test

import (
	"encoding/csv"
	"strings"
	"testing"

	"heartwood/internal/door/web/page/sheet"
)

func TestHTML(t *testing.T) {
	s := sheet.Sheet{ID: "x", Title: "By <channel>", About: []string{"Counted so."}, Head: []string{"Channel", "In"}, File: "/x.csv", Heat: true}
	s.Add("Phone", "6")
	s.Total = &sheet.Row{Cells: []string{"All", "6"}}
	h, err := s.HTML()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"By &lt;channel&gt;", `<th scope="row">Phone</th><td class="dk-num dk-heat-6">6</td>`, "Counted so.", `href="/x.csv"`} {
		if !strings.Contains(string(h), want) {
			t.Errorf("it does not say %q:\n%s", want, h)
		}
	}
	if strings.Contains(string(h), "style=") {
		t.Error("a style that the policy refuses")
	}
}

// Words stand on the left, figures on the right.
func TestColumnsOfWords(t *testing.T) {
	s := sheet.Sheet{ID: "x", Title: "T", Head: []string{"Who", "How", "Free"}, Words: []int{1}}
	s.Add("GP", "video", "82")
	h, err := s.HTML()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`<th scope="col">How</th>`, `<th scope="col" class="dk-num">Free</th>`, `<td class="dk-said">video</td>`, `<td class="dk-num">82</td>`} {
		if !strings.Contains(string(h), want) {
			t.Errorf("it does not say %q:\n%s", want, h)
		}
	}
}

// Whatever the cells, the file reads back as the same rows, and no cell begins
// as a formula does.
func FuzzCSV(f *testing.F) {
	f.Add("=1+1", "a,b", "say \"so\"")
	f.Add("@SUM(A1)", "-5", "line\nbreak")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		s := sheet.Sheet{Head: []string{"a", "b", "c"}}
		s.Add(a, b, c)
		file, err := s.CSV()
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(strings.NewReader(string(file))).ReadAll()
		if err != nil || len(rows) != 2 || len(rows[1]) != 3 {
			t.Fatalf("%q: %v", file, err)
		}
		for i, want := range []string{a, b, c} {
			got := rows[1][i]
			plain := strings.NewReplacer("\r\n", "\n", "\r", "\n")
			if plain.Replace(strings.TrimPrefix(got, "'")) != plain.Replace(strings.TrimPrefix(want, "'")) {
				t.Fatalf("%q came back as %q", want, got)
			}
			if got != "" && strings.ContainsAny(got[:1], "=@+\t\r|") && !isNumber(got) {
				t.Fatalf("%q would be run", got)
			}
		}
	})
}

func isNumber(s string) bool { return sheet.Safe(s) == s }

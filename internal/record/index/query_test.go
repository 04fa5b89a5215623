package index

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func FuzzParseQuery(f *testing.F) {
	for _, s := range []string{
		"Task?status=requested&patient=Patient/1&_sort=-authored-on&_count=50", "Patient?name:exact=a%2Cb", "Observation?value-quantity=gt5.4|http://unitsofmeasure.org|mg",
		"Patient?birthdate=ap2000-01", "Task?_include=Task:patient&_revinclude=Provenance:target", "_Account", "Patient?identifier=a\\|b|c\\,d,e", "Patient?gender:not=male",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := ParseQuery(s)
		if err != nil {
			return
		}
		db, err := Open("", nil)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		ix, err := db.Practice("Z99901")
		if err != nil {
			t.Fatal(err)
		}
		q.Count = 10
		if r, err := ix.Search(q, func(Head, []Sort) (string, error) { return "", nil }); err == nil && len(r.Matches) > 0 {
			t.Fatalf("an empty index found %v", r.Matches)
		}
	})
}

func TestNumbersKeepTheirOrderAsKeys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Int64().Draw(t, "a"), rapid.Int64().Draw(t, "b")
		if (a < b) != (slices.Compare(appendInt(nil, a), appendInt(nil, b)) < 0) || readInt(appendInt(nil, a)) != a {
			t.Fatalf("%d and %d", a, b)
		}
		x, y := rapid.Float64().Draw(t, "x"), rapid.Float64().Draw(t, "y")
		if x != 0 && y != 0 && (x < y) != (slices.Compare(appendFloat(nil, x), appendFloat(nil, y)) < 0) {
			t.Fatalf("%g and %g", x, y)
		}
		if got := readFloat(appendFloat(nil, x)); got != x && !math.IsNaN(x) {
			t.Fatalf("%g came back as %g", x, got)
		}
	})
}

func TestIntersect(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var lists []list
		count := map[uint32]int{}
		n := rapid.IntRange(1, 4).Draw(t, "lists")
		for range n {
			nums := sorted(rapid.SliceOfN(rapid.Uint32Range(0, 40), 0, 30).Draw(t, "nums")).nums
			for _, x := range nums {
				count[x]++
			}
			lists = append(lists, &sliceList{nums: nums})
		}
		var want, got []uint32
		first := rapid.Uint32Range(0, 45).Draw(t, "first")
		for x, c := range count {
			if c == n && x >= first {
				want = append(want, x)
			}
		}
		slices.Sort(want)
		if err := intersect(lists, first, func(x uint32) (bool, error) { got = append(got, x); return true, nil }); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

package manage

import (
	"fmt"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"heartwood/internal/door/web/page/sheet"
	"heartwood/internal/view/measure"
)

// asked is one request, as far as the tables count it.
type asked struct{ due, late, closed, seen, unsettled bool }

func count(g *measure.Group, a asked) {
	n := func(b bool) int {
		if b {
			return 1
		}
		return 0
	}
	g.In++
	g.Due, g.Late = g.Due+n(a.due), g.Late+n(a.due && a.late)
	g.Closed, g.Seen, g.Unsettled = g.Closed+n(a.closed), g.Seen+n(a.closed && a.seen), g.Unsettled+n(a.closed && a.unsettled)
}

// divided has the same requests divided at random into groups.
func divided(t *rapid.T, of []asked, code string) measure.Comparison {
	c := measure.Comparison{Dimension: measure.Dimension{Code: code, Name: code}}
	groups := make([]measure.Group, rapid.IntRange(1, 6).Draw(t, "groups"))
	crowd := rapid.Float64Range(0, 1).Draw(t, "crowd") // so much of them in the first group
	for _, a := range of {
		i := 0
		if rapid.Float64Range(0, 1).Draw(t, "where") > crowd {
			i = rapid.IntRange(0, len(groups)-1).Draw(t, "group")
		}
		count(&groups[i], a)
		count(&c.All, a)
	}
	for i, g := range groups {
		if g.In > 0 {
			g.Name = fmt.Sprint("group ", i)
			c.Groups = append(c.Groups, g)
		}
	}
	return c
}

// Whatever way the same people are divided, no number from 1 to 4 that a table
// hides, nor what is left of its whole, follows from all that the page and its
// files show, even for somebody who knows every group's whole.
func TestNothingHiddenIsWorkedOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		of := make([]asked, rapid.IntRange(1, 60).Draw(t, "requests"))
		rare := rapid.Float64Range(0, 1).Draw(t, "rare")
		yes := func(what string) bool { return rapid.Float64Range(0, 1).Draw(t, what) < rare }
		for i := range of {
			of[i] = asked{yes("due"), yes("late"), yes("closed"), yes("seen"), yes("unsettled")}
		}
		tables := map[string]measure.Comparison{}
		sheets := map[string]sheet.Sheet{}
		var all []string
		for _, code := range []string{"age", "language", "need"} {
			tables[code] = divided(t, of, code)
			s := fairSheet(tables[code])
			sheets[code] = s
			if all != nil && !slices.Equal(all, s.Total.Cells) {
				t.Fatalf("one table's total says %v, another's %v", all, s.Total.Cells)
			}
			all = s.Total.Cells
		}
		for code, s := range sheets {
			for col, part := range map[int]func(measure.Group) (int, int){
				1: func(g measure.Group) (int, int) { return g.In, g.In },
				3: func(g measure.Group) (int, int) { return g.Late, g.Due },
				5: func(g measure.Group) (int, int) { return g.Seen, g.Closed },
				7: func(g measure.Group) (int, int) { return g.Unsettled, g.Closed },
			} {
				hiddenShares(t, s, col)
				total := known(sheets, col)
				keeps(t, tables[code], s, col, total, part)
			}
		}
	})
}

// hiddenShares checks that no share is shown of a count that is not, and that a
// count is shown without its share only where the total says that it is 0.
func hiddenShares(t *rapid.T, s sheet.Sheet, col int) {
	if col == 1 {
		return // requests have no share
	}
	for _, r := range append(slices.Clone(s.Rows), *s.Total) {
		nobody := r.Cells[col] == "0" && s.Total.Cells[col] == "0"
		if s.Total.Cells[col] == "0" && !nobody {
			t.Fatalf("%s hides %v, and its total is 0", s.ID, r.Cells)
		}
		if (r.Cells[col] == notShown) != (r.Cells[col+1] == notShown) && !nobody {
			t.Fatalf("%s shows %q with the share %q", s.ID, r.Cells[col], r.Cells[col+1])
		}
	}
}

// known is a column's total as any table gives it, by its own total or by
// showing all its parts; -1 when none does.
func known(sheets map[string]sheet.Sheet, col int) int {
	for _, s := range sheets {
		if n, err := strconv.Atoi(s.Total.Cells[col]); err == nil {
			return n
		}
		sum, whole := 0, true
		for _, r := range s.Rows {
			n, err := strconv.Atoi(r.Cells[col])
			sum, whole = sum+n, whole && err == nil
		}
		if whole {
			return sum
		}
	}
	return -1
}

// keeps checks that each number that must not be known could be another one.
func keeps(t *rapid.T, c measure.Comparison, s sheet.Sheet, col, total int, part func(measure.Group) (int, int)) {
	secret := func(n int) bool { return n > 0 && n < measure.Least }
	var hidden []int
	sum, whole := total, 0
	for i, r := range s.Rows {
		n, of := part(c.Groups[i])
		if shown, err := strconv.Atoi(r.Cells[col]); err == nil {
			if sum -= shown; total != 0 && (secret(n) || secret(of-n)) {
				t.Fatalf("%s: %v shows %d of %d", c.Dimension.Code, r.Cells, n, of)
			}
			continue
		}
		hidden, whole = append(hidden, i), whole+of
	}
	if total < 0 || sum == 0 || col != 1 && sum == whole {
		return // nothing is known of the sum; or it is of nobody, or of everybody
	}
	for _, i := range hidden {
		n, of := part(c.Groups[i])
		low, high := max(0, sum-(whole-of)), min(of, sum)
		if col == 1 { // the whole is the number itself
			low, high = 1, sum-len(hidden)+1
		}
		if (secret(n) || secret(of-n)) && low == high {
			t.Fatalf("%s: %v must be %d", c.Dimension.Code, s.Rows[i].Cells, low)
		}
	}
}

// Nobody is 0, not a secret; a few people keep even that.
func TestNobodyIsShown(t *testing.T) {
	g := func(name string, in, due, late, closed, seen, bad int) measure.Group {
		return measure.Group{Name: name, In: in, Due: due, Late: late, Closed: closed, Seen: seen, Unsettled: bad}
	}
	c := measure.Comparison{Dimension: measure.Dimension{Code: "x"}, All: g("", 43, 36, 3, 33, 15, 0), Groups: []measure.Group{
		g("many", 20, 20, 2, 20, 10, 0), g("seldom", 16, 16, 1, 13, 5, 0), g("not yet", 7, 0, 0, 0, 0, 0),
	}}
	s := fairSheet(c)
	for i, want := range []string{"0", "0", "0"} {
		if got := s.Rows[i].Cells[7]; got != want {
			t.Errorf("without help of %s is %q: %v", s.Rows[i].Cells[0], got, s.Rows[i].Cells)
		}
	}
	if r := s.Rows[2].Cells; r[3] != "0" || r[4] != "–" || r[5] != "0" || r[6] != "–" {
		t.Errorf("where none could be counted: %v", r)
	}
	few := measure.Comparison{Dimension: measure.Dimension{Code: "x"}, All: g("", 29, 20, 8, 20, 10, 8), Groups: []measure.Group{
		g("many", 26, 20, 8, 20, 10, 8), g("few", 3, 0, 0, 0, 0, 0),
	}}
	if r := fairSheet(few).Rows[1].Cells; r[1] != notShown || r[3] != notShown || r[7] != notShown {
		t.Errorf("of a few people: %v", r)
	}
}

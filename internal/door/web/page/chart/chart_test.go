package chart_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"heartwood/internal/door/web/page/chart"
)

func TestTheDrawingSaysWhatTheTableSays(t *testing.T) {
	h, err := chart.Columns("c", "By <channel>", "requests", "Channel", []chart.Bar{{"Online", 12}, {"Phone", 3}}).HTML()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"By &lt;channel&gt;: 15 in all, most for Online with 12.", "<td>Phone</td>", `role="img"`} {
		if !strings.Contains(string(h), want) {
			t.Errorf("it does not say %q:\n%s", want, h)
		}
	}
	if strings.Contains(string(h), "style=") {
		t.Error("a style that the policy refuses")
	}
}

// No bar leaves the drawing, whatever the numbers.
func TestBarsStayInside(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var bars []chart.Bar
		for _, n := range rapid.SliceOfN(rapid.IntRange(0, 1_000_000), 0, 40).Draw(t, "values") {
			bars = append(bars, chart.Bar{Label: "x", Value: n})
		}
		c := chart.Columns("c", "T", "u", "h", bars)
		for _, l := range c.Lines {
			if l.Value < 0 {
				t.Fatalf("line at %d", l.Value)
			}
		}
		for _, b := range bars {
			if b.Value > c.Lines[len(c.Lines)-1].Value {
				t.Fatalf("%d is above the highest line, %d", b.Value, c.Lines[len(c.Lines)-1].Value)
			}
		}
		if _, err := c.HTML(); err != nil {
			t.Fatal(err)
		}
	})
}

// Nothing of a name is cut, however long it is, and no line leaves the drawing.
func TestNamesAreWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var bars []chart.Bar
		var marks []int
		for _, name := range rapid.SliceOfN(rapid.StringMatching(`[A-Za-z]{1,60}( [a-z,]{1,30}){0,8}`), 1, 8).Draw(t, "names") {
			bars = append(bars, chart.Bar{Label: name, Value: rapid.IntRange(0, 5000).Draw(t, "value")})
			marks = append(marks, rapid.IntRange(0, 5000).Draw(t, "mark"))
		}
		c := chart.Against("c", "T", "u", "h", bars, "others", marks)
		for i, b := range c.Bars {
			whole := ""
			for _, l := range b.Words {
				if whole += l.Text; l.Y < 0 || l.Y > c.Height {
					t.Fatalf("%q stands at %d of %d", l.Text, l.Y, c.Height)
				}
			}
			if b.ShowLabel && strings.ReplaceAll(whole, " ", "") != strings.ReplaceAll(bars[i].Label, " ", "") {
				t.Fatalf("%q is drawn as %q", bars[i].Label, whole)
			}
		}
	})
}

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

package chart

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// Bar is one column: a name and how many.
type Bar struct {
	Label string
	Value int
}

// Chart is a drawing of bars with the table of the same numbers.
type Chart struct {
	ID, Title, Unit string
	About           string // the drawing in words, for who cannot see it
	Head            string // the table's first column
	Width, Height   int
	Base            int // where the bars stand
	Bars            []column
	Mark            string // what the marks across the bars are; "" for none
	Lines           []gridLine
}

type column struct {
	Label      string
	Words      []line // the label under the bar
	Value      int
	X, Y, W, H string
	Mid        string // the middle, for the label
	Top        string // where the value is written
	ShowLabel  bool
	ShowValue  bool
	Mark       *mark
}

// mark is a line across a bar, for another number of the same thing.
type mark struct {
	X1, X2, Y string
	Value     int
}

type line struct {
	Y    int
	Text string
}

type gridLine struct {
	Y, TextY string
	Value    int
}

// Sizes of a drawing, in its own units.
const (
	chartW, chartH = 480, 220
	left, bottom   = 34, 26
	top            = 18
)

// Columns draws upright bars. id is the drawing's own on its page; unit is what
// is counted and head what the bars are named by: the table's columns.
func Columns(id, title, unit, head string, bars []Bar) Chart {
	return columns(id, title, unit, head, bars, nil)
}

// Against draws upright bars with a mark across each, for what another series
// would have there; name says what the marks are.
func Against(id, title, unit, head string, bars []Bar, name string, marks []int) Chart {
	c := columns(id, title, unit, head, bars, marks)
	c.Mark = name
	c.About += " A line across each bar shows " + name + "."
	return c
}

func columns(id, title, unit, head string, bars []Bar, marks []int) Chart {
	c := Chart{ID: id, Title: title, Unit: unit, Head: head, Width: chartW, Height: chartH, Base: chartH - bottom}
	most, sum, peak := 0, 0, ""
	for _, b := range bars {
		sum += b.Value
		if b.Value > most {
			most, peak = b.Value, b.Label
		}
	}
	c.About = fmt.Sprintf("%s: %d in all.", title, sum)
	if most > 0 {
		c.About = fmt.Sprintf("%s: %d in all, most for %s with %d.", title, sum, peak, most)
	}
	for _, m := range marks {
		most = max(most, m)
	}
	scale := ceiling(most)
	tall := float64(chartH - bottom - top)
	for i := 0; i <= 2; i++ {
		v := scale * i / 2
		y := float64(c.Base) - tall*float64(v)/float64(scale)
		c.Lines = append(c.Lines, gridLine{Y: num(y), TextY: num(y + 4), Value: v})
	}
	step := float64(chartW-left-6) / float64(max(1, len(bars)))
	every := max(1, (len(bars)+7)/8)
	rows := 1
	for i, b := range bars {
		h := tall * float64(b.Value) / float64(scale)
		wide := min(step*0.7, 60)
		x := float64(left) + step*float64(i) + (step-wide)/2
		c.Bars = append(c.Bars, column{
			Label: b.Label, Value: b.Value, X: num(x), W: num(wide), H: num(h), Y: num(float64(c.Base) - h),
			Mid: num(x + wide/2), Top: num(float64(c.Base) - h - 4), Words: under(b.Label, step*float64(every), c.Base),
			ShowLabel: i%every == 0, ShowValue: b.Value > 0,
		})
		if i < len(marks) {
			y := float64(c.Base) - tall*float64(marks[i])/float64(scale)
			c.Bars[i].Mark = &mark{X1: num(x - 3), X2: num(x + wide + 3), Y: num(y), Value: marks[i]}
		}
		rows = max(rows, len(c.Bars[i].Words))
	}
	c.Height += (rows - 1) * lineH
	return c
}

// How a label is set: letters are at most letterW wide, on a phone too.
const (
	lineH    = 18
	letterW  = 10
	maxLines = 3
)

// under breaks a label into lines that fit the room of its bar.
func under(label string, room float64, base int) []line {
	fits := max(5, int(room/letterW))
	var out []line
	for _, w := range strings.Fields(label) {
		if r := []rune(w); len(r) > fits {
			w = string(r[:fits-1]) + "…"
		}
		if n := len(out); n > 0 && utf8.RuneCountInString(out[n-1].Text)+1+utf8.RuneCountInString(w) <= fits {
			out[n-1].Text += " " + w
		} else if n == maxLines {
			out[n-1].Text += "…"
			break
		} else {
			out = append(out, line{base + 16 + n*lineH, w})
		}
	}
	return out
}

// ceiling is a round even number not below n.
func ceiling(n int) int {
	if n <= 4 {
		return 4
	}
	mag := int(math.Pow(10, math.Floor(math.Log10(float64(n)))))
	for _, m := range []int{1, 2, 4, 6, 8, 10} {
		if m*mag >= n && m*mag%2 == 0 {
			return m * mag
		}
	}
	return 10 * mag
}

func num(f float64) string { return fmt.Sprintf("%.1f", f) }

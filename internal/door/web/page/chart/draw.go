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

// Chart is a drawing of bars with the table of the same numbers. The bars stand
// upright, or lie one below another when their names need the room.
type Chart struct {
	ID, Title, Unit string
	About           string // the drawing in words, for who cannot see it
	Head            string // the table's first column
	Width, Height   int
	Bars            []column
	Lies            bool   // the bars lie
	Mark            string // what the marks across the bars are; "" for none
	Lines           []gridLine
}

type column struct {
	Label      string
	Words      []line // the label under the bar
	Value      int
	X, Y, W, H string
	At         point // of the label's lines; its Y is not used
	Says       point // where the value is written
	ShowLabel  bool
	ShowValue  bool
	Mark       *mark
}

// point is where a text stands, and which way from there: start, middle, end.
type point struct{ X, Y, Anchor string }

// mark is a line across a bar, for another number of the same thing.
type mark struct {
	X1, X2, Y1, Y2 string
	Value          int
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
	c := Chart{ID: id, Title: title, Unit: unit, Head: head, Width: chartW, Height: chartH}
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
	if scale := ceiling(most); cuts(bars) {
		c.lie(bars, marks, scale)
	} else {
		c.stand(bars, marks, scale)
	}
	return c
}

// every is which labels are written below upright bars: of many, some.
func every(bars []Bar) int { return max(1, (len(bars)+7)/8) }

// room is how wide a label below an upright bar may be.
func room(bars []Bar) float64 {
	return float64(chartW-left-6) / float64(max(1, len(bars))) * float64(every(bars))
}

// cuts tells whether a name is too long to be written whole below its bar.
func cuts(bars []Bar) bool {
	for i := 0; i < len(bars); i += every(bars) {
		for _, l := range under(bars[i].Label, room(bars), 0) {
			if strings.HasSuffix(l.Text, "…") {
				return true
			}
		}
	}
	return false
}

// stand draws the bars upright.
func (c *Chart) stand(bars []Bar, marks []int, scale int) {
	tall, base := float64(chartH-bottom-top), chartH-bottom
	for i := 0; i <= 2; i++ {
		v := scale * i / 2
		y := float64(base) - tall*float64(v)/float64(scale)
		c.Lines = append(c.Lines, gridLine{Y: num(y), TextY: num(y + 4), Value: v})
	}
	step := float64(chartW-left-6) / float64(max(1, len(bars)))
	rows := 1
	for i, b := range bars {
		h := tall * float64(b.Value) / float64(scale)
		wide := min(step*0.7, 60)
		x := float64(left) + step*float64(i) + (step-wide)/2
		c.Bars = append(c.Bars, column{
			Label: b.Label, Value: b.Value, X: num(x), W: num(wide), H: num(h), Y: num(float64(base) - h),
			At: point{X: num(x + wide/2), Anchor: "middle"}, Says: point{num(x + wide/2), num(float64(base) - h - 4), "middle"},
			Words: under(b.Label, room(bars), base), ShowLabel: i%every(bars) == 0, ShowValue: b.Value > 0 && i >= len(marks),
		})
		if i < len(marks) {
			y := num(float64(base) - tall*float64(marks[i])/float64(scale))
			c.Bars[i].Mark = &mark{X1: num(x - 3), X2: num(x + wide + 3), Y1: y, Y2: y, Value: marks[i]}
		}
		rows = max(rows, len(c.Bars[i].Words))
	}
	c.Height += (rows - 1) * lineH
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

package chart

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Sizes of a bar that lies, in the drawing's own units. Its letters are larger
// on a phone than those below upright bars.
const (
	barH  = 18
	gap   = 10 // from a bar to the next name
	nameH = 24 // a line of a name
	wideW = 13 // a letter at most
)

// lie draws the bars one below another, each under its name, which has the
// whole width: nothing of it is cut.
func (c *Chart) lie(bars []Bar, marks []int, scale int) {
	long := float64(chartW - 8 - wideW*len(fmt.Sprint(scale)))
	y := 0
	for i, b := range bars {
		words := wrapped(b.Label, chartW/wideW, y)
		y += nameH * len(words)
		w := long * float64(b.Value) / float64(scale)
		end := w
		col := column{
			Label: b.Label, Words: words, Value: b.Value, X: num(0), Y: num(float64(y + 6)), W: num(w), H: num(barH),
			At: point{X: num(0), Anchor: "start"}, ShowLabel: true, ShowValue: true,
		}
		if i < len(marks) {
			x := long * float64(marks[i]) / float64(scale)
			end = max(end, x)
			col.Mark = &mark{X1: num(x), X2: num(x), Y1: num(float64(y + 3)), Y2: num(float64(y + barH + 9)), Value: marks[i]}
		}
		col.Says = point{num(end + 6), num(float64(y + barH + 4)), "start"}
		c.Bars = append(c.Bars, col)
		y += 6 + barH + gap
	}
	c.Height, c.Lies = y, true
}

// wrapped breaks a name into lines of so many letters at most, below y.
func wrapped(label string, fits, y int) []line {
	var out []line
	for _, w := range strings.Fields(label) {
		for {
			n := len(out)
			if n > 0 && utf8.RuneCountInString(out[n-1].Text)+1+utf8.RuneCountInString(w) <= fits {
				out[n-1].Text += " " + w
				break
			}
			r := []rune(w)
			head := r[:min(fits, len(r))]
			out = append(out, line{y + (n+1)*nameH - 4, string(head)})
			if w = string(r[len(head):]); w == "" {
				break
			}
		}
	}
	return out
}

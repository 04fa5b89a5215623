package manage

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"heartwood/internal/care/callflow"
)

// The sizes of the drawing, in its own units.
const (
	boxWide, boxHigh = 150, 44
	stepX, stepY     = 280, 74
	margin           = 12
)

// callDrawing is the plan drawn: boxes and arrows, and the same in words.
type callDrawing struct {
	Wide, High int
	Boxes      []callBox
	Ways       []callWay
}

type callBox struct {
	X, Y, TextX, NameY, KindY int
	Wide, High                int
	Name, Kind                string
	Loose                     bool
	To                        []string // "1: Reception"
}

type callWay struct {
	Path           string
	LabelX, LabelY int
	Label          string
}

var kindWords = map[callflow.Kind]string{
	callflow.Announce: "says", callflow.Hours: "asks the hours", callflow.Choose: "menu", callflow.Join: "queue", callflow.Voicemail: "voicemail",
	callflow.SendOn: "sends on", callflow.Finish: "says and ends",
}

func drawCalls(p callflow.Plan) callDrawing {
	d := p.Drawing()
	out := callDrawing{Wide: max(1, d.Columns)*stepX - stepX + boxWide + 2*margin, High: max(1, d.Rows)*stepY - stepY + boxHigh + 2*margin}
	for _, b := range d.Boxes {
		x, y := margin+b.Column*stepX, margin+b.Row*stepY
		out.Boxes = append(out.Boxes, callBox{
			X: x, Y: y, TextX: x + 8, NameY: y + 18, KindY: y + 35, Wide: boxWide, High: boxHigh, Name: clipped(b.Name), Kind: kindWords[b.Kind], Loose: b.Loose,
		})
	}
	used := map[string]int{} // arrows between the same two boxes have one label
	for _, w := range d.Ways {
		from, to := &out.Boxes[w.From], out.Boxes[w.To]
		from.To = append(from.To, w.Label+": "+to.Name)
		between := fmt.Sprint(w.From, " ", w.To)
		if i, ok := used[between]; ok {
			out.Ways[i].Label += ", " + w.Label
			continue
		}
		used[between] = len(out.Ways)
		x1, y1, x2, y2 := from.X+boxWide, from.Y+boxHigh/2, to.X, to.Y+boxHigh/2
		if w.To <= w.From || to.X <= from.X { // back, or down its own column
			x1, y1, x2, y2 = from.X+boxWide/2, from.Y+boxHigh, to.X+boxWide/2, to.Y+boxHigh
		}
		out.Ways = append(out.Ways, callWay{
			Path:   fmt.Sprintf("M%d %d C%d %d %d %d %d %d", x1, y1, x1+34, y1, x2-34, y2, x2, y2),
			LabelX: (x1 + x2) / 2, LabelY: (y1+y2)/2 - 5, Label: w.Label,
		})
	}
	return out
}

func clipped(s string) string {
	if r := []rune(s); len(r) > 20 {
		return string(r[:19]) + "…"
	}
	return s
}

// callTry is the try-out: what a caller hears, and the keys to press next.
type callTry struct {
	Heard      []callflow.Heard
	Open       bool
	Keys       []callKey
	Ends       string // where the call has come to
	Again      string // address of a new try
	Other      string // address of the same while it is otherwise open
	OtherWords string
}

type callKey struct{ Text, Href string }

// mostKeys bounds a try-out; a menu is left after three.
const mostKeys = 50

func tryCalls(p callflow.Plan, q url.Values, action string, now time.Time) callTry {
	open := q.Get("open") != "no"
	var keys []string
	if s := q.Get("keys"); s != "" {
		keys = strings.Split(s, ".")
	}
	keys = keys[:min(len(keys), mostKeys)]
	for i, k := range keys {
		if keys[i] = k; k == "s" { // silence
			keys[i] = ""
		}
	}
	at := func(open bool, keys string) string {
		v := url.Values{"open": {map[bool]string{true: "yes", false: "no"}[open]}}
		if keys != "" {
			v.Set("keys", keys)
		}
		return action + "?" + v.Encode() + "#try"
	}
	t := callTry{Open: open, Heard: callflow.Try(p, keys, open, now), Again: at(open, ""), Other: at(!open, "")}
	t.OtherWords = map[bool]string{true: "Ring while we are shut", false: "Ring while we are open"}[open]
	for i := range t.Heard {
		if t.Heard[i].Key == "x" {
			t.Heard[i].Key = "a wrong key"
		}
	}
	last := t.Heard[len(t.Heard)-1]
	t.Ends = map[callflow.Stage]string{
		callflow.Queued: "The caller waits in the queue.", callflow.Ended: "The call ends.", callflow.Message: "The caller leaves a message.", callflow.Away: "The call is sent on.",
	}[last.Stage]
	n, _ := p.Node(last.Node)
	if last.Stage != callflow.Menu || n.Kind != callflow.Choose {
		return t
	}
	before := q.Get("keys")
	if before != "" {
		before += "."
	}
	for _, k := range n.Keys {
		t.Keys = append(t.Keys, callKey{"Press " + k.Digit + ": " + k.Name, at(open, before+k.Digit)})
	}
	t.Keys = append(t.Keys, callKey{"Press nothing", at(open, before+"s")}, callKey{"Press a wrong key", at(open, before+"x")})
	return t
}

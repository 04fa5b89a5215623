package manage

import (
	"net/http"
	"net/url"
	"time"

	"heartwood/internal/door/web/page"
	"heartwood/internal/view/measure"
	"heartwood/internal/words"
)

// period is which days a report is about, as it was chosen.
type period struct {
	measure.Span
	Name    string // "day", "week", "4weeks", "custom"
	First   string // 2006-01-02
	Last    string
	Problem string
	Choices []page.Option
}

var periodChoices = []page.Option{
	{Value: "day", Text: "Today"},
	{Value: "week", Text: "Last 7 days"},
	{Value: "4weeks", Text: "Last 4 weeks"},
	{Value: "quarter", Text: "Last 12 weeks"},
	{Value: "custom", Text: "The days below"},
}

// mostDays is the longest period that is measured at once.
const mostDays = 366

// periodOf reads the choice; four weeks when there is none. A choice that
// makes no sense is said, and four weeks are shown.
func periodOf(r *http.Request, now time.Time) period {
	p := period{Name: r.FormValue("period"), Span: measure.Days(now, 28), Choices: periodChoices}
	switch p.Name {
	case "day":
		p.Span = measure.Days(now, 1)
	case "week":
		p.Span = measure.Days(now, 7)
	case "quarter":
		p.Span = measure.Days(now, 84)
	case "custom":
		p.custom(r, now)
	default:
		p.Name = "4weeks"
	}
	p.First, p.Last = p.From.Format(time.DateOnly), p.To.AddDate(0, 0, -1).Format(time.DateOnly)
	return p
}

func (p *period) custom(r *http.Request, now time.Time) {
	from, err1 := time.ParseInLocation(time.DateOnly, r.FormValue("from"), words.London)
	to, err2 := time.ParseInLocation(time.DateOnly, r.FormValue("to"), words.London)
	switch {
	case err1 != nil || err2 != nil:
		p.Problem = "Use real dates. The last 4 weeks are shown."
	case to.Before(from) || from.After(now):
		p.Problem = "The first day must come before the last, and not after today. The last 4 weeks are shown."
	case to.Sub(from) > (mostDays+1)*24*time.Hour:
		p.Problem = "Choose at most a year. The last 4 weeks are shown."
	default:
		n := measure.Span{From: from, To: to.AddDate(0, 0, 1)}.Len()
		p.Span = measure.Days(to, n)
	}
}

// Query is the choice as an address carries it.
func (p period) Query() string {
	q := url.Values{"period": {p.Name}}
	if p.Name == "custom" {
		q.Set("from", p.First)
		q.Set("to", p.Last)
	}
	return "?" + q.Encode()
}

// Says is the period in words.
func (p period) Says() string {
	first, last := p.From, p.To.AddDate(0, 0, -1)
	if !first.Before(last) {
		return words.Date(first)
	}
	return words.Date(first) + " to " + words.Date(last)
}

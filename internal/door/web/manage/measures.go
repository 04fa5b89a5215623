package manage

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care/request"
	"heartwood/internal/care/worktime"
	"heartwood/internal/door/web/page"
	"heartwood/internal/door/web/page/chart"
	"heartwood/internal/door/web/page/sheet"
	"heartwood/internal/fault"
	"heartwood/internal/view/measure"
	"heartwood/internal/words"
)

type measuresPage struct {
	Period         period
	Previous       string
	Figures        []figure
	Demand, Curves []chart.Chart
	Sheets         []sheet.Sheet
}

var measuresTemplate = page.New[measuresPage](files, "measures.html", "period.html")

// book is a practice's figures, current.
func (m *Manage) book(ctx context.Context, v visit) (*measure.Book, error) {
	if m.measures == nil {
		return measure.Read(ctx, v.practice)
	}
	b, err := m.measures(ctx, v.ods)
	if err != nil {
		return nil, err
	}
	return b, b.Ready(ctx)
}

// measured is what the report and its files are made of.
func (m *Manage) measured(r *http.Request, v visit) (p period, now, before measure.Sum, sheets []sheet.Sheet, err error) {
	p = periodOf(r, v.now)
	b, err := m.book(r.Context(), v)
	if err != nil {
		return p, now, before, nil, err
	}
	each, err := worktime.Load(r.Context(), v.practice)
	if err != nil {
		return p, now, before, nil, err
	}
	now = b.Sum(p.Span, v.now)
	before = b.Sum(p.Before(), v.now)
	asks, err := asksOf(r.Context(), v.practice)
	if err != nil {
		return p, now, before, nil, err
	}
	open, putBy := 0, 0
	if m.unfinished != nil {
		open, putBy = m.unfinished(v.ods)
	}
	sheets = append(measureSheets(now, before, each), startsSheets(now, asks, open, putBy)...)
	for i := range sheets {
		sheets[i].File = v.base() + "measures/" + sheets[i].ID + ".csv" + p.Query()
	}
	return p, now, before, sheets, nil
}

// measuresReport shows demand, waits, promises and work for a period.
func (m *Manage) measuresReport(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Reconcile)
	if err != nil {
		return err
	}
	p, now, before, sheets, err := m.measured(r, v)
	if err != nil {
		return err
	}
	asks, err := asksOf(r.Context(), v.practice)
	if err != nil {
		return err
	}
	data := measuresPage{
		Period: p, Previous: period{Span: p.Before()}.Says(), Figures: periodFigures(now, before),
		Demand: []chart.Chart{dayChart(now)}, Curves: append(curveCharts(now), startsChart(now.Starts, asks)), Sheets: sheets,
	}
	return measuresTemplate.Render(w, r, http.StatusOK, m.frame(r, v, "Demand, waits and work", "measures"), data)
}

// measuresFile is one table of the report as CSV.
func (m *Manage) measuresFile(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Reconcile)
	if err != nil {
		return err
	}
	p, _, _, sheets, err := m.measured(r, v)
	if err != nil {
		return err
	}
	return sendSheet(w, r.PathValue("file"), string(v.ods), p, sheets)
}

// sendSheet sends the sheet that a file's name asks for: "promise-channel.csv".
func sendSheet(w http.ResponseWriter, file, ods string, p period, sheets []sheet.Sheet) error {
	id, ok := strings.CutSuffix(file, ".csv")
	for _, s := range sheets {
		if !ok || s.ID != id {
			continue
		}
		b, err := s.CSV()
		if err != nil {
			return err
		}
		return sendFile(w, "text/csv; charset=utf-8", fmt.Sprintf("%s-%s-%s-to-%s.csv", ods, id, p.First, p.Last), b)
	}
	return fault.New(fault.NotFound, "There is no such table.")
}

// sendFile sends a file to keep. Its name says no more than what it is.
func sendFile(w http.ResponseWriter, kind, name string, b []byte) error {
	h := w.Header()
	page.Secure(h)
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Cache-Control", "no-store")
	_, err := w.Write(b) //nolint:gosec // CSV, sent as text/csv
	return err
}

// periodFigures are the headline numbers, each with the period before.
func periodFigures(now, before measure.Sum) []figure {
	was := func(format string, args ...any) string { return "before: " + fmt.Sprintf(format, args...) }
	out := []figure{
		{Label: "Came in", Value: fmt.Sprint(now.All.In), Note: was("%d", before.All.In)},
		{Label: "Answered in time", Value: share(now.All.Kept, now.All.Kept+now.All.Late), Note: was("%s", share(before.All.Kept, before.All.Kept+before.All.Late))},
		{Label: "Half answered within", Value: wait(now.All.Opening, now.All.Waits), Note: "opening time; " + was("%s", wait(before.All.Opening, before.All.Waits))},
		{Label: "Still open", Value: fmt.Sprint(now.All.Open), Note: "of those that came in"},
		{Label: "Opened again", Value: fmt.Sprint(now.All.Reopened), Note: was("%d", before.All.Reopened)},
		{Label: "Sent away", Value: fmt.Sprint(now.SentAway), Note: "must be none", Late: now.SentAway > 0},
	}
	return out
}

// share is a part of a whole to one decimal: "94.1%", or a dash for nothing.
// Where a count is hidden its share must be too. With a decimal a share tells
// more exactly what it is a part of: what hides small counts must hold for who
// knows that number, as that of the comparison of groups does.
func share(part, whole int) string {
	if whole == 0 {
		return "–"
	}
	tenths := (2000*part + whole) / (2 * whole)
	return fmt.Sprintf("%d.%d%%", tenths/10, tenths%10)
}

// wait is a length of time, or a dash when nobody waited.
func wait(d time.Duration, n int) string {
	if n == 0 {
		return "–"
	}
	return brief(d)
}

// brief is a length of time in few characters.
func brief(d time.Duration) string {
	switch {
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %02d", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

func dayChart(s measure.Sum) chart.Chart {
	var bars []chart.Bar
	for _, d := range s.Days {
		bars = append(bars, chart.Bar{Label: d.Date.In(words.London).Format("Mon 2 Jan"), Value: d.In})
	}
	return chart.Columns("days", "Requests by day", "requests", "Day", bars)
}

// curveCharts draw the week's shape against England's.
func curveCharts(s measure.Sum) []chart.Chart {
	return []chart.Chart{
		weekAgainst("online-days", "Online requests by weekday", s.Online, measure.NationalOnline),
		bandsAgainst("online-bands", "Online requests by time of day", s.Online, measure.NationalOnline),
		weekAgainst("calls-days", "Requests by phone by weekday", s.Calls, measure.NationalCalls),
		bandsAgainst("calls-bands", "Requests by phone by time of day", s.Calls, measure.NationalCalls),
	}
}

const asEngland = "the same number spread as in England"

func weekAgainst(id, title string, of [7][8]int, c measure.Curve) chart.Chart {
	var bars []chart.Bar
	var marks []int
	expect := c.Expect(total(of))
	for d, name := range measure.Weekdays {
		n, e := 0, 0.0
		for b := range of[d] {
			n, e = n+of[d][b], e+expect[d][b]
		}
		bars, marks = append(bars, chart.Bar{Label: name[:3], Value: n}), append(marks, int(e+.5))
	}
	return chart.Against(id, title, "requests", "Day", bars, asEngland, marks)
}

func bandsAgainst(id, title string, of [7][8]int, c measure.Curve) chart.Chart {
	var bars []chart.Bar
	var marks []int
	expect := c.Expect(total(of))
	for b, name := range measure.Bands {
		n, e := 0, 0.0
		for d := range of {
			n, e = n+of[d][b], e+expect[d][b]
		}
		bars, marks = append(bars, chart.Bar{Label: name[:2] + "–" + hourAfter[name[6:8]], Value: n}), append(marks, int(e+.5))
	}
	return chart.Against(id, title, "requests", "Time", bars, asEngland, marks)
}

// hourAfter is the hour at which a band that ends at :59 is over.
var hourAfter = map[string]string{"05": "06", "07": "08", "09": "10", "11": "12", "13": "14", "15": "16", "17": "18", "23": "24"}

func total(of [7][8]int) int {
	n := 0
	for _, d := range of {
		for _, v := range d {
			n += v
		}
	}
	return n
}

// kindName is what a request is about, as a page says it.
func kindName(code string) string {
	if l := request.Kind(code).Label(); l != "" {
		return l
	}
	return named1(code)
}

// named1 is a code that has no name of its own, as words.
func named1(code string) string {
	if code == "" || code == "other" {
		return "Not said"
	}
	s := strings.ReplaceAll(code, "-", " ")
	return strings.ToUpper(s[:1]) + s[1:]
}

func nameIn(names map[string]string, code string) string {
	if n := names[code]; n != "" {
		return n
	}
	return named1(code)
}

package manage

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/assure/fair"
	"heartwood/internal/door/web/page"
	"heartwood/internal/door/web/page/sheet"
	"heartwood/internal/view/measure"
)

type fairPage struct {
	Period    period
	Looked    string // the four weeks of the test
	Tests     int
	Unmatched string // requests that are in no table
	Drifts    []string
	Sheets    []sheet.Sheet
	Due       bool // the look of this week has not been recorded yet
}

var fairTemplate = page.New[fairPage](files, "fair.html")

// fairChoices are whole weeks that have ended, so that nobody can be found by
// moving the ends of a period a day.
var fairChoices = []page.Option{{Value: "4weeks", Text: "4 whole weeks"}, {Value: "12weeks", Text: "12 whole weeks"}, {Value: "year", Text: "52 whole weeks"}}

func fairPeriod(r *http.Request, now time.Time) period {
	p := period{Name: r.FormValue("period"), Choices: fairChoices}
	weeks := map[string]int{"12weeks": 12, "year": 52}[p.Name]
	if weeks == 0 {
		p.Name, weeks = "4weeks", 4
	}
	p.Span = measure.Days(measure.Week(now).From.Add(-time.Minute), 7*weeks)
	p.First, p.Last = p.From.Format(time.DateOnly), p.To.AddDate(0, 0, -1).Format(time.DateOnly)
	return p
}

func (m *Manage) fairSheets(ctx context.Context, v visit, p period) (sheets []sheet.Sheet, unmatched string, b *measure.Book, err error) {
	if b, err = m.book(ctx, v); err != nil {
		return nil, "", nil, err
	}
	all, n := b.Equity(p.Span, v.now)
	for _, c := range all {
		s := fairSheet(c)
		s.File = v.base() + "fair/" + s.ID + ".csv" + p.Query()
		sheets = append(sheets, s)
	}
	return sheets, fmt.Sprint(n), b, nil // of whom nothing is known: nobody can be recognised
}

// fairReport compares waits and outcomes of groups of patients.
func (m *Manage) fairReport(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Reconcile)
	if err != nil {
		return err
	}
	p := fairPeriod(r, v.now)
	sheets, unmatched, b, err := m.fairSheets(r.Context(), v, p)
	if err != nil {
		return err
	}
	look := fair.At(b, v.now)
	data := fairPage{Period: p, Looked: period{Span: look.Span}.Says(), Tests: look.Tests, Sheets: sheets, Unmatched: unmatched}
	for _, d := range look.Drifts {
		data.Drifts = append(data.Drifts, fair.Says(d, look.Span))
	}
	done, err := fair.Done(r.Context(), v.practice, v.now)
	if err != nil {
		return err
	}
	data.Due = !done
	return fairTemplate.Render(w, r, http.StatusOK, m.frame(r, v, "Fair for everyone", "fair"), data)
}

func (m *Manage) fairFile(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Reconcile)
	if err != nil {
		return err
	}
	p := fairPeriod(r, v.now)
	sheets, _, _, err := m.fairSheets(r.Context(), v, p)
	if err != nil {
		return err
	}
	return sendSheet(w, r.PathValue("file"), string(v.ods), p, sheets)
}

const (
	notShown  = "not shown"
	aboutFair = "Numbers from 1 to 4 are not shown, nor is a number when all but 1 to 4 are in it; the share of a number that is not shown is not shown. Where a hidden number could be worked out from the total, the next smallest is not shown either. 0 is shown where the total of the column is 0, and where none of a group’s requests could be counted in the column. A total is shown in every table and file here, or in none. Only whole weeks are compared."
)

// aboutDeprivation says where the tenths come from, and that they may be missing.
const aboutDeprivation = "Fifths are read from the tenth of the Index of Multiple Deprivation that stands in each patient’s record, written there from the national tables of areas and postcodes, or brought in with the record. Patients whose record has none are under “Not known”."

// fairSheet is one comparison, with small numbers hidden.
func fairSheet(c measure.Comparison) sheet.Sheet {
	s := sheet.Sheet{
		ID: "fair-" + c.Dimension.Code, Title: c.Dimension.Name,
		About: []string{
			"Half within: opening time until the first answer; a request that is not answered and late counts with the time so far. Late: of those answered or past the time that was promised. Seen: closed with an appointment or a consultation; people need different things, so this need not be the same for all. Without help: closed as not reached or withdrawn, told to ask again, or opened again.",
			aboutFair,
		},
		Head: []string{c.Dimension.Name, "Requests", "Half within (opening)", "Late", "Late %", "Seen", "Seen %", "Without help", "Without help %"},
	}
	if c.Dimension.Code == "deprivation" {
		s.About = append(s.About, aboutDeprivation)
	}
	in := column(c, func(g measure.Group) (int, int) { return g.In, g.In }, nil)
	late := column(c, func(g measure.Group) (int, int) { return g.Late, g.Due }, in)
	seen, bad := closed(c, in)
	t := c.All
	none := measure.HiddenTotal(t.In, t.In)
	total := func(n, of int) part { return part{n: n, of: of, hidden: none || measure.HiddenTotal(n, of)} }
	totals := []part{total(t.Late, t.Due), total(t.Seen, t.Closed), total(t.Unsettled, t.Closed)}
	for i, g := range c.Groups {
		name := g.Name
		if n := channelNames[name]; n != "" {
			name = n
		}
		parts := []part{{n: g.Late, of: g.Due, hidden: late[i]}, {n: g.Seen, of: g.Closed, hidden: seen[i]}, {n: g.Unsettled, of: g.Closed, hidden: bad[i]}}
		for j := range parts {
			parts[j] = parts[j].plain(in[i], totals[j])
		}
		s.Add(fairRow(name, g, in[i], parts)...)
	}
	if !none && t.In <= len(c.Groups) {
		s.Rows = nil // one in each group: the total would say so of every one
	}
	all := fairRow("All", t, none, totals)
	if len(c.Groups) > 0 {
		s.Total = &sheet.Row{Cells: all}
	}
	return s
}

// closed tells which numbers of the two columns that are parts of the same
// requests are hidden: the same ones, or one column would tell how many the
// other's are a part of.
func closed(c measure.Comparison, in []bool) (seen, bad []bool) {
	hidden := in
	for {
		seen = column(c, func(g measure.Group) (int, int) { return g.Seen, g.Closed }, hidden)
		bad = column(c, func(g measure.Group) (int, int) { return g.Unsettled, g.Closed }, seen)
		if slices.Equal(seen, bad) {
			return seen, bad
		}
		hidden = bad
	}
}

// column tells which numbers of a column are hidden.
func column(c measure.Comparison, of func(measure.Group) (n, whole int), forced []bool) []bool {
	var n, whole []int
	for _, g := range c.Groups {
		a, b := of(g)
		n, whole = append(n, a), append(whole, b)
	}
	if forced == nil {
		whole = nil
	}
	return measure.Hidden(n, whole, forced)
}

// part is a number of a row, and what it is a part of.
type part struct {
	n, of  int
	hidden bool // with its share
	nobody bool // hidden, but for that it is 0
}

// plain shows a 0 that gives nothing away. Where the column's total is shown as
// 0, every part of it is 0, and "not shown" would hide only what the total
// says; its share is hidden all the same, since whether it is 0 % or of nothing
// tells whether any of the group's were closed. Where none of the group's
// requests could be counted, and how many there are is shown, there is nobody
// to recognise, and nothing that covers another row's number: measure.Hidden
// leaves rows of nothing out when it asks whether the hidden ones can be told
// apart. A group whose requests are not shown keeps it hidden, since of 1 to 4
// people "none was closed" says it of each.
func (p part) plain(few bool, total part) part {
	switch {
	case !p.hidden:
	case total.n == 0 && !total.hidden:
		p.nobody = true
	case p.of == 0 && !few:
		p.hidden = false
	}
	return p
}

func fairRow(name string, g measure.Group, in bool, parts []part) []string {
	row := []string{name, number(g.In, in), wait(g.Median, g.Waits)}
	if in || g.Waits < measure.Least {
		row[2] = notShown
		if g.Waits == 0 && !in {
			row[2] = "–"
		}
	}
	for _, x := range parts {
		of := share(x.n, x.of)
		if x.hidden {
			of = notShown
		}
		row = append(row, number(x.n, x.hidden && !x.nobody), of)
	}
	return row
}

// number is a count, or that it is not shown: one word for all that are hidden,
// since “fewer than 5” twice beside a rest of 8 would be 4 and 4.
func number(n int, hidden bool) string {
	if hidden {
		return notShown
	}
	return fmt.Sprint(n)
}

// Package board is where a commissioner sees how the practices of this
// installation are doing today.
//
// What comes in: somebody who may see numbers across practices. What goes out:
// for each practice, today's requests in, answered, open and late, the promises
// kept, the channels they came by and whether the books balance, as tables and
// as drawings of the same numbers. It must never show a patient's name or
// words, a request's reference, or a number of a practice that the reader may
// not see.
package board

import (
	"context"
	"embed"
	"net/http"
	"slices"
	"strings"

	"heartwood/internal/access"
	"heartwood/internal/care/reconcile"
	"heartwood/internal/door/web/page"
	"heartwood/internal/door/web/page/chart"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/words"
)

//go:embed *.html
var files embed.FS

// Path is where the board stands.
const Path = "/board/"

// Config is what the board works with.
type Config struct {
	Store *record.Store
	// Name names a practice; nil shows its code.
	Name func(context.Context, ident.ODS) string
}

// Board serves the commissioner's page.
type Board struct {
	store     *record.Store
	name      func(context.Context, ident.ODS) string
	reconcile *reconcile.Service
}

// New makes the board.
func New(c Config) *Board {
	if c.Name == nil {
		c.Name = func(_ context.Context, o ident.ODS) string { return string(o) }
	}
	return &Board{store: c.Store, name: c.Name, reconcile: reconcile.New(c.Store)}
}

// Routes puts the page on a mux.
func (b *Board) Routes(mux *http.ServeMux) { mux.Handle("GET /board/{$}", page.Func(b.today)) }

type boardPage struct {
	Date     string
	Rows     []row
	Total    row
	Channels []string // the columns of the second table
	Charts   []chart.Chart
}

var boardTemplate = page.New[boardPage](files, "board.html")

func (b *Board) today(w http.ResponseWriter, r *http.Request) error {
	p, _ := access.From(r.Context())
	if err := access.May(p, access.SeeNetwork, p.Practice, ""); err != nil {
		return err
	}
	rows, err := b.rows(r.Context(), p)
	if err != nil {
		return err
	}
	v := boardPage{Rows: rows, Total: sum(rows), Channels: channels(rows)}
	for i := range v.Rows {
		v.Rows[i].line(v.Channels)
	}
	v.Total.line(v.Channels)
	if len(rows) > 0 {
		v.Date = rows[0].now.In(words.London).Format("Monday 2 January 2006")
		v.Charts = charts(rows, v.Total)
	}
	f := page.Base(r)
	f.Title, f.Wide, f.Home, f.Section = "Practices today", true, Path, Path
	f.Nav = []page.Link{{Text: "Practices today", Href: Path}}
	return boardTemplate.Render(w, r, http.StatusOK, f, v)
}

// rows measures every practice that the person may see, by name.
func (b *Board) rows(ctx context.Context, p access.Person) ([]row, error) {
	all, err := b.store.Practices(ctx)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "The practices could not be read.")
	}
	var out []row
	for _, ods := range all {
		if access.May(p, access.SeeNetwork, ods, "") != nil {
			continue
		}
		r, err := b.row(ctx, ods)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b row) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

func charts(rows []row, total row) []chart.Chart {
	each := func(of func(row) int) []chart.Bar {
		var out []chart.Bar
		for _, r := range rows {
			out = append(out, chart.Bar{Label: r.Name, Value: of(r)})
		}
		return out
	}
	var by []chart.Bar
	for _, c := range total.Line {
		by = append(by, chart.Bar(c))
	}
	return []chart.Chart{
		chart.Columns("in", "Requests that came in today", "requests", "Practice", each(func(r row) int { return r.In })),
		chart.Columns("open", "Requests open now", "requests", "Practice", each(func(r row) int { return r.Open })),
		chart.Columns("late", "Requests of today that are late", "requests", "Practice", each(func(r row) int { return r.Late })),
		chart.Columns("channel", "How requests came in, all practices", "requests", "Channel", by),
	}
}

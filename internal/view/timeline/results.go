package timeline

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"heartwood/internal/fhir"
	"heartwood/internal/record"
	"heartwood/internal/view/read"
)

// series is everything that was measured under one code.
type series struct {
	newest Line
	trend  Trend
}

// readResults keeps the newest of each kind of result and the trends of those
// that have been measured more than once.
func (s *Summary) readResults(ctx context.Context, p *record.Practice) error {
	all := map[string]*series{}
	err := s.lines(ctx, p, "Observation", "", func(l Line, res *fhir.Resource) {
		key := l.Code
		if key == "" {
			key = l.Title
		}
		x := all[key]
		if x == nil {
			x = &series{newest: l}
			all[key] = x
		}
		if newest(l, x.newest) <= 0 {
			x.newest = l
			x.trend.describe(l, res)
		}
		if pt, ok := point(l, res); ok {
			x.trend.Points = append(x.trend.Points, pt)
		}
	})
	if err != nil {
		return err
	}
	for _, x := range all {
		s.Results = append(s.Results, x.newest)
		if len(x.trend.Points) > 1 {
			slices.SortFunc(x.trend.Points, func(a, b Point) int { return a.Date.Compare(b.Date) })
			s.Trends = append(s.Trends, x.trend)
		}
	}
	slices.SortFunc(s.Results, newest)
	s.Results = s.Results[:min(len(s.Results), maxResults)]
	slices.SortFunc(s.Trends, func(a, b Trend) int {
		return cmp.Or(len(b.Points)-len(a.Points), cmp.Compare(a.Name, b.Name))
	})
	s.Trends = s.Trends[:min(len(s.Trends), maxTrends)]
	return nil
}

// describe names a trend as its newest result does.
func (t *Trend) describe(l Line, res *fhir.Resource) {
	t.Name, t.Unit = l.Title, res.Get("valueQuantity", "unit").Str()
	if t.Unit == "" {
		t.Unit = res.Get("valueQuantity", "code").Str()
	}
	if _, _, unit, ok := pressure(res); ok {
		t.Unit = unit
	}
	t.Low, _ = read.Number(res.Get("referenceRange", "low", "value"))
	t.High, _ = read.Number(res.Get("referenceRange", "high", "value"))
}

// point is a result's place in a trend; what has no date or number has none.
func point(l Line, res *fhir.Resource) (Point, bool) {
	if l.Date.IsZero() {
		return Point{}, false
	}
	if sys, dia, _, ok := pressure(res); ok {
		a, err1 := strconv.ParseFloat(sys, 64)
		b, err2 := strconv.ParseFloat(dia, 64)
		return Point{l.Date, a, b}, err1 == nil && err2 == nil
	}
	v, ok := read.Number(res.Get("valueQuantity", "value"))
	return Point{Date: l.Date, Value: v}, ok
}

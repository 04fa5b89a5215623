package manage

import (
	"net/http"

	"heartwood/internal/access"
	"heartwood/internal/care/feedback"
	"heartwood/internal/door/web/page"
	"heartwood/internal/door/web/page/chart"
	"heartwood/internal/door/web/page/sheet"
	"heartwood/internal/view/measure"
)

// feedbackPage is what patients say about how it went, for a period.
type feedbackPage struct {
	Period period
	Total  string
	Chart  *chart.Chart // nil while there is nothing to draw
	Sheet  sheet.Sheet
}

var feedbackTemplate = page.New[feedbackPage](files, "feedback.html", "period.html")

const (
	aboutAsked  = "Patients are asked on the page of a request that is closed, and by the link of the message that closed it. Few answer, and who does may not be like the others."
	aboutHidden = "Numbers from 1 to 4 are not shown, nor is the next smallest where they could be worked out from the total. What is written stands on the request, for those who work on it."
)

func (m *Manage) feedback(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Reconcile)
	if err != nil {
		return err
	}
	p := periodOf(r, v.now)
	n, err := feedback.Count(r.Context(), v.practice, p.From, p.To)
	if err != nil {
		return err
	}
	data := feedbackPage{Period: p, Sheet: feedbackSheet(n), Chart: feedbackChart(n)}
	total, hidden := totalOf(n)
	data.Total = number(total, hidden)
	data.Sheet.File = v.base() + "feedback/" + data.Sheet.ID + ".csv" + p.Query()
	return feedbackTemplate.Render(w, r, http.StatusOK, m.frame(r, v, "How it went", "feedback"), data)
}

func (m *Manage) feedbackFile(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Reconcile)
	if err != nil {
		return err
	}
	p := periodOf(r, v.now)
	n, err := feedback.Count(r.Context(), v.practice, p.From, p.To)
	if err != nil {
		return err
	}
	return sendSheet(w, r.PathValue("file"), string(v.ods), p, []sheet.Sheet{feedbackSheet(n)})
}

// totalOf is how many answered, and whether that is shown.
func totalOf(n []int) (total int, hidden bool) {
	for _, x := range n {
		total += x
	}
	return total, measure.HiddenTotal(total, total)
}

func feedbackSheet(n []int) sheet.Sheet {
	s := sheet.Sheet{ID: "how-it-went", Title: "What patients said", About: []string{aboutAsked, aboutHidden}, Head: []string{"Answer", "People", "Share"}}
	total, none := totalOf(n)
	hidden := measure.Hidden(n, nil, nil)
	for i, a := range feedback.Answers {
		if none || hidden[i] {
			s.Add(a.Label(), notShown, notShown)
			continue
		}
		s.Add(a.Label(), number(n[i], false), share(n[i], total))
	}
	if none {
		s.Total = &sheet.Row{Cells: []string{"All", notShown, notShown}}
	} else {
		s.Total = &sheet.Row{Cells: []string{"All", number(total, false), share(total, total)}}
	}
	return s
}

// feedbackChart draws what the table shows.
func feedbackChart(n []int) *chart.Chart {
	total, none := totalOf(n)
	if none || total == 0 {
		return nil
	}
	var bars []chart.Bar
	hidden := measure.Hidden(n, nil, nil)
	title := "What patients said"
	for i, a := range feedback.Answers {
		if hidden[i] {
			title = "What patients said: answers that few gave are left out"
			continue
		}
		bars = append(bars, chart.Bar{Label: a.Label(), Value: n[i]})
	}
	if len(bars) == 0 {
		return nil
	}
	c := chart.Columns("went", title, "people", "Answer", bars)
	return &c
}

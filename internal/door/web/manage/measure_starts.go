package manage

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"heartwood/internal/care/form"
	"heartwood/internal/care/request"
	"heartwood/internal/door/web/page/chart"
	"heartwood/internal/door/web/page/sheet"
	"heartwood/internal/record"
	"heartwood/internal/view/measure"
	"heartwood/internal/words"
)

// aboutStarts says what is counted, and what is not.
var aboutStarts = []string{
	"A start is one press of Start now on the online form. It counts on the day it was begun, once it was sent or can be sent no more: a day after it was last opened, or a week if it was saved to come back to. Forms that can still be sent are in neither number.",
	"Somebody who begins again after an interruption, or rings instead, counts as not sent as well: not every form that is not sent is a person who got no help.",
	"Only the form, the day and the page it was left at are kept. Nothing is kept of who began it or of what they wrote.",
}

// The pages around the questions of a form.
var stepNames = map[string]string{
	"who": "Who needs help", "you": "Name, date of birth and phone", "kind": "What they need help with", "photos": "Photos",
	"contact": "How to reply", "check": "Check and send",
}

// asks names the pages of each kind's form as patients read them.
type asks map[string]map[string]string

// asksOf reads the forms that a practice asks now.
func asksOf(ctx context.Context, p *record.Practice) (asks, error) {
	forms, err := form.Active(ctx, p)
	if err != nil {
		return nil, err
	}
	out := asks{}
	for _, k := range request.Kinds {
		f, _ := form.Pick(forms, string(k), "adult")
		names := map[string]string{}
		for _, p := range f.Pages {
			for _, ask := range p.Asks {
				names[ask.ID] = ask.Text.In(string(words.English))
			}
			if len(p.Asks) > 1 {
				names[p.ID] = p.Title.In(string(words.English))
			}
		}
		out[string(k)] = names
	}
	return out, nil
}

// name is a page of a form; one that is asked no longer has its code as its name.
func (a asks) name(form, step string) string {
	return cmp.Or(stepNames[step], a[form][step], named1(step))
}

func startName(code string) string {
	if code == "" {
		return "None chosen yet"
	}
	return kindName(code)
}

// startsSheets are how many forms were begun and sent, and where the others
// were left. open and putBy are those that can still be sent.
func startsSheets(sum measure.Sum, names asks, open, putBy int) []sheet.Sheet {
	of, about := sum.Starts, slices.Clone(aboutStarts)
	switch from := sum.StartsFrom; {
	case from.IsZero():
		about = append(about, "No form that was begun has been counted yet: how many there were is unknown.")
	case from.After(sum.Span.From):
		about = append(about, fmt.Sprintf("Forms are counted from %s. How many were begun before that is unknown.", words.Date(from)))
	}
	by := sheet.Sheet{ID: "starts", Title: "Online forms begun and not sent, by form", About: about, Head: []string{"Form", "Begun", "Sent", "Not sent", "Not sent %"}}
	if open > 0 {
		by.About = append(slices.Clone(about), fmt.Sprintf("Now: %d can still be sent, %d of them saved to come back to.", open, putBy))
	}
	at := sheet.Sheet{ID: "starts-left", Title: "Where online forms were left", About: about, Head: []string{"Form", "Page it was left at", "Forms"}, Words: []int{1}}
	sent, left := 0, 0
	for _, s := range of {
		by.Add(startName(s.Form), fmt.Sprint(s.Sent+s.Left), fmt.Sprint(s.Sent), fmt.Sprint(s.Left), share(s.Left, s.Sent+s.Left))
		sent, left = sent+s.Sent, left+s.Left
		for _, b := range s.At {
			at.Add(startName(s.Form), names.name(s.Form, b.Label), fmt.Sprint(b.Value))
		}
	}
	if len(of) > 0 {
		by.Total = &sheet.Row{Cells: []string{"All", fmt.Sprint(sent + left), fmt.Sprint(sent), fmt.Sprint(left), share(left, sent+left)}}
	}
	return []sheet.Sheet{by, at}
}

// mostSteps is how many pages the chart has; the table has all.
const mostSteps = 8

// startsChart draws the pages that most forms were left at, of all forms.
func startsChart(of []measure.Start, names asks) chart.Chart {
	sums := map[string]int{}
	for _, s := range of {
		for _, b := range s.At {
			sums[names.name(s.Form, b.Label)] += b.Value
		}
	}
	var bars []chart.Bar
	for name, n := range sums {
		bars = append(bars, chart.Bar{Label: name, Value: n})
	}
	slices.SortFunc(bars, func(a, b chart.Bar) int { return cmp.Or(b.Value-a.Value, cmp.Compare(a.Label, b.Label)) })
	title := "Where online forms were left"
	if len(bars) > mostSteps {
		bars, title = bars[:mostSteps], fmt.Sprintf("Where online forms were left: the %d pages with most", mostSteps)
	}
	return chart.Columns("starts-left", title, "forms", "Page", bars)
}

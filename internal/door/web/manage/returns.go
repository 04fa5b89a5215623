package manage

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"slices"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/assure/returns"
	"heartwood/internal/door/web/page"
	"heartwood/internal/door/web/page/sheet"
	"heartwood/internal/fault"
	"heartwood/internal/view/measure"
	"heartwood/internal/words"
)

type returnsPage struct {
	Kinds   []returnsKind
	History sheet.Sheet
}

type returnsKind struct {
	Name, About string
	Periods     []returnsPeriod
}

type returnsPeriod struct{ Says, Href, State, Colour string }

type returnPage struct {
	Name, Says string
	Action     string
	Balanced   bool
	Checks     sheet.Sheet
	Previews   []sheet.Sheet
	Files      []page.Link
	Produced   string
	CanMake    bool
	Saved      bool
}

var (
	returnsTemplate = page.New[returnsPage](files, "returns.html")
	returnTemplate  = page.New[returnPage](files, "return.html")
)

// How many periods are offered.
const (
	offeredWeeks  = 8
	offeredMonths = 4
)

// returnsList lists the periods that can be returned and what was produced.
func (m *Manage) returnsList(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Reconcile)
	if err != nil {
		return err
	}
	history, err := returns.History(r.Context(), v.practice)
	if err != nil {
		return err
	}
	done := map[string]returns.Kept{}
	for _, k := range history {
		done[string(k.Kind)+k.Period] = k
	}
	week := measure.Week(v.now)
	weekly := returnsKind{Name: "Weekly: " + returns.Weekly.Name(), About: "Monday to Sunday, each week in files of its own. Submit on Monday; a week that is late goes as its own files too."}
	for range offeredWeeks {
		week = measure.Week(week.From.Add(-time.Minute))
		weekly.Periods = append(weekly.Periods, v.offered(returns.Weekly, week, done))
	}
	monthly := v.months(returns.Monthly, "The measures that NHS England publishes for each practice, the appointments table, and the month's sums of management information.", done)
	calls := v.months(returns.Calls, "Telephone calls by day, outcome, wait and length. Submit between the 1st and the 5th, if the practice has agreed to take part.", done)
	p := returnsPage{Kinds: []returnsKind{weekly, monthly, calls}, History: historySheet(history)}
	return returnsTemplate.Render(w, r, http.StatusOK, m.frame(r, v, "National returns", "returns"), p)
}

// months are the last months of a monthly return.
func (v visit) months(k returns.Kind, about string, done map[string]returns.Kept) returnsKind {
	out := returnsKind{Name: "Monthly: " + k.Name(), About: about}
	month := measure.Month(v.now)
	for range offeredMonths {
		month = measure.Month(month.From.Add(-time.Minute))
		out.Periods = append(out.Periods, v.offered(k, month, done))
	}
	return out
}

func (v visit) offered(k returns.Kind, s measure.Span, done map[string]returns.Kept) returnsPeriod {
	period := returns.Period(k, s)
	p := returnsPeriod{Says: returns.Says(k, s), Href: v.base() + "returns/" + string(k) + "/" + period, State: "Not produced", Colour: "yellow"}
	if x, ok := done[string(k)+period]; ok {
		p.State, p.Colour = "Produced", "green"
		if !x.Balanced {
			p.State, p.Colour = "Produced, does not agree", "red"
		}
	}
	return p
}

func historySheet(history []returns.Kept) sheet.Sheet {
	s := sheet.Sheet{ID: "history", Title: "What was produced", Text: true, Head: []string{"Period", "Return", "When", "Files", "Agrees with the ledger"}}
	for _, k := range history {
		agrees := "Yes"
		if !k.Balanced {
			agrees = "No"
		}
		s.Rows = append(s.Rows, sheet.Row{Cells: []string{k.Period, k.Kind.Name(), words.Stamp(k.Produced), fmt.Sprint(len(k.Files)), agrees}, Alert: !k.Balanced})
	}
	return s
}

// aReturn shows a return before it is produced, and its files after.
func (m *Manage) aReturn(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Reconcile)
	if err != nil {
		return err
	}
	made, err := m.makeReturn(r, v)
	if err != nil {
		return err
	}
	p := returnPage{
		Name: made.Kind.Name(), Says: made.Says(), Action: v.base() + "returns/" + string(made.Kind) + "/" + made.Period,
		Balanced: made.Balanced(), Checks: checkSheet(made), CanMake: access.May(v.Person, access.Manage, v.ods, "") == nil, Saved: r.FormValue("done") == "made",
	}
	for _, f := range made.Files {
		if s, ok := previewSheet(f); ok {
			p.Previews = append(p.Previews, s)
		}
	}
	history, err := returns.History(r.Context(), v.practice)
	if err != nil {
		return err
	}
	for _, k := range history {
		if k.Kind != made.Kind || k.Period != made.Period {
			continue
		}
		p.Produced = words.Stamp(k.Produced)
		for _, f := range k.Files {
			p.Files = append(p.Files, page.Link{Text: f.Name, Href: p.Action + "/" + f.Name})
		}
	}
	f := m.frame(r, v, p.Name, "returns")
	f.Back = &page.Link{Text: "National returns", Href: v.base() + "returns"}
	return returnTemplate.Render(w, r, http.StatusOK, f, p)
}

func (m *Manage) makeReturn(r *http.Request, v visit) (returns.Return, error) {
	b, err := m.book(r.Context(), v)
	if err != nil {
		return returns.Return{}, err
	}
	k := returns.Kind(r.PathValue("kind"))
	if !slices.Contains(returns.Kinds, k) {
		return returns.Return{}, fault.New(fault.NotFound, "There is no such return.")
	}
	return returns.Make(r.Context(), m.store, v.practice, b, k, r.PathValue("period"))
}

// returnDo produces a return: it is recorded as it is now.
func (m *Manage) returnDo(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Manage)
	if err != nil {
		return err
	}
	made, err := m.makeReturn(r, v)
	if err != nil {
		return err
	}
	if err := returns.Keep(r.Context(), v.practice, v.Author(""), made); err != nil {
		return err
	}
	http.Redirect(w, r, v.base()+"returns/"+string(made.Kind)+"/"+made.Period+"?done=made", http.StatusSeeOther)
	return nil
}

// returnFile is a file of a return as it was produced.
func (m *Manage) returnFile(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Reconcile)
	if err != nil {
		return err
	}
	f, err := returns.Open(r.Context(), v.practice, returns.Kind(r.PathValue("kind")), r.PathValue("period"), r.PathValue("file"))
	if err != nil {
		return err
	}
	return sendFile(w, f.Type, f.Name, f.Body)
}

func checkSheet(r returns.Return) sheet.Sheet {
	s := sheet.Sheet{
		ID: "checks", Title: "Does it agree with the ledger?",
		About: []string{"The return is counted from the figures that the reports show, and that of telephone calls from the calls. What it is compared with is counted apart, each in a way of its own."},
		Words: []int{3, 4},
		Head:  []string{"What", "This return", "Counted another way", "By", "Agree"},
	}
	for _, c := range r.Checks {
		agree := "Yes"
		if !c.Holds() {
			agree = "No"
		}
		s.Rows = append(s.Rows, sheet.Row{Cells: []string{c.What, fmt.Sprint(c.Return), fmt.Sprint(c.Other), c.Against, agree}, Alert: !c.Holds()})
		if !c.Holds() {
			for _, n := range c.Named {
				s.Rows = append(s.Rows, sheet.Row{Cells: []string{n}, Alert: true})
			}
		}
	}
	return s
}

// previewRows is how many rows of a file are shown.
const previewRows = 10

// previewSheet is the beginning of a CSV file.
func previewSheet(f returns.File) (sheet.Sheet, bool) {
	rows, err := csv.NewReader(bytes.NewReader(f.Body)).ReadAll()
	if err != nil || len(rows) == 0 || f.Type == "application/json" {
		return sheet.Sheet{}, false
	}
	s := sheet.Sheet{ID: "file-" + f.Name, Title: fmt.Sprintf("%s: %s", f.Name, page.Plural(f.Rows, "row", "rows")), Text: true, Head: rows[0]}
	for i, row := range rows[1:] {
		if i == previewRows {
			s.Add(fmt.Sprintf("… and %d more", f.Rows-previewRows))
			break
		}
		s.Add(row...)
	}
	return s, true
}

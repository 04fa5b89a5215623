package manage

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care/booking"
	"heartwood/internal/door/web/page"
	"heartwood/internal/door/web/page/chart"
	"heartwood/internal/door/web/page/sheet"
	"heartwood/internal/view/diary"
	"heartwood/internal/words"
)

type accessPage struct {
	Charts []chart.Chart
	Sheets []sheet.Sheet
}

var accessTemplate = page.New[accessPage](files, "access.html")

// accessPage is how soon people can be seen, and how many do not come.
func (m *Manage) accessPage(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Reconcile)
	if err != nil {
		return err
	}
	all, sheets, err := accessSheets(r.Context(), v)
	if err != nil {
		return err
	}
	for i := range sheets {
		sheets[i].File = v.base() + "access/" + sheets[i].ID + ".csv"
	}
	p := accessPage{Charts: accessCharts(all), Sheets: sheets}
	return accessTemplate.Render(w, r, http.StatusOK, m.frame(r, v, "Appointments", "access"), p)
}

func (m *Manage) accessFile(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Reconcile)
	if err != nil {
		return err
	}
	_, sheets, err := accessSheets(r.Context(), v)
	if err != nil {
		return err
	}
	today := v.now.In(words.London)
	p := period{First: today.AddDate(0, 0, -diary.Back).Format(time.DateOnly), Last: today.AddDate(0, 0, diary.Ahead).Format(time.DateOnly)}
	return sendSheet(w, r.PathValue("file"), string(v.ods), p, sheets)
}

func accessSheets(ctx context.Context, v visit) ([]diary.Access, []sheet.Sheet, error) {
	all, err := diary.ReadAccess(ctx, v.practice)
	if err != nil {
		return nil, nil, err
	}
	soon := sheet.Sheet{
		ID: "third-next", Title: "Third next available appointment",
		About: []string{
			fmt.Sprintf("How long until the third free time from now, by who sees patients and how, within %d days. The first is often a time that was cancelled a moment ago, so the third says more. Times that only staff may give are counted too. Visits at home are here only where the diary has times for them.", diary.Ahead),
		},
		Words: []int{1, 2},
		Head:  []string{"Who", "How", "Third free time", "Days until it", fmt.Sprintf("Free times in %d days", diary.Ahead)},
	}
	came := sheet.Sheet{
		ID: "did-not-come", Title: "Did not come",
		About: []string{fmt.Sprintf("Of the appointments of the last %d days whose patients came or did not. One who came and left before they were seen came. Appointments that nobody has marked are in neither number.", diary.Back)},
		Words: []int{1},
		Head:  []string{"Who", "How", "Came", "Did not come", "Did not come %"},
	}
	for _, a := range all {
		third, days := "none free", fmt.Sprintf("more than %d", diary.Ahead)
		if !a.Third.IsZero() {
			third, days = a.Third.In(words.London).Format("Mon 2 Jan 15:04"), fmt.Sprint(a.Days)
		}
		if a.Free > 0 || a.Mode != booking.HomeVisit.String() {
			soon.Add(roleName(a), modeName(a), third, days, fmt.Sprint(a.Free))
		}
		came.Add(roleName(a), modeName(a), fmt.Sprint(a.Attended), fmt.Sprint(a.Missed), share(a.Missed, a.Attended+a.Missed))
	}
	return all, []sheet.Sheet{soon, came}, nil
}

func roleName(a diary.Access) string { return cmp.Or(a.Role, "Not known") }
func modeName(a diary.Access) string { return cmp.Or(a.Mode, "not known") }

// accessCharts draw what the tables say; where there is no third free time, or
// nothing is known of who came, there is no bar.
func accessCharts(all []diary.Access) []chart.Chart {
	var days, missed []chart.Bar
	for _, a := range all {
		label := roleName(a) + ", " + modeName(a)
		if !a.Third.IsZero() {
			days = append(days, chart.Bar{Label: label, Value: a.Days})
		}
		if n := a.Attended + a.Missed; n > 0 {
			missed = append(missed, chart.Bar{Label: label, Value: (200*a.Missed + n) / (2 * n)})
		}
	}
	var out []chart.Chart
	if days != nil {
		out = append(out, chart.Columns("third-next-chart", "Days until the third free time", "days", "Who and how", days))
	}
	if missed != nil {
		out = append(out, chart.Columns("did-not-come-chart", "Did not come, of every 100 appointments", "of 100", "Who and how", missed))
	}
	return out
}

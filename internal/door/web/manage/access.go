package manage

import (
	"fmt"
	"net/http"

	"heartwood/internal/access"
	"heartwood/internal/door/web/page"
	"heartwood/internal/view/diary"
	"heartwood/internal/words"
)

type accessPage struct {
	Rows        []accessRow
	Ahead, Back int
}

type accessRow struct{ Role, Mode, Third, Days, Free, Missed string }

var accessTemplate = page.New[accessPage](files, "access.html")

// accessPage is how soon people can be seen, and how many do not come.
func (m *Manage) accessPage(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Reconcile)
	if err != nil {
		return err
	}
	all, err := diary.ReadAccess(r.Context(), v.practice)
	if err != nil {
		return err
	}
	p := accessPage{Ahead: diary.Ahead, Back: diary.Back}
	for _, a := range all {
		row := accessRow{Role: a.Role, Mode: a.Mode, Free: fmt.Sprint(a.Free), Days: "more than 28", Third: "none free", Missed: "not known"}
		if row.Role == "" {
			row.Role = "Not known"
		}
		if row.Mode == "" {
			row.Mode = "not known"
		}
		if !a.Third.IsZero() {
			row.Third, row.Days = a.Third.In(words.London).Format("Mon 2 Jan 15:04"), fmt.Sprint(a.Days)
		}
		if share, ok := a.Rate(); ok {
			row.Missed = fmt.Sprintf("%.0f%% (%d of %d)", 100*share, a.Missed, a.Missed+a.Attended)
		}
		p.Rows = append(p.Rows, row)
	}
	return accessTemplate.Render(w, r, http.StatusOK, m.frame(r, v, "Appointments", "access"), p)
}

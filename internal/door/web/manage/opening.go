package manage

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care/hours"
	"heartwood/internal/care/opening"
	"heartwood/internal/door/web/page"
	"heartwood/internal/words"
)

type openingPage struct {
	Action   string
	Form     *page.Form
	Days     []openingDay
	Version  string
	Closures string
	Holidays bool
	Core     bool // nobody has set any yet
	Preview  []page.Row
	Saved    bool
}

// openingDay is one row of the week: an opening, and one after a break.
type openingDay struct {
	Key, Name, Error string
	From, To         [2]string
}

var openingTemplate = page.New[openingPage](files, "opening.html")

// week is in the order of a page.
var week = [7]time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}

func dayKey(d time.Weekday) string { return strings.ToLower(d.String()[:3]) }

func (m *Manage) opening(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Manage)
	if err != nil {
		return err
	}
	s, err := hours.Load(r.Context(), v.practice)
	if err != nil {
		return err
	}
	return m.showOpening(w, r, v, s, openingPage{Saved: r.FormValue("done") == "saved"}, http.StatusOK)
}

// openingDo shows what the hours would promise, or keeps them.
func (m *Manage) openingDo(w http.ResponseWriter, r *http.Request) error {
	v, form, err := m.posted(w, r, access.Manage, 0)
	if err != nil {
		return err
	}
	s := settingOf(form)
	if form.OK() {
		if err = s.Check(); err == nil && form.Value("do") == "save" {
			err = hours.Save(r.Context(), v.practice, v.Author(""), s)
			if err == nil {
				http.Redirect(w, r, v.base()+"opening?done=saved", http.StatusSeeOther)
				return nil
			}
		}
	}
	status, err := refused(form, err, "mon")
	if err != nil {
		return err
	}
	return m.showOpening(w, r, v, s, openingPage{Form: form}, status)
}

func (m *Manage) showOpening(w http.ResponseWriter, r *http.Request, v visit, s hours.Setting, p openingPage, status int) error {
	p.Action, p.Version, p.Holidays, p.Core = v.base()+"opening", s.Version, s.BankHolidays, s.Version == ""
	if p.Form == nil {
		p.Closures = closureLines(s.Closures)
	} else {
		p.Closures = p.Form.Value("closures")
	}
	for _, d := range week {
		p.Days = append(p.Days, dayRow(d, s.Week[d], p.Form))
	}
	f := m.frame(r, v, "Opening hours", "opening")
	f.Form = p.Form
	if p.Form.OK() && s.Check() == nil {
		p.Preview = preview(s.Promises(v.now))
	}
	return openingTemplate.Render(w, r, status, f, p)
}

// dayRow is a day as it was typed, or else as it is set.
func dayRow(d time.Weekday, spans []opening.Span, typed *page.Form) openingDay {
	row := openingDay{Key: dayKey(d), Name: d.String(), Error: typed.Error(dayKey(d))}
	for i := range row.From {
		if typed != nil {
			row.From[i], row.To[i] = typed.Value(fmt.Sprint(row.Key, "-from-", i)), typed.Value(fmt.Sprint(row.Key, "-to-", i))
		} else if i < len(spans) {
			row.From[i], row.To[i] = hour(spans[i].From), hour(min(spans[i].To, 24*60-1))
		}
	}
	return row
}

func hour(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

// settingOf reads the form; what cannot be read becomes an error in it.
func settingOf(form *page.Form) hours.Setting {
	s := hours.Setting{Version: form.Value("version"), BankHolidays: form.Has("holidays", "open")}
	for _, d := range week {
		for i := range 2 {
			key := dayKey(d)
			from, to := form.Text(fmt.Sprint(key, "-from-", i), 5), form.Text(fmt.Sprint(key, "-to-", i), 5)
			if from == "" && to == "" {
				continue
			}
			a, err1 := time.Parse("15:04", from)
			b, err2 := time.Parse("15:04", to)
			if err1 != nil || err2 != nil {
				form.Fail(key, "Enter when "+d.String()+" opens and closes, such as 08:00 and 18:30")
				continue
			}
			span := opening.Span{From: a.Hour()*60 + a.Minute(), To: b.Hour()*60 + b.Minute()}
			if span.From == 0 && span.To == 24*60-1 {
				span.To = 24 * 60 // all day
			}
			s.Week[d] = append(s.Week[d], span)
		}
	}
	s.Closures = closuresOf(form)
	return s
}

// closureLine is "2026-12-24 Training" or "2026-12-24 to 2026-12-28 Training".
var closureLine = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})(?:\s+to\s+(\d{4}-\d{2}-\d{2}))?\s+(.+)$`)

func closuresOf(form *page.Form) []hours.Closure {
	var out []hours.Closure
	for line := range strings.Lines(form.Text("closures", 20000)) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		m := closureLine.FindStringSubmatch(line)
		if m == nil {
			form.Fail("closures", "Write each closure on a line of its own: a date such as 2026-12-24, then why")
			return out
		}
		c := hours.Closure{From: m[1], To: m[2], Why: m[3]}
		if c.To == "" {
			c.To = c.From
		}
		out = append(out, c)
	}
	return out
}

func closureLines(closures []hours.Closure) string {
	var b strings.Builder
	for _, c := range closures {
		b.WriteString(c.From)
		if c.To != c.From {
			b.WriteString(" to " + c.To)
		}
		b.WriteString(" " + c.Why + "\n")
	}
	return b.String()
}

// preview is what somebody who asks now would be promised.
func preview(p hours.Promises) []page.Row {
	now := "Closed"
	if p.Open {
		now = "Open"
	}
	by := func(t time.Time) string {
		return "by " + t.In(words.London).Format("Monday 2 January") + ", " + words.Clock(t)
	}
	return []page.Row{
		{Key: "The practice now", Value: now},
		{Key: "Emergency", Value: "at once, with advice to call 999"},
		{Key: "Very urgent", Value: by(p.TwoHours)},
		{Key: "Urgent", Value: by(p.Day)},
		{Key: "Routine", Value: by(p.Later)},
	}
}

package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care/booking"
	"heartwood/internal/door/web/page"
	"heartwood/internal/ident"
	"heartwood/internal/view/diary"
	"heartwood/internal/words"
)

type diaryPage struct {
	Desk                            desk
	Notice                          *notice
	Date, Day, Before, Today, After string
	Week, Apart                     bool // a week; and as a table, since it is of more than one person
	Views                           []filterLink
	Who                             []option // clinicians and roles to look at
	Action, Back, Key               string
	Columns                         []diaryColumn
	Dates                           []string
	Rows                            []diaryRow
	Block                           blockForm
	WaitingHref, KioskHref          string
}

// diaryColumn is one person's day.
type diaryColumn struct {
	Who, Note, Href   string
	Sort              string // what all its times are, "" when they differ
	Schedule, Session string // to say that it runs late; "" for another day
	Late              int
	Slots             []diarySlot
}

// diaryRow is one person's week, in numbers.
type diaryRow struct {
	Who   string
	Cells []diaryCell
}

type diaryCell struct{ Href, Text string }

type diarySlot struct {
	Class, Time, ISO, Text, Note, Href string
	Sort                               string // what it is for, when that is not said above the column
	ID, Version, State                 string
	Deeds                              []diaryDeed
	Block                              string // where to block it
	Unblock                            bool
	Schedule, From, To                 string
}

type diaryDeed struct{ Do, Label string }

var diaryTemplate = page.New[diaryPage](files, "diary.html", "parts.html")

// scope is which part of the diary somebody looks at.
type diaryScope struct {
	on   time.Time // a day in it
	days int       // 1 or 7
	who  string    // a reference, "role:…", or "" for everybody
}

func (v visit) diaryScope(q url.Values) diaryScope {
	s := diaryScope{on: v.now.In(words.London), days: 1, who: q.Get("who")}
	if t, err := time.ParseInLocation(time.DateOnly, q.Get("day"), words.London); err == nil {
		s.on = t
	}
	if q.Get("days") == "7" {
		s.days = 7
	}
	return s
}

// first is the first day that is shown: of a week its Monday.
func (s diaryScope) first() time.Time {
	if s.days == 1 {
		return s.on
	}
	return s.on.AddDate(0, 0, -(int(s.on.Weekday())+6)%7)
}

// at is the address of another part.
func (v visit) diaryAt(s diaryScope) string {
	q := url.Values{}
	if s.on.In(words.London).Format(time.DateOnly) != v.now.In(words.London).Format(time.DateOnly) {
		q.Set("day", s.on.Format(time.DateOnly))
	}
	if s.days == 7 {
		q.Set("days", "7")
	}
	if s.who != "" {
		q.Set("who", s.who)
	}
	if len(q) == 0 {
		return v.base() + "diary"
	}
	return v.base() + "diary?" + q.Encode()
}

func (s diaryScope) shifted(days int) diaryScope { s.on = s.on.AddDate(0, 0, days); return s }

func (s diaryScope) with(days int) diaryScope { s.days = days; return s }

func (d *Desk) diaryPage(w http.ResponseWriter, r *http.Request) error {
	v, err := d.enter(r, access.Book, "")
	if err != nil {
		return err
	}
	return d.showDiary(w, r, v, r.URL.Query(), diaryPage{Notice: noticeOf(r)}, http.StatusOK)
}

// showDiary shows a part of the diary, and with it what was typed.
func (d *Desk) showDiary(w http.ResponseWriter, r *http.Request, v visit, q url.Values, p diaryPage, status int) error {
	s := v.diaryScope(q)
	who, err := d.colleagues(r.Context(), v)
	if err != nil {
		return err
	}
	read, err := diary.Read(r.Context(), v.practice, diary.Query{From: s.first(), Days: s.days})
	if err != nil {
		return err
	}
	p.Desk, p.Week, p.Action, p.Back = v.desk(), s.days == 7, v.base()+"diary", v.diaryAt(s)
	p.Key = ident.NewID()
	p.Date, p.Day = s.on.Format("Monday 2 January 2006"), s.on.Format(time.DateOnly)
	if p.Week {
		p.Date = "week of " + s.first().Format("2 January 2006")
	}
	now := s
	now.on = v.now
	p.Before, p.Today, p.After = v.diaryAt(s.shifted(-s.days)), v.diaryAt(now), v.diaryAt(s.shifted(s.days))
	p.Views = []filterLink{
		{Label: "Day", Href: v.diaryAt(s.with(1)), Current: s.days == 1},
		{Label: "Week", Href: v.diaryAt(s.with(7)), Current: s.days == 7},
	}
	p.WaitingHref, p.KioskHref = v.base()+"waiting", v.base()+"check-in"
	p.Who = diaryChoices(read, who, s.who)
	patients := v.fillDiary(&p, read, who, s)
	v.blockForm(&p, read, q)
	if err := d.glanced(r.Context(), v, "diary", patients); err != nil {
		return err
	}
	return diaryTemplate.Render(w, r, status, v.frame(r, "Diary", "diary"), p)
}

// jobOf is the role of somebody who has a diary.
func (c colleagues) jobOf(ref string) string {
	for _, p := range c.people {
		if p.Ref == ref {
			return p.Job
		}
	}
	return ""
}

// diaryChoices are who can be looked at: everybody, a role, one person.
func diaryChoices(d diary.Diary, who colleagues, chosen string) []option {
	out := []option{{Label: "Everybody"}}
	var roles, people []option
	seen := map[string]bool{}
	for _, day := range d.Days {
		for _, c := range day.Columns {
			ref := c.Clinician.String()
			if job := who.jobOf(ref); job != "" && !seen["role:"+job] {
				seen["role:"+job] = true
				roles = append(roles, option{Value: "role:" + job, Label: "Role: " + job, Chosen: chosen == "role:"+job})
			}
			if !seen[ref] && !c.Clinician.IsZero() {
				seen[ref] = true
				people = append(people, option{Value: ref, Label: c.Name, Chosen: chosen == ref})
			}
		}
	}
	byLabel := func(a, b option) int { return strings.Compare(a.Label, b.Label) }
	slices.SortFunc(roles, byLabel)
	slices.SortFunc(people, byLabel)
	return append(append(out, roles...), people...)
}

// shows tells whether a column is one that was asked for.
func (s diaryScope) shows(c diary.Column, who colleagues) bool {
	role, isRole := strings.CutPrefix(s.who, "role:")
	return s.who == "" || isRole && who.jobOf(c.Clinician.String()) == role || s.who == c.Clinician.String()
}

// fillDiary fills in the columns, or for a week of more than one person the
// numbers, and gives the patients that are seen.
func (v visit) fillDiary(p *diaryPage, d diary.Diary, who colleagues, s diaryScope) (patients []string) {
	one := strings.HasPrefix(s.who, "Practitioner")
	p.Apart = p.Week && !one
	rows := map[string]int{}
	for i, day := range d.Days {
		p.Dates = append(p.Dates, day.Date.Format("Mon 2 Jan"))
		for _, c := range day.Columns {
			if !s.shows(c, who) {
				continue
			}
			if p.Apart {
				v.inWeek(p, rows, i, c, day.Date, s)
				continue
			}
			col := v.column(c, s)
			if p.Week {
				col.Who = day.Date.Format("Monday 2 January")
				col.Href = v.diaryAt(diaryScope{day.Date, 1, s.who})
			}
			for _, cell := range c.Cells {
				if !cell.Patient.IsZero() {
					patients = append(patients, cell.Patient.String())
				} else if cell.PatientName != "" {
					patients = append(patients, "")
				}
			}
			p.Columns = append(p.Columns, col)
		}
	}
	slices.SortFunc(p.Rows, func(a, b diaryRow) int { return strings.Compare(a.Who, b.Who) })
	return patients
}

func (v visit) inWeek(p *diaryPage, rows map[string]int, day int, c diary.Column, date time.Time, s diaryScope) {
	i, ok := rows[c.Clinician.String()]
	if !ok {
		i = len(p.Rows)
		rows[c.Clinician.String()] = i
		p.Rows = append(p.Rows, diaryRow{Who: c.Name, Cells: make([]diaryCell, 7)})
	}
	p.Rows[i].Cells[day] = diaryCell{
		Href: v.diaryAt(diaryScope{date, 1, c.Clinician.String()}),
		Text: plural(c.Free, "free", "free") + ", " + plural(c.Booked, "booked", "booked"),
	}
}

func (v visit) column(c diary.Column, s diaryScope) diaryColumn {
	col := diaryColumn{
		Who: c.Name, Note: plural(c.Free, "free", "free") + ", " + plural(c.Booked, "booked", "booked"),
		Late: c.Late,
	}
	if c.Late > 0 && s.days == 1 && daysBetween(v.now.In(words.London), s.on) == 0 {
		col.Note += ", " + plural(c.Late, "minute late", "minutes late")
	}
	if !c.Schedule.IsZero() && s.days == 1 && daysBetween(v.now.In(words.London), s.on) == 0 {
		col.Schedule, col.Session = c.Schedule.ID, booking.Session(v.now)
	}
	col.Sort = oneSort(c.Cells)
	for _, cell := range c.Cells {
		slot := v.slot(cell)
		if col.Sort == "" {
			slot.Sort = sortOf(cell)
		}
		if !c.Schedule.IsZero() && !cell.Slot.IsZero() {
			slot.Schedule, slot.From, slot.To = c.Schedule.ID, iso(cell.Start), iso(cell.End)
			if cell.Status == "free" && !cell.Past {
				q := url.Values{"block": {c.Schedule.ID}, "from": {hour(cell.Start)}, "to": {hour(cell.End)}, "day": {cell.Start.In(words.London).Format(time.DateOnly)}, "who": {s.who}}
				slot.Block = v.base() + "diary?" + q.Encode() + "#block"
			}
		}
		col.Slots = append(col.Slots, slot)
	}
	return col
}

// sortOf is what a time is for: the practice's sort of slot, and the national
// category in which the month's return counts it.
func sortOf(c diary.Cell) string {
	switch {
	case c.Kind == "" && c.Category == "":
		return ""
	case c.Category == "":
		return c.Kind + ", no national category"
	case c.Kind == c.Category:
		return c.Kind
	}
	return join(c.Kind, c.Category)
}

// oneSort is what all the times of a column are for, "" when they differ.
func oneSort(cells []diary.Cell) string {
	one := ""
	for i, c := range cells {
		if s := sortOf(c); i > 0 && s != one {
			return ""
		} else if one = s; one == "" {
			return ""
		}
	}
	return one
}

func (v visit) slot(c diary.Cell) diarySlot {
	s := diarySlot{Class: c.Status, Time: hour(c.Start), ISO: iso(c.Start)}
	switch {
	case !c.Appointment.IsZero():
		s.Class, s.Text = "booked", orElse(c.PatientName, "Booked")
		s.Note = join(c.Mode, firstLine(c.Reason, 60))
		if c.BookedBy != "" {
			s.Note = join(s.Note, "booked by "+c.BookedBy)
		}
		s.State = capital(statusNote(c.AppStatus))
		s.ID, s.Version, s.Deeds = c.Appointment.ID, c.Version, v.diaryDeeds(c)
		if s.State != "" {
			s.Class = "booked dk-slot--" + c.AppStatus
		}
		if c.Unseen {
			s.State, s.Class = "Left before they were seen", "booked dk-slot--unseen"
		}
		if !c.Patient.IsZero() && v.may(access.SeeRecord, c.Patient.String()) {
			s.Href = v.base() + "patient/" + c.Patient.ID
		}
	case c.Status == "free":
		s.Text, s.Note = "Free", c.Mode
	case c.Status == "busy":
		s.Class, s.Text = "taken", "Taken"
	default:
		s.Class, s.Text, s.Note = "blocked", "Not for booking", c.Comment
		s.Unblock = !c.Past
	}
	if c.Past {
		s.Class += " dk-slot--past"
	}
	return s
}

// diaryDeeds are the marks that an appointment can be given now: only what
// comes next, and taking the last one back.
func (v visit) diaryDeeds(c diary.Cell) []diaryDeed {
	if daysBetween(c.Start.In(words.London), v.now.In(words.London)) < 0 {
		return nil // not today yet
	}
	back := diaryDeed{booking.Back, "Undo"}
	switch c.AppStatus {
	case "booked", "pending":
		deeds := []diaryDeed{{booking.Arrived, "Arrived"}, {booking.BeingSeen, "Being seen"}}
		if c.Past {
			deeds = append(deeds, diaryDeed{booking.Missed, "Did not come"})
		}
		return deeds
	case booking.Arrived:
		return []diaryDeed{{booking.BeingSeen, "Being seen"}, {booking.Left, "Left"}, {booking.Unseen, "Left unseen"}, back}
	case booking.BeingSeen:
		return []diaryDeed{{booking.Left, "Left"}, back}
	case booking.Missed:
		return []diaryDeed{{booking.Arrived, "Came late"}, back}
	case booking.Left:
		return []diaryDeed{back}
	}
	return nil
}

// statusNote says a status that is not the ordinary one.
func statusNote(s string) string {
	if s == "booked" {
		return ""
	}
	return statusWords[s]
}

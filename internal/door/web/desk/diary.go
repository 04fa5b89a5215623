package desk

import (
	"net/http"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/door/web/page"
	"heartwood/internal/view/diary"
	"heartwood/internal/words"
)

type diaryPage struct {
	Desk                            desk
	Notice                          *notice
	Date, Day, Before, Today, After string
	Columns                         []diaryColumn
}

type diaryColumn struct {
	Who, Note string
	Slots     []diarySlot
}

type diarySlot struct{ Class, Time, ISO, Text, Note, Href string }

var diaryTemplate = page.New[diaryPage](files, "diary.html", "parts.html")

func (d *Desk) diaryPage(w http.ResponseWriter, r *http.Request) error {
	v, err := d.enter(r, access.Book, "")
	if err != nil {
		return err
	}
	on := v.now.In(words.London)
	if t, err := time.ParseInLocation(time.DateOnly, r.FormValue("day"), words.London); err == nil {
		on = t
	}
	read, err := diary.Read(r.Context(), v.practice, diary.Query{From: on, Days: 1})
	if err != nil {
		return err
	}
	link := func(days int) string { return v.base() + "diary?day=" + on.AddDate(0, 0, days).Format(time.DateOnly) }
	p := diaryPage{
		Desk: v.desk(), Date: on.Format("Monday 2 January 2006"), Day: on.Format(time.DateOnly),
		Before: link(-1), Today: v.base() + "diary", After: link(1),
	}
	var patients []string
	for _, day := range read.Days {
		for _, c := range day.Columns {
			col := diaryColumn{Who: c.Name, Note: plural(c.Free, "free", "free") + ", " + plural(c.Booked, "booked", "booked")}
			for _, cell := range c.Cells {
				if !cell.Patient.IsZero() {
					patients = append(patients, cell.Patient.String())
				} else if cell.PatientName != "" {
					patients = append(patients, "")
				}
				col.Slots = append(col.Slots, v.slot(cell))
			}
			p.Columns = append(p.Columns, col)
		}
	}
	if err := d.glanced(r.Context(), v, "diary", patients); err != nil {
		return err
	}
	return diaryTemplate.Render(w, r, http.StatusOK, v.frame(r, "Diary", "diary"), p)
}

func (v visit) slot(c diary.Cell) diarySlot {
	s := diarySlot{Class: c.Status, Time: hour(c.Start), ISO: iso(c.Start)}
	switch {
	case !c.Appointment.IsZero():
		s.Class, s.Text = "booked", orElse(c.PatientName, "Booked")
		s.Note = join(c.Mode, statusNote(c.AppStatus), firstLine(c.Reason, 60))
		if !c.Patient.IsZero() && v.may(access.SeeRecord, c.Patient.String()) {
			s.Href = v.base() + "patient/" + c.Patient.ID
		}
	case c.Status == "free":
		s.Text, s.Note = "Free", c.Mode
	case c.Status == "busy":
		s.Class, s.Text = "taken", "Taken"
	default:
		s.Class, s.Text = "blocked", "Not for booking"
	}
	if c.Past {
		s.Class += " dk-slot--past"
	}
	return s
}

// statusNote says a status that is not the ordinary one.
func statusNote(s string) string {
	if s == "booked" {
		return ""
	}
	return statusWords[s]
}

package desk

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care/booking"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/view/diary"
	"heartwood/internal/words"
)

// blockForm is the form that takes time out of sale.
type blockForm struct {
	Open                        bool
	Who                         []option
	Day, From, To, Last, Reason string
	Problem                     string
	Booked                      []blockBooked // what is booked then, to be looked at first
}

type blockBooked struct{ When, Who, Href string }

// marks are the marks of an appointment that the diary's forms send.
var marks = map[string]bool{booking.Arrived: true, booking.BeingSeen: true, booking.Left: true, booking.Unseen: true, booking.Missed: true, booking.Back: true}

// diaryDo carries out one form of the diary, and comes back to where it was.
func (d *Desk) diaryDo(w http.ResponseWriter, r *http.Request) error {
	v, form, err := d.posted(w, r, access.Book, "", 0)
	if err != nil {
		return err
	}
	back, err := url.Parse(form.Value("back"))
	if err != nil || back.Path != v.base()+"diary" || back.Host != "" {
		back = &url.URL{Path: v.base() + "diary"}
	}
	at, done, err := d.diaryDeed(r.Context(), v, form)
	if err == nil {
		q := back.Query()
		q.Set("done", done)
		http.Redirect(w, r, back.Path+"?"+q.Encode()+at, http.StatusSeeOther)
		return nil
	}
	switch k := fault.KindOf(err); k {
	case fault.Invalid, fault.Conflict, fault.Refused:
		return d.diaryAgain(w, r, v, form, back.Query(), err, k.Status())
	}
	return err
}

// diaryDeed does what one form asks, and says where on the page to come back
// to and what was done.
func (d *Desk) diaryDeed(ctx context.Context, v visit, form *page.Form) (at, done string, err error) {
	do := form.Value("do")
	switch {
	case marks[do]:
		id := form.Value("appointment")
		if !ident.IsID(id) {
			return "", "", fault.New(fault.NotFound, "There is no such appointment.")
		}
		_, err = d.booking.Mark(ctx, v.practice, v.Author(""), booking.MarkCommand{
			Appointment: ident.Ref{Type: "Appointment", ID: id}, Version: form.Value("version"), Status: do,
			Key: "mark-" + id + "-" + form.Value("version") + "-" + do,
		})
		return "#a-" + id, "mark-" + do, err
	case do == "late":
		minutes, err := strconv.Atoi(strings.TrimSpace(form.Value("minutes")))
		if err != nil {
			minutes = -1
		}
		id := form.Value("schedule")
		if !ident.IsID(id) {
			return "", "", fault.New(fault.NotFound, "There is no such session.")
		}
		return "", "late", d.booking.RunLate(ctx, v.practice, v.Author(""), ident.Ref{Type: "Schedule", ID: id}, form.Value("session"), minutes)
	case do == "block" || do == "unblock":
		return d.doBlock(ctx, v, form, do)
	}
	return "", "", fault.New(fault.Invalid, "Choose what to do.")
}

func (d *Desk) doBlock(ctx context.Context, v visit, form *page.Form, do string) (at, done string, err error) {
	from, to, err := blockTimes(form)
	if err != nil {
		return "", "", err
	}
	c := booking.BlockCommand{
		Schedule: ident.Ref{Type: "Schedule", ID: form.Value("schedule")}, From: from, To: to,
		Reason: form.Text("reason", 200), Anyway: form.Value("anyway") == "yes", Key: form.Value("key"),
	}
	if !ident.IsID(c.Schedule.ID) {
		return "", "", fault.At(fault.Invalid, "who", "Choose whose time it is.")
	}
	if do == "unblock" {
		_, err = d.booking.Unblock(ctx, v.practice, v.Author(""), c)
		return "", "unblock", err
	}
	did, err := d.booking.Block(ctx, v.practice, v.Author(""), c)
	if len(did.Booked) > 0 {
		return "", "block-jobs", err
	}
	return "", "block", err
}

// blockTimes reads when: two instants of one slot, or a day and two times.
func blockTimes(form *page.Form) (from, to time.Time, err error) {
	if from, err = time.Parse(time.RFC3339, form.Value("from")); err == nil {
		to, err = time.Parse(time.RFC3339, form.Value("to"))
		if err != nil {
			err = fault.At(fault.Invalid, "to", "Write the end as 17:30.")
		}
		return from, to, err
	}
	last := orElse(form.Value("last"), form.Value("day"))
	from, err = time.ParseInLocation("2006-01-02 15:04", form.Value("day")+" "+form.Value("from"), words.London)
	if err != nil {
		return from, to, fault.At(fault.Invalid, "from", "Choose a day, and write the start as 09:00.")
	}
	to, err = time.ParseInLocation("2006-01-02 15:04", last+" "+form.Value("to"), words.London)
	if err != nil {
		return from, to, fault.At(fault.Invalid, "to", "Write the end as 17:30.")
	}
	return from, to, nil
}

// diaryAgain shows the diary as it now is, with what stood in the way.
func (d *Desk) diaryAgain(w http.ResponseWriter, r *http.Request, v visit, form *page.Form, q url.Values, err error, status int) error {
	p := diaryPage{}
	var booked *booking.Booked
	f := fault.From(err)
	if form.Value("do") != "block" {
		p.Notice = &notice{Class: "problem", Title: f.Message}
		return d.showDiary(w, r, v, q, p, status)
	}
	p.Block = blockForm{Open: true, Problem: f.Message}
	if errors.As(err, &booked) {
		var sights []access.Sight
		for _, b := range booked.Views {
			about, err := d.patient(r.Context(), v, b.Patient.ID)
			if err != nil {
				return err
			}
			sights = append(sights, access.Sight{Patient: b.Patient.String(), What: "diary"})
			row := blockBooked{When: moment(b.Start, v.now), Who: about.Name}
			if v.may(access.SeeRecord, b.Patient.String()) {
				row.Href = v.base() + "patient/" + b.Patient.ID
			}
			p.Block.Booked = append(p.Block.Booked, row)
		}
		if err := v.looked(r.Context(), sights...); err != nil {
			return err
		}
	}
	for _, name := range []string{"from", "to", "reason", "day", "last"} {
		q.Set(name, form.Value(name))
	}
	q.Set("block", form.Value("schedule"))
	return d.showDiary(w, r, v, q, p, status)
}

// fits is s where a date or time of that layout is, "" otherwise: a browser
// shows nothing else in such a field.
func fits(layout, s string) string {
	if _, err := time.Parse(layout, s); err != nil {
		return ""
	}
	return s
}

// blockForm fills the form in, as the address or what was typed says.
func (v visit) blockForm(p *diaryPage, read diary.Diary, q url.Values) {
	b := &p.Block
	b.Open = b.Open || q.Get("block") != ""
	b.Day, b.Last, b.Reason = p.Day, fits(time.DateOnly, q.Get("last")), q.Get("reason")
	b.From, b.To = fits("15:04", q.Get("from")), fits("15:04", q.Get("to"))
	seen := map[string]bool{}
	for _, day := range read.Days {
		for _, c := range day.Columns {
			if id := c.Schedule.ID; id != "" && !seen[id] {
				seen[id] = true
				b.Who = append(b.Who, option{Value: id, Label: c.Name, Chosen: id == q.Get("block")})
			}
		}
	}
}

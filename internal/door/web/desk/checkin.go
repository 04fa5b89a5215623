package desk

import (
	"net/http"

	"heartwood/internal/access"
	"heartwood/internal/care/booking"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
)

type checkinPage struct {
	Desk         desk
	Notice       *notice
	Href, Action string
	Version      string
	Diary        string
}

var checkinTemplate = page.New[checkinPage](files, "checkin.html", "parts.html")

// checkinPage says where the practice's check-in screen is.
func (d *Desk) checkinPage(w http.ResponseWriter, r *http.Request) error {
	v, err := d.enter(r, access.Book, "")
	if err != nil {
		return err
	}
	return d.showCheckin(w, r, v, noticeOf(r), http.StatusOK)
}

func (d *Desk) showCheckin(w http.ResponseWriter, r *http.Request, v visit, n *notice, status int) error {
	s, err := booking.LoadSettings(r.Context(), v.practice)
	if err != nil {
		return err
	}
	p := checkinPage{Desk: v.desk(), Notice: n, Action: v.base() + "check-in", Version: s.Version, Diary: v.base() + "diary"}
	if d.screen != nil {
		p.Href = d.screen(v.ods, s.Screen)
	}
	return checkinTemplate.Render(w, r, status, v.frame(r, "Check-in screen", "diary"), p)
}

// checkinDo gives the screen a new address: the old one opens nothing any more.
func (d *Desk) checkinDo(w http.ResponseWriter, r *http.Request) error {
	v, form, err := d.posted(w, r, access.Book, "", 0)
	if err != nil {
		return err
	}
	s, err := booking.LoadSettings(r.Context(), v.practice)
	if err != nil {
		return err
	}
	s.Version = form.Value("version")
	s.Screen++
	if err = booking.SaveSettings(r.Context(), v.practice, v.Author(""), s); fault.Is(err, fault.Conflict) {
		return d.showCheckin(w, r, v, &notice{Class: "problem", Title: fault.From(err).Message}, http.StatusConflict)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, v.base()+"check-in?done=screen", http.StatusSeeOther)
	return nil
}

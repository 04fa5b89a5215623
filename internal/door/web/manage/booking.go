package manage

import (
	"net/http"
	"strconv"
	"strings"

	"heartwood/internal/access"
	"heartwood/internal/care/booking"
	"heartwood/internal/door/web/page"
)

type bookingPage struct {
	Form    *page.Form
	Action  string
	Version string
	Saved   bool
}

var bookingTemplate = page.New[bookingPage](files, "booking.html")

// bookingPage is where a manager sets reminders, how long a time is kept, and
// when patients can check in.
func (m *Manage) bookingPage(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Manage)
	if err != nil {
		return err
	}
	s, err := booking.LoadSettings(r.Context(), v.practice)
	if err != nil {
		return err
	}
	form := page.NewForm(map[string]string{
		"reminders": s.Hours(), "keep": strconv.Itoa(s.Keep), "soonest": strconv.Itoa(s.Soonest),
		"here-from": strconv.Itoa(s.HereFrom), "here-until": strconv.Itoa(s.HereUntil), "version": s.Version,
	})
	return m.showBooking(w, r, v, form, r.FormValue("done") == "saved", http.StatusOK)
}

func (m *Manage) showBooking(w http.ResponseWriter, r *http.Request, v visit, form *page.Form, saved bool, status int) error {
	f := m.frame(r, v, "Booking", "booking")
	f.Form = form
	return bookingTemplate.Render(w, r, status, f, bookingPage{
		Form: form, Action: v.base() + "booking", Version: form.Value("version"), Saved: saved,
	})
}

func (m *Manage) bookingDo(w http.ResponseWriter, r *http.Request) error {
	v, form, err := m.posted(w, r, access.Manage, 0)
	if err != nil {
		return err
	}
	s, err := booking.LoadSettings(r.Context(), v.practice) // what the form does not set stays
	if err != nil {
		return err
	}
	number := func(name string) int {
		n, err := strconv.Atoi(strings.TrimSpace(form.Value(name)))
		if err != nil {
			return -1
		}
		return n
	}
	s.Version, s.Reminders = form.Value("version"), nil
	s.Keep, s.Soonest, s.HereFrom, s.HereUntil = number("keep"), number("soonest"), number("here-from"), number("here-until")
	for _, part := range strings.FieldsFunc(form.Value("reminders"), func(c rune) bool { return c == ',' || c == ' ' }) {
		n, err := strconv.Atoi(part)
		if err != nil {
			n = -1
		}
		s.Reminders = append(s.Reminders, n)
	}
	if err = booking.SaveSettings(r.Context(), v.practice, v.Author(""), s); err == nil {
		http.Redirect(w, r, v.base()+"booking?done=saved", http.StatusSeeOther)
		return nil
	}
	status, err := refused(form, err, "reminders")
	if err != nil {
		return err
	}
	return m.showBooking(w, r, v, form, false, status)
}

// Package checkin is the screen by the door where patients say that they have
// come for their appointment.
//
// What comes in: the secret address of a practice's screen, the day and month
// of somebody's birth, and how their surname begins. What goes out: one person
// marked as arrived, and a word of thanks. It must never show a name, a time
// or whether anybody is expected, never check in one of two people who both
// fit, and never be of use for trying out birthdays.
package checkin

import (
	"context"
	"embed"
	"net/http"
	"strconv"
	"strings"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/booking"
	"heartwood/internal/door/web/allow"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

//go:embed *.html
var files embed.FS

// Config is what the screen works with.
type Config struct {
	Store *record.Store
	// Open tells which practice an address is of, and its number; nil opens none.
	Open func(link string) (practice ident.ODS, number string, ok bool)
}

// Screen serves the screens of all practices.
type Screen struct {
	Config
	bookings *booking.Service
	wrong    *allow.Tries // how often nobody was found lately, by practice
}

// A practice's screen rests when nobody was found so often in so long: people
// mistype, but not that much. After so long all tries are back, and one of
// them each half minute before.
const (
	mostWrong = 20
	restsFor  = 10 * time.Minute
)

// New makes the screens.
func New(c Config) *Screen {
	return &Screen{Config: c, bookings: booking.New(), wrong: allow.New(restsFor/mostWrong, mostWrong)}
}

// Routes puts them on a mux.
func (s *Screen) Routes(mux *http.ServeMux) {
	mux.Handle("GET /check-in/{link}", page.Func(s.ask))
	mux.Handle("POST /check-in/{link}", page.Func(s.here))
}

type askPage struct {
	Action string
	Form   *page.Form
}

type donePage struct {
	Again string // where the screen goes back to by itself
	Here  bool
	Late  string
}

var (
	askTemplate  = page.New[askPage](files, "ask.html")
	doneTemplate = page.New[donePage](files, "done.html")
)

var errGone = fault.New(fault.Gone, "This check-in screen has a new address. Please speak to the desk.")

// by is who marks: the screen itself.
var by = record.Author{Ref: "Device/check-in", Role: care.RoleSystem}

// open finds the practice whose screen an address is, if it is still the one.
func (s *Screen) open(r *http.Request) (*record.Practice, error) {
	if s.Open == nil {
		return nil, errGone
	}
	ods, number, ok := s.Open(r.PathValue("link"))
	if !ok {
		return nil, errGone
	}
	p, err := s.Store.Practice(ods)
	if err != nil {
		return nil, err
	}
	set, err := booking.LoadSettings(r.Context(), p)
	if err == nil && number != strconv.Itoa(set.Screen) {
		err = errGone
	}
	return p, err
}

func frame(r *http.Request) page.Frame {
	f := page.Base(r)
	f.Title, f.Nav, f.User, f.Account, f.SignOut = "Check in", nil, nil, nil, ""
	return f
}

func (s *Screen) ask(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.open(r); err != nil {
		return err
	}
	return askTemplate.Render(w, r, http.StatusOK, frame(r), askPage{Action: r.URL.Path})
}

func (s *Screen) here(w http.ResponseWriter, r *http.Request) error {
	p, err := s.open(r)
	if err != nil {
		return err
	}
	form, err := page.Parse(w, r, 0)
	if err != nil {
		return err
	}
	a := booking.Arrival{Surname: form.Text("surname", 60)}
	for name, at := range map[string]*int{"day": &a.Day, "month": &a.Month} {
		if *at, err = strconv.Atoi(strings.TrimSpace(form.Value(name))); err != nil {
			form.Fail(name, "Enter the day and the month as numbers, such as 27 and 3")
		}
	}
	if a.Surname == "" {
		form.Fail("surname", "Enter the first letter of your surname")
	}
	if !form.OK() {
		f := frame(r)
		f.Form = form
		return askTemplate.Render(w, r, http.StatusUnprocessableEntity, f, askPage{Action: r.URL.Path, Form: form})
	}
	late, err := s.arrive(r.Context(), p, a)
	done := donePage{Again: r.URL.Path, Here: err == nil}
	switch {
	case err != nil && !fault.Is(err, fault.Refused) && !fault.Is(err, fault.Conflict):
		return err
	case late > 0:
		done.Late = page.Base(r).Lang.Plural(late, "This session is running about %d minute late. Thank you for waiting.", "This session is running about %d minutes late. Thank you for waiting.")
	}
	w.Header().Set("Refresh", "30;url="+r.URL.Path) // the next person finds a clean screen
	return doneTemplate.Render(w, r, http.StatusOK, frame(r), done)
}

// arrive checks somebody in, unless the screen rests.
func (s *Screen) arrive(ctx context.Context, p *record.Practice, a booking.Arrival) (late int, err error) {
	if !s.wrong.Left(string(p.ODS()), p.Now()) {
		return 0, fault.New(fault.Refused, "Please speak to the desk.")
	}
	late, err = s.bookings.CheckIn(ctx, p, by, a)
	if fault.Is(err, fault.Refused) {
		s.wrong.Take(string(p.ODS()), p.Now())
	}
	return late, err
}

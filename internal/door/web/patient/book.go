package patient

import (
	"context"
	"net/http"

	"heartwood/internal/access"
	"heartwood/internal/care/booking"
	"heartwood/internal/care/rota"
	"heartwood/internal/door/web/page"
	"heartwood/internal/door/web/times"
	"heartwood/internal/ident"
)

// A practice may open sorts of slot to any patient, unasked: these pages sell
// them. What it is for is asked first and read by the rules, so that nobody
// who needs help now waits for a routine time (H-002).

type bookPage struct {
	Form     *page.Form
	Action   string
	Token    string
	Ask      string
	Sorts    []string
	Options  []page.Option
	Choosing bool // a time, and no longer what for
	Kind     string
	About    string
	Days     []times.Day
	Clash    string // "" or what else is booked at that time
	Slot     string // the slot that clashes
}

var bookTemplate = page.New[bookPage](files, "book.html", "days.html")

// sorts are the sorts of slot that the page's patient may book unasked.
func (v visit) sorts(ctx context.Context) ([]string, error) {
	s, err := rota.Load(ctx, v.practice)
	if err != nil {
		return nil, err
	}
	return s.SoldTo(booking.BySelf, v.now), nil
}

func (a *Patients) bookPage(w http.ResponseWriter, r *http.Request) error {
	v, err := a.enterFor(r, access.PickSlot)
	if err != nil {
		return err
	}
	return a.showBook(w, r, v, page.NewForm(map[string]string{"token": ident.NewID()}), false, http.StatusOK)
}

func (a *Patients) showBook(w http.ResponseWriter, r *http.Request, v visit, form *page.Form, choosing bool, status int) error {
	if err := v.looked(r.Context(), "appointments", 0); err != nil {
		return err
	}
	sorts, err := v.sorts(r.Context())
	if err != nil {
		return err
	}
	p := bookPage{
		Form: form, Action: v.base() + "appointments/book", Token: form.Value("token"), Ask: v.root() + "ask", Sorts: sorts, Options: options(sorts),
		Choosing: choosing, Kind: form.Value("kind"), About: form.Value("about"), Clash: form.Value("clash"), Slot: form.Value("slot"),
	}
	if choosing {
		slots, err := a.booking.Free(r.Context(), v.practice, booking.Query{Kind: p.Kind, Via: booking.BySelf, Limit: choices})
		if err != nil {
			return err
		}
		p.Days = times.Days(v.lang, slots, form.Value("slot"))
	}
	f := v.frame(r, "Book an appointment", v.base()+"appointments")
	f.Form = form
	f.Back = &page.Link{Href: v.base() + "appointments", Text: "All appointments"}
	if choosing {
		f.Back = &page.Link{Href: p.Action}
	}
	return bookTemplate.Render(w, r, status, f, p)
}

func options(sorts []string) []page.Option {
	out := make([]page.Option, len(sorts))
	for i, s := range sorts {
		out[i] = page.Option{Value: s, Text: s}
	}
	return out
}

// book takes what it is for, shows the times, and books the one chosen.
func (a *Patients) book(w http.ResponseWriter, r *http.Request) error {
	v, err := a.enterFor(r, access.PickSlot)
	if err != nil {
		return err
	}
	form, err := page.Parse(w, r, 0)
	if err != nil {
		return err
	}
	form.Values.Del("clash") // ours to say
	sorts, err := v.sorts(r.Context())
	if err != nil {
		return err
	}
	kind := form.Choice("kind", "Choose which appointment you need", options(sorts))
	about := form.Need("about", 500, "Say in a few words what it is for")
	if !form.OK() {
		return a.showBook(w, r, v, form, false, http.StatusUnprocessableEntity)
	}
	token, err := form.Token()
	if err != nil {
		return err
	}
	got, err := a.heed(r.Context(), v, about, "They were booking an appointment themselves: "+kind+". It was not booked.", "book-heed-"+token)
	if err != nil {
		return err
	}
	if got.ID != "" {
		return a.showHeeded(w, r, v, got, "We have not booked a time yet. What you wrote should be read by one of us first.")
	}
	slot := form.Value("slot")
	switch {
	case slot == "" && form.Value("step") == "":
		return a.showBook(w, r, v, form, true, http.StatusOK)
	case !ident.IsID(slot):
		form.Fail("slot", "Choose a time")
		return a.showBook(w, r, v, form, true, http.StatusUnprocessableEntity)
	}
	patient, _ := ident.ParseRef(v.patient)
	res, err := a.booking.Book(r.Context(), v.practice, v.author(), booking.BookCommand{
		Patient: patient, Slot: ident.Ref{Type: "Slot", ID: slot}, Reason: about, Anyway: form.Value("anyway") == "yes",
		Key: "book-" + v.patient + "-" + slot + "-" + token,
	})
	if err != nil {
		if err := v.notBooked(form, err); err != nil {
			return err
		}
		return a.showBook(w, r, v, form, true, http.StatusConflict)
	}
	see(w, r, v.base()+"appointments/"+res.Appointment.Appointment.ID+"?booked=1")
	return nil
}

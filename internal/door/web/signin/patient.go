package signin

import (
	"net/http"
	"strings"

	"heartwood/internal/access"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
)

type choosePage struct {
	Form     *page.Form
	Next     string
	Staff    string // where staff sign in
	Passkeys bool
	Demo     bool
	DemoPath string
}

type linkPage struct {
	Name string
	Next string
}

var (
	chooseTemplate = page.New[choosePage](files, "choose.html")
	sentTemplate   = page.New[struct{}](files, "sent.html")
	linkTemplate   = page.New[linkPage](files, "link.html")
	staleTemplate  = page.New[struct{}](files, "stale.html")
)

func (d *Door) choose(w http.ResponseWriter, r *http.Request) error {
	if p, ok := d.Sessions.Person(r); ok && r.URL.Query().Get("out") == "" {
		to := safeNext(r.URL.Query().Get("next"))
		if to == "" {
			to = d.Home(p)
		}
		http.Redirect(w, r, to, http.StatusSeeOther)
		return nil
	}
	return d.showChoose(w, r, http.StatusOK, nil, r.URL.Query().Get("next"))
}

func (d *Door) showChoose(w http.ResponseWriter, r *http.Request, status int, form *page.Form, next string) error {
	f := page.Base(r)
	f.Title, f.Form = "Sign in", form
	if r.URL.Query().Get("out") != "" {
		f.Alert = &page.Alert{Kind: "success", Text: "You have signed out"}
	}
	return chooseTemplate.Render(w, r, status, f, choosePage{
		Form: form, Next: safeNext(next), Staff: withNext("/sign-in/staff", next),
		Passkeys: d.Accounts.HasPasskeys(), Demo: d.Demo, DemoPath: withNext("/demo", next),
	})
}

// askForLink answers the same, as fast, whether or not the address is known:
// looking it up and sending the link is left to Run.
func (d *Door) askForLink(w http.ResponseWriter, r *http.Request) error {
	form, err := page.Parse(w, r, 0)
	if err != nil {
		return err
	}
	next := form.Value("next")
	email := form.Need("email", 254, "Enter your e-mail address")
	if email != "" && (!strings.Contains(email, "@") || strings.ContainsAny(email, " \n\t")) {
		form.Fail("email", "Enter an e-mail address like name@example.com")
	}
	if !form.OK() {
		return d.showChoose(w, r, http.StatusUnprocessableEntity, form, next)
	}
	if err := d.Accounts.AskForLink(email, r.RemoteAddr); err != nil {
		return d.formFault(form, "email", err, func(status int) error {
			return d.showChoose(w, r, status, form, next)
		})
	}
	select {
	case d.posts <- post{email, safeNext(next)}:
	default:
		return fault.New(fault.Busy, "Too many people are signing in just now. Try again in a minute.")
	}
	http.Redirect(w, r, "/sign-in/sent", http.StatusSeeOther)
	return nil
}

// formFault shows a fault of the sender's beside the form; others are pages.
func (d *Door) formFault(form *page.Form, field string, err error, show func(status int) error) error {
	e := fault.From(err)
	switch e.Kind {
	case fault.Unauthenticated, fault.Invalid, fault.Refused:
		if e.Where != "" {
			field = e.Where
		}
		form.Fail(field, e.Message)
		return show(http.StatusUnprocessableEntity)
	case fault.TooMany:
		form.Fail(field, e.Message)
		return show(http.StatusTooManyRequests)
	}
	return err
}

func (d *Door) sent(w http.ResponseWriter, r *http.Request) error {
	f := page.Base(r)
	f.Title, f.Back = "Check your e-mail", &page.Link{Href: "/sign-in"}
	return sentTemplate.Render(w, r, http.StatusOK, f, struct{}{})
}

// link shows a button and does no more: programs that check e-mail for viruses
// open links too, and must not use them up.
func (d *Door) link(w http.ResponseWriter, r *http.Request) error {
	a, err := d.Accounts.OpenLink(r.Context(), r.PathValue("link"))
	if err != nil {
		return d.stale(w, r, err)
	}
	f := page.Base(r)
	f.Title = "Sign in as " + a.Name
	return linkTemplate.Render(w, r, http.StatusOK, f, linkPage{a.Name, safeNext(r.URL.Query().Get("next"))})
}

func (d *Door) useLink(w http.ResponseWriter, r *http.Request) error {
	form, err := page.Parse(w, r, 0)
	if err != nil {
		return err
	}
	a, err := d.Accounts.UseLink(r.Context(), r.PathValue("link"))
	if err != nil {
		return d.stale(w, r, err)
	}
	to, err := d.welcome(w, r, a, access.ByLink, form.Value("next"))
	if err != nil {
		return err
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// stale is the page for a link that does not work any more.
func (d *Door) stale(w http.ResponseWriter, r *http.Request, err error) error {
	if !fault.Is(err, fault.Unauthenticated) {
		return err
	}
	f := page.Base(r)
	f.Title = "This link does not work any more"
	return staleTemplate.Render(w, r, http.StatusGone, f, struct{}{})
}

package signin

import (
	"encoding/json"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"

	"rsc.io/qr"

	"heartwood/internal/access"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

type staffPage struct {
	Form     *page.Form
	Next     string
	Patients string // where patients sign in
	Passkeys bool
}

type codePage struct {
	Form *page.Form
	Next string
}

type invitePage struct {
	Form     *page.Form
	Name     string
	Email    string
	Practice string
	Here     string // this page's own path
	Secret   string // in groups of four
	Sealed   string
	QR       template.HTML
	Passkeys bool
	Staff    bool
}

type enrolledPage struct {
	Codes []string
	Next  string
}

var (
	staffTemplate    = page.New[staffPage](files, "staff.html")
	codeTemplate     = page.New[codePage](files, "code.html")
	inviteTemplate   = page.New[invitePage](files, "invite.html")
	enrolledTemplate = page.New[enrolledPage](files, "enrolled.html")
)

func (d *Door) staff(w http.ResponseWriter, r *http.Request) error {
	return d.showStaff(w, r, http.StatusOK, nil, r.URL.Query().Get("next"))
}

func (d *Door) showStaff(w http.ResponseWriter, r *http.Request, status int, form *page.Form, next string) error {
	f := page.Base(r)
	f.Title, f.Form = "Staff sign in", form
	f.Back = &page.Link{Href: withNext("/sign-in", next)}
	return staffTemplate.Render(w, r, status, f, staffPage{
		Form: form, Next: safeNext(next), Patients: withNext("/sign-in", next), Passkeys: d.Accounts.HasPasskeys(),
	})
}

// password takes the first factor. Nobody is signed in by it: the browser gets
// a sealed note that the password was right, good for a few minutes.
func (d *Door) password(w http.ResponseWriter, r *http.Request) error {
	form, err := page.Parse(w, r, 0)
	if err != nil {
		return err
	}
	next := form.Value("next")
	email := form.Need("email", 254, "Enter your e-mail address")
	password := form.Value("password")
	if password == "" {
		form.Fail("password", "Enter your password")
	}
	if !form.OK() {
		return d.showStaff(w, r, http.StatusUnprocessableEntity, form, next)
	}
	a, err := d.Accounts.CheckPassword(r.Context(), email, password, r.RemoteAddr)
	if err != nil {
		return d.formFault(form, "email", err, func(status int) error {
			return d.showStaff(w, r, status, form, next)
		})
	}
	d.setStep(w, step{a.Practice, a.ID, d.Now().Add(stepFor)})
	http.Redirect(w, r, withNext("/sign-in/code", next), http.StatusSeeOther)
	return nil
}

// step is the note between password and code.
type step struct {
	Practice ident.ODS
	Account  string
	Expires  time.Time
}

const (
	stepFor    = 5 * time.Minute
	stepCookie = "heartwood-step"
)

func (d *Door) setStep(w http.ResponseWriter, s step) {
	b, _ := json.Marshal(s) // strings and a time
	http.SetCookie(w, d.Sessions.Cookie(stepCookie, d.Keys.Seal(stepCookie, b), stepFor))
}

func (d *Door) step(r *http.Request) (s step, ok bool) {
	c, err := r.Cookie(stepCookie)
	if err != nil {
		return s, false
	}
	b, err := d.Keys.Open(stepCookie, c.Value)
	if err != nil || json.Unmarshal(b, &s) != nil {
		return s, false
	}
	return s, d.Now().Before(s.Expires)
}

func (d *Door) codePage(w http.ResponseWriter, r *http.Request) error {
	next := r.URL.Query().Get("next")
	if _, ok := d.step(r); !ok {
		http.Redirect(w, r, withNext("/sign-in/staff", next), http.StatusSeeOther)
		return nil
	}
	return d.showCode(w, r, http.StatusOK, nil, next)
}

func (d *Door) showCode(w http.ResponseWriter, r *http.Request, status int, form *page.Form, next string) error {
	f := page.Base(r)
	f.Title, f.Form, f.Back = "Enter your code", form, &page.Link{Href: withNext("/sign-in/staff", next)}
	return codeTemplate.Render(w, r, status, f, codePage{form, safeNext(next)})
}

func (d *Door) code(w http.ResponseWriter, r *http.Request) error {
	form, err := page.Parse(w, r, 0)
	if err != nil {
		return err
	}
	next := form.Value("next")
	s, ok := d.step(r)
	if !ok {
		http.Redirect(w, r, withNext("/sign-in/staff", next), http.StatusSeeOther)
		return nil
	}
	code := form.Need("code", 40, "Enter the code from your app")
	if !form.OK() {
		return d.showCode(w, r, http.StatusUnprocessableEntity, form, next)
	}
	a, err := d.Accounts.CheckCode(r.Context(), s.Practice, s.Account, code, r.RemoteAddr)
	if err != nil {
		return d.formFault(form, "code", err, func(status int) error {
			form.Set("code", "")
			return d.showCode(w, r, status, form, next)
		})
	}
	http.SetCookie(w, d.Sessions.Cookie(stepCookie, "", -1))
	to, err := d.welcome(w, r, a, access.ByPassword, next)
	if err != nil {
		return err
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

func (d *Door) invite(w http.ResponseWriter, r *http.Request) error {
	a, err := d.Accounts.OpenInvite(r.Context(), r.PathValue("link"))
	if err != nil {
		return d.stale(w, r, err)
	}
	return d.showInvite(w, r, http.StatusOK, nil, a)
}

func (d *Door) showInvite(w http.ResponseWriter, r *http.Request, status int, form *page.Form, a access.Account) error {
	e, err := d.Accounts.NewEnrolment(a, form.Value("sealed"))
	if err != nil {
		return err
	}
	picture, err := qrSVG(e.URL)
	if err != nil {
		return err
	}
	f := page.Base(r)
	f.Title, f.Form, f.Practice = "Set up how you sign in", form, d.PracticeName(a.Practice)
	return inviteTemplate.Render(w, r, status, f, invitePage{
		Form: form, Name: a.Name, Email: a.Email, Practice: d.PracticeName(a.Practice), Here: r.URL.Path,
		Secret: inFours(e.Secret), Sealed: e.Sealed, QR: picture,
		Passkeys: d.Accounts.HasPasskeys(), Staff: a.Role.Staff() || a.Role == access.Commissioner,
	})
}

func (d *Door) enrol(w http.ResponseWriter, r *http.Request) error {
	form, err := page.Parse(w, r, 0)
	if err != nil {
		return err
	}
	link := r.PathValue("link")
	a, err := d.Accounts.OpenInvite(r.Context(), link)
	if err != nil {
		return d.stale(w, r, err)
	}
	a, codes, err := d.enrolWith(r, form, link, a)
	if err != nil {
		return d.formFault(form, "password", err, func(status int) error {
			form.Set("code", "")
			return d.showInvite(w, r, status, form, a)
		})
	}
	to, err := d.welcome(w, r, a, access.ByInvite, "")
	if err != nil {
		return err
	}
	f := page.Base(r)
	f.Title = "Keep your recovery codes"
	return enrolledTemplate.Render(w, r, http.StatusOK, f, enrolledPage{codes, to})
}

func (d *Door) enrolWith(r *http.Request, form *page.Form, link string, a access.Account) (access.Account, []string, error) {
	if form.Value("password") != form.Value("again") {
		return a, nil, fault.At(fault.Invalid, "again", "Enter the same password twice.")
	}
	done, codes, err := d.Accounts.Enrol(r.Context(), link, form.Value("password"), form.Value("sealed"), form.Value("code"))
	if err != nil {
		return a, nil, err
	}
	return done, codes, nil
}

func inFours(s string) string {
	var b strings.Builder
	for i, r := range s {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// qrSVG draws a QR code as a picture inside the page, black on white.
func qrSVG(text string) (template.HTML, error) {
	c, err := qr.Encode(text, qr.M)
	if err != nil {
		return "", fault.Wrap(err, fault.Internal, "The picture for your app could not be drawn.")
	}
	var path strings.Builder
	for y := range c.Size {
		for x := range c.Size {
			if c.Black(x, y) {
				path.WriteString("M" + strconv.Itoa(x+4) + " " + strconv.Itoa(y+4) + "h1v1h-1z")
			}
		}
	}
	size := strconv.Itoa(c.Size + 8)
	//nolint:gosec // numbers only
	return template.HTML(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ` + size + ` ` + size + `" width="240" height="240" role="img" aria-label="Picture to scan with your authenticator app" shape-rendering="crispEdges"><rect width="` + size + `" height="` + size + `" fill="#fff"/><path fill="#000" d="` + path.String() + `"/></svg>`), nil
}

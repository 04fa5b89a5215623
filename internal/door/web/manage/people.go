package manage

import (
	"net/http"
	"slices"
	"strings"

	"heartwood/internal/access"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

type peoplePage struct {
	Base   string
	Form   *page.Form
	Roles  []page.Option
	People []personRow
	Link   string // an invitation to pass on
	For    string
	Sent   bool // it has been e-mailed too
}

type personRow struct {
	ID, Name, Role, Email, Proof string
	Disabled, Me                 bool
}

var peopleTemplate = page.New[peoplePage](files, "people.html")

var staffRoles = []page.Option{
	{Value: string(access.Navigator), Text: "Care navigator"},
	{Value: string(access.Clinician), Text: "Clinician"},
	{Value: string(access.Manager), Text: "Practice manager"},
}

func (m *Manage) people(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Manage)
	if err != nil {
		return err
	}
	return m.showPeople(w, r, v, peoplePage{}, http.StatusOK)
}

func (m *Manage) showPeople(w http.ResponseWriter, r *http.Request, v visit, p peoplePage, status int) error {
	all, err := m.accounts.List(r.Context(), v.ods, access.Navigator, access.Clinician, access.Manager)
	if err != nil {
		return err
	}
	p.Base, p.Roles = v.base(), staffRoles
	for _, a := range all {
		row := personRow{ID: a.ID, Name: a.Name, Role: roleText(a.Role), Email: a.Email, Disabled: a.Disabled, Me: a.ID == v.AccountID}
		switch {
		case len(a.Passkeys) > 0:
			row.Proof = "Passkey"
		case a.Password != "" && a.TOTP != "":
			row.Proof = "Password and code"
		default:
			row.Proof = "Not set up yet"
		}
		p.People = append(p.People, row)
	}
	slices.SortFunc(p.People, func(a, b personRow) int { return strings.Compare(a.Name, b.Name) })
	f := m.frame(r, v, "Accounts", "accounts")
	f.Form = p.Form
	return peopleTemplate.Render(w, r, status, f, p)
}

func roleText(role access.Role) string {
	for _, o := range staffRoles {
		if o.Value == string(role) {
			return o.Text
		}
	}
	return string(role)
}

// invite makes an account and a link with which its owner sets it up. The
// link is shown once, to be passed on.
func (m *Manage) invite(w http.ResponseWriter, r *http.Request) error {
	v, form, err := m.posted(w, r, access.Manage, 0)
	if err != nil {
		return err
	}
	name := form.Need("name", 100, "Enter their name")
	email := form.Need("email", 200, "Enter their work e-mail address")
	role := form.Choice("role", "Choose what they do", staffRoles)
	if !form.OK() {
		return m.showPeople(w, r, v, peoplePage{Form: form}, http.StatusBadRequest)
	}
	account, err := m.accounts.Add(r.Context(), v.Author(""), access.Account{
		Practice: v.ods, Name: name, Role: access.Role(role), Email: email,
	})
	if err != nil {
		if form.FailWith("email", err) {
			return m.showPeople(w, r, v, peoplePage{Form: form}, http.StatusBadRequest)
		}
		return err
	}
	return m.showInvitation(w, r, v, account)
}

func (m *Manage) showInvitation(w http.ResponseWriter, r *http.Request, v visit, a access.Account) error {
	link, err := m.accounts.Invite(r.Context(), v.Author(""), v.ods, a.ID)
	if err != nil {
		return err
	}
	p := peoplePage{Link: link, For: a.Name}
	if m.send != nil && a.Email != "" {
		err := m.send(r.Context(), access.Letter{
			Key: ident.NewID(), To: a.Email, Subject: "Set up your Heartwood account",
			Text: "You have been invited to Heartwood. Open this link to set up how you sign in:\n\n" + link +
				"\n\nIt works once. Do not pass it on.\n",
		})
		p.Sent = err == nil // the link is on the page all the same
	}
	return m.showPeople(w, r, v, p, http.StatusOK)
}

// change invites somebody again, or stops or restores their account.
func (m *Manage) change(w http.ResponseWriter, r *http.Request) error {
	v, form, err := m.posted(w, r, access.Manage, 0)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	a, err := m.accounts.Get(r.Context(), v.ods, id)
	if err != nil {
		return err
	}
	if !a.Role.Staff() {
		return fault.New(fault.NotFound, "There is no such member of staff.")
	}
	switch form.Value("do") {
	case "invite":
		return m.showInvitation(w, r, v, a)
	case "stop":
		if id == v.AccountID {
			return fault.New(fault.Refused, "You cannot stop your own account.")
		}
		_, err = m.accounts.Disable(r.Context(), v.Author(""), v.ods, id, true)
	case "restore":
		_, err = m.accounts.Disable(r.Context(), v.Author(""), v.ods, id, false)
	default:
		err = fault.New(fault.Invalid, "Choose what to do.")
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, v.base()+"accounts", http.StatusSeeOther)
	return nil
}

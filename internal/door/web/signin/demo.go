package signin

import (
	"net/http"
	"slices"
	"strings"

	"heartwood/internal/access"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

type demoPage struct {
	Practices []demoPractice
	Next      string
}

type demoPractice struct {
	Name, Code string
	People     []demoPerson
}

type demoPerson struct{ Value, Name, About string }

var demoTemplate = page.New[demoPage](files, "demo.html")

// patientsShown bounds how many patients of one practice are offered.
const patientsShown = 12

var roleWords = map[access.Role]string{
	access.Patient: "Patient", access.Proxy: "Carer", access.Navigator: "Care navigator",
	access.Clinician: "Clinician", access.Manager: "Practice manager", access.Commissioner: "Commissioner",
}

// RoleWords is a role as people say it.
func RoleWords(r access.Role) string { return roleWords[r] }

func (d *Door) demo(w http.ResponseWriter, r *http.Request) error {
	codes, err := d.Practices(r.Context())
	if err != nil {
		return err
	}
	p := demoPage{Next: safeNext(r.URL.Query().Get("next"))}
	slices.Sort(codes)
	for _, code := range codes {
		one, err := d.demoPractice(r, code)
		if err != nil {
			return err
		}
		if len(one.People) > 0 {
			p.Practices = append(p.Practices, one)
		}
	}
	f := page.Base(r)
	f.Title = "Who would you like to be?"
	return demoTemplate.Render(w, r, http.StatusOK, f, p)
}

func (d *Door) demoPractice(r *http.Request, code ident.ODS) (demoPractice, error) {
	accounts, err := d.Accounts.List(r.Context(), code)
	if err != nil {
		return demoPractice{}, err
	}
	out := demoPractice{Name: d.PracticeName(code), Code: string(code)}
	shown := map[access.Role]int{}
	for _, role := range []access.Role{access.Patient, access.Proxy, access.Navigator, access.Clinician, access.Manager, access.Commissioner} {
		for _, a := range accounts {
			if a.Role != role || a.Disabled || shown[role] == patientsShown {
				continue
			}
			shown[role]++
			about := roleWords[role]
			if a.About != "" && !strings.EqualFold(a.About, about) {
				about += ": " + a.About
			}
			out.People = append(out.People, demoPerson{string(code) + "/" + a.ID, a.Name, about})
		}
	}
	return out, nil
}

func (d *Door) become(w http.ResponseWriter, r *http.Request) error {
	form, err := page.Parse(w, r, 0)
	if err != nil {
		return err
	}
	code, id, ok := strings.Cut(form.Value("who"), "/")
	practice, err := ident.ParseODS(code)
	if !ok || err != nil || !ident.IsID(id) {
		return fault.New(fault.Invalid, "Choose one of the people on the page.")
	}
	a, err := d.demoAccount(r, practice, id)
	if err != nil {
		return err
	}
	to, err := d.welcome(w, r, a, access.ByDemo, form.Value("next"))
	if err != nil {
		return err
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

func (d *Door) demoAccount(r *http.Request, practice ident.ODS, id string) (access.Account, error) {
	codes, err := d.Practices(r.Context())
	if err != nil {
		return access.Account{}, err
	}
	for _, c := range codes {
		if c == practice {
			a, err := d.Accounts.Get(r.Context(), practice, id)
			if err == nil && a.Disabled {
				err = fault.New(fault.Forbidden, "This account has been switched off.")
			}
			return a, err
		}
	}
	return access.Account{}, fault.New(fault.NotFound, "There is no such person in this demonstration.")
}

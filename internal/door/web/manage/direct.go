package manage

import (
	"net/http"

	"heartwood/internal/access"
	"heartwood/internal/care/direct"
	"heartwood/internal/door/web/page"
)

type directPage struct {
	Action, Version string
	Form            *page.Form
	Choices         []page.Option
	Off, Saved      bool
}

var directTemplate = page.New[directPage](files, "direct.html")

var directChoices = []page.Option{
	{Value: "on", Text: "Patients can write on their requests"},
	{Value: "off", Text: "They cannot", Hint: "They can answer what you ask, and always send a new request"},
}

func (m *Manage) direct(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Manage)
	if err != nil {
		return err
	}
	s, err := direct.Load(r.Context(), v.practice)
	if err != nil {
		return err
	}
	is := "on"
	if s.Off {
		is = "off"
	}
	form := page.NewForm(map[string]string{"is": is, "why": s.Why, "why-cy": s.WhyCy})
	return m.showDirect(w, r, v, directPage{Form: form, Version: s.Version, Off: s.Off, Saved: r.FormValue("done") == "saved"}, http.StatusOK)
}

func (m *Manage) directDo(w http.ResponseWriter, r *http.Request) error {
	v, form, err := m.posted(w, r, access.Manage, 0)
	if err != nil {
		return err
	}
	s := direct.Setting{
		Off: form.Choice("is", "Choose whether patients can write", directChoices) == "off",
		Why: form.Text("why", 2000), WhyCy: form.Text("why-cy", 2000), Version: form.Value("version"),
	}
	if form.OK() {
		if err = direct.Save(r.Context(), v.practice, v.Author(""), s); err == nil {
			http.Redirect(w, r, v.base()+"direct?done=saved", http.StatusSeeOther)
			return nil
		}
	}
	status, err := refused(form, err, "is")
	if err != nil {
		return err
	}
	return m.showDirect(w, r, v, directPage{Form: form, Version: s.Version}, status)
}

func (m *Manage) showDirect(w http.ResponseWriter, r *http.Request, v visit, p directPage, status int) error {
	p.Action, p.Choices = v.base()+"direct", directChoices
	f := m.frame(r, v, "Patients’ messages", "direct")
	f.Form = p.Form
	return directTemplate.Render(w, r, status, f, p)
}

package manage

import (
	"net/http"

	"heartwood/internal/access"
	"heartwood/internal/care/progress"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
)

type patientViewPage struct {
	Action, Version string
	Form            *page.Form
	Choices         []page.Option
	Saved           bool
}

var patientViewTemplate = page.New[patientViewPage](files, "patient_view.html")

var patientViewChoices = []page.Option{
	{Value: "role", Text: "What they are", Hint: "“It is with our pharmacist.”"},
	{Value: "name", Text: "Their name", Hint: "“It is with Dr Helen Marsh.” Ask your staff first."},
}

func (m *Manage) patientView(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Manage)
	if err != nil {
		return err
	}
	s, err := progress.Load(r.Context(), v.practice)
	if err != nil {
		return err
	}
	shown := "role"
	if s.Names {
		shown = "name"
	}
	p := patientViewPage{Form: page.NewForm(map[string]string{"shown": shown}), Version: s.Version, Saved: r.FormValue("done") == "saved"}
	return m.showPatientView(w, r, v, p, http.StatusOK)
}

func (m *Manage) patientViewDo(w http.ResponseWriter, r *http.Request) error {
	v, form, err := m.posted(w, r, access.Manage, 0)
	if err != nil {
		return err
	}
	shown := form.Value("shown")
	if shown != "role" && shown != "name" {
		form.Fail("shown", "Choose what patients see")
	} else {
		err := progress.Save(r.Context(), v.practice, v.Author(""), progress.Setting{Names: shown == "name", Version: form.Value("version")})
		if err == nil {
			http.Redirect(w, r, v.base()+"patient-view?done=saved", http.StatusSeeOther)
			return nil
		}
		if !fault.Is(err, fault.Conflict) {
			return err
		}
		form.Fail("shown", fault.From(err).Message)
		s, err := progress.Load(r.Context(), v.practice)
		if err != nil {
			return err
		}
		return m.showPatientView(w, r, v, patientViewPage{Form: form, Version: s.Version}, http.StatusConflict)
	}
	return m.showPatientView(w, r, v, patientViewPage{Form: form, Version: form.Value("version")}, http.StatusBadRequest)
}

func (m *Manage) showPatientView(w http.ResponseWriter, r *http.Request, v visit, p patientViewPage, status int) error {
	p.Action, p.Choices = v.base()+"patient-view", patientViewChoices
	f := m.frame(r, v, "What patients see", "patient-view")
	f.Form = p.Form
	return patientViewTemplate.Render(w, r, status, f, p)
}

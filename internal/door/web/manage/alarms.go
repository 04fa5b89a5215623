package manage

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care/escalate"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fhir"
	"heartwood/internal/record"
	"heartwood/internal/view/read"
)

type alarmsPage struct {
	Action, Version string
	Form            *page.Form
	Steps           []alarmStep
	Again           string
	Saved, Default  bool
}

// alarmStep is one row of the path; a row without minutes is none.
type alarmStep struct {
	N                 int
	After, Who, Error string
	Email, SMS        bool
	People            []page.Option
}

var alarmsTemplate = page.New[alarmsPage](files, "alarms.html")

const alarmSteps = 5 // rows of the form

func (m *Manage) alarms(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Manage)
	if err != nil {
		return err
	}
	path, err := escalate.LoadPath(r.Context(), v.practice)
	if err != nil {
		return err
	}
	return m.showAlarms(w, r, v, path, alarmsPage{Saved: r.FormValue("done") == "saved"}, http.StatusOK)
}

func (m *Manage) alarmsDo(w http.ResponseWriter, r *http.Request) error {
	v, form, err := m.posted(w, r, access.Manage, 0)
	if err != nil {
		return err
	}
	path := pathOf(form)
	if err = escalate.SavePath(r.Context(), v.practice, v.Author(""), path); err == nil {
		http.Redirect(w, r, v.base()+"alarms?done=saved", http.StatusSeeOther)
		return nil
	}
	status, err := refused(form, err, "step-0")
	if err != nil {
		return err
	}
	return m.showAlarms(w, r, v, path, alarmsPage{Form: form}, status)
}

// pathOf reads the form: rows without minutes are left out.
func pathOf(form *page.Form) escalate.Path {
	minutes := func(name string) time.Duration {
		n, _ := strconv.Atoi(strings.TrimSpace(form.Value(name))) // 0 is refused by Check
		return time.Duration(n) * time.Minute
	}
	p := escalate.Path{Version: form.Value("version"), Again: minutes("again")}
	for i := range alarmSteps {
		if strings.TrimSpace(form.Value(fmt.Sprint("after-", i))) == "" {
			continue
		}
		s := escalate.Step{After: minutes(fmt.Sprint("after-", i)), Who: form.Value(fmt.Sprint("who-", i))}
		for _, by := range []escalate.Medium{escalate.Email, escalate.SMS} {
			if form.Has(fmt.Sprint("by-", i), string(by)) {
				s.By = append(s.By, by)
			}
		}
		p.Steps = append(p.Steps, s)
	}
	return p
}

func (m *Manage) showAlarms(w http.ResponseWriter, r *http.Request, v visit, path escalate.Path, p alarmsPage, status int) error {
	people, err := whoCanBeTold(r, v)
	if err != nil {
		return err
	}
	p.Action, p.Version, p.Default = v.base()+"alarms", path.Version, path.Version == ""
	p.Again = strconv.Itoa(int(path.Again.Minutes()))
	for i := range alarmSteps {
		row := alarmStep{N: i, People: people, Error: p.Form.Error(fmt.Sprint("step-", i)), Email: true}
		if i < len(path.Steps) {
			s := path.Steps[i]
			row.After, row.Who, row.Email = strconv.Itoa(int(s.After.Minutes())), s.Who, false
			for _, by := range s.By {
				row.Email, row.SMS = row.Email || by == escalate.Email, row.SMS || by == escalate.SMS
			}
		}
		p.Steps = append(p.Steps, row)
	}
	f := m.frame(r, v, "Alarms", "alarms")
	f.Form = p.Form
	return alarmsTemplate.Render(w, r, status, f, p)
}

// whoCanBeTold are the choices of a step.
func whoCanBeTold(r *http.Request, v visit) ([]page.Option, error) {
	out := []page.Option{
		{Value: "owner", Text: "The person or team it is with"},
		{Value: "role:manager", Text: "All managers"},
		{Value: "role:clinician", Text: "All clinicians"},
		{Value: "role:navigator", Text: "All care navigators"},
	}
	for _, typ := range []string{"CareTeam", "Practitioner"} {
		err := read.Each(r.Context(), v.practice, typ+"?_count=200", func(x record.Version, res *fhir.Resource) error {
			name := read.Name(res)
			if typ == "CareTeam" {
				name = res.Get("name").Str()
			}
			if name != "" && res.Get("active").Str() != "false" {
				out = append(out, page.Option{Value: x.Ref.String(), Text: name})
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

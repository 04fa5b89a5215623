package manage

import (
	"net/http"
	"strconv"

	"heartwood/internal/access"
	"heartwood/internal/care/worktime"
	"heartwood/internal/door/web/page"
)

type worktimePage struct {
	Action, Version string
	Form            *page.Form
	Items           []worktimeItem
	Saved           bool
}

type worktimeItem struct {
	Code, Name, Minutes, Source string
	Error                       string
}

var worktimeTemplate = page.New[worktimePage](files, "worktime.html")

func (m *Manage) worktime(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Manage)
	if err != nil {
		return err
	}
	s, err := worktime.Load(r.Context(), v.practice)
	if err != nil {
		return err
	}
	return m.showWorktime(w, r, v, s, worktimePage{Saved: r.FormValue("done") == "saved"}, http.StatusOK)
}

func (m *Manage) worktimeDo(w http.ResponseWriter, r *http.Request) error {
	v, form, err := m.posted(w, r, access.Manage, 0)
	if err != nil {
		return err
	}
	s := worktime.Setting{Items: worktime.Defaults(), Version: form.Value("version")}
	for i := range s.Items {
		it := &s.Items[i]
		it.Source = form.Text(it.Code+"-source", 400)
		if it.Minutes, err = strconv.Atoi(form.Text(it.Code, 6)); err != nil {
			it.Minutes = -1
		}
	}
	if err = worktime.Save(r.Context(), v.practice, v.Author(""), s); err == nil {
		http.Redirect(w, r, v.base()+"work?done=saved", http.StatusSeeOther)
		return nil
	}
	status, err := refused(form, err, s.Items[0].Code)
	if err != nil {
		return err
	}
	return m.showWorktime(w, r, v, s, worktimePage{Form: form}, status)
}

func (m *Manage) showWorktime(w http.ResponseWriter, r *http.Request, v visit, s worktime.Setting, p worktimePage, status int) error {
	p.Action, p.Version = v.base()+"work", s.Version
	for _, i := range s.Items {
		row := worktimeItem{Code: i.Code, Name: i.Name, Minutes: strconv.Itoa(i.Minutes), Source: i.Source}
		if p.Form != nil {
			row.Minutes, row.Source = p.Form.Value(i.Code), p.Form.Value(i.Code+"-source")
			row.Error = p.Form.Error(i.Code)
			if row.Error == "" {
				row.Error = p.Form.Error(i.Code + "-source")
			}
		}
		p.Items = append(p.Items, row)
	}
	f := m.frame(r, v, "What work takes", "work")
	f.Form = p.Form
	return worktimeTemplate.Render(w, r, status, f, p)
}

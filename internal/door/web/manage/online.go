package manage

import (
	"net/http"
	"strconv"

	"heartwood/internal/access"
	"heartwood/internal/care/online"
	"heartwood/internal/door/web/page"
)

type onlinePage struct {
	Action, Version string
	Form            *page.Form
	Ends            []page.Option
	Saved           bool
}

var onlineTemplate = page.New[onlinePage](files, "online.html")

var askEnds = []page.Option{
	{Value: "no", Text: "Staff are told to ask the child; it goes on meanwhile"},
	{Value: "yes", Text: "It ends, and staff are told to ask the child"},
}

func (m *Manage) online(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Manage)
	if err != nil {
		return err
	}
	s, err := online.Load(r.Context(), v.practice)
	if err != nil {
		return err
	}
	ends := "no"
	if s.AskEnds {
		ends = "yes"
	}
	form := page.NewForm(map[string]string{
		"ask": strconv.Itoa(s.Ask), "stop": strconv.Itoa(s.Stop), "ask-ends": ends, "bsl": s.BSL, "easy": s.Easy, "exit": s.Exit,
		"welcome": s.Welcome, "welcome-cy": s.WelcomeCy, "notice": s.Notice, "notice-cy": s.NoticeCy,
	})
	return m.showOnline(w, r, v, onlinePage{Form: form, Version: s.Version, Saved: r.FormValue("done") == "saved"}, http.StatusOK)
}

func (m *Manage) onlineDo(w http.ResponseWriter, r *http.Request) error {
	v, form, err := m.posted(w, r, access.Manage, 0)
	if err != nil {
		return err
	}
	s := online.Setting{
		AskEnds: form.Choice("ask-ends", "Choose what happens at the first birthday", askEnds) == "yes",
		BSL:     form.Text("bsl", 300), Easy: form.Text("easy", 300), Exit: form.Text("exit", 300), Version: form.Value("version"),
	}
	s.Welcome, s.WelcomeCy = form.Text("welcome", online.MostOwn), form.Text("welcome-cy", online.MostOwn)
	s.Notice, s.NoticeCy = form.Text("notice", online.MostOwn), form.Text("notice-cy", online.MostOwn)
	s.Ask, _ = strconv.Atoi(form.Text("ask", 3)) // 0 is refused
	s.Stop, _ = strconv.Atoi(form.Text("stop", 3))
	if err = s.Check(); err == nil && form.OK() {
		if err = online.Save(r.Context(), v.practice, v.Author(""), s); err == nil {
			http.Redirect(w, r, v.base()+"online?done=saved", http.StatusSeeOther)
			return nil
		}
	}
	status, err := refused(form, err, "ask")
	if err != nil {
		return err
	}
	return m.showOnline(w, r, v, onlinePage{Form: form, Version: s.Version}, status)
}

func (m *Manage) showOnline(w http.ResponseWriter, r *http.Request, v visit, p onlinePage, status int) error {
	p.Action, p.Ends = v.base()+"online", askEnds
	f := m.frame(r, v, "Patients online", "online")
	f.Form = p.Form
	return onlineTemplate.Render(w, r, status, f, p)
}

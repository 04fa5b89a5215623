package manage

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"heartwood/internal/access"
	"heartwood/internal/care/request"
	"heartwood/internal/care/rota"
	"heartwood/internal/care/team"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/words"
)

type teamsPage struct {
	Action, Saved string
	Form          *page.Form
	Teams         []teamRow
	People        []page.Option
	Absences      []absenceRow
}

type teamRow struct{ Name, Href, Members, Kinds string }

type absenceRow struct {
	Who, Name, From, To, Why string
	FromWords, ToWords       string
	Now, Rota                bool
}

type teamPage struct {
	Action, Version, Title string
	Form                   *page.Form
	Members, Kinds         []page.Option
}

var (
	teamsTemplate = page.New[teamsPage](files, "teams.html")
	teamTemplate  = page.New[teamPage](files, "team.html")
)

// house is who works here, with the leave of the rota.
func house(ctx context.Context, v visit) (team.House, error) {
	h, err := team.Load(ctx, v.practice)
	if err != nil {
		return h, err
	}
	s, err := rota.Load(ctx, v.practice)
	return h.With(s.Absences()), err
}

func (m *Manage) teams(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Manage)
	if err != nil {
		return err
	}
	return m.showTeams(w, r, v, teamsPage{Saved: saidOfTeams[r.FormValue("done")]}, http.StatusOK)
}

var saidOfTeams = map[string]string{
	"team": "The team is saved.", "away": "The absence is saved. What is with them is handed back to their team when it begins.",
	"back": "The absence is taken back. What was handed back stays with the team.",
}

// teamsDo keeps or takes back an absence.
func (m *Manage) teamsDo(w http.ResponseWriter, r *http.Request) error {
	v, form, err := m.posted(w, r, access.Manage, 0)
	if err != nil {
		return err
	}
	a := team.Absence{Who: form.Value("who"), From: form.Value("from"), To: form.Value("to"), Why: form.Text("why", 100)}
	done := "away"
	switch form.Value("do") {
	case "away":
		err = team.SaveAbsence(r.Context(), v.practice, v.Author(""), a)
	case "back":
		done, err = "back", team.EndAbsence(r.Context(), v.practice, v.Author(""), a)
	default:
		err = fault.New(fault.Invalid, "Choose what to do.")
	}
	if err == nil && form.OK() {
		http.Redirect(w, r, v.base()+"teams?done="+done, http.StatusSeeOther)
		return nil
	}
	status, err := refused(form, err, "who")
	if err != nil {
		return err
	}
	return m.showTeams(w, r, v, teamsPage{Form: form}, status)
}

func (m *Manage) showTeams(w http.ResponseWriter, r *http.Request, v visit, p teamsPage, status int) error {
	h, err := house(r.Context(), v)
	if err != nil {
		return err
	}
	p.Action = v.base() + "teams"
	for _, t := range h.Teams {
		row := teamRow{Name: t.Name, Href: p.Action + "/" + strings.TrimPrefix(t.Ref, "CareTeam/"), Kinds: kindNames(t.Kinds)}
		var names []string
		for _, who := range t.Members {
			name := h.Name(who)
			if a, away := h.Away(who, v.now); away {
				name += " (away " + a.Until(v.now) + ")"
			}
			names = append(names, name)
		}
		row.Members = strings.Join(names, ", ")
		p.Teams = append(p.Teams, row)
	}
	p.People = []page.Option{{Text: "Choose"}}
	for _, x := range h.People {
		p.People = append(p.People, page.Option{Value: x.Ref, Text: x.Name})
	}
	for _, a := range h.Absences {
		row := absenceRow{Who: a.Who, Name: a.Name, From: a.From, To: a.To, Why: a.Why, FromWords: dayWords(a.From), ToWords: dayWords(a.To), Rota: a.Rota}
		now, away := h.Away(a.Who, v.now)
		row.Now = away && now == a
		if a.To == "" || a.To >= v.now.In(words.London).Format("2006-01-02") {
			p.Absences = append(p.Absences, row)
		}
	}
	f := m.frame(r, v, "Teams and absences", "teams")
	f.Form = p.Form
	return teamsTemplate.Render(w, r, status, f, p)
}

// dayWords is a date as people say it.
func dayWords(s string) string {
	if t, ok := words.Birth(s); ok {
		return words.Date(t)
	}
	return s
}

func kindNames(kinds []string) string {
	var out []string
	for _, k := range kinds {
		out = append(out, request.Kind(k).Label())
	}
	return strings.Join(out, ", ")
}

// oneTeam finds the team of an address; "new" is a new one.
func oneTeam(r *http.Request, v visit) (team.House, team.Team, error) {
	h, err := house(r.Context(), v)
	id := r.PathValue("id")
	if err != nil || id == "new" {
		return h, team.Team{}, err
	}
	i := slices.IndexFunc(h.Teams, func(t team.Team) bool { return t.Ref == "CareTeam/"+id })
	if i < 0 {
		return h, team.Team{}, fault.New(fault.NotFound, "There is no such team.")
	}
	return h, h.Teams[i], nil
}

func (m *Manage) team(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Manage)
	if err != nil {
		return err
	}
	h, t, err := oneTeam(r, v)
	if err != nil {
		return err
	}
	form := page.NewForm(map[string]string{"name": t.Name})
	form.Values["members"], form.Values["kinds"] = t.Members, t.Kinds
	return m.showTeam(w, r, v, h, teamPage{Form: form, Version: t.Version, Title: t.Name}, http.StatusOK)
}

func (m *Manage) teamDo(w http.ResponseWriter, r *http.Request) error {
	v, form, err := m.posted(w, r, access.Manage, 0)
	if err != nil {
		return err
	}
	h, was, err := oneTeam(r, v)
	if err != nil {
		return err
	}
	people, kinds := teamChoices(h)
	t := team.Team{
		Ref: was.Ref, Name: form.Text("name", 60), Version: form.Value("version"),
		Members: form.Choices("members", people), Kinds: form.Choices("kinds", kinds),
	}
	if err = team.Save(r.Context(), v.practice, v.Author(""), t); err == nil && form.OK() {
		http.Redirect(w, r, v.base()+"teams?done=team", http.StatusSeeOther)
		return nil
	}
	status, err := refused(form, err, "name")
	if err != nil {
		return err
	}
	return m.showTeam(w, r, v, h, teamPage{Form: form, Version: form.Value("version"), Title: was.Name}, status)
}

func teamChoices(h team.House) (people, kinds []page.Option) {
	for _, x := range h.People {
		people = append(people, page.Option{Value: x.Ref, Text: x.Name})
	}
	for _, k := range request.Kinds {
		o := page.Option{Value: string(k), Text: k.Label()}
		if t, ok := h.Of(string(k)); ok {
			o.Hint = "The " + t.Name + " looks after it."
		}
		kinds = append(kinds, o)
	}
	return people, kinds
}

func (m *Manage) showTeam(w http.ResponseWriter, r *http.Request, v visit, h team.House, p teamPage, status int) error {
	p.Action = v.base() + "teams/" + r.PathValue("id")
	if p.Title == "" {
		p.Title = "A new team"
	}
	p.Members, p.Kinds = teamChoices(h)
	f := m.frame(r, v, p.Title, "teams")
	f.Back = &page.Link{Text: "Teams and absences", Href: v.base() + "teams"}
	f.Form = p.Form
	return teamTemplate.Render(w, r, status, f, p)
}

package manage

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care/booking"
	"heartwood/internal/care/opening"
	"heartwood/internal/care/rota"
	"heartwood/internal/care/routing"
	"heartwood/internal/door/web/page"
	"heartwood/internal/ident"
	"heartwood/internal/words"
)

type rotaPage struct {
	Action, Version, Saved, Editing   string
	Form                              *page.Form
	Sessions                          []rotaSession
	Leave                             []rotaLeave
	Types                             []rotaType
	People, Kinds, Days, Modes, Buyer []page.Option
	Categories                        []string
	Preview                           *rotaPreview
}

type rotaSession struct{ ID, Name, Who, When, What, Href string }

type rotaLeave struct{ N, Text string }

type rotaType struct{ ID, Name, National, Since string }

// rotaPreview is what saving would do.
type rotaPreview struct {
	What                         string // session or leave: what to save
	Add, Change, Withdraw, Clash int
	Move                         []string
}

var rotaTemplate = page.New[rotaPage](files, "rota.html")

func (m *Manage) rota(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Manage)
	if err != nil {
		return err
	}
	s, err := rota.Load(r.Context(), v.practice)
	if err != nil {
		return err
	}
	form := sessionForm(s, r.FormValue("session"))
	return m.showRota(w, r, v, s, rotaPage{Form: form, Editing: form.Value("id"), Saved: r.FormValue("done")}, http.StatusOK)
}

// rotaDo shows what a change would do to the diary, or makes it.
func (m *Manage) rotaDo(w http.ResponseWriter, r *http.Request) error {
	v, form, err := m.posted(w, r, access.Manage, 0)
	if err != nil {
		return err
	}
	old, err := rota.Load(r.Context(), v.practice)
	if err != nil {
		return err
	}
	staff, err := routing.LoadStaff(r.Context(), v.practice, time.Time{})
	if err != nil {
		return err
	}
	do, what, _ := strings.Cut(form.Value("do"), " ")
	s := changedRota(old, form, what, staff)
	s.Version = form.Value("version")
	p := rotaPage{Form: form, Editing: form.Value("id")}
	err = s.Check()
	if err == nil && form.OK() {
		if do == "save" {
			err = rota.Save(r.Context(), v.practice, v.Author(""), s)
			if err == nil {
				_, err = rota.Apply(r.Context(), v.practice)
			}
			if err == nil {
				http.Redirect(w, r, v.base()+"rota?done=yes", http.StatusSeeOther)
				return nil
			}
		} else if p.Preview, err = m.rotaPreview(r, v, s, what); err == nil {
			return m.showRota(w, r, v, old, p, http.StatusOK)
		}
	}
	status, err := refused(form, err, "name")
	if err != nil {
		return err
	}
	return m.showRota(w, r, v, old, p, status)
}

func (m *Manage) rotaPreview(r *http.Request, v visit, s rota.Setting, what string) (*rotaPreview, error) {
	c, err := rota.Preview(r.Context(), v.practice, s)
	if err != nil {
		return nil, err
	}
	p := &rotaPreview{What: what, Add: len(c.Add), Change: len(c.Change), Withdraw: len(c.Withdraw), Clash: len(c.Clash)}
	for _, x := range c.Move {
		p.Move = append(p.Move, x.Start.In(words.London).Format("Monday 2 January")+", "+words.Clock(x.Start))
	}
	return p, nil
}

// changedRota is the rota with what the form changes.
func changedRota(s rota.Setting, form *page.Form, what string, staff routing.Staff) rota.Setting {
	what, arg, _ := strings.Cut(what, ":")
	switch what {
	case "session":
		t := templateOf(form, staff)
		s.Templates = slices.Clone(s.Templates)
		if i := slices.IndexFunc(s.Templates, func(o rota.Template) bool { return o.ID == t.ID }); i >= 0 {
			s.Templates[i] = t
		} else {
			s.Templates = append(s.Templates, t)
		}
	case "remove":
		id := form.Value("id")
		s.Templates = slices.DeleteFunc(slices.Clone(s.Templates), func(o rota.Template) bool { return o.ID == id })
	case "leave":
		who, _ := ident.ParseRef(form.Value("away"))
		s.Leave = append(slices.Clone(s.Leave), rota.Leave{
			Clinician: who, Name: staffName(staff, form.Value("away")),
			From: form.Text("away-from", 10), To: form.Text("away-to", 10), Why: form.Text("why", 100),
		})
	case "back":
		if n, err := strconv.Atoi(arg); err == nil && n >= 0 && n < len(s.Leave) {
			s.Leave = slices.Delete(slices.Clone(s.Leave), n, n+1)
		}
	case "types":
		s.Types = slices.Clone(s.Types)
		for i := range s.Types {
			s.Types[i].National = form.Value("national-" + s.Types[i].ID)
		}
	default:
		form.Fail("name", "Choose what to change.")
	}
	return s
}

func staffName(staff routing.Staff, ref string) string {
	for _, p := range staff.People {
		if p.Ref == ref {
			return p.Name
		}
	}
	return ""
}

func templateOf(form *page.Form, staff routing.Staff) rota.Template {
	who, _ := ident.ParseRef(form.Value("clinician"))
	t := rota.Template{
		ID: form.Value("id"), Name: form.Text("name", 80), Clinician: who, ClinicianName: staffName(staff, form.Value("clinician")),
		Type: form.Value("type"), Room: form.Text("room", 60), OpensDays: rota.Always,
		From: minutesOf(form, "from"), To: minutesOf(form, "to"),
		Length: wholeOf(form, "length"), Capacity: wholeOf(form, "capacity"), Notice: wholeOf(form, "notice"),
	}
	if !ident.IsID(t.ID) {
		t.ID = ident.NewID()
	}
	for i, d := range week {
		t.Days[week[i]] = form.Has("days", dayKey(d))
	}
	for _, mode := range booking.Modes {
		if form.Has("modes", string(mode)) {
			t.Modes = append(t.Modes, mode)
		}
	}
	for _, w := range []string{booking.ByLink, booking.BySelf, booking.ByNetwork} {
		if form.Has("who", w) {
			t.Who = append(t.Who, w)
		}
	}
	if form.Text("break-from", 5) != "" {
		t.Breaks = []opening.Span{{From: minutesOf(form, "break-from"), To: minutesOf(form, "break-to")}}
	}
	if form.Text("opens-days", 3) != "" {
		t.OpensDays, t.OpensAt = wholeOf(form, "opens-days"), minutesOf(form, "opens-at")
	}
	return t
}

func wholeOf(form *page.Form, name string) int {
	n, err := strconv.Atoi(form.Text(name, 6))
	if err != nil {
		form.Fail(name, "Enter a whole number.")
	}
	return n
}

func minutesOf(form *page.Form, name string) int {
	t, err := time.Parse("15:04", form.Text(name, 5))
	if err != nil {
		form.Fail(name, "Enter a time such as 08:30.")
	}
	return t.Hour()*60 + t.Minute()
}

// sessionForm is the form of a session, or of a new one.
func sessionForm(s rota.Setting, id string) *page.Form {
	f := page.NewForm(map[string]string{"length": "10", "capacity": "1", "notice": "0", "opens-at": "08:00"})
	for _, t := range s.Templates {
		if t.ID != id {
			continue
		}
		f = page.NewForm(map[string]string{
			"id": t.ID, "name": t.Name, "clinician": t.Clinician.String(), "type": t.Type, "room": t.Room, "from": hour(t.From), "to": hour(min(t.To, 24*60-1)),
			"length": strconv.Itoa(t.Length), "capacity": strconv.Itoa(t.Capacity), "notice": strconv.Itoa(t.Notice), "opens-at": hour(t.OpensAt),
		})
		if t.OpensDays != rota.Always {
			f.Set("opens-days", strconv.Itoa(t.OpensDays))
		}
		if len(t.Breaks) > 0 {
			f.Set("break-from", hour(t.Breaks[0].From))
			f.Set("break-to", hour(t.Breaks[0].To))
		}
		for _, d := range week {
			if t.Days[d] {
				f.Values.Add("days", dayKey(d))
			}
		}
		for _, m := range t.Modes {
			f.Values.Add("modes", string(m))
		}
		f.Values["who"] = t.Who
	}
	return f
}

func (m *Manage) showRota(w http.ResponseWriter, r *http.Request, v visit, s rota.Setting, p rotaPage, status int) error {
	staff, err := routing.LoadStaff(r.Context(), v.practice, time.Time{})
	if err != nil {
		return err
	}
	p.Action, p.Version, p.Categories = v.base()+"rota", s.Version, rota.Categories
	for _, x := range staff.People {
		p.People = append(p.People, page.Option{Value: x.Ref, Text: strings.TrimSuffix(x.Name+", "+x.Job, ", ")})
	}
	for _, t := range s.Types {
		p.Kinds = append(p.Kinds, page.Option{Value: t.ID, Text: t.Name + " (" + t.National + ")"})
		p.Types = append(p.Types, rotaType{t.ID, t.Name, t.National, t.Since})
	}
	for _, d := range week {
		p.Days = append(p.Days, page.Option{Value: dayKey(d), Text: d.String()})
	}
	for _, x := range booking.Modes {
		p.Modes = append(p.Modes, page.Option{Value: string(x), Text: x.String()})
	}
	p.Buyer = []page.Option{
		{Value: booking.ByLink, Text: "Patients to whom it was offered"},
		{Value: booking.BySelf, Text: "Any patient of the practice"},
		{Value: booking.ByNetwork, Text: "111 and the network"},
	}
	for _, t := range s.Templates {
		p.Sessions = append(p.Sessions, rotaLine(v, s, t))
	}
	for i, l := range s.Leave {
		p.Leave = append(p.Leave, rotaLeave{strconv.Itoa(i), l.Name + ", " + l.From + " to " + l.To + " " + l.Why})
	}
	f := m.frame(r, v, "Rota", "rota")
	f.Form = p.Form
	return rotaTemplate.Render(w, r, status, f, p)
}

func rotaLine(v visit, s rota.Setting, t rota.Template) rotaSession {
	var days []string
	for _, d := range week {
		if t.Days[d] {
			days = append(days, d.String()[:3])
		}
	}
	typ, _ := s.Named(t.Type)
	what := fmt.Sprintf("%s, %s, %d minutes", typ.Name, typ.National, t.Length)
	if t.Capacity > 1 {
		what += fmt.Sprintf(", %d at once", t.Capacity)
	}
	return rotaSession{
		ID: t.ID, Name: t.Name, Who: t.ClinicianName, What: what, Href: v.base() + "rota?session=" + t.ID,
		When: strings.Join(days, " ") + " " + hour(t.From) + "–" + hour(min(t.To, 24*60-1)),
	}
}

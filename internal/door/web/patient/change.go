package patient

import (
	"net/http"
	"strings"

	"heartwood/internal/access"
	"heartwood/internal/care/request"
	"heartwood/internal/care/triage"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

// changePage asks what is to change of somebody's access online.
type changePage struct {
	Form   *page.Form
	Action string
	Token  string
	Wants  []page.Option
	Keep   []page.Option // that it is kept off their pages
}

type changeSentPage struct {
	Advice []triage.Advice
	Next   []string
	Href   string // "" where it is kept off their pages
}

var (
	changeTemplate     = page.New[changePage](files, "change.html")
	changeSentTemplate = page.New[changeSentPage](files, "change_sent.html", "advice.html")
)

// changes are what can be asked for. Staff decide.
var changes = []page.Option{
	{Value: "more", Text: "See more of the record online"},
	{Value: "less", Text: "See less of the record online"},
	{Value: "let", Text: "Let someone act for me online"},
	{Value: "part", Text: "Change what someone can do for me online"},
	{Value: "stop", Text: "Stop someone acting for me online"},
	{Value: "close", Text: "Stop my own online access"},
}

var keepOff = []page.Option{{Value: "yes", Text: "Do not show this request online", Hint: "Tick this if someone who acts for you, or who sees your phone, must not know"}}

func (a *Patients) changePage(w http.ResponseWriter, r *http.Request) error {
	v, err := a.enterFor(r, access.AskForSelf)
	if err != nil {
		return err
	}
	return v.showChange(w, r, page.NewForm(map[string]string{"token": ident.NewID()}), http.StatusOK)
}

func (v visit) showChange(w http.ResponseWriter, r *http.Request, form *page.Form, status int) error {
	f := v.frame(r, "Ask to change online access", v.base()+"record")
	f.Form = form
	return changeTemplate.Render(w, r, status, f, changePage{
		Form: form, Action: v.base() + "access", Token: form.Value("token"), Wants: changes, Keep: keepOff,
	})
}

// change makes a request of what is to change, for the practice's team.
func (a *Patients) change(w http.ResponseWriter, r *http.Request) error {
	v, err := a.enterFor(r, access.AskForSelf)
	if err != nil {
		return err
	}
	form, err := page.Parse(w, r, 0)
	if err != nil {
		return err
	}
	wants := form.Choices("want", changes)
	if len(wants) == 0 {
		form.Fail("want", "Choose what you want to change")
	}
	text := form.Text("text", 2000)
	token, err := form.Token()
	if err != nil {
		return err
	}
	if !form.OK() {
		return v.showChange(w, r, form, http.StatusUnprocessableEntity)
	}
	keep := form.Has("keep", "yes")
	ask := request.Ask{Patient: v.patient, Asker: request.Self, Channel: request.Web, Kind: request.Admin, What: changeWords(wants, text, keep)}
	if v.author().Ref != v.patient {
		ask.Asker = request.Proxy
	}
	if keep {
		ask.Unseen = "Whoever asked for it does not want it seen online."
	}
	got, err := a.requests.Receive(r.Context(), v.ods, v.author(), ask, "access-"+token)
	if err != nil {
		if !fault.Is(err, fault.NotFound) && form.Refuse(err, "text") {
			return v.showChange(w, r, form, http.StatusUnprocessableEntity)
		}
		return err
	}
	p := changeSentPage{Advice: got.Emergency, Next: got.Next, Href: v.base() + "requests/" + got.ID}
	if keep {
		p.Href = ""
	}
	return changeSentTemplate.Render(w, r, http.StatusOK, v.frame(r, "We have your request", v.base()+"record"), p)
}

// changeWords is the request as staff read it.
func changeWords(wants []string, text string, keep bool) string {
	out := []string{"Change of online access:"}
	for _, o := range changes {
		for _, want := range wants {
			if o.Value == want {
				out = append(out, "- "+o.Text)
			}
		}
	}
	if text != "" {
		out = append(out, "", text)
	}
	if keep {
		out = append(out, "", "This request is not shown online: others may see what is. Check how to reach them safely.")
	}
	return strings.Join(out, "\n")
}

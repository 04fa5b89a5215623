package manage

import (
	"net/http"
	"slices"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care/channels"
	"heartwood/internal/care/request"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/words"
)

type channelsPage struct {
	Action, Version string
	Form            *page.Form
	States          []channelState
	Closable        []page.Option
	Kinds           []kindRow
	Unsorted        []tick // those that come without
	Past            []pastClosure
	Core            string // how long channels were closed in core hours, of all that is shown
	Saved           bool
}

type channelState struct {
	Key, Name, Until, Why string
	Open                  bool
}

// kindRow is what is taken of one kind while the practice is shut.
type kindRow struct {
	Value, Label string
	Always       bool
	By           []tick // a way in each
}

type tick struct {
	Name, Label string
	Taken       bool
}

type pastClosure struct{ Name, From, To, Why, Agreed, Core string }

var channelsTemplate = page.New[channelsPage](files, "channels.html")

func (m *Manage) channels(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Manage)
	if err != nil {
		return err
	}
	return m.showChannels(w, r, v, channelsPage{Saved: r.FormValue("done") == "saved"}, http.StatusOK)
}

// channelsDo closes a channel, opens one again, or says what is taken while
// the practice is shut.
func (m *Manage) channelsDo(w http.ResponseWriter, r *http.Request) error {
	v, form, err := m.posted(w, r, access.Manage, 0)
	if err != nil {
		return err
	}
	seen, by := form.Value("version"), v.Author("")
	switch form.Value("do") {
	case "close":
		c := channels.Closure{Channel: request.Channel(form.Value("channel")), Why: form.Text("why", 500), Agreed: form.Text("agreed", 200)}
		// A day or time that is no real one stays zero, which is refused.
		c.To, _ = time.ParseInLocation("2006-01-02 15:04", form.Value("to-day")+" "+form.Value("to-time"), words.London)
		err = channels.Close(r.Context(), v.practice, by, c, seen)
	case "open":
		err = channels.Reopen(r.Context(), v.practice, by, request.Channel(form.Value("channel")), seen)
	case "take":
		err = channels.Take(r.Context(), v.practice, by, shutLimits(form), seen)
	default:
		err = fault.New(fault.Invalid, "Choose what to do.")
	}
	if err == nil {
		http.Redirect(w, r, v.base()+"channels?done=saved", http.StatusSeeOther)
		return nil
	}
	status, err := refused(form, err, "channel")
	if err != nil {
		return err
	}
	return m.showChannels(w, r, v, channelsPage{Form: form}, status)
}

func (m *Manage) showChannels(w http.ResponseWriter, r *http.Request, v visit, p channelsPage, status int) error {
	s, err := channels.Load(r.Context(), v.practice)
	if err != nil {
		return err
	}
	p.Action, p.Version = v.base()+"channels", s.Version
	p.Closable = []page.Option{{Text: "Choose"}}
	for _, c := range request.Channels {
		if c == request.Practice {
			continue
		}
		st := s.At(c, v.now)
		p.States = append(p.States, channelState{Key: string(c), Name: c.Label(), Open: st.Open, Why: st.Why, Until: words.When(st.Until, v.now)})
		p.Closable = append(p.Closable, page.Option{Value: string(c), Text: c.Label()})
	}
	p.while(s)
	var core time.Duration
	for i := len(s.Closures) - 1; i >= 0; i-- {
		c := s.Closures[i]
		core += c.CoreTime()
		p.Past = append(p.Past, pastClosure{
			Name: c.Channel.Label(), From: words.Stamp(c.From), To: words.Stamp(c.To), Why: c.Why, Agreed: c.Agreed, Core: c.CoreTime().Round(time.Minute).String(),
		})
	}
	p.Core = core.Round(time.Minute).String()
	f := m.frame(r, v, "Ways in", "channels")
	f.Form = p.Form
	return channelsTemplate.Render(w, r, status, f, p)
}

// while shows what each way in takes while the practice is shut.
func (p *channelsPage) while(s channels.Setting) {
	var sorted []request.Channel // they come with a kind
	for _, c := range request.Channels {
		switch {
		case c == request.Practice:
		case c.Unnamed():
			p.Unsorted = append(p.Unsorted, tick{string(c), c.Label(), !s.Limited(c)})
		default:
			sorted = append(sorted, c)
		}
	}
	for _, k := range request.Kinds {
		row := kindRow{Value: string(k), Label: k.Label(), Always: slices.Contains(channels.Always, k)}
		for _, c := range sorted {
			row.By = append(row.By, tick{string(c), c.Label(), s.While(c, k)})
		}
		p.Kinds = append(p.Kinds, row)
	}
}

// shutLimits reads what each way in is to take while the practice is shut.
func shutLimits(form *page.Form) map[request.Channel][]request.Kind {
	out := map[request.Channel][]request.Kind{}
	for _, c := range request.Channels {
		switch {
		case c == request.Practice || c.Unnamed() && form.Has("takes-"+string(c), "yes"):
		case c.Unnamed():
			out[c] = nil
		default:
			out[c] = nil
			for _, k := range form.Values["takes-"+string(c)] {
				out[c] = append(out[c], request.Kind(k))
			}
		}
	}
	return out
}

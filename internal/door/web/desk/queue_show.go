package desk

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/ident"
	"heartwood/internal/view/worklist"
)

var triageTeam, _ = ident.ParseRef(care.Triage)

// soon is how close a promise is for the view of what is due.
const soon = time.Hour

// shows are the views of the queue: what each lets through.
var shows = []struct {
	key, label, empty string
	lets              func(r worklist.Row, v visit) bool
}{
	{"", "All", "No open requests. Everything has been answered.", func(worklist.Row, visit) bool { return true }},
	{"mine", "Mine", "Nothing is with you.", func(r worklist.Row, v visit) bool { return r.Owner == v.ref() }},
	{"team", "Teams", "Nothing is with a team.", func(r worklist.Row, _ visit) bool { return r.Owner.Type == "CareTeam" }},
	{"nobody", "Unassigned", "Every request is with somebody.", func(r worklist.Row, _ visit) bool {
		return r.Owner.IsZero() || r.Owner.Type == "Organization" || r.Waiting == worklist.OnTriage && r.Owner == triageTeam
	}},
	{"urgent", "Urgent", "Nothing urgent is open.", func(r worklist.Row, _ visit) bool { return r.Priority != "routine" && r.Priority != "" }},
	{"due", "Due or late", "Nothing is due within the hour.", func(r worklist.Row, v visit) bool {
		return r.Waiting != worklist.OnPatient && !r.AnswerBy.IsZero() && r.AnswerBy.Sub(v.now) < soon
	}},
	{"patient", "Waiting for patient", "Nothing waits for a patient.", func(r worklist.Row, _ visit) bool { return r.Waiting == worklist.OnPatient }},
	{"aside", "Put aside", "Nothing is put aside.", func(r worklist.Row, v visit) bool { return r.Asleep(v.now) }},
}

// show is which rows somebody wants to see, and in what order.
type show struct {
	Key     string
	Owner   string // "Practitioner/…" or "CareTeam/…", "" for anybody's
	Channel string
	Order   string // "" by urgency, "clock" by when they must be answered, "age" by when they came

	Owners, Channels, Orders []option

	with []string // who has what the view of Owner shows: of a team, its people too
}

// showOf reads the view from the page's address.
func (v visit) showOf(r *http.Request, who colleagues) show {
	s := show{Key: r.FormValue("show"), Owner: r.FormValue("with"), Channel: r.FormValue("by"), Order: r.FormValue("order")}
	if r.Method != http.MethodGet {
		s = show{}
	}
	s.Owners = append([]option{{Label: "Anybody"}}, who.owners(s.Owner)...)
	s.with = who.of(s.Owner)
	s.Channels = []option{{Label: "Any way"}}
	for _, c := range channelsShown() {
		s.Channels = append(s.Channels, option{Value: c, Label: channelOf(c), Chosen: s.Channel == c})
	}
	s.Orders = []option{
		{Label: "Most urgent first"},
		{Value: "clock", Label: "Due first", Chosen: s.Order == "clock"},
		{Value: "age", Label: "Oldest first", Chosen: s.Order == "age"},
	}
	return s
}

// chosen are the rows of a view in its order. What is put aside stays last.
func (s show) chosen(rows []worklist.Row, v visit) []worklist.Row {
	kept := make([]worklist.Row, 0, len(rows))
	for _, r := range rows {
		if s.lets(r, v) && (s.Owner == "" || slices.Contains(s.with, r.Owner.String())) && (s.Channel == "" || r.Channel == s.Channel) {
			kept = append(kept, r)
		}
	}
	if s.Order == "" {
		return kept
	}
	slices.SortStableFunc(kept, func(a, b worklist.Row) int {
		if x, y := a.Asleep(v.now), b.Asleep(v.now); x != y {
			if x {
				return 1
			}
			return -1
		}
		if s.Order == "age" {
			return a.Since.Compare(b.Since)
		}
		return a.AnswerBy.Compare(b.AnswerBy)
	})
	return kept
}

func (s show) lets(r worklist.Row, v visit) bool {
	for _, x := range shows {
		if x.key == s.Key {
			return x.lets(r, v)
		}
	}
	return true
}

func (s show) empty() string {
	if s.Owner != "" || s.Channel != "" {
		return "No open request is like this."
	}
	for _, x := range shows {
		if x.key == s.Key {
			return x.empty
		}
	}
	return shows[0].empty
}

// query is the view as the end of an address; rows may be "".
func (s show) query(rows string) string {
	q := url.Values{}
	for k, v := range map[string]string{"show": s.Key, "with": s.Owner, "by": s.Channel, "order": s.Order, "rows": rows} {
		if v != "" {
			q.Set(k, v)
		}
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

func (v visit) filters(all worklist.View, now show) []filterLink {
	links := make([]filterLink, len(shows))
	for i, s := range shows {
		other := now
		other.Key = s.key
		links[i] = filterLink{Label: s.label, Href: v.base() + other.query(""), Current: s.key == now.Key, Alert: s.key == "urgent"}
		for _, r := range all.Rows {
			if s.lets(r, v) {
				links[i].Count++
			}
		}
		links[i].Alert = links[i].Alert && links[i].Count > 0
	}
	return links
}

// channelsShown are the ways in, in the order of a page.
func channelsShown() []string {
	out := make([]string, 0, len(channels))
	for c := range channels {
		out = append(out, c)
	}
	slices.Sort(out)
	return out
}

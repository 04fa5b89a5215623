package task

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"heartwood/internal/ident"
	"heartwood/internal/words"
)

// Filter is which jobs a list shows, and in what order. The zero value is what
// a list shows that nobody has narrowed down.
type Filter struct {
	Show  string // whose, and in which state: a list of the page
	Owner string // only those of this person or team; "" for all that Show has
	Above bool   // only those that are more urgent than routine
	Due   string // one of Dues; "" for any time
	Words string // only those in which all these words stand
	Order string // one of Orders; "" as the list has them
}

// Dues are the times by which jobs must be done, and Orders the orders, each in
// the order of a page.
var (
	Dues   = []Choice{{"", "Any time"}, {"late", "Overdue"}, {"today", "Today or overdue"}, {"week", "In seven days or overdue"}, {"none", "No date"}}
	Orders = []Choice{{"", "Most urgent first"}, {"by", "By when they are due"}, {"oldest", "Oldest first"}, {"newest", "Newest first"}}
)

// Choice is a code and its words.
type Choice struct{ Code, Label string }

func has(of []Choice, code string) bool {
	return slices.ContainsFunc(of, func(c Choice) bool { return c.Code == code })
}

// mostWords is how many characters Filter.Words may have.
const mostWords = 100

// FilterOf reads a filter from an address. What it does not know it leaves out,
// so that an old address shows more and not less.
func FilterOf(q url.Values) Filter {
	f := Filter{Show: clip(q.Get("show"), 20), Above: q.Get("above") == "yes", Due: q.Get("due"), Order: q.Get("order")}
	if r, ok := ident.ParseRef(q.Get("owner")); ok {
		f.Owner = r.String()
	}
	f.Words = strings.Join(strings.Fields(clip(q.Get("words"), mostWords)), " ")
	if !has(Dues, f.Due) {
		f.Due = ""
	}
	if !has(Orders, f.Order) {
		f.Order = ""
	}
	return f
}

func clip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

// Query is the filter as an address has it; FilterOf gives it back.
func (f Filter) Query() url.Values {
	q := url.Values{}
	for name, v := range map[string]string{"show": f.Show, "owner": f.Owner, "due": f.Due, "words": f.Words, "order": f.Order} {
		if v != "" {
			q.Set(name, v)
		}
	}
	if f.Above {
		q.Set("above", "yes")
	}
	return q
}

// Of gives the jobs that the filter shows, in its order. It is pure.
func (f Filter) Of(jobs []Job, now time.Time) []Job {
	out := slices.DeleteFunc(slices.Clone(jobs), func(j Job) bool { return !f.shows(j, now) })
	switch f.Order {
	case "by":
		slices.SortStableFunc(out, func(a, b Job) int { return due(a).Compare(due(b)) })
	case "oldest":
		slices.SortStableFunc(out, func(a, b Job) int { return a.Since.Compare(b.Since) })
	case "newest":
		slices.SortStableFunc(out, func(a, b Job) int { return b.Since.Compare(a.Since) })
	}
	return out
}

func (f Filter) shows(j Job, now time.Time) bool {
	if f.Owner != "" && j.Owner != f.Owner || f.Above && j.Priority == "routine" || !f.dueIn(j, now) {
		return false
	}
	what := strings.ToLower(j.What)
	for _, w := range strings.Fields(strings.ToLower(f.Words)) {
		if !strings.Contains(what, w) {
			return false
		}
	}
	return true
}

// dueIn tells whether a job is due when the filter says.
func (f Filter) dueIn(j Job, now time.Time) bool {
	y, m, d := now.In(words.London).Date()
	midnight := func(days int) time.Time { return time.Date(y, m, d+days, 0, 0, 0, 0, words.London) }
	switch f.Due {
	case "late":
		return j.Late(now)
	case "today":
		return !j.By.IsZero() && j.By.Before(midnight(1))
	case "week":
		return !j.By.IsZero() && j.By.Before(midnight(8))
	case "none":
		return j.By.IsZero()
	}
	return true
}

// due is by when a job must be done; what has no date comes last.
func due(j Job) time.Time {
	if j.By.IsZero() {
		return time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return j.By
}

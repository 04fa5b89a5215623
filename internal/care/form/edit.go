package form

import (
	"slices"
	"strconv"
	"strings"
)

// Tidy is the form with the condition of each page moved to its questions,
// where that asks the same: then every condition is seen at its question.
func (f Form) Tidy() Form {
	f.Pages = slices.Clone(f.Pages)
	for i, p := range f.Pages {
		if len(p.When.Conditions) == 0 {
			continue
		}
		asks, ok := slices.Clone(p.Asks), true
		for k, a := range asks {
			var both bool
			if asks[k].When, both = and(p.When, a.When); !both {
				ok = false
			}
		}
		if ok {
			f.Pages[i].When, f.Pages[i].Asks = Rule{}, asks
		}
	}
	return f
}

// and is a rule that holds when both do; false where one rule cannot say it.
func and(a, b Rule) (Rule, bool) {
	every := func(r Rule) bool { return r.All || len(r.Conditions) < 2 }
	switch {
	case len(b.Conditions) == 0:
		return a, true
	case len(a.Conditions) == 0:
		return b, true
	case every(a) && every(b):
		return Rule{All: true, Conditions: append(slices.Clone(a.Conditions), b.Conditions...)}, true
	}
	return Rule{}, false
}

// spot is where a question stands: its page and its place on it; -1 for none.
func (f Form) spot(id string) (page, at int) {
	for i, p := range f.Pages {
		if k := slices.IndexFunc(p.Asks, func(a Ask) bool { return a.ID == id }); k >= 0 {
			return i, k
		}
	}
	return -1, -1
}

// clone copies what an edit changes.
func (f Form) clone() Form {
	f.Pages = slices.Clone(f.Pages)
	for i := range f.Pages {
		f.Pages[i].Asks = slices.Clone(f.Pages[i].Asks)
	}
	return f
}

// Without is the form without a question, and without its page when nothing
// else is on it.
func (f Form) Without(id string) Form {
	f = f.clone()
	i, k := f.spot(id)
	if i < 0 {
		return f
	}
	f.Pages[i].Asks = slices.Delete(f.Pages[i].Asks, k, k+1)
	if len(f.Pages[i].Asks) == 0 {
		f.Pages = slices.Delete(f.Pages, i, i+1)
	}
	return f
}

// Moved is the form with a question one place earlier (by -1) or later (by
// 1): among those of its page, out of it onto a page of its own, or, when it
// has its page to itself, before or after the page beside it.
func (f Form) Moved(id string, by int) Form {
	f = f.clone()
	i, k := f.spot(id)
	if i < 0 || by != 1 && by != -1 {
		return f
	}
	asks := f.Pages[i].Asks
	if to := k + by; to >= 0 && to < len(asks) {
		asks[k], asks[to] = asks[to], asks[k]
		return f
	}
	if len(asks) > 1 { // out of its page
		a := asks[k]
		f.Pages[i].Asks = slices.Delete(asks, k, k+1)
		f.Pages = slices.Insert(f.Pages, i+max(by, 0), Page{ID: f.freePage(a.ID), Asks: []Ask{a}})
		return f
	}
	if to := i + by; to >= 0 && to < len(f.Pages) {
		f.Pages[i], f.Pages[to] = f.Pages[to], f.Pages[i]
	}
	return f
}

// With is the form with a question in the place of the one that has its id;
// else after the question named, on the same page or on one of its own; else
// at the end.
func (f Form) With(a Ask, after string, samePage bool) Form {
	f = f.clone()
	if i, k := f.spot(a.ID); i >= 0 {
		f.Pages[i].Asks[k] = a
		return f
	}
	i, k := f.spot(after)
	switch {
	case i < 0:
		f.Pages = append(f.Pages, Page{ID: f.freePage(a.ID), Asks: []Ask{a}})
	case samePage || k+1 < len(f.Pages[i].Asks):
		f.Pages[i].Asks = slices.Insert(f.Pages[i].Asks, k+1, a)
	default:
		f.Pages = slices.Insert(f.Pages, i+1, Page{ID: f.freePage(a.ID), Asks: []Ask{a}})
	}
	return f
}

// Joined is the form with a question on the page of the one before it, which
// then has this title.
func (f Form) Joined(id string, title Words) Form {
	f = f.clone()
	i, k := f.spot(id)
	if i < 1 || k != 0 {
		return f
	}
	before := &f.Pages[i-1]
	before.Asks = append(before.Asks, f.Pages[i].Asks[0])
	if len(before.Title) == 0 {
		before.Title = title
	}
	if f.Pages[i].Asks = f.Pages[i].Asks[1:]; len(f.Pages[i].Asks) == 0 {
		f.Pages = slices.Delete(f.Pages, i, i+1)
	}
	return f
}

// freePage is an id for a page that no question or page has.
func (f Form) freePage(ask string) string { return f.Free("page-" + ask) }

// Free is an id made of some words that is free in this form.
func (f Form) Free(words string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(words) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	id := b.String()
	if len(id) > 30 {
		id = id[:30]
	}
	if id = strings.Trim(id, "-"); id == "" {
		id = "question"
	}
	for n := 1; ; n++ {
		try := id
		if n > 1 {
			try = id + "-" + strconv.Itoa(n)
		}
		if !slices.Contains(reserved, try) && !f.uses(try) {
			return try
		}
	}
}

func (f Form) uses(id string) bool {
	if _, ok := f.Page(id); ok {
		return true
	}
	_, ok := f.Ask(id)
	return ok
}

// Before lists the questions that are asked before one, which its condition
// may rest on; all of them for a question that is not there yet.
func (f Form) Before(id string) []Ask {
	var out []Ask
	for _, p := range f.Pages {
		for _, a := range p.Asks {
			if a.ID == id {
				return out
			}
			out = append(out, a)
		}
	}
	return out
}

// Say is a condition in words: “Is there a chance that you are pregnant?” is
// “Yes”.
func (f Form) Say(c Condition) string {
	a, ok := f.Ask(c.Ask)
	if !ok {
		return "a question that is gone (" + c.Ask + ") has an answer"
	}
	q := "“" + a.Text["en"] + "”"
	if c.Op == "exists" {
		if c.Answer == "false" {
			return q + " is not answered"
		}
		return q + " is answered"
	}
	how := map[string]string{"=": "is", "!=": "is not", ">": "is more than", "<": "is less than", ">=": "is at least", "<=": "is at most"}[c.Op]
	return q + " " + how + " “" + a.Said([]string{c.Answer}, "en") + "”"
}

// SayRule is when something is asked, in words; "" for always.
func (f Form) SayRule(r Rule) string {
	var out []string
	for _, c := range r.Conditions {
		out = append(out, f.Say(c))
	}
	return strings.Join(out, map[bool]string{true: " and ", false: " or "}[r.All])
}

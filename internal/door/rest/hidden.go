package rest

import (
	"net/url"
	"strconv"
	"strings"

	"heartwood/internal/care/hidden"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// A token of one patient is that of an app on a telephone, which somebody may
// be made to show, or of somebody who acts for them. What staff have hidden
// from online access is not there for it: not read, not in a history, not
// found, not counted.

// sees tells whether the caller may see a version at all.
func (c *call) sees(v record.Version) bool {
	if !c.caller.sees(v) {
		return false
	}
	if c.caller.Patient == "" {
		return true
	}
	set, err := c.hidden()
	if err != nil {
		return false // who cannot read what is hidden shows nothing
	}
	r, err := v.Resource()
	return err == nil && !set.Hides(v.Ref, r)
}

// hidden is what may not be seen of the caller's patient, read once a call.
func (c *call) hidden() (hidden.Set, error) {
	if c.withheld != nil {
		return c.withheld, nil
	}
	ref, _ := ident.ParseRef(c.caller.Patient)
	set, err := hidden.Of(c.ctx, c.practice, ref)
	if err == nil {
		c.withheld = set
	}
	return set, err
}

// recount counts what a search finds that the caller may see, of all pages: a
// count of all that matches would tell of what is hidden.
func (c *call) recount(q searchQuery) (int, error) {
	var which searchQuery
	for _, p := range q.parts {
		if name, _, _ := strings.Cut(p, "="); !resultParams[name] {
			which.parts = append(which.parts, p)
		}
	}
	ask, err := c.caller.narrow(c.target.typ, which.encode())
	if err != nil {
		return 0, err
	}
	ask = join(ask, "_count="+strconv.Itoa(maxCount))
	n, next := 0, ""
	for {
		page, err := c.practice.Find(c.ctx, withQuery(c.target.typ, ask+next))
		if err != nil {
			return 0, err
		}
		for _, v := range page.Matches {
			if c.sees(v) {
				n++
			}
		}
		if page.Next == "" {
			return n, nil
		}
		next = "&" + cursorParam + "=" + url.QueryEscape(page.Next)
	}
}

package patient

import (
	"context"
	"strings"

	"heartwood/internal/care/request"
	"heartwood/internal/door/web/page"
)

// contactUs is where and when the practice itself can be reached.
type contactUs struct {
	Phone, Call string // as people read it, and as a phone dials it; "" for none
	Address     []string
	Now         string // open until when, or when it opens
	Days        []page.Row
}

// reach is how to reach the practice without this site. What cannot be read is
// left out: the page is there all the same.
func (v visit) reach(ctx context.Context) (c contactUs) {
	h := request.HoursOf(ctx, v.practice)
	next := h.Next(v.now)
	c.Now = v.lang.T("We are closed now. We open %s.", v.lang.When(next.From, v.now))
	if !next.From.After(v.now) {
		c.Now = v.lang.T("We are open until %s.", v.lang.Clock(next.To))
	}
	for i := range 7 {
		day := v.now.AddDate(0, 0, i)
		var open []string
		for _, p := range h.On(day) {
			open = append(open, v.lang.T("%s to %s", v.lang.Clock(p.From), v.lang.Clock(p.To)))
		}
		if open == nil {
			open = []string{v.lang.T("Closed")}
		}
		c.Days = append(c.Days, page.Row{Key: v.lang.Weekday(day), Value: strings.Join(open, ", ")})
	}
	res, err := resource(ctx, v.practice, v.ods.Organization().String())
	if err != nil {
		return c
	}
	for t := range res.Get("telecom").Items() {
		if n := t.Get("value").Str(); c.Phone == "" && t.Get("system").Is("phone") && phoneLike(n) {
			c.Phone, c.Call = n, strings.ReplaceAll(n, " ", "")
		}
	}
	a := res.Get("address").First()
	for l := range a.Get("line").Items() {
		c.Address = append(c.Address, l.Str())
	}
	for _, part := range []string{"city", "postalCode"} {
		if s := a.Get(part).Str(); s != "" {
			c.Address = append(c.Address, s)
		}
	}
	return c
}

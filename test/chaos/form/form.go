// Package form fills in a practice's request form over HTTP, as a browser
// without script does, and does not give up when an answer is lost.
//
// What comes in: where the site is and what to ask for. What goes out: the
// reference on the receipt that was shown. It must never take anything for a
// receipt but the page that shows one.
package form

import (
	"context"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"heartwood/internal/bench/browse"
)

// Person is one browser.
type Person struct {
	Practice string // ODS code
	Lost     int    // answers that did not come, or came as 5xx, so far

	browser *browse.Browser
	at      *browse.Page // where the person last was
}

// New is a new browser, at an address of its own, of a site on this machine.
func New(base, practice string) *Person {
	b := browse.New(base)
	if t, ok := b.Client.Transport.(*http.Transport); ok {
		t.DisableKeepAlives = true // each request finds whoever is there now
	}
	return &Person{Practice: practice, browser: b}
}

// said is what is answered; to all else the first answer is given.
func said(what string) url.Values {
	return url.Values{
		"asker": {"self"}, "given": {"Robin"}, "family": {"Test"}, "phone": {"01632 960001"}, "nhs-number": {""},
		"birth-day": {"3"}, "birth-month": {"4"}, "birth-year": {"1980"},
		"kind": {"admin"}, "what": {what}, "contact-how": {"phone"}, "contact-number": {"01632 960001"},
	}
}

var reference = regexp.MustCompile(`eference is(?:<br>| )<strong>(HW-[0-9A-Z-]+)</strong>`)

// Ask fills in the form from the first page to the receipt. Whenever an answer
// is lost it sends the same step again, with the same draft: that must never
// make a second request.
func (p *Person) Ask(ctx context.Context, what string) (ref string, err error) {
	root := "/p/" + p.Practice + "/ask"
	p.at, err = p.persist(ctx, func() (*browse.Page, error) { return p.browser.Get(ctx, root) })
	for range 60 {
		if err != nil {
			return "", err
		}
		if strings.HasSuffix(p.at.URL.Path, "/sent") {
			return p.receipt()
		}
		f, ok := p.form(root)
		if !ok {
			return "", fmt.Errorf("%s has no form to go on with: %s", p.at.URL.Path, text(p.at.Body))
		}
		from, v := p.at, f.Fill(said(what), func(int) int { return 0 })
		p.at, err = p.persist(ctx, func() (*browse.Page, error) { return p.browser.Send(ctx, from, f, v) })
	}
	return "", errors.New("the form does not end")
}

// form is the one of the asking on this page.
func (p *Person) form(root string) (browse.Form, bool) {
	for _, f := range p.at.Forms() {
		to, err := p.at.URL.Parse(f.Action)
		if err == nil && f.Method == http.MethodPost && (to.Path == root || strings.HasPrefix(to.Path, root+"/")) {
			return f, true
		}
	}
	return browse.Form{}, false
}

func (p *Person) receipt() (string, error) {
	m := reference.FindSubmatch(p.at.Body)
	if m == nil {
		return "", fmt.Errorf("the receipt shows no reference: %s", text(p.at.Body))
	}
	return string(m[1]), nil
}

// persist does something until an answer comes that is not the server's
// failure.
func (p *Person) persist(ctx context.Context, do func() (*browse.Page, error)) (*browse.Page, error) {
	for range 400 {
		at, err := do()
		switch {
		case err == nil && at.Status == http.StatusOK:
			return at, nil
		case err == nil && at.Status < 500:
			return nil, fmt.Errorf("%s answered %d: %s", at.URL.Path, at.Status, text(at.Body))
		case ctx.Err() != nil:
			return nil, ctx.Err()
		}
		p.Lost++
		time.Sleep(20 * time.Millisecond)
	}
	return nil, errors.New("there is no answer")
}

// Again sends a form that was sent already, as a second press of the button
// does, and gives the reference that is shown then.
func (p *Person) Again(ctx context.Context) (ref string, err error) {
	last := browse.Form{Action: "/p/" + p.Practice + "/ask/check", Method: http.MethodPost}
	at, err := p.persist(ctx, func() (*browse.Page, error) { return p.browser.Send(ctx, p.at, last, nil) })
	if err != nil {
		return "", err
	}
	p.at = at
	return p.receipt()
}

var tags = regexp.MustCompile(`(?s)<(style|script|header|footer).*?</(style|script|header|footer)>|<[^>]*>|\s+`)

// text is the beginning of a page's words, for messages.
func text(page []byte) string {
	s := string(page)
	if _, main, ok := strings.Cut(s, "<main"); ok {
		s = "<" + main
	}
	s = strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(s, " "))), " ")
	return s[:min(len(s), 400)]
}

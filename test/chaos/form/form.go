// Package form fills in a practice's request form over HTTP, as a browser
// without script does, and does not give up when an answer is lost.
//
// What comes in: where the site is and what to ask for. What goes out: the
// reference on the receipt that was shown. It must never take anything for a
// receipt but the page that shows one.
package form

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path"
	"regexp"
	"strings"
	"sync/atomic"
	"time"
)

// Person is one browser: it keeps its cookies.
type Person struct {
	Practice string // ODS code
	Base     string // scheme, host and port of the site
	Client   *http.Client

	Lost int // answers that did not come, or came as 5xx, so far
}

var people atomic.Uint32

// address is a loopback address that nobody else comes from: who has not
// signed in shares an allowance with everybody at their address.
func address() *net.TCPAddr {
	n := people.Add(1)
	return &net.TCPAddr{IP: net.IPv4(127, 1+byte(n>>16), byte(n>>8), byte(n))}
}

// New is a new browser, at an address of its own, of a site on this machine.
func New(base, practice string) *Person {
	jar, err := cookiejar.New(nil)
	if err != nil {
		panic(err) // it has no error to give
	}
	return &Person{Practice: practice, Base: base, Client: &http.Client{
		Jar: jar, Timeout: 15 * time.Second,
		Transport: &http.Transport{
			DisableKeepAlives: true, // each request finds whoever is there now
			DialContext:       (&net.Dialer{LocalAddr: address()}).DialContext,
		},
	}}
}

// answers is what is filled in at each step.
func answers(what string) map[string]url.Values {
	return map[string]url.Values{
		"who": {"asker": {"self"}},
		"you": {
			"given": {"Robin"}, "family": {"Test"}, "birth-day": {"3"}, "birth-month": {"4"}, "birth-year": {"1980"},
			"phone": {"01632 960001"},
		},
		"kind":    {"kind": {"admin"}},
		"what":    {"what": {what}},
		"detail":  {"how-long": {"1 to 3 days"}, "how-bad": {"2"}},
		"hope":    {"hope": {"An answer"}},
		"photos":  {},
		"contact": {"contact-how": {"phone"}, "contact-number": {"01632 960001"}},
		"check":   {},
	}
}

var reference = regexp.MustCompile(`eference is(?:<br>| )<strong>(HW-[0-9A-Z-]+)</strong>`)

// Ask fills in the form from the first page to the receipt. Whenever an answer
// is lost it sends the same step again, with the same draft: that must never
// make a second request.
func (p *Person) Ask(ctx context.Context, what string) (ref string, err error) {
	fill, step := answers(what), ""
	for range 400 {
		if err := ctx.Err(); err != nil {
			return "", fmt.Errorf("at step %q: %w", step, err)
		}
		at, page, err := p.send(ctx, step, fill[step])
		if err != nil {
			if again, wait := retry(err); again {
				p.Lost++
				time.Sleep(wait)
				continue
			}
			return "", fmt.Errorf("at step %q: %w", step, err)
		}
		if at == "sent" {
			m := reference.FindStringSubmatch(page)
			if m == nil {
				return "", fmt.Errorf("the receipt shows no reference: %s", text(page))
			}
			return m[1], nil
		}
		if _, known := fill[at]; !known {
			return "", fmt.Errorf("after step %q came the page %q: %s", step, at, text(page))
		}
		step = at
	}
	return "", errors.New("the form does not end")
}

// lost is an answer that did not come, or one that says to try again.
type lost struct{ error }

func retry(err error) (bool, time.Duration) {
	var l lost
	return errors.As(err, &l), 20 * time.Millisecond
}

// send posts one step, "" for the start, and gives the step of the page that
// follows.
func (p *Person) send(ctx context.Context, step string, v url.Values) (at, page string, err error) {
	to, kind, body := p.Base+"/p/"+p.Practice+"/ask", "application/x-www-form-urlencoded", strings.NewReader(v.Encode())
	if step != "" {
		to += "/" + step
	}
	if step == "photos" {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		if err := w.Close(); err != nil {
			return "", "", err
		}
		kind, body = w.FormDataContentType(), strings.NewReader(b.String())
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, body)
	if err != nil {
		return "", "", err
	}
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, err := p.Client.Do(r)
	if err != nil {
		return "", "", lost{err}
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return "", "", lost{err}
	}
	switch {
	case resp.StatusCode >= 500:
		return "", "", lost{fmt.Errorf("status %d", resp.StatusCode)}
	case resp.StatusCode != http.StatusOK:
		return "", "", fmt.Errorf("status %d: %s", resp.StatusCode, text(string(b)))
	}
	return path.Base(resp.Request.URL.Path), string(b), nil
}

var tags = regexp.MustCompile(`(?s)<(style|script|header|footer).*?</(style|script|header|footer)>|<[^>]*>|\s+`)

// text is the beginning of a page's words, for messages.
func text(page string) string {
	if _, main, ok := strings.Cut(page, "<main"); ok {
		page = "<" + main
	}
	s := strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(page, " "))), " ")
	return s[:min(len(s), 400)]
}

// Again sends a form that was sent already, as a second press of the button
// does, and gives the reference that is shown then.
func (p *Person) Again(ctx context.Context) (ref string, err error) {
	for range 400 {
		at, page, err := p.send(ctx, "check", nil)
		if again, wait := retry(err); again && ctx.Err() == nil {
			p.Lost++
			time.Sleep(wait)
			continue
		}
		if err != nil {
			return "", err
		}
		if m := reference.FindStringSubmatch(page); at == "sent" && m != nil {
			return m[1], nil
		}
		return "", fmt.Errorf("a form that was sent again led to %q: %s", at, text(page))
	}
	return "", errors.New("there is no answer")
}

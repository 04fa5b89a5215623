// Package browse is a browser without script: it opens pages, finds their
// forms, fills them in as somebody who has little time would, and sends them.
//
// What comes in: the address of a site on this machine and what to say. What
// goes out: pages as they were answered, with how long each took. It knows
// forms as HTML has them and nothing of any one form, so a practice may ask
// what it likes. It must never follow a link to another site.
package browse

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// Browser is one person's browser: it keeps its cookies.
type Browser struct {
	Base   string // scheme, host and port of the site
	Client *http.Client
	// Saw is told of every answer, redirects included; nil tells nobody.
	Saw func(Answer)
}

// Answer is one answer of the server.
type Answer struct {
	Path   string
	Status int
	Took   time.Duration // from sending to the last byte
	Err    error         // the answer did not come
}

// Page is where the browser has arrived.
type Page struct {
	URL    *url.URL
	Status int
	Body   []byte
}

var people atomic.Uint32

// address is a loopback address that nobody else comes from: who has not
// signed in shares an allowance with everybody at their address.
func address() *net.TCPAddr {
	n := people.Add(1)
	return &net.TCPAddr{IP: net.IPv4(127, 1+byte(n>>16)%254, byte(n>>8), byte(n))}
}

// New is a new browser, at an address of its own, of a site on this machine.
func New(base string) *Browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		panic(err) // it has no error to give
	}
	return &Browser{Base: strings.TrimSuffix(base, "/"), Client: &http.Client{
		Jar: jar, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext:         (&net.Dialer{LocalAddr: address(), Timeout: 10 * time.Second}).DialContext,
			MaxIdleConnsPerHost: 2, IdleConnTimeout: 30 * time.Second,
		},
	}}
}

// Close lets go of the browser's connections.
func (b *Browser) Close() { b.Client.CloseIdleConnections() }

// Get opens a path of the site and follows redirects.
func (b *Browser) Get(ctx context.Context, path string) (*Page, error) {
	return b.do(ctx, http.MethodGet, b.Base+path, "", nil, nil)
}

// Part opens a path with headers of its own, as a page's script does.
func (b *Browser) Part(ctx context.Context, path string, header http.Header) (*Page, error) {
	return b.do(ctx, http.MethodGet, b.Base+path, "", nil, header)
}

// Send sends a form with what was filled in.
func (b *Browser) Send(ctx context.Context, p *Page, f Form, v url.Values) (*Page, error) {
	to := p.URL
	if f.Action != "" {
		ref, err := url.Parse(f.Action)
		if err != nil {
			return nil, fmt.Errorf("the form goes to %q: %w", f.Action, err)
		}
		to = p.URL.ResolveReference(ref)
	}
	if to.Host != p.URL.Host {
		return nil, fmt.Errorf("the form goes to another site, %q", to.Host)
	}
	if f.Method == http.MethodGet {
		at := *to
		at.RawQuery = v.Encode()
		return b.do(ctx, http.MethodGet, at.String(), "", nil, nil)
	}
	kind, body := "application/x-www-form-urlencoded", []byte(v.Encode())
	if f.Multipart {
		kind, body = multipartOf(v)
	}
	return b.do(ctx, http.MethodPost, to.String(), kind, body, nil)
}

func multipartOf(v url.Values) (kind string, body []byte) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, values := range v {
		for _, x := range values {
			_ = w.WriteField(name, x) // a buffer takes everything
		}
	}
	_ = w.Close()
	return w.FormDataContentType(), b.Bytes()
}

// most is how many redirects in a row are followed.
const most = 8

func (b *Browser) do(ctx context.Context, method, to, kind string, body []byte, header http.Header) (*Page, error) {
	for range most {
		p, next, err := b.once(ctx, method, to, kind, body, header)
		if err != nil || next == "" {
			return p, err
		}
		method, to, kind, body = http.MethodGet, next, "", nil
	}
	return nil, fmt.Errorf("more than %d redirects", most)
}

// once asks once; next is where a redirect leads.
func (b *Browser) once(ctx context.Context, method, to, kind string, body []byte, header http.Header) (p *Page, next string, err error) {
	r, err := http.NewRequestWithContext(ctx, method, to, bytes.NewReader(body))
	if err != nil {
		return nil, "", err
	}
	for k, v := range header {
		r.Header[k] = v
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	began := time.Now()
	saw := func(status int, err error) {
		if b.Saw != nil {
			b.Saw(Answer{Path: r.URL.Path, Status: status, Took: time.Since(began), Err: err})
		}
	}
	resp, err := b.Client.Do(r)
	if err != nil {
		saw(0, err)
		return nil, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	got, err := io.ReadAll(io.LimitReader(resp.Body, 8<<20))
	saw(resp.StatusCode, err)
	if err != nil {
		return nil, "", err
	}
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		at, err := r.URL.Parse(resp.Header.Get("Location"))
		if err != nil || at.Host != r.URL.Host {
			return nil, "", fmt.Errorf("a redirect leads to %q", resp.Header.Get("Location"))
		}
		return nil, at.String(), nil
	}
	return &Page{URL: r.URL, Status: resp.StatusCode, Body: got}, "", nil
}

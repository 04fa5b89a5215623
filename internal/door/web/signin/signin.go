// Package signin is the part of the web door where people say who they are.
//
// What comes in: addresses, passwords, codes, links and passkeys. What goes
// out: a session, and the person sent on to where they were going. It must
// never tell whether an address is known, never sign anybody in by a GET, never
// send anybody to another site, and never offer one-click sign-in outside a
// demonstration. Everything but passkeys works without script.
//
// Paths: /sign-in (patients by e-mail, everyone by passkey), /sign-in/staff and
// /sign-in/code, /sign-in/link/…, /sign-in/invite/…, /account/passkeys,
// /sign-out and, in a demonstration, /demo.
package signin

import (
	"context"
	"embed"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/door/web/page"
	"heartwood/internal/ident"
)

//go:embed *.html
var files embed.FS

// Config is what the sign-in pages need.
type Config struct {
	Accounts *access.Accounts
	Sessions *access.Sessions
	Keys     *access.Keys
	// Send sends an e-mail; it may take its time. The letter's key is the
	// same when the same letter is sent again.
	Send func(context.Context, access.Letter) error
	// Practices lists the practices that people sign in to, for the
	// demonstration's page.
	Practices func(context.Context) ([]ident.ODS, error)
	// PracticeName names a practice; nil shows the code.
	PracticeName func(ident.ODS) string
	// Home is where somebody goes who was going nowhere in particular; nil is
	// Home of this package.
	Home func(access.Person) string
	Demo bool             // offer one-click sign-in
	Now  func() time.Time // time.Now when nil
	Slog *slog.Logger     // slog.Default() when nil
}

// Door serves the sign-in pages.
type Door struct {
	Config
	mux   *http.ServeMux
	posts chan post
}

// post is an e-mail that somebody asked for and no page waits for.
type post struct{ email, next string }

const postsHeld = 256

// New makes the door. Somebody must call Run for links to be sent.
func New(c Config) *Door {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Slog == nil {
		c.Slog = slog.Default()
	}
	if c.Home == nil {
		c.Home = Home
	}
	if c.PracticeName == nil {
		c.PracticeName = func(o ident.ODS) string { return string(o) }
	}
	d := &Door{Config: c, mux: http.NewServeMux(), posts: make(chan post, postsHeld)}
	d.Register(d.mux)
	return d
}

// Register adds the pages to a mux.
func (d *Door) Register(mux *http.ServeMux) {
	handle := func(pattern string, f page.Func) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			frame := page.Base(r)
			frame.Home, frame.Demo = "/", d.Demo
			f.ServeHTTP(w, page.WithBase(r, frame))
		})
	}
	handle("GET /sign-in", d.choose)
	handle("POST /sign-in", d.askForLink)
	handle("GET /sign-in/sent", d.sent)
	handle("GET /sign-in/link/{link}", d.link)
	handle("POST /sign-in/link/{link}", d.useLink)
	handle("GET /sign-in/staff", d.staff)
	handle("POST /sign-in/staff", d.password)
	handle("GET /sign-in/code", d.codePage)
	handle("POST /sign-in/code", d.code)
	handle("GET /sign-in/invite/{link}", d.invite)
	handle("POST /sign-in/invite/{link}", d.enrol)
	handle("POST /sign-out", d.signOut)
	d.registerPasskeys(handle)
	if d.Demo {
		handle("GET /demo", d.demo)
		handle("POST /demo", d.become)
	}
}

// ServeHTTP serves the pages.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) { d.mux.ServeHTTP(w, r) }

// Run sends the links that people ask for, until the context ends.
func (d *Door) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case p := <-d.posts:
			d.post(ctx, p)
		}
	}
}

func (d *Door) post(ctx context.Context, p post) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	letters, err := d.Accounts.Letters(ctx, p.email, p.next)
	if err != nil {
		d.Slog.Error("sign-in link not made", "cause", err)
		return
	}
	for _, l := range letters {
		if err := d.Send(ctx, l); err != nil {
			d.Slog.Error("sign-in link not sent", "cause", err)
		}
	}
}

// Home is where each role's work begins.
func Home(p access.Person) string {
	ods := url.PathEscape(string(p.Practice))
	switch p.Role {
	case access.Patient, access.Proxy:
		return "/p/" + ods + "/"
	case access.Manager:
		return "/manage/" + ods + "/"
	case access.Commissioner:
		return "/board/"
	default:
		return "/desk/" + ods + "/"
	}
}

// Path is the sign-in page, to come back from to where the request was going.
func Path(r *http.Request) string {
	if r.Method != http.MethodGet {
		return "/sign-in"
	}
	return withNext("/sign-in", r.URL.RequestURI())
}

func withNext(path, next string) string {
	if next = safeNext(next); next == "" {
		return path
	}
	return path + "?next=" + url.QueryEscape(next)
}

// safeNext is a path of this site to go to after signing in, "" for anything
// else: another site in any of the ways that browsers understand, or the
// sign-in pages themselves.
func safeNext(s string) string {
	if len(s) < 2 || len(s) > 2000 || s[0] != '/' || s[1] == '/' || strings.ContainsRune(s, '\\') {
		return ""
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return ""
		}
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || strings.HasPrefix(u.Path, "//") {
		return ""
	}
	for _, own := range []string{"/sign-in", "/sign-out", "/demo"} {
		if u.Path == own || strings.HasPrefix(u.Path, own+"/") {
			return ""
		}
	}
	return s
}

// welcome starts the session of somebody who has proved who they are, and
// says where they go now.
func (d *Door) welcome(w http.ResponseWriter, r *http.Request, a access.Account, method, next string) (string, error) {
	p := a.Person(method, d.Now())
	if err := d.Sessions.Start(w, r, p); err != nil {
		return "", err
	}
	if next = safeNext(next); next != "" {
		return next, nil
	}
	return d.Home(p), nil
}

func (d *Door) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := d.Sessions.End(w, r); err != nil {
		return err
	}
	w.Header().Set("Clear-Site-Data", `"cache"`)
	http.Redirect(w, r, "/sign-in?out=1", http.StatusSeeOther)
	return nil
}

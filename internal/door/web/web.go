// Package web is the door that people come in by: every page of the site on
// one handler.
//
// What comes in: requests from browsers. What goes out: pages, assets and
// event streams, each area of the site in its own folder. It must never take a
// form that another site sent, never let one request hold the server, and
// never answer for a practice that has no record here.
package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"path/filepath"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care/delivery"
	"heartwood/internal/care/starts"
	"heartwood/internal/door/web/about"
	"heartwood/internal/door/web/board"
	"heartwood/internal/door/web/bylink"
	"heartwood/internal/door/web/checkin"
	"heartwood/internal/door/web/desk"
	"heartwood/internal/door/web/live"
	"heartwood/internal/door/web/manage"
	"heartwood/internal/door/web/page"
	"heartwood/internal/door/web/patient"
	"heartwood/internal/door/web/sent"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/view/measure"
	"heartwood/internal/view/outlook"
	"heartwood/internal/view/worklist"
	assets "heartwood/web"
)

// Area is a part of the site that puts its own pages on the mux.
type Area interface{ Routes(mux *http.ServeMux) }

// Config is what the web door works with.
type Config struct {
	Store    *record.Store
	Sessions *access.Sessions
	// SignIn adds the sign-in pages to the mux (signin.Door.Register).
	SignIn func(mux *http.ServeMux)
	// Queue gives a practice's running work list.
	Queue func(ctx context.Context, practice ident.ODS) (*worklist.List, error)
	// Measures gives a practice's figures, followed; nil reads them each time.
	Measures func(ctx context.Context, practice ident.ODS) (*measure.Book, error)
	// Outlook gives a practice's running outlook; nil: people are told the clock.
	Outlook outlook.Of
	// Accounts are for the pages of who can sign in; nil leaves them out.
	Accounts *access.Accounts
	// Send sends an e-mail with a way to sign in; nil sends none.
	Send func(context.Context, access.Letter) error
	// MessageLink tells which message a link is for; nil opens none.
	MessageLink func(link string) (practice ident.ODS, message string, ok bool)
	// Screen is the address of a practice's check-in screen, and OpenScreen says
	// which screen an address is of; nil: there are none.
	Screen     func(practice ident.ODS, number int) string
	OpenScreen func(link string) (practice ident.ODS, number string, ok bool)
	// BookingLink tells which appointment a link is for; nil opens none.
	BookingLink func(link string) (practice ident.ODS, appointment string, ok bool)
	// Sent is what a demonstration has sent; nil leaves its page out.
	Sent func() []sent.Item
	// Can tells by which media a practice can send; nil is all.
	Can func(practice ident.ODS, m delivery.Medium) bool
	// More are further areas of the site.
	More []Area
	// Dir is where half-filled forms are kept, in a folder of their own; ""
	// keeps them in memory.
	Dir string
	// Starts counts forms that are begun and not sent; nil counts none.
	Starts *starts.Marks
	// Proxies are our own, whose X-Forwarded-For is believed; none when empty.
	Proxies []netip.Prefix
	Secure  bool // the site is reached by https
	Demo    bool // everything here is made up; pages say so
	Now     func() time.Time
	Stop    <-chan struct{} // closed when the server shuts down: streams end
	Slog    *slog.Logger    // slog.Default() when nil
}

// How long a page may take, and a form with photos from a slow telephone
// before it; streams are not bound by them.
const (
	pageTime = 60 * time.Second
	bodyTime = 5 * time.Minute
)

// New makes the handler of the whole site.
func New(c Config) http.Handler {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Slog == nil {
		c.Slog = slog.Default()
	}
	if !page.Built() {
		c.Slog.Warn("the front end is not built: pages have no style or script; run `make build`")
	}
	d := &door{Config: c, practices: newPractices(c.Store, c.Now)}
	mux := http.NewServeMux()
	d.areas(mux)
	mux.Handle("GET /{$}", page.Func(d.landing))
	mux.Handle("GET /language/{lang}", page.Func(d.language))
	mux.Handle("/", page.Func(func(http.ResponseWriter, *http.Request) error {
		return fault.New(fault.NotFound, "If you typed the address, check that it is right.")
	}))
	return d.wrap(mux)
}

type door struct {
	Config
	practices *practices
}

// areas puts every part of the site on the mux.
func (d *door) areas(mux *http.ServeMux) {
	mux.Handle("GET "+assets.Prefix, assets.Assets())
	drafts := ""
	if d.Dir != "" {
		drafts = filepath.Join(d.Dir, "drafts")
	}
	var sealer patient.Sealer
	if d.Accounts != nil {
		sealer = d.Accounts.Keys()
	}
	patient.New(patient.Config{
		Store: d.Store, Drafts: patient.NewDrafts(drafts, d.Now), Secure: d.Secure, SignIn: d.SignIn != nil, Outlook: d.Outlook, Sealer: sealer, Starts: d.Starts,
	}).Routes(mux)
	desk.New(desk.Config{Store: d.Store, Queue: d.Queue, Outlook: d.Outlook, Accounts: d.Accounts, Send: d.Send, Screen: d.Screen, Can: d.Can}).Routes(mux)
	manage.New(manage.Config{Store: d.Store, Accounts: d.Accounts, Send: d.Send, Measures: d.Measures, Outlook: d.Outlook, Can: d.Can, Unfinished: d.Starts.Unfinished}).Routes(mux)
	bylink.New(bylink.Config{Store: d.Store, Open: d.MessageLink, OpenBooking: d.BookingLink}).Routes(mux)
	checkin.New(checkin.Config{Store: d.Store, Open: d.OpenScreen}).Routes(mux)
	if d.Demo && d.Sent != nil {
		sent.Sent{Items: d.Sent}.Routes(mux)
	}
	board.New(board.Config{Store: d.Store, Name: d.practices.name}).Routes(mux)
	about.About{}.Routes(mux)
	live.New(d.Queue, d.Stop).Routes(mux)
	if d.SignIn != nil {
		d.SignIn(mux)
	}
	for _, a := range d.More {
		a.Routes(mux)
	}
}

// wrap puts round the site what holds for all of it, the outermost last.
func (d *door) wrap(mux http.Handler) http.Handler {
	h := d.framed(mux)
	if d.Sessions != nil {
		h = d.Sessions.Middleware(h)
	}
	h = guarded(d.positioned(h))
	if d.Secure {
		h = onlyHTTPS(h)
	}
	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(page.Func(func(http.ResponseWriter, *http.Request) error {
		return fault.New(fault.Forbidden, "This form came from another site, so we did not take it.")
	}))
	return behind(d.Proxies, cross.Handler(h))
}

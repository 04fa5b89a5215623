// Package phone is the telephone of staff in a browser: one page, and the
// WebSocket that it keeps open.
//
// What comes in: staff who have signed in, and orders from their page, each a
// small JSON object. What goes out: the whole of what their telephone shows,
// whenever it changes, and answers to offers of sound. It must never show who
// a caller may be before that sight is in the access log, never take an order
// that it does not know, and never keep a line open for somebody who may no
// longer use it.
package phone

import (
	"embed"
	"log/slog"
	"net/http"

	"heartwood/internal/access"
	"heartwood/internal/call/exchange"
	"heartwood/internal/door/web/menu"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

//go:embed *.html
var files embed.FS

// Config is what the telephone's page works with.
type Config struct {
	Store    *record.Store
	Exchange *exchange.Exchange // nil: there is no telephone, and the page says so
	Stop     <-chan struct{}    // closed when the server shuts down
	Slog     *slog.Logger
}

// Phone serves the telephone.
type Phone struct{ Config }

// New makes it.
func New(c Config) *Phone {
	if c.Slog == nil {
		c.Slog = slog.Default()
	}
	return &Phone{c}
}

// Routes puts the page and its line on a mux.
func (ph *Phone) Routes(mux *http.ServeMux) {
	mux.Handle("GET /desk/{ods}/phone", page.Func(ph.show))
	mux.Handle("GET /live/{ods}/phone", page.Func(ph.line))
}

type phonePage struct {
	Line, Title string
	None        bool // there is no telephone
}

var phoneTemplate = page.New[phonePage](files, "phone.html")

func (ph *Phone) show(w http.ResponseWriter, r *http.Request) error {
	p, ods, err := enter(r)
	if err != nil {
		return err
	}
	f := page.Base(r)
	f.Title, f.Wide, f.Speaks, f.Nav, f.Section = "Phone", true, true, menu.Staff(p, ods), "/desk/"+string(ods)+"/phone"
	return phoneTemplate.Render(w, r, http.StatusOK, f, phonePage{Line: "/live/" + string(ods) + "/phone", Title: "Phone", None: ph.Exchange == nil})
}

func enter(r *http.Request) (access.Person, ident.ODS, error) {
	ods, err := ident.ParseODS(r.PathValue("ods"))
	if err != nil {
		return access.Person{}, "", fault.New(fault.NotFound, "There is no such practice.")
	}
	p, _ := access.From(r.Context())
	return p, ods, access.May(p, access.WorkQueue, ods, "")
}

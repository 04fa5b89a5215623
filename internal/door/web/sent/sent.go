// Package sent shows what a demonstration has sent: its texts, e-mails,
// letters and app notifications, which go nowhere.
//
// What comes in: what the local message service has. What goes out: a page.
// It must never be there where people are real.
package sent

import (
	"embed"
	"net/http"
	"regexp"
	"time"

	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

//go:embed *.html
var files embed.FS

// Item is one message that was sent.
type Item struct {
	ID, Practice, By, Medium, To, Subject, Text, Status string
	At                                                  time.Time
	PDF                                                 []byte // of a letter
}

// Sent are the pages. Items gives what was sent, the newest first.
type Sent struct {
	Items func() []Item
}

type sentPage struct{ Rows []row }

type row struct {
	Item
	Label, Link, Letter string
}

var template = page.New[sentPage](files, "sent.html")

var labels = map[string]string{"sms": "Text message", "email": "Email", "letter": "Letter", "app": "NHS App notification"}

// link is where a message leads: a message or a booking by link, as a path.
var link = regexp.MustCompile(`https?://[^/\s]+(/[mb]/[^\s]+)`)

// most is how many are shown.
const most = 200

// Routes puts the pages on a mux.
func (s Sent) Routes(mux *http.ServeMux) {
	mux.Handle("GET /demo/sent", page.Func(s.list))
	mux.Handle("GET /demo/sent/{id}", page.Func(s.letter))
}

func (s Sent) list(w http.ResponseWriter, r *http.Request) error {
	var p sentPage
	for _, i := range s.Items() {
		if len(p.Rows) == most {
			break
		}
		x := row{Item: i, Label: labels[i.Medium]}
		if m := link.FindStringSubmatch(i.Text); m != nil {
			x.Link = m[1]
		}
		if len(i.PDF) > 0 {
			x.Letter = "/demo/sent/" + i.ID
		}
		p.Rows = append(p.Rows, x)
	}
	f := page.Base(r)
	f.Title = "What the demonstration has sent"
	return template.Render(w, r, http.StatusOK, f, p)
}

func (s Sent) letter(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	for _, i := range s.Items() {
		if ident.IsID(id) && i.ID == id && len(i.PDF) > 0 {
			page.File(w, "application/pdf", i.PDF)
			return nil
		}
	}
	return fault.New(fault.NotFound, "There is no such letter.")
}

package web

import (
	"cmp"
	"context"
	"embed"
	"net/http"
	"slices"
	"sync"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/door/web/page"
	"heartwood/internal/door/web/signin"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

//go:embed *.html
var files embed.FS

type landingPage struct {
	Practices []page.Link
	Mine      *page.Link
	SignIn    bool
	Demo      bool
}

var landingTemplate = page.New[landingPage](files, "landing.html")

// landing is the front page: choose a practice.
func (d *door) landing(w http.ResponseWriter, r *http.Request) error {
	p := landingPage{SignIn: d.SignIn != nil, Demo: d.Demo}
	for _, o := range d.practices.list(r.Context()) {
		p.Practices = append(p.Practices, page.Link{Text: d.practices.name(r.Context(), o), Href: "/p/" + string(o) + "/"})
	}
	slices.SortFunc(p.Practices, func(a, b page.Link) int { return cmp.Compare(a.Text, b.Text) })
	if who, ok := access.From(r.Context()); ok {
		p.Mine = &page.Link{Text: "Your page", Href: signin.Home(who)}
		p.SignIn = false
	}
	f := page.Base(r)
	f.Title = "Choose your GP practice"
	return landingTemplate.Render(w, r, http.StatusOK, f, p)
}

// practices knows which practices have a record here and what they are called.
// What it knows may be a few seconds old.
type practices struct {
	store *record.Store
	now   func() time.Time

	mu    sync.Mutex
	read  time.Time            // protected by mu, as are the rest
	codes []ident.ODS          // in the order of the store
	names map[ident.ODS]string // as last read
}

const practicesAge = 10 * time.Second

func newPractices(s *record.Store, now func() time.Time) *practices {
	return &practices{store: s, now: now, names: map[ident.ODS]string{}}
}

func (p *practices) list(ctx context.Context) []ident.ODS {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.read.IsZero() || p.now().Sub(p.read) > practicesAge {
		if codes, err := p.store.Practices(ctx); err == nil {
			p.codes, p.read = codes, p.now()
			clear(p.names)
		}
	}
	return slices.Clone(p.codes)
}

func (p *practices) known(ctx context.Context, ods ident.ODS) bool {
	return slices.Contains(p.list(ctx), ods)
}

// name is what a practice is called, its code when the record does not say.
func (p *practices) name(ctx context.Context, ods ident.ODS) string {
	p.mu.Lock()
	n, ok := p.names[ods]
	p.mu.Unlock()
	if ok || !p.known(ctx, ods) {
		return n
	}
	n = p.readName(ctx, ods)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.names[ods] = n
	return n
}

// readName reads the name of the practice's Organization, whose id is its code.
func (p *practices) readName(ctx context.Context, ods ident.ODS) string {
	practice, err := p.store.Practice(ods)
	if err != nil {
		return string(ods)
	}
	v, err := practice.Read(ctx, ods.Organization())
	if err != nil {
		return string(ods)
	}
	if res, err := v.Resource(); err == nil && res.Get("name").Str() != "" {
		return res.Get("name").Str()
	}
	return string(ods)
}

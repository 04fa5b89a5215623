// Package page is the frame that every page stands in: the NHS header and
// footer, the parts that forms are made of, form reading and error pages.
//
// What comes in: a Frame (who is looking, at which practice) and a page's own
// typed struct. What goes out: HTML that works without script, under a strict
// content security policy. It must never load anything from another host,
// never put unescaped text on a page, and never show the cause of an error.
//
// A screen is a struct, a template file beside it, and one line:
//
//	//go:embed *.html
//	var files embed.FS
//	var askPage = page.New[ask](files, "ask.html")
//	...
//	f := page.Base(r)
//	f.Title = "What do you need help with?"
//	return askPage.Render(w, r, http.StatusOK, f, ask{...})
//
// The template is the inside of <main>; its dot is the struct. parts.go lists
// the functions it may use.
package page

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"sync"

	"heartwood/internal/words"
	assets "heartwood/web"
)

// Link is somewhere to go.
type Link struct {
	Text, Href string
	Lang       words.Lang // of the text, where it is not the page's
	Current    bool       // this is the page we are on
	Count      int        // shown beside the text when not 0
}

// User is the person who is signed in, as the header shows them.
type User struct {
	Name     string
	Role     string // in plain words: "Patient", "Care navigator"
	Practice string
	For      string // the name of the person they act for, "" for themselves
}

// Alert is the banner at the top of a page.
type Alert struct {
	Kind  string // "success" or "info"
	Title string // "Success" or "Important" when empty
	Text  string
}

// Frame is all of a page but its content.
type Frame struct {
	Title    string
	Lang     words.Lang // English when empty
	Langs    []Link     // the other languages that this page can be had in
	Practice string     // the practice's name, beside "Heartwood" in the header
	Home     string     // where the logo leads; "/" when empty
	Section  string     // the Href of the menu's current link
	User     *User
	Nav      []Link
	Account  []Link // beside the user's name
	SignOut  string // where the sign-out button posts; "" for no button
	SignIn   string // where a page that needs somebody signed in sends others; "" shows them why
	Back     *Link  // the back link above the content
	Alert    *Alert
	Form     *Form  // its errors are listed at the top
	Wide     bool   // use the whole width: for staff tables
	Leave    string // the quick way out of the page; "" for none
	Speaks   bool   // the page uses the microphone
	Keep     string // the id of a form whose typed text the tab keeps; "" for none
	Demo     bool   // say that everything here is made up
}

// Menu is the navigation with the current link marked.
func (f Frame) Menu() []Link {
	out := make([]Link, len(f.Nav))
	for i, l := range f.Nav {
		l.Current = l.Current || l.Href == f.Section
		out[i] = l
	}
	return out
}

type frameKey struct{}

// WithBase keeps the frame that pages and error pages of this request start
// from. The middleware of each area of the site calls it.
func WithBase(r *http.Request, f Frame) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), frameKey{}, f))
}

// Base is the frame that this request's pages start from.
func Base(r *http.Request) Frame {
	f, _ := r.Context().Value(frameKey{}).(Frame)
	return f
}

// Template is a page whose content is made from a T.
type Template[T any] struct {
	files   fs.FS
	names   []string // the content, then the parts it uses
	content *template.Template
	others  sync.Map // words.Lang → *template.Template, made when first asked for
}

// New parses a page's template: the first file is the content, others are
// parts it uses. It panics on a mistake, so mistakes stop the program at start.
func New[T any](files fs.FS, content string, parts ...string) *Template[T] {
	t := &Template[T]{files: files, names: append([]string{content}, parts...)}
	t.content = template.Must(parse(words.English, files, t.names))
	var zero T
	mu.Lock()
	registered = append(registered, Registered{Name: content, Template: t.content, Zero: zero, files: files, names: t.names})
	mu.Unlock()
	return t
}

// parse reads a page's files in a language.
func parse(lang words.Lang, files fs.FS, names []string) (*template.Template, error) {
	t := base(lang)
	for _, name := range names {
		source, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		if t, err = t.New(name).Parse(into(lang, string(source))); err != nil {
			return nil, err
		}
	}
	return t.Lookup(names[0]), nil
}

// in is the page in a language. A translation that cannot be parsed never
// keeps anybody from the page: they read it in English.
func (t *Template[T]) in(lang words.Lang) *template.Template {
	if lang == words.English || lang == "" || !lang.Known() {
		return t.content
	}
	if had, ok := t.others.Load(lang); ok {
		return had.(*template.Template) //nolint:forcetypeassert // only these are stored
	}
	made, err := parse(lang, t.files, t.names)
	if err != nil {
		slog.Error("a translation does not parse", "page", t.names[0], "language", lang, "cause", err)
		made = t.content
	}
	t.others.Store(lang, made)
	return made
}

// Registered is a page's template with the zero of what it is made from.
type Registered struct {
	Name     string
	Template *template.Template
	Zero     any
	files    fs.FS
	names    []string
}

// Parse reads the page in a language.
func (r Registered) Parse(lang words.Lang) (*template.Template, error) {
	return parse(lang, r.files, r.names)
}

// English lists what the page says of itself, in pieces as a translator sees
// them.
func (r Registered) English() []string {
	var out []string
	for _, name := range r.names {
		if source, err := fs.ReadFile(r.files, name); err == nil {
			out = append(out, English(string(source))...)
		}
	}
	return out
}

var (
	mu         sync.Mutex
	registered []Registered // protected by mu
)

// All lists every page that has been made, for tests that check their types.
func All() []Registered {
	mu.Lock()
	defer mu.Unlock()
	return append([]Registered(nil), registered...)
}

// Render sends the page. An error means that nothing has been sent.
func (t *Template[T]) Render(w http.ResponseWriter, r *http.Request, status int, f Frame, data T) error {
	var content bytes.Buffer
	if err := t.in(f.Lang).Execute(&content, data); err != nil {
		return fmt.Errorf("page %s: %w", t.content.Name(), err)
	}
	return send(w, r, status, f, template.HTML(content.String())) //nolint:gosec // made by html/template above
}

//go:embed layout.html parts.html fault.html
var own embed.FS

var (
	bundle = assets.Assets()
	layout = func() map[words.Lang]*template.Template {
		out := map[words.Lang]*template.Template{}
		for _, l := range words.Languages() {
			out[l] = template.Must(parse(l, own, []string{"layout.html"}))
		}
		return out
	}()
)

type whole struct {
	Frame
	Style, Script, Icon string
	Content             template.HTML
}

func send(w http.ResponseWriter, r *http.Request, status int, f Frame, content template.HTML) error {
	if layout[f.Lang] == nil {
		f.Lang = words.English
	}
	if f.Home == "" {
		f.Home = "/"
	}
	var b bytes.Buffer
	err := layout[f.Lang].Execute(&b, whole{
		Frame: f, Content: content,
		Style: bundle.URL("heartwood.css"), Script: bundle.URL("heartwood.js"), Icon: bundle.URL("favicon.svg"),
	})
	if err != nil {
		return fmt.Errorf("layout: %w", err)
	}
	h := w.Header()
	Secure(h)
	if f.Speaks {
		h.Set("Permissions-Policy", speaks)
	}
	h.Set("Content-Type", "text/html; charset=utf-8")
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(b.Bytes()) // the reader may have gone
	}
	return nil
}

// Built tells whether the front end is built into this program.
func Built() bool { return bundle.Built() }

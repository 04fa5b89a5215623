package manage

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"

	"heartwood/internal/access"
	"heartwood/internal/care/form"
	"heartwood/internal/care/request"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/words"
)

// formPage is one form as it is being written.
type formPage struct {
	Action, Version string // the version seen
	Form            *page.Form
	Title, About    string
	State           string // what is asked now
	Draft           string // whose draft it is, "" for none
	Done            string
	Questions       []questionRow
	Details         []page.Row
	Kinds, Fors     []page.Option
	Notes           []noteRow
	Blocks, Unsafe  bool
	Changes         []string
	Versions        []formVersion
	Retire          string // the version that can be taken out of use
	Reading         string
	Safety          []page.Option
}

type questionRow struct {
	ID, Text, Hint, Sort string
	Required             bool
	When, PageWhen       string
	Answers              string
	N                    int
	First, Last          bool
	Page                 string // the title of its page, for the first of several
	Together             bool   // it shares its page
	Wrong                []string
}

type noteRow struct{ Level, Where, Href, Text string }

type formVersion struct {
	Version, Since, By, Status string
	Changes                    []string // from the version before
	Bring                      string   // its number, to bring it back
}

var formTemplate = page.New[formPage](files, "form.html")

// editing is a visit to one form.
type editing struct {
	visit
	book form.Book
	form form.Form // the draft, or what it would begin from
	was  form.Form // what is in use, empty for nothing
}

func (m *Manage) editing(r *http.Request) (editing, error) {
	v, err := m.enter(r, access.Manage)
	if err != nil {
		return editing{}, err
	}
	return m.edited(r.Context(), v, r.PathValue("form"))
}

func (m *Manage) edited(ctx context.Context, v visit, key string) (editing, error) {
	b, ok, err := form.FindBook(ctx, v.practice, key)
	if err != nil {
		return editing{}, err
	}
	if !ok {
		return editing{}, fault.New(fault.NotFound, "There is no such form.")
	}
	e := editing{visit: v, book: b, form: b.Newest().Tidy()}
	if k, ok := b.InUse(); ok {
		e.was = k.Form
	}
	return e, nil
}

// seen names what is being looked at: a version of the draft, or what it would
// begin from.
func (e editing) seen() string {
	if e.book.Draft != nil {
		return e.book.Draft.Seen
	}
	return "of " + e.form.Version
}

// draftSeen is the version of the draft that is saved over.
func (e editing) draftSeen() string {
	if e.book.Draft != nil {
		return e.book.Draft.Seen
	}
	return ""
}

func (e editing) path() string { return e.base() + "forms/" + e.book.Key }

// save keeps the draft if it is as the manager saw it.
func (e editing) save(ctx context.Context, seen string, f form.Form) error {
	if seen != e.seen() {
		return form.Stale
	}
	return form.SaveDraft(ctx, e.practice, e.Author(""), e.draftSeen(), f)
}

func (m *Manage) form(w http.ResponseWriter, r *http.Request) error {
	e, err := m.editing(r)
	if err != nil {
		return err
	}
	return m.showForm(w, r, e, nil, http.StatusOK)
}

// formDone says what was done.
var formDone = map[string]string{
	"begun":     "This is a draft. Nobody is asked it until you publish it.",
	"saved":     "Kept in the draft.",
	"published": "Published. Who asks from now on is asked this version.",
	"brought":   "This is a draft made of an earlier version. Publish it to ask it again.",
	"dropped":   "The draft is thrown away.",
	"retired":   "The practice’s own version is no longer asked.",
}

// formDo moves and takes away questions, keeps what stands around them,
// brings back, publishes and throws away.
func (m *Manage) formDo(w http.ResponseWriter, r *http.Request) error {
	v, typed, err := m.posted(w, r, access.Manage, questionnaireLimit)
	if err != nil {
		return err
	}
	e, err := m.edited(r.Context(), v, r.PathValue("form"))
	if err != nil {
		return err
	}
	do, arg, _ := strings.Cut(typed.Value("do"), ":")
	done, err := e.do(r.Context(), do, arg, typed)
	if err == nil && typed.OK() {
		http.Redirect(w, r, e.path()+"?done="+done+"#"+spot(do, arg), http.StatusSeeOther)
		return nil
	}
	status := http.StatusBadRequest
	if err != nil {
		if fault.Is(err, fault.Conflict) {
			status = http.StatusConflict
		}
		if f := fault.From(err); fault.KindOf(err) == fault.Invalid && (f.Where == "agreed" || f.Where == "why") {
			typed.Fail(f.Where, f.Message)
		} else if !unfit(typed, err, "form") {
			return err
		}
		if e, err = m.edited(r.Context(), v, e.book.Key); err != nil {
			return err
		}
	}
	return m.showForm(w, r, e, typed, status)
}

// spot is where on the page somebody goes on.
func spot(do, arg string) string {
	if do == "up" || do == "down" {
		return "q-" + arg
	}
	return "form"
}

func (e editing) do(ctx context.Context, do, arg string, typed *page.Form) (string, error) {
	seen := typed.Value("version")
	switch do {
	case "up", "down":
		return "saved", e.save(ctx, seen, e.form.Moved(arg, map[string]int{"up": -1, "down": 1}[do]))
	case "join":
		return "saved", e.save(ctx, seen, e.form.Joined(arg, e.form.Title))
	case "remove":
		return "saved", e.save(ctx, seen, e.form.Without(arg))
	case "details":
		f := e.details(typed)
		if !typed.OK() {
			return "", nil
		}
		return "saved", e.save(ctx, seen, f)
	case "import":
		f := imported(typed)
		if typed.OK() && f.URL != e.book.URL {
			typed.Fail("json", "This Questionnaire is another form: its address (url) is "+f.URL+".")
		}
		if !typed.OK() {
			return "", nil
		}
		return "saved", e.save(ctx, seen, f.Tidy())
	case "bring":
		f, ok := e.book.Version(arg)
		if !ok {
			return "", fault.New(fault.NotFound, "There is no such version.")
		}
		return "brought", e.save(ctx, seen, f.Tidy())
	case "drop":
		return "dropped", form.DropDraft(ctx, e.practice, e.Author(""), e.book, seen)
	case "retire":
		return "retired", form.Retire(ctx, e.practice, e.Author(""), e.book, arg)
	case "publish":
		_, err := form.Publish(ctx, e.practice, e.Author(""), e.book, seen, guard(),
			form.Agreed{Yes: typed.Has("agreed", "yes"), Why: typed.Text("why", 300)})
		return "published", err
	}
	return "", fault.New(fault.Invalid, "Choose what to do.")
}

// details is the form with what stands around its questions.
func (e editing) details(typed *page.Form) form.Form {
	f := e.form
	f.Title, f.Intro = said(typed, "title", 200), said(typed, "intro", 1000)
	if len(f.Title) == 0 {
		typed.Fail("title", "Give the form a title")
	}
	f.Kind, f.For = typed.Choice("kind", "Choose what the form is about", kindOptions()), forOf(typed)
	f.BSL, f.Easy = typed.Text("bsl", 300), typed.Text("easy", 300)
	return f
}

func (m *Manage) showForm(w http.ResponseWriter, r *http.Request, e editing, typed *page.Form, status int) error {
	name, err := m.namer(r.Context(), e.visit)
	if err != nil {
		return err
	}
	f := e.form
	p := formPage{
		Action: e.path(), Version: e.seen(), Form: e.filled(typed), Title: f.Title["en"],
		About: request.Kind(f.Kind).Label() + ", for " + forWords[f.For], Done: formDone[r.URL.Query().Get("done")],
		Kinds: kindOptions(), Fors: forOptions(), State: e.state(name),
		Safety: []page.Option{{Value: "yes", Text: "I know that these rules will see less"}},
	}
	if d := e.book.Draft; d != nil {
		p.Draft = "Draft, last written at by " + name(d.By) + ", " + words.Stamp(d.Since)
		p.Changes = form.Differ(e.was, f)
	}
	if k, ok := e.book.InUse(); ok && k.Seen != "" {
		p.Retire = k.Seen
	}
	notes := form.Lint(f, e.was, guard())
	p.Blocks, p.Unsafe = form.Blocks(notes), len(form.Unsafe(notes)) > 0
	p.Notes = e.noteRows(notes)
	p.Questions = e.rows(notes)
	p.Versions = e.versions(name)
	if r := f.Reading(); r.Words > 0 {
		p.Reading = words.English.Plural(r.Words, "%d word", "%d words") + ", for people aged " + ageWords(r.Age()) + " and older"
	}
	frame := m.frame(r, e.visit, cmp.Or(f.Title["en"], "A form"), "forms")
	frame.Back, frame.Form = &page.Link{Text: "Forms", Href: e.base() + "forms"}, typed
	return formTemplate.Render(w, r, status, frame, p)
}

// filled is what was typed, else the details as they are.
func (e editing) filled(typed *page.Form) *page.Form {
	f := e.form
	out := page.NewForm(map[string]string{
		"title": f.Title["en"], "title-cy": f.Title["cy"], "intro": f.Intro["en"], "intro-cy": f.Intro["cy"],
		"kind": f.Kind, "for": cmp.Or(f.For, "everybody"), "bsl": f.BSL, "easy": f.Easy,
	})
	if typed == nil {
		return out
	}
	for k, v := range typed.Values {
		out.Values[k] = v
	}
	out.Errors = typed.Errors
	return out
}

func (e editing) state(name func(string) string) string {
	k, ok := e.book.InUse()
	switch {
	case !ok:
		return "It is not asked."
	case k.Seen == "":
		return "Version " + k.Version + ", as it is shipped, is asked."
	}
	return "Version " + k.Version + " is asked, since " + day(k.Since) + ", published by " + name(k.By) + "."
}

func (e editing) noteRows(notes []form.Note) []noteRow {
	var out []noteRow
	for _, n := range notes {
		row := noteRow{Text: n.Text, Level: [...]string{form.Stops: "Must be mended", form.Safety: "Safety", form.Warns: "Better"}[n.Level]}
		if a, ok := e.form.Ask(n.Where); ok {
			row.Where, row.Href = a.Text["en"], e.path()+"/question/"+a.ID
		}
		out = append(out, row)
	}
	return out
}

func (e editing) rows(notes []form.Note) []questionRow {
	var out []questionRow
	n := 0
	for i, p := range e.form.Pages {
		for k, a := range p.Asks {
			n++
			row := questionRow{
				ID: a.ID, Text: a.Text["en"], Hint: a.Hint["en"], Sort: form.Sorts[a.Type], Required: a.Required, N: n,
				When: e.form.SayRule(a.When), First: n == 1, Together: len(p.Asks) > 1,
				Last: i == len(e.form.Pages)-1 && k == len(p.Asks)-1,
			}
			if k == 0 {
				row.PageWhen = e.form.SayRule(p.When)
				if len(p.Asks) > 1 {
					row.Page = p.Title["en"]
				}
			}
			for _, o := range a.Options {
				row.Answers = strings.TrimPrefix(row.Answers+" · "+o.Label["en"], " · ")
			}
			for _, x := range notes {
				if x.Where == a.ID && x.Level == form.Stops {
					row.Wrong = append(row.Wrong, x.Text)
				}
			}
			out = append(out, row)
		}
	}
	return out
}

// versions are those there have been, newest first, each with what it changed.
func (e editing) versions(name func(string) string) []formVersion {
	var out []formVersion
	all := slices.Clone(e.book.Versions)
	if e.book.Shipped != nil {
		all = append(all, form.Kept{Form: *e.book.Shipped})
	}
	inUse, _ := e.book.InUse()
	for i, k := range all {
		v := formVersion{Version: k.Version, Since: day(k.Since), By: name(k.By), Bring: k.Version, Status: "not asked any more"}
		if k.Seen == "" {
			v.By, v.Status = "shipped with Heartwood", "stands behind the practice’s own"
		}
		if k.Version == inUse.Version && k.Seen == inUse.Seen {
			v.Status = "in use"
		}
		if i+1 < len(all) {
			v.Changes = form.Differ(all[i+1].Form, k.Form)
		}
		out = append(out, v)
	}
	return out
}

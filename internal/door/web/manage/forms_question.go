package manage

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"heartwood/internal/access"
	"heartwood/internal/care/form"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
)

// questionPage is the form of one question.
type questionPage struct {
	Action, Version, Title, After string
	Form                          *page.Form
	New                           bool
	Types, Required, Behaviours   []page.Option
	Conditions                    []conditionRow
	Earlier                       []page.Option
	Answers                       []answerRow
	Rules                         []string // that rest on it
	Changed                       string   // somebody else wrote at the draft meanwhile
}

// conditionRow names the field of one condition.
type conditionRow struct{ Name, Label string }

// answerRow names the fields of one answer.
type answerRow struct {
	N, Row                             int
	Code, Label, Hint, LabelCy, HintCy string
	Value                              string // its code
	Up, Down                           bool   // whether there is an answer to change places with
	Moved                              string // "up" or "down" when that was pressed, and is where one goes on
}

var questionTemplate = page.New[questionPage](files, "form_question.html")

const newQuestion = "new"

func (m *Manage) question(w http.ResponseWriter, r *http.Request) error {
	e, err := m.editing(r)
	if err != nil {
		return err
	}
	id := r.PathValue("question")
	a, ok := e.form.Ask(id)
	if !ok && id != newQuestion {
		return fault.New(fault.NotFound, "There is no such question in this form.")
	}
	return m.showQuestion(w, r, e, id, questionFilled(a), "", http.StatusOK)
}

// questionDo puts a question into the draft. What was typed stays on the page
// when it cannot be.
func (m *Manage) questionDo(w http.ResponseWriter, r *http.Request) error {
	v, typed, err := m.posted(w, r, access.Manage, 0)
	if err != nil {
		return err
	}
	e, err := m.edited(r.Context(), v, r.PathValue("form"))
	if err != nil {
		return err
	}
	id := r.PathValue("question")
	if typed.Value("do") == "more" { // more room for answers and conditions
		return m.showQuestion(w, r, e, id, typed, "", http.StatusOK)
	}
	if do, row, ok := strings.Cut(typed.Value("do"), ":"); ok {
		typed.Set("do", moveAnswer(typed, do, row))
		return m.showQuestion(w, r, e, id, typed, "", http.StatusOK)
	}
	a := e.questionOf(typed, id)
	if typed.OK() {
		after, same := typed.Value("after"), typed.Has("same", "yes")
		err = e.save(r.Context(), typed.Value("version"), e.form.With(a, after, same))
		if err == nil {
			http.Redirect(w, r, e.path()+"?done=saved#q-"+a.ID, http.StatusSeeOther)
			return nil
		}
	}
	switch {
	case fault.Is(err, fault.Conflict):
		typed.Set("version", e.seen())
		return m.showQuestion(w, r, e, id, typed, "Somebody else has changed this form since you opened it. What you typed is still here: look at theirs, then keep yours.", http.StatusConflict)
	case err != nil && !unfit(typed, err, "text"):
		return err
	}
	return m.showQuestion(w, r, e, id, typed, "", http.StatusBadRequest)
}

func (m *Manage) showQuestion(w http.ResponseWriter, r *http.Request, e editing, id string, typed *page.Form, changed string, status int) error {
	p := questionPage{
		Action: e.path() + "/question/" + id, Version: cmp.Or(typed.Value("version"), e.seen()), Form: typed, New: id == newQuestion,
		Title: "A new question", After: cmp.Or(typed.Value("after"), r.URL.Query().Get("after")), Changed: changed,
		Required:   []page.Option{{Value: "yes", Text: "It must be answered"}},
		Behaviours: []page.Option{{Value: "any", Text: "If any of these is so"}, {Value: "all", Text: "If all of these are so"}},
	}
	for _, t := range form.Types {
		p.Types = append(p.Types, page.Option{Value: string(t), Text: upper(form.Sorts[t])})
	}
	if a, ok := e.form.Ask(id); ok {
		p.Title, p.Rules = "Change a question", e.restOn(a)
	}
	p.Earlier = e.earlier(id, p.After, typed)
	more := typed.Value("do") == "more"
	for i := range room(typed, "when-", 2, more) {
		p.Conditions = append(p.Conditions, conditionRow{fmt.Sprint("when-", i), fmt.Sprint("Only if (", i+1, ")")})
	}
	for i := range room(typed, "label-", 3, more) {
		p.Answers = append(p.Answers, answerAt(typed, i))
	}
	f := m.frame(r, e.visit, p.Title, "forms")
	f.Back, f.Form = &page.Link{Text: "Back to the form", Href: e.path()}, typed
	return questionTemplate.Render(w, r, status, f, p)
}

// room is how many fields of a name are shown: those filled in, and some more.
func room(typed *page.Form, name string, spare int, more bool) int {
	last := 0
	for i := range 60 {
		if typed.Value(name+strconv.Itoa(i)) != "" {
			last = i + 1
		}
	}
	if more {
		spare *= 3
	}
	return min(last+spare, 60)
}

// restOn names the rules that look at a question.
func (e editing) restOn(a form.Ask) []string {
	var out []string
	for _, r := range guard().Relies {
		if r.Ask == a.ID && !slices.Contains(out, r.Rule) {
			out = append(out, r.Rule)
		}
	}
	return out
}

// earlier are the conditions that a question can have: the answers to what is
// asked before it, and those that it has already.
func (e editing) earlier(id, after string, typed *page.Form) []page.Option {
	out := []page.Option{{Value: "", Text: "–"}}
	add := func(c form.Condition) {
		o := page.Option{Value: conditionLine(c), Text: e.form.Say(c)}
		if !slices.Contains(out, o) {
			out = append(out, o)
		}
	}
	before := e.form.Before(id)
	if id == newQuestion && after != "" {
		before = e.form.Before(after)
		if a, ok := e.form.Ask(after); ok {
			before = append(before, a)
		}
	}
	for _, a := range before {
		switch a.Type {
		case form.Boolean:
			add(form.Condition{Ask: a.ID, Op: "=", Answer: "true"})
			add(form.Condition{Ask: a.ID, Op: "=", Answer: "false"})
		case form.Choice, form.Several:
			for _, o := range a.Options {
				add(form.Condition{Ask: a.ID, Op: "=", Answer: o.Code})
			}
		case form.Display:
		default:
			add(form.Condition{Ask: a.ID, Op: "exists", Answer: "true"})
		}
	}
	for i := range 60 {
		if c, ok := readCondition(typed.Value(fmt.Sprint("when-", i))); ok {
			add(c)
		}
	}
	return out
}

func conditionLine(c form.Condition) string { return c.Ask + " " + c.Op + " " + c.Answer }

// readCondition reads a condition as it is written: "weight >= 100".
func readCondition(s string) (form.Condition, bool) {
	ask, rest, _ := strings.Cut(strings.TrimSpace(s), " ")
	op, answer, ok := strings.Cut(strings.TrimSpace(rest), " ")
	return form.Condition{Ask: ask, Op: op, Answer: strings.TrimSpace(answer)}, ok && ask != ""
}

// questionFilled is a question as the form shows it.
func questionFilled(a form.Ask) *page.Form {
	f := page.NewForm(map[string]string{
		"text": a.Text["en"], "text-cy": a.Text["cy"], "hint": a.Hint["en"], "hint-cy": a.Hint["cy"],
		"type": cmp.Or(string(a.Type), string(form.Text)), "any": "any",
	})
	if a.Required {
		f.Set("required", "yes")
	}
	if a.When.All {
		f.Set("any", "all")
	}
	for name, n := range map[string]int{"min": a.Min, "max": a.Max} {
		if n != 0 {
			f.Set(name, strconv.Itoa(n))
		}
	}
	for i, c := range a.When.Conditions {
		f.Set(fmt.Sprint("when-", i), conditionLine(c))
	}
	for i, o := range a.Options {
		n := strconv.Itoa(i)
		f.Set("code-"+n, o.Code)
		f.Set("label-"+n, o.Label["en"])
		f.Set("label-cy-"+n, o.Label["cy"])
		f.Set("hint-"+n, o.Hint["en"])
		f.Set("hint-cy-"+n, o.Hint["cy"])
	}
	return f
}

// questionOf reads the form of a question. Its id is kept, or made of its
// words.
func (e editing) questionOf(typed *page.Form, id string) form.Ask {
	a := form.Ask{ID: id, Text: said(typed, "text", 1000), Hint: said(typed, "hint", 1000), Required: typed.Has("required", "yes")}
	if len(a.Text) == 0 {
		typed.Fail("text", "Write the question")
	}
	for _, t := range form.Types {
		if typed.Value("type") == string(t) {
			a.Type = t
		}
	}
	if a.Type == "" {
		typed.Fail("type", "Choose what sort of answer it takes")
	}
	for name, to := range map[string]*int{"min": &a.Min, "max": &a.Max} {
		if s := typed.Text(name, 6); s != "" {
			n, err := strconv.Atoi(s)
			if err != nil || n < 0 {
				typed.Fail(name, "Enter a number, such as 100")
			}
			*to = n
		}
	}
	a.When = ruleOf(typed)
	a.Options = optionsOf(typed)
	if choice := a.Type == form.Choice || a.Type == form.Several; choice && len(a.Options) == 0 {
		typed.Fail("label-0", "Write the answers to choose from")
	} else if !choice {
		a.Options = nil
	}
	if id == newQuestion {
		a.ID = e.form.Free(cmp.Or(typed.Text("id", 40), a.Text["en"]))
	}
	return a
}

func ruleOf(typed *page.Form) form.Rule {
	r := form.Rule{}
	lines := []string{typed.Value("when-more")}
	for i := 59; i >= 0; i-- {
		lines = append([]string{typed.Value(fmt.Sprint("when-", i))}, lines...)
	}
	for _, s := range lines {
		if strings.TrimSpace(s) == "" {
			continue
		}
		c, ok := readCondition(s)
		if !ok || !slices.Contains(form.Ops, c.Op) {
			typed.Fail("when-more", "Write a condition as the name of a question, a comparison and an answer, such as: weight >= 100")
			continue
		}
		r.Conditions = append(r.Conditions, c)
	}
	r.All = len(r.Conditions) > 1 && typed.Value("any") == "all"
	return r
}

// answerParts are the fields of an answer, before its number.
var answerParts = []string{"code-", "label-", "hint-", "label-cy-", "hint-cy-"}

// answerAt is a row of the answers.
func answerAt(typed *page.Form, i int) answerRow {
	n := strconv.Itoa(i)
	row := answerRow{
		N: i + 1, Row: i, Code: "code-" + n, Label: "label-" + n, Hint: "hint-" + n, LabelCy: "label-cy-" + n, HintCy: "hint-cy-" + n,
		Value: typed.Value("code-" + n),
	}
	if typed.Value(row.Label) != "" {
		row.Up, row.Down = beside(typed, i, -1) >= 0, beside(typed, i, 1) >= 0
	}
	if do, at, ok := strings.Cut(typed.Value("do"), " "); ok && at == n {
		row.Moved = do
		if do == "up" && !row.Up || do == "down" && !row.Down { // it is first or last now
			row.Moved = map[string]string{"up": "down", "down": "up"}[do]
		}
	}
	return row
}

// beside is the next answer that is filled in, up (-1) or down (1); -1 for none.
func beside(typed *page.Form, i, step int) int {
	for j := i + step; j >= 0 && j < 60; j += step {
		if typed.Value("label-"+strconv.Itoa(j)) != "" {
			return j
		}
	}
	return -1
}

// moveAnswer has an answer and its neighbour change places on the page; nothing
// is kept until that is asked for. It says what moved, and where it is now.
func moveAnswer(typed *page.Form, do, row string) string {
	i, err := strconv.Atoi(row)
	step := map[string]int{"up": -1, "down": 1}[do]
	if err != nil || i < 0 || i >= 60 || step == 0 {
		return ""
	}
	j := beside(typed, i, step)
	if j < 0 {
		return ""
	}
	for _, part := range answerParts {
		a, b := part+strconv.Itoa(i), part+strconv.Itoa(j)
		was := typed.Value(a)
		typed.Set(a, typed.Value(b))
		typed.Set(b, was)
	}
	return do + " " + strconv.Itoa(j)
}

// optionsOf are the answers in their order; each keeps its code, and a new one
// gets a code of its own.
func optionsOf(typed *page.Form) []form.Option {
	var all []form.Option
	used := map[string]bool{}
	for i := range 60 {
		n := strconv.Itoa(i)
		o := form.Option{Code: typed.Text("code-"+n, 60), Label: both(typed, "label-", n), Hint: both(typed, "hint-", n)}
		if len(o.Label) == 0 {
			continue
		}
		used[o.Code] = true
		all = append(all, o)
	}
	for i := range all {
		if all[i].Code == "" {
			all[i].Code = free(all[i].Label["en"], used)
		}
	}
	return all
}

// free is a code of some words that is not used yet.
func free(text string, used map[string]bool) string {
	code := form.Form{}.Free(text)
	for n := 2; used[code]; n++ {
		code = form.Form{}.Free(text) + "-" + strconv.Itoa(n)
	}
	used[code] = true
	return code
}

// both is a text in English and Welsh, of the fields with a number.
func both(typed *page.Form, name, n string) form.Words {
	en, cy := typed.Text(name+n, 1000), typed.Text(name+"cy-"+n, 1000)
	if strings.ContainsAny(en+cy, "<>") {
		typed.Fail(name+n, "Write plain words, without < or >")
	}
	switch {
	case en == "":
		return nil
	case cy == "":
		return form.Words{"en": en}
	}
	return form.Words{"en": en, "cy": cy}
}

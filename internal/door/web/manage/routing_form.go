package manage

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"heartwood/internal/care/routing"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
)

// The choices of a rule, in the order of the page.
var (
	ruleKinds = []page.Option{
		{Value: "new-problem", Text: "New problems"},
		{Value: "existing-problem", Text: "Problems they have had before"},
		{Value: "medicine", Text: "Medicines"},
		{Value: "test-result", Text: "Test results"},
		{Value: "fit-note", Text: "Fit notes"},
		{Value: "admin", Text: "Paperwork"},
	}
	ruleUrgencies = []page.Option{
		{Value: "routine", Text: "Routine"}, {Value: "urgent", Text: "Urgent"}, {Value: "asap", Text: "Very urgent"}, {Value: "stat", Text: "Emergency"},
	}
	ruleRaises  = []page.Option{{Value: "", Text: "As it is"}, {Value: "urgent", Text: "At least urgent"}, {Value: "asap", Text: "At least very urgent"}}
	ruleWithins = []page.Option{
		{Value: "", Text: "The usual time"},
		{Value: "60", Text: "1 opening hour"},
		{Value: "120", Text: "2 opening hours"},
		{Value: "240", Text: "4 opening hours"},
		{Value: "630", Text: "One opening day"},
	}
)

// editOf is the form of one rule as it was typed.
func editOf(form *page.Form, staff routing.Staff) routingEdit {
	e := routingEdit{
		Kinds: ruleKinds, Urgencies: ruleUrgencies, Raises: ruleRaises, Withins: ruleWithins,
		Targets:    []page.Option{{Value: "", Text: "Choose who gets them"}, {Value: routing.Usual, Text: "Their usual clinician"}},
		Clinicians: []page.Option{{Value: "", Text: "Anybody"}},
		Title:      "Add a rule",
	}
	if e.At, _ = strconv.Atoi(form.Value("at")); e.At > 0 {
		e.Title = fmt.Sprintf("Change rule %d", e.At)
	}
	jobs := map[string]bool{}
	for _, t := range staff.Teams {
		e.Targets = append(e.Targets, page.Option{Value: t.Ref, Text: t.Name})
	}
	for _, p := range staff.People {
		if p.Job != "" && !jobs[p.Job] {
			jobs[p.Job] = true
			e.Targets = append(e.Targets, page.Option{Value: routing.RolePrefix + p.Job, Text: "Any " + p.Job + " who is in"})
		}
	}
	for _, p := range staff.People {
		e.Targets = append(e.Targets, page.Option{Value: p.Ref, Text: join(p.Name, p.Job)})
		e.Clinicians = append(e.Clinicians, page.Option{Value: p.Ref, Text: p.Name})
	}
	return e
}

func join(a, b string) string {
	if b == "" {
		return a
	}
	return a + ", " + b
}

// fillRule puts a rule into the form.
func fillRule(form *page.Form, r routing.Rule, n int) {
	form.Values["kinds"], form.Values["urgencies"] = r.Kinds, r.Priorities
	form.Set("at", strconv.Itoa(n))
	form.Set("words", strings.Join(r.Words, ", "))
	form.Set("conditions", strings.Join(r.Conditions, ", "))
	form.Set("languages", strings.Join(r.Languages, ", "))
	form.Set("to", r.Target)
	form.Set("clinician", r.Clinician)
	form.Set("raise", r.Raise)
	for name, v := range map[string]string{"age-from": "", "age-to": "", "time-from": "", "time-to": "", "within": ""} {
		form.Set(name, v)
	}
	if r.From != 0 || r.To != 0 {
		form.Set("age-from", strconv.Itoa(r.From))
		if r.To < 130 {
			form.Set("age-to", strconv.Itoa(r.To))
		}
	}
	if r.Begin != 0 || r.End != 0 {
		form.Set("time-from", hour(r.Begin))
		form.Set("time-to", hour(r.End))
	}
	if r.Within > 0 {
		form.Set("within", strconv.Itoa(int(r.Within/time.Minute)))
	}
}

// putRule reads the form of a rule into the draft; what is wrong is beside
// its field.
func putRule(form *page.Form, draft *routing.Setting) {
	r := routing.Rule{
		Kinds: form.Choices("kinds", ruleKinds), Priorities: form.Choices("urgencies", ruleUrgencies),
		Words: parts(form.Text("words", 1000)), Conditions: parts(form.Text("conditions", 1000)), Languages: parts(form.Text("languages", 200)),
		Target: form.Text("to", 100), Clinician: form.Text("clinician", 100), Raise: form.Text("raise", 10),
	}
	for _, name := range []string{"words", "conditions", "languages"} {
		if strings.ContainsAny(form.Value(name), ";=|") {
			form.Fail(name, "Write plain words with commas between them")
		}
	}
	if r.Target == "" {
		form.Fail("to", "Choose who gets these requests")
	}
	r.From, r.To = ages(form)
	r.Begin, r.End = dayTimes(form)
	if minutes, err := strconv.Atoi(form.Text("within", 5)); err == nil {
		r.Within = time.Duration(minutes) * time.Minute
	}
	if !form.OK() {
		return
	}
	r, err := routing.ParseRule(r.Line())
	if err != nil {
		where := map[string]string{"words": "words", "condition": "conditions", "language": "languages", "age": "age-from", "time": "time-from"}[fault.From(err).Where]
		if where == "" {
			where = "to"
		}
		form.Fail(where, "This cannot be used: write plain words with commas between them")
		return
	}
	at, _ := strconv.Atoi(form.Value("at"))
	if at >= 1 && at <= len(draft.Rules) {
		draft.Rules[at-1] = r
	} else {
		draft.Rules = append(draft.Rules, r)
	}
	for _, name := range []string{"kinds", "urgencies", "at", "words", "conditions", "languages", "to", "clinician", "raise", "age-from", "age-to", "time-from", "time-to", "within"} {
		form.Values.Del(name)
	}
}

func parts(s string) []string {
	var out []string
	for p := range strings.SplitSeq(s, ",") {
		if p = strings.TrimSpace(p); p != "" && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

func ages(form *page.Form) (from, to int) {
	a, b := form.Text("age-from", 3), form.Text("age-to", 3)
	if a == "" && b == "" {
		return 0, 0
	}
	to = 130
	var err, err2 error
	if a != "" {
		from, err = strconv.Atoi(a)
	}
	if b != "" {
		to, err2 = strconv.Atoi(b)
	}
	if err != nil || err2 != nil || from < 0 || to < max(1, from) || to > 130 {
		form.Fail("age-from", "Write ages in whole years, the lower one first")
	}
	return from, to
}

// dayTimes reads from which time of day to which.
func dayTimes(form *page.Form) (from, to int) {
	a, b := form.Text("time-from", 5), form.Text("time-to", 5)
	if a == "" && b == "" {
		return 0, 0
	}
	x, err := time.Parse("15:04", a)
	y, err2 := time.Parse("15:04", b)
	from, to = x.Hour()*60+x.Minute(), y.Hour()*60+y.Minute()
	if err != nil || err2 != nil || from >= to {
		form.Fail("time-from", "Write times such as 08:00 and 12:30, the earlier one first")
		return 0, 0
	}
	return from, to
}

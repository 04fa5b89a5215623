package manage

import (
	"net/url"
	"strings"
	"testing"

	"heartwood/internal/care/routing"
	"heartwood/internal/door/web/page"
)

func typedForm(values string) *page.Form {
	v, err := url.ParseQuery(values)
	if err != nil {
		panic(err)
	}
	f := page.NewForm(nil)
	f.Values = v
	return f
}

func TestPutRule(t *testing.T) {
	for _, c := range []struct{ form, want, fails string }{
		{"kinds=medicine&words=dosette,+blister+pack&age-from=65&to=CareTeam/p&within=120", "kind=medicine; words=dosette|blister pack; age=65-; to=CareTeam/p; within=120", ""},
		{"time-from=08:00&time-to=12:30&to=usual&raise=urgent", "time=480-750; to=usual; raise=urgent", ""},
		{"age-to=4&to=role:GP", "age=0-4; to=role:GP", ""},
		{"kinds=medicine", "", "to"},
		{"to=usual&age-from=9&age-to=4", "", "age-from"},
		{"to=usual&time-from=8", "", "time-from"},
		{"to=usual&words=%3B", "", "words"},
		{"to=Patient/x", "", "to"},
	} {
		f := typedForm(c.form)
		var s routing.Setting
		putRule(f, &s)
		switch {
		case c.fails != "":
			if f.Error(c.fails) == "" || len(s.Rules) != 0 {
				t.Errorf("%s: taken, or blamed elsewhere: %v", c.form, f.Errors)
			}
		case len(s.Rules) != 1 || s.Rules[0].Line() != c.want:
			t.Errorf("%s: %+v, %v", c.form, s.Rules, f.Errors)
		default: // and what was put can be changed
			g := typedForm("")
			fillRule(g, s.Rules[0], 1)
			putRule(g, &s)
			if len(s.Rules) != 1 || s.Rules[0].Line() != c.want {
				t.Errorf("changed to %+v, %v", s.Rules, g.Errors)
			}
		}
	}
}

func TestDraft(t *testing.T) {
	d := draftOf(typedForm("draft=" + url.QueryEscape("kind=medicine; to=usual\n\nkind=admin; to=CareTeam/a\n")))
	d.move("up", 1)
	d.move("down", 5)
	if len(d.Rules) != 2 || d.Rules[0].Target != "CareTeam/a" {
		t.Errorf("%+v", d.Rules)
	}
	saved := draftOf(typedForm("draft=" + url.QueryEscape("kind=medicine; to=usual\nkind=admin; to=CareTeam/a")))
	if got := diff(saved.Setting, d.Setting, routing.Staff{}); len(got) != 1 || !strings.Contains(got[0], "another order") {
		t.Error(got)
	}
	d.move("remove", 0)
	if got := diff(saved.Setting, d.Setting, routing.Staff{}); len(got) != 1 || !strings.HasPrefix(got[0], "Taken away: paperwork") {
		t.Error(got)
	}
	bad := typedForm("draft=nonsense")
	draftOf(bad)
	if bad.OK() {
		t.Error("nonsense is taken")
	}
}

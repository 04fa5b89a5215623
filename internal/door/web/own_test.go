package web_test

import (
	"context"
	"strings"
	"testing"

	"heartwood/internal/care"
	"heartwood/internal/care/online"
	"heartwood/internal/hazard"
	"heartwood/internal/record"
)

// What a practice says in its own words is read on its front page and before a
// form is begun, in the page's language where it has it, never as markup, and
// never instead of what to do in an emergency.
func TestAPracticesOwnWords(t *testing.T) {
	hazard.Covers(t, "H-002")
	y := open(t)
	ctx := context.Background()
	s, err := online.Load(ctx, y.practice)
	if err != nil {
		t.Fatal(err)
	}
	s.Welcome, s.WelcomeCy, s.Notice = "Flu clinics <b>now</b>", "Clinigau ffliw", "Read on weekdays"
	if err := online.Save(ctx, y.practice, record.Author{Ref: "Practitioner/m", Role: care.RoleManager}, s); err != nil {
		t.Fatal(err)
	}
	front := strings.TrimSuffix(ask, "ask")
	for _, who := range []string{"", "ann"} {
		b := y.browser(who)
		for path, want := range map[string]string{front: "Flu clinics &lt;b&gt;now&lt;/b&gt;", ask: "Read on weekdays"} {
			if at := b.get(path); !strings.Contains(at.body, want) || who == "" && !strings.Contains(at.body, "999") {
				t.Errorf("%q at %s, answered %d, without %q", who, path, at.status, want)
			}
		}
		b.get("/language/cy")
		if at := b.get(front); !strings.Contains(at.body, "<p>Clinigau ffliw</p>") {
			t.Errorf("%q: not in Welsh", who)
		}
		if at := b.get(ask); !strings.Contains(at.body, `<p lang="en">Read on weekdays</p>`) {
			t.Errorf("%q: English words are not said to be English", who)
		}
	}
}

package manage_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
)

func TestOpeningHours(t *testing.T) {
	open := office(t) // Tuesday 3 March 2026, 11am
	const at = "/manage/Z99901/opening"
	code, body := open("manager", at)
	if code != 200 || !strings.Contains(text(body), "core hours of the GP contract hold") || !strings.Contains(text(body), "Routine by Wednesday 4 March, 6:30pm") {
		t.Fatalf("answered %d: %s", code, text(body))
	}
	form := url.Values{"mon-from-0": {"08:00"}, "mon-to-0": {"18:30"}, "tue-from-0": {"08:00"}, "tue-to-0": {"12:30"}, "tue-from-1": {"14:00"}, "tue-to-1": {"20:00"}}
	send := func(do string, more ...string) (int, string) {
		v := url.Values{"do": {do}}
		for k, x := range form {
			v[k] = x
		}
		for i := 0; i+1 < len(more); i += 2 {
			v.Set(more[i], more[i+1])
		}
		return open("manager", at+" "+v.Encode())
	}
	for want, bad := range map[string][]string{
		"Enter when Monday opens and closes":       {"mon-to-0", ""},
		"Tuesday opens again before it has closed": {"tue-from-1", "12:00"},
		"Monday must close after it opens":         {"mon-to-0", "07:00"},
		"Write each closure on a line of its own":  {"closures", "Christmas"},
		"Write each closed day as a real date":     {"closures", "2026-02-30 Training"},
	} {
		for _, do := range []string{"preview", "save"} {
			if code, body := send(do, bad...); code != 400 || !strings.Contains(text(body), want) || strings.Contains(text(body), "Saved") {
				t.Errorf("%s answered %d: %s", want, code, text(body))
			}
		}
	}
	code, body = send("preview", "closures", "2026-03-04 Training")
	if code != 200 || !strings.Contains(text(body), "Urgent by Tuesday 3 March, 8pm") || !strings.Contains(text(body), "Routine by Monday 9 March, 6:30pm") {
		t.Errorf("a preview answered %d: %s", code, text(body))
	}
	if _, body = open("manager", at); !strings.Contains(text(body), "core hours") {
		t.Error("a preview was kept")
	}
	code, body = send("save", "closures", "2026-03-04 Training\n2026-04-01 to 2026-04-02 Moving", "holidays", "open")
	if code != 200 || !strings.Contains(text(body), "Saved.") || !strings.Contains(body, "2026-04-01 to 2026-04-02 Moving") || !strings.Contains(body, `value="14:00"`) || !strings.Contains(body, "checked") {
		t.Fatalf("saving answered %d: %s", code, text(body))
	}
	if code, body = send("save"); code != 409 || !strings.Contains(text(body), "Somebody else has changed the opening hours") {
		t.Errorf("an old form answered %d: %s", code, text(body))
	}
	_, body = open("manager", at)
	version := regexp.MustCompile(`name="version" value="([^"]+)"`).FindStringSubmatch(body)
	if version == nil {
		t.Fatal("the page has no version")
	}
	if code, body = send("save", "version", version[1]); code != 200 || strings.Contains(body, "2026-04-01") {
		t.Errorf("saving again answered %d: %s", code, text(body))
	}
	for as, want := range map[string]int{"navigator": 403, "elsewhere": 403, "": 401} {
		for _, path := range []string{at, at + " do=save"} {
			if code, _ := open(as, path); code != want {
				t.Errorf("%s as %q answered %d, not %d", path, as, code, want)
			}
		}
	}
}

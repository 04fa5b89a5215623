package manage_test

import (
	"strings"
	"testing"
)

// What a manager sets about patients online is checked, kept, and not
// overwritten by a form that is stale.
func TestOnline(t *testing.T) {
	open := office(t)
	const at = "/manage/Z99901/online"
	code, body := open("manager", at)
	if code != 200 || !strings.Contains(body, `name="ask" type="text" value="11"`) {
		t.Fatalf("answered %d: %s", code, text(body))
	}
	good := "ask=12&stop=16&ask-ends=yes&exit=https://www.bbc.co.uk/weather&welcome=Flu+clinics&notice-cy=Helo"
	for form, want := range map[string]string{
		strings.Replace(good, "ask=12", "ask=3", 1):               "Enter an age from 5 to 15",
		strings.Replace(good, "stop=16", "stop=x", 1):             "Enter an age from 12 to 18",
		strings.Replace(good, "https://www", "http://w", 1):       "begins with https://",
		strings.Replace(good, "yes", "maybe", 1):                  "Choose what happens",
		strings.Replace(good, "Flu", strings.Repeat("x", 600), 1): "Use 600 characters or fewer",
		good + "&version=c.99":                                    "Somebody else has changed this",
	} {
		if code, body := open("manager", at+" "+form); code != statusOf(want) || !strings.Contains(text(body), want) {
			t.Errorf("%s answered %d: %s", form, code, text(body))
		}
	}
	if code, body = open("manager", at+" "+good); code != 200 || !strings.Contains(text(body), "Saved.") || !strings.Contains(body, `value="12"`) || !strings.Contains(body, "Flu clinics</textarea>") || !strings.Contains(body, "Helo</textarea>") {
		t.Fatalf("answered %d: %s", code, text(body))
	}
	if code, _ = open("navigator", at); code != 403 {
		t.Errorf("a navigator is answered %d", code)
	}
}

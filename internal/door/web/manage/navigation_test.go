package manage_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// The way from ask to answer is on one page, and the rules of who gets what
// can be switched off for a reason, and on again; the red flags cannot.
func TestNavigation(t *testing.T) {
	open := office(t)
	const rules, flow = "/manage/Z99901/routing", "/manage/Z99901/navigation"
	post := func(values ...string) (int, string) {
		t.Helper()
		form := url.Values{}
		for i := 0; i < len(values); i += 2 {
			form.Set(values[i], values[i+1])
		}
		return open("manager", rules+" "+form.Encode())
	}
	if code, body := post("do", "off", "why", "They send too much"); code != 400 || !strings.Contains(text(body), "no rules to switch off") {
		t.Fatalf("without rules: %d %s", code, text(body))
	}
	if code, body := post("do", "save", "draft", "kind=fit-note; to=usual"); code != 200 || !strings.Contains(text(body), "Saved.") {
		t.Fatalf("saving answered %d: %s", code, text(body))
	}
	seen := func() string {
		t.Helper()
		_, body := open("manager", rules)
		m := regexp.MustCompile(`name="version" value="([^"]+)"`).FindStringSubmatch(body)
		if m == nil {
			t.Fatal("the page has no version")
		}
		return m[1]
	}
	row := func() string {
		t.Helper()
		_, body := open("manager", flow)
		_, rest, ok := strings.Cut(text(body), "By kind")
		if !ok || !strings.Contains(text(body), "cannot be switched off") {
			t.Fatalf("the page shows %s", text(body))
		}
		return rest
	}
	if said := row(); !strings.Contains(said, "Rule 1: fit notes") {
		t.Errorf("the rule is not shown: %s", said)
	}
	first := seen()
	for want, form := range map[string][]string{
		"Say why":            {"do", "off", "version", first},
		"Somebody else has":  {"do", "off", "version", "c.99", "why", "They send too much"},
		"Use 200 characters": {"do", "off", "version", first, "why", strings.Repeat("x", 201)},
	} {
		if code, body := post(form...); code != statusOf(want) || !strings.Contains(text(body), want) || strings.Contains(row(), "switched off") {
			t.Errorf("%s: answered %d: %s", want, code, text(body))
		}
	}
	if code, body := post("do", "off", "version", first, "why", "They send <b>too much</b>"); code != 200 || !strings.Contains(body, "They send &lt;b&gt;too much") {
		t.Fatalf("switching off answered %d: %s", code, text(body))
	}
	if _, body := open("manager", flow); !strings.Contains(text(body), "are switched off") || strings.Contains(text(body), "Rule 1:") {
		t.Errorf("the page still shows them: %s", text(body))
	}
	// Rules that are saved meanwhile stay off, and are there when they are on again.
	if code, _ := post("do", "save", "version", seen(), "draft", "kind=fit-note,admin; to=usual"); code != 200 {
		t.Fatalf("saving while off answered %d", code)
	}
	if _, body := open("manager", flow); !strings.Contains(text(body), "are switched off") {
		t.Error("saving rules switched them on")
	}
	if code, body := post("do", "on", "version", seen()); code != 200 || !strings.Contains(text(body), "switched on") || !strings.Contains(row(), "Rule 1:") {
		t.Errorf("switching on answered %d: %s", code, text(body))
	}
}

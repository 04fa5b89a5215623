package manage_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// A manager tries a stricter clock on what is open, then keeps it; a form that
// is stale or wrong keeps what was chosen.
func TestClocks(t *testing.T) {
	open := office(t) // Tuesday 3 March 2026, 11am, 2 letters open
	const at = "/manage/Z99901/clocks"
	code, body := open("manager", at)
	if code != 200 || !strings.Contains(text(body), "2 requests are open. None would be due sooner") {
		t.Fatalf("answered %d: %s", code, text(body))
	}
	send := func(do string, more ...string) (int, string) {
		v := url.Values{"do": {do}, "what-0": {"kind:admin"}, "due-0": {"120"}}
		for i := 0; i+1 < len(more); i += 2 {
			v.Set(more[i], more[i+1])
		}
		return open("manager", at+" "+v.Encode())
	}
	code, body = send("try")
	if said := text(body); code != 200 || !strings.Contains(said, "not yet saved") || strings.Count(said, "today at 1pm") != 2 || strings.Contains(body, "Ann") {
		t.Fatalf("trying answered %d: %s", code, said)
	}
	if _, body = open("manager", at); strings.Contains(text(body), "today at 1pm") {
		t.Error("a trial was kept")
	}
	for want, bad := range map[string][]string{
		"has two rules":                 {"what-1", "kind:admin", "due-1", "0"},
		"Choose what is answered":       {"what-0", "kind:gossip"},
		"Enter the minutes of opening":  {"due-0", "soon"},
		"Somebody else has changed thi": {"version", "c.99"},
	} {
		if code, body := send("save", bad...); code != statusOf(want) || !strings.Contains(text(body), want) || strings.Contains(text(body), "Saved.") {
			t.Errorf("%s: answered %d: %s", want, code, text(body))
		}
	}
	if code, body = send("save"); code != 200 || !strings.Contains(text(body), "Saved.") {
		t.Fatalf("saving answered %d: %s", code, text(body))
	}
	version := regexp.MustCompile(`name="version" value="([^"]+)"`).FindStringSubmatch(body)
	if code, body = send("save", "version", version[1], "what-0", ""); code != 200 || !strings.Contains(text(body), "None would be due sooner") {
		t.Errorf("taking it away answered %d: %s", code, text(body))
	}
	if code, _ = open("navigator", at); code != 403 {
		t.Errorf("a navigator is answered %d", code)
	}
}

// statusOf is the status of a page that refuses with such words.
func statusOf(refusal string) int {
	if strings.HasPrefix(refusal, "Somebody else") {
		return http.StatusConflict
	}
	return http.StatusBadRequest
}

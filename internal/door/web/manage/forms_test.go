package manage_test

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"heartwood/internal/hazard"
)

var (
	seenField    = regexp.MustCompile(`name="version" value="([^"]*)"`)
	carriedField = regexp.MustCompile(`name="carried" value="([^"]*)"`)
)

// A manager adds a question to a form, walks it, publishes it, and goes back;
// who looked at an older version is told and keeps what they typed.
func TestWritingAForm(t *testing.T) {
	hazard.Covers(t, "H-011")
	open := office(t)
	const at = "/manage/Z99901/forms/admin"
	get := func(path string) string {
		code, body := open("manager", path)
		if code != 200 {
			t.Fatalf("%s answered %d: %s", path, code, text(body))
		}
		return body
	}
	seen := func() string { return html.UnescapeString(seenField.FindStringSubmatch(get(at))[1]) }
	post := func(path string, want int, pairs ...string) string {
		t.Helper()
		v := url.Values{}
		for i := 0; i+1 < len(pairs); i += 2 {
			v.Add(pairs[i], pairs[i+1])
		}
		code, body := open("manager", path+" "+v.Encode())
		if code != want {
			t.Fatalf("%s %v answered %d, not %d: %s", path, pairs, code, want, text(body))
		}
		return body
	}
	holds := func(body string, wants ...string) {
		t.Helper()
		for _, want := range wants {
			if !strings.Contains(html.UnescapeString(text(body)), want) {
				t.Errorf("%q is not in: %s", want, html.UnescapeString(text(body)))
			}
		}
	}
	holds(get("/manage/Z99901/forms"), "A letter, form or something else", "shipped")
	first := seen()
	question := at + "/question/new"
	add := []string{"text", "Is it about school?", "type", "choice", "version", first, "label-1", "No", "after", "what", "do", "save", "label-0"}
	holds(post(question, 400, append(add, "<b>")...), "Write plain words")
	// The answers change places on the page; nothing is kept until that is asked for.
	swapped := post(question, 200, "text", "x", "type", "choice", "version", first, "label-0", "Yes", "code-0", "y", "hint-cy-0", "Ie", "label-2", "No", "do", "down:0")
	for _, want := range []string{`id="label-0" name="label-0" type="text" value="No"`, `id="label-2" name="label-2" type="text" value="Yes"`, `name="code-2" value="y"`, `value="up:2" autofocus`} {
		if !strings.Contains(swapped, want) {
			t.Errorf("an answer moved down: %s is not in %s", want, swapped)
		}
	}
	if seen() != first {
		t.Error("moving an answer kept something")
	}
	post(question, 200, "text", "x", "type", "choice", "version", first, "label-0", "Yes", "do", "up:0")
	holds(post(question, 200, append(add, "Yes, school")...), "Kept in the draft", "Is it about school?", "Yes, school · No", "New question: “Is it about school?”")
	holds(post(question, 409, "text", "Typed by another", "type", "string", "version", first, "do", "save"), "What you typed is still here", "Typed by another")
	holds(post(question, 200, "text", "Which school?", "type", "string", "when-0", "is-it-about-school = yes-school", "after", "is-it-about-school", "id", "school", "version", seen(), "do", "save"), "Asked only if “Is it about school?” is “Yes, school”")
	holds(post(at, 409, "do", "up:school", "version", first), "Somebody else has changed this form")
	holds(post(at, 200, "do", "up:school", "version", seen()), "Must be mended", "not asked before it", "It cannot be published yet")
	post(at, 400, "do", "publish", "version", seen())
	post(at, 200, "do", "down:school", "version", seen())

	// Walked: the question comes up when its condition holds; nothing is kept.
	walk := at + "/preview"
	holds(get(walk), "This is what patients see")
	body := post(walk, 422, "at", "words", "shown", "what", "what", "")
	holds(body, "Write an answer")
	body = post(walk, 200, "at", "words", "shown", "what", "what", "A letter please")
	holds(body, "Is it about school?")
	carried := func(body string) string { return html.UnescapeString(carriedField.FindStringSubmatch(body)[1]) }
	here := regexp.MustCompile(`name="at" value="([^"]*)"`).FindStringSubmatch(body)[1]
	body = post(walk, 200, "at", here, "shown", "is-it-about-school", "is-it-about-school", "yes-school", "carried", carried(body))
	holds(body, "Which school?", "Back to the page before")

	holds(post(at, 200, "do", "publish", "version", seen()), "Published.", "Version 1.1 is asked", "published by a member of staff")
	holds(post(at, 409, "do", "publish", "version", seen()), "Somebody else")
	holds(post(at, 200, "do", "bring:1", "version", seen()), "made of an earlier version", "Taken away: “Is it about school?”")
	holds(post(at, 200, "do", "drop", "version", seen()), "thrown away")
	if body := get(at + "/questionnaire.json?version=1.1"); !strings.Contains(body, `"is-it-about-school"`) || !strings.Contains(body, `"enableWhen"`) {
		t.Error("the Questionnaire that is taken out lacks the question")
	} else {
		holds(post(at, 200, "do", "import", "json", body, "version", seen()), "Kept in the draft")
	}
	holds(post(at, 400, "do", "import", "json", `{"resourceType":"Patient"}`, "version", seen()), "not a Questionnaire")
	holds(post(at, 400, "do", "import", "json", `{"resourceType":"Questionnaire","status":"draft","url":"https://x.example/y","title":"x"}`, "version", seen()), "another form")
	retire := regexp.MustCompile(`value="(retire:[^"]+)"`).FindStringSubmatch(get(at))
	holds(post(at, 200, "do", retire[1], "version", seen()), "no longer asked", "as it is shipped, is asked")
}

// A question that a red-flag rule relies on goes only knowingly, with a reason.
func TestFormsThatRulesRelyOn(t *testing.T) {
	hazard.Covers(t, "H-011")
	open := office(t)
	const at = "/manage/Z99901/forms/problem-child"
	_, body := open("manager", at)
	version := func() string {
		_, body := open("manager", at)
		return url.QueryEscape(html.UnescapeString(seenField.FindStringSubmatch(body)[1]))
	}
	if !strings.Contains(body, `value="remove:temperature"`) {
		t.Fatal("the child's form does not ask about the temperature")
	}
	_, body = open("manager", at+" do=remove:temperature&version="+version())
	if !strings.Contains(text(body), "The red-flag rule") || !strings.Contains(text(body), "I know that these rules will see less") {
		t.Fatalf("nothing is said of the rules: %s", text(body))
	}
	for form, want := range map[string]int{"do=publish": 400, "do=publish&agreed=yes": 400} {
		if code, body := open("manager", at+" "+form+"&version="+version()); code != want {
			t.Errorf("%s answered %d: %s", form, code, text(body))
		}
	}
	if code, body := open("manager", at+" do=publish&agreed=yes&why=Asked+at+the+desk&version="+version()); code != 200 || !strings.Contains(text(body), "Published.") {
		t.Errorf("answered %d: %s", code, text(body))
	}
}

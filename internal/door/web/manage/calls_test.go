package manage_test

import (
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// valuesOf is what the form of a page would send as it is.
func valuesOf(t *testing.T, body string) url.Values {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(body))
	must(t, err)
	out := url.Values{}
	for n := range doc.Descendants() {
		at := map[string]string{}
		for _, a := range n.Attr {
			at[a.Key] = a.Val
		}
		switch {
		case n.Data == "input" && at["name"] != "":
			out.Set(at["name"], at["value"])
		case n.Data == "textarea" && n.FirstChild != nil:
			out.Set(at["name"], n.FirstChild.Data)
		case n.Data == "select":
			for o := range n.Descendants() {
				for _, a := range o.Attr {
					if a.Key == "selected" {
						out.Set(at["name"], o.Attr[0].Val)
					}
				}
			}
		}
	}
	return out
}

// What a manager sets about the telephone is checked with every fault at its
// field, kept in versions, drawn, and tried without a call.
func TestCalls(t *testing.T) {
	hazard.Covers(t, "H-044")
	open, p := officeOf(t)
	w, err := record.Prepare(ident.Ref{Type: "CareTeam", ID: "triage"}, []byte(`{"resourceType":"CareTeam","id":"triage","status":"active","name":"Triage team","participant":[{"member":{"reference":"Practitioner/gp"}}]}`))
	must(t, err)
	_, err = p.Commit(t.Context(), record.Change{Author: record.System, Reason: "test", Writes: []record.Write{w}})
	must(t, err)
	const at = "/manage/Z99901/calls"
	code, body := open("manager", at)
	if code != 200 || !strings.Contains(body, "<svg") || !strings.Contains(text(body), "This is the plan that every practice begins with") || strings.Contains(body, "style=") {
		t.Fatalf("answered %d: %s", code, text(body))
	}
	for query, want := range map[string]string{
		"?open=yes":            "For a new problem, press 1.",
		"?open=yes&keys=2":     "The caller waits in the queue.",
		"?open=yes&keys=s.s.s": "The caller waits in the queue.",
		"?open=yes&keys=x":     "Sorry, that is not one of the options.",
		"?open=no":             "We are shut now.",
	} {
		if code, body := open("manager", at+query); code != 200 || !strings.Contains(text(body), want) {
			t.Errorf("%s answered %d: %s", query, code, text(body))
		}
	}
	good := valuesOf(t, body)
	good.Set("numbers[0].e164", "020 7946 0123")
	good.Set("numbers[0].label", "Main line")
	for field, bad := range map[string][2]string{
		"numbers[0].e164": {"0844 555 0100", "A practice cannot use 084"},
		"nodes[2].next":   {"shut", "the caller must come to a person"},
		"nodes[1].next":   {"", "Choose where the call goes on"},
		"queues[0].team":  {"", "Choose a team"},
		"prompts[0].says": {"", "Write what is said"},
		"queues[0].every": {"often", "20 seconds to 5 minutes"},
		"nodes[2].keys":   {"1 gone Away", "Choose where the call goes on"},
		"version":         {"c.99", "Somebody else has changed the plan"},
		"start":           {"nowhere", "Choose the step at which a call begins"},
	} {
		form := url.Values{}
		for k, v := range good {
			form[k] = v
		}
		form.Set(field, bad[0])
		if code, body := open("manager", at+" "+form.Encode()); code != statusOf(bad[1]) || !strings.Contains(text(body), bad[1]) {
			t.Errorf("%s answered %d: %s", field, code, text(body))
		}
	}
	if code, body = open("manager", at+" "+good.Encode()); code != 200 || !strings.Contains(text(body), "Saved.") || !strings.Contains(body, "020 7946 0123") {
		t.Fatalf("answered %d: %s", code, text(body))
	}
	again := valuesOf(t, body)
	again.Set("prompts[0].says", "Welcome to us.")
	if code, body = open("manager", at+" "+again.Encode()); code != 200 || !strings.Contains(text(body), "Prompt welcome: says") || !strings.Contains(body, "<ins>Welcome to us.</ins>") {
		t.Errorf("answered %d: %s", code, text(body))
	}
	if code, _ = open("navigator", at); code != 403 {
		t.Errorf("a navigator is answered %d", code)
	}
}

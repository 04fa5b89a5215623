package chaos_test

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"heartwood/internal/care"
)

// all gives every resource that a search finds, page by page.
func all(t *testing.T, a *api, url string) []json.RawMessage {
	t.Helper()
	var out []json.RawMessage
	for url != "" {
		got, err := a.send(context.Background(), http.MethodGet, url, "", "")
		if err != nil || got.status != http.StatusOK {
			t.Fatalf("%s: %d %s (%v)", url, got.status, got.body, err)
		}
		var b struct {
			Link  []struct{ Relation, URL string }
			Entry []struct{ Resource json.RawMessage }
		}
		if err := json.Unmarshal(got.body, &b); err != nil {
			t.Fatal(err)
		}
		for _, e := range b.Entry {
			out = append(out, e.Resource)
		}
		url = ""
		for _, l := range b.Link {
			if l.Relation == "next" {
				url = l.URL
			}
		}
	}
	return out
}

var words = regexp.MustCompile(`chaos-\d+-\d+ please send me a form`)

// hold holds what clients were told against what the record says.
func hold(t *testing.T, a *api, base string, told *told) (requests int) {
	t.Helper()
	reference, forms := map[string]int{}, map[string]int{}
	for _, raw := range all(t, a, base+"/Task?code="+care.TaskCode+"%7Crequest&_count=200") {
		var task struct{ GroupIdentifier struct{ Value string } }
		if err := json.Unmarshal(raw, &task); err != nil {
			t.Fatal(err)
		}
		reference[task.GroupIdentifier.Value]++
		requests++
	}
	for _, raw := range all(t, a, base+"/QuestionnaireResponse?_count=200") {
		if what := words.Find(raw); what != nil {
			forms[string(what)]++
		}
	}
	for what, ref := range told.receipts {
		if reference[ref] != 1 || forms[what] != 1 {
			t.Errorf("%s was told the reference %s: the ledger has %d of it, and %d of the form", what, ref, reference[ref], forms[what])
		}
	}
	for what, n := range forms {
		if n > 1 || told.receipts[what] == "" {
			t.Errorf("%s is in the ledger %d times, with the receipt %q", what, n, told.receipts[what])
		}
	}
	holdCreated(t, a, base, told)
	return requests
}

func holdCreated(t *testing.T, a *api, base string, told *told) {
	t.Helper()
	have, sent := map[string]json.RawMessage{}, map[string]int{}
	for _, raw := range all(t, a, base+"/Basic?identifier=urn:chaos%7C&_count=200") {
		var b struct {
			ID         string
			Identifier []struct{ Value string }
		}
		if err := json.Unmarshal(raw, &b); err != nil {
			t.Fatal(err)
		}
		have["Basic/"+b.ID] = raw
		sent[b.Identifier[0].Value]++
	}
	for at, body := range told.created {
		if !same(have[at], body) {
			t.Errorf("%s was acknowledged and is now %q", at, have[at])
		}
	}
	for value, n := range sent {
		if n > 1 {
			t.Errorf("%s was created %d times", value, n)
		}
	}
	if len(have) != len(told.created) {
		t.Errorf("%d resources are there, %d were acknowledged", len(have), len(told.created))
	}
}

// sound verifies and reconciles what is in a folder that no server holds.
func sound(t *testing.T, args ...string) {
	t.Helper()
	if out := must(t, append([]string{"verify"}, args...)...); !strings.HasPrefix(out, "sound") {
		t.Fatalf("verify says %s", out)
	}
}

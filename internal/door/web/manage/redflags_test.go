package manage_test

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"heartwood/internal/care"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

const ownRule = `[[rule]]
id = "LR-001"
title = "Smelter"
level = "urgent"
catches = "Fume fever."
source = "Our own."
hazard = "H-002"
any = ["smelter .. metal taste"]
catch = ["smelter and a metal taste", "the smelter gave me a metal taste"]
pass = ["smelter fit note"]`

func TestRedFlagsHere(t *testing.T) {
	open := office(t)
	const at = "/manage/Z99901/red-flags"
	code, body := open("manager", at)
	if code != 200 || !strings.Contains(body, `value="14"`) {
		t.Fatalf("answered %d: %s", code, text(body))
	}
	send := func(do, days, own, version string) (int, string) {
		return open("manager", at+" "+url.Values{"do": {do}, "days": {days}, "own": {own}, "version": {version}}.Encode())
	}
	for want, bad := range map[string][2]string{
		"Enter a number of days from 3 to 60":      {"0", ""},
		"own rules: LR-001: source: it is missing": {"14", strings.Replace(ownRule, `source = "Our own."`, "", 1)},
		"it does not find":                         {"14", strings.Replace(ownRule, "smelter and a metal taste", "a taste", 1)},
	} {
		for _, do := range []string{"try", "save"} {
			if code, body := send(do, bad[0], bad[1], ""); code != 400 || !strings.Contains(text(body), want) {
				t.Errorf("%s: answered %d: %s", want, code, text(body))
			}
		}
	}
	if code, body = send("try", "14", ownRule, ""); code != 200 || !strings.Contains(text(body), "LR-001 Smelter") || !strings.Contains(text(body), "Nothing has been saved") {
		t.Errorf("a trial answered %d: %s", code, text(body))
	}
	if code, body = send("save", "21", ownRule, ""); code != 200 || !strings.Contains(text(body), "Saved.") || !strings.Contains(body, `value="21"`) {
		t.Fatalf("saving answered %d: %s", code, text(body))
	}
	if code, body = send("save", "30", ownRule, ""); code != 409 || !strings.Contains(body, `value="30"`) {
		t.Errorf("saving over what is gone answered %d: %s", code, text(body))
	}
	_, body = open("manager", "/manage/Z99901/rules")
	if !strings.Contains(text(body), "LR-001 Smelter") || regexp.MustCompile(`<meter[^>]*value="0"[^>]*>0 %</meter> 0 % of 0`).MatchString(body) {
		t.Errorf("the list of rules: %.300s", text(body))
	}
}

// A rule of its own that no longer compiles is named with why, on the page of
// the rules, on the manager's first page and in the list of rules, until it is
// set right.
func TestABrokenRuleIsSaid(t *testing.T) {
	hazard.Covers(t, "H-039")
	open, practice := officeOf(t)
	other := strings.ReplaceAll(ownRule, "LR-001", "LR-002")
	rules := strings.Replace(ownRule, "any = [", `any = ["{gone}", `, 1) + "\n" + other
	body := `{"resourceType":"Basic","id":"red-flags","extension":[{"url":"` + care.Base + `StructureDefinition/red-flags-own","valueString":` + strconv.Quote(rules) + `}]}`
	at := ident.Ref{Type: "Basic", ID: "red-flags"}
	w, err := record.Prepare(at, []byte(body))
	must(t, err)
	_, err = practice.Commit(t.Context(), record.Change{Author: record.Author{Ref: "Device/x"}, Reason: "test", Writes: []record.Write{w}})
	must(t, err)
	v, err := practice.Read(t.Context(), at)
	must(t, err)
	for path, says := range map[string]string{
		"":          "not in force: LR-001.",
		"rules":     "not in force: LR-001.",
		"red-flags": "A rule of your own is not in force.",
	} {
		code, body := open("manager", "/manage/Z99901/"+path)
		if code != 200 || !strings.Contains(text(body), says) {
			t.Errorf("%s answered %d: %.600s", path, code, text(body))
		}
		if path == "red-flags" && !strings.Contains(text(body), "there is no set {gone}") {
			t.Errorf("it does not say why: %.600s", text(body))
		}
	}
	open("manager", "/manage/Z99901/red-flags "+url.Values{"do": {"save"}, "days": {"14"}, "own": {ownRule}, "version": {v.ID}}.Encode())
	if _, body := open("manager", "/manage/Z99901/"); strings.Contains(text(body), "not in force") {
		t.Errorf("it is said when it has been set right: %.600s", text(body))
	}
}

package app_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// rule says what the packages of one room may import of the project.
type rule struct {
	room string   // a path below internal/, and all below it
	may  []string // rooms
	why  string
}

var ground = []string{"fault", "ident", "fhir", "words", "atomicfile"}

// rules hold the directions of ARCHITECTURE.md. The first that fits counts.
var rules = []rule{
	{"fault", nil, "everything speaks of faults, so faults speak of nothing"},
	{"atomicfile", nil, "writing a file whole knows bytes only"},
	{"ident", []string{"fault"}, "the ground floor imports only what lies below it"},
	{"words", []string{"fault", "ident"}, "the ground floor imports only what lies below it"},
	{"fhir", []string{"fault", "ident"}, "the ground floor imports only what lies below it"},
	{"record/index", []string{"fault", "ident", "fhir"}, "an index follows the log; it does not know it"},
	{"record/pack", nil, "packing knows bytes only"},
	{"record", append([]string{"record"}, ground...), "the record knows nobody who uses it"},
	{"feed", append([]string{"record"}, ground...), "followers know the record and nobody downstream"},
	{"access", append([]string{"record"}, ground...), "who may do what rests on the record alone"},
	{"care", append([]string{"record", "care"}, ground...), "deciding knows no door, no view and no channel; what it needs from a view it declares itself"},
	{"view", append([]string{"record", "feed", "care", "view"}, ground...), "a view is rebuilt from the record; it shares the words of care, and knows no door"},
	{"assure", append([]string{"record", "access", "care", "view", "network", "assure"}, ground...), "proofs and returns are made from what was recorded, by the same figures that pages show; they know no door"},
	{"channel", append([]string{"record", "feed"}, ground...), "what goes out was recorded first"},
	{"call/media", ground, "sound knows packets and clocks; who speaks with whom is decided by those who use it"},
	{"network", append([]string{"record"}, ground...), "organisations are resources like any other"},
	{"call/prompts", nil, "prompts are words and sounds, and know nobody"},
	{"call/room", append([]string{"call/media/g711"}, ground...), "browsers' media know no record and no decision: who may talk to whom is decided before they come"},
	{"demo", ground, "the demo population comes in as a stream of resources, like any other import"},
	{"hazard", nil, "a test helper"},
	{"bench", ground, "the benchmark is a client: it drives any FHIR server"},
	{"call/carrier", append([]string{"call/sip"}, ground...), "the demonstration's carrier reads numbers as the line does, and knows nothing else of it"},
	{"call/sip", ground, "a telephone line knows no call's meaning; media and rooms are wired to it by the exchange"},
	{"call/exchange", append([]string{"call", "access", "care", "view", "record"}, ground...), "the exchange carries out what care decides, with lines and sound; it knows no page"},
	{"door/web/phone", append([]string{"door/web", "call/exchange", "access", "care", "view", "record"}, ground...), "the telephone's page shows what the exchange has, and does nothing by itself"},
	{"door/web", append([]string{"door/web", "access", "assure", "care", "view", "record"}, ground...), "doors use care, views and the record, and do not know each other"},
	{"door/post", append([]string{"access", "care", "channel", "record"}, ground...), "receipts come back through a door: it knows how those who send speak"},
	{"door", append([]string{"door", "access", "care", "view", "record", "network"}, ground...), "doors use care, views and the record, and do not know the wiring"},
}

const internal = "heartwood/internal/"

func within(pkg, room string) bool { return pkg == room || strings.HasPrefix(pkg, room+"/") }

func TestImportsPointOneWay(t *testing.T) {
	type pkg struct {
		ImportPath string
		Imports    []string
	}
	out, err := exec.Command("go", "list", "-e", "-json=ImportPath,Imports", "heartwood/internal/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	seen := 0
	for {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(p.ImportPath, internal)
		if within(name, "app") {
			continue // app wires: it knows everyone
		}
		seen++
		i := slices.IndexFunc(rules, func(r rule) bool { return within(name, r.room) })
		if i < 0 {
			t.Errorf("%s has no rule: add its room to this test and to ARCHITECTURE.md", name)
			continue
		}
		for _, imp := range p.Imports {
			to, ours := strings.CutPrefix(imp, internal)
			if !ours || to == "record/recordtest" || to == "record/memory" || to == "hazard" {
				continue
			}
			ok := slices.ContainsFunc(rules[i].may, func(room string) bool { return within(to, room) })
			if !ok && !within(to, rules[i].room) {
				t.Errorf("%s imports %s: %s", name, to, rules[i].why)
			}
		}
	}
	if seen < 10 {
		t.Fatalf("only %d packages were looked at", seen)
	}
}

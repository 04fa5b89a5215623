package fhir_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"heartwood/internal/fhir"
)

func mustResource(t testing.TB, src string) *fhir.Resource {
	t.Helper()
	r, err := fhir.ParseResource([]byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// show prints a value as name=what was found.
func show(v fhir.Value) string {
	switch v.Param.Kind {
	case fhir.ParamDate:
		return fmt.Sprintf("%s=%d..%d", v.Param.Name, v.Low, v.High)
	case fhir.ParamNumber:
		return fmt.Sprintf("%s=%g", v.Param.Name, v.Num)
	case fhir.ParamQuantity:
		return fmt.Sprintf("%s=%g|%s|%s", v.Param.Name, v.Num, v.System, v.Code)
	case fhir.ParamToken:
		return v.Param.Name + "=" + v.System + "|" + v.Code
	}
	if v.Logical {
		return v.Param.Name + ":identifier=" + v.System + "|" + v.Code
	}
	return v.Param.Name + "=" + v.Code
}

func TestExtract(t *testing.T) {
	for _, c := range []struct {
		name, src string
		want, not []string
	}{
		{
			"patient", `{"resourceType":"Patient","id":"p1","meta":{"tag":[{"system":"s","code":"c"}],"profile":["http://p|2"]},
			"identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000018"}],"active":true,
			"name":[{"family":"Ó Briain","given":["Ann","Mary"],"text":"Ann"}],"gender":"female","birthDate":"1970-01-02",
			"telecom":[{"system":"phone","value":"01632"},{"system":"email","value":"a@example.org"}],
			"address":[{"line":["1 High St"],"postalCode":"ZZ1 1ZZ","use":"home"}],
			"generalPractitioner":[{"reference":"Practitioner/g/_history/3"},{"identifier":{"system":"ods","value":"X99999"}}],
			"managingOrganization":{"reference":"https://other.example/Organization/1"}}`,
			[]string{
				"_id=|p1", "_tag=s|c", "_profile=http://p|2", "_profile=http://p", "identifier=https://fhir.nhs.uk/Id/nhs-number|9990000018",
				"active=|true", "family=Ó Briain", "name=Ó Briain", "name=Mary", "given=Ann", "gender=|female",
				"birthdate=86400000..172800000", "phone=|01632", "email=|a@example.org", "telecom=|01632", "address=1 High St",
				"address-postalcode=ZZ1 1ZZ", "address-use=|home", "general-practitioner=Practitioner/g",
				"general-practitioner:identifier=ods|X99999", "organization=https://other.example/Organization/1", "deceased=|false",
			},
			[]string{"phone=|a@example.org", "email=|01632", "deceased=|true"},
		},
		{
			"deceased", `{"resourceType":"Patient","deceasedDateTime":"2020"}`,
			[]string{"deceased=|true", "death-date=1577836800000..1609459200000"},
			[]string{"deceased=|false"},
		},
		{
			"observation", `{"resourceType":"Observation","status":"final","subject":{"reference":"Patient/p"},
			"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}],"text":"Systolic"},
			"effectiveDateTime":"1970-01-01T00:00:01Z","valueQuantity":{"value":120.5,"unit":"mmHg","system":"u","code":"mm[Hg]"},
			"component":[{"code":{"coding":[{"code":"c2"}]},"valueQuantity":{"value":1,"unit":"x"}}]}`,
			[]string{
				"status=|final", "patient=Patient/p", "subject=Patient/p", "code=http://loinc.org|8480-6", "combo-code=|c2",
				"date=1000..2000", "value-quantity=120.5|u|mm[Hg]", "combo-value-quantity=1||x", "component-code=|c2",
			},
			nil,
		},
		{
			"not a patient", `{"resourceType":"Observation","subject":{"reference":"Group/g"}}`,
			[]string{"subject=Group/g"},
			[]string{"patient=Group/g"},
		},
		{
			"contained patient", `{"resourceType":"Task","contained":[{"resourceType":"Patient","id":"x"}],"for":{"reference":"#x"}}`,
			nil,
			[]string{"subject=#x"},
		},
		{
			"open period", `{"resourceType":"Encounter","period":{"start":"1970"}}`,
			[]string{fmt.Sprintf("date=0..%d", math.MaxInt64)},
			nil,
		},
		{
			"task", `{"resourceType":"Task","for":{"reference":"Patient/p"},"owner":{"reference":"CareTeam/triage"},
			"code":{"coding":[{"system":"t","code":"request"}]},"groupIdentifier":{"value":"ABC"},"focus":{"reference":"urn:uuid:1"},
			"businessStatus":{"coding":[{"code":"waiting"}]},"authoredOn":"1970-01-01"}`,
			[]string{
				"patient=Patient/p", "owner=CareTeam/triage", "code=t|request", "group-identifier=|ABC", "focus=urn:uuid:1",
				"business-status=|waiting", "authored-on=0..86400000",
			},
			nil,
		},
		{
			"depends on", `{"resourceType":"Measure","relatedArtifact":[{"type":"depends-on","resource":"http://a"},{"type":"successor","resource":"http://b"}]}`,
			[]string{"depends-on=http://a", "successor=http://b"},
			[]string{"depends-on=http://b"},
		},
		{
			"first entry", `{"resourceType":"Bundle","type":"document","entry":[{"resource":{"resourceType":"Composition","id":"a"}},{"resource":{"resourceType":"Patient","id":"b"}}]}`,
			[]string{"composition=Composition/a"},
			[]string{"composition=Patient/b", "message=Composition/a"},
		},
		{"plan name", `{"resourceType":"InsurancePlan","name":"A","alias":["B"]}`, []string{"name=A", "name=B"}, nil},
		{
			"wrong types", `{"resourceType":"Patient","name":"x","gender":3,"birthDate":"1970-02-31","telecom":[[{}],null]}`,
			[]string{"deceased=|false"},
			nil,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := map[string]bool{}
			var all []string
			for _, v := range fhir.Extract(mustResource(t, c.src)) {
				got[show(v)] = true
				all = append(all, show(v))
			}
			for _, w := range c.want {
				if !got[w] {
					t.Errorf("no %s in\n%s", w, strings.Join(all, "\n"))
				}
			}
			for _, w := range c.not {
				if got[w] {
					t.Errorf("there is %s", w)
				}
			}
		})
	}
}

// What a search cannot use, and why. Anything else must compile.
func TestUnsupportedParams(t *testing.T) {
	seen := map[uint16]bool{}
	for _, typ := range fhir.Types() {
		for _, p := range fhir.Params(typ) {
			if seen[p.ID] || p.ID == 0 {
				t.Fatalf("%s.%s: ID %d is not its own", typ, p.Name, p.ID)
			}
			seen[p.ID] = true
			if fhir.Param(typ, p.Name) != p {
				t.Errorf("Param(%s, %s) is another", typ, p.Name)
			}
			switch {
			case p.Kind == fhir.ParamComposite, p.Kind == fhir.ParamSpecial:
			case p.Name == "_text", p.Name == "_content", p.Name == "_query": // full text and named queries
			case p.Why != "":
				t.Errorf("%s.%s: %s", typ, p.Name, p.Why)
			}
		}
	}
	if len(fhir.Types()) != 146 && len(fhir.Types()) != 147 {
		t.Errorf("%d types", len(fhir.Types()))
	}
	if fhir.IsType("_Account") || fhir.IsType("DomainResource") || !fhir.IsType("Task") {
		t.Error("IsType is wrong")
	}
	if got := fhir.Param("Patient", "gender").Implied; len(got) != 1 || got[0] != "http://hl7.org/fhir/administrative-gender" {
		t.Errorf("a gender implies %v", got)
	}
	if fhir.Param("Patient", "nonsense") != nil || fhir.Param("Nonsense", "_id") != nil {
		t.Error("an unknown parameter is not nil")
	}
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"  Siân  O'Brien-Łukasz ": "sian obrien lukasz", "Zoe\u0308": "zoe", "STRASSE Straße": "strasse strasse", "": "", "--": "", "Ærø 12/3": "aero 12 3", "李": "李",
	} {
		if got := fhir.Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

package fhir_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"heartwood/internal/fhir"
)

func TestValidateRefuses(t *testing.T) {
	for _, c := range []struct{ name, src, where, says string }{
		{"unknown element", `{"resourceType":"Patient","colour":"red"}`, "Patient.colour", "no such element"},
		{"unknown inside", `{"resourceType":"Patient","name":[{"surname":"x"}]}`, "Patient.name[0].surname", "no such element"},
		{"resourceType inside", `{"resourceType":"Patient","name":[{"resourceType":"x"}]}`, "Patient.name[0].resourceType", "no such element"},
		{"one for many", `{"resourceType":"Patient","name":{"family":"x"}}`, "Patient.name", "must be an array"},
		{"many for one", `{"resourceType":"Patient","gender":["male"]}`, "Patient.gender", "single value"},
		{"wrong JSON type", `{"resourceType":"Patient","active":"true"}`, "Patient.active", "true or false"},
		{"number for text", `{"resourceType":"Patient","name":[{"family":1}]}`, "Patient.name[0].family", "must be a string"},
		{"text for object", `{"resourceType":"Patient","name":["x"]}`, "Patient.name[0]", "must be an object"},
		{"impossible day", `{"resourceType":"Patient","birthDate":"2026-02-30"}`, "Patient.birthDate", "real day"},
		{"time in a date", `{"resourceType":"Patient","birthDate":"2026-02-03T10:00:00Z"}`, "Patient.birthDate", "real day"},
		{"no zone", `{"resourceType":"Patient","deceasedDateTime":"2026-02-03T10:00:00"}`, "Patient.deceasedDateTime", "zone"},
		{"no seconds", `{"resourceType":"Patient","deceasedDateTime":"2026-02-03T10:00Z"}`, "Patient.deceasedDateTime", "zone"},
		{"short instant", `{"resourceType":"Slot","schedule":{"reference":"Schedule/1"},"status":"free","start":"2026-02-03","end":"2026-02-03T10:00:00Z"}`, "Slot.start", "zone"},
		{"two of a choice", `{"resourceType":"Patient","deceasedBoolean":true,"deceasedDateTime":"2026"}`, "Patient.deceasedDateTime", "only one type"},
		{"two of a choice by sibling", `{"resourceType":"Patient","_deceasedBoolean":{"id":"a"},"deceasedDateTime":"2026"}`, "Patient.deceasedDateTime", "only one type"},
		{"bare choice", `{"resourceType":"Patient","deceased":true}`, "Patient.deceased", "no such element"},
		{"not in the set", `{"resourceType":"Patient","gender":"woman"}`, "Patient.gender", "male, other"},
		{"task status", `{"resourceType":"Task","status":"done","intent":"order"}`, "Task.status", "task-status"},
		{"missing", `{"resourceType":"Task","status":"draft"}`, "Task.intent", "is required"},
		{"missing inside", `{"resourceType":"Patient","communication":[{"preferred":true}]}`, "Patient.communication[0].language", "is required"},
		{"missing choice", `{"resourceType":"Task","status":"draft","intent":"order","input":[{"type":{"text":"x"}}]}`, "Task.input[0].value", "is required"},
		{"null", `{"resourceType":"Patient","gender":null}`, "Patient.gender", "null"},
		{"null item", `{"resourceType":"Patient","name":[{"given":["a",null]}]}`, "Patient.name[0].given[1]", "null"},
		{"empty string", `{"resourceType":"Patient","language":""}`, "Patient.language", "empty"},
		{"spaces", `{"resourceType":"Patient","name":[{"text":"  "}]}`, "Patient.name[0].text", "text"},
		{"empty object", `{"resourceType":"Patient","maritalStatus":{}}`, "Patient.maritalStatus", "empty"},
		{"empty array", `{"resourceType":"Patient","name":[]}`, "Patient.name", "empty"},
		{"uneven siblings", `{"resourceType":"Patient","name":[{"given":["a","b"],"_given":[{"id":"x"}]}]}`, "Patient.name[0]._given", "as many items"},
		{"sibling of an object", `{"resourceType":"Patient","_name":[{"id":"x"}]}`, "Patient._name", "no such element"},
		{"fraction", `{"resourceType":"Patient","multipleBirthInteger":1.5}`, "Patient.multipleBirthInteger", "whole"},
		{"too large", `{"resourceType":"Patient","multipleBirthInteger":3000000000}`, "Patient.multipleBirthInteger", "whole"},
		{"rank zero", `{"resourceType":"Patient","telecom":[{"rank":0}]}`, "Patient.telecom[0].rank", "from 1"},
		{"bad base64", `{"resourceType":"Binary","contentType":"a/b","data":"###"}`, "Binary.data", "base64"},
		{"code with spaces", `{"resourceType":"Patient","language":" en"}`, "Patient.language", "code"},
		{"uri with space", `{"resourceType":"Patient","implicitRules":"a b"}`, "Patient.implicitRules", "URI"},
		{"contained type", `{"resourceType":"Patient","contained":[{"resourceType":"Nothing"}]}`, "Patient.contained[0]", "resourceType"},
		{"contained element", `{"resourceType":"Patient","contained":[{"resourceType":"Organization","id":"o","colour":"x"}]}`, "Patient.contained[0].colour", "no such element"},
		{"contained twice", `{"resourceType":"Patient","contained":[{"resourceType":"Organization","id":"o","contained":[{"resourceType":"Patient"}]}]}`, "Patient.contained[0].contained", "cannot contain"},
		{"nowhere", `{"resourceType":"Patient","managingOrganization":{"reference":"#o"}}`, "Patient.managingOrganization.reference", "no contained"},
		{"wrong target", `{"resourceType":"Patient","managingOrganization":{"reference":"Patient/1"}}`, "Patient.managingOrganization.reference", "only to Organization"},
		{"wrong contained target", `{"resourceType":"Patient","contained":[{"resourceType":"Patient","id":"o"}],"managingOrganization":{"reference":"#o"}}`, "Patient.managingOrganization.reference", "only to Organization"},
		{"unknown target", `{"resourceType":"Patient","managingOrganization":{"reference":"Thing/1"}}`, "Patient.managingOrganization.reference", "does not have"},
		{"no reference at all", `{"resourceType":"Patient","managingOrganization":{"reference":"x"}}`, "Patient.managingOrganization.reference", "Type/id"},
		{"NHS number", `{"resourceType":"Patient","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000019"}]}`, "Patient.identifier[0].value", "check digit"},
		{"NHS number with spaces", `{"resourceType":"Patient","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"999 000 0018"}]}`, "Patient.identifier[0].value", "without spaces"},
		{"empty extension", `{"resourceType":"Patient","extension":[{"url":"http://x"}]}`, "Patient.extension[0]", "either"},
		{"full extension", `{"resourceType":"Patient","extension":[{"url":"http://x","valueCode":"a","extension":[{"url":"b","valueCode":"c"}]}]}`, "Patient.extension[0]", "either"},
		{"script", `{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><ScRipt>x</script></div>"}}`, "Patient.text.div", "scripts"},
		{"question in a question", `{"resourceType":"Questionnaire","status":"draft","item":[{"linkId":"1","type":"group","item":[{"linkId":"2","type":"group","item":[{"linkId":"3","type":"nonsense"}]}]}]}`, "Questionnaire.item[0].item[0].item[0].type", "item-type"},
		{"entry", `{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","colour":1}}]}`, "Bundle.entry[0].resource.colour", "no such element"},
		{"clinical status", `{"resourceType":"Condition","subject":{"reference":"Patient/1"},"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"bad"}]}}`, "Condition.clinicalStatus", "condition-clinical"},
		{"period backwards", `{"resourceType":"Patient","name":[{"text":"x","period":{"start":"2026-03-02","end":"2026-03-01"}}]}`, "Patient.name[0].period", "before it starts"},
		{"contact without system", `{"resourceType":"Patient","telecom":[{"value":"x"}]}`, "Patient.telecom[0]", "needs a system"},
		{"data without type", `{"resourceType":"Patient","photo":[{"data":"YWJj"}]}`, "Patient.photo[0]", "contentType"},
		{"unit without system", `{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1,"code":"kg"}}`, "Observation.valueQuantity", "system"},
		{"Timing inside", `{"resourceType":"Patient","extension":[{"url":"u","valueTiming":{"repeat":{"modifierExtension":[{"url":"x","valueCode":"y"}]}}}]}`, "Patient.extension[0].valueTiming.repeat.modifierExtension", "no such element"},
	} {
		t.Run(c.name, func(t *testing.T) {
			issues := fhir.Validate(mustResource(t, c.src))
			if len(issues) != 1 || issues[0].Severity != "error" || issues[0].Where != c.where || !strings.Contains(issues[0].Message, c.says) {
				t.Errorf("got %+v, want one error at %s saying %q", issues, c.where, c.says)
			}
			if fhir.Refusal(issues) == nil {
				t.Error("it is not refused")
			}
		})
	}
}

// Tables are decoded when first asked for, by whoever asks first.
func TestTablesAtOnce(t *testing.T) {
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for _, typ := range fhir.Types() {
				r, err := fhir.ParseResource([]byte(`{"resourceType":"` + typ + `","id":"a"}`))
				if err != nil {
					t.Error(err)
					return
				}
				fhir.Validate(r)
				if len(fhir.Extract(r)) == 0 {
					t.Errorf("%s has no _id", typ)
				}
			}
		})
	}
	wait.Wait()
}

func TestNarrative(t *testing.T) {
	for div, good := range map[string]bool{
		`<div xmlns='http://www.w3.org/1999/xhtml'><p class="a > b">Seen on = 3rd<br/><!-- <x> --></p></div>`: true,
		`<div><table><tr><td>1 &lt; 2</td></tr></table><a href="#x">x</a></div>`:                              true,
		`<div/>`:   true,
		`<p>x</p>`: false, `text`: false, `<div>`: true, `<div`: false, `<div><!-- </div>`: false,
		`<div><SCRIPT>x</SCRIPT></div>`: false, `<div><iframe src='x'></iframe></div>`: false, `<div><form></form></div>`: false,
		`<div><img src='x' onerror='y'/></div>`: false, `<div><img src='x'OnError = 'y'/></div>`: false,
		`<div><a href="java
			script:x">x</a></div>`: false, `<div><svg/onload=x></svg></div>`: false, `<div><object></object></div>`: false,
	} {
		b, _ := json.Marshal(div)
		issues := fhir.Validate(mustResource(t, `{"resourceType":"Patient","text":{"status":"generated","div":`+string(b)+`}}`))
		if (len(issues) == 0) != good {
			t.Errorf("%s: %v", div, issues)
		}
	}
}

func TestPrimitives(t *testing.T) {
	for typ, values := range map[string]struct{ good, bad []string }{
		"valueOid":          {[]string{`"urn:oid:1.2.3"`, `"urn:oid:2.16.840.1.113883"`}, []string{`"1.2.3"`, `"urn:oid:3.1"`, `"urn:oid:1"`, `"urn:oid:1.02"`, `"urn:oid:1..2"`, `1`}},
		"valueUuid":         {[]string{`"urn:uuid:c757873d-ec9a-4326-a141-556f43239520"`}, []string{`"c757873d-ec9a-4326-a141-556f43239520"`, `"urn:uuid:c757873dec9a-4326-a141-556f432395200"`, `"urn:uuid:g757873d-ec9a-4326-a141-556f43239520"`}},
		"valueTime":         {[]string{`"09:30:00"`, `"23:59:60.5"`}, []string{`"09:30"`, `"24:00:00"`, `"09:30:00Z"`, `"9:30:00"`}},
		"valueInteger":      {[]string{`0`, `-2147483648`, `2147483647`}, []string{`"1"`, `1.0`, `1e2`, `2147483648`, `true`}},
		"valueUnsignedInt":  {[]string{`0`}, []string{`-1`}},
		"valuePositiveInt":  {[]string{`1`}, []string{`0`}},
		"valueDecimal":      {[]string{`1.50`, `-1e-3`, `0`}, []string{`"1.5"`}},
		"valueCode":         {[]string{`"a"`, `"a b"`}, []string{`"a  b"`, `" a"`, `"a "`, `"a\tb"`, `""`}},
		"valueBase64Binary": {[]string{`"YWJj"`, `"YW\r\nI="`, `"YQ=="`}, []string{`"YWJ"`, `"Y==="`, `"=YWJ"`, `"YW-_"`, `" "`}},
		"valueDate":         {[]string{`"2026"`, `"2026-02"`, `"2028-02-29"`, `"2000-02-29"`}, []string{`"2026-02-30"`, `"1900-02-29"`, `"2026-04-31"`, `"26"`, `2026`}},
		"valueDateTime":     {[]string{`"2026"`, `"2026-02-03T10:00:00.123+14:00"`}, []string{`"2026-02-03T10:00"`, `"2026-02-03T10:00:00"`, `"2026-02-03T25:00:00Z"`, `"2026-02-03 10:00:00Z"`}},
		"valueInstant":      {[]string{`"2026-02-03T10:00:00Z"`}, []string{`"2026-02-03"`, `"2026-02-03T10:00:00"`}},
		"valueString":       {[]string{`"a\nb"`}, []string{`"\u0000"`, `" "`, `1`}},
		"valueUri":          {[]string{`"urn:a"`, `"#b"`}, []string{`"a b"`, `"a\n"`}},
		"valueId":           {[]string{`"a.B-1"`}, []string{`"a_b"`, `"a/b"`}},
	} {
		check := func(v string, good bool) {
			issues := fhir.Validate(mustResource(t, `{"resourceType":"Patient","extension":[{"url":"u","`+typ+`":`+v+`}]}`))
			if (len(issues) == 0) != good {
				t.Errorf("%s %s: %v", typ, v, issues)
			}
		}
		for _, v := range values.good {
			check(v, true)
		}
		for _, v := range values.bad {
			check(v, false)
		}
	}
}

func TestValidateAccepts(t *testing.T) {
	for name, src := range map[string]string{
		"bare":              `{"resourceType":"Patient"}`,
		"null with sibling": `{"resourceType":"Patient","name":[{"given":["a",null],"_given":[null,{"extension":[{"url":"http://x","valueCode":"unknown"}]}]}]}`,
		"sibling only":      `{"resourceType":"Task","_status":{"extension":[{"url":"http://x","valueCode":"unknown"}]},"intent":"order"}`,
		"choice and sibling": `{"resourceType":"Patient","deceasedBoolean":true,"_deceasedBoolean":{"id":"a"},
			"birthDate":"2028-02-29","multipleBirthInteger":2}`,
		"references": `{"resourceType":"Patient","contained":[{"resourceType":"Organization","id":"o"}],"managingOrganization":{"reference":"#o"},
			"generalPractitioner":[{"reference":"urn:uuid:c757873d-ec9a-4326-a141-556f43239520"},{"reference":"https://x.example/fhir/Practitioner/1/_history/2"},{"display":"someone"}]}`,
		"element called resourceType": `{"resourceType":"ExampleScenario","status":"draft","instance":[{"resourceId":"a","resourceType":"Patient"}]}`,
		"same day":                    `{"resourceType":"Patient","name":[{"text":"x","period":{"start":"2026-03-01T10:00:00Z","end":"2026-03-01"}}]}`,
		"decimals":                    `{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.50e2}}`,
		"number of the NHS":           `{"resourceType":"Patient","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000018"}]}`,
		"data in lines":               `{"resourceType":"Binary","contentType":"a/b","data":"YWJj\nYWI="}`,
	} {
		if issues := fhir.Validate(mustResource(t, src)); len(issues) > 0 {
			t.Errorf("%s: %+v", name, issues)
		}
	}
}

package rest

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"
)

func packed(s string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(s))
	_ = z.Close()
	return b.String()
}

// Every refusal has the right status, names the element, and changes nothing.
func TestBadInput(t *testing.T) {
	k := open(t)
	k.do("PUT", "/Patient/here", strings.Replace(ada, `"Patient",`, `"Patient","id":"here",`, 1)).want(201)
	patient := func(rest string) string { return `{"resourceType":"Patient",` + rest + `}` }
	deep := strings.Repeat(`{"extension":[`, 80) + strings.Repeat(`]}`, 80)
	for _, c := range []struct {
		name, method, path, body, header string
		status                           int
		where                            string
	}{
		{"nothing", "POST", "/Patient", "", "Content-Type: application/fhir+json", 400, "*"},
		{"not JSON", "POST", "/Patient", "hello", "", 400, "*"},
		{"XML", "POST", "/Patient", "<Patient/>", "", 400, "*"},
		{"cut short", "POST", "/Patient", ada[:len(ada)-20], "", 400, "*"},
		{"trailing garbage", "POST", "/Patient", ada + "x", "", 400, "*"},
		{"two values", "POST", "/Patient", ada + ada, "", 400, "*"},
		{"an array", "POST", "/Patient", "[" + ada + "]", "", 400, "*"},
		{"a string", "POST", "/Patient", `"Patient"`, "", 400, "*"},
		{"null", "POST", "/Patient", `null`, "", 400, "*"},
		{"duplicate key", "POST", "/Patient", patient(`"gender":"male","gender":"female"`), "", 400, "Patient"},
		{"duplicate key by escape", "POST", "/Patient", patient(`"gender":"male","gende\u0072":"female"`), "", 400, "Patient"},
		{"duplicate type", "POST", "/Patient", patient(`"resourceType":"Observation"`), "", 400, "Patient"},
		{"deep", "POST", "/Patient", patient(`"extension":[` + deep + `]`), "", 400, "*"},
		{"deep arrays", "POST", "/Patient", strings.Repeat("[", 100_000), "", 400, "*"},
		{"byte order mark", "POST", "/Patient", "\xEF\xBB\xBF" + ada, "", 400, "*"},
		{"UTF-16", "POST", "/Patient", "\xFF\xFE{\x00}\x00", "", 400, "*"},
		{"Latin-1", "POST", "/Patient", patient("\"name\":[{\"text\":\"Zo\xEB\"}]"), "", 400, "*"},
		{"lone surrogate", "POST", "/Patient", patient(`"name":[{"text":"\ud800"}]`), "", 400, "Patient.name[0].text"},
		{"control character", "POST", "/Patient", patient("\"name\":[{\"text\":\"a\x01\"}]"), "", 400, "Patient.name[0].text"},
		{"NaN", "POST", "/Patient", patient(`"multipleBirthInteger":NaN`), "", 400, "Patient.multipleBirthInteger"},
		{"leading zero", "POST", "/Patient", patient(`"multipleBirthInteger":01`), "", 400, "Patient"},
		{"no type", "POST", "/Patient", `{"id":"1"}`, "", 400, "resourceType"},
		{"type is a number", "POST", "/Patient", `{"resourceType":1}`, "", 400, "resourceType"},
		{"unknown type", "POST", "/Patient", `{"resourceType":"Wizard"}`, "", 400, "resourceType"},
		{"own type", "POST", "/Patient", `{"resourceType":"_Account"}`, "", 400, "resourceType"},
		{"another type", "POST", "/Observation", ada, "", 400, "resourceType"},
		{"oversized", "POST", "/Patient", patient(`"name":[{"text":"` + strings.Repeat("a", 300<<10) + `"}]`), "", 413, ""},
		{"oversized unpacked", "POST", "/Patient", packed(patient(`"name":[{"text":"` + strings.Repeat("a", 300<<10) + `"}]`)), "Content-Encoding: gzip", 413, ""},
		{"not gzip", "POST", "/Patient", ada, "Content-Encoding: gzip", 400, "Content-Encoding"},
		{"gzip cut short", "POST", "/Patient", packed(ada)[:60], "Content-Encoding: gzip", 400, "Content-Encoding"},
		{"deflate", "POST", "/Patient", ada, "Content-Encoding: deflate", 415, "Content-Encoding"},
		{"text", "POST", "/Patient", ada, "Content-Type: text/plain", 415, "Content-Type"},
		{"another charset", "POST", "/Patient", ada, "Content-Type: application/fhir+json; charset=utf-16", 415, "Content-Type"},
		{"another FHIR", "POST", "/Patient", ada, "Content-Type: application/fhir+json; fhirVersion=5.0", 415, "Content-Type"},
		{"no content type", "POST", "/Patient", ada, "Content-Type: ", 415, "Content-Type"},
		{"unknown element", "POST", "/Patient", patient(`"favouriteTea":"Assam"`), "", 400, "Patient.favouriteTea"},
		{"string for array", "POST", "/Patient", patient(`"name":"Ada"`), "", 400, "Patient.name"},
		{"number for string", "POST", "/Patient", patient(`"name":[{"family":3}]`), "", 400, "Patient.name[0].family"},
		{"object for string", "POST", "/Patient", patient(`"name":[{"family":{}}]`), "", 400, "Patient.name[0].family"},
		{"empty object", "POST", "/Patient", patient(`"name":[{}]`), "", 400, "Patient.name[0]"},
		{"string for boolean", "POST", "/Patient", patient(`"active":"true"`), "", 400, "Patient.active"},
		{"impossible date", "POST", "/Patient", patient(`"birthDate":"2023-02-29"`), "", 422, "Patient.birthDate"},
		{"month 13", "POST", "/Patient", patient(`"birthDate":"2023-13-01"`), "", 422, "Patient.birthDate"},
		{"date of another land", "POST", "/Patient", patient(`"birthDate":"29/02/1980"`), "", 422, "Patient.birthDate"},
		{"unknown code", "POST", "/Patient", patient(`"gender":"F"`), "", 422, "Patient.gender"},
		{"impossible NHS number", "POST", "/Patient", strings.Replace(ada, "9990000018", "9990000019", 1), "", 422, "Patient.identifier[0].value"},
		{"short NHS number", "POST", "/Patient", strings.Replace(ada, "9990000018", "999", 1), "", 422, "Patient.identifier[0].value"},
		{"required element", "POST", "/Observation", `{"resourceType":"Observation","status":"final"}`, "", 422, "Observation.code"},
		{"bad id", "PUT", "/Patient/a", patient(`"id":"a b"`), "", 400, "Patient.id"},
		{"id is a number", "PUT", "/Patient/1", patient(`"id":1`), "", 400, "Patient.id"},
		{"meta is a string", "POST", "/Patient", patient(`"meta":"x"`), "", 400, "Patient.meta"},
		{"stale", "PUT", "/Patient/here", patient(`"id":"here"`), `If-Match: W/"c.99"`, 412, "If-Match"},
		{"If-Match on nothing", "PUT", "/Patient/none", patient(`"id":"none"`), `If-Match: W/"c.1"`, 412, "If-Match"},
		{"no scope", "POST", "/Patient", ada, "Authorization: Bearer system/*.rs", 403, ""},
		{"empty Bundle", "POST", "", `{}`, "", 400, "resourceType"},
		{"not a Bundle", "POST", "", ada, "", 400, "resourceType"},
		{"a collection", "POST", "", `{"resourceType":"Bundle","type":"collection"}`, "", 400, "Bundle.type"},
		{"no Bundle type", "POST", "", `{"resourceType":"Bundle"}`, "", 400, "Bundle.type"},
		{"entries not a list", "POST", "", `{"resourceType":"Bundle","type":"transaction","entry":{}}`, "", 400, "Bundle.entry"},
	} {
		t.Run(c.name, func(t *testing.T) {
			k.TB = t
			before := k.position()
			var headers []string
			if c.header != "" {
				headers = append(headers, c.header)
			}
			a := k.do(c.method, c.path, c.body, headers...)
			a.refused(c.status, c.where)
			if after := k.position(); after != before {
				t.Errorf("something changed: %s, then %s", before, after)
			}
			if strings.Contains(a.Body.String(), "Lovett") {
				t.Errorf("the outcome repeats what was sent: %s", a.Body)
			}
		})
	}
}

// Hostile text is data: kept as it is, found as it is, and nothing more.
func TestHostileStrings(t *testing.T) {
	k := open(t)
	for _, s := range []string{
		`<script>alert(1)</script>`, `'; DROP TABLE patient; --`, `{{.}}`, `${jndi:ldap://x}`, `../../etc/passwd`,
		`\u0000`, "a\u202Eb", `"`, `%00`, strings.Repeat("A", 60_000),
	} {
		body := append([]byte(`{"resourceType":"Patient","name":[{"family":`), appendString(nil, s)...)
		id := k.create("Patient", string(body)+`}]}`)
		if got := k.do("GET", "/Patient/"+id, "").want(200).str("name", 0, "family"); got != s {
			t.Errorf("kept %.40q as %.40q", s, got)
		}
	}
}

func TestGzip(t *testing.T) {
	k := open(t)
	k.do("POST", "/Patient", packed(ada), "Content-Encoding: gzip").want(201)
}

func TestBadSearches(t *testing.T) {
	k := open(t)
	k.create("Patient", ada)
	for _, c := range []struct {
		query  string
		status int
		where  string
	}{
		{"favourite=tea", 400, "favourite"},
		{"name:sounds=x", 400, "name:sounds"},
		{"birthdate=never", 400, "birthdate"},
		{"birthdate=2023-02-30", 400, "birthdate"},
		{"_count=-1", 400, "_count"},
		{"_count=many", 400, "_count"},
		{"_cursor=!!", 400, "_cursor"},
		{"_sort=favourite", 400, "_sort"},
		{"_include=Patient", 400, "_include"},
		{"_include=Patient:name", 400, "_include"},
		{"_total=exactly", 400, "_total"},
		{"_summary=text", 400, "_summary"},
		{"name=%zz", 400, "name"},
		{"na%zzme=x", 400, ""},
		{"_lastUpdated=soon", 400, "_lastUpdated"},
		{strings.Repeat("a", maxQuery+1), 414, ""},
	} {
		k.do("GET", "/Patient?"+c.query, "").refused(c.status, c.where)
	}
	k.do("POST", "/Patient/_search", "name=x", "Content-Type: application/json").refused(415, "Content-Type")
}

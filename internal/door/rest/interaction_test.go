package rest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestCreateReadUpdateDelete(t *testing.T) {
	k := open(t)
	made := k.do("POST", "/Patient", ada).want(201)
	id := made.str("id")
	version := made.str("meta", "versionId")
	if got, want := made.Header().Get("Location"), "http://fhir.test"+testBase+"/Patient/"+id+"/_history/"+version; got != want {
		t.Errorf("Location %q, want %q", got, want)
	}
	if got := made.Header().Get("ETag"); got != `W/"`+version+`"` {
		t.Errorf("ETag %q", got)
	}
	if made.Header().Get("Last-Modified") == "" || made.Header().Get(positionHeader) == "" {
		t.Errorf("headers %v", made.Header())
	}

	read := k.do("GET", "/Patient/"+id, "").want(200)
	if read.Body.String() != made.Body.String() {
		t.Errorf("read differs from what create returned")
	}
	k.do("GET", "/Patient/"+id, "", "If-None-Match: "+read.Header().Get("ETag")).want(304)
	k.do("GET", "/Patient/"+id, "", "If-Modified-Since: "+read.Header().Get("Last-Modified")).want(304)
	twice := k.do("PUT", "/Patient/twice", strings.Replace(ada, `"Patient",`, `"Patient","id":"twice",`, 1)).want(201)
	k.do("PUT", "/Patient/twice", strings.Replace(twice.Body.String(), "Ada", "Adah", 1)).want(200)
	k.do("GET", "/Patient/twice", "", "If-Modified-Since: "+twice.Header().Get("Last-Modified")).want(200)
	if h := k.do("HEAD", "/Patient/"+id, "").want(200); h.Body.Len() != 0 || h.Header().Get("Content-Length") == "0" {
		t.Errorf("HEAD: %d bytes, %v", h.Body.Len(), h.Header())
	}

	second := strings.Replace(read.Body.String(), "Lovett", "Lovelock", 1)
	put := k.do("PUT", "/Patient/"+id, second, "If-Match: "+read.Header().Get("ETag")).want(200)
	if put.Header().Get("Location") != "" || put.str("meta", "versionId") == version {
		t.Errorf("update: %v %s", put.Header(), put.Body)
	}
	k.do("PUT", "/Patient/"+id, second, "If-Match: "+read.Header().Get("ETag")).refused(412, "If-Match")
	k.do("PUT", "/Patient/other", second).refused(400, "Patient.id")
	k.do("PUT", "/Patient/other", ada).refused(400, "Patient.id")
	k.do("PUT", "/Patient/"+id, second, "If-None-Match: *").refused(412, "If-None-Match")

	if got := k.do("GET", "/Patient/"+id+"/_history/"+version, "").want(200).str("name", 0, "family"); got != "Lovett" {
		t.Errorf("vread: %s", got)
	}
	k.do("DELETE", "/Patient/"+id, "", "If-Match: W/\"c.1000\"").refused(412, "If-Match")
	k.do("DELETE", "/Patient/"+id, "").want(204)
	k.do("DELETE", "/Patient/"+id, "").want(204)
	k.do("DELETE", "/Patient/never", "").want(204)
	k.do("GET", "/Patient/"+id, "").refused(410, "")
	k.do("PUT", "/Patient/"+id, second).want(201)
	k.do("GET", "/Patient/"+id, "").want(200)
}

func TestHistory(t *testing.T) {
	k := open(t)
	id := k.create("Patient", ada)
	body := k.do("GET", "/Patient/"+id, "").Body.String()
	for i := range 3 {
		k.do("PUT", "/Patient/"+id, strings.Replace(body, "Ada", fmt.Sprint("Ada", i), 1)).want(200)
	}
	k.do("DELETE", "/Patient/"+id, "").want(204)
	all := k.do("GET", "/Patient/"+id+"/_history", "").want(200)
	if len(all.entries()) != 5 || all.at("total") != 5.0 {
		t.Fatalf("history: %s", all.Body)
	}
	for i, want := range []string{"DELETE 204 No Content", "PUT 200 OK", "PUT 200 OK", "PUT 200 OK", "POST 201 Created"} {
		got := all.str("entry", i, "request", "method") + " " + all.str("entry", i, "response", "status")
		if got != want {
			t.Errorf("entry %d: %s, want %s", i, got, want)
		}
	}
	var seen []string
	for page := k.do("GET", "/Patient/"+id+"/_history?_count=2", "").want(200); ; {
		for i := range page.entries() {
			seen = append(seen, page.str("entry", i, "response", "etag"))
		}
		if page.str("link", 1, "relation") != "next" {
			break
		}
		page = k.do("GET", strings.TrimPrefix(page.str("link", 1, "url"), "http://fhir.test"), "").want(200)
	}
	if len(seen) != 5 {
		t.Errorf("paged: %v", seen)
	}
	k.do("GET", "/Patient/never/_history", "").refused(404, "")
	k.do("GET", "/Patient/"+id+"/_history?_count=x", "").refused(400, "_count")
	k.do("GET", "/Patient/"+id+"/_history?_at=2020", "").want(501)
}

// What a sender wrote comes back byte for byte, but for id and meta.
func TestBytesAreKept(t *testing.T) {
	k := open(t)
	odd := "{ \"resourceType\" : \"Patient\",\n\t\"multipleBirthInteger\" : 2 , \"extension\":[{\"url\":\"https://x.test/d\",\"valueDecimal\":1.50}]," +
		"\n \"name\":[{\"text\":\"Zo\\u00eb \\/ \\ud83d\\ude00\"}]}"
	made := k.do("POST", "/Patient", odd).want(201)
	got := made.Body.String()
	for _, want := range []string{"\"multipleBirthInteger\" : 2 ,", "1.50", `Zo\u00eb \/ \ud83d\ude00`} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in %s", want, got)
		}
	}
}

func TestPrefer(t *testing.T) {
	k := open(t)
	if a := k.do("POST", "/Patient", ada, "Prefer: return=minimal").want(201); a.Body.Len() != 0 || a.Header().Get("Location") == "" {
		t.Errorf("minimal: %v %s", a.Header(), a.Body)
	}
	if a := k.do("POST", "/Patient", ada, "Prefer: return=OperationOutcome").want(201); a.str("resourceType") != "OperationOutcome" {
		t.Errorf("outcome: %s", a.Body)
	}
	k.do("POST", "/Patient", ada, "Prefer: return=everything").refused(400, "Prefer")
}

func TestNegotiation(t *testing.T) {
	k := open(t)
	id := k.create("Patient", ada)
	for _, c := range []struct {
		path, header string
		status       int
	}{
		{"", "Accept: application/fhir+json", 200},
		{"", "Accept: application/json;q=0.5, text/html", 200},
		{"", "Accept: application/fhir+json; fhirVersion=4.0", 200},
		{"", "Accept: */*", 200},
		{"", "Accept: application/fhir+xml", 406},
		{"", "Accept: text/html", 406},
		{"", "Accept: application/fhir+json; fhirVersion=3.0", 406},
		{"", "Accept: application/fhir+json; charset=utf-16", 406},
		{"?_format=json", "Accept: text/html", 200},
		{"?_format=application/fhir%2Bjson", "Accept: text/html", 200},
		{"?_format=xml", "Accept: */*", 406},
	} {
		if a := k.do("GET", "/Patient/"+id+c.path, "", c.header); a.Code != c.status {
			t.Errorf("%s %s: %d, want %d", c.path, c.header, a.Code, c.status)
		}
	}
}

func TestWhoMay(t *testing.T) {
	k := open(t)
	id := k.create("Patient", ada)
	a := k.do("GET", "/Patient/"+id, "", "Authorization: ").refused(401, "")
	if a.Header().Get("WWW-Authenticate") == "" {
		t.Error("401 without WWW-Authenticate")
	}
	k.do("GET", "/Patient/"+id, "", "Authorization: Bearer expired").refused(401, "")
	k.do("GET", "/fhir/Z99902/Patient/"+id, "").refused(403, "")
	k.do("GET", "/Patient/"+id, "", "Authorization: Bearer system/Observation.rs").refused(403, "")
	k.do("GET", "/Patient/"+id, "", "Authorization: Bearer patient/*.cruds").refused(403, "")
	k.do("GET", "/Patient/"+id, "", "Authorization: Bearer system/Patient.r").want(200)
	k.do("GET", "/Patient", "", "Authorization: Bearer system/Patient.r").refused(403, "")
	k.do("PUT", "/Patient/new", strings.Replace(ada, `"Patient",`, `"Patient","id":"new",`, 1), "Authorization: Bearer system/Patient.u").refused(403, "")
	k.do("GET", "/metadata", "", "Authorization: ").want(200)
}

func TestOnePatientOnly(t *testing.T) {
	k := open(t)
	mine, other := k.create("Patient", ada), k.create("Patient", strings.Replace(ada, "9990000018", "9990000026", 1))
	obs := func(id string) string {
		return `{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/` + id + `"}}`
	}
	my, theirs := k.create("Observation", obs(mine)), k.create("Observation", obs(other))
	tok := "Authorization: Bearer patient:" + mine + " patient/*.cruds"
	k.do("GET", "/Patient/"+mine, "", tok).want(200)
	k.do("GET", "/Patient/"+other, "", tok).refused(404, "")
	k.do("GET", "/Observation/"+my, "", tok).want(200)
	k.do("GET", "/Observation/"+theirs, "", tok).refused(404, "")
	k.do("GET", "/Observation/"+theirs+"/_history", "", tok).refused(404, "")
	if got := k.do("GET", "/Observation", "", tok).want(200).entries(); len(got) != 1 {
		t.Errorf("search shows %d", len(got))
	}
	if got := k.do("GET", "/Patient?_id="+other, "", tok).want(200).entries(); len(got) != 0 {
		t.Errorf("search by _id shows %d", len(got))
	}
	k.do("GET", "/Organization", "", tok).refused(403, "")
	k.do("POST", "/Observation", obs(other), tok).refused(403, "Observation")
	k.do("PUT", "/Observation/"+theirs, strings.Replace(obs(mine), `"status"`, `"id":"`+theirs+`","status"`, 1), tok).refused(403, "")
	k.do("DELETE", "/Observation/"+theirs, "", tok).refused(403, "")
	k.do("POST", "/Observation", obs(mine), tok).want(201)
	named := strings.Replace(obs(mine), `"subject"`, `"performer":[{"reference":"Patient?identifier=9990000026"}],"subject"`, 1)
	k.do("POST", "", transaction(`{"resource":`+named+`,"request":{"method":"POST","url":"Observation"}}`), tok).
		refused(412, "Bundle.entry[0].resource.performer[0].reference")
	k.do("PUT", "/Observation?subject=Patient/"+other, obs(mine), tok).want(201) // another's is as good as not there
}

func TestPosition(t *testing.T) {
	k := open(t)
	made := k.do("POST", "/Patient", ada).want(201)
	seen := made.Header().Get(positionHeader)
	k.do("GET", "/Patient/"+made.str("id"), "", positionHeader+": "+seen).want(200)
	k.do("GET", "/Patient", "", positionHeader+": c:999999").refused(503, "")
	k.do("GET", "/Patient", "", positionHeader+": nonsense").refused(400, positionHeader)
}

func TestCapabilities(t *testing.T) {
	k := open(t)
	a := k.do("GET", "/metadata", "").want(200)
	if a.str("resourceType") != "CapabilityStatement" || a.str("fhirVersion") != "4.0.1" {
		t.Errorf("%.200s", a.Body)
	}
	if n, _ := a.at("rest", 0, "resource").([]any); len(n) < 140 {
		t.Errorf("%d resource types", len(n))
	}
	made := k.do("POST", "/CapabilityStatement", a.Body.String())
	made.want(201) // it is valid R4 by our own rules
}

// A request sent again with its key changes nothing and says the same.
func TestIdempotencyKey(t *testing.T) {
	k := open(t)
	k.do("PUT", "/Patient/a", `{"resourceType":"Patient","id":"a"}`).want(201)
	k.create("Practitioner", `{"resourceType":"Practitioner","identifier":[{"system":"s","value":"there"}]}`)
	for i, c := range []struct{ method, path, body, header string }{
		{"POST", "/Patient", ada, ""},
		{"POST", "/Patient", strings.Replace(ada, "9990000018", "9990000026", 1), "If-None-Exist: identifier=9990000026"},
		{"PUT", "/Patient/a", `{"resourceType":"Patient","id":"a","active":true}`, "If-Match: W/\"c.1\""},
		{"POST", "", transaction(
			post(urnA, "Patient", ""), post("", "Patient", `"identifier":[{"value":"n"}]`, `,"ifNoneExist":"identifier=n"`),
			post("", "Practitioner", "", `,"ifNoneExist":"identifier=s|there"`),
			post("", "Patient", `"active":false`), putEntry("Group", "g", `"type":"person","actual":true`), ask("DELETE", "Group/none"), ask("DELETE", "Patient/a"),
		), ""},
		{"POST", "", batchOf(post("", "Patient", ""), putEntry("Group", "h", `"type":"person","actual":true`)), ""},
		{"DELETE", "/Group/g", "", ""},
	} {
		headers := []string{fmt.Sprint("Idempotency-Key: key", i)}
		if c.header != "" {
			headers = append(headers, c.header)
		}
		first := k.do(c.method, c.path, c.body, headers...)
		if first.Code >= 300 {
			t.Fatalf("%d: %s", first.Code, first.Body)
		}
		before := k.position()
		second := k.do(c.method, c.path, c.body, headers...)
		if k.position() != before {
			t.Errorf("%s %s again changed something", c.method, c.path)
		}
		for _, h := range []string{"Location", "ETag"} {
			if first.Header().Get(h) != second.Header().Get(h) {
				t.Errorf("%s %s: %s %q, then %q", c.method, c.path, h, first.Header().Get(h), second.Header().Get(h))
			}
		}
		if c.path == "" {
			for j := range first.entries() {
				if a, b := first.str("entry", j, "response", "location"), second.str("entry", j, "response", "location"); a != b {
					t.Errorf("case %d entry %d: %s, then %s", i, j, a, b)
				}
			}
		}
	}
}

func TestConditional(t *testing.T) {
	k := open(t)
	cond := "If-None-Exist: identifier=https://fhir.nhs.uk/Id/nhs-number|9990000018"
	first := k.do("POST", "/Patient", ada, cond).want(201)
	second := k.do("POST", "/Patient", ada, cond).want(200)
	if first.Header().Get("Location") != second.Header().Get("Location") {
		t.Error("the second conditional create found another")
	}
	k.do("POST", "/Patient", ada, "If-None-Exist: favourite=tea").refused(400, "If-None-Exist")
	k.do("POST", "/Patient", ada, "If-None-Exist: _count=1").refused(400, "If-None-Exist")
	query := "/Patient?identifier=https://fhir.nhs.uk/Id/nhs-number|9990000018"
	k.do("PUT", query, strings.Replace(ada, "Ada", "Adah", 1)).want(200)
	k.do("POST", "/Patient", ada).want(201)
	k.do("POST", "/Patient", ada, cond).refused(412, "If-None-Exist")
	k.do("PUT", query, ada).refused(412, "")
	k.do("DELETE", query, "").refused(412, "")
	k.do("DELETE", "/Patient", "").refused(400, "")
	k.do("PUT", "/Patient?identifier=x|new", ada).want(201)
	k.do("DELETE", "/Patient?identifier=x|nobody", "").want(204)
	// Outside a transaction a conditional reference is kept as it is written.
	loose := k.do("POST", "/Patient", `{"resourceType":"Patient","managingOrganization":{"reference":"Organization?identifier=s|1"}}`).want(201)
	if got := loose.str("managingOrganization", "reference"); got != "Organization?identifier=s|1" {
		t.Errorf("a reference became %s", got)
	}
}

func TestMethods(t *testing.T) {
	k := open(t)
	a := k.do("PATCH", "/Patient/1", `[]`).refused(http.StatusMethodNotAllowed, "")
	if a.Header().Get("Allow") != "GET, HEAD, PUT, DELETE" {
		t.Errorf("Allow: %q", a.Header().Get("Allow"))
	}
	k.do("DELETE", "", "").refused(http.StatusMethodNotAllowed, "")
	for _, path := range []string{"/_history", "/Patient/_history", "/$export", "/Patient/$everything", "/Patient/1/$everything"} {
		k.do("GET", path, "").refused(501, "")
	}
	for _, path := range []string{
		"/patient", "/Nonsense/1", "/_Account", "/_Account/1", "/Patient/a%2Fb", "/Patient/" + strings.Repeat("a", 65),
		"/Patient/1/2", "/Patient/1/_history/%00", "/Patient/1/_history/c.1/x", "/Patient/1/_history/c.1", "/Patient/nobody", "/../etc/passwd",
		"/fhir/", "/fhir/z99901/Patient", "/fhir/Z9%209/Patient",
	} {
		k.do("GET", path, "").refused(404, "")
	}
}

// A refusal tells how far its node has seen, like any other answer.
func TestRefusalsCarryThePosition(t *testing.T) {
	k := open(t)
	id := k.create("Patient", `{"resourceType":"Patient"}`)
	w := k.do("PUT", "/Patient/"+id, `{"resourceType":"Patient","id":"`+id+`"}`, `If-Match: W/"c.999"`).want(412)
	if got := w.Header().Get(positionHeader); got != k.practice.Position().String() {
		t.Errorf("position %q, want %s", got, k.practice.Position())
	}
}

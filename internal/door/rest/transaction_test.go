package rest

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

func transaction(entries ...string) string {
	return `{"resourceType":"Bundle","type":"transaction","entry":[` + strings.Join(entries, ",") + `]}`
}

func batchOf(entries ...string) string {
	return strings.Replace(transaction(entries...), `"transaction"`, `"batch"`, 1)
}

func post(fullURL, typ, rest string, request ...string) string {
	e := `{`
	if fullURL != "" {
		e += `"fullUrl":"` + fullURL + `",`
	}
	if rest != "" {
		rest = "," + rest
	}
	return e + `"resource":{"resourceType":"` + typ + `"` + rest + `},"request":{"method":"POST","url":"` + typ + `"` + strings.Join(request, "") + `}}`
}

func putEntry(typ, id, rest string, request ...string) string {
	if rest != "" {
		rest = "," + rest
	}
	return `{"resource":{"resourceType":"` + typ + `","id":"` + id + `"` + rest + `},"request":{"method":"PUT","url":"` + typ + `/` + id + `"` + strings.Join(request, "") + `}}`
}

func ask(method, url string) string {
	return `{"request":{"method":"` + method + `","url":"` + url + `"}}`
}

const urnA, urnB = "urn:uuid:0a4e5f66-0000-4000-8000-00000000000a", "urn:uuid:0a4e5f66-0000-4000-8000-00000000000b"

const obsOf = `"status":"final","code":{"text":"x"},"subject":{"reference":"%s"}`

// located gives type and id of an entry's location.
func located(a answer, i int) string {
	loc, _, _ := strings.Cut(a.str("entry", i, "response", "location"), "/_history/")
	return loc
}

func TestTransaction(t *testing.T) {
	k := open(t)
	gone := "/Patient/" + k.create("Patient", ada)
	a := k.do("POST", "", transaction(
		ask("GET", "Patient?family=Lovett"),
		post(urnB, "Observation", fmt.Sprintf(obsOf, urnA)+`,"valueQuantity":{"value":1.50},"identifier":[{"system":"urn:ietf:rfc:3986","value":"`+urnA+`"}],`+
			`"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><a href=\"`+urnA+`\">`+urnA+`</a></div>"}`),
		putEntry("Organization", "surgery", `"name":"Surgery"`),
		post(urnA, "Patient", `"name":[{"family":"Lovett"}],"managingOrganization":{"reference":"Organization/surgery"}`),
		ask("DELETE", gone[1:]),
		ask("GET", "Organization/surgery"),
	)).want(200)
	if a.str("type") != "transaction-response" || len(a.entries()) != 6 {
		t.Fatalf("%s", a.Body)
	}
	for i, want := range []string{"200 OK", "201 Created", "201 Created", "201 Created", "204 No Content", "200 OK"} {
		if got := a.str("entry", i, "response", "status"); got != want {
			t.Errorf("entry %d: %s, want %s", i, got, want)
		}
	}
	if a.str("entry", 1, "response", "etag") == "" || a.str("entry", 1, "response", "lastModified") == "" {
		t.Errorf("%s", a.Body)
	}
	if found, _ := a.at("entry", 0, "resource", "entry").([]any); len(found) != 1 {
		t.Errorf("the search in it sees %d, want the new patient alone: %s", len(found), a.Body)
	}
	patient := located(a, 3)
	obs := k.do("GET", "/"+located(a, 1), "").want(200)
	if got := obs.str("subject", "reference"); got != patient {
		t.Errorf("reference %s, want %s", got, patient)
	}
	if got := obs.str("identifier", 0, "value"); got != urnA {
		t.Errorf("an identifier's value was rewritten: %s", got)
	}
	if got := obs.str("text", "div"); !strings.Contains(got, `href="`+patient+`"`) || !strings.Contains(got, ">"+urnA+"<") {
		t.Errorf("narrative: %s", got)
	}
	if !strings.Contains(obs.Body.String(), "1.50") {
		t.Errorf("a decimal was written anew: %s", obs.Body)
	}
	k.do("GET", gone, "").want(410)
}

func TestTransactionReferences(t *testing.T) {
	k := open(t)
	there := k.create("Practitioner", `{"resourceType":"Practitioner","identifier":[{"system":"s","value":"there"}]}`)
	a := k.do("POST", "", transaction(
		post("http://old.test/fhir/Patient/7", "Patient", ""),
		post("http://old.test/fhir/Observation/9", "Observation", fmt.Sprintf(obsOf, "Patient/7")+
			`,"performer":[{"reference":"Practitioner?identifier=s|there"},{"reference":"Practitioner?identifier=s|here"},{"reference":"http://else.test/Patient/7"},{"reference":"http://old.test/fhir/Patient/7"}]`),
		post(urnB, "Practitioner", `"identifier":[{"system":"s","value":"here"}]`),
	)).want(200)
	obs := k.do("GET", "/"+located(a, 1), "").want(200)
	for i, want := range []string{"Practitioner/" + there, located(a, 2), "http://else.test/Patient/7", located(a, 0)} {
		if got := obs.str("performer", i, "reference"); got != want {
			t.Errorf("performer %d: %s, want %s", i, got, want)
		}
	}
	if got := obs.str("subject", "reference"); got != located(a, 0) {
		t.Errorf("relative reference: %s, want %s", got, located(a, 0))
	}
}

func TestConditionalInTransaction(t *testing.T) {
	k := open(t)
	none := `,"ifNoneExist":"identifier=s|1"`
	b := transaction(
		post(urnA, "Patient", `"identifier":[{"system":"s","value":"1"}]`, none),
		post(urnB, "Observation", fmt.Sprintf(obsOf, urnA)),
	)
	first, second := k.do("POST", "", b).want(200), k.do("POST", "", b).want(200)
	if second.str("entry", 0, "response", "status") != "200 OK" || located(first, 0) != located(second, 0) {
		t.Errorf("%s", second.Body)
	}
	if got := k.do("GET", "/"+located(second, 1), "").str("subject", "reference"); got != located(first, 0) {
		t.Errorf("reference %s, want %s", got, located(first, 0))
	}
	k.do("POST", "", transaction(`{"resource":{"resourceType":"Patient","active":true},"request":{"method":"PUT","url":"Patient?identifier=s|1"}}`)).want(200)
	k.do("POST", "", transaction(ask("DELETE", "Patient?identifier=s|none"))).want(200)
}

// A transaction that is refused names the entry and changes nothing.
func TestTransactionRefused(t *testing.T) {
	k := open(t)
	k.do("PUT", "/Patient/here", `{"resourceType":"Patient","id":"here"}`).want(201)
	two := `{"resourceType":"Practitioner","identifier":[{"system":"s","value":"two"}]}`
	k.create("Practitioner", two)
	k.create("Practitioner", two)
	good := post("", "Patient", "")
	for _, c := range []struct {
		name, entry string
		status      int
		where       string
	}{
		{"not an object", `3`, 400, "Bundle.entry[1]"},
		{"no request", `{"resource":{"resourceType":"Patient"}}`, 400, "Bundle.entry[1].request"},
		{"no method", `{"resource":{"resourceType":"Patient"},"request":{"url":"Patient"}}`, 400, "Bundle.entry[1].request.method"},
		{"method is a number", `{"resource":{"resourceType":"Patient"},"request":{"method":1,"url":"Patient"}}`, 400, "Bundle.entry[1].request.method"},
		{"unknown method", ask("STEAL", "Patient/here"), 400, "Bundle.entry[1].request.method"},
		{"patch", ask("PATCH", "Patient/here"), 501, "Bundle.entry[1].request.method"},
		{"no url", ask("DELETE", ""), 400, "Bundle.entry[1].request.url"},
		{"unknown type", ask("DELETE", "Wizard/1"), 404, "Bundle.entry[1].request.url"},
		{"own type", ask("GET", "_Account/1"), 404, "Bundle.entry[1].request.url"},
		{"another server", ask("GET", "http://else.test/Patient/1"), 404, "Bundle.entry[1].request.url"},
		{"metadata", ask("GET", "metadata"), 400, "Bundle.entry[1].request.url"},
		{"no resource", ask("POST", "Patient"), 400, "Bundle.entry[1].resource"},
		{"resource on delete", `{"resource":{"resourceType":"Patient"},"request":{"method":"DELETE","url":"Patient/here"}}`, 400, "Bundle.entry[1].resource"},
		{"another type", `{"resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Group"}}`, 400, "Bundle.entry[1].resource.resourceType"},
		{"wrong id", `{"resource":{"resourceType":"Patient","id":"a"},"request":{"method":"PUT","url":"Patient/b"}}`, 400, "Bundle.entry[1].resource.id"},
		{"bad element", post("", "Patient", `"birthDate":"1980-02-30"`), 422, "Bundle.entry[1].resource.birthDate"},
		{"unknown element", post("", "Patient", `"tea":1`), 400, "Bundle.entry[1].resource.tea"},
		{"dangling", post(urnA, "Observation", fmt.Sprintf(obsOf, urnB)), 400, "Bundle.entry[1].resource.subject.reference"},
		{"condition finds none", post("", "Observation", fmt.Sprintf(obsOf, "Patient?identifier=s|none")), 412, "Bundle.entry[1].resource.subject.reference"},
		{"condition finds two", post("", "Observation", fmt.Sprintf(obsOf, "Practitioner?identifier=s|two")), 412, "Bundle.entry[1].resource.subject.reference"},
		{"condition is nonsense", post("", "Observation", fmt.Sprintf(obsOf, "Patient?tea=1")), 400, "Bundle.entry[1].resource.subject.reference"},
		{"same resource twice", putEntry("Patient", "x", "") + "," + putEntry("Patient", "x", ""), 400, "Bundle.entry[2]"},
		{"put and delete", putEntry("Patient", "here", "") + "," + ask("DELETE", "Patient/here"), 400, "Bundle.entry[2]"},
		{"same fullUrl", post(urnA, "Patient", "") + "," + post(urnA, "Group", `"type":"person","actual":true`), 400, "Bundle.entry[2].fullUrl"},
		{"same condition", post("", "Patient", "", `,"ifNoneExist":"identifier=s|9"`) + "," + post("", "Patient", "", `,"ifNoneExist":"identifier=s|9"`), 400, "Bundle.entry[2].request.ifNoneExist"},
		{"ifNoneExist finds two", post("", "Practitioner", "", `,"ifNoneExist":"identifier=s|two"`), 412, "Bundle.entry[1].request.ifNoneExist"},
		{"ifMatch stale", putEntry("Patient", "here", "", `,"ifMatch":"W/\"c.99\""`), 412, "Bundle.entry[1].request.ifMatch"},
	} {
		t.Run(c.name, func(t *testing.T) {
			k.TB = t
			before := k.position()
			k.do("POST", "", transaction(good, c.entry)).refused(c.status, c.where)
			if after := k.position(); after != before {
				t.Errorf("something changed: %s, then %s", before, after)
			}
		})
	}
	k.TB = t
	k.do("POST", "", transaction(good, ask("DELETE", "Patient/here")), "Authorization: Bearer system/*.c").refused(403, "Bundle.entry[1].request")
	k.do("POST", "", transaction()).want(200)
}

func TestBatch(t *testing.T) {
	k := open(t)
	k.do("PUT", "/Patient/here", `{"resourceType":"Patient","id":"here"}`).want(201)
	a := k.do("POST", "", batchOf(
		post("", "Patient", `"birthDate":"1980-02-30"`),
		post("", "Patient", `"birthDate":"1980-02-29"`),
		ask("GET", "Patient/here"),
		ask("GET", "Patient/nobody"),
		ask("DELETE", "Patient/here"),
		ask("GET", "Patient?birthdate=1980-02-29"),
		`{}`,
		putEntry("Patient", "here", "", `,"ifMatch":"W/\"c.99\""`),
	)).want(200)
	for i, want := range []string{3: "request.url", 7: "request.ifMatch"} {
		if got := a.str("entry", i, "response", "outcome", "issue", 0, "expression", 0); want != "" && got != fmt.Sprintf("Bundle.entry[%d].%s", i, want) {
			t.Errorf("outcome of %d names %q", i, got)
		}
	}
	for i, want := range []string{"422", "201", "410", "404", "204", "200", "400"} {
		if got := a.str("entry", i, "response", "status"); !strings.HasPrefix(got, want) {
			t.Errorf("entry %d: %s, want %s", i, got, want)
		}
	}
	if got := a.str("entry", 0, "response", "outcome", "issue", 0, "expression", 0); got != "Bundle.entry[0].resource.birthDate" {
		t.Errorf("outcome names %q", got)
	}
}

// Sixteen at once create on the same condition: exactly one exists.
func TestConditionalCreateRace(t *testing.T) {
	k := open(t)
	var wg sync.WaitGroup
	created := make(chan string, 32)
	for i := range 16 {
		wg.Go(func() {
			body := `{"resourceType":"Patient","identifier":[{"system":"s","value":"race"}]}`
			if i%2 == 0 {
				a := k.do("POST", "/Patient", body, "If-None-Exist: identifier=s|race")
				created <- fmt.Sprint(a.Code)
				return
			}
			a := k.do("POST", "", transaction(post(urnA, "Patient", `"identifier":[{"system":"s","value":"race"}]`, `,"ifNoneExist":"identifier=s|race"`)))
			created <- a.str("entry", 0, "response", "status")[:3]
		})
	}
	wg.Wait()
	close(created)
	count := map[string]int{}
	for s := range created {
		count[s]++
	}
	if count["201"] != 1 || count["200"] != 15 {
		t.Errorf("answers: %v", count)
	}
	if got := k.do("GET", "/Patient?identifier=s|race&_total=accurate", "").at("total"); got != 1.0 {
		t.Errorf("%v exist", got)
	}
}

// Sixteen at once update the same version: one wins.
func TestIfMatchRace(t *testing.T) {
	k := open(t)
	made := k.do("PUT", "/Patient/x", `{"resourceType":"Patient","id":"x"}`).want(201)
	tag := made.Header().Get("ETag")
	var wg sync.WaitGroup
	codes := make(chan int, 16)
	for range 16 {
		wg.Go(func() {
			codes <- k.do("PUT", "/Patient/x", `{"resourceType":"Patient","id":"x","active":true}`, "If-Match: "+tag).Code
		})
	}
	wg.Wait()
	close(codes)
	count := map[int]int{}
	for c := range codes {
		count[c]++
	}
	if count[200] != 1 || count[412] != 15 {
		t.Errorf("answers: %v", count)
	}
}

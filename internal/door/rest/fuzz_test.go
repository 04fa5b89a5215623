package rest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Whatever is sent to the base is answered with JSON and never a 5xx, and a
// refused transaction changes nothing.
func FuzzBundle(f *testing.F) {
	for _, s := range []string{
		transaction(post(urnA, "Patient", ""), post(urnB, "Observation", fmt.Sprintf(obsOf, urnA))),
		transaction(putEntry("Patient", "a", ""), ask("DELETE", "Patient/b"), ask("GET", "Patient?name=x")),
		transaction(post("http://a.test/Patient/1", "Patient", `"link":[{"other":{"reference":"Patient/1"},"type":"refer"}]`, `,"ifNoneExist":"identifier=s|1"`)),
		batchOf(post("", "Patient", ""), ask("GET", "Patient/1/_history"), ask("GET", "metadata")),
		transaction(post(urnA, "Patient", `"text":{"status":"empty","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><a href=\"`+urnA+`\"/></div>"}`)),
		transaction(post("", "Bundle", `"type":"document","entry":[{"fullUrl":"`+urnA+`","resource":{"resourceType":"Patient"}}]`)),
		`{"resourceType":"Bundle","type":"transaction","entry":[null,{"request":{"method":"GET","url":"?"}}]}`,
	} {
		f.Add([]byte(s))
	}
	k := open(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		k.TB = t
		before := k.position()
		a := k.do("POST", "", string(body), "Content-Type: application/fhir+json")
		if a.Code >= 500 && a.Code != 501 {
			t.Fatalf("%d: %s", a.Code, a.Body)
		}
		if !json.Valid(a.Body.Bytes()) {
			t.Fatalf("the answer is not JSON: %s", a.Body)
		}
		if a.Code >= 400 && k.position() != before {
			t.Fatalf("refused with %d, and something changed", a.Code)
		}
	})
}

// Whatever the address, the answer is JSON and never a 5xx, and nothing of
// the system's own is shown.
func FuzzAddress(f *testing.F) {
	for _, s := range []string{
		"/Patient/1", "/Patient?name=x&_count=1", "/Patient/1/_history/c.1", "/Patient/_search?x", "/_Account", "/metadata?_format=json",
		"/Patient?_include=Patient:organization&_sort=-birthdate,family", "/Observation?value-quantity=gt1|a|b&code:not=x", "//", "/%2e%2e/",
		"/Patient?birthdate=ap2020&name:exact=a%2Cb", "/AuditEvent?patient=Patient/1&_cursor=1.1", "/AuditEvent/sight-1-00000000-a",
	} {
		f.Add("GET", s)
	}
	f.Add("POST", "/Patient?x=1")
	f.Add("DELETE", "/Patient?identifier=x")
	k := open(f)
	own, err := record.Prepare(ident.Ref{Type: "_Account", ID: "1"}, []byte(`{"resourceType":"_Account","id":"1","secret":"hidden"}`))
	if err != nil {
		f.Fatal(err)
	}
	if _, err := k.practice.Commit(f.Context(), record.Change{Author: record.Author{Ref: "Device/test"}, Writes: []record.Write{own}}); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, method, path string) {
		u, err := url.Parse("http://fhir.test" + testBase + path)
		if err != nil || strings.ContainsAny(method, " \r\n\t") || method == "" {
			return
		}
		r := httptest.NewRequest(http.MethodGet, "http://fhir.test/", nil)
		r.Method, r.URL = method, u
		r.Header.Set("Authorization", "Bearer system/*.cruds")
		w := httptest.NewRecorder()
		k.handler.ServeHTTP(w, r)
		if w.Code >= 500 && w.Code != 501 {
			t.Fatalf("%s %s: %d: %s", method, path, w.Code, w.Body)
		}
		if w.Body.Len() > 0 && !json.Valid(w.Body.Bytes()) {
			t.Fatalf("%s %s: not JSON: %s", method, path, w.Body)
		}
		if strings.Contains(w.Body.String(), "hidden") {
			t.Fatalf("%s %s shows what is the system's own: %s", method, path, w.Body)
		}
	})
}

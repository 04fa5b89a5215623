package load

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// base is a FHIR server of a few lines on a real record: batches of reads,
// transactions of updates, searches. The full one is tested with the REST door.
func base(t *testing.T, p *record.Practice, fail *int) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("Authorization") != "Bearer good":
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = w.Write(fhir.Outcome(fault.New(fault.Unauthenticated, "The token has expired.")))
			return
		case *fail > 0:
			*fail--
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		case r.Method == http.MethodGet:
			page, err := p.Find(r.Context(), strings.TrimPrefix(r.URL.Path, "/fhir/")+"?"+r.URL.RawQuery)
			if err != nil {
				t.Error(err)
			}
			fmt.Fprint(w, `{"resourceType":"Bundle","type":"searchset","entry":[`)
			for _, v := range page.Matches {
				fmt.Fprintf(w, `{"resource":%s}`, v.JSON())
			}
			fmt.Fprint(w, `]}`)
			return
		}
		var b bytes.Buffer
		_, _ = b.ReadFrom(r.Body)
		in, err := fhir.ParseResource(b.Bytes())
		if err != nil {
			t.Error(err)
			return
		}
		var c record.Change
		out := []string{}
		for e := range in.Get("entry").Children() {
			ref, _ := ident.ParseRef("/" + e.Get("request", "url").Str())
			if e.Get("request", "method").Is("GET") {
				v, err := p.Read(r.Context(), ref)
				if err != nil {
					out = append(out, `{"response":{"status":"404"}}`)
				} else {
					out = append(out, `{"resource":`+string(v.JSON())+`,"response":{"status":"200 OK"}}`)
				}
				continue
			}
			if ref.ID == "cursed" {
				w.WriteHeader(422)
				_, _ = w.Write(fhir.Outcome(fault.At(fault.Refused, "Patient.name", "Not that one.")))
				return
			}
			write, err := record.Prepare(ref, e.Get("resource").Raw())
			if err != nil {
				t.Error(err)
			}
			c.Writes = append(c.Writes, write)
			out = append(out, `{"response":{"status":"200 OK"}}`)
		}
		if _, err := p.Commit(r.Context(), c); err != nil {
			t.Error(err)
		}
		fmt.Fprintf(w, `{"resourceType":"Bundle","type":"transaction-response","entry":[%s]}`, strings.Join(out, ","))
	}))
	t.Cleanup(s.Close)
	return s
}

func TestHTTPSink(t *testing.T) {
	p, fail := practice(t), 1
	s := base(t, p, &fail)
	path := file(t, "a.ndjson", []byte(patient("a")+"\n"+strings.Replace(patient("b"), `"gender"`, `"meta":{"versionId":"9"},"gender"`, 1)+"\n"+patient("cursed")+"\n"+patient("c")))
	run := func(token string) (Summary, error) {
		return Run(context.Background(), Config{Sink: HTTPSink{Base: s.URL + "/fhir/", Token: token}, Paths: []string{path}})
	}
	if _, err := run("bad"); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("with a bad token: %v", err)
	}
	sum, err := run("good")
	if err != nil {
		t.Fatal(err)
	}
	is(t, sum, "4/3/0/1")
	if len(sum.Refused) != 1 || sum.Refused[0].Message != "Not that one." || sum.Refused[0].Entry != 3 {
		t.Errorf("%v", sum.Refused)
	}
	if sum, err = run("good"); err != nil {
		t.Fatal(err)
	}
	is(t, sum, "4/0/3/1")
	refs, err := HTTPSink{Base: s.URL + "/fhir", Token: "good"}.Find(context.Background(), "Patient?_id=b")
	if err != nil || len(refs) != 1 || refs[0].ID != "b" {
		t.Errorf("%v %v", refs, err)
	}
}

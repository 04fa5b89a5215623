package rest

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// A program with one patient's token learns nothing of another: not by what
// it finds, counts, includes, or makes on a condition.
func TestOnePatientsTokenLearnsNothingOfAnother(t *testing.T) {
	k := open(t)
	mine := k.create("Patient", `{"resourceType":"Patient","birthDate":"1990-01-01"}`)
	other := k.create("Patient", `{"resourceType":"Patient","birthDate":"1960-02-03","name":[{"family":"Lovett"}]}`)
	obs := func(patient, value string) string {
		return `{"resourceType":"Observation","status":"final","code":{"text":"` + value + `"},"subject":{"reference":"Patient/` + patient +
			`"},"identifier":[{"system":"s","value":"` + value + `"}]}`
	}
	theirs := k.create("Observation", obs(other, "secret"))
	k.create("Observation", obs(mine, "mine"))
	tok := "Authorization: Bearer patient:" + mine + " patient/*.cruds"

	for _, q := range []string{
		"/Patient?_id=" + other, "/Patient?_id=" + other + "&birthdate=lt1970", "/Patient?family=Lovett", "/Patient?%5Fid=" + other,
		"/Observation?identifier=s%7Csecret", "/Observation?_id=" + theirs, "/Observation?patient=" + other,
	} {
		for _, how := range []string{"", "&_summary=count", "&_total=accurate", "&_count=0"} {
			a := k.do("GET", q+how, "", tok).want(200)
			if n := a.at("total"); n != 0.0 && n != nil || len(a.entries()) != 0 {
				t.Errorf("%s%s: %s", q, how, a.Body)
			}
		}
	}
	if n := k.do("GET", "/Patient?_id="+mine+"&_summary=count", "", tok).want(200).at("total"); n != 1.0 {
		t.Errorf("their own: %v", n)
	}
	k.do("GET", "/Observation/"+theirs, "", tok).refused(404, "")
	k.do("GET", "/Observation/"+theirs+"/_history", "", tok).refused(404, "")
	k.do("GET", "/AuditEvent?patient="+other, "", tok).refused(403, "")
	k.create("AuditEvent", `{"resourceType":"AuditEvent","type":{"code":"rest"},"recorded":"2026-01-01T00:00:00Z","agent":[{"requestor":true}],"source":{"observer":{"display":"x"}},`+
		`"entity":[{"what":{"reference":"Patient/`+mine+`"}},{"what":{"reference":"Patient/`+other+`"}}]}`)
	if a := k.do("GET", "/AuditEvent?patient="+mine, "", tok).want(200); strings.Contains(a.Body.String(), other) {
		t.Errorf("an event of both patients is shown to one: %s", a.Body)
	}
	// Whether another patient's matches, the answer is the same: 201.
	for _, condition := range []string{"identifier=s|secret", "identifier=s|nothing"} {
		k.do("POST", "/Observation", obs(mine, "new"), tok, "If-None-Exist: "+condition).want(201)
	}
	k.do("PUT", "/Observation?identifier=s%7Csecret", obs(mine, "put"), tok).want(201)
	k.do("DELETE", "/Observation?identifier=s%7Csecret", "", tok).want(204)
	for _, ref := range []string{"Patient?family=Lovett", "Observation?identifier=s|secret"} {
		body := `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/` +
			mine + `"},"hasMember":[{"reference":"` + ref + `"}]},"request":{"method":"POST","url":"Observation"}}]}`
		k.do("POST", "", body, tok).refused(412, "Bundle.entry[0].resource.hasMember[0].reference")
	}
	k.do("GET", "/Observation/"+theirs, "").want(200) // it is still there
}

// The system's own entries are shown and written by nobody from outside.
func TestOwnTypesAreNobodys(t *testing.T) {
	k := open(t)
	for _, typ := range []string{"_Account", "_Session", "_Access"} {
		w, err := record.Prepare(ident.Ref{Type: typ, ID: "one"}, fmt.Appendf(nil, `{"resourceType":%q,"id":"one","password":"hash"}`, typ))
		if err == nil {
			_, err = k.practice.Commit(t.Context(), record.Change{Author: record.Author{Ref: "Device/test"}, Reason: "test", Writes: []record.Write{w}})
		}
		if err != nil {
			t.Fatal(err)
		}
		own := `{"resourceType":"` + typ + `","id":"one"}`
		k.do("GET", "/"+typ+"/one", "").refused(404, "")
		k.do("GET", "/"+typ, "").refused(404, "")
		k.do("GET", "/"+typ+"/one/_history", "").refused(404, "")
		k.do("PUT", "/"+typ+"/one", own).refused(404, "")
		k.do("POST", "/"+typ, own).refused(404, "")
		if a := k.do("POST", "/Patient", own); a.Code < 400 {
			t.Errorf("%s was taken as a Patient: %s", typ, a.Body)
		}
		for _, entry := range []string{
			`{"resource":` + own + `,"request":{"method":"PUT","url":"` + typ + `/one"}}`,
			`{"request":{"method":"GET","url":"` + typ + `/one"}}`,
			`{"request":{"method":"DELETE","url":"` + typ + `?_id=one"}}`,
		} {
			for _, kind := range []string{"batch", "transaction"} {
				a := k.do("POST", "", `{"resourceType":"Bundle","type":"`+kind+`","entry":[`+entry+`]}`)
				if strings.Contains(a.Body.String(), "hash") || a.Code == 200 && !strings.Contains(a.Body.String(), `"status":"4`) {
					t.Errorf("%s in a %s: %d %s", typ, kind, a.Code, a.Body)
				}
			}
		}
		// A reference to one brings nothing in, and is found by nothing.
		task := `{"resourceType":"Task","id":"t` + typ[1:] + `","status":"draft","intent":"plan","owner":{"reference":"` + typ + `/one"}}`
		k.do("PUT", "/Task/t"+typ[1:], task).refused(422, "Task.owner.reference")
		w, err = record.Prepare(ident.Ref{Type: "Task", ID: "t" + typ[1:]}, []byte(task))
		if err == nil {
			_, err = k.practice.Commit(t.Context(), record.Change{Author: record.Author{Ref: "Device/test"}, Reason: "test", Writes: []record.Write{w}})
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range []string{
			"_include=Task:owner", "_include=Task:owner:" + typ, "_include=" + typ + ":owner", "_revinclude=" + typ + ":owner",
			"owner:" + typ + "=one", "owner:" + typ + ".password=hash", "_has:" + typ + ":owner:password=hash",
		} {
			if a := k.do("GET", "/Task?"+q, ""); strings.Contains(a.Body.String(), "hash") || strings.Contains(a.Body.String(), `"password"`) && a.Code == 200 {
				t.Errorf("%s: %s", q, a.Body)
			}
		}
	}
	if page, err := k.practice.Find(t.Context(), "_Account?_count=5"); err != nil || len(page.Matches) != 1 {
		t.Errorf("the account: %v %v", page.Matches, err)
	}
}

// What one request can make the server do has bounds.
func TestBounds(t *testing.T) {
	k := open(t)
	k.create("Patient", ada)
	t.Run("position", func(t *testing.T) {
		d := k.handler.(*door)
		for range maxWaiting {
			d.waiting <- struct{}{}
		}
		k.do("GET", "/Patient", "", "X-Heartwood-Position: Z99901=18446744073709551615").status(t, 400, 503)
		here := k.practice.Position().String()
		k.do("GET", "/Patient", "", "X-Heartwood-Position: "+here).want(200) // has nothing to wait for
		for range maxWaiting {
			<-d.waiting
		}
	})
	t.Run("entries", func(t *testing.T) {
		k.handler.(*door).MaxBundle = 16 << 20
		one := `{"request":{"method":"GET","url":"Patient"}}`
		k.do("POST", "", `{"resourceType":"Bundle","type":"batch","entry":[`+strings.Repeat(one+",", maxEntries)+one+`]}`).refused(413, "Bundle.entry")
	})
	t.Run("answers", func(t *testing.T) {
		k.handler.(*door).MaxAnswer = 2000
		one := `{"request":{"method":"GET","url":"Patient"}}`
		for _, kind := range []string{"batch", "transaction"} {
			a := k.do("POST", "", `{"resourceType":"Bundle","type":"`+kind+`","entry":[`+strings.Repeat(one+",", 40)+one+`]}`).want(200)
			if !strings.Contains(a.Body.String(), "ask for this in another") {
				t.Errorf("%s: %d bytes of answers", kind, a.Body.Len())
			}
		}
	})
	t.Run("count", func(t *testing.T) {
		a := k.do("GET", "/Patient?_count=1000000000", "").want(200)
		if self := a.str("link", 0, "url"); !strings.Contains(self, "_count=1000") || strings.Contains(self, "_count=10000") {
			t.Errorf("self is %s", self)
		}
		k.do("GET", "/Patient?_count=99999999999999999999", "").refused(400, "_count")
	})
	t.Run("values", func(t *testing.T) {
		k.do("GET", "/Patient?_id="+strings.Repeat("a,", 10_000)+"a", "").status(t, 200, 400)
		k.do("GET", "/Patient?name="+strings.Repeat("a,", 10_000)+"a", "").status(t, 200, 400)
		k.do("GET", "/Patient?"+strings.Repeat("name=a&", 8000), "").status(t, 200, 400)
		k.do("GET", "/Patient?birthdate="+url.QueryEscape(strings.Repeat("ge1900,", 5000)+"1900"), "").status(t, 200, 400)
	})
	t.Run("depth", func(t *testing.T) {
		k.do("POST", "/Patient", `{"resourceType":"Patient","extension":`+strings.Repeat(`[{"extension":`, 5000)+`[]`+strings.Repeat(`}]`, 5000)+`}`).status(t, 400, 422)
	})
	t.Run("gzip", func(t *testing.T) {
		bomb := packed(`{"resourceType":"Patient","id":"` + strings.Repeat("a", 8<<20) + `"}`)
		k.do("POST", "/Patient", bomb, "Content-Encoding: gzip").refused(413, "")
		if d := k.handler.(*door); !d.room.TryAcquire(1 << 20) {
			t.Error("room was not given back")
		}
	})
}

func (a answer) status(t *testing.T, any ...int) {
	t.Helper()
	for _, s := range any {
		if a.Code == s {
			return
		}
	}
	t.Errorf("status %d (%s), want one of %v: %.300s", a.Code, http.StatusText(a.Code), any, a.Body)
}

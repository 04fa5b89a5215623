package web_test

import (
	"strings"
	"testing"

	"heartwood/internal/care/feedback"
	"heartwood/internal/care/request"
	"heartwood/internal/record"
)

// Once it is answered the patient says how it went, staff who work on the
// request read it, and the manager sees numbers but not small ones.
func TestHowItWent(t *testing.T) {
	w := newTown(t)
	page := "/p/Z99901/of/ann/requests/[ann request]"
	asks := "How was it to get help from us this time?"
	if strings.Contains(w.ask("ann", "GET", page, "").Body.String(), asks) {
		t.Error("asked while it is open")
	}
	gp := record.Author{Ref: "Practitioner/gp", Role: "clinician"}
	_, err := request.New(w.store).Do(t.Context(), here, gp, w.ids["ann request"], "", request.Close{Outcome: request.AdviceGiven, Told: "It is done."})
	must(t, err)
	if !strings.Contains(w.ask("ann", "GET", page, "").Body.String(), asks) {
		t.Fatal("not asked when it is closed")
	}
	if got := w.ask("ann", "POST", page+"/went", "how=very-poor&words=Nobody+rang"); got.Code != 303 {
		t.Fatalf("%d", got.Code)
	}
	if body := w.ask("ann", "GET", page, "").Body.String(); strings.Contains(body, asks) || !strings.Contains(body, "Very poor") {
		t.Error("asked again, or what was said is not shown")
	}
	if body := w.ask("clinician", "GET", "/desk/Z99901/request/[ann request]", "").Body.String(); !strings.Contains(body, "Nobody rang") {
		t.Error("staff do not read it")
	}
	for path, kind := range map[string]string{"/manage/Z99901/feedback": "page", "/manage/Z99901/feedback/how-it-went.csv": "file"} {
		if body := w.ask("manager", "GET", path, "").Body.String(); strings.Count(body, "not shown") < 2*len(feedback.Answers) || strings.Contains(body, "Nobody rang") {
			t.Errorf("of one person the %s tells: %s", kind, body)
		}
	}
}

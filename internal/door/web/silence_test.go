package web_test

import (
	"strings"
	"testing"

	"heartwood/internal/care"
	"heartwood/internal/care/direct"
	"heartwood/internal/hazard"
	"heartwood/internal/record"
)

// The page on which messages are switched off has no box, says why, and leads
// to asking for help; what is sent from a page that was open is a request.
func TestAPageWhereMessagesAreOff(t *testing.T) {
	hazard.Covers(t, "H-043")
	w := newTown(t)
	p, err := w.store.Practice(here)
	must(t, err)
	page := "/p/Z99901/of/ann/requests/[ann request]"
	if body := w.ask("ann", "GET", page, "").Body.String(); !strings.Contains(body, `name="text"`) {
		t.Fatal("no box while messages are on")
	}
	gp := record.Author{Ref: "Practitioner/gp", Role: care.RoleClinician}
	must(t, direct.Save(t.Context(), p, gp, direct.Setting{Off: true, Why: "Our system is being mended."}))
	body := w.ask("ann", "GET", page, "").Body.String()
	if strings.Contains(body, `name="text"`) || !strings.Contains(body, "Our system is being mended.") || !strings.Contains(body, `href="/p/Z99901/ask"`) {
		t.Errorf("while off: %s", body)
	}
	got := w.ask("ann", "POST", page, "text=It+is+late&token=01234567890123456789")
	to := got.Header().Get("Location")
	if got.Code != 303 || strings.Contains(to, w.ids["ann request"]) || !strings.HasSuffix(to, "?sent=new") {
		t.Fatalf("%d to %s", got.Code, to)
	}
	if body := w.ask("ann", "GET", to, "").Body.String(); !strings.Contains(body, "It is late") || !strings.Contains(body, "It is a new request") {
		t.Error("what was written is not on the new request")
	}
	if body := w.ask("ann", "GET", "/p/Z99901/ask", "").Body.String(); strings.Contains(body, "switched off") {
		t.Error("asking for help is off too")
	}
}

package web_test

import (
	"net/http"
	"strings"
	"testing"

	"heartwood/internal/care/request"
	"heartwood/internal/hazard"
)

// A change of access is asked for as a request that staff decide about. Kept
// off the pages, nobody who acts for the patient can read it.
func TestAskToChangeAccess(t *testing.T) {
	hazard.Covers(t, "H-042")
	for keep, want := range map[string]int{"": http.StatusOK, "&keep=yes": http.StatusNotFound} {
		w := newTown(t)
		form := "want=stop&want=less&text=My+aunt+must+not+see+my+letters&token=01234567890123456789" + keep
		for range 2 {
			if got := w.ask("ann", "POST", "/p/Z99901/of/me/access", form); got.Code != 200 || !strings.Contains(got.Body.String(), "We have your request") {
				t.Fatalf("%d: %s", got.Code, got.Body)
			}
		}
		all, err := request.New(w.store).Of(t.Context(), here, "Patient/ann")
		must(t, err)
		var made []request.View
		for _, q := range all {
			if strings.Contains(q.Asked.What, "Stop someone acting for me online") {
				made = append(made, q)
			}
		}
		if len(made) != 1 || !made[0].Open() || made[0].Owner.Ref == "" || !strings.Contains(made[0].Asked.What, "letters") {
			t.Fatalf("%d made: %+v", len(made), made)
		}
		if got := w.ask("una", "GET", "/p/Z99901/of/ann/requests/"+made[0].ID, ""); got.Code != want {
			t.Errorf("who acts for her: %d, want %d", got.Code, want)
		}
		list := w.ask("una", "GET", "/p/Z99901/of/ann/requests", "").Body.String()
		if strings.Contains(list, made[0].ID) != (want == 200) {
			t.Error("the list tells otherwise")
		}
		if got := w.ask("navigator", "GET", "/desk/Z99901/request/"+made[0].ID, ""); got.Code != 200 || !strings.Contains(got.Body.String(), "letters") {
			t.Errorf("staff: %d", got.Code)
		}
	}
}

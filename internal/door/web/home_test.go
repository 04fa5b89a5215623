package web_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"heartwood/internal/access"
	"heartwood/internal/door/web/signin"
)

// The front page leads everyone to where their work begins, and that page
// lets them in.
func TestEveryRoleHasAHomeThatLetsThemIn(t *testing.T) {
	for role, want := range map[access.Role]string{
		access.Patient: "/p/Z99901/", access.Proxy: "/p/Z99901/", access.Navigator: "/desk/Z99901/",
		access.Clinician: "/desk/Z99901/", access.Manager: "/manage/Z99901/", access.Commissioner: "/board/",
	} {
		who := access.Person{AccountID: "a", Name: "Al", Role: role, Practice: "Z99901", Ref: "Practitioner/a"}
		if role == access.Patient || role == access.Proxy {
			who.Ref, who.Patients = "Patient/ann", []string{"Patient/ann"}
		}
		if got := signin.Home(who); got != want {
			t.Errorf("%s begins at %s, not %s", role, got, want)
			continue
		}
		h := site(t, &who)
		front := httptest.NewRecorder()
		h.ServeHTTP(front, httptest.NewRequest(http.MethodGet, "/", nil))
		if !strings.Contains(front.Body.String(), `href="`+want+`"`) {
			t.Errorf("%s: the front page does not lead to %s", role, want)
		}
		home := httptest.NewRecorder()
		h.ServeHTTP(home, httptest.NewRequest(http.MethodGet, want, nil))
		if home.Code >= 400 && home.Code != http.StatusNotFound { // the person's own record is not in this store
			t.Errorf("%s: %s answered %d", role, want, home.Code)
		}
	}
}

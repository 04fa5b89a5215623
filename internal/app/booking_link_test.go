package app_test

import (
	"context"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"heartwood/internal/app"
	"heartwood/internal/care/booking"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// The link in the notice of an offer opens that appointment, and no message;
// one for a message opens no appointment; neither can be made up.
func TestALinkIsForOneThing(t *testing.T) {
	hazard.Covers(t, "H-024")
	a, handler := open(t)
	p, err := a.Store.Practice(practice)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	nav := record.Author{Ref: "Practitioner/nav", Role: "navigator"}
	res, err := booking.New().Offer(ctx, p, nav, booking.OfferCommand{Patient: ident.Ref{Type: "Patient", ID: "p1"}})
	if err != nil {
		t.Fatal(err)
	}
	page, err := p.Find(ctx, "Communication?recipient=Patient/p1&status=completed")
	if err != nil || len(page.Matches) != 1 {
		t.Fatalf("%d messages, %v", len(page.Matches), err)
	}
	link := app.LinkOf(a, practice, page.Matches[0].Ref)
	u, err := url.Parse(link)
	if err != nil || !strings.HasPrefix(u.Path, "/b/") {
		t.Fatalf("the link of an offer: %q, %v", link, err)
	}
	for path, want := range map[string]int{
		u.Path: 200, strings.Replace(u.Path, "/b/", "/m/", 1): 410, strings.Replace(u.Path, "/b/", "/check-in/", 1): 410, u.Path[:len(u.Path)-2] + "AA": 410,
	} {
		rec := httptest.NewRecorder()
		handler.ServeHTTP(rec, httptest.NewRequest("GET", path, nil))
		if rec.Code != want {
			t.Errorf("%s… answered %d, not %d", path[:4], rec.Code, want)
		}
	}
	if _, err := booking.New().Cancel(ctx, p, nav, booking.CancelCommand{Appointment: res.Appointment.Appointment, Reason: "test"}); err != nil {
		t.Fatal(err)
	}
	if link := app.LinkOf(a, practice, page.Matches[0].Ref); !strings.Contains(link, "/m/") {
		t.Error("the message of an appointment that is over leads to it all the same")
	}
}

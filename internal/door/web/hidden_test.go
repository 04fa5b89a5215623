package web_test

import (
	"context"
	"strings"
	"testing"

	"heartwood/internal/care/hidden"
	"heartwood/internal/care/message"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
)

// What staff have hidden is nowhere on the pages of the patient, or of who
// acts for them, and nothing there tells that something is hidden.
func TestHiddenIsNotSeenOnline(t *testing.T) {
	hazard.Covers(t, "H-013")
	hazard.Covers(t, "H-014")
	y := open(t)
	q := y.asked("ann")
	m := message.New(y.store)
	if _, err := m.Send(context.Background(), ods, navigator, message.Send{Request: q.ID, Patient: "Patient/ann", Text: "Is it safe to ring you?"}, "send-1"); err != nil {
		t.Fatal(err)
	}
	ctx, ann := context.Background(), ident.Ref{Type: "Patient", ID: "ann"}
	item := ident.Ref{Type: "Task", ID: q.ID}
	b := y.browser("ann")
	pages := []string{"/p/Z99901/", "/p/Z99901/of/me/requests", "/p/Z99901/of/me/record", "/p/Z99901/of/me/record/all"}
	seen := func() (n int) {
		for _, path := range pages {
			p := b.get(path)
			if p.status != 200 {
				t.Fatalf("%s: %d", path, p.status)
			}
			if strings.Contains(p.body, q.Reference) || strings.Contains(p.body, "safe to ring you") || strings.Contains(p.body, "1 new message") {
				n++
			}
		}
		return n
	}
	if seen() < 2 {
		t.Fatal("the request is not seen before it is hidden")
	}
	if err := hidden.Hide(ctx, y.practice, navigator, ann, item, " "); !fault.Is(err, fault.Invalid) {
		t.Errorf("hidden without a reason: %v", err)
	}
	if err := hidden.Hide(ctx, y.practice, navigator, ident.Ref{Type: "Patient", ID: "cat"}, item, "x"); !fault.Is(err, fault.NotFound) {
		t.Errorf("hidden in somebody else's record: %v", err)
	}
	if err := hidden.Hide(ctx, y.practice, navigator, ann, item, "Her husband reads her telephone"); err != nil {
		t.Fatal(err)
	}
	if n := seen(); n != 0 {
		t.Errorf("seen on %d pages", n)
	}
	at := "/p/Z99901/of/me/requests/" + q.ID
	if p := b.get(at); p.status != 404 || strings.Contains(strings.ToLower(p.body), "hidden ") {
		t.Errorf("the request itself: %d", p.status)
	}
	if p := b.post(at, "text", "hello", "token", ident.NewID()); p.status != 404 {
		t.Errorf("a reply: %d", p.status)
	}
	for _, path := range pages {
		if p := b.get(path); strings.Contains(p.body, "husband") {
			t.Errorf("%s shows the reason", path)
		}
	}
	if err := hidden.Show(ctx, y.practice, navigator, ann, item, "She has moved and asked for it"); err != nil {
		t.Fatal(err)
	}
	if seen() < 2 {
		t.Error("it is not seen again")
	}
}

package web_test

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"strings"
	"testing"

	"heartwood/internal/hazard"
)

// A connection that has sent too much is told so: nothing is lost, nobody is
// left without 999, and who has signed in is not held up.
func TestTooManyFromOneConnection(t *testing.T) {
	hazard.Covers(t, "H-001")
	hazard.Covers(t, "H-002")
	y := open(t)
	sent := 0
	var last *browser
	var at seen
	for range 32 {
		last = y.browser("")
		last.to(t, "My left ear has been sore since Monday.")
		if at = last.post(ask + "/check"); at.status != http.StatusOK {
			break
		}
		sent++
	}
	if at.status != http.StatusTooManyRequests || len(y.queue()) != sent {
		t.Fatalf("after %d sent, %d kept: %d", sent, len(y.queue()), at.status)
	}
	for _, want := range []string{"has not been sent yet", "phone the practice", "Call 111", "Call 999", "My left ear"} {
		if !strings.Contains(at.body, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if again := last.get(ask + "/check"); !strings.Contains(again.body, "My left ear") {
		t.Error("what was typed is gone")
	}
	// An emergency is still taken, and advised, from the same connection.
	red := y.browser("")
	if at := red.to(t, "I have crushing chest pain going down my left arm and I am sweating."); !strings.Contains(at.body, "tel:999") || reference.FindString(at.body) == "" {
		t.Errorf("an emergency: %d at %s", at.status, at.path)
	}
	known := y.browser("ann")
	known.to(t, "My left ear has been sore since Monday.")
	if at := known.post(ask + "/check"); at.status != http.StatusOK || reference.FindString(at.body) == "" {
		t.Errorf("somebody who has signed in: %d", at.status)
	}
	var begun seen
	for range 60 {
		if begun = y.browser("").post(ask); begun.status != http.StatusOK {
			break
		}
	}
	if begun.status != http.StatusTooManyRequests || !strings.Contains(begun.body, "Call 999") {
		t.Errorf("too many forms: %d", begun.status)
	}
}

// An emergency typed after the session has ended is advised on at once.
func TestEmergencyAfterTheSessionEnded(t *testing.T) {
	hazard.Covers(t, "H-002")
	y := open(t)
	b := y.browser("ann")
	b.to(t, "My left ear has been sore since Monday.")
	b.signOut()
	at := b.post(ask+"/what", "what", "I have crushing chest pain going down my left arm and I am sweating.")
	if !strings.Contains(at.body, "tel:999") || !strings.Contains(at.body, "does not know about this yet") {
		t.Errorf("%d at %s: %s", at.status, at.path, errorsOf(at.body))
	}
}

// What people uploaded may do nothing in the site's name.
func TestUploadsAreServedAsFilesOnly(t *testing.T) {
	y := open(t)
	b := y.browser("ann")
	b.to(t, "My left ear has been sore since Monday.")
	var dot bytes.Buffer
	if err := png.Encode(&dot, image.NewGray(image.Rect(0, 0, 40, 40))); err != nil {
		t.Fatal(err)
	}
	if at := b.upload(ask+"/photos", "ear.png", "image/png", dot.Bytes(), "more", "add"); at.status != 200 {
		t.Fatalf("%d: %s", at.status, errorsOf(at.body))
	}
	res, err := b.c.Get(y.server.URL + ask + "/photos/0")
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	h := res.Header
	if res.StatusCode != 200 || !strings.HasSuffix(h.Get("Content-Security-Policy"), "sandbox") || h.Get("X-Content-Type-Options") != "nosniff" ||
		!strings.Contains(h.Get("Cache-Control"), "no-store") || h.Get("Content-Disposition") != "inline" {
		t.Errorf("%d with %v", res.StatusCode, h)
	}
}

func (b *browser) signOut() {
	u, err := http.NewRequest("GET", b.y.server.URL+"/", nil)
	if err != nil {
		b.y.t.Fatal(err)
	}
	b.c.Jar.SetCookies(u.URL, []*http.Cookie{{Name: "as", Value: "", Path: "/", MaxAge: -1}})
}

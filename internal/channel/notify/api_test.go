package notify_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"net/http"
	"strings"
	"testing"
	"time"

	"heartwood/internal/channel/notify"
	"heartwood/internal/channel/notify/local"
	"heartwood/internal/fault"
)

const (
	serviceID = "26785a09-ab16-4eb0-8407-a37497a57506"
	secretID  = "3d844edf-8d35-48ac-975b-e847b4f122b0"
)

var at = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

func now() time.Time { return at }

func govuk(t *testing.T) (*notify.GovUK, *local.Service) {
	t.Helper()
	s := local.New(local.Config{Service: serviceID, Secret: secretID, Now: now})
	g, err := notify.NewGovUK(notify.GovUKConfig{
		Base: "http://notify.local", Key: "live-key-" + serviceID + "-" + secretID, SMSTemplate: "t1", EmailTemplate: "t2", Transport: s, Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return g, s
}

func TestGovUKSendsEachKind(t *testing.T) {
	g, s := govuk(t)
	for _, m := range []notify.Message{
		{Key: "a", Medium: notify.SMS, To: "07700 900001", Text: "Hello"},
		{Key: "b", Medium: notify.Email, To: "jo@example.com", Subject: "S", Text: "Hello"},
		{Key: "c", Medium: notify.Letter, To: "1 High Street", Text: "Hello", PDF: []byte("%PDF-1.4 …")},
	} {
		receipt, err := g.Send(context.Background(), m)
		if err != nil || !notify.Tracked(receipt) || !g.Gave(receipt) {
			t.Fatalf("%s: %q, %v", m.Medium, receipt, err)
		}
		s.Deliver(context.Background())
		got, err := g.Status(context.Background(), receipt)
		if err != nil || got.State != notify.Delivered || got.Key != m.Key || got.Medium != m.Medium {
			t.Errorf("%s: %+v, %v", m.Medium, got, err)
		}
	}
	if n := len(s.Items()); n != 3 {
		t.Fatalf("%d items", n)
	}
}

// What an earlier try may have handed over is looked up, not sent again.
func TestGovUKLooksBeforeItSendsAgain(t *testing.T) {
	g, s := govuk(t)
	m := notify.Message{Key: "a", Medium: notify.SMS, To: "07700 900001", Text: "Hello"}
	first, err := g.Send(context.Background(), m)
	if err != nil {
		t.Fatal(err)
	}
	m.Again = true
	second, err := g.Send(context.Background(), m)
	if err != nil || second != first || len(s.Items()) != 1 {
		t.Fatalf("%q after %q, %d items, %v", second, first, len(s.Items()), err)
	}
}

func TestKindsOfAnswer(t *testing.T) {
	for status, want := range map[int]fault.Kind{
		429: fault.TooMany, 500: fault.Busy, 503: fault.Busy, 400: fault.Refused, 403: fault.Internal, 401: fault.Internal,
	} {
		g, s := govuk(t)
		s.Fail(status)
		_, err := g.Send(context.Background(), notify.Message{Key: "a", Medium: notify.SMS, To: "07700 900001", Text: "Hello"})
		if !fault.Is(err, want) {
			t.Errorf("%d is %v", status, err)
		}
		if err != nil && strings.Contains(err.Error(), "900001") {
			t.Errorf("%d: the number is in the error", status)
		}
	}
}

func TestNHSSendsOnce(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	var told []byte
	var signature string
	s := local.New(local.Config{App: "app", Public: &key.PublicKey, CallbackSecret: "shh", Now: now, Tell: func(_ context.Context, _ string, h http.Header, b []byte) error {
		told, signature = b, h["X-Hmac-Sha256-Signature"][0]
		return nil
	}})
	n, err := notify.NewNHS(notify.NHSConfig{Base: "http://nhs.local", App: "app", KeyID: "k1", Key: key, ODS: "Z99901", Plans: map[notify.Medium]string{notify.App: "plan"}, Transport: s, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	m := notify.Message{Key: "a", Medium: notify.App, To: "x", Text: "Hello", NHS: "9990000018"}
	m.NHS = "9990548609"
	first, err := n.Send(context.Background(), m)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := n.Send(context.Background(), m); err != nil || !notify.Tracked(again) {
		t.Fatalf("again: %q, %v", again, err)
	}
	s.Deliver(context.Background())
	got, err := n.Status(context.Background(), first)
	if err != nil || got.State != notify.Delivered || got.Key != "a" {
		t.Fatalf("%+v, %v", got, err)
	}
	reports, err := notify.ParseNHSReports(told)
	if err != nil || len(reports) != 1 || reports[0].Key != "a" || reports[0].State != notify.Delivered {
		t.Fatalf("%+v, %v", reports, err)
	}
	if !notify.SignedByNHS(told, signature, []byte("shh")) || notify.SignedByNHS(append(told, ' '), signature, []byte("shh")) || notify.SignedByNHS(told, signature, nil) {
		t.Fatal("the signature does not hold")
	}
}

func FuzzCallbacks(f *testing.F) {
	f.Add([]byte(`{"id":"1","reference":"a","status":"delivered","notification_type":"sms"}`))
	f.Add([]byte(`{"id":"1","source_number":"447700900001","message":"hi"}`))
	f.Add([]byte(`{"data":[{"type":"MessageStatus","attributes":{"messageReference":"a","messageStatus":"failed"}}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := notify.ParseGovUKReport(b); err == nil && r.State == "" {
			t.Error("a report without a state")
		}
		if x, err := notify.ParseGovUKText(b); err == nil && (x.ID == "" || x.From == "") {
			t.Error("a text without an id or a sender")
		}
		rs, _ := notify.ParseNHSReports(b)
		for _, r := range rs {
			if r.Key == "" {
				t.Error("a report about nothing")
			}
		}
	})
}

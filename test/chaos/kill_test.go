package chaos_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"heartwood/internal/hazard"
)

// TestKill kills the program under the hands of patients and programs.
//
// Every receipt that was shown is in the ledger exactly once, every form that
// is in the ledger was acknowledged to whoever sent it, everything that was
// answered 201 reads back as it was sent, once, and after every kill the
// record verifies.
//
// It was proved to bite: with pebble.NoSync in place of pebble.Sync in
// pebble.Log.Append, a create that was answered 201 is gone after a kill.
func TestKill(t *testing.T) {
	hazard.Covers(t, "H-001")
	hazard.Covers(t, "H-009")
	const practice = "Z90001"
	rnd, data := seeded(t), filepath.Join(t.TempDir(), "d")
	s := newServer(t, "demo", "--data", data, "--patients", "30")
	s.start()
	time.Sleep(time.Duration(rnd.IntN(1500)) * time.Millisecond)
	s.kill() // perhaps while the practices are being made
	s.start()
	s.ready()
	token := must(t, "token", "--data", data, "--practice", practice, "--scope", "system/*.cruds", "--name", "chaos")
	c := newCrowd(t)
	base := func() string { return s.url + "/fhir/" + practice }
	for who := range 3 {
		c.patient(s.url, practice, who)
		c.program(base, token, who)
	}
	for range rounds(t) {
		time.Sleep(time.Duration(200+rnd.IntN(1300)) * time.Millisecond)
		s.kill()
		sound(t, "--data", data)
		s.start()
		if rnd.IntN(4) == 0 {
			time.Sleep(time.Duration(rnd.IntN(400)) * time.Millisecond)
			s.kill() // while it is starting
			s.start()
		}
		s.ready()
	}
	c.finish()
	requests := hold(t, newAPI(token), base(), c.told)
	s.stop()
	sound(t, "--data", data)
	report := must(t, "reconcile", "--data", data, "--practice", practice)
	if !strings.HasSuffix(report, "balanced: in = answered + open") {
		t.Errorf("reconcile says\n%s", report)
	}
	t.Logf("%d receipts and %d resources acknowledged; %d answers lost; %d requests in all",
		len(c.told.receipts), len(c.told.created), c.told.lost, requests)
	if len(c.told.receipts) == 0 || len(c.told.created) == 0 || c.told.lost == 0 {
		t.Error("the test did not bite")
	}
}

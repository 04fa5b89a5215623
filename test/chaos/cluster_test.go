package chaos_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record/postgres/pgtest"
)

const (
	clusterPractice = "Z99901"
	slots           = 40
	bookers         = 3
)

// TestCluster has two processes serve one practice from one PostgreSQL
// database, kills one or the other, and spreads clients over both. A client
// that presents the position it was told of sees its own writes wherever it
// asks. Nothing acknowledged is lost, nothing happens twice, and of all who
// try for a slot one has it.
func TestCluster(t *testing.T) {
	hazard.Covers(t, "H-001")
	hazard.Covers(t, "H-004")
	hazard.Covers(t, "H-009")
	database, rnd, dir := pgtest.Database(t), seeded(t), t.TempDir()
	one, two := filepath.Join(dir, "one"), filepath.Join(dir, "two")
	must(t, "import", "--data", one, "--database", database, "--practice", clusterPractice, seedFile(t, dir))
	token := must(t, "token", "--data", one, "--practice", clusterPractice, "--scope", "system/*.cruds", "--name", "chaos")
	copyKeys(t, filepath.Join(one, "keys"), filepath.Join(two, "keys"))
	both := []*server{
		newServer(t, "serve", "--data", one, "--database", database),
		newServer(t, "serve", "--data", two, "--database", database),
	}
	for _, s := range both {
		s.start()
		s.ready()
	}
	either := func() string { return both[rand.IntN(2)].url + "/fhir/" + clusterPractice }
	c, b := newCrowd(t), &bookings{won: map[string]string{}}
	for who := range 2 {
		c.patient(both[who].url, clusterPractice, who) // a half-filled form is kept by one process
		c.program(either, token, who)
	}
	for who := range bookers {
		a := newAPI(token)
		c.run(func(n int) error { return b.try(c.ctx, a, either, fmt.Sprint("booker-", who), n) })
	}
	for range (rounds(t) + 1) / 2 {
		time.Sleep(time.Duration(200+rnd.IntN(1300)) * time.Millisecond)
		n := rnd.IntN(2)
		both[n].kill()
		sound(t, "--data", []string{one, two}[n], "--database", database) // while the other serves
		both[n].start()
		both[n].ready()
	}
	c.finish()
	reached := position(t, token, both)
	for _, s := range both {
		a := newAPI(token)
		a.position = reached
		requests := hold(t, a, s.url+"/fhir/"+clusterPractice, c.told)
		b.hold(t, a, s.url+"/fhir/"+clusterPractice)
		t.Logf("%d receipts and %d resources acknowledged; %d answers lost; %d requests in all; %d slots booked",
			len(c.told.receipts), len(c.told.created), c.told.lost, requests, len(b.won))
	}
	for i, s := range both {
		s.stop()
		sound(t, "--data", []string{one, two}[i], "--database", database)
	}
	report := must(t, "reconcile", "--data", one, "--database", database, "--practice", clusterPractice)
	if !strings.HasSuffix(report, "balanced: in = answered + open") {
		t.Errorf("reconcile says\n%s", report)
	}
	if len(c.told.receipts) == 0 || len(c.told.created) == 0 || c.told.lost == 0 || len(b.won) == 0 || b.late == 0 {
		t.Errorf("the test did not bite: %d came too late for a slot", b.late)
	}
}

// position is what all processes together have seen: pages for patients tell
// nobody theirs.
func position(t *testing.T, token string, servers []*server) string {
	t.Helper()
	merged := ident.Position{}
	for _, s := range servers {
		a := newAPI(token)
		if _, err := a.send(context.Background(), http.MethodGet, s.url+"/fhir/"+clusterPractice+"/Patient/p1", "", ""); err != nil {
			t.Fatal(err)
		}
		p, err := ident.ParsePosition(a.position)
		if err != nil {
			t.Fatal(err)
		}
		merged.Merge(p)
	}
	return merged.String()
}

// copyKeys gives the second process the keys of the first, as an installation
// of several processes does.
func copyKeys(t *testing.T, from, to string) {
	t.Helper()
	files, err := os.ReadDir(from)
	if err == nil {
		err = os.MkdirAll(to, 0o700)
	}
	for _, f := range files {
		b, readErr := os.ReadFile(filepath.Join(from, f.Name()))
		err = errors.Join(err, readErr, os.WriteFile(filepath.Join(to, f.Name()), b, 0o600))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// seedFile is a practice with free slots.
func seedFile(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, `{"resourceType":"Organization","id":"o1","name":"Test Surgery","identifier":[{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":%q}]}`+"\n", clusterPractice)
	b.WriteString(`{"resourceType":"Patient","id":"p1","name":[{"family":"Test"}]}` + "\n")
	b.WriteString(`{"resourceType":"Practitioner","id":"gp","name":[{"family":"Test"}]}` + "\n")
	b.WriteString(`{"resourceType":"Schedule","id":"day","actor":[{"reference":"Practitioner/gp"}]}` + "\n")
	for n := range slots {
		b.WriteString(slot(n, "free") + "\n")
	}
	path := filepath.Join(dir, "seed.ndjson")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// at is when the nth slot begins and ends.
func at(n int) (start, end string) {
	t := time.Date(2030, 1, 2, 8, 0, 0, 0, time.UTC).Add(time.Duration(n) * 10 * time.Minute)
	return t.Format(time.RFC3339), t.Add(10 * time.Minute).Format(time.RFC3339)
}

func slot(n int, status string) string {
	start, end := at(n)
	return fmt.Sprintf(`{"resourceType":"Slot","id":"s%d","schedule":{"reference":"Schedule/day"},"status":%q,"start":%q,"end":%q,`+
		`"extension":[{"url":"https://heartwood.example/fhir/StructureDefinition/slot-terms","extension":[{"url":"who","valueCode":"network"}]}]}`,
		n, status, start, end)
}

// bookings is who was told that they have which slot.
type bookings struct {
	mu   sync.Mutex
	won  map[string]string
	late int
	meet [slots]chan struct{} // who has seen a slot free waits here for the others
}

// together waits a moment for others who want the same slot.
func (b *bookings) together(n int) {
	b.mu.Lock()
	if b.meet[n] == nil {
		b.meet[n] = make(chan struct{}, bookers)
	}
	ch := b.meet[n]
	b.mu.Unlock()
	ch <- struct{}{}
	for end := time.Now().Add(100 * time.Millisecond); len(ch) < bookers && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
}

// try books the nth slot if it is free, by making an appointment in it: the
// slot is sold in the same change.
func (b *bookings) try(ctx context.Context, a *api, base func() string, who string, n int) error {
	if n >= slots {
		time.Sleep(20 * time.Millisecond)
		return nil
	}
	lost := 0
	got, err := a.insist(ctx, &lost, http.MethodGet, func() string { return base() + fmt.Sprintf("/Slot/s%d", n) }, "", "")
	if err != nil {
		return err
	}
	var s struct{ Status string }
	if err := json.Unmarshal(got.body, &s); err != nil {
		return err
	}
	if s.Status != "free" {
		return nil
	}
	b.together(n)
	start, end := at(n)
	body := fmt.Sprintf(`{"resourceType":"Appointment","status":"booked","identifier":[{"system":"urn:booker","value":%q}],"slot":[{"reference":"Slot/s%d"}],
		"start":%q,"end":%q,"participant":[{"actor":{"reference":"Patient/p1"},"status":"accepted"}]}`, who, n, start, end)
	got, err = a.insist(ctx, &lost, http.MethodPost, func() string { return base() + "/Appointment" }, fmt.Sprintf("book-%s-%d", who, n), body)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch got.status {
	case http.StatusCreated:
		at := fmt.Sprint("Slot/s", n)
		if other := b.won[at]; other != "" {
			return fmt.Errorf("%s was given to %s and to %s", at, other, who)
		}
		b.won[at] = who
	case http.StatusPreconditionFailed, http.StatusConflict:
		b.late++
	default:
		return fmt.Errorf("booking a slot: %d %s", got.status, got.body)
	}
	return nil
}

// hold holds who was told that they have a slot against the appointments.
func (b *bookings) hold(t *testing.T, a *api, base string) {
	t.Helper()
	has := map[string]string{}
	for _, raw := range all(t, a, base+"/Appointment?_count=200") {
		var v struct {
			Identifier []struct{ Value string }
			Slot       []struct{ Reference string }
		}
		if err := json.Unmarshal(raw, &v); err != nil || len(v.Slot) != 1 || len(v.Identifier) != 1 {
			t.Fatalf("an appointment is %s (%v)", raw, errors.Join(err))
		}
		if other := has[v.Slot[0].Reference]; other != "" {
			t.Errorf("%s is booked by %s and by %s", v.Slot[0].Reference, other, v.Identifier[0].Value)
		}
		has[v.Slot[0].Reference] = v.Identifier[0].Value
	}
	for at, who := range b.won {
		if has[at] != who {
			t.Errorf("%s was given to %s and is booked by %q", at, who, has[at])
		}
	}
	if len(has) != len(b.won) {
		t.Errorf("%d appointments, %d acknowledged", len(has), len(b.won))
	}
}

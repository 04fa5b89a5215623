package patient

import (
	"testing"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care/upload"
	"heartwood/internal/hazard"
	"heartwood/internal/record/memory"
)

// The form of somebody who has signed in opens for who may act for them now,
// and for no code; and its photos wait as long as it does.
func TestWhoseFormItIs(t *testing.T) {
	hazard.Covers(t, "H-012")
	ctx, now := t.Context(), time.Now()
	clock := func() time.Time { return now }
	store := memory.Open(t, clock)
	p, err := store.Practice("Z99901")
	if err != nil {
		t.Fatal(err)
	}
	a := New(Config{Store: store, Drafts: NewDrafts(t.TempDir(), clock), SignIn: true, Sealer: plainSeal{}})
	una := visit{ods: "Z99901", practice: p, now: now, signedIn: true, Person: access.Person{
		AccountID: "u", Role: access.Patient, Practice: "Z99901", Ref: "Patient/una", Patients: []string{"Patient/una", "Patient/ann"},
	}}
	d := &draft{Practice: "Z99901", Patient: "Patient/ann", Saved: true, Code: newCode(), Done: map[string]bool{}, token: newToken()}
	if err := a.addPhoto(ctx, d, upload.Clean{Name: "rash.png", Type: "image/png", Data: []byte("a picture")}); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		a.keep(ctx, d), a.keepMine(ctx, una, d),
		a.ticket(ctx, d.Code, savedPart, ticket{Token: d.token, Practice: "Z99901"}, true), // as before they signed in
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	now = now.Add(6 * 24 * time.Hour)
	if got, err := a.byCode(ctx, una, d.Code, ""); err != nil || got != nil {
		t.Errorf("a code opens what is of somebody who has signed in: %+v, %v", got, err)
	}
	got, err := a.waitingForm(ctx, una)
	if err != nil || got == nil || got.Patient != "Patient/ann" {
		t.Fatalf("it does not wait for who may act for her: %+v, %v", got, err)
	}
	if photos, err := a.photos(ctx, got); err != nil || len(photos) != 1 || string(photos[0].Data) != "a picture" {
		t.Errorf("%d photos, %v", len(photos), err)
	}
	una.Patients = una.Patients[:1]
	if got, err := a.waitingForm(ctx, una); err != nil || got != nil {
		t.Errorf("who acts for her no more still opens it: %+v, %v", got, err)
	}
}

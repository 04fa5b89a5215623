package desk_test

import (
	"bytes"
	"image"
	"image/png"
	"testing"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/overflow"
	"heartwood/internal/care/request"
	"heartwood/internal/care/upload"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// A photo that came with a handover is opened at the practice that helps by
// those who may work its queue, and the sight is written down there, with the
// patient as that practice knows them.
func TestAHandedPhotoIsOpenedAndLogged(t *testing.T) {
	hazard.Covers(t, "H-032")
	h := newHouse(t, 20)
	ctx := t.Context()
	home, err := h.store.Practice("Z99977")
	must(t, err)
	body := []byte(`{"resourceType":"Patient","id":"ann","name":[{"given":["Ann"],"family":"Handed"}],"birthDate":"1980-05-01"}`)
	w, err := record.Prepare(ident.Ref{Type: "Patient", ID: "ann"}, body)
	must(t, err)
	navigator := record.Author{Ref: "Practitioner/nav", Role: care.RoleNavigator}
	_, err = home.Commit(ctx, record.Change{Author: navigator, Reason: "test", Writes: []record.Write{w}})
	must(t, err)
	terms := overflow.Terms{Kinds: []string{"new-problem"}, Priorities: []string{"routine"}, PerDay: 2, To: 24 * 60, Photos: true}
	must(t, overflow.Save(ctx, home, navigator, overflow.Agreement{Partner: h.p.ODS(), Name: "The hub", Gives: terms}))
	must(t, overflow.Save(ctx, h.p, navigator, overflow.Agreement{Partner: home.ODS(), Name: "Home", Takes: terms}))
	var pic bytes.Buffer
	must(t, png.Encode(&pic, image.NewRGBA(image.Rect(0, 0, 8, 8))))
	r, err := request.New(h.store).Receive(ctx, home.ODS(), record.Author{Ref: "Patient/ann", Role: care.RolePatient}, request.Ask{
		Patient: "Patient/ann", Asker: request.Self, Channel: request.Web, Kind: request.NewProblem, What: "A mole on my arm",
		Photos: []upload.File{{Name: "mole.png", Type: "image/png", Data: pic.Bytes()}},
	}, "1")
	must(t, err)
	must(t, overflow.HandOver(ctx, home, navigator, overflow.Offer{Request: r.ID, Partner: h.p.ODS(), Agreed: true, How: "on the phone", Photos: true}, "offer"))
	must(t, overflow.Relay{Practice: h.store.Practice}.Round(ctx, home))
	handed, ok, err := overflow.Of(ctx, home, r.ID)
	if err != nil || !ok {
		t.Fatal(err, ok)
	}

	src := h.as("navigator").open("request/"+handed.ID).says(200, "A mole on my arm", "From another practice", "Home (Z99977), with the patient").find(`<img src="([^"]+/photo/[^"]+)"`)
	if got := h.as("navigator").open(src); got.code != 200 || len(got.body) == 0 {
		t.Fatalf("the photo answered %d", got.code)
	}
	seen := 0
	all, err := h.p.Accesses(ctx, "Patient/visitor-ann", time.Time{}, 100)
	must(t, err)
	for _, a := range all {
		if a.Type == "photo" && a.Author.Ref == h.staff["navigator"].Ref {
			seen++
		}
	}
	if seen != 1 {
		t.Errorf("%d sights of the photo are written down", seen)
	}
	h.as("").open(src).says(401)
	if _, err := home.Read(ctx, ident.Ref{Type: "DocumentReference", ID: handed.Photos[0].ID}); err != nil {
		t.Errorf("at home: %v", err)
	}
}

package overflow

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"heartwood/internal/care"
	"heartwood/internal/care/message"
	"heartwood/internal/care/request"
	"heartwood/internal/care/upload"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// pictured is a request of Ann's at home with two photos.
func (w *town) pictured() string {
	w.t.Helper()
	var b bytes.Buffer
	w.must(png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 8, 8))))
	r, err := w.requests.Receive(ctx, homeODS, record.Author{Ref: "Patient/ann", Role: care.RolePatient}, request.Ask{
		Patient: "Patient/ann", Asker: request.Self, Channel: request.Web, Kind: request.NewProblem, What: "A mole",
		Photos: []upload.File{{Name: "mole.png", Type: "image/png", Data: b.Bytes()}, {Name: "again.png", Type: "image/png", Data: b.Bytes()}},
	}, ident.NewID())
	w.must(err)
	return r.ID
}

// agree has both sides share photos or not.
func (w *town) agree(gives, takes bool) {
	w.t.Helper()
	a, err := With(ctx, w.home, hubODS)
	w.must(err)
	a.Gives.Photos = gives
	w.must(Save(ctx, w.home, navigator, a))
	a, err = With(ctx, w.hub, homeODS)
	w.must(err)
	a.Takes.Photos = takes
	w.must(Save(ctx, w.hub, navigator, a))
}

func (w *town) offered(id string, photos bool) error {
	return HandOver(ctx, w.home, navigator, Offer{Request: id, Partner: hubODS, Agreed: true, How: "on the phone", Photos: photos}, "offer "+id)
}

// Photos go only where both practices and the patient agree. They belong to
// the patient as the others know them, and stay at home; where they stay
// behind, the others are told that there are some.
func TestPhotosTravelByAgreement(t *testing.T) {
	hazard.Covers(t, "H-032")
	for name, c := range map[string]struct {
		gives, takes, patient bool
		there                 int
	}{
		"all agree":               {true, true, true, 2},
		"the patient does not":    {true, true, false, 0},
		"the others take none":    {true, false, true, 0},
		"nobody agreed to photos": {false, false, false, 0},
	} {
		w := newTown(t)
		w.agree(c.gives, c.takes)
		id := w.pictured()
		w.must(w.offered(id, c.patient))
		for range 3 { // once, however often it is carried
			w.round()
		}
		there := w.view(hubODS, w.handover(id).ID)
		if len(there.Photos) != c.there || w.count(w.hub, "DocumentReference?patient=Patient/visitor-ann") != c.there {
			t.Errorf("%s: they see %d", name, len(there.Photos))
		}
		said := false
		for _, a := range there.Answers {
			said = said || strings.Contains(a.Question, "did not come along") && strings.HasPrefix(a.Text, "2.")
		}
		if said != (c.there == 0) {
			t.Errorf("%s: that some stayed behind is said: %v", name, said)
		}
		if n := len(w.view(homeODS, id).Photos); n != 2 {
			t.Errorf("%s: %d at home", name, n)
		}
		for _, ph := range there.Photos {
			ref, _ := ident.ParseRef(ph.Binary)
			v, err := w.hub.Read(ctx, ref)
			w.must(err)
			res, err := v.Resource()
			w.must(err)
			if !res.Get("securityContext", "reference").Is("Patient/visitor-ann") || !res.Get("contentType").Is("image/png") || res.Get("data").Str() == "" {
				t.Errorf("%s: a photo of nobody's", name)
			}
		}
		consented := w.count(w.home, "Consent?patient=Patient/ann")
		if consented != 1 {
			t.Errorf("%s: %d consents", name, consented)
		}
	}
}

// What is not agreed is refused at once; what is withdrawn, at home or from
// the agreement, before it is carried does not go.
func TestPhotosWithdrawnStayHome(t *testing.T) {
	w := newTown(t)
	id := w.pictured()
	if err := w.offered(id, true); !fault.Is(err, fault.Invalid) {
		t.Fatalf("not agreed: %v", err)
	}
	w.agree(true, true)
	w.must(w.offered(id, true))
	if n := len(w.handover(id).Photos); n != 2 {
		t.Fatalf("%d agreed", n)
	}
	ref, _ := ident.ParseRef(w.view(homeODS, id).Photos[0].Document)
	v, err := w.home.Read(ctx, ref)
	w.must(err)
	x, err := record.Prepare(ref, bytes.Replace(v.Body.Bytes, []byte(`"current"`), []byte(`"entered-in-error"`), 1))
	w.must(err)
	_, err = w.home.Commit(ctx, record.Change{Author: navigator, Reason: "test", Writes: []record.Write{x}})
	w.must(err)
	w.round()
	if n := len(w.view(hubODS, w.handover(id).ID).Photos); n != 1 {
		t.Errorf("%d went", n)
	}
	other := w.pictured()
	w.must(w.offered(other, true))
	w.agree(false, true)
	w.round()
	if n := len(w.view(hubODS, w.handover(other).ID).Photos); n != 0 {
		t.Errorf("%d went after the agreement had ended", n)
	}
}

func TestShareIsReadAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		was := Terms{PerDay: 1, To: 60, Summary: rapid.Bool().Draw(t, "summary"), Photos: rapid.Bool().Draw(t, "photos")}
		got, err := ParseTerms(was.Line())
		if err != nil || got.Summary != was.Summary || got.Photos != was.Photos {
			t.Fatalf("%s: %+v, %v", was.Line(), got, err)
		}
	})
	for _, bad := range []string{"share=", "share=all", "share=summary,everything"} {
		if _, err := ParseTerms(bad); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
}

// sends has Ann send one more photo on her request at home.
func (w *town) sends(id, name string) {
	w.t.Helper()
	var b bytes.Buffer
	w.must(png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 8, 8))))
	_, err := message.New(w.store).Reply(ctx, homeODS, record.Author{Ref: "Patient/ann", Role: care.RolePatient}, message.Reply{
		Request: id, Text: "One more", Photos: []upload.File{{Name: name, Type: "image/png", Data: b.Bytes()}},
	}, name)
	w.must(err)
}

// What the patient sends after the handover follows, once, to who answers, and
// is before their eyes, whether or not they had begun; to begin in time still
// counts from the start. Where the patient or a practice does not agree it
// stays at home.
func TestPhotosSentLaterFollow(t *testing.T) {
	hazard.Covers(t, "H-032")
	for name, c := range map[string]struct {
		patient, begun, ended bool
		there                 int
	}{
		"not begun":                 {true, false, false, 4},
		"begun":                     {true, true, false, 4},
		"the patient did not agree": {false, true, false, 0},
		"the agreement ended":       {true, true, true, 2},
	} {
		w := newTown(t)
		w.agree(true, true)
		id := w.pictured()
		w.must(w.offered(id, c.patient))
		w.round()
		w.round()
		over := w.handover(id).ID
		if c.begun {
			_, err := w.requests.Do(ctx, hubODS, record.Author{Ref: "Practitioner/hub", Role: care.RoleClinician}, over, "", request.Start{})
			w.must(err)
		}
		if c.ended {
			w.agree(false, true)
		}
		w.sends(id, "third.png")
		w.sends(id, "fourth.png")
		for range 5 {
			w.round()
		}
		there := w.view(hubODS, over)
		if len(there.Photos) != c.there || w.count(w.hub, "DocumentReference?patient=Patient/visitor-ann") != c.there {
			t.Errorf("%s: they see %d", name, len(there.Photos))
		}
		if back := c.begun && c.there == 4; back != (there.State == request.Received) && c.begun {
			t.Errorf("%s: it is %s there", name, there.State)
		}
		if h := w.handover(id); (h.State == Taken) != c.begun {
			t.Errorf("%s: the handover is %s", name, h.State)
		}
		if n := len(w.handover(id).Photos); n != c.there {
			t.Errorf("%s: %d are noted as gone", name, n)
		}
	}
}

// More than are carried at once are refused before anything is handed over,
// and it is said what to do.
func TestTooManyPhotosAreRefused(t *testing.T) {
	w := newTown(t)
	w.agree(true, true)
	id := w.pictured()
	for i := range mostPhotos - 1 {
		w.sends(id, fmt.Sprintf("more-%d.png", i))
	}
	err := w.offered(id, true)
	if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "too many photos") {
		t.Fatalf("%d photos: %v", mostPhotos+1, err)
	}
	if _, ok, err := Of(ctx, w.home, id); err != nil || ok {
		t.Errorf("it is handed over all the same: %v", err)
	}
	w.must(w.offered(id, false))
}

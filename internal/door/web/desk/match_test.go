package desk_test

import (
	"bytes"
	"image"
	"image/png"
	"strings"
	"testing"

	"heartwood/internal/care/request"
	"heartwood/internal/care/upload"
	"heartwood/internal/record"
)

// fromOutside makes a request of somebody who has not signed in.
func fromOutside(h *house, given, family, birth string, photos ...upload.File) string {
	h.t.Helper()
	r, err := request.New(h.store).Receive(h.t.Context(), h.p.ODS(), record.Author{Ref: "Device/web", Role: "system"}, request.Ask{
		Identity: request.Identity{Given: given, Family: family, Birth: birth, Phone: "07700 900123"},
		Asker:    request.Self, Channel: request.Web, Kind: request.NewProblem, What: "There is a mole on my arm that itches",
		Contact: request.Contact{How: "phone", Number: "07700 900123"}, Photos: photos,
	}, "outside-1")
	must(h.t, err)
	return h.desk("request/" + r.ID)
}

func TestMatchingSomebodyWhoDidNotSignIn(t *testing.T) {
	h := newHouse(t, 20)
	who := h.sample[0]
	path := fromOutside(h, "Unknown", "Caller", who.Born.Format("2006-01-02"))
	b := h.as("navigator").open(path).says(200, "Who is this?", "Says they are Unknown Caller").silent("Reply", "Allergies")
	b.submit("/match", "who", who.Born.Format("2006-01-02"), "step", "find").says(200, "Patients found", who.Name)
	b.submit("/match", "patient", "", "step", "").says(400, "Choose which patient it is")
	b.submit("/match", "who", who.NHS.String(), "step", "find").says(200, who.Name)
	b.submit("/match", "patient", who.ID, "step", "").says(200, "now belongs to this patient", "Allergies", "Reply").silent("Who is this?")
}

func TestPhotosAreShownToThoseWhoMay(t *testing.T) {
	h := newHouse(t, 20)
	var pic bytes.Buffer
	must(t, png.Encode(&pic, image.NewRGBA(image.Rect(0, 0, 8, 8))))
	path := fromOutside(h, "Ann", "Example", "1980-01-02", upload.File{Name: "mole.png", Type: "image/png", Data: pic.Bytes()})
	b := h.as("navigator").open(path).says(200, "What they told us")
	src := b.find(`<img src="([^"]+/photo/[^"]+)"`)
	got := h.as("navigator").open(src)
	if got.code != 200 || !strings.HasPrefix(got.body, "\x89PNG") && !strings.HasPrefix(got.body, "\xff\xd8") {
		t.Fatalf("the photo answered %d with %q", got.code, got.body[:min(len(got.body), 20)])
	}
	h.as("navigator").open(path+"/photo/nothing").says(404, "no such photo")
	h.as("").open(src).says(401)
	other := take(h, h.sample[0].ID, "A letter please")
	h.as("navigator").open(other+src[strings.Index(src, "/photo/"):]).says(404, "no such photo")
}

func TestWordsFromOutsideStayWords(t *testing.T) {
	h := newHouse(t, 20)
	evil := `<script>alert(1)</script>" onload='x' {{.Secret}} '; DROP TABLE`
	path := take(h, h.sample[0].ID, evil)
	for _, at := range []string{"", path, "patient/" + h.sample[0].ID} {
		b := h.as("clinician").open(at).says(200, "alert(1)")
		if strings.Contains(b.body, "<script>alert") || strings.Contains(b.body, "onload='x'") {
			t.Errorf("%s lets markup through", at)
		}
		if strings.Contains(b.body, " style=") || strings.Contains(b.body, "<script>") {
			t.Errorf("%s breaks its content security policy", at)
		}
	}
}

func TestWhoAskedForSomebodyElse(t *testing.T) {
	h := newHouse(t, 10)
	r, err := request.New(h.store).Receive(h.t.Context(), h.p.ODS(), record.Author{Ref: "Device/web", Role: "system"}, request.Ask{
		Identity: request.Identity{Given: "Dee", Family: "Dunn", Birth: "1940-04-03", Phone: "07700 900123", By: "Jo Dunn", Relationship: "daughter"},
		Asker:    request.Proxy, Channel: request.Web, Kind: request.Admin, What: "A letter for her carers",
		Contact: request.Contact{How: "text", Number: "07700 900123"},
	}, "proxy-1")
	must(t, err)
	h.as("navigator").open("request/"+r.ID).says(200, "Asked by Jo Dunn, daughter, who says it is for Dee Dunn", "By text message", "Request received").
		silent("patient received", ">text<")
}

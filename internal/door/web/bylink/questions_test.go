package bylink

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"net/http"
	"slices"
	"strings"
	"testing"

	"heartwood/internal/care"
	"heartwood/internal/care/form"
	"heartwood/internal/care/message"
	"heartwood/internal/care/upload"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Questions and files that came with a message are there by link, and only
// after the date of birth.
func TestQuestionsAndFilesByLink(t *testing.T) {
	hazard.Covers(t, "H-037")
	hazard.Covers(t, "H-024")
	h := open(t)
	ctx := context.Background()
	all := form.Shipped()
	mood := all[slices.IndexFunc(all, func(f form.Form) bool { return strings.HasSuffix(f.URL, "/mood") })]
	var pic bytes.Buffer
	_ = png.Encode(&pic, image.NewGray(image.Rect(0, 0, 4, 4)))
	m, err := h.svc.Send(ctx, "Z99901", record.Author{Ref: "Practitioner/gp", Role: care.RoleClinician}, message.Send{
		Request: h.id, Text: "Please answer.", Form: mood.Canonical(), Files: []upload.File{{Name: "sheet.png", Data: pic.Bytes()}},
	}, "q")
	if err != nil {
		t.Fatal(err)
	}
	one, err := h.svc.One(ctx, "Z99901", m.ID)
	if err != nil {
		t.Fatal(err)
	}
	file, _ := ident.ParseRef(one.Photos[0].Binary)
	h.message = m.ID
	send := func(y string, more ...string) (int, string, http.Header) {
		v := born(y)
		for i := 0; i+1 < len(more); i += 2 {
			v.Set(more[i], more[i+1])
		}
		w := h.do("good", v)
		return w.Code, w.Body.String(), w.Header()
	}
	for _, step := range []string{"file", "questions", "answer"} {
		if _, body, _ := send("1981", "step", step, "file", file.ID, "token", "01234567890123456789"); strings.Contains(body, "slept") || strings.Contains(body, "PNG") {
			t.Errorf("%s without the date of birth", step)
		}
	}
	if code, body, _ := send("1980"); code != 200 || !strings.Contains(body, "sheet.png") || !strings.Contains(body, "Answer the questions") {
		t.Fatal(code, body)
	}
	if code, body, head := send("1980", "step", "file", "file", file.ID); code != 200 || !strings.HasPrefix(body, "\x89PNG") || head.Get("Content-Type") != "image/png" {
		t.Error("the file: ", code)
	}
	if code, _, _ := send("1980", "step", "file", "file", "another"); code != http.StatusNotFound {
		t.Error("another file: ", code)
	}
	token := "98765432109876543210"
	if code, body, _ := send("1980", "step", "questions", "token", token); code != 200 || !strings.Contains(body, "How have you slept?") {
		t.Error("the questions: ", code)
	}
	if code, body, _ := send("1980", "step", "answer", "token", token, "better", "worse"); code != http.StatusUnprocessableEntity || !strings.Contains(body, "Choose an answer") || !strings.Contains(body, "checked") {
		t.Error("half of them: ", code)
	}
	given := []string{"step", "answer", "token", token, "better", "worse", "low", "most", "worry", "some", "sleep", "badly", "harm", "no", "what", "Long days"}
	for range 2 {
		if code, body, _ := send("1980", given...); code != 200 || !strings.Contains(body, "We have your reply") {
			t.Fatal("the answers: ", code)
		}
	}
	thread, err := h.svc.Thread(ctx, "Z99901", h.id)
	if err != nil || len(thread) != 3 || !strings.Contains(thread[2].Text, "Long days") {
		t.Errorf("%d messages, %v", len(thread), err)
	}
}

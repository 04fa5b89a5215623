package bylink

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/message"
	"heartwood/internal/care/online"
	"heartwood/internal/care/request"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
)

type house struct {
	t   *testing.T
	mux *http.ServeMux
	svc *message.Service

	store *record.Store
	id    string // of the request

	message string // that the link is for
}

func open(t *testing.T) *house {
	t.Helper()
	ctx := context.Background()
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	store := memory.Open(t, func() time.Time { return now })
	p, _ := store.Practice("Z99901")
	w, err := record.Prepare(ident.Ref{Type: "Patient", ID: "ann"}, []byte(`{"resourceType":"Patient","id":"ann","birthDate":"1980-04-03"}`))
	if err != nil {
		t.Fatal(err)
	}
	gp := record.Author{Ref: "Practitioner/gp", Role: care.RoleClinician}
	if _, err := p.Commit(ctx, record.Change{Author: gp, Writes: []record.Write{w}}); err != nil {
		t.Fatal(err)
	}
	ann := record.Author{Ref: "Patient/ann", Role: care.RolePatient}
	r, err := request.New(store).Receive(ctx, "Z99901", ann, request.Ask{Patient: "Patient/ann", Asker: request.Self, Channel: request.Web, Kind: request.Admin, What: "A letter"}, "k")
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, store: store, svc: message.New(store), mux: http.NewServeMux(), id: r.ID}
	m, err := h.svc.Send(ctx, "Z99901", gp, message.Send{Request: r.ID, Text: "A private thing."}, "m")
	if err != nil {
		t.Fatal(err)
	}
	h.message = m.ID
	New(Config{Store: store, Open: func(link string) (ident.ODS, string, bool) { return "Z99901", h.message, link == "good" }}).Routes(h.mux)
	return h
}

func (h *house) do(link string, form url.Values) *httptest.ResponseRecorder {
	method, body := http.MethodGet, ""
	if form != nil {
		method, body = http.MethodPost, form.Encode()
	}
	r := httptest.NewRequest(method, "/m/"+link, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	h.mux.ServeHTTP(w, r)
	return w
}

func born(y string) url.Values {
	return url.Values{"birth-day": {"3"}, "birth-month": {"4"}, "birth-year": {y}}
}

// Whoever has the link sees nothing without the date of birth, and cannot
// guess it.
func TestNothingWithoutTheDateOfBirth(t *testing.T) {
	hazard.Covers(t, "H-024")
	h := open(t)
	if w := h.do("bad", nil); w.Code != http.StatusGone {
		t.Fatal(w.Code)
	}
	if w := h.do("good", nil); w.Code != 200 || strings.Contains(w.Body.String(), "private") {
		t.Fatal(w.Code)
	}
	for i := range 8 {
		w := h.do("good", born("1981"))
		if strings.Contains(w.Body.String(), "private") || i >= 5 && w.Code != http.StatusTooManyRequests {
			t.Fatalf("try %d: %d", i, w.Code)
		}
	}
	if w := h.do("good", born("1980")); w.Code != http.StatusTooManyRequests {
		t.Fatalf("after guessing: %d", w.Code)
	}
}

// Words of danger in a reply are answered at once with whom to call.
func TestAnEmergencyByLink(t *testing.T) {
	hazard.Covers(t, "H-002")
	h := open(t)
	form := born("1980")
	form.Set("step", "reply")
	form.Set("token", "01234567890123456789")
	form.Set("text", "I have crushing chest pain and I am sweating")
	if w := h.do("good", form); w.Code != 200 || !strings.Contains(w.Body.String(), "Call 999 now") || !strings.Contains(w.Body.String(), "tel:999") {
		t.Errorf("%d: %s", w.Code, w.Body)
	}
}

func TestReadAndReply(t *testing.T) {
	h := open(t)
	if w := h.do("good", born("1980")); w.Code != 200 || !strings.Contains(w.Body.String(), "A private thing.") {
		t.Fatal(w.Code, w.Body.String())
	}
	form := born("1980")
	form.Set("step", "reply")
	form.Set("token", "01234567890123456789")
	form.Set("text", "Thank you")
	for range 2 {
		if w := h.do("good", form); w.Code != 200 || !strings.Contains(w.Body.String(), "We have your reply") {
			t.Fatal(w.Code)
		}
	}
	thread, err := h.svc.Thread(context.Background(), "Z99901", h.id)
	if err != nil || len(thread) != 2 || thread[1].Text != "Thank you" || thread[0].Read.IsZero() {
		t.Fatalf("%+v, %v", thread, err)
	}
}

// By the link of the message that closed a request the patient says how it
// went, once; words of danger are answered at once.
func TestHowItWentByLink(t *testing.T) {
	hazard.Covers(t, "H-002")
	for text, want := range map[string]string{"Kind and quick": "Thank you for telling us.", "I have crushing chest pain and I am sweating": "Call 999 now"} {
		h := open(t)
		if strings.Contains(h.do("good", born("1980")).Body.String(), "How it went") {
			t.Fatal("asked while the request is open")
		}
		gp := record.Author{Ref: "Practitioner/gp", Role: care.RoleClinician}
		if _, err := request.New(h.store).Do(context.Background(), "Z99901", gp, h.id, "", request.Close{Outcome: request.AdviceGiven, Told: "It is done."}); err != nil {
			t.Fatal(err)
		}
		thread, err := h.svc.Thread(context.Background(), "Z99901", h.id)
		if err != nil {
			t.Fatal(err)
		}
		h.message = thread[len(thread)-1].ID
		if !strings.Contains(h.do("good", born("1980")).Body.String(), "How it went") {
			t.Fatal("not asked when it is closed")
		}
		form := born("1980")
		form.Set("step", "went")
		if w := h.do("good", form); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("without an answer: %d", w.Code)
		}
		form.Set("how", "good")
		form.Set("words", text)
		if w := h.do("good", form); w.Code != 200 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%d: %s", w.Code, w.Body)
		}
		if strings.Contains(h.do("good", born("1980")).Body.String(), "How it went") {
			t.Error("asked again")
		}
	}
}

// A reply by link takes a file like the signed-in thread, and refuses one that
// is no picture with what was typed kept; the practice's notice stands over it.
func TestAFileByLink(t *testing.T) {
	for name, c := range map[string]struct {
		data []byte
		want int
	}{"rash.png": {dot(), 200}, "rash.exe": {[]byte("MZ nothing"), 422}} {
		h := open(t)
		p, _ := h.store.Practice("Z99901")
		s := online.Default()
		s.Notice = "We read messages on weekdays."
		if err := online.Save(context.Background(), p, record.System, s); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(h.do("good", born("1980")).Body.String(), s.Notice) {
			t.Error("the notice is not there")
		}
		var body bytes.Buffer
		m := multipart.NewWriter(&body)
		form := born("1980")
		form.Set("step", "reply")
		form.Set("token", "01234567890123456789")
		form.Set("text", "Here it is")
		for k := range form {
			_ = m.WriteField(k, form.Get(k))
		}
		f, err := m.CreateFormFile("photos", name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = f.Write(c.data)
		_ = m.Close()
		r := httptest.NewRequest(http.MethodPost, "/m/good", &body)
		r.Header.Set("Content-Type", m.FormDataContentType())
		w := httptest.NewRecorder()
		h.mux.ServeHTTP(w, r)
		if w.Code != c.want || c.want != 200 && !strings.Contains(w.Body.String(), "Here it is") {
			t.Errorf("%s: %d: %s", name, w.Code, w.Body)
		}
		want := `id="photos-error"` // at the field that is wrong
		if c.want == 200 {
			want = "We have the 1 file that you sent with it."
		}
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: no %s in %s", name, want, w.Body)
		}
		thread, err := h.svc.Thread(context.Background(), "Z99901", h.id)
		if last := thread[len(thread)-1]; err != nil || c.want == 200 && len(last.Photos) != 1 || c.want != 200 && len(thread) != 1 {
			t.Errorf("%s: %+v, %v", name, thread, err)
		}
	}
}

func dot() []byte {
	var b bytes.Buffer
	_ = png.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 40)))
	return b.Bytes()
}

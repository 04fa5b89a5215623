package local

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// RoundTrip answers a client of the same process.
func (s *Service) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	if in.Body == nil {
		in.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, in)
	resp := w.Result()
	resp.Request = r
	return resp, nil
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the reader may have gone
}

func wrong(w http.ResponseWriter, status int, name, message string) {
	answer(w, status, map[string]any{"status_code": status, "errors": []any{map[string]string{"error": name, "message": message}}})
}

// known checks the token of GOV.UK Notify: HS256, issued by the service
// within 30 seconds.
func (s *Service) known(w http.ResponseWriter, r *http.Request) bool {
	bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	var c jwt.RegisteredClaims
	_, err := jwt.ParseWithClaims(bearer, &c, func(*jwt.Token) (any, error) { return []byte(s.c.Secret), nil },
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithIssuer(s.c.Service), jwt.WithTimeFunc(s.c.Now))
	if !ok || err != nil || c.IssuedAt == nil || s.c.Now().Sub(c.IssuedAt.Time).Abs().Seconds() > 30 {
		wrong(w, http.StatusForbidden, "AuthError", "Invalid token: API key not found")
		return false
	}
	return true
}

func (s *Service) govukSend(w http.ResponseWriter, r *http.Request) {
	if !s.known(w, r) {
		return
	}
	var in struct {
		Phone     string            `json:"phone_number"`
		Email     string            `json:"email_address"`
		Template  string            `json:"template_id"`
		Values    map[string]string `json:"personalisation"`
		Reference string            `json:"reference"`
		Content   string            `json:"content"`
	}
	if json.NewDecoder(io.LimitReader(r.Body, 8<<20)).Decode(&in) != nil {
		wrong(w, http.StatusBadRequest, "BadRequestError", "Invalid JSON supplied in POST data")
		return
	}
	i := Item{By: "GOV.UK Notify", Medium: r.PathValue("kind"), Reference: in.Reference, Status: "created", Text: in.Values["message"], Subject: in.Values["subject"]}
	switch i.Medium {
	case "sms":
		i.To = in.Phone
	case "email":
		i.To = in.Email
	case "letter":
		b, err := base64.StdEncoding.DecodeString(in.Content)
		if err != nil || !bytes.HasPrefix(b, []byte("%PDF-")) {
			wrong(w, http.StatusBadRequest, "ValidationError", "letter_contact_block content is not a PDF")
			return
		}
		i.PDF, i.To, i.Status = b, "the address on the letter", "accepted"
	default:
		http.NotFound(w, r)
		return
	}
	if i.To == "" || i.Medium != "letter" && (in.Template == "" || i.Text == "") {
		wrong(w, http.StatusBadRequest, "ValidationError", "a required property is missing")
		return
	}
	i = s.add(i)
	answer(w, http.StatusCreated, map[string]any{"id": i.ID, "reference": i.Reference, "uri": "/v2/notifications/" + i.ID})
}

func govukJSON(i Item) map[string]any {
	m := map[string]any{
		"id": i.ID, "reference": i.Reference, "type": i.Medium, "status": i.Status, "created_at": i.At,
		"sent_at": i.At, "completed_at": nil,
	}
	if i.Status != "created" && i.Status != "sending" {
		m["completed_at"] = i.At
	}
	return m
}

func (s *Service) govukOne(w http.ResponseWriter, r *http.Request) {
	if !s.known(w, r) {
		return
	}
	found := s.find(func(i *Item) bool { return i.ID == r.PathValue("id") })
	if len(found) == 0 {
		wrong(w, http.StatusNotFound, "NoResultFound", "No result found")
		return
	}
	answer(w, http.StatusOK, govukJSON(found[0]))
}

func (s *Service) govukList(w http.ResponseWriter, r *http.Request) {
	if !s.known(w, r) {
		return
	}
	list := []any{}
	for _, i := range s.find(func(i *Item) bool { return i.Reference == r.FormValue("reference") }) {
		list = append(list, govukJSON(i))
	}
	answer(w, http.StatusOK, map[string]any{"notifications": list, "links": map[string]string{"current": r.URL.String()}})
}

// tell sends the callback about a message.
func (s *Service) tell(ctx context.Context, i Item) error {
	if s.c.Tell == nil {
		return nil
	}
	if i.By == "NHS Notify" {
		return s.nhsTell(ctx, i)
	}
	b, err := json.Marshal(map[string]any{
		"id": i.ID, "reference": i.Reference, "to": i.To, "status": i.Status, "notification_type": i.Medium,
		"created_at": i.At, "sent_at": i.At, "completed_at": i.At,
	})
	if err != nil {
		return err
	}
	return s.c.Tell(ctx, "govuk/receipt", s.bearer(), b)
}

func (s *Service) bearer() http.Header {
	return http.Header{"Authorization": {"Bearer " + s.c.Token}, "Content-Type": {"application/json"}}
}

// Texted tells of a text message that somebody sent to the practice.
func (s *Service) Texted(ctx context.Context, id, from, text string) error {
	b, err := json.Marshal(map[string]any{
		"id": id, "source_number": from, "destination_number": "07700900111", "message": text, "date_received": s.c.Now(),
	})
	if err != nil || s.c.Tell == nil {
		return err
	}
	return s.c.Tell(ctx, "govuk/text", s.bearer(), b)
}

package local

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"heartwood/internal/ident"
)

const accessToken = "local-access-token"

// nhsToken gives an access token for an assertion that our customer signed,
// once.
func (s *Service) nhsToken(w http.ResponseWriter, r *http.Request) {
	var c jwt.RegisteredClaims
	token, err := jwt.ParseWithClaims(r.FormValue("client_assertion"), &c, func(*jwt.Token) (any, error) { return s.c.Public, nil },
		jwt.WithValidMethods([]string{"RS512"}), jwt.WithIssuer(s.c.App), jwt.WithSubject(s.c.App), jwt.WithExpirationRequired(), jwt.WithTimeFunc(s.c.Now))
	ok := err == nil && r.FormValue("grant_type") == "client_credentials" &&
		r.FormValue("client_assertion_type") == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" &&
		token.Header["kid"] != nil && c.ID != "" && len(c.Audience) == 1 && strings.HasSuffix(c.Audience[0], "/oauth2/token") &&
		c.ExpiresAt.Sub(s.c.Now()) <= 5*time.Minute
	s.mu.Lock()
	ok = ok && !s.used[c.ID]
	s.used[c.ID] = true
	s.mu.Unlock()
	if !ok {
		answer(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client"})
		return
	}
	answer(w, http.StatusOK, map[string]string{"access_token": accessToken, "expires_in": "599", "token_type": "Bearer"})
}

func nhsWrong(w http.ResponseWriter, status int, code string) {
	answer(w, status, map[string]any{"errors": []any{map[string]any{"id": "local", "code": code, "status": http.StatusText(status), "title": code}}})
}

func (s *Service) nhsKnown(w http.ResponseWriter, r *http.Request) bool {
	if r.Header.Get("Authorization") != "Bearer "+accessToken {
		nhsWrong(w, http.StatusUnauthorized, "CM_DENIED")
		return false
	}
	return true
}

func (s *Service) nhsSend(w http.ResponseWriter, r *http.Request) {
	if !s.nhsKnown(w, r) {
		return
	}
	var in struct {
		Data struct {
			Type       string `json:"type"`
			Attributes struct {
				Plan      string `json:"routingPlanId"`
				Reference string `json:"messageReference"`
				Recipient struct {
					NHS string `json:"nhsNumber"`
				} `json:"recipient"`
				Values map[string]string `json:"personalisation"`
			} `json:"attributes"`
		} `json:"data"`
	}
	err := json.NewDecoder(io.LimitReader(r.Body, 1<<20)).Decode(&in)
	a := in.Data.Attributes
	_, badNumber := ident.ParseNHSNumber(a.Recipient.NHS)
	switch {
	case err != nil || in.Data.Type != "Message" || a.Reference == "" || badNumber != nil:
		nhsWrong(w, http.StatusBadRequest, "CM_INVALID_VALUE")
		return
	case a.Plan == "":
		nhsWrong(w, http.StatusNotFound, "CM_NO_SUCH_ROUTING_PLAN")
		return
	case len(s.find(func(i *Item) bool { return i.By == "NHS Notify" && i.Reference == a.Reference })) > 0:
		nhsWrong(w, http.StatusUnprocessableEntity, "CM_DUPLICATE_REQUEST")
		return
	}
	i := s.add(Item{By: "NHS Notify", Medium: "app", To: "NHS number " + a.Recipient.NHS, Reference: a.Reference, Status: "created", Text: a.Values["body"], Subject: a.Values["subject"]})
	answer(w, http.StatusCreated, nhsJSON(i))
}

func nhsJSON(i Item) map[string]any {
	return map[string]any{"data": nhsBody("Message", i)}
}

func nhsBody(typ string, i Item) map[string]any {
	return map[string]any{
		"type": typ, "id": i.ID,
		"attributes": map[string]any{
			"messageId": i.ID, "messageReference": i.Reference, "messageStatus": nhsStatus(i.Status), "timestamp": i.At,
			"timestamps": map[string]any{"created": i.At}, "routingPlan": map[string]string{"id": "local", "type": "original"},
		},
		"links": map[string]string{"self": "/comms/v1/messages/" + i.ID, "message": "/comms/v1/messages/" + i.ID},
		"meta":  map[string]string{"idempotencyKey": i.ID + i.Status},
	}
}

func nhsStatus(s string) string {
	if strings.HasSuffix(s, "failure") {
		return "failed"
	}
	return s
}

func (s *Service) nhsOne(w http.ResponseWriter, r *http.Request) {
	if !s.nhsKnown(w, r) {
		return
	}
	found := s.find(func(i *Item) bool { return i.ID == r.PathValue("id") })
	if len(found) == 0 {
		nhsWrong(w, http.StatusNotFound, "CM_NOT_FOUND")
		return
	}
	answer(w, http.StatusOK, nhsJSON(found[0]))
}

func (s *Service) nhsTell(ctx context.Context, i Item) error {
	b, err := json.Marshal(map[string]any{"data": []any{nhsBody("MessageStatus", i)}})
	if err != nil {
		return err
	}
	mac := hmac.New(sha256.New, []byte(s.c.CallbackSecret))
	mac.Write(b)
	return s.c.Tell(ctx, "nhs/status", http.Header{
		"X-Hmac-Sha256-Signature": {hex.EncodeToString(mac.Sum(nil))}, "X-Api-Key": {s.c.App}, "Content-Type": {"application/json"},
	}, b)
}

package notify

// NHS Notify: https://digital.nhs.uk/developer/api-catalogue/nhs-notify and,
// for the token, NHS England's application-restricted signed JWT.

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

const nhsReceipt = "nhs:"

// NHSConfig is one application at NHS Notify.
type NHSConfig struct {
	Base  string // "https://api.service.nhs.uk" when ""
	App   string // the application's API key
	KeyID string // the kid under which its public key is published
	Key   *rsa.PrivateKey
	ODS   string // who it is from
	// Plans are the routing plans of free text, one for each medium.
	Plans     map[Medium]string
	Transport http.RoundTripper
	Now       func() time.Time
}

// NHS sends through NHS Notify, which finds the person by NHS number. It keeps
// references for nine months and sends none twice.
type NHS struct {
	c   NHSConfig
	api api

	mu    sync.Mutex // protects the two below
	token string
	till  time.Time
}

// NewNHS checks the settings; it does not connect.
func NewNHS(c NHSConfig) (*NHS, error) {
	if c.Base == "" {
		c.Base = "https://api.service.nhs.uk"
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.App == "" || c.KeyID == "" || c.Key == nil || len(c.Plans) == 0 {
		return nil, fault.New(fault.Invalid, "NHS Notify needs an API key, a private key with its id, and a routing plan.")
	}
	return &NHS{c: c, api: newAPI(c.Base, c.Transport)}, nil
}

type (
	nhsRecipient struct {
		NHSNumber string `json:"nhsNumber"`
	}
	nhsOriginator struct {
		ODS string `json:"odsCode"`
	}
	nhsAttributes struct {
		Plan       string            `json:"routingPlanId"`
		Reference  string            `json:"messageReference"`
		Recipient  nhsRecipient      `json:"recipient"`
		Originator *nhsOriginator    `json:"originator,omitempty"`
		Values     map[string]string `json:"personalisation"`
	}
	nhsData struct {
		Type       string        `json:"type"`
		Attributes nhsAttributes `json:"attributes"`
	}
	nhsSend struct {
		Data nhsData `json:"data"`
	}
)

const jsonAPI = "application/vnd.api+json"

// Send hands a message over. That it has it already (422) is as good.
func (n *NHS) Send(ctx context.Context, m Message) (string, error) {
	if err := check(m); err != nil {
		return "", err
	}
	plan := n.c.Plans[m.Medium]
	if plan == "" {
		return "", fault.New(fault.Unsupported, "This practice does not send messages of this kind.")
	}
	if _, err := ident.ParseNHSNumber(m.NHS); err != nil {
		return "", fault.New(fault.Refused, "The recipient has no NHS number.")
	}
	a := nhsAttributes{
		Plan: plan, Reference: m.Key, Recipient: nhsRecipient{m.NHS},
		Values: map[string]string{"body": m.Text, "subject": m.Subject},
	}
	if n.c.ODS != "" {
		a.Originator = &nhsOriginator{n.c.ODS}
	}
	b, err := json.Marshal(nhsSend{nhsData{"Message", a}})
	if err != nil {
		return "", err
	}
	got, err := n.call(ctx, http.MethodPost, "/comms/v1/messages", b)
	if err != nil {
		return "", err
	}
	switch {
	case got.status == http.StatusCreated:
		var made struct {
			Data struct {
				ID string `json:"id"`
			} `json:"data"`
		}
		if err := got.into(&made); err != nil {
			return "", err
		}
		return nhsReceipt + made.Data.ID, nil
	case got.status == http.StatusUnprocessableEntity && nhsCode(got) == "CM_DUPLICATE_REQUEST":
		return nhsReceipt, nil // its callbacks name our reference
	}
	return "", got.refusal(nhsCode(got))
}

// Gave tells whether the receipt is of NHS Notify.
func (n *NHS) Gave(receipt string) bool { return strings.HasPrefix(receipt, nhsReceipt) }

// Status asks what became of a message. Of one whose id was lost with an
// answer only the callback tells.
func (n *NHS) Status(ctx context.Context, receipt string) (Report, error) {
	id := strings.TrimPrefix(receipt, nhsReceipt)
	if id == "" {
		return Report{State: Sending}, nil
	}
	got, err := n.call(ctx, http.MethodGet, "/comms/v1/messages/"+url.PathEscape(id), nil)
	if err != nil {
		return Report{}, err
	}
	if got.status != http.StatusOK {
		return Report{}, got.refusal(nhsCode(got))
	}
	var m struct {
		Data nhsStatus `json:"data"`
	}
	if err := got.into(&m); err != nil {
		return Report{}, err
	}
	return m.Data.report(), nil
}

func (n *NHS) call(ctx context.Context, method, path string, body []byte) (answered, error) {
	token, err := n.bearer(ctx)
	if err != nil {
		return answered{}, err
	}
	header := map[string]string{"Authorization": "Bearer " + token}
	var got answered
	if body == nil {
		got, err = n.api.do(ctx, method, path, jsonAPI, nil, header)
	} else {
		got, err = n.api.do(ctx, method, path, jsonAPI, bytes.NewReader(body), header)
	}
	if err == nil && got.status == http.StatusUnauthorized {
		n.mu.Lock()
		n.till = time.Time{} // the next try asks for a new one
		n.mu.Unlock()
	}
	return got, err
}

// bearer is an access token, asked for with an assertion that our key signed.
func (n *NHS) bearer(ctx context.Context) (string, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.c.Now()
	if now.Before(n.till) {
		return n.token, nil
	}
	address := n.api.base + "/oauth2/token"
	claim := jwt.NewWithClaims(jwt.SigningMethodRS512, jwt.MapClaims{
		"iss": n.c.App, "sub": n.c.App, "aud": address, "jti": ident.NewID(), "exp": now.Add(4 * time.Minute).Unix(),
	})
	claim.Header["kid"] = n.c.KeyID
	signed, err := claim.SignedString(n.c.Key)
	if err != nil {
		return "", fault.Wrap(err, fault.Internal, "The key for NHS Notify cannot be used.")
	}
	form := url.Values{
		"grant_type":            {"client_credentials"},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
		"client_assertion":      {signed},
	}
	got, err := n.api.do(ctx, http.MethodPost, "/oauth2/token", "application/x-www-form-urlencoded", strings.NewReader(form.Encode()), nil)
	if err != nil {
		return "", err
	}
	if got.status != http.StatusOK {
		if got.status == http.StatusBadRequest {
			got.status = http.StatusUnauthorized // RFC 6749: the client is not known
		}
		return "", got.refusal("token")
	}
	var t struct {
		Token   string      `json:"access_token"`
		Expires json.Number `json:"expires_in"` // a string in NHS England's answers
	}
	if err := got.into(&t); err != nil {
		return "", err
	}
	lasts, err := t.Expires.Int64()
	if err != nil || lasts <= 0 {
		lasts = 60
	}
	n.token, n.till = t.Token, now.Add(time.Duration(lasts)*time.Second*9/10)
	return n.token, nil
}

func nhsCode(a answered) string {
	var e struct {
		Errors []struct {
			Code string `json:"code"`
		} `json:"errors"`
	}
	if json.Unmarshal(a.body, &e) != nil || len(e.Errors) == 0 || len(e.Errors[0].Code) > 60 {
		return ""
	}
	return e.Errors[0].Code
}

// nhsStatus is a message as it is answered, and as a callback tells of it.
type nhsStatus struct {
	Type       string `json:"type"`
	Attributes struct {
		Reference string    `json:"messageReference"`
		Status    string    `json:"messageStatus"`
		Reason    string    `json:"messageFailureReasonCode"`
		Timestamp time.Time `json:"timestamp"`
	} `json:"attributes"`
}

func (s nhsStatus) report() Report {
	a := s.Attributes
	r := Report{Key: a.Reference, State: Sending, Detail: a.Status, At: a.Timestamp}
	switch a.Status {
	case "delivered":
		r.State = Delivered
	case "failed":
		r.State = Failed
		if a.Reason != "" && len(a.Reason) < 40 {
			r.Detail = a.Reason
		}
	}
	return r
}

// ParseNHSReports reads a callback of NHS Notify. Those of single channels are
// left out: the message's own status is what counts.
func ParseNHSReports(b []byte) ([]Report, error) {
	var c struct {
		Data []nhsStatus `json:"data"`
	}
	if err := json.Unmarshal(b, &c); err != nil || len(c.Data) == 0 {
		return nil, fault.New(fault.Invalid, "This is not a delivery receipt.")
	}
	var out []Report
	for _, s := range c.Data {
		if s.Type == "MessageStatus" && s.Attributes.Reference != "" {
			out = append(out, s.report())
		}
	}
	return out, nil
}

// SignedByNHS tells whether a callback's body is signed by whoever has the
// secret: the hex HMAC-SHA256 in x-hmac-sha256-signature.
func SignedByNHS(body []byte, signature string, secret []byte) bool {
	got, err := hex.DecodeString(signature)
	if err != nil || len(secret) == 0 {
		return false
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write(body)
	return hmac.Equal(got, mac.Sum(nil))
}

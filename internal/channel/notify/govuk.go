package notify

// GOV.UK Notify: https://docs.notifications.service.gov.uk/rest-api.html

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"heartwood/internal/fault"
)

const govukReceipt = "govuk:"

// GovUKConfig is one service at GOV.UK Notify.
type GovUKConfig struct {
	Base string // "https://api.notifications.service.gov.uk" when ""
	Key  string // the API key: name, service id and secret, joined by hyphens
	// The templates hold nothing but ((message)), and that of an e-mail
	// ((subject)) too: what is sent is what the record says was sent.
	SMSTemplate, EmailTemplate string
	SMSSender, EmailReplyTo    string // their ids; "" for the service's own
	Postage                    string // "second" when ""
	Transport                  http.RoundTripper
	Now                        func() time.Time
}

// GovUK sends through GOV.UK Notify. The message's key is the reference, which
// is looked up before anything is sent a second time.
type GovUK struct {
	c       GovUKConfig
	api     api
	service string // its id
	secret  []byte
}

const uuidLen = 36

// NewGovUK checks the settings; it does not connect.
func NewGovUK(c GovUKConfig) (*GovUK, error) {
	if c.Base == "" {
		c.Base = "https://api.notifications.service.gov.uk"
	}
	if c.Postage == "" {
		c.Postage = "second"
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	n := len(c.Key)
	if n < 2*uuidLen+1 || c.Key[n-uuidLen-1] != '-' {
		return nil, fault.New(fault.Invalid, "The key for GOV.UK Notify is not right.")
	}
	return &GovUK{
		c: c, api: newAPI(c.Base, c.Transport),
		service: c.Key[n-2*uuidLen-1 : n-uuidLen-1], secret: []byte(c.Key[n-uuidLen:]),
	}, nil
}

type govukSend struct {
	Phone     string            `json:"phone_number,omitempty"`
	Email     string            `json:"email_address,omitempty"`
	Template  string            `json:"template_id,omitempty"`
	Values    map[string]string `json:"personalisation,omitempty"`
	Reference string            `json:"reference"`
	Sender    string            `json:"sms_sender_id,omitempty"`
	ReplyTo   string            `json:"email_reply_to_id,omitempty"`
	Content   string            `json:"content,omitempty"` // of a letter: the PDF in base64
	Postage   string            `json:"postage,omitempty"`
}

// govukNote is a notification, as it is answered and as it is told in a
// callback.
type govukNote struct {
	ID        string    `json:"id"`
	Reference string    `json:"reference"`
	Status    string    `json:"status"`
	Type      string    `json:"type"`              // of the API
	Kind      string    `json:"notification_type"` // of a callback
	Completed time.Time `json:"completed_at"`
	Sent      time.Time `json:"sent_at"`
}

// Send hands a message over, unless a try before has done so already.
func (g *GovUK) Send(ctx context.Context, m Message) (string, error) {
	if err := check(m); err != nil {
		return "", err
	}
	path, body, err := g.body(m)
	if err != nil {
		return "", err
	}
	if m.Again {
		if id, err := g.find(ctx, m.Key); err != nil || id != "" {
			return id, err
		}
	}
	b, err := json.Marshal(body)
	if err != nil {
		return "", err
	}
	got, err := g.call(ctx, http.MethodPost, "/v2/notifications/"+path, b)
	if err != nil {
		return "", err
	}
	var n govukNote
	if got.status != http.StatusCreated {
		return "", got.refusal(govukCode(got))
	}
	if err := got.into(&n); err != nil {
		return "", err
	}
	return govukReceipt + n.ID, nil
}

func (g *GovUK) body(m Message) (path string, s govukSend, err error) {
	s = govukSend{Reference: m.Key}
	switch m.Medium {
	case SMS:
		s.Phone, s.Template, s.Sender = m.To, g.c.SMSTemplate, g.c.SMSSender
		s.Values = map[string]string{"message": m.Text}
	case Email:
		s.Email, s.Template, s.ReplyTo = m.To, g.c.EmailTemplate, g.c.EmailReplyTo
		s.Values = map[string]string{"subject": m.Subject, "message": m.Text}
	case Letter:
		if len(m.PDF) == 0 {
			return "", s, fault.New(fault.Refused, "The letter has no pages.")
		}
		s.Content, s.Postage = base64.StdEncoding.EncodeToString(m.PDF), g.c.Postage
	default:
		return "", s, fault.New(fault.Refused, "This practice does not send messages of this kind.")
	}
	if m.Medium != Letter && s.Template == "" {
		return "", s, fault.New(fault.Unsupported, "This practice has no template for messages of this kind.")
	}
	return string(m.Medium), s, nil
}

// find gives the receipt of what was sent under a reference, "" for nothing.
func (g *GovUK) find(ctx context.Context, reference string) (string, error) {
	got, err := g.call(ctx, http.MethodGet, "/v2/notifications?reference="+url.QueryEscape(reference), nil)
	if err != nil {
		return "", err
	}
	if got.status != http.StatusOK {
		return "", got.refusal(govukCode(got))
	}
	var list struct {
		Notifications []govukNote `json:"notifications"`
	}
	if err := got.into(&list); err != nil || len(list.Notifications) == 0 {
		return "", err
	}
	return govukReceipt + list.Notifications[0].ID, nil
}

// Gave tells whether the receipt is of GOV.UK Notify.
func (g *GovUK) Gave(receipt string) bool { return strings.HasPrefix(receipt, govukReceipt) }

// Status asks what became of a message.
func (g *GovUK) Status(ctx context.Context, receipt string) (Report, error) {
	got, err := g.call(ctx, http.MethodGet, "/v2/notifications/"+url.PathEscape(strings.TrimPrefix(receipt, govukReceipt)), nil)
	if err != nil {
		return Report{}, err
	}
	if got.status != http.StatusOK {
		return Report{}, got.refusal(govukCode(got))
	}
	var n govukNote
	if err := got.into(&n); err != nil {
		return Report{}, err
	}
	return n.report(), nil
}

func (g *GovUK) call(ctx context.Context, method, path string, body []byte) (answered, error) {
	now := g.c.Now()
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"iss": g.service, "iat": now.Unix()}).SignedString(g.secret)
	if err != nil {
		return answered{}, fault.Wrap(err, fault.Internal, "The key for GOV.UK Notify cannot be used.")
	}
	var r *bytes.Reader
	if body == nil {
		return g.api.do(ctx, method, path, "application/json", nil, map[string]string{"Authorization": "Bearer " + token})
	}
	r = bytes.NewReader(body)
	return g.api.do(ctx, method, path, "application/json", r, map[string]string{"Authorization": "Bearer " + token})
}

// govukCode is the name of the error, which holds nothing of the message.
func govukCode(a answered) string {
	var e struct {
		Errors []struct {
			Error string `json:"error"`
		} `json:"errors"`
	}
	if json.Unmarshal(a.body, &e) != nil || len(e.Errors) == 0 || len(e.Errors[0].Error) > 40 {
		return ""
	}
	return e.Errors[0].Error
}

// report reads a notification's status. Of a text message "sent" is the end:
// abroad nobody tells whether it arrived.
func (n govukNote) report() Report {
	r := Report{Key: n.Reference, State: Sending, Detail: n.Status, At: n.Completed}
	if r.At.IsZero() {
		r.At = n.Sent
	}
	kind := n.Type + n.Kind
	switch kind {
	case "sms", "email", "letter":
		r.Medium = Medium(kind)
	}
	switch n.Status {
	case "delivered", "received":
		r.State = Delivered
	case "sent":
		if kind == "sms" {
			r.State = Delivered
		}
	case "permanent-failure":
		r.State, r.Bad = Failed, true
	case "temporary-failure", "technical-failure", "cancelled", "virus-scan-failed", "validation-failed":
		r.State = Failed
	}
	return r
}

// ParseGovUKReport reads the callback that tells what became of a message.
func ParseGovUKReport(b []byte) (Report, error) {
	var n govukNote
	if err := json.Unmarshal(b, &n); err != nil || n.Reference == "" && n.ID == "" || n.Status == "" {
		return Report{}, fault.New(fault.Invalid, "This is not a delivery receipt.")
	}
	return n.report(), nil
}

// ParseGovUKText reads the callback that brings a text message.
func ParseGovUKText(b []byte) (Text, error) {
	var t struct {
		ID      string    `json:"id"`
		From    string    `json:"source_number"`
		To      string    `json:"destination_number"`
		Message string    `json:"message"`
		At      time.Time `json:"date_received"`
	}
	if err := json.Unmarshal(b, &t); err != nil || t.ID == "" || len(t.ID) > 64 || t.From == "" || len(t.From) > 32 {
		return Text{}, fault.New(fault.Invalid, "This is not a text message.")
	}
	return Text{ID: t.ID, From: t.From, To: t.To, Text: t.Message, At: t.At}, nil
}

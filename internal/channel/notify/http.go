package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"heartwood/internal/fault"
)

// api speaks JSON to a transport.
type api struct {
	base   string // "https://api.notifications.service.gov.uk"
	client *http.Client
}

const (
	apiTime  = 30 * time.Second
	apiBytes = 1 << 20
)

func newAPI(base string, transport http.RoundTripper) api {
	return api{strings.TrimSuffix(base, "/"), &http.Client{Transport: transport, Timeout: apiTime}}
}

// answered is what came back: its status and its body.
type answered struct {
	status int
	body   []byte
}

func (a answered) into(v any) error {
	if err := json.Unmarshal(a.body, v); err != nil {
		return fault.Wrap(errors.New("notify: unreadable answer"), fault.Busy, "The message service gave half an answer.")
	}
	return nil
}

func (a api) do(ctx context.Context, method, path, kind string, body io.Reader, header map[string]string) (answered, error) {
	req, err := http.NewRequestWithContext(ctx, method, a.base+path, body)
	if err != nil {
		return answered{}, fault.Wrap(err, fault.Internal, "The message service's address is not right.")
	}
	req.Header.Set("Accept", kind)
	if body != nil {
		req.Header.Set("Content-Type", kind)
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	resp, err := a.client.Do(req)
	if err != nil {
		// The cause may hold the address that was asked for, and that a phone number.
		return answered{}, fault.Wrap(errors.New("notify: no answer"), fault.Busy, "The message service could not be reached.")
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(io.LimitReader(resp.Body, apiBytes))
	if err != nil {
		return answered{}, fault.Wrap(errors.New("notify: half an answer"), fault.Busy, "The message service gave half an answer.")
	}
	return answered{resp.StatusCode, b}, nil
}

// refusal is a status as a fault: what will get better is Busy or TooMany and
// tried again; what only the practice can mend (a wrong key) is Internal and
// tried again too, for the message is not at fault; the rest is Refused.
func (a answered) refusal(code string) error {
	cause := fmt.Errorf("notify: status %d %s", a.status, code)
	switch {
	case a.status == http.StatusTooManyRequests:
		return fault.Wrap(cause, fault.TooMany, "The message service takes no more just now.")
	case a.status == http.StatusUnauthorized || a.status == http.StatusForbidden:
		return fault.Wrap(cause, fault.Internal, "The message service does not know our key.")
	case a.status >= 500 || a.status == http.StatusRequestTimeout || a.status == http.StatusTooEarly:
		return fault.Wrap(cause, fault.Busy, "The message service could not take the message just now.")
	}
	return fault.Wrap(cause, fault.Refused, "The message service refused the message.")
}

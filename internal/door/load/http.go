package load

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

const (
	askAtOnce = 250      // resources that one batch asks for
	maxAnswer = 96 << 20 // bytes of one answer
)

// HTTPSink puts resources into a FHIR server's base, such as
// "https://heartwood.example/fhir/Z90001", with a bearer token.
type HTTPSink struct {
	Base   string
	Token  string
	Client *http.Client // one with a timeout of five minutes when nil
}

// unhurried waits as long as a large transaction may take.
var unhurried = &http.Client{Timeout: 5 * time.Minute}

// Put asks for what the server has, and sends what differs in one
// transaction of updates.
func (s HTTPSink) Put(ctx context.Context, writes []record.Write) ([]bool, error) {
	same := make([]bool, len(writes))
	for from := 0; from < len(writes); from += askAtOnce {
		to := min(from+askAtOnce, len(writes))
		if err := s.compare(ctx, writes[from:to], same[from:to]); err != nil {
			return nil, err
		}
	}
	var b bytes.Buffer
	b.WriteString(`{"resourceType":"Bundle","type":"transaction","entry":[`)
	n := 0
	for i, w := range writes {
		if same[i] {
			continue
		}
		if n++; n > 1 {
			b.WriteByte(',')
		}
		b.WriteString(`{"resource":`)
		if noMeta := w.Body.Splice&1 == 1; noMeta {
			b.Write(w.Body.Bytes)
		} else {
			b.Write(shown(w.Body)) // a meta that was emptied must not be sent empty
		}
		b.WriteString(`,"request":{"method":"PUT","url":"` + w.Ref.String() + `"}}`)
	}
	b.WriteString(`]}`)
	if n == 0 {
		return same, nil
	}
	_, err := s.send(ctx, http.MethodPost, "", b.Bytes())
	return same, err
}

// compare marks the writes that the server has already, byte for byte.
func (s HTTPSink) compare(ctx context.Context, writes []record.Write, same []bool) error {
	var b bytes.Buffer
	b.WriteString(`{"resourceType":"Bundle","type":"batch","entry":[`)
	for i, w := range writes {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`{"request":{"method":"GET","url":"` + w.Ref.String() + `"}}`)
	}
	b.WriteString(`]}`)
	res, err := s.send(ctx, http.MethodPost, "", b.Bytes())
	if err != nil {
		return err
	}
	i := 0
	for e := range res.Get("entry").Children() {
		if i == len(writes) {
			break
		}
		if raw := e.Get("resource"); raw.Exists() && strings.HasPrefix(e.Get("response", "status").Str(), "200") {
			if has, err := fhir.ParseResource(raw.Raw()); err == nil && has.Ref() == writes[i].Ref {
				same[i] = bytes.Equal(shown(has.Keep(has.ID())), shown(writes[i].Body))
			}
		}
		i++
	}
	return nil
}

// shown is a body as a server shows it, with the same version and time for
// all, so that bodies with an empty meta and with none compare as equal.
func shown(b fhir.Body) []byte { return fhir.Present(b, "1", time.Unix(0, 0)) }

// Find searches the server.
func (s HTTPSink) Find(ctx context.Context, query string) ([]ident.Ref, error) {
	res, err := s.send(ctx, http.MethodGet, "/"+query+"&_count=2", nil)
	if err != nil {
		return nil, err
	}
	var refs []ident.Ref
	for e := range res.Get("entry").Children() {
		if m := e.Get("search", "mode"); !m.Exists() || m.Is("match") {
			refs = append(refs, ident.Ref{Type: e.Get("resource", "resourceType").Str(), ID: e.Get("resource", "id").Str()})
		}
	}
	return refs, nil
}

// send makes one request and reads its answer.
func (s HTTPSink) send(ctx context.Context, method, path string, body []byte) (*fhir.Resource, error) {
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(s.Base, "/")+path, bytes.NewReader(body))
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "The base is not a web address.")
	}
	req.Header.Set("Authorization", "Bearer "+s.Token)
	req.Header.Set("Accept", "application/fhir+json")
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/fhir+json")
	}
	client := s.Client
	if client == nil {
		client = unhurried
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, fault.Wrap(err, fault.Busy, "The server could not be reached.")
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, fault.Wrap(err, fault.Busy, "The server's answer was cut off.")
	}
	if resp.StatusCode/100 != 2 {
		return nil, refusedBy(resp.StatusCode, answer)
	}
	res, err := fhir.ParseResource(answer)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unsupported, "The server's answer is not FHIR; is the base right?")
	}
	return res, nil
}

// refusedBy is a server's refusal as a fault.
func refusedBy(status int, answer []byte) error {
	kind := fault.Invalid
	switch status {
	case http.StatusUnauthorized:
		kind = fault.Unauthenticated
	case http.StatusForbidden:
		kind = fault.Forbidden
	case http.StatusNotFound:
		kind = fault.NotFound
	case http.StatusConflict:
		kind = fault.Conflict
	case http.StatusTooManyRequests:
		kind = fault.TooMany
	case http.StatusRequestEntityTooLarge:
		kind = fault.TooLarge
	case http.StatusServiceUnavailable, http.StatusBadGateway, http.StatusGatewayTimeout:
		kind = fault.Busy
	}
	var outcome struct {
		Issue []struct {
			Diagnostics string
			Details     struct{ Text string }
			Expression  []string
		}
	}
	f := fault.New(kind, "The server answered with status %s.", strconv.Itoa(status))
	if json.Unmarshal(answer, &outcome) == nil && len(outcome.Issue) > 0 {
		issue := outcome.Issue[0]
		if text := issue.Details.Text; text != "" {
			f.Message = text
		} else if issue.Diagnostics != "" {
			f.Message = issue.Diagnostics
		}
		if len(issue.Expression) > 0 {
			f.Where = issue.Expression[0]
		}
	}
	return f
}

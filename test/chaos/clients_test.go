package chaos_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"heartwood/test/chaos/form"
)

// told is everything that clients were told.
type told struct {
	mu       sync.Mutex
	receipts map[string]string // reference by the words of the request
	created  map[string]string // what was sent, by "Type/id"
	lost     int               // answers that did not come
}

func newTold() *told { return &told{receipts: map[string]string{}, created: map[string]string{}} }

// crowd is clients that go on until they are told to stop, and then finish
// what they have begun.
type crowd struct {
	t    *testing.T
	ctx  context.Context
	stop chan struct{}
	wg   sync.WaitGroup
	told *told
}

func newCrowd(t *testing.T) *crowd {
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	t.Cleanup(cancel)
	return &crowd{t: t, ctx: ctx, stop: make(chan struct{}), told: newTold()}
}

// run has one client do one thing after another.
func (c *crowd) run(do func(n int) error) {
	c.wg.Add(1)
	go func() {
		defer c.wg.Done()
		for n := 0; ; n++ {
			select {
			case <-c.stop:
				return
			default:
			}
			if err := do(n); err != nil {
				if !errors.Is(c.ctx.Err(), context.Canceled) { // by a test that has failed already
					c.t.Error(err)
				}
				return
			}
		}
	}()
}

func (c *crowd) finish() {
	close(c.stop)
	c.wg.Wait()
}

// patient fills in the form again and again, each time in a new browser, and
// now and then sends a form that was sent already.
func (c *crowd) patient(base, practice string, who int) {
	c.run(func(n int) error {
		what := fmt.Sprintf("chaos-%d-%d please send me a form", who, n)
		p := form.New(base, practice)
		ref, err := p.Ask(c.ctx, what)
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		if n%2 == 0 {
			again, err := p.Again(c.ctx)
			if err != nil || again != ref {
				return fmt.Errorf("%s: the form sent twice has the receipts %s and %s (%w)", what, ref, again, errors.Join(err))
			}
		}
		c.told.mu.Lock()
		defer c.told.mu.Unlock()
		c.told.receipts[what], c.told.lost = ref, c.told.lost+p.Lost
		return nil
	})
}

// api is a program at the FHIR API.
type api struct {
	client   *http.Client
	token    string
	position string // what it has been told of: sent with every request
}

func newAPI(token string) *api {
	return &api{token: token, client: &http.Client{Timeout: 15 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}}
}

type answer struct {
	status   int
	location string
	body     []byte
}

// send sends once; a 5xx is as good as no answer.
func (a *api) send(ctx context.Context, method, url, key, body string, headers ...string) (answer, error) {
	r, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	r.Header.Set("Authorization", "Bearer "+a.token)
	if body != "" {
		r.Header.Set("Content-Type", "application/fhir+json")
	}
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	if a.position != "" {
		r.Header.Set("X-Heartwood-Position", a.position)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := a.client.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= 500 {
		err = fmt.Errorf("status %d", resp.StatusCode)
	}
	if p := resp.Header.Get("X-Heartwood-Position"); err == nil && p != "" {
		a.position = p
	}
	return answer{resp.StatusCode, resp.Header.Get("Location"), b}, err
}

// insist sends with a key until there is an answer, for as long as a server
// may take to come back.
func (a *api) insist(ctx context.Context, lost *int, method string, url func() string, key, body string) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, 90*time.Second)
	defer cancel()
	for {
		got, err := a.send(ctx, method, url(), key, body)
		if err == nil || ctx.Err() != nil {
			return got, err
		}
		*lost++
		time.Sleep(20 * time.Millisecond)
	}
}

// program creates resources and sends transactions, each with a key.
func (c *crowd) program(base func() string, token string, who int) {
	a := newAPI(token)
	c.run(func(n int) error {
		key, lost := fmt.Sprintf("k-%d-%d", who, n), 0
		sent := map[string]string{} // by place in the answer
		body, url := basic(key, "alone"), func() string { return base() + "/Basic" }
		if n%2 == 1 {
			one, two := basic(key, "first"), basic(key, "second")
			body, url = `{"resourceType":"Bundle","type":"transaction","entry":[`+
				`{"resource":`+one+`,"request":{"method":"POST","url":"Basic"}},`+
				`{"resource":`+two+`,"request":{"method":"POST","url":"Basic"}}]}`, base
			sent["0"], sent["1"] = one, two
		} else {
			sent["0"] = body
		}
		got, err := a.insist(c.ctx, &lost, http.MethodPost, url, key, body)
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		places, err := madeAt(got, len(sent))
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		c.told.mu.Lock()
		for i, at := range places {
			c.told.created[at] = sent[fmt.Sprint(i)]
		}
		c.told.lost += lost
		c.told.mu.Unlock()
		return c.readBack(a, base, places[0], sent["0"])
	})
}

func basic(key, part string) string {
	return fmt.Sprintf(`{"resourceType":"Basic","identifier":[{"system":"urn:chaos","value":"%s-%s"}],"code":{"text":"x%s"}}`, key, part, strings.Repeat("y", len(key)*20))
}

// madeAt is where the resources of an answer are: "Basic/id".
func madeAt(a answer, n int) ([]string, error) {
	var b struct {
		Entry []struct {
			Response struct{ Status, Location string }
		}
	}
	switch {
	case a.status == http.StatusCreated && n == 1:
		return []string{reference(a.location)}, nil
	case a.status == http.StatusOK && n > 1:
		if err := json.Unmarshal(a.body, &b); err != nil || len(b.Entry) != n {
			return nil, fmt.Errorf("a transaction of %d was answered by %s (%w)", n, a.body, errors.Join(err))
		}
		var out []string
		for _, e := range b.Entry {
			if !strings.HasPrefix(e.Response.Status, "201") {
				return nil, fmt.Errorf("an entry was answered by %s", e.Response.Status)
			}
			out = append(out, reference(e.Response.Location))
		}
		return out, nil
	}
	return nil, fmt.Errorf("status %d: %s", a.status, a.body)
}

// reference is "Basic/id" of a location, with or without base and version.
func reference(location string) string {
	location, _, _ = strings.Cut(location, "/_history/")
	parts := strings.Split(location, "/")
	return strings.Join(parts[max(0, len(parts)-2):], "/")
}

// readBack reads what was just created, wherever base leads now, with the
// position that came with the answer: it must be there.
func (c *crowd) readBack(a *api, base func() string, at, sent string) error {
	for {
		got, err := a.send(c.ctx, http.MethodGet, base()+"/"+at, "", "")
		if c.ctx.Err() != nil {
			return c.ctx.Err()
		}
		if err != nil {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		if got.status != http.StatusOK || !same(got.body, sent) {
			return fmt.Errorf("%s was created and then read: %d %s", at, got.status, got.body)
		}
		return nil
	}
}

// same compares a resource with what was sent, its id and meta apart.
func same(have []byte, sent string) bool {
	var a, b map[string]any
	if json.Unmarshal(have, &a) != nil || json.Unmarshal([]byte(sent), &b) != nil {
		return false
	}
	delete(a, "id")
	delete(a, "meta")
	x, _ := json.Marshal(a) // maps of strings always can
	y, _ := json.Marshal(b)
	return bytes.Equal(x, y)
}

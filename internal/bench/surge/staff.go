package surge

import (
	"bufio"
	"context"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"heartwood/internal/bench/browse"
)

// practice is one practice of the demonstration and its navigators.
type practice struct {
	code  string
	names []string // of some of its patients
	staff []*browse.Browser
}

// open signs the navigators in.
func (s *surge) open(ctx context.Context) error {
	for _, code := range s.Practices {
		p := &practice{code: code}
		s.practices = append(s.practices, p)
		for range max(1, s.Staff) {
			b := browse.New(s.Base)
			if err := p.signIn(ctx, b); err != nil {
				return fmt.Errorf("%s: %w", code, err)
			}
			b.Saw = s.meter.saw("staff")
			p.staff = append(p.staff, b)
		}
	}
	return nil
}

func (s *surge) close() {
	for _, p := range s.practices {
		for _, b := range p.staff {
			b.Close()
		}
	}
}

// The page where a demonstration lets one be anybody: a row has a name, what
// they are, and a button.
var someone = regexp.MustCompile(`<td[^>]*>([^<]+)</td><td[^>]*>(Patient|Care navigator)[^<]*</td>.*?name="who" value="(([^"/]+)/[^"]+)"`)

// signIn makes a browser a navigator's, and learns some patients' names.
func (p *practice) signIn(ctx context.Context, b *browse.Browser) error {
	at, err := b.Get(ctx, "/demo")
	if err != nil {
		return err
	}
	who := ""
	for _, m := range someone.FindAllStringSubmatch(string(at.Body), -1) {
		switch {
		case m[4] != p.code:
		case m[2] == "Patient":
			p.names = append(p.names, html.UnescapeString(m[1]))
		case who == "":
			who = m[3]
		}
	}
	if who == "" || len(p.names) == 0 {
		return fmt.Errorf("the demonstration has no navigator or no patients there")
	}
	_, err = b.Send(ctx, at, browse.Form{Action: "/demo", Method: http.MethodPost}, url.Values{"who": {who}, "next": {"/desk/" + p.code + "/"}})
	return err
}

// watch is a navigator's open queue: it follows the stream of changes and
// fetches the table again after each, as the page's script does, and now and
// then opens the first request.
func (s *surge) watch(ctx context.Context, p *practice, b *browse.Browser) {
	_ = s.refresh(ctx, p, b) // what went wrong is counted where it was seen
	for ctx.Err() == nil {
		if err := s.follow(ctx, p, b); err != nil && ctx.Err() == nil {
			s.meter.broke()
			sleep(ctx, time.Second)
		}
	}
}

func (s *surge) follow(ctx context.Context, p *practice, b *browse.Browser) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.Base+"/live/"+p.code+"/queue", nil)
	if err != nil {
		return err
	}
	stream := *b.Client
	stream.Timeout = 0
	resp, err := stream.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the stream answered %d", resp.StatusCode)
	}
	changed := make(chan struct{}, 1)
	go s.refreshes(ctx, p, b, changed)
	defer close(changed)
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		if lines.Text() == "event: change" {
			select {
			case changed <- struct{}{}:
			default: // one is waiting already
			}
		}
	}
	return lines.Err()
}

// pause is how long a page's script waits for more changes before it asks.
const pause = 250 * time.Millisecond

func (s *surge) refreshes(ctx context.Context, p *practice, b *browse.Browser, changed <-chan struct{}) {
	for range changed {
		if sleep(ctx, pause) {
			_ = s.refresh(ctx, p, b) // what went wrong is counted where it was seen
		}
	}
}

var (
	open  = regexp.MustCompile(`data-note="(\d+) open`)
	first = regexp.MustCompile(`class="dk-row-link" href="([^"]+)"`)
)

// refresh fetches the queue again, and notes how many requests it shows.
func (s *surge) refresh(ctx context.Context, p *practice, b *browse.Browser) error {
	at, err := b.Part(ctx, "/desk/"+p.code+"/", http.Header{"Heartwood-Part": {"queue"}})
	if err != nil {
		return err
	}
	m := open.FindSubmatch(at.Body)
	if m == nil {
		return fmt.Errorf("the queue does not say how many are open")
	}
	n, err := strconv.Atoi(string(m[1]))
	if err != nil {
		return err
	}
	s.meter.shown(p.code, n, time.Now())
	if link := first.FindSubmatch(at.Body); link != nil && n%5 == 0 {
		_, err = b.Get(ctx, string(link[1]))
	}
	return err
}

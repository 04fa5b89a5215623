package reconcile

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/doorlog"
	"heartwood/internal/care/search"
	"heartwood/internal/care/write"
	"heartwood/internal/fhir"
	"heartwood/internal/record"
	"heartwood/internal/words"
)

// underWay is how long a form may be between the door and the ledger before it
// counts as missing.
const underWay = 2 * time.Minute

// atDoor holds the doors' own log against the ledger, both ways. Of other
// nodes' doors this one knows nothing; they reconcile what is theirs. late
// finds the request of a form that was taken later than it first came.
func (r *Report) atDoor(seen doorlog.Sight, node string, ledger []Line, late func(form string) (Line, error), now time.Time) error {
	claims := map[string]bool{}
	for _, l := range ledger {
		if at, form, ok := strings.Cut(l.Door, "/"); ok && at == node {
			claims[form] = true
			if _, has := seen.Entries[form]; !has {
				r.differ(Difference{
					Response: l.Response, Request: l.Request, Reference: l.Reference, Channel: l.Channel,
					What: "The request says that it came in here, and the doors' own log has not seen it.",
				})
			}
		}
	}
	count := map[string]int{}
	for _, e := range inOrder(seen) {
		if e.Refused || !within(e.At, r.From, r.To) {
			continue
		}
		count[e.Channel]++
		if claims[e.Form] || e.Settled != "" || now.Sub(e.At) < underWay {
			continue
		}
		if l, err := late(e.Form); err != nil {
			return err
		} else if l.Request == "" {
			r.differ(missing(e))
		}
	}
	if seen.Spoiled > 0 {
		r.Spoiled = seen.Spoiled
	}
	for i := range r.Channels {
		r.Channels[i].Door = count[r.Channels[i].Channel]
		r.Total.Door += r.Channels[i].Door
	}
	return nil
}

// missing is a form that the door saw and the ledger has not.
func missing(e doorlog.Entry) Difference {
	d := Difference{
		Reference: e.Reference, Channel: e.Channel, Form: e.Form,
		What: "A form came to the door, " + words.Stamp(e.At) + ", and is not in the ledger. No receipt was shown for it.",
	}
	if e.Reference != "" {
		d.What = "A receipt was shown, " + words.Stamp(e.At) + ", and the request is not in the ledger."
	}
	return d
}

// inOrder are the entries as they came.
func inOrder(s doorlog.Sight) []doorlog.Entry {
	out := make([]doorlog.Entry, 0, len(s.Entries))
	for _, e := range s.Entries {
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b doorlog.Entry) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return strings.Compare(a.Form, b.Form)
	})
	return out
}

// claimed finds the request that says it came in by a claim, whenever it was
// taken.
func claimed(ctx context.Context, p *record.Practice, from time.Time, claim string) (Line, error) {
	all, err := lines(ctx, p, from.Add(-time.Hour), p.Now().Add(time.Hour))
	for _, l := range all {
		if l.Door == claim {
			return l, err
		}
	}
	return Line{}, err
}

// since is a search for messages of a kind that were written from a time on.
func since(kind string, from time.Time) string {
	return "Communication?category=" + url.QueryEscape(care.MessageKind+"|"+kind) +
		"&_lastUpdated=ge" + url.QueryEscape(from.UTC().Truncate(time.Second).Format(time.RFC3339))
}

// told marks the lines that have a message to show what the person was told.
func told(ctx context.Context, p *record.Practice, from time.Time, ledger []Line) error {
	shown := map[string]bool{}
	for _, kind := range []string{"outcome", "message"} {
		err := search.Each(ctx, p, since(kind, from), func(_ record.Version, c *fhir.Resource) error {
			for b := range c.Get("basedOn").Items() {
				shown[write.Target(b).String()] = true
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	for i := range ledger {
		ledger[i].Messaged = shown[ledger[i].Request]
	}
	return nil
}

// notices counts what became of the e-mails and texts about those answered.
func notices(ctx context.Context, p *record.Practice, from time.Time, ledger []Line) (n Notices, err error) {
	closed := map[string]bool{}
	for _, l := range ledger {
		closed[l.Request] = l.answered()
	}
	err = search.Each(ctx, p, since("notice", from), func(_ record.Version, c *fhir.Resource) error {
		about := false
		for b := range c.Get("basedOn").Items() {
			about = about || closed[write.Target(b).String()]
		}
		switch status := c.Get("status").Str(); {
		case !about:
		case status == "completed":
			n.Sent++
		case status == "preparation", status == "in-progress":
			n.Waiting++
		default:
			n.Failed++
		}
		return nil
	})
	return n, err
}

package notify

import (
	"context"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"heartwood/internal/feed"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Outbox sends what a practice owes. The record itself is the queue: a
// Communication waits as preparation; a try takes it (in-progress, which is
// also the lease that keeps others off), hands it over with its id as the key,
// and records it as completed with the time sent and the receipt, or after too
// many tries as stopped with the reason. Whoever is killed in between leaves a
// lease that runs out; the next try has the same key.
type Outbox struct {
	Practice *record.Practice
	Sender   Sender
	// Address finds where to send; nil is AddressOf.
	Address func(ctx context.Context, p *record.Practice, c *fhir.Resource, m Medium) (string, error)
	// Route, when set, makes the whole message instead: by which medium, to
	// where, in which words, as things are at this moment. Key is set after it.
	Route func(ctx context.Context, p *record.Practice, ref ident.Ref, c *fhir.Resource) (Message, error)
	// Settle, when set, records what became of a message that was on its way
	// or could not be sent, and what follows from that. It must change nothing
	// when told the same again.
	Settle  func(ctx context.Context, p *record.Practice, ref ident.Ref, r Report) error
	Subject string // of an e-mail whose Communication has no topic
	Tries   int    // 8 when 0: about two hours
	Now     func() time.Time
	Slog    *slog.Logger

	mu    sync.Mutex
	asked map[string]time.Time // when what is on its way was asked about; protected by mu
}

const (
	lease     = 2 * time.Minute // longer than any transport's timeout
	firstWait = 30 * time.Second
	mostWait  = time.Hour
	atOnce    = 4
	pageSize  = 100
	tryReason = "outbox: try "
	onItsWay  = "outbox: handed over"
	pollEvery = 15 * time.Minute // to ask about what is on its way, beside what is told

	receiptSystem = "https://heartwood.example/fhir/sid/notify-receipt"
)

func (o *Outbox) defaults() {
	if o.Address == nil {
		o.Address = AddressOf
	}
	if o.Subject == "" {
		o.Subject = "A message from your GP practice"
	}
	if o.Tries == 0 {
		o.Tries = 8
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Slog == nil {
		o.Slog = slog.Default()
	}
}

// Run sends what is owed as soon as it is recorded, until the context ends.
func (o *Outbox) Run(ctx context.Context) error {
	o.defaults()
	wake := make(chan struct{}, 1)
	var followers sync.WaitGroup
	defer followers.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	f := feed.Follower{
		Name: "outbox", Source: o.Practice, From: o.Practice.Position(), Slog: o.Slog,
		Handle: func(_ context.Context, batch []record.Entry) error {
			for i := range batch {
				if owes(&batch[i]) {
					select {
					case wake <- struct{}{}:
					default: // woken already
					}
				}
			}
			return nil
		},
	}
	followers.Go(func() { _ = f.Run(ctx) }) // ends with the context, and without a bookmark has nothing to say
	for {
		next, err := o.Sweep(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			o.Slog.Error("the outbox could not be read", "practice", o.Practice.ODS(), "cause", err)
			next = o.Now().Add(firstWait)
		}
		t := time.NewTimer(next.Sub(o.Now()))
		select {
		case <-ctx.Done():
		case <-wake:
		case <-t.C:
		}
		t.Stop()
	}
}

// owes tells whether an entry may be of something to send: a Communication
// that is not the outbox's own doing, nor a step of a telephone call.
func owes(e *record.Entry) bool {
	return e.Type == "Communication" && !strings.HasPrefix(e.Reason, "outbox: ") && !strings.HasPrefix(e.Reason, "call: ")
}

// Sweep tries everything that is due, once, and says when it should look
// again if nothing new is recorded before.
func (o *Outbox) Sweep(ctx context.Context) (next time.Time, err error) {
	o.defaults()
	next = o.Now().Add(mostWait)
	var due []owed
	for cursor := ""; ; {
		page, err := o.Practice.Find(ctx, "Communication?status=preparation,in-progress&_count="+strconv.Itoa(pageSize)+"&_cursor="+url.QueryEscape(cursor))
		if err != nil {
			return next, err
		}
		for _, v := range page.Matches {
			d, err := o.owed(ctx, v)
			if err != nil {
				return next, err
			}
			switch {
			case !d.mine:
			case d.at.After(o.Now()):
				next = earlier(next, d.at)
			default:
				due = append(due, d)
			}
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	group := new(errgroup.Group)
	group.SetLimit(atOnce)
	again := make([]time.Time, len(due))
	for i, d := range due {
		group.Go(func() error {
			switch {
			case ctx.Err() != nil:
			case d.away:
				again[i] = o.poll(ctx, d.v)
			default:
				again[i] = o.try(ctx, d.v, d.tries)
			}
			return nil //nolint:nilerr // what cannot be read is passed over here
		})
	}
	_ = group.Wait() // tries answer with times
	for _, t := range again {
		if !t.IsZero() {
			next = earlier(next, t)
		}
	}
	return next, nil
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// owed is a Communication that may be the outbox's to send.
type owed struct {
	v     record.Version
	mine  bool
	away  bool      // handed over: ask what became of it
	tries int       // so far
	at    time.Time // when the next try is due; zero for at once
}

// owed tells whether a Communication is the outbox's, and when it is due. What
// is in progress is ours only when the outbox took it: the reason says so, and
// counts the tries.
func (o *Outbox) owed(ctx context.Context, v record.Version) (owed, error) {
	r, err := v.Resource()
	if err != nil {
		return owed{}, err
	}
	if MediumOf(r) == "" {
		return owed{}, nil
	}
	if r.Get("status").Is("preparation") {
		return owed{v: v, mine: true}, nil
	}
	whole, err := o.Practice.VRead(ctx, v.Ref, v.ID) // with its reason
	if err != nil {
		return owed{}, err
	}
	if whole.Reason == onItsWay {
		return owed{v: v, mine: o.Settle != nil, away: true, at: o.polled(v)}, nil
	}
	s, ok := strings.CutPrefix(whole.Reason, tryReason)
	n, err := strconv.Atoi(s)
	if !ok || err != nil || n < 1 {
		return owed{}, nil //nolint:nilerr // somebody else's version: not a try of ours
	}
	return owed{v: v, mine: true, tries: n, at: v.Time.Add(backoff(n))}, nil
}

func backoff(tries int) time.Duration {
	return lease + min(mostWait, firstWait<<min(max(0, tries-1), 10))
}

// MediumOf is how a Communication is to travel, "" when not by us.
func MediumOf(r *fhir.Resource) Medium {
	for m := range r.Get("medium").Items() {
		for c := range m.Get("coding").Items() {
			switch strings.ToLower(c.Get("code").Str()) {
			case "emailwrit", "email", "e-mail":
				return Email
			case "smswrit", "sms":
				return SMS
			case "mailwrit":
				return Letter
			case "app":
				return App
			}
		}
	}
	return ""
}

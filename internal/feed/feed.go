// Package feed carries what was recorded to those who must act on it: views,
// channels and subscribers.
//
// What comes in: a practice's log. What goes out: its entries, to each
// follower in order, from where that follower left off. It must never skip an
// entry, and never move a follower's bookmark past what it has handled: after
// a crash a follower sees some entries again, and none too few.
package feed

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Source is what can be followed: a *record.Practice.
type Source interface {
	ODS() ident.ODS
	Follow(ctx context.Context, from ident.Position, fn func([]record.Entry) error) error
}

// Follower handles a practice's entries in order.
type Follower struct {
	Name     string // for the log: "outbox"
	Source   Source
	Bookmark Bookmark // where it has got to; nil begins at From each time
	From     ident.Position
	// Handle acts on a batch. When it fails, the same batch comes again, after
	// a wait that grows.
	Handle func(context.Context, []record.Entry) error
	// Every is how often at most the bookmark is saved; 0 saves after each
	// batch.
	Every time.Duration
	Now   func() time.Time // time.Now when nil
	Slog  *slog.Logger     // slog.Default() when nil
}

const (
	firstWait = 100 * time.Millisecond
	mostWait  = 30 * time.Second
)

// Run follows until the context ends, and then saves the bookmark.
func (f Follower) Run(ctx context.Context) error {
	if f.Now == nil {
		f.Now = time.Now
	}
	if f.Slog == nil {
		f.Slog = slog.Default()
	}
	if f.Bookmark == nil {
		f.Bookmark = &Memory{at: f.From}
	}
	at, err := f.Bookmark.Load()
	if err != nil {
		return err
	}
	if at == nil {
		at = f.From.Clone()
	}
	for wait := firstWait; ; wait = min(2*wait, mostWait) {
		from := at.String()
		err := f.follow(ctx, at)
		if ctx.Err() != nil {
			return f.Bookmark.Save(at)
		}
		if at.String() != from {
			wait = firstWait // it got somewhere
		}
		f.Slog.Warn("a follower will try again", "follower", f.Name, "practice", f.Source.ODS(), "wait", wait, "cause", err)
		select {
		case <-ctx.Done():
			return f.Bookmark.Save(at)
		case <-time.After(wait):
		}
	}
}

// follow handles batches and moves at along with them.
func (f Follower) follow(ctx context.Context, at ident.Position) error {
	saved := f.Now()
	err := f.Source.Follow(ctx, at, func(batch []record.Entry) error {
		if err := f.Handle(ctx, batch); err != nil {
			return err
		}
		for i := range batch {
			at[batch[i].Stream] = batch[i].Seq
		}
		if now := f.Now(); now.Sub(saved) >= f.Every {
			saved = now
			return f.Bookmark.Save(at)
		}
		return nil
	})
	if err == nil {
		err = errors.New("feed: the source ended")
	}
	return err
}

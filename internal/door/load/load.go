// Package load is the door for files: it takes FHIR R4 resources from disk,
// however they are packed, into one practice's record.
//
// What comes in: files and folders that hold single resources, Bundles and
// NDJSON, plain or as gzip, zstd, tar and zip, and the NHS's organisation files.
// What goes out: changes to the record, and a summary that names whatever was
// refused and why. It must never store half of a transaction, never stop at a
// broken file, never write what is in the record already, and never hold more
// than a bounded part of its input in memory.
//
// A transaction is stored whole or not at all. The entries of a batch, a
// collection or search results stand each for themselves. Documents,
// messages, histories and responses are kept as the Bundles they are.
// Importing adds: entries that read or delete are passed over.
package load

import (
	"context"
	"io"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"heartwood/internal/fault"
)

// Config says what to load, and where to.
type Config struct {
	Sink     Sink
	Paths    []string         // files and folders
	Progress io.Writer        // where progress is shown; nil for nowhere
	Refused  io.Writer        // every refusal, one JSON object a line; nil for nowhere
	Workers  int              // how many prepare in parallel; one for each processor when zero
	Now      func() time.Time // time.Now when nil
	// MaxDocument is the most bytes of one JSON document, so of one Bundle;
	// 64 MiB when zero.
	MaxDocument int
}

const (
	jobBytes = 256 << 10 // documents go to a worker in jobs of about this size
	inFlight = 96 << 20  // bytes of documents that are read and not yet stored
)

// Run loads everything that the paths name. It returns an error only when it
// could not go on; what was wrong with the input is in the summary.
func Run(ctx context.Context, c Config) (Summary, error) {
	if c.Workers == 0 {
		c.Workers = runtime.GOMAXPROCS(0)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.MaxDocument == 0 {
		c.MaxDocument = 64 << 20
	}
	sources, total := find(c.Paths)
	r := &run{
		cfg: c, work: make(chan *job, c.Workers), order: make(chan *job, 2*c.Workers),
		memory: semaphore.NewWeighted(inFlight), meter: newMeter(c.Progress, total, c.Now),
	}
	r.sum = newSummary(c.Refused)
	begun := c.Now()
	stop := r.meter.start()
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(r.order)
		defer close(r.work)
		return r.read(ctx, sources)
	})
	for range c.Workers {
		g.Go(func() error {
			for j := range r.work {
				j.units <- prepare(j.docs)
			}
			return nil
		})
	}
	g.Go(func() error { return r.store(ctx) })
	err := g.Wait()
	stop()
	r.sum.Took = c.Now().Sub(begun)
	return *r.sum, err
}

// run is one import under way.
type run struct {
	cfg    Config
	work   chan *job // to the workers, in any order
	order  chan *job // to the writer, in the order of the input
	memory *semaphore.Weighted
	meter  *meter
	sum    *Summary // the writer's alone
}

// job is some documents, and then what was made of them.
type job struct {
	docs   []document
	units  chan []unit // one answer
	weight int64
}

// document is one JSON document, or the reason that there is none.
type document struct {
	file    string
	number  int // in its file, from 1; 0 when it is the file itself
	body    []byte
	refusal *Refusal
	passed  bool // it is nothing to load
}

// read walks the sources and hands their documents on.
func (r *run) read(ctx context.Context, sources []source) error {
	var batch job
	send := func() error {
		if len(batch.docs) == 0 {
			return nil
		}
		j := batch
		batch = job{}
		j.units = make(chan []unit, 1)
		j.weight = min(j.weight, inFlight)
		if err := r.memory.Acquire(ctx, j.weight); err != nil {
			return err
		}
		for _, to := range []chan *job{r.order, r.work} {
			select {
			case to <- &j:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	}
	for _, s := range sources {
		err := s.documents(r.meter, r.cfg.MaxDocument, func(d document) error {
			batch.docs = append(batch.docs, d)
			batch.weight += int64(len(d.body)) + 64
			if batch.weight < jobBytes {
				return nil
			}
			return send()
		})
		if err != nil {
			return err
		}
	}
	return send()
}

// refusedAt makes a refusal out of whatever went wrong.
func refusedAt(file string, entry int, err error) *Refusal {
	f := fault.From(err)
	return &Refusal{File: file, Entry: entry, Where: f.Where, Message: f.Message}
}

package app

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"heartwood/internal/access"
	"heartwood/internal/care/request"
	"heartwood/internal/demo"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

const (
	demoReason = "demonstration data"
	demoChunk  = 500 // resources in one change, and the rest of a patient's
)

// SeedDemo puts a made-up network into the record, as a new installation
// would import its own. What an earlier start has put there already is left
// alone, so a start that was cut short is taken up. progress is told how many
// resources have been stored.
func (a *App) SeedDemo(ctx context.Context, n *demo.Network, progress func(stored int64)) error {
	var stored atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	for _, one := range n.Practices() {
		g.Go(func() error {
			p, err := a.Store.Practice(one.ODS)
			if err != nil {
				return err
			}
			done := "demo " + string(one.ODS)
			if _, ok, err := p.Repeat(ctx, done); ok || err != nil {
				return err
			}
			err = seedPractice(ctx, p, one, func(n int) { progress(stored.Add(int64(n))) })
			if err != nil {
				return err
			}
			if err := a.seedAccounts(ctx, n, one); err != nil {
				return err
			}
			if err := a.seedForms(ctx, one.ODS); err != nil {
				return err
			}
			if err := a.seedRouting(ctx, one.ODS); err != nil {
				return err
			}
			if err := a.seedStarts(ctx, one.ODS); err != nil {
				return err
			}
			if err := a.seedLocal(ctx, one.ODS); err != nil {
				return err
			}
			if err := seedWords(ctx, p); err != nil {
				return err
			}
			if err := seedFeedback(ctx, p); err != nil {
				return err
			}
			if err := seedDirect(ctx, p, request.New(a.Store)); err != nil {
				return err
			}
			if err := seedOverflow(ctx, p, one, n.Practices()); err != nil {
				return err
			}
			if err := a.seedRota(ctx, one.ODS); err != nil {
				return err
			}
			if err := seedPhone(ctx, p, one); err != nil {
				return err
			}
			if err := a.seedBooking(ctx, one.ODS); err != nil {
				return err
			}
			if err := a.seedRequests(ctx, one.ODS); err != nil {
				return err
			}
			if err := a.seedWorkflow(ctx, one.ODS); err != nil {
				return err
			}
			if err := a.seedReports(ctx, one.ODS, one); err != nil {
				return err
			}
			mark, err := record.Prepare(ident.Ref{Type: "_Demo", ID: "seeded"}, []byte(`{"resourceType":"_Demo","id":"seeded"}`))
			if err != nil {
				return err
			}
			_, err = p.Commit(ctx, record.Change{Author: record.System, Reason: demoReason, Key: done, Writes: []record.Write{mark}})
			return err
		})
	}
	return g.Wait()
}

// seedPractice commits one practice's resources in chunks. Each chunk has a
// key of its own, so that chunks of an earlier start are not made again. Two
// chunks are prepared and committed at once, in any order.
func seedPractice(ctx context.Context, p *record.Practice, one demo.Practice, stored func(int)) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(2)
	number := 0
	for items := range chunksOf(one.Resources()) {
		key := fmt.Sprintf("demo %s %d", one.ODS, number)
		number++
		g.Go(func() error {
			c := record.Change{Author: record.System, Reason: demoReason, Key: key}
			for _, it := range items {
				w, err := record.Prepare(ident.Ref{Type: it.Type, ID: it.ID}, it.Body)
				if err != nil {
					return fmt.Errorf("demo: %s: %w", it.Type, err)
				}
				c.Writes = append(c.Writes, w)
			}
			_, err := p.Commit(ctx, c)
			stored(len(items))
			return err
		})
		if ctx.Err() != nil {
			break
		}
	}
	return g.Wait()
}

// chunksOf divides resources so that all of a patient's are in one chunk: who
// follows the record knows whom a request is for when it comes.
func chunksOf(all iter.Seq[demo.Item]) iter.Seq[[]demo.Item] {
	return func(yield func([]demo.Item) bool) {
		var chunk []demo.Item
		for it := range all {
			if len(chunk) >= demoChunk && (it.Type == "Patient" || it.Type == "Slot") {
				if !yield(chunk) {
					return
				}
				chunk = nil
			}
			chunk = append(chunk, it)
		}
		if len(chunk) > 0 {
			yield(chunk)
		}
	}
}

var demoAccounts sync.Mutex // one practice's accounts at a time: addresses must not meet

// seedAccounts lets the practice's staff and a few patients sign in.
func (a *App) seedAccounts(ctx context.Context, n *demo.Network, one demo.Practice) error {
	demoAccounts.Lock()
	defer demoAccounts.Unlock()
	have, err := a.Accounts.List(ctx, one.ODS)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, h := range have {
		known[h.Email] = true
	}
	people := []access.Account{}
	for _, s := range append(one.Staff(), n.Commissioner()) {
		if s.Role == string(access.Commissioner) && one.ODS != n.Practices()[0].ODS {
			continue // the board has one account
		}
		people = append(people, access.Account{Name: s.Name, Role: access.Role(s.Role), Ref: "Practitioner/" + s.ID, Email: s.Email, About: s.Job})
	}
	for _, s := range one.SamplePatients() {
		acc := access.Account{Name: s.Name, Role: access.Patient, Ref: "Patient/" + s.ID, Email: s.Email, About: s.Why}
		for _, c := range s.Proxy {
			acc.Charges = append(acc.Charges, access.Charge{Patient: "Patient/" + c.ID, Relationship: "parent", Given: "parental responsibility"})
		}
		people = append(people, acc)
	}
	for _, acc := range people {
		if known[strings.ToLower(acc.Email)] {
			continue
		}
		acc.Practice = one.ODS
		_, err := a.Accounts.Add(ctx, record.System, acc)
		if fault.Is(err, fault.Conflict) {
			continue // an earlier start, cut short, has made it
		}
		if err != nil {
			return fmt.Errorf("demo: account of a %s: %w", acc.Role, err)
		}
	}
	return nil
}

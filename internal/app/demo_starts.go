package app

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"heartwood/internal/care/request"
	"heartwood/internal/care/starts"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/words"
)

// seedStarts has eight weeks of forms begun online, as they were counted: of
// ten, four or so were sent.
func (a *App) seedStarts(ctx context.Context, ods ident.ODS) error {
	p, err := a.Store.Practice(ods)
	if err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(7, uint64(len(ods)))) //nolint:gosec // a demonstration, the same each time
	counts := map[starts.Key]int{}
	steps := []string{"you", "you", "you", "kind", "what", "what", "what", "what", "how-long", "photos", "contact", "contact", "check"}
	today := p.Now().In(words.London)
	for back := range 55 {
		day := today.AddDate(0, 0, -2-back)
		begun := 8 + r.IntN(6)
		if wd := day.Weekday(); wd == time.Saturday || wd == time.Sunday {
			begun = 2 + r.IntN(3)
		}
		for range begun {
			k := starts.Key{Day: day.Format(time.DateOnly), Form: string(request.Kinds[min(r.IntN(len(request.Kinds)), r.IntN(len(request.Kinds)))])}
			if k.Sent = r.IntN(26) < 10; !k.Sent {
				if k.Step = steps[r.IntN(len(steps))]; k.Step == "you" || k.Step == "kind" {
					k.Form = ""
				}
			}
			counts[k]++
		}
	}
	change, err := starts.Report([]string{fmt.Sprint("demonstration ", ods)}, counts)
	if err != nil {
		return err
	}
	if _, err := p.Commit(ctx, change); err != nil && !fault.Is(err, fault.Conflict) {
		return err
	}
	return nil
}

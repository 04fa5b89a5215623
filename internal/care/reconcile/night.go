package reconcile

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/doorlog"
	"heartwood/internal/care/escalate"
	"heartwood/internal/care/request"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/words"
)

const (
	nightHour = 1   // from one in the morning the day before is counted
	nightDays = 30  // that a night looks back
	mostKept  = 200 // differences that a night keeps by name; their number is kept always
	nightName = "reconciliation"
)

// Night is what a night's count found, as it is kept.
type Night struct {
	Date        string // the last day that was counted, 2006-01-02
	Balanced    bool
	Total       Row
	Count       int // differences
	Differences []Difference
}

func nightRef(day time.Time) ident.Ref {
	return ident.Ref{Type: "Basic", ID: "reconciliation-" + day.In(words.London).Format(time.DateOnly)}
}

// Nightly counts the days up to yesterday once a night, keeps what it found,
// and has the alarm ring for the manager while it does not add up. It may be
// called as often as one likes.
func (s *Service) Nightly(ctx context.Context, p *record.Practice) error {
	now := p.Now().In(words.London)
	if now.Hour() < nightHour {
		return nil
	}
	y, m, d := now.Date()
	today := time.Date(y, m, d, 0, 0, 0, 0, words.London)
	ref := nightRef(today.AddDate(0, 0, -1))
	switch _, err := p.Read(ctx, ref); {
	case err == nil:
		return nil
	case !fault.Is(err, fault.NotFound):
		return err
	}
	r, err := s.Run(ctx, p.ODS(), today.AddDate(0, 0, -nightDays), today)
	if err != nil {
		return err
	}
	if err := keep(ctx, p, ref, r); err != nil {
		return err
	}
	if r.Balanced() {
		return escalate.Settle(ctx, p, nightName)
	}
	return escalate.Raise(ctx, p, nightName, fmt.Sprintf("The night's count does not add up: differences: %d", len(r.Differences)))
}

// keep writes what a night found; a second process finds it there.
func keep(ctx context.Context, p *record.Practice, ref ident.Ref, r Report) error {
	n := Night{
		Date: r.To.Add(-time.Hour).In(words.London).Format(time.DateOnly), Balanced: r.Balanced(), Total: r.Total,
		Count: len(r.Differences), Differences: r.Differences[:min(len(r.Differences), mostKept)],
	}
	raw, err := json.Marshal(n)
	if err != nil {
		return fault.Wrap(err, fault.Internal, "The count cannot be kept.")
	}
	b := write.New(record.System, "the night's count", "night:"+ref.ID)
	b.Create(ref, write.Obj{
		"code": write.Coded(care.Base+"basic", "reconciliation", ""), "created": n.Date,
		"extension": write.List{write.Obj{"url": care.Base + "reconciliation", "valueString": string(raw)}},
	})
	change, err := b.Change()
	if err != nil {
		return err
	}
	if _, err = p.Commit(ctx, change); fault.Is(err, fault.Conflict) {
		return nil
	}
	return err
}

// Nights are what the last nights found, newest first.
func Nights(ctx context.Context, p *record.Practice, most int) ([]Night, error) {
	var out []Night
	for i := 1; i <= most; i++ {
		v, err := p.Read(ctx, nightRef(p.Now().AddDate(0, 0, -i)))
		if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		res, err := v.Resource()
		if err != nil {
			return nil, err
		}
		var n Night
		for x := range res.Get("extension").Items() {
			if x.Get("url").Is(care.Base+"reconciliation") && json.Unmarshal([]byte(x.Get("valueString").Str()), &n) == nil {
				out = append(out, n)
			}
		}
	}
	return out, nil
}

// Deal notes what somebody did about a form that came to the door and never
// reached the ledger: it is no difference any more, and the doors' log says why.
func (s *Service) Deal(practice ident.ODS, by record.Author, form, done string) error {
	p, err := s.store.Practice(practice)
	if err != nil {
		return err
	}
	done = request.CleanText(done)
	j := doorlog.Of(s.store)
	seen, err := j.Read(practice)
	if err != nil {
		return err
	}
	_, has := seen.Entries[form]
	switch {
	case !has:
		return fault.New(fault.NotFound, "The doors' log has no such form.")
	case done == "":
		return fault.At(fault.Invalid, "done", "Write what was done about it.")
	case len([]rune(done)) > 500:
		return fault.At(fault.Invalid, "done", "This is too long. It can have up to 500 characters.")
	}
	if err := j.Settle(practice, form, done, by.Ref, p.Now()); err != nil {
		return fault.Wrap(err, fault.Internal, "This could not be noted.")
	}
	return nil
}

package diary

import (
	"cmp"
	"context"
	"slices"
	"time"

	"heartwood/internal/care/booking"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/view/read"
	"heartwood/internal/words"
)

// Access is how soon one role can be seen in one way, and how often its
// patients did not come.
type Access struct {
	Role, Mode string    // "" when nobody knows
	Third      time.Time // start of the third free slot from now; zero when there is none in Ahead days
	Days       int       // midnights until then
	Free       int       // slots free in Ahead days
	Attended   int       // came, in the last Back days
	Missed     int       // did not come
}

// How far the report looks, in days.
const (
	Ahead = 28
	Back  = 28
)

// mostFree is the most free slots that are looked at.
const mostFree = 20_000

type accessKey struct{ role, mode string }

// ReadAccess reads the third next available appointment, and who did not come,
// by role and mode. The third is taken, not the first, since a first is often
// one that was cancelled a moment ago. Slots that only staff may sell count.
func ReadAccess(ctx context.Context, p *record.Practice) ([]Access, error) {
	roles, err := rolesOf(ctx, p)
	if err != nil {
		return nil, err
	}
	now := p.Now()
	out := map[accessKey]*Access{}
	of := func(clinician ident.Ref, mode booking.Mode) *Access {
		k := accessKey{roles[clinician], mode.String()}
		if mode == "" {
			k.mode = ""
		}
		if out[k] == nil {
			out[k] = &Access{Role: k.role, Mode: k.mode}
		}
		return out[k]
	}
	free, err := booking.New().Free(ctx, p, booking.Query{From: now, To: now.AddDate(0, 0, Ahead), Limit: mostFree})
	if err != nil {
		return nil, err
	}
	for _, s := range free {
		a := of(s.Clinician, s.Mode)
		if a.Free++; a.Free == 3 {
			a.Third, a.Days = s.Start, midnights(now, s.Start)
		}
	}
	q := "Appointment?date=ge" + instant(now.AddDate(0, 0, -Back)) + "&date=lt" + instant(now) + "&_count=1000"
	err = read.Each(ctx, p, q, func(_ record.Version, res *fhir.Resource) error {
		var who ident.Ref
		for n := range res.Get("participant").Items() {
			if r := read.Ref(n.Get("actor")); r.Type == "Practitioner" {
				who = r
			}
		}
		switch res.Get("status").Str() {
		case booking.Missed:
			of(who, booking.ModeOf(res)).Missed++
		case booking.Arrived, booking.BeingSeen, booking.Left:
			of(who, booking.ModeOf(res)).Attended++
		}
		return nil
	})
	all := make([]Access, 0, len(out))
	for _, a := range out {
		all = append(all, *a)
	}
	slices.SortFunc(all, func(a, b Access) int { return cmp.Or(cmp.Compare(a.Role, b.Role), cmp.Compare(a.Mode, b.Mode)) })
	return all, err
}

// midnights is how many days lie between two moments in London.
func midnights(from, to time.Time) int {
	y, m, d := from.In(words.London).Date()
	Y, M, D := to.In(words.London).Date()
	return int(time.Date(Y, M, D, 0, 0, 0, 0, time.UTC).Sub(time.Date(y, m, d, 0, 0, 0, 0, time.UTC)).Hours() / 24)
}

// rolesOf are what people are, by their reference.
func rolesOf(ctx context.Context, p *record.Practice) (map[ident.Ref]string, error) {
	out := map[ident.Ref]string{}
	err := read.Each(ctx, p, "PractitionerRole?_count=500", func(v record.Version, res *fhir.Resource) error {
		role := read.Concept(res.Get("code"))
		out[read.Ref(res.Get("practitioner"))], out[v.Ref] = role, role
		return nil
	})
	return out, err
}

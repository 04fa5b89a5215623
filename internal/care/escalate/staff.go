package escalate

import (
	"context"
	"strings"
	"time"

	"heartwood/internal/care/search"
	"heartwood/internal/care/team"
	"heartwood/internal/care/write"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// staff is who works at a practice: by role, by team, and who is away.
type staff struct {
	roles map[string][]ident.Ref // "manager" → people
	teams map[string][]ident.Ref // "CareTeam/…" → people
	away  map[string]bool        // "Practitioner/…"
}

func readStaff(ctx context.Context, p *record.Practice, now time.Time) (staff, error) {
	s := staff{roles: map[string][]ident.Ref{}, teams: map[string][]ident.Ref{}, away: map[string]bool{}}
	err := search.Each(ctx, p, "PractitionerRole?_count=200", func(_ record.Version, r *fhir.Resource) error {
		who := write.Target(r.Get("practitioner"))
		if who.Type != "Practitioner" {
			return nil
		}
		if r.Get("active").Str() == "false" || team.Absent(r, now) {
			s.away[who.String()] = true
		}
		for c := range r.Get("code").Items() {
			for x := range c.Get("coding").Items() {
				s.roles[x.Get("code").Str()] = append(s.roles[x.Get("code").Str()], who)
			}
		}
		return nil
	})
	if err != nil {
		return s, err
	}
	err = search.Each(ctx, p, "CareTeam?_count=100", func(v record.Version, r *fhir.Resource) error {
		for x := range r.Get("participant").Items() {
			if who := write.Target(x.Get("member")); who.Type == "Practitioner" {
				s.teams[v.Ref.String()] = append(s.teams[v.Ref.String()], who)
			}
		}
		return nil
	})
	return s, err
}

// who are the people that a step tells about something that is with owner.
// Those who are away are not told; when all are, all are.
func (s staff) who(who, owner string) []ident.Ref {
	if who == "owner" {
		who = owner
	}
	var all []ident.Ref
	if role, ok := strings.CutPrefix(who, "role:"); ok {
		all = s.roles[role]
	} else if r, ok := ident.ParseRef(who); ok && r.Type == "Practitioner" {
		all = []ident.Ref{r}
	} else {
		all = s.teams[who]
	}
	var there []ident.Ref
	for _, r := range all {
		if !s.away[r.String()] {
			there = append(there, r)
		}
	}
	if len(there) == 0 {
		return all
	}
	return there
}

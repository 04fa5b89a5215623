package outlook

import (
	"context"
	"net/url"
	"strings"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/opening"
	"heartwood/internal/care/promise"
	"heartwood/internal/fhir"
	"heartwood/internal/record"
	"heartwood/internal/view/read"
	"heartwood/internal/words"
)

// Staff is whose work belongs to which pool.
type Staff struct {
	pools map[string]promise.Pool // "Practitioner/…", "CareTeam/…"
}

// desk is the share of an hour that one person of a pool gives to the queue
// outside appointments, in minutes: assumptions (operating practice differs),
// which the learned factors put right.
var desk = map[promise.Pool]float64{promise.GP: 12, promise.Nurse: 4, promise.Pharmacist: 20, promise.Admin: 25}

// Pool is whose work a request is: its owner's, or its kind's own when the
// triage team has it.
func (s Staff) Pool(owner, kind string) promise.Pool {
	if p, ok := s.pools[owner]; ok {
		return p
	}
	return promise.PoolOf(kind)
}

// ReadStaff reads roles and teams.
func ReadStaff(ctx context.Context, p *record.Practice) (Staff, error) {
	s := Staff{pools: map[string]promise.Pool{}}
	err := read.Each(ctx, p, "PractitionerRole?_count=500", func(_ record.Version, r *fhir.Resource) error {
		who := r.Get("practitioner", "reference").Str()
		pool, ok := poolOfRole(read.Code(r.Get("code"), ""), r.Get("code", "text").Str())
		if ok && who != "" && r.Get("active").Str() != "false" {
			s.pools[who] = pool
		}
		return nil
	})
	if err != nil {
		return s, err
	}
	err = read.Each(ctx, p, "CareTeam?_count=200", func(v record.Version, r *fhir.Resource) error {
		if pool, ok := poolOfName(r.Get("name").Str()); ok && v.Ref.String() != care.Triage {
			s.pools[v.Ref.String()] = pool
		}
		return nil
	})
	return s, err
}

// poolOfRole reads what somebody does from their role and their job.
func poolOfRole(code, job string) (promise.Pool, bool) {
	if pool, ok := poolOfName(job); ok {
		return pool, true
	}
	switch code {
	case care.RoleClinician:
		return promise.GP, true
	case care.RoleNavigator:
		return promise.Admin, true
	}
	return "", false
}

func poolOfName(name string) (promise.Pool, bool) {
	name = strings.ToLower(name)
	for _, k := range []struct {
		word string
		pool promise.Pool
	}{
		{"pharmac", promise.Pharmacist},
		{"medicine", promise.Pharmacist},
		{"nurs", promise.Nurse},
		{"healthcare assistant", promise.Nurse},
		{"admin", promise.Admin},
		{"office", promise.Admin},
		{"navigator", promise.Admin},
		{"reception", promise.Admin},
		{"secretar", promise.Admin},
	} {
		if strings.Contains(name, k.word) {
			return k.pool, true
		}
	}
	return "", false
}

// ahead is how many openings are looked at; what comes later is taken to be
// like them.
const ahead = 6

// readCapacity adds up, for each opening hour, what the queue gets of those
// who work that day, and the minutes that are free in the diaries.
func readCapacity(ctx context.Context, p *record.Practice, s Staff, h opening.Hours) (promise.Capacity, error) {
	hours := openHours(h, p.Now())
	if len(hours) == 0 {
		return promise.NewCapacity(nil), nil
	}
	diaries := map[string]string{} // Schedule → Practitioner
	err := read.Each(ctx, p, "Schedule?_count=500", func(v record.Version, r *fhir.Resource) error {
		for a := range r.Get("actor").Items() {
			if who := read.Ref(a); who.Type == "Practitioner" {
				diaries[v.Ref.String()] = who.String()
			}
		}
		return nil
	})
	if err != nil {
		return promise.Capacity{}, err
	}
	in := map[string]map[string]bool{} // day → who has sessions
	query := "Slot?start=ge" + stamp(hours[0].From) + "&start=lt" + stamp(hours[len(hours)-1].To) + "&_count=500"
	err = read.Each(ctx, p, query, func(_ record.Version, r *fhir.Resource) error {
		who := diaries[r.Get("schedule", "reference").Str()]
		start, end := read.Time(r.Get("start").Str()), read.Time(r.Get("end").Str())
		day := start.In(words.London).Format(time.DateOnly)
		if in[day] == nil {
			in[day] = map[string]bool{}
		}
		in[day][who] = true
		if pool, ok := s.pools[who]; ok && r.Get("status").Is("free") {
			spread(hours, pool, start, end)
		}
		return nil
	})
	if err != nil {
		return promise.Capacity{}, err
	}
	s.atDesk(hours, diaries, in)
	return promise.NewCapacity(hours), nil
}

func stamp(t time.Time) string { return url.QueryEscape(t.UTC().Format(time.RFC3339)) }

// openHours cuts the coming openings into hours.
func openHours(h opening.Hours, now time.Time) (out []promise.Hour) {
	t := now
	for range ahead {
		p := h.Next(t)
		for from := p.From; from.Before(p.To); {
			to := from.Truncate(time.Hour).Add(time.Hour)
			if to.After(p.To) {
				to = p.To
			}
			out = append(out, promise.Hour{From: from, To: to, Minutes: map[promise.Pool]float64{}})
			from = to
		}
		t = p.To
	}
	return out
}

// spread adds free minutes to the hours that they lie in.
func spread(hours []promise.Hour, pool promise.Pool, from, to time.Time) {
	for i := range hours {
		h := &hours[i]
		a, b := h.From, h.To
		if from.After(a) {
			a = from
		}
		if to.Before(b) {
			b = to
		}
		if b.After(a) {
			h.Minutes[pool] += b.Sub(a).Minutes()
		}
	}
}

// atDesk adds everybody's share for the queue: of those who have a diary on
// the days when they have sessions, of the others on every day.
func (s Staff) atDesk(hours []promise.Hour, diaries map[string]string, in map[string]map[string]bool) {
	has := map[string]bool{}
	for _, who := range diaries {
		has[who] = true
	}
	for i := range hours {
		h := &hours[i]
		there := in[h.From.In(words.London).Format(time.DateOnly)]
		for who, pool := range s.pools {
			if strings.HasPrefix(who, "Practitioner/") && (!has[who] || there[who] || len(there) == 0) {
				h.Minutes[pool] += desk[pool] * h.To.Sub(h.From).Hours()
			}
		}
	}
}

// readPast reads the answered requests. When one was answered is when it was
// closed: later than the first answer, never earlier.
func readPast(ctx context.Context, p *record.Practice, s Staff) (out []promise.Past, err error) {
	query := "Task?code=" + care.TaskCode + "%7Crequest&status=completed&authored-on=ge" + stamp(p.Now().AddDate(0, 0, -7*weeks)) + "&_count=500"
	err = read.Each(ctx, p, query, func(_ record.Version, t *fhir.Resource) error {
		kind := ""
		for in := range t.Get("input").Items() {
			if read.Code(in.Get("type"), care.InputType) == "kind" {
				kind = in.Get("valueCode").Str()
			}
		}
		out = append(out, promise.Past{
			Pool:     s.Pool(t.Get("owner", "reference").Str(), kind),
			Priority: t.Get("priority").Str(), Minutes: promise.Minutes(kind),
			In: read.Time(t.Get("authoredOn").Str()), Out: read.First(t, "executionPeriod.end", "lastModified"),
		})
		return nil
	})
	return out, err
}

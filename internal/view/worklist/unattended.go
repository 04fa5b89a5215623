package worklist

import (
	"cmp"
	"slices"
	"time"
)

// EmergencyWait is how long an emergency may wait before the whole desk is
// told that nobody is dealing with it.
const EmergencyWait = 5 * time.Minute

// Unattended are the requests that nobody has acted on and nobody has open:
// emergencies that have waited EmergencyWait, and whatever is past its promise.
// Emergencies come first, then whoever has waited longest. It is pure.
func Unattended(rows []Row, now time.Time) []Row {
	var out []Row
	for _, r := range rows {
		due := r.Late(now)
		if r.Emergency() { // its promise is "now", so it would be late at once
			due = r.Waited(now) >= EmergencyWait
		}
		if due && r.Waiting == OnTriage && len(r.Looking) == 0 {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b Row) int {
		return cmp.Or(cmp.Compare(urgency(a.Priority), urgency(b.Priority)), a.waitingSince().Compare(b.waitingSince()))
	})
	return out
}

// Emergency tells whether the request cannot wait at all.
func (r Row) Emergency() bool { return r.Priority == "stat" }

// Waited is how long the practice has had the request, or the last answer to
// it, without doing anything.
func (r Row) Waited(now time.Time) time.Duration { return now.Sub(r.waitingSince()) }

func (r Row) waitingSince() time.Time {
	if r.Moved.After(r.Since) {
		return r.Moved
	}
	return r.Since
}

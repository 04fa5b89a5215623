package worklist

import (
	"cmp"
	"slices"
	"time"
)

// EmergencyWait is how long an emergency may wait before the whole desk is
// told that nobody is dealing with it.
const EmergencyWait = 5 * time.Minute

// Grace is how long after its promise a request begins to be late: the promise
// of an emergency is "now", and nothing is late the second it comes in.
func Grace(priority string) time.Duration {
	if priority == "stat" {
		return EmergencyWait
	}
	return 0
}

// Unattended are the requests that nobody has acted on and nobody has open:
// emergencies that have waited EmergencyWait, and whatever is past its promise.
// Emergencies come first, then whoever has waited longest. It is pure.
func Unattended(rows []Row, now time.Time) []Row {
	var out []Row
	for _, r := range rows {
		due := r.Late(now)
		if r.Emergency() { // it counts from when somebody last acted on it
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

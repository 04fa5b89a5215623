package promise

import "slices"

// Queue is the open work, added up once so that asking is cheap.
type Queue struct {
	byRank map[Pool][4]float64 // minutes of each rank
	ahead  map[string]place
}

type place struct {
	job   Job
	ahead float64
}

// NewQueue adds up jobs; those that wait for the patient are left out by who
// calls.
func NewQueue(jobs []Job) Queue {
	q := Queue{byRank: map[Pool][4]float64{}, ahead: make(map[string]place, len(jobs))}
	sorted := slices.Clone(jobs)
	slices.SortFunc(sorted, func(a, b Job) int {
		if a.before(b) {
			return -1
		}
		return 1
	})
	sum := map[Pool]float64{}
	for _, j := range sorted {
		q.ahead[j.ID] = place{j, sum[j.Pool]}
		sum[j.Pool] += j.Minutes
		ranks := q.byRank[j.Pool]
		ranks[Rank(j.Priority)] += j.Minutes
		q.byRank[j.Pool] = ranks
	}
	return q
}

// before is the work of a pool that goes before a new request of a rank.
func (q Queue) before(p Pool, rank int) (sum float64) {
	for r, m := range q.byRank[p] {
		if r >= rank {
			sum += m
		}
	}
	return sum
}

// find is a job and the work before it.
func (q Queue) find(id string) (Job, float64, bool) {
	p, ok := q.ahead[id]
	return p.job, p.ahead, ok
}

// Load is the minutes of work that wait in a pool.
func (q Queue) Load(p Pool) float64 { return q.before(p, 0) }

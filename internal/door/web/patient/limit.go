package patient

import (
	"cmp"
	"net/http"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"heartwood/internal/access"
	"heartwood/internal/fault"
)

// Who has not signed in shares an allowance with everybody at their network
// address: a household, a surgery's waiting room or a mobile network, so it is
// ample. Who has signed in, patient or staff, has no limit here.
//
// Nothing is dropped in silence: over the limit a person keeps what they typed
// and reads what to do instead.
type limits struct {
	starts *allowances // forms begun
	sends  *allowances // requests sent
	urgent *allowances // requests sent that a rule calls an emergency
	photos *allowances // photos added
	codes  *allowances // return codes tried
}

func newLimits() limits {
	return limits{
		starts: newAllowances(10*time.Second, 60), sends: newAllowances(20*time.Second, 30),
		urgent: newAllowances(20*time.Second, 30), photos: newAllowances(5*time.Second, 40),
		codes: newAllowances(time.Minute, 10),
	}
}

const overSentence = " If you cannot wait, phone the practice. Call 111 if you need help today. Call 999 in an emergency."

var (
	errManyStarts = fault.New(fault.TooMany,
		"Many forms have been started from your internet connection, so we cannot start another just now. Try again in a few minutes."+overSentence)
	errManySends = fault.New(fault.TooMany,
		"Many requests have come from your internet connection, so yours has not been sent yet. Your answers are kept: try again in a few minutes."+overSentence)
	errManyPhotos = fault.New(fault.TooMany,
		"Many photos have come from your internet connection, so these were not added. You can go on without them, or try again in a few minutes."+overSentence)
)

// over tells whether a request is beyond what its address is allowed, and
// counts it when it is not.
func over(r *http.Request, a *allowances) bool {
	if _, known := access.From(r.Context()); known {
		return false
	}
	return !a.take(access.Network(r.RemoteAddr), time.Now())
}

// allowances are one bucket for each address.
type allowances struct {
	every time.Duration
	burst int
	mu    sync.Mutex
	by    map[string]*rate.Limiter // protected by mu
}

// allowancesHeld bounds the memory that strangers can use up.
const allowancesHeld = 20_000

func newAllowances(every time.Duration, burst int) *allowances {
	return &allowances{every: every, burst: burst, by: map[string]*rate.Limiter{}}
}

func (a *allowances) take(key string, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	l := a.by[key]
	if l == nil {
		a.prune(now)
		l = rate.NewLimiter(rate.Every(a.every), a.burst)
		a.by[key] = l
	}
	return l.AllowN(now, 1)
}

// prune makes room: those that have the most left go first, and lose the
// least by it.
// a.mu is held.
func (a *allowances) prune(now time.Time) {
	if len(a.by) < allowancesHeld {
		return
	}
	keys := make([]string, 0, len(a.by))
	left := make(map[string]float64, len(a.by))
	for key, l := range a.by {
		keys, left[key] = append(keys, key), l.TokensAt(now)
	}
	slices.SortFunc(keys, func(x, y string) int { return cmp.Compare(left[y], left[x]) })
	for _, key := range keys[:allowancesHeld/10] {
		delete(a.by, key)
	}
}

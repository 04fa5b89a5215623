package patient

import (
	"net/http"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/door/web/allow"
	"heartwood/internal/fault"
)

// Who has not signed in shares an allowance with everybody at their network
// address: a household, a surgery's waiting room or a mobile network, so it is
// ample. Who has signed in, patient or staff, has no limit here.
//
// Nothing is dropped in silence: over the limit a person keeps what they typed
// and reads what to do instead.
type limits struct {
	starts *allow.Tries // forms begun
	sends  *allow.Tries // requests sent
	urgent *allow.Tries // requests sent that a rule calls an emergency
	photos *allow.Tries // photos added
	codes  *allow.Tries // return codes tried
}

func newLimits() limits {
	return limits{
		starts: allow.New(10*time.Second, 60), sends: allow.New(20*time.Second, 30),
		urgent: allow.New(20*time.Second, 30), photos: allow.New(5*time.Second, 40),
		codes: allow.New(time.Minute, 10),
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
func over(r *http.Request, a *allow.Tries) bool {
	if _, known := access.From(r.Context()); known {
		return false
	}
	return !a.Take(access.Network(r.RemoteAddr), time.Now())
}

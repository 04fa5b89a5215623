package patient

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"

	"heartwood/internal/care/request"
	"heartwood/internal/care/triage"
	"heartwood/internal/door/web/page"
)

type heededPage struct {
	Advice []triage.Advice
	Done   string // what else was done, "" for nothing
	Next   []string
	Href   string
}

var heededTemplate = page.New[heededPage](files, "heeded.html", "advice.html")

// heed reads what somebody wrote beside an appointment as the rules read a
// request. Where they find something, the words become a request of their own,
// so that they reach the queue and its clock; else the receipt is empty. hope
// tells the practice where the words come from.
func (a *Patients) heed(ctx context.Context, v visit, text, hope, key string) (request.Receipt, error) {
	if text == "" {
		return request.Receipt{}, nil
	}
	found, err := request.ScreenReply(ctx, v.practice, v.patient, text)
	if err != nil || triage.Worst(found) == 0 {
		return request.Receipt{}, err
	}
	ask := request.Ask{Patient: v.patient, Asker: request.Self, Channel: request.Web, Kind: request.NewProblem, What: text, Hope: hope}
	if v.author().Ref != v.patient {
		ask.Asker = request.Proxy
	}
	// Other words under the same form are another request.
	sum := sha256.Sum256([]byte(text))
	return a.requests.Receive(ctx, v.ods, v.author(), ask, key+"-"+hex.EncodeToString(sum[:8]))
}

// showHeeded says what to do now, and that somebody reads what was written.
func (a *Patients) showHeeded(w http.ResponseWriter, r *http.Request, v visit, got request.Receipt, done string) error {
	f := v.frame(r, "We have your message", v.base()+"appointments")
	f.Back = &page.Link{Href: v.base() + "appointments", Text: "All appointments"}
	return heededTemplate.Render(w, r, http.StatusOK, f, heededPage{
		Advice: got.Emergency, Done: done, Next: got.Next, Href: v.base() + "requests/" + got.ID,
	})
}

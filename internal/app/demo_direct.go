package app

import (
	"context"

	"heartwood/internal/care"
	"heartwood/internal/care/request"
	"heartwood/internal/fault"
	"heartwood/internal/record"
)

// closedRequests are those of the ledger, and no jobs: a start that was cut
// short may have made some.
const closedRequests = "Task?code=" + care.TaskCode + "%7Crequest&status=completed"

// seedDirect switches off messages on one request of the demonstration that
// was closed, so that a page shows it.
func seedDirect(ctx context.Context, p *record.Practice, requests *request.Service) error {
	found, err := p.Find(ctx, closedRequests+"&_count=20")
	if err != nil {
		return err
	}
	for _, v := range found.Matches {
		if r, err := request.FromTask(v); err != nil || r.Patient == "" || r.State != request.Closed {
			continue
		}
		_, err = requests.Do(ctx, p.ODS(), record.System, v.Ref.ID, "", request.Mute{Why: "Your question is answered. Please send a new request about anything else."})
		if fault.Is(err, fault.Refused) {
			err = nil // it is off already
		}
		return err
	}
	return nil
}

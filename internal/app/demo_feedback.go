package app

import (
	"context"

	"heartwood/internal/care"
	"heartwood/internal/care/feedback"
	"heartwood/internal/care/request"
	"heartwood/internal/record"
)

// seedFeedback has some patients of the demonstration say how it went.
func seedFeedback(ctx context.Context, p *record.Practice) error {
	found, err := p.Find(ctx, closedRequests+"&_count=60")
	if err != nil {
		return err
	}
	how := []feedback.Answer{"good", "very-good", "good", "neither", "very-good", "good", "poor", "very-good"}
	say := map[int]string{0: "They rang me back the same day.", 6: "It took three days to hear anything.", 9: "Kind and quick."}
	for i, v := range found.Matches {
		r, err := request.FromTask(v)
		if err != nil || r.Patient == "" || r.State != request.Closed {
			continue
		}
		by := record.Author{Ref: r.Patient, Role: care.RolePatient}
		if _, err := feedback.Tell(ctx, p, by, feedback.Said{Request: v.Ref.ID, How: how[i%len(how)], Words: say[i]}); err != nil {
			return err
		}
	}
	return nil
}

package write

import (
	"time"

	"heartwood/internal/care"
	"heartwood/internal/record"
)

// Job is the Task with which a colleague is asked to do something: the triage
// team, unless the caller gives it another owner. priority is FHIR's:
// "routine", "urgent". Whom it is for and what it is about the caller adds.
func Job(by record.Author, what, priority string, now time.Time) Obj {
	return Obj{
		"status": "requested", "intent": "order", "priority": priority,
		"code":        Coded(care.TaskCode, "job", "Job for a colleague"),
		"description": what, "owner": Obj{"reference": care.Triage, "display": care.TriageName},
		"authoredOn": Instant(now), "lastModified": Instant(now), "requester": Obj{"reference": by.Ref},
	}
}

package task

import (
	"time"

	"heartwood/internal/care/write"
	"heartwood/internal/record"
)

// Body is the job as a Task, for a room that asks for it in a change of its
// own.
func (n New) Body(by record.Author, now time.Time) write.Obj {
	if n.Priority == "" {
		n.Priority = "routine"
	}
	return n.body(by, write.Instant(now))
}

package record

import (
	"time"

	"heartwood/internal/ident"
)

// Looking is that somebody has something open on their screen. It lasts for
// seconds and is kept beside the log, never in it: an engine that is shared by
// processes passes it on between them.
type Looking struct {
	On, Who ident.Ref
	Name    string // of a member of staff, never of a patient
	Since   time.Time
	Left    time.Duration // for how long it still holds without another word
}

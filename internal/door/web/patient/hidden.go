package patient

import (
	"context"

	"heartwood/internal/care/hidden"
	"heartwood/internal/ident"
	"heartwood/internal/view/timeline"
)

// withheld is what must not be seen online of the page's patient.
func (v visit) withheld(ctx context.Context) (hidden.Set, error) {
	ref, _ := ident.ParseRef(v.patient)
	return hidden.Of(ctx, v.practice, ref)
}

// shows tells what a patient sees of their record: what is hidden is not
// there, nor is the practice's own work about them.
func shows(set hidden.Set) func(timeline.Line) bool {
	return func(l timeline.Line) bool { return !l.Inner && !set.Has(l.Ref) }
}

// taskRef is the request of this id.
func taskRef(id string) ident.Ref { return ident.Ref{Type: "Task", ID: id} }

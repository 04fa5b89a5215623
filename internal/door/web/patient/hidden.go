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

// without takes the lines that are hidden out of a list.
func without(set hidden.Set, lines []timeline.Line) []timeline.Line {
	var out []timeline.Line
	for _, l := range lines {
		if !set.Has(l.Ref) {
			out = append(out, l)
		}
	}
	return out
}

// taskRef is the request of this id.
func taskRef(id string) ident.Ref { return ident.Ref{Type: "Task", ID: id} }

// Package setting keeps what a practice configures: each setting is one
// resource of its record, saved over the version that a manager was looking
// at.
//
// What comes in: the members of the resource, and the version that was seen.
// What goes out: a new version, or a Conflict. It must never overwrite what
// somebody else has changed meanwhile, and never look at what is set: each
// room checks its own.
package setting

import (
	"context"

	"heartwood/internal/care/search"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Kept is where one setting is kept, and how.
type Kept struct {
	Ref   ident.Ref
	Stale error // what is said when it has changed since it was seen
	// Whole has a save replace the whole resource. Otherwise members that the
	// save does not name, of another program perhaps, stay.
	Whole bool
}

// Load reads the setting; res is nil where nobody has set it.
func (k Kept) Load(ctx context.Context, p *record.Practice) (res *fhir.Resource, v record.Version, err error) {
	return search.Get(ctx, p, k.Ref)
}

// Save keeps the setting in a new version over seen, the id of the version
// that was looked at, "" when nobody had set it. members are those of the
// resource; was is nil for the first version. A nil member is taken out.
func (k Kept) Save(ctx context.Context, p *record.Practice, by record.Author, why, seen string, members func(was *fhir.Resource) write.Obj) error {
	was, v, err := k.Load(ctx, p)
	if err != nil {
		return err
	}
	b := write.New(by, why, "")
	switch {
	case was == nil && seen != "", was != nil && v.ID != seen:
		return k.Stale
	case was == nil:
		b.Create(k.Ref, members(nil))
	case k.Whole:
		b.Replace(v, members(was))
	default:
		b.Edit(v, was, members(was))
	}
	change, err := b.Change()
	if err != nil {
		return err
	}
	if _, err = p.Commit(ctx, change); fault.Is(err, fault.Conflict) {
		return k.Stale
	}
	return err
}

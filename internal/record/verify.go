package record

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"

	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record/index"
)

// Proof is what Verify has proved.
type Proof struct {
	Practices int
	Entries   uint64
	Bodies    uint64
	Indexes   bool // the indexes were compared too
}

// Damage is the first thing that Verify found wrong.
type Damage struct {
	Practice ident.ODS
	Version  string // the entry, "" when the damage is in an index
	What     string
}

// Error names the damage.
func (d *Damage) Error() string {
	if d.Version == "" {
		return fmt.Sprintf("practice %s, index: %s", d.Practice, d.What)
	}
	return fmt.Sprintf("practice %s, entry %s: %s", d.Practice, d.Version, d.What)
}

// Verify proves every chain and body of a log, up to where it stands when it
// begins, and names the first thing that is wrong as a *Damage. It may run
// while others write. progress is told how many entries have been read.
func Verify(ctx context.Context, log Log, progress func(entries uint64)) (Proof, error) {
	var p Proof
	all, err := log.Practices(ctx)
	if err != nil {
		return p, err
	}
	for _, ods := range all {
		heads, err := log.Heads(ctx, ods)
		if err != nil {
			return p, err
		}
		p.Practices++
		for _, stream := range heads.Streams() {
			if err := verifyStream(ctx, log, ods, stream, heads[stream], &p, progress); err != nil {
				return p, err
			}
		}
	}
	return p, nil
}

func verifyStream(ctx context.Context, log Log, ods ident.ODS, stream string, head uint64, p *Proof, progress func(uint64)) error {
	from, err := log.Heads(ctx, ods) // everything but this stream is already seen
	if err != nil {
		return err
	}
	for s := range from {
		from[s] = 1<<63 - 1
	}
	from[stream] = 0
	var prev Entry
	for from[stream] < head {
		entries, err := log.Read(ctx, ods, from, 1000)
		if err != nil {
			return &Damage{ods, VersionID(stream, from[stream]+1), "it cannot be read: " + err.Error()}
		}
		if len(entries) == 0 {
			return &Damage{ods, VersionID(stream, from[stream]+1), "it is missing"}
		}
		for i := range entries {
			if what := wrong(&prev, &entries[i], ods, stream); what != "" {
				return &Damage{ods, VersionID(stream, prev.Seq+1), what}
			}
			prev = entries[i]
			p.Entries++
			if !prev.BodyHash.IsZero() {
				p.Bodies++
			}
		}
		from[stream] = prev.Seq
		if progress != nil {
			progress(p.Entries)
		}
	}
	return nil
}

// wrong says what is wrong with an entry that should follow prev, "" when
// nothing is.
func wrong(prev, e *Entry, ods ident.ODS, stream string) string {
	switch {
	case e.Practice != ods || e.Stream != stream:
		return "it belongs to another stream"
	case e.Seq != prev.Seq+1:
		return "it is missing"
	case e.Prev != prev.Sum:
		return "it does not chain to the entry before it"
	case !e.Sealed():
		return "it has been altered: its hash does not match"
	case e.Time <= prev.Time:
		return "its clock does not follow the entry before it"
	case e.Op == Delete && !e.BodyHash.IsZero(), e.Op == Put && e.BodyHash.IsZero():
		return "it has a body and should not, or the other way round"
	case e.Op == Put && HashBody(e.Body) != e.BodyHash:
		return "its body has been altered: its hash does not match"
	case e.Op == Put && !readable(e):
		return "its body is not a resource of its type and id"
	}
	return ""
}

func readable(e *Entry) bool {
	d, err := fhir.Parse(e.Body)
	if err != nil {
		return false
	}
	root := d.Root()
	return root.Get("resourceType").Is(e.Type) && (e.Type == accessType || root.Get("id").Is(e.ID))
}

// VerifyIndexes proves the indexes of a store, by building them again beside
// it, up to where the store has applied the log, and comparing. Other
// processes may write to the log meanwhile; the store itself must stand still:
// nobody may use it, and it must not poll.
func VerifyIndexes(ctx context.Context, s *Store) error {
	dir, err := os.MkdirTemp("", "heartwood-verify-")
	if err != nil {
		return fault.Wrap(err, fault.Internal, "There is no room to build the indexes again.")
	}
	defer func() { _ = os.RemoveAll(dir) }()
	until, err := s.positions(ctx)
	if err != nil {
		return err
	}
	again, err := Open(ctx, Config{Log: still{s.Log, until}, Dir: dir, Node: s.Node, Now: s.Now, Slog: s.Slog})
	if err != nil {
		return err
	}
	defer func() { _ = again.Close() }()
	for ods := range until {
		a, err := s.Practice(ods)
		if err != nil {
			return err
		}
		b, err := again.Practice(ods)
		if err != nil {
			return err
		}
		what, err := index.Compare(a.ix, b.ix)
		if err != nil && ctx.Err() == nil {
			what, err = "it cannot be read: "+err.Error(), nil
		}
		if err != nil {
			return err
		}
		if what != "" {
			return &Damage{Practice: ods, What: what + "; drop the index folder and it will be rebuilt"}
		}
	}
	return nil
}

// positions is how far each practice's index has applied the log.
func (s *Store) positions(ctx context.Context) (map[ident.ODS]ident.Position, error) {
	all, err := s.Practices(ctx)
	out := make(map[ident.ODS]ident.Position, len(all))
	for _, ods := range all {
		if err != nil {
			break
		}
		var p *Practice
		if p, err = s.Practice(ods); err == nil {
			out[ods] = p.Position()
		}
	}
	return out, err
}

// still is a log as it stood at some positions, while others go on writing.
type still struct {
	Log
	until map[ident.ODS]ident.Position
}

// Practices implements Log.
func (l still) Practices(context.Context) ([]ident.ODS, error) {
	return slices.Collect(maps.Keys(l.until)), nil
}

// Read implements Log.
func (l still) Read(ctx context.Context, ods ident.ODS, from ident.Position, max int) ([]Entry, error) {
	heads, err := l.Heads(ctx, ods)
	if err != nil {
		return nil, err
	}
	from, until := from.Clone(), l.until[ods]
	for stream := range heads {
		if from[stream] >= until[stream] {
			from[stream] = 1<<63 - 1 // done with it
		}
	}
	entries, err := l.Log.Read(ctx, ods, from, max)
	return slices.DeleteFunc(entries, func(e Entry) bool { return e.Seq > until[e.Stream] }), err
}

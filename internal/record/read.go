package record

import (
	"context"
	"strings"

	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record/index"
)

// Read returns the current version: NotFound, or Gone when it was deleted.
func (p *Practice) Read(ctx context.Context, ref ident.Ref) (Version, error) {
	if err := p.open(); err != nil {
		return Version{}, err
	}
	h, ok, err := p.ix.Head(ref)
	if err != nil {
		return Version{}, err
	}
	if !ok {
		return Version{}, fault.New(fault.NotFound, "There is no such %s.", ref.Type)
	}
	if h.Deleted {
		return Version{}, fault.New(fault.Gone, "This %s was deleted.", ref.Type)
	}
	return p.version(ctx, ref, h)
}

// open is a Busy fault once the store closes: nothing is read from then on.
func (p *Practice) open() error {
	if p.store.ctx.Err() != nil {
		return closing()
	}
	return nil
}

func (p *Practice) version(ctx context.Context, ref ident.Ref, h index.Head) (Version, error) {
	body, err := p.body(ctx, h.Hash)
	return Version{
		Ref: ref, ID: VersionID(h.Stream, h.Seq), Time: HLC(h.Time).Time(),
		Body: fhir.Body{Bytes: body, Splice: h.Splice},
	}, err
}

func (p *Practice) body(ctx context.Context, h Hash) ([]byte, error) {
	if b, ok := p.store.bodies.get(h); ok {
		return b, nil
	}
	b, err := p.store.Log.Body(ctx, p.ods, h)
	if err == nil {
		p.store.bodies.put(h, b)
	}
	return b, err
}

// VRead returns one version by its id, deleted ones included.
func (p *Practice) VRead(ctx context.Context, ref ident.Ref, version string) (Version, error) {
	stream, seq, ok := ParseVersionID(version)
	if !ok || strings.HasSuffix(stream, accessSuffix) || seq > (*p.pos.Load())[stream] {
		return Version{}, fault.New(fault.NotFound, "There is no such version of this %s.", ref.Type)
	}
	e, err := p.store.Log.Entry(ctx, p.ods, stream, seq)
	if err != nil || e.Ref() != ref {
		if err == nil || fault.Is(err, fault.NotFound) {
			err = fault.New(fault.NotFound, "There is no such version of this %s.", ref.Type)
		}
		return Version{}, err
	}
	return versionOf(&e), nil
}

// History returns the versions of a resource, newest first, at most max,
// beginning after (older than) the version named; "" begins with the newest.
func (p *Practice) History(ctx context.Context, ref ident.Ref, before string, max int) ([]Version, error) {
	if err := p.open(); err != nil {
		return nil, err
	}
	var out []Version
	known, past := false, before == ""
	for at, err := range p.ix.History(ref) {
		if err != nil {
			return nil, err
		}
		known = true
		if !past {
			past = VersionID(at.Stream, at.Seq) == before
			continue
		}
		if len(out) == max {
			break
		}
		e, err := p.store.Log.Entry(ctx, p.ods, at.Stream, at.Seq)
		if err != nil {
			return nil, err
		}
		out = append(out, versionOf(&e))
	}
	if !known {
		return nil, fault.New(fault.NotFound, "There is no such %s.", ref.Type)
	}
	return out, nil
}

// Repeat returns the receipt of the change that used this key; ok is false
// when none did.
func (p *Practice) Repeat(ctx context.Context, key string) (r Receipt, ok bool, err error) {
	d, ok, err := p.ix.Key(key)
	if err != nil || !ok {
		return Receipt{}, false, err
	}
	r = Receipt{Repeat: true, Position: ident.Position{d.Stream: d.Seq + uint64(d.Count) - 1}}
	for i := range uint64(d.Count) {
		e, err := p.store.Log.Entry(ctx, p.ods, d.Stream, d.Seq+i)
		if err != nil {
			return Receipt{}, false, err
		}
		r.Versions = append(r.Versions, versionOf(&e))
	}
	return r, true, nil
}

package returns

import (
	"context"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/search"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Kept is a return that was produced.
type Kept struct {
	ID       string // of the DocumentReference
	Version  string
	Kind     Kind
	Period   string
	Produced time.Time
	By       string // "Practitioner/…"
	Balanced bool
	Files    []KeptFile
}

// KeptFile is a file of it.
type KeptFile struct{ Name, Type, Binary string }

const typeSystem = care.Base + "return"

func refOf(k Kind, period string) ident.Ref {
	return ident.Ref{Type: "DocumentReference", ID: "return-" + string(k) + "-" + period}
}

// Keep records a return that was produced. The same period again is a new
// version; what was produced before stays in the history.
func Keep(ctx context.Context, p *record.Practice, by record.Author, r Return) error {
	ref := refOf(r.Kind, r.Period)
	b := write.New(by, "return produced: "+r.Period, "")
	var content write.List
	for _, f := range r.Files {
		bin := ident.Ref{Type: "Binary", ID: ident.NewID()}
		b.Create(bin, write.Obj{"contentType": strings.TrimSuffix(f.Type, "; charset=utf-8"), "data": base64.StdEncoding.EncodeToString(f.Body)})
		content = append(content, write.Obj{"attachment": write.Obj{
			"contentType": strings.TrimSuffix(f.Type, "; charset=utf-8"), "url": bin.String(), "title": f.Name, "size": len(f.Body), "creation": write.Instant(r.Made),
		}})
	}
	balanced := "agrees with the ledger"
	if !r.Balanced() {
		balanced = "does not agree with the ledger"
	}
	o := write.Obj{
		"status": "current", "docStatus": "final", "type": write.Coded(typeSystem, string(r.Kind), r.Kind.Name()),
		"date": write.Instant(r.Made), "description": balanced, "content": content,
		"context": write.Obj{"period": write.Obj{"start": r.Span.From.Format(time.DateOnly), "end": r.Span.To.AddDate(0, 0, -1).Format(time.DateOnly)}},
	}
	if a, ok := ident.ParseRef(by.Ref); ok && a.Type != "Device" {
		o["author"] = write.List{write.Ref(a)}
	}
	v, err := p.Read(ctx, ref)
	switch {
	case fault.Is(err, fault.NotFound), fault.Is(err, fault.Gone):
		b.Create(ref, o)
	case err != nil:
		return err
	default:
		res, err := v.Resource()
		if err != nil {
			return err
		}
		b.Edit(v, res, o)
	}
	change, err := b.Change()
	if err != nil {
		return err
	}
	_, err = p.Commit(ctx, change)
	return err
}

// History lists the returns that were produced, the newest period first, each
// as it was produced last.
func History(ctx context.Context, p *record.Practice) ([]Kept, error) {
	var out []Kept
	for _, k := range Kinds {
		err := search.Each(ctx, p, "DocumentReference?type="+typeSystem+"%7C"+string(k), func(v record.Version, res *fhir.Resource) error {
			out = append(out, kept(v, res, k))
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(out, func(a, b Kept) int { return strings.Compare(b.Period, a.Period) })
	return out, nil
}

func kept(v record.Version, res *fhir.Resource, k Kind) Kept {
	x := Kept{
		ID: v.Ref.ID, Version: v.ID, Kind: k, Period: strings.TrimPrefix(v.Ref.ID, "return-"+string(k)+"-"),
		Produced: write.When(res.Get("date")), By: res.Get("author").First().Get("reference").Str(),
		Balanced: res.Get("description").Is("agrees with the ledger"),
	}
	for c := range res.Get("content").Items() {
		a := c.Get("attachment")
		x.Files = append(x.Files, KeptFile{Name: a.Get("title").Str(), Type: a.Get("contentType").Str(), Binary: a.Get("url").Str()})
	}
	return x
}

// Open reads a file of a return that was produced.
func Open(ctx context.Context, p *record.Practice, k Kind, period, name string) (File, error) {
	none := fault.New(fault.NotFound, "There is no such file.")
	v, err := p.Read(ctx, refOf(k, period))
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
		return File{}, none
	}
	if err != nil {
		return File{}, err
	}
	res, err := v.Resource()
	if err != nil {
		return File{}, err
	}
	for _, f := range kept(v, res, k).Files {
		ref, ok := ident.ParseRef(f.Binary)
		if f.Name != name || !ok {
			continue
		}
		bin, err := p.Read(ctx, ref)
		if err != nil {
			return File{}, err
		}
		body, err := bin.Resource()
		if err != nil {
			return File{}, err
		}
		data, err := base64.StdEncoding.DecodeString(body.Get("data").Str())
		return File{Name: f.Name, Type: f.Type, Body: data}, err
	}
	return File{}, none
}

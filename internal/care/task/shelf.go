package task

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"heartwood/internal/care"
	"heartwood/internal/care/request"
	"heartwood/internal/care/setting"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// View is a filter that somebody keeps under a name.
type View struct {
	ID, Name string
	Filter   Filter
}

// Shelf is the views of one member of staff. It is theirs alone.
type Shelf struct {
	Views   []View // in the order of their names
	Version string // "" for never kept
}

// The most that a shelf can have.
const (
	MostViews = 20
	MostName  = 40 // characters
)

// Find gives a view by its id.
func (s Shelf) Find(id string) (View, bool) {
	i := slices.IndexFunc(s.Views, func(v View) bool { return v.ID == id })
	if i < 0 {
		return View{}, false
	}
	return s.Views[i], true
}

// Put is the shelf with a view: a new one, or another name or filter of the one
// that has its id. It is pure.
func (s Shelf) Put(v View) (Shelf, error) {
	v.Name = strings.Join(strings.Fields(request.CleanText(v.Name)), " ")
	rest := s.Drop(v.ID)
	switch {
	case v.Name == "":
		return s, fault.At(fault.Invalid, "name", "Give the view a name.")
	case utf8.RuneCountInString(v.Name) > MostName:
		return s, fault.At(fault.Invalid, "name", "Use %d characters or fewer.", MostName)
	case slices.ContainsFunc(rest.Views, func(o View) bool { return strings.EqualFold(o.Name, v.Name) }):
		return s, fault.At(fault.Invalid, "name", "You have a view with this name.")
	case len(rest.Views) >= MostViews:
		return s, fault.New(fault.Refused, "You can keep %d views. Delete one first.", MostViews)
	}
	rest.Views = append(rest.Views, v)
	slices.SortFunc(rest.Views, func(a, b View) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return rest, nil
}

// Drop is the shelf without a view.
func (s Shelf) Drop(id string) Shelf {
	s.Views = slices.DeleteFunc(slices.Clone(s.Views), func(v View) bool { return v.ID == id })
	return s
}

const extView = care.Base + "StructureDefinition/job-view"

// shelfOf is where somebody's views are kept.
func shelfOf(who string) setting.Kept {
	h := sha256.Sum256([]byte(who))
	return setting.Kept{
		Ref: ident.Ref{Type: "Basic", ID: "job-views-" + hex.EncodeToString(h[:16])}, Whole: true,
		Stale: fault.New(fault.Conflict, "You have changed your views in another window. Look at what they are now, and try again."),
	}
}

// Shelf reads the views of a member of staff.
func (s *Service) Shelf(ctx context.Context, practice ident.ODS, by record.Author) (Shelf, error) {
	p, err := s.store.Practice(practice)
	if err != nil {
		return Shelf{}, err
	}
	res, v, err := shelfOf(by.Ref).Load(ctx, p)
	if err != nil || res == nil {
		return Shelf{}, err
	}
	out := Shelf{Version: v.ID}
	for e := range res.Get("extension").Items() {
		if e.Get("url").Is(extView) {
			out.Views = append(out.Views, viewOf(e))
		}
	}
	return out, nil
}

func viewOf(e fhir.Node) View {
	var v View
	for part := range e.Get("extension").Items() {
		switch s := part.Get("valueString").Str(); part.Get("url").Str() {
		case "id":
			v.ID = s
		case "name":
			v.Name = s
		case "filter":
			q, err := url.ParseQuery(s)
			if err == nil {
				v.Filter = FilterOf(q)
			}
		}
	}
	return v
}

// Keep keeps the views of who decides it, over the version that was read.
func (s *Service) Keep(ctx context.Context, practice ident.ODS, by record.Author, shelf Shelf) error {
	if err := staff(by); err != nil {
		return err
	}
	p, err := s.store.Practice(practice)
	if err != nil {
		return err
	}
	ext := write.List{}
	for _, v := range shelf.Views {
		parts := write.List{write.Obj{"url": "id", "valueString": v.ID}, write.Obj{"url": "name", "valueString": v.Name}}
		if q := v.Filter.Query().Encode(); q != "" {
			parts = append(parts, write.Obj{"url": "filter", "valueString": q})
		}
		ext = append(ext, write.Obj{"url": extView, "extension": parts})
	}
	return shelfOf(by.Ref).Save(ctx, p, by, "views of the list of jobs", shelf.Version, func(*fhir.Resource) write.Obj {
		o := write.Obj{"code": write.Coded(care.Base+"setting", "job-views", "Views of the list of jobs")}
		if r, ok := ident.ParseRef(by.Ref); ok {
			o["author"] = write.Ref(r)
		}
		if len(ext) > 0 {
			o["extension"] = ext
		}
		return o
	})
}

package message

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/search"
	"heartwood/internal/care/setting"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

const (
	settingSys   = care.Base + "setting"
	templateCode = "message-template"
	templateExt  = care.Base + "StructureDefinition/message-template-"
)

func keptTemplate(id string) setting.Kept {
	return setting.Kept{
		Ref: ident.Ref{Type: "Basic", ID: "message-template-" + id}, Whole: true,
		Stale: fault.New(fault.Conflict, "Somebody else has changed this template meanwhile. Look at what it is now, and enter yours again."),
	}
}

// Templates lists a practice's templates in the order of a page: those that
// are shipped, each as the practice has changed it, then its own by name.
func Templates(ctx context.Context, p *record.Practice) ([]Template, error) {
	mine := map[string]Template{}
	err := search.Each(ctx, p, "Basic?code="+url.QueryEscape(settingSys+"|"+templateCode), func(v record.Version, r *fhir.Resource) error {
		t := templateOf(v, r)
		mine[t.ID] = t
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := Shipped()
	for i, t := range out {
		if m, ok := mine[t.ID]; ok {
			m.Shipped = true
			out[i] = m
			delete(mine, t.ID)
		}
	}
	var own []Template
	for _, t := range mine {
		own = append(own, t)
	}
	slices.SortFunc(own, func(a, b Template) int { return cmp.Or(cmp.Compare(a.Title, b.Title), cmp.Compare(a.ID, b.ID)) })
	return append(out, own...), nil
}

// Offered are the templates that staff choose from: those to one patient, or
// those that may go to many.
func Offered(all []Template, many bool) []Template {
	return slices.DeleteFunc(slices.Clone(all), func(t Template) bool { return t.Off || t.Many != many })
}

// TemplateOf finds a template of a practice by its id, whether or not it is
// offered.
func TemplateOf(ctx context.Context, p *record.Practice, id string) (Template, bool, error) {
	shipped, known := Template{}, false
	for _, t := range builtIn {
		if t.ID == id {
			shipped, known = t, true
		}
	}
	if !ident.IsID(id) || len(id) > 40 {
		return Template{}, false, nil
	}
	res, v, err := keptTemplate(id).Load(ctx, p)
	if err != nil || res == nil {
		return shipped, known, err
	}
	t := templateOf(v, res)
	t.Shipped = known
	return t, true, nil
}

// ShippedOf is a template as it came with the program.
func ShippedOf(id string) (Template, bool) {
	i := slices.IndexFunc(builtIn, func(t Template) bool { return t.ID == id })
	if i < 0 {
		return Template{}, false
	}
	return builtIn[i], true
}

// SaveTemplate keeps a template over the version that was seen. One without
// an id is new, and gets one.
func SaveTemplate(ctx context.Context, p *record.Practice, by record.Author, t Template) (string, error) {
	t.Title, t.Body, t.Welsh = tidy(t.Title), tidy(t.Body), tidy(t.Welsh)
	if err := t.Check(); err != nil {
		return "", err
	}
	if t.ID == "" {
		t.ID = ident.NewID()
	}
	err := keptTemplate(t.ID).Save(ctx, p, by, "message template: "+t.ID, t.Version, func(*fhir.Resource) write.Obj { return t.body() })
	return t.ID, err
}

// Former is an earlier version of a template.
type Former struct {
	Template
	When time.Time
	By   string // "Practitioner/…"
}

// TemplateHistory lists the versions that a practice has kept of a template,
// the newest first, at most 20.
func TemplateHistory(ctx context.Context, p *record.Practice, id string) ([]Former, error) {
	if !ident.IsID(id) || len(id) > 40 {
		return nil, nil
	}
	all, err := p.History(ctx, keptTemplate(id).Ref, "", 20)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []Former
	for _, v := range all {
		if v.Deleted {
			continue
		}
		res, err := v.Resource()
		if err != nil {
			return nil, err
		}
		out = append(out, Former{templateOf(v, res), v.Time, v.Author.Ref})
	}
	return out, nil
}

func (t Template) body() write.Obj {
	ext := write.List{
		write.Obj{"url": templateExt + "title", "valueString": t.Title},
		write.Obj{"url": templateExt + "body", "valueString": t.Body},
		write.Obj{"url": templateExt + "awaits", "valueBoolean": t.Awaits},
		write.Obj{"url": templateExt + "many", "valueBoolean": t.Many},
		write.Obj{"url": templateExt + "off", "valueBoolean": t.Off},
	}
	if t.Welsh != "" {
		ext = append(ext, write.Obj{"url": templateExt + "welsh", "valueString": t.Welsh})
	}
	for _, f := range t.Fields {
		parts := write.List{write.Obj{"url": "name", "valueCode": f.Name}, write.Obj{"url": "label", "valueString": f.Label}}
		if f.Default != "" {
			parts = append(parts, write.Obj{"url": "default", "valueString": f.Default})
		}
		ext = append(ext, write.Obj{"url": templateExt + "field", "extension": parts})
	}
	return write.Obj{"code": write.Coded(settingSys, templateCode, "Message template"), "extension": ext}
}

func templateOf(v record.Version, r *fhir.Resource) Template {
	t := Template{ID: strings.TrimPrefix(v.Ref.ID, "message-template-"), Version: v.ID}
	for e := range r.Get("extension").Items() {
		switch strings.TrimPrefix(e.Get("url").Str(), templateExt) {
		case "title":
			t.Title = e.Get("valueString").Str()
		case "body":
			t.Body = e.Get("valueString").Str()
		case "welsh":
			t.Welsh = e.Get("valueString").Str()
		case "awaits":
			t.Awaits = e.Get("valueBoolean").True()
		case "many":
			t.Many = e.Get("valueBoolean").True()
		case "off":
			t.Off = e.Get("valueBoolean").True()
		case "field":
			t.Fields = append(t.Fields, fieldOf(e))
		}
	}
	return t
}

func fieldOf(e fhir.Node) Field {
	var f Field
	for x := range e.Get("extension").Items() {
		switch x.Get("url").Str() {
		case "name":
			f.Name = x.Get("valueCode").Str()
		case "label":
			f.Label = x.Get("valueString").Str()
		case "default":
			f.Default = x.Get("valueString").Str()
		}
	}
	return f
}

package browse

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Form is one form of a page.
type Form struct {
	Action    string // as written; "" is the page itself
	Method    string // "GET" or "POST"
	Multipart bool
	Fields    []Field
}

// Field is one control, or all radio buttons of one name.
type Field struct {
	Name    string
	Type    string // text, radio, checkbox, select, textarea, hidden, file, submit …
	Value   string // what it holds already; of a button, what it sends
	Options []string
	Numeric bool // it takes a number
}

// Has tells whether the form has a field of this name.
func (f Form) Has(name string) bool {
	return slices.ContainsFunc(f.Fields, func(x Field) bool { return x.Name == name })
}

// Forms finds the forms in the main part of a page, in order.
func (p *Page) Forms() []Form {
	doc, err := html.Parse(bytes.NewReader(p.Body))
	if err != nil {
		return nil // only reading can fail, and bytes do not
	}
	var out []Form
	walk(doc, func(n *html.Node) bool {
		if n.Type == html.ElementNode && n.Data == "form" {
			out = append(out, read(n))
			return false
		}
		return true
	})
	return out
}

// Problem is the first error that a page shows beside a field, "" for none.
func (p *Page) Problem() string {
	doc, err := html.Parse(bytes.NewReader(p.Body))
	if err != nil {
		return ""
	}
	said := ""
	walk(doc, func(n *html.Node) bool {
		if said == "" && n.Type == html.ElementNode && strings.Contains(attr(n, "class"), "nhsuk-error-message") {
			said = attr(n, "id") + ": " + strings.Join(strings.Fields(text(n)), " ")
		}
		return said == ""
	})
	return said
}

// walk visits nodes in order, and the children of those for which visit says so.
func walk(n *html.Node, visit func(*html.Node) bool) {
	if !visit(n) {
		return
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		walk(c, visit)
	}
}

func read(form *html.Node) Form {
	f := Form{Action: attr(form, "action"), Method: http.MethodGet}
	if strings.EqualFold(attr(form, "method"), "post") {
		f.Method = http.MethodPost
	}
	f.Multipart = attr(form, "enctype") == "multipart/form-data"
	walk(form, func(n *html.Node) bool {
		if n != form && n.Type == html.ElementNode && !has(n, "disabled") {
			f.add(n)
		}
		return true
	})
	return f
}

func (f *Form) add(n *html.Node) {
	x := Field{Name: attr(n, "name"), Value: attr(n, "value")}
	x.Numeric = attr(n, "type") == "number" || attr(n, "inputmode") == "numeric" || attr(n, "inputmode") == "decimal"
	switch n.Data {
	case "textarea":
		x.Type, x.Value = "textarea", text(n)
	case "select":
		x.Type = "select"
		x.Options, x.Value = options(n)
	case "button":
		x.Type = "submit"
	case "input":
		x.Type = strings.ToLower(attr(n, "type"))
	default:
		return
	}
	if x.Name == "" {
		return
	}
	if x.Type != "radio" && x.Type != "checkbox" {
		f.Fields = append(f.Fields, x)
		return
	}
	value := x.Value
	if x.Value = ""; has(n, "checked") {
		x.Value = value
	}
	i := slices.IndexFunc(f.Fields, func(y Field) bool { return y.Name == x.Name && y.Type == x.Type })
	if i < 0 {
		f.Fields, i = append(f.Fields, x), len(f.Fields)
	}
	f.Fields[i].Options = append(f.Fields[i].Options, value)
	if x.Value != "" {
		f.Fields[i].Value = x.Value
	}
}

func options(sel *html.Node) (all []string, chosen string) {
	walk(sel, func(n *html.Node) bool {
		if n.Type == html.ElementNode && n.Data == "option" {
			v := attr(n, "value")
			if all = append(all, v); has(n, "selected") {
				chosen = v
			}
		}
		return true
	})
	return all, chosen
}

func text(n *html.Node) string {
	var b strings.Builder
	walk(n, func(n *html.Node) bool {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
		return true
	})
	return b.String()
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

// Fill answers every field: what say holds for its name, else what the field
// holds already, else what pick chooses among n options, else a few words. Of
// buttons only those in say are pressed; files are not added.
func (f Form) Fill(say url.Values, pick func(n int) int) url.Values {
	out := url.Values{}
	for _, x := range f.Fields {
		if v, ok := say[x.Name]; ok {
			out[x.Name] = v
			continue
		}
		switch x.Type {
		case "submit", "image", "button", "reset", "file":
		case "hidden":
			out.Add(x.Name, x.Value)
		case "radio", "select", "checkbox":
			out.Set(x.Name, x.choice(pick))
		default:
			out.Set(x.Name, x.words())
		}
	}
	return out
}

// Keep leaves every field as it is but for those in say.
func (f Form) Keep(say url.Values) url.Values {
	out := url.Values{}
	for _, x := range f.Fields {
		v, ok := say[x.Name]
		switch {
		case ok:
			out[x.Name] = v
		case x.Type == "submit", x.Type == "image", x.Type == "button", x.Type == "reset", x.Type == "file":
		case x.Value != "" || x.Type != "radio" && x.Type != "checkbox":
			out.Add(x.Name, x.Value)
		}
	}
	return out
}

// choice keeps what is chosen, or picks one that is not empty.
func (x Field) choice(pick func(n int) int) string {
	if x.Value != "" {
		return x.Value
	}
	some := slices.DeleteFunc(slices.Clone(x.Options), func(s string) bool { return s == "" })
	if len(some) == 0 {
		return ""
	}
	return some[pick(len(some))]
}

// words answers a field that takes any: part of a date by its name, a number
// where one is asked for.
func (x Field) words() string {
	if x.Value != "" {
		return x.Value
	}
	switch {
	case strings.HasSuffix(x.Name, "day"), strings.HasSuffix(x.Name, "month"):
		return "3"
	case strings.HasSuffix(x.Name, "year"):
		return "2020"
	case x.Numeric:
		return "50"
	case x.Type == "textarea":
		return "Nothing more to say."
	}
	return ""
}

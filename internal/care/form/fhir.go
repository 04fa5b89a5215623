package form

import (
	"encoding/json"
	"slices"
	"strconv"

	"heartwood/internal/care"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
)

// Extensions that a Questionnaire of ours carries: FHIR's own where it has one.
const (
	translation = "http://hl7.org/fhir/StructureDefinition/translation"
	control     = "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl"
	minValue    = "http://hl7.org/fhir/StructureDefinition/minValue"
	maxValue    = "http://hl7.org/fhir/StructureDefinition/maxValue"
	controls    = "http://hl7.org/fhir/questionnaire-item-control"
	hinted      = care.Base + "StructureDefinition/hint"
	kindOf      = care.Base + "StructureDefinition/form-kind"
	forWhom     = care.Base + "StructureDefinition/form-for"
	signed      = care.Base + "StructureDefinition/form-bsl"
	easyRead    = care.Base + "StructureDefinition/form-easy-read"
	optionCode  = care.Base + "form-option"
)

type (
	obj  = write.Obj
	list = write.List
)

// FHIR is the form as a Questionnaire (FHIR R4): a group for each page, hints
// as display items with the control "help", other languages by the
// translation extension.
func (f Form) FHIR() obj {
	o := obj{
		"resourceType": "Questionnaire", "url": f.URL, "version": f.Version, "status": f.Status,
		"subjectType": list{"Patient"},
	}
	if f.ID != "" {
		o["id"] = f.ID
	}
	f.Title.put(o, "title")
	if len(f.Intro) > 0 {
		f.Intro.put(o, "description")
	}
	var ext list
	for _, e := range []struct{ url, kind, value string }{
		{kindOf, "valueCode", f.Kind},
		{forWhom, "valueCode", f.For},
		{signed, "valueUrl", f.BSL},
		{easyRead, "valueUrl", f.Easy},
	} {
		if e.value != "" {
			ext = append(ext, obj{"url": e.url, e.kind: e.value})
		}
	}
	if ext != nil {
		o["extension"] = ext
	}
	var pages list
	for _, p := range f.Pages {
		g := obj{"linkId": p.ID, "type": "group"}
		if len(p.Title) > 0 {
			p.Title.put(g, "text")
		}
		p.When.put(f, g)
		var items list
		for _, a := range p.Asks {
			items = append(items, a.fhir(f))
		}
		g["item"] = items
		pages = append(pages, g)
	}
	o["item"] = pages
	return o
}

// JSON is the form's Questionnaire as bytes.
func (f Form) JSON() []byte {
	b, err := json.Marshal(f.FHIR())
	if err != nil {
		panic(err) // maps, lists and strings only
	}
	return b
}

// put writes words and their translations as a string element.
func (w Words) put(o obj, name string) {
	o[name] = w["en"]
	var more list
	for _, lang := range sorted(w) {
		if lang != "en" && w[lang] != "" {
			more = append(more, obj{"url": translation, "extension": list{
				obj{"url": "lang", "valueCode": lang}, obj{"url": "content", "valueString": w[lang]},
			}})
		}
	}
	if more != nil {
		o["_"+name] = obj{"extension": more}
	}
}

func sorted(w Words) []string {
	var out []string
	for k := range w {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func (a Ask) fhir(f Form) obj {
	o := obj{"linkId": a.ID, "type": string(a.Type)}
	a.Text.put(o, "text")
	if a.Required {
		o["required"] = true
	}
	if a.Type == Several {
		o["type"], o["repeats"] = "choice", true
	}
	var ext list
	switch a.Type {
	case Text, String:
		if a.Max > 0 {
			o["maxLength"] = a.Max
		}
	case Integer, Decimal:
		if a.Min != 0 || a.Max != 0 {
			ext = append(ext, obj{"url": minValue, "valueInteger": a.Min})
		}
		if a.Max != 0 {
			ext = append(ext, obj{"url": maxValue, "valueInteger": a.Max})
		}
	}
	if ext != nil {
		o["extension"] = ext
	}
	var options list
	for _, x := range a.Options {
		coding := obj{"system": optionCode, "code": x.Code}
		x.Label.put(coding, "display")
		option := obj{"valueCoding": coding}
		if len(x.Hint) > 0 {
			h := obj{"url": hinted}
			x.Hint.put(h, "valueString")
			option["extension"] = list{h}
		}
		options = append(options, option)
	}
	if options != nil {
		o["answerOption"] = options
	}
	a.When.put(f, o)
	if len(a.Hint) > 0 {
		h := obj{"linkId": a.ID + ".hint", "type": "display", "extension": list{obj{
			"url": control, "valueCodeableConcept": write.Coded(controls, "help", ""),
		}}}
		a.Hint.put(h, "text")
		o["item"] = list{h}
	}
	return o
}

func (r Rule) put(f Form, o obj) {
	var when list
	for _, c := range r.Conditions {
		x := obj{"question": c.Ask, "operator": c.Op}
		a, _ := f.Ask(c.Ask)
		switch {
		case c.Op == "exists" || a.Type == Boolean:
			x["answerBoolean"] = c.Answer == "true"
		case a.Type == Choice || a.Type == Several:
			x["answerCoding"] = obj{"system": optionCode, "code": c.Answer}
		case a.Type == Integer:
			x["answerInteger"] = json.Number(c.Answer)
		case a.Type == Decimal:
			x["answerDecimal"] = json.Number(c.Answer)
		case a.Type == Date:
			x["answerDate"] = c.Answer
		default:
			x["answerString"] = c.Answer
		}
		when = append(when, x)
	}
	if when == nil {
		return
	}
	o["enableWhen"] = when
	if len(when) > 1 {
		o["enableBehavior"] = map[bool]string{true: "all", false: "any"}[r.All]
	}
}

// Read reads a form from a Questionnaire. What this package does not know of
// (a group within a page, an answer of a sort that it cannot ask) is an
// Invalid fault that names the item.
func Read(q *fhir.Resource) (Form, error) {
	f, err := Open(q)
	if err != nil {
		return f, err
	}
	return f, f.Whole()
}

// Open reads a form that need not be whole, as a draft may not be.
func Open(q *fhir.Resource) (Form, error) {
	root := q.Root()
	f := Form{
		ID: root.Get("id").Str(), URL: root.Get("url").Str(), Version: root.Get("version").Str(), Status: root.Get("status").Str(),
		Title: spoken(root, "title"), Intro: spoken(root, "description"),
	}
	for x := range root.Get("extension").Items() {
		switch x.Get("url").Str() {
		case kindOf:
			f.Kind = x.Get("valueCode").Str()
		case forWhom:
			f.For = x.Get("valueCode").Str()
		case signed:
			f.BSL = x.Get("valueUrl").Str()
		case easyRead:
			f.Easy = x.Get("valueUrl").Str()
		}
	}
	for g := range root.Get("item").Items() {
		if !g.Get("type").Is("group") {
			return Form{}, fault.At(fault.Invalid, g.Get("linkId").Str(), "A form's questions stand in groups, one for each page.")
		}
		p := Page{ID: g.Get("linkId").Str(), Title: spoken(g, "text"), When: readRule(g)}
		for it := range g.Get("item").Items() {
			a, err := readAsk(it)
			if err != nil {
				return Form{}, err
			}
			p.Asks = append(p.Asks, a)
		}
		f.Pages = append(f.Pages, p)
	}
	return f, nil
}

func spoken(n fhir.Node, name string) Words {
	s := n.Get(name).Str()
	if s == "" {
		return nil
	}
	w := Words{"en": s}
	for x := range n.Get("_"+name, "extension").Items() {
		if !x.Get("url").Is(translation) {
			continue
		}
		lang, content := "", ""
		for y := range x.Get("extension").Items() {
			switch y.Get("url").Str() {
			case "lang":
				lang = y.Get("valueCode").Str()
			case "content":
				content = y.Get("valueString").Str()
			}
		}
		if lang != "" && lang != "en" {
			w[lang] = content
		}
	}
	return w
}

func readAsk(it fhir.Node) (Ask, error) {
	a := Ask{
		ID: it.Get("linkId").Str(), Type: Type(it.Get("type").Str()), Text: spoken(it, "text"),
		Required: it.Get("required").True(), When: readRule(it),
	}
	if a.Type == Choice && it.Get("repeats").True() {
		a.Type = Several
	}
	if !slices.Contains(Types, a.Type) || it.Get("repeats").True() && a.Type != Several {
		return a, fault.At(fault.Invalid, a.ID, "A question of the sort “%s” cannot be asked here.", it.Get("type").Str())
	}
	a.Max, _ = strconv.Atoi(it.Get("maxLength").Str()) // 0 when there is none
	for x := range it.Get("extension").Items() {
		switch x.Get("url").Str() {
		case minValue:
			a.Min, _ = strconv.Atoi(x.Get("valueInteger").Str())
		case maxValue:
			a.Max, _ = strconv.Atoi(x.Get("valueInteger").Str())
		}
	}
	for x := range it.Get("answerOption").Items() {
		o := Option{Code: x.Get("valueCoding", "code").Str(), Label: spoken(x.Get("valueCoding"), "display")}
		for e := range x.Get("extension").Items() {
			if e.Get("url").Is(hinted) {
				o.Hint = spoken(e, "valueString")
			}
		}
		a.Options = append(a.Options, o)
	}
	for x := range it.Get("item").Items() {
		if !x.Get("type").Is("display") {
			return a, fault.At(fault.Invalid, a.ID, "A question under a question cannot be asked here.")
		}
		a.Hint = spoken(x, "text")
	}
	return a, nil
}

func readRule(it fhir.Node) Rule {
	r := Rule{All: !it.Get("enableBehavior").Is("any")}
	for x := range it.Get("enableWhen").Items() {
		c := Condition{Ask: x.Get("question").Str(), Op: x.Get("operator").Str()}
		for m := range x.Children() {
			switch m.Key() {
			case "answerBoolean":
				c.Answer = strconv.FormatBool(m.True())
			case "answerCoding":
				c.Answer = m.Get("code").Str()
			case "answerInteger", "answerDecimal", "answerDate", "answerString":
				c.Answer = m.Str()
			}
		}
		r.Conditions = append(r.Conditions, c)
	}
	if len(r.Conditions) < 2 {
		r.All = false
	}
	return r
}

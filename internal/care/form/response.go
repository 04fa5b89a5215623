package form

import (
	"cmp"
	"encoding/json"
	"iter"
	"strings"

	"heartwood/internal/fhir"
)

// Items are the answers as the items of a QuestionnaireResponse: a group for
// each page that was asked, with each question in English, for who answers it,
// and in the language in which it was shown.
// The person's own words, "what", stand first and outside the groups, where
// every reader of a request looks for them.
func (f Form) Items(given Answers, lang string) list {
	var out list
	for _, p := range f.Asked(given) {
		var items list
		for _, a := range p.Asks {
			values := given[a.ID]
			if len(values) == 0 {
				continue
			}
			item := obj{"linkId": a.ID, "answer": a.answers(values, lang)}
			a.Text.only(lang).put(item, "text")
			if a.ID == "what" {
				out = append(list{item}, out...)
				continue
			}
			items = append(items, item)
		}
		if len(items) > 0 {
			g := obj{"linkId": p.ID, "item": items}
			if len(p.Title) > 0 {
				p.Title.only(lang).put(g, "text")
			}
			out = append(out, g)
		}
	}
	return out
}

func (a Ask) answers(values []string, lang string) list {
	var out list
	for _, v := range values {
		switch a.Type {
		case Choice, Several:
			coding := obj{"system": optionCode, "code": v}
			if o, ok := a.Option(v); ok {
				o.Label.only(lang).put(coding, "display")
			}
			out = append(out, obj{"valueCoding": coding})
		case Boolean:
			out = append(out, obj{"valueBoolean": v == "true"})
		case Integer:
			out = append(out, obj{"valueInteger": json.Number(v)})
		case Decimal:
			out = append(out, obj{"valueDecimal": json.Number(v)})
		case Date:
			out = append(out, obj{"valueDate": v})
		default:
			out = append(out, obj{"valueString": v})
		}
	}
	return out
}

// only are the words in English and in one language more.
func (w Words) only(lang string) Words {
	out := Words{"en": w["en"]}
	if s := w[lang]; s != "" {
		out[lang] = s
	}
	return out
}

// Answered yields the answered items of a QuestionnaireResponse in the order
// of its form, those within its pages and beneath other answers too.
func Answered(q *fhir.Resource) iter.Seq[fhir.Node] {
	return func(yield func(fhir.Node) bool) { answered(q.Root(), yield) }
}

func answered(n fhir.Node, yield func(fhir.Node) bool) bool {
	for it := range n.Get("item").Items() {
		if it.Get("answer").Len() > 0 && !yield(it) || !answered(it, yield) {
			return false
		}
		for a := range it.Get("answer").Items() {
			if !answered(a, yield) {
				return false
			}
		}
	}
	return true
}

// Line is one answer of a response, as it was asked and said.
type Line struct{ ID, Question, Text string }

// Lines reads the answers of a QuestionnaireResponse whatever form it was
// filled in on: each carries the words of its own question.
func Lines(q *fhir.Resource) []Line {
	var out []Line
	for it := range Answered(q) {
		if text := Said(it); text != "" {
			out = append(out, Line{it.Get("linkId").Str(), it.Get("text").Str(), text})
		}
	}
	return out
}

// Said is the answer of an item of a response as a person reads it, several
// with commas between.
func Said(item fhir.Node) string {
	var out []string
	for a := range item.Get("answer").Items() {
		out = append(out, said(a))
	}
	return strings.Join(out, ", ")
}

func said(a fhir.Node) string {
	for v := range a.Children() {
		if !strings.HasPrefix(v.Key(), "value") {
			continue
		}
		switch v.Kind() {
		case fhir.Object:
			return cmp.Or(v.Get("display").Str(), v.Get("code").Str())
		case fhir.Bool:
			return yesNo(v.True())
		}
		return v.Str()
	}
	return ""
}

func yesNo(b bool) string {
	if b {
		return yes["en"]
	}
	return no["en"]
}

// ReadAnswers reads answers back from a QuestionnaireResponse, as Items wrote
// them.
func ReadAnswers(q *fhir.Resource) Answers {
	out := Answers{}
	for it := range Answered(q) {
		id := it.Get("linkId").Str()
		for a := range it.Get("answer").Items() {
			for v := range a.Children() {
				switch v.Key() {
				case "valueCoding":
					out[id] = append(out[id], v.Get("code").Str())
				case "valueBoolean", "valueString", "valueDate", "valueInteger", "valueDecimal":
					out[id] = append(out[id], v.Str())
				}
			}
		}
	}
	return out
}

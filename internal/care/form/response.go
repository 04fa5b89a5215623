package form

import (
	"encoding/json"
	"strconv"

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

// Line is one answer of a response, as it was asked and said.
type Line struct{ ID, Question, Text string }

// Lines reads the answers of a QuestionnaireResponse whatever form it was
// filled in on: each carries the words of its own question.
func Lines(q *fhir.Resource) []Line {
	var out []Line
	lines(q.Root(), &out)
	return out
}

func lines(n fhir.Node, out *[]Line) {
	for it := range n.Get("item").Items() {
		l := Line{ID: it.Get("linkId").Str(), Question: it.Get("text").Str()}
		l.Text = Said(it)
		if l.Text != "" {
			*out = append(*out, l)
		}
		lines(it, out)
	}
}

// Said is the answer of an item of a response as a person reads it.
func Said(item fhir.Node) string {
	out := ""
	for a := range item.Get("answer").Items() {
		if out != "" {
			out += ", "
		}
		out += said(a)
	}
	return out
}

func said(a fhir.Node) string {
	for m := range a.Children() {
		switch m.Key() {
		case "valueCoding":
			if d := m.Get("display").Str(); d != "" {
				return d
			}
			return m.Get("code").Str()
		case "valueBoolean":
			if m.True() {
				return "Yes"
			}
			return "No"
		case "valueString", "valueDate", "valueDateTime", "valueInteger", "valueDecimal", "valueUri":
			return m.Str()
		}
	}
	return ""
}

// ReadAnswers reads answers back from a QuestionnaireResponse, as Items wrote
// them.
func ReadAnswers(q *fhir.Resource) Answers {
	out := Answers{}
	readAnswers(q.Root(), out)
	return out
}

func readAnswers(n fhir.Node, out Answers) {
	for it := range n.Get("item").Items() {
		for a := range it.Get("answer").Items() {
			for m := range a.Children() {
				id := it.Get("linkId").Str()
				switch m.Key() {
				case "valueCoding":
					out[id] = append(out[id], m.Get("code").Str())
				case "valueBoolean":
					out[id] = append(out[id], strconv.FormatBool(m.True()))
				case "valueString", "valueDate", "valueInteger", "valueDecimal":
					out[id] = append(out[id], m.Str())
				}
			}
		}
		readAnswers(it, out)
	}
}

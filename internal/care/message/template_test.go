package message_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"heartwood/internal/care"
	"heartwood/internal/care/message"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/words"
)

func TestShippedTemplates(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range message.Shipped() {
		if err := m.Check(); err != nil {
			t.Errorf("%s: %v", m.ID, err)
		}
		values := map[string]string{}
		for _, f := range append(slices.Clone(m.Fields), message.Merged...) {
			values[f.Name] = "{advice} $1"
		}
		for _, lang := range []words.Lang{words.English, words.Welsh} {
			text, err := m.Fill(lang, values)
			if err != nil || strings.Count(text, "{") != strings.Count(text, "{advice} $1") {
				t.Errorf("%s: %v\n%s", m.ID, err, text)
			}
			if left := message.Blank(m.Example(lang)); left != "" {
				t.Errorf("%s: the example leaves %s", m.ID, left)
			}
		}
		if r := m.Reading(); r.Hard() || r.LongestWords > words.LongestSentence {
			t.Errorf("%s is hard to read: age %.1f, %d words in %q", m.ID, r.Age(), r.LongestWords, r.Longest)
		}
		if seen[m.ID] {
			t.Errorf("%s twice", m.ID)
		}
		seen[m.ID] = true
	}
	if len(seen) < 15 {
		t.Errorf("%d templates", len(seen))
	}
}

func TestTemplateIsChecked(t *testing.T) {
	good := message.Template{Title: "Hello", Body: "Hello {given}. {what}", Fields: []message.Field{{Name: "what", Label: "What?"}}}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for where, spoil := range map[string]func(*message.Template){
		"title":        func(m *message.Template) { m.Title = "" },
		"body":         func(m *message.Template) { m.Body += " {nobody-knows}" },
		"body braces":  func(m *message.Template) { m.Body += " { given }" },
		"body long":    func(m *message.Template) { m.Body += strings.Repeat("x", 5000) },
		"welsh":        func(m *message.Template) { m.Welsh = "Helo {given}." },
		"field-0":      func(m *message.Template) { m.Fields[0].Label = "" },
		"field-0 name": func(m *message.Template) { m.Fields[0].Name = "given" },
		"field-1":      func(m *message.Template) { m.Fields = append(m.Fields, message.Field{Name: "spare", Label: "Spare"}) },
		"many":         func(m *message.Template) { m.Many = true },
	} {
		bad := good
		bad.Fields = slices.Clone(good.Fields)
		spoil(&bad)
		field, _, _ := strings.Cut(where, " ")
		if f := care.Fields(bad.Check()); len(f) == 0 || !slices.ContainsFunc(f, func(e *fault.Error) bool { return e.Where == field }) {
			t.Errorf("%s: %v", where, f)
		}
	}
}

// A practice changes a template, writes its own, and can have back what was.
func TestTemplatesAreData(t *testing.T) {
	h := open(t)
	by := record.Author{Ref: "Practitioner/m", Role: care.RoleManager}
	m, ok, err := message.TemplateOf(ctx, h.p, "photo")
	if err != nil || !ok || m.Version != "" {
		t.Fatalf("%+v %v", m, err)
	}
	m.Body = "Send a photo of {what}, please."
	m.Welsh = ""
	if _, err := message.SaveTemplate(ctx, h.p, by, m); err != nil {
		t.Fatal(err)
	}
	if _, err := message.SaveTemplate(ctx, h.p, by, m); !fault.Is(err, fault.Conflict) {
		t.Errorf("over somebody else's: %v", err)
	}
	own, err := message.SaveTemplate(ctx, h.p, by, message.Template{Title: "Own", Body: "Hello {given}."})
	if err != nil {
		t.Fatal(err)
	}
	all, err := message.Templates(ctx, h.p)
	if err != nil || len(all) != len(message.Shipped())+1 || all[len(all)-1].ID != own || all[len(all)-1].Shipped {
		t.Fatalf("%d templates, %v", len(all), err)
	}
	i := slices.IndexFunc(all, func(m message.Template) bool { return m.ID == "photo" })
	if all[i].Body != m.Body || !all[i].Shipped || len(all[i].Fields) != 1 || all[i].Fields[0].Name != "what" {
		t.Errorf("%+v", all[i])
	}
	back, _ := message.ShippedOf("photo")
	back.Version = all[i].Version
	if _, err := message.SaveTemplate(ctx, h.p, by, back); err != nil {
		t.Fatal(err)
	}
	was, err := message.TemplateHistory(ctx, h.p, "photo")
	if err != nil || len(was) != 2 || was[1].Body != m.Body || was[0].Body != back.Body || was[0].By != by.Ref {
		t.Fatalf("%+v %v", was, err)
	}
	gone, _, _ := message.TemplateOf(ctx, h.p, "photo")
	gone.Off = true
	if _, err := message.SaveTemplate(ctx, h.p, by, gone); err != nil {
		t.Fatal(err)
	}
	all, _ = message.Templates(ctx, h.p)
	for _, m := range message.Offered(all, false) {
		if m.ID == "photo" || m.Many {
			t.Errorf("%s is offered", m.ID)
		}
	}
}

// Nothing is sent with a place that nobody has filled in, and the patient's
// own name goes into what is.
func TestNothingIsSentWithAPlaceLeft(t *testing.T) {
	hazard.Covers(t, "H-006")
	h := open(t)
	if _, err := h.Send(ctx, ods, clinician, message.Send{Request: h.id, Text: "Hello {given}."}, ""); !fault.Is(err, fault.Invalid) {
		t.Errorf("free text: %v", err)
	}
	if _, err := h.Send(ctx, ods, clinician, message.Send{Request: h.id, Patient: "Patient/ann", Template: "check-in"}, ""); !fault.Is(err, fault.Invalid) {
		t.Errorf("a patient without a name: %v", err)
	}
	w, err := record.Prepare(ident.Ref{Type: "Patient", ID: "ann"}, []byte(`{"resourceType":"Patient","id":"ann","name":[{"given":["Ann"],"family":"Example"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.p.Commit(ctx, record.Change{Author: clinician, Writes: []record.Write{w}}); err != nil {
		t.Fatal(err)
	}
	m, err := h.Send(ctx, ods, clinician, message.Send{Request: h.id, Patient: "Patient/ann", Template: "check-in", Language: words.Welsh}, "")
	if err != nil || !strings.HasPrefix(m.Text, "Helo Ann.") {
		t.Errorf("%q %v", m.Text, err)
	}
	if _, err := h.Send(ctx, ods, clinician, message.Send{Request: h.id, Template: "none"}, ""); !fault.Is(err, fault.Invalid) {
		t.Errorf("no such template: %v", err)
	}
}

// What fills a place is never itself a place, and a full template leaves none.
func TestFillLeavesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z][a-z-]{0,8}`), 1, 5, rapid.ID[string]).Draw(t, "names")
		m := message.Template{}
		values := map[string]string{}
		for _, n := range names {
			m.Body += "x {" + n + "} y "
			values[n] = rapid.StringMatching(`[a-z{}$]{0,5}[a-z]`).Draw(t, "value")
		}
		missing := rapid.SampledFrom(names).Draw(t, "missing")
		text, err := m.Fill(words.English, values)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range names {
			if !strings.Contains(text, "x "+values[n]+" y") {
				t.Fatalf("%q is not in %q", values[n], text)
			}
		}
		values[missing] = " "
		if _, err := m.Fill(words.English, values); !fault.Is(err, fault.Invalid) {
			t.Fatalf("a place was left empty: %v", err)
		}
	})
}

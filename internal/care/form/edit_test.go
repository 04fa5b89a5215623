package form

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
)

var manager = record.Author{Ref: "Practitioner/m", Role: "manager"}

// Tidying a form never changes what it asks.
func TestTidyAsksTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.SampledFrom(Shipped()).Draw(t, "form")
		given := Answers{}
		for _, p := range f.Pages {
			for _, a := range p.Asks {
				if v := rapid.SampledFrom(append(possible(a), "")).Draw(t, a.ID); v != "" {
					given[a.ID] = []string{v}
				}
			}
		}
		asked := func(f Form) (out []string) {
			for _, p := range f.Asked(given) {
				for _, a := range p.Asks {
					out = append(out, p.ID+"/"+a.ID)
				}
			}
			return out
		}
		if d := cmp.Diff(asked(f), asked(f.Tidy())); d != "" {
			t.Fatal(d)
		}
	})
}

// Moving, joining, taking away and putting questions neither loses nor doubles
// any other, and leaves no page empty.
func TestEditsKeepEveryOtherQuestion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.SampledFrom(Shipped()).Draw(t, "form")
		want := questions(f)
		for range rapid.IntRange(1, 8).Draw(t, "edits") {
			id := rapid.SampledFrom(questions(f)).Draw(t, "which")
			switch rapid.IntRange(0, 4).Draw(t, "edit") {
			case 0:
				f = f.Moved(id, -1)
			case 1:
				f = f.Moved(id, 1)
			case 2:
				f = f.Joined(id, Words{"en": "Together"})
			case 3:
				a := Ask{ID: f.Free("What colour is it?"), Type: String, Text: Words{"en": "What colour is it?"}}
				f, want = f.With(a, id, rapid.Bool().Draw(t, "same")), append(want, a.ID)
			case 4:
				if len(want) > 1 {
					f = f.Without(id)
					want = slices.DeleteFunc(want, func(s string) bool { return s == id })
				}
			}
		}
		got := questions(f)
		slices.Sort(got)
		slices.Sort(want)
		if d := cmp.Diff(want, got); d != "" {
			t.Fatal(d)
		}
		pages := map[string]bool{}
		for _, p := range f.Pages {
			if len(p.Asks) == 0 || pages[p.ID] {
				t.Fatalf("the page %s is empty or there twice", p.ID)
			}
			pages[p.ID] = true
		}
	})
}

func questions(f Form) (out []string) {
	for _, p := range f.Pages {
		for _, a := range p.Asks {
			out = append(out, a.ID)
		}
	}
	return out
}

func short() Form {
	return Form{URL: "https://x.example/f", Version: "1", Status: "active", Kind: "admin", Title: Words{"en": "T", "cy": "T"}, Pages: []Page{
		{ID: "p1", Asks: []Ask{{ID: "what", Type: Text, Text: Words{"en": "What?", "cy": "Beth?"}, Required: true}}},
		{ID: "p2", Asks: []Ask{{ID: "hurts", Type: Boolean, Text: Words{"en": "Does it hurt?", "cy": "Ydy e'n brifo?"}}}},
		{ID: "p3", When: Rule{Conditions: []Condition{{"hurts", "=", "true"}}}, Asks: []Ask{{
			ID: "where", Type: Choice, Text: Words{"en": "Where?", "cy": "Ble?"},
			Options: []Option{{Code: "arm", Label: Words{"en": "My arm", "cy": "Braich"}}, {Code: "chest", Label: Words{"en": "My chest", "cy": "Brest"}}},
		}}},
	}}
}

// What would stop a form from working, blind a rule or be hard to read is said
// at the question where it is.
func TestLint(t *testing.T) {
	hazard.Covers(t, "H-011")
	g := Guard{
		Relies: []Relied{{"RF-1", "where", "=", "chest"}, {"RF-2", "fever", ">=", "38"}},
		Finds: func(s string) []string {
			if strings.Contains(s, "chest") {
				return []string{"RF-3"}
			}
			return nil
		},
	}
	if n := Lint(short(), short(), g); len(n) != 0 {
		t.Fatalf("a good form: %v", n)
	}
	long := strings.Repeat("word ", 21) + "."
	for name, c := range map[string]struct {
		spoil func(*Form)
		want  Note
	}{
		"not whole":     {func(f *Form) { f.Pages[0].Asks[0].Required = false }, Note{Stops, "what", ""}},
		"out of order":  {func(f *Form) { f.Pages[1], f.Pages[2] = f.Pages[2], f.Pages[1] }, Note{Stops, "page.2", ""}},
		"no options":    {func(f *Form) { f.Pages[2].Asks[0].Options = nil }, Note{Stops, "where", ""}},
		"cannot be":     {func(f *Form) { f.Pages[2].Asks[0].When = Rule{Conditions: []Condition{{"hurts", "=", "false"}}} }, Note{Stops, "where", ""}},
		"long":          {func(f *Form) { f.Pages[1].Asks[0].Hint = Words{"en": long, "cy": "x"} }, Note{Warns, "hurts", ""}},
		"no Welsh":      {func(f *Form) { f.Pages[1].Asks[0].Text = Words{"en": "Is it very sore now?"} }, Note{Warns, "", ""}},
		"question gone": {func(f *Form) { f.Pages = f.Pages[:2] }, Note{Safety, "where", ""}},
		"answer gone":   {func(f *Form) { f.Pages[2].Asks[0].Options[1].Code = "breast" }, Note{Safety, "where", ""}},
		"words gone":    {func(f *Form) { f.Pages[2].Asks[0].Options[1].Label = Words{"en": "There", "cy": "Yno"} }, Note{Safety, "where", ""}},
		"asked of fewer": {func(f *Form) {
			f.Pages[2].When.Conditions = append(f.Pages[2].When.Conditions, Condition{"what", "exists", "true"})
			f.Pages[2].When.All = true
		}, Note{Safety, "where", ""}},
		"another type":    {func(f *Form) { f.Pages[2].Asks[0].Type, f.Pages[2].Asks[0].Options = Boolean, nil }, Note{Safety, "where", ""}},
		"it has no title": {func(f *Form) { f.Title = nil }, Note{Stops, "title", ""}},
	} {
		f := short().clone()
		f.Pages[2].Asks[0].Options = slices.Clone(f.Pages[2].Asks[0].Options)
		c.spoil(&f)
		notes := Lint(f, short(), g)
		if !slices.ContainsFunc(notes, func(n Note) bool { return n.Level == c.want.Level && n.Where == c.want.Where }) {
			t.Errorf("%s: %v", name, notes)
		}
	}
}

// A difference between two versions is told, question by question.
func TestDiffer(t *testing.T) {
	if d := Differ(short(), short()); len(d) != 0 {
		t.Errorf("of itself: %q", d)
	}
	if d := Differ(short(), short().Tidy()); len(d) != 0 {
		t.Errorf("tidied: %q", d)
	}
	now := short().Without("hurts").With(Ask{ID: "colour", Type: String, Text: Words{"en": "What colour?"}}, "what", false)
	now.Pages[2] = Page{ID: "p3", Asks: []Ask{{ID: "where", Type: Choice, Required: true, Text: Words{"en": "Where is it?", "cy": "Ble?"}, Options: []Option{
		{Code: "arm", Label: Words{"en": "An arm", "cy": "Braich"}}, {Code: "leg", Label: Words{"en": "A leg"}},
	}}}}
	got := strings.Join(Differ(short(), now), "\n")
	for _, want := range []string{
		"New question: “What colour?”.", "Taken away: “Does it hurt?”.", "“Where?”: the words: was “Where?”, is “Where is it?”.",
		"“Where?”: must be answered now.", "“Where?”: was asked only if “Does it hurt?” is “Yes”, is asked always.",
		"“Where?”: new answer “A leg”.", "“Where?”: without the answer “My chest”.", "the answer “My arm”: was “My arm”, is “An arm”.",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in:\n%s", want, got)
		}
	}
	if d := Differ(short(), short().Moved("hurts", -1)); len(d) != 1 || d[0] != "The questions are in another order." {
		t.Errorf("%q", d)
	}
}

// A draft is asked of nobody; published it is asked instead of what is
// shipped; who relied on another version, of the draft or of what is asked, is
// told; an earlier version can be brought back; and every version stays.
func TestPublish(t *testing.T) {
	hazard.Covers(t, "H-011")
	ctx, p := context.Background(), memory.Practice(t, "Z99901", nil)
	book := func() Book {
		b, ok, err := FindBook(ctx, p, "admin")
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		return b
	}
	asked := func() Form {
		all, err := Active(ctx, p)
		if err != nil {
			t.Fatal(err)
		}
		f, _ := Pick(all, "admin", "adult")
		return f
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	stale := func(err error) {
		t.Helper()
		if !fault.Is(err, fault.Conflict) {
			t.Fatalf("over a version that was not seen: %v", err)
		}
	}
	first := asked()
	colour := Ask{ID: "colour", Type: String, Text: Words{"en": "What colour is the form?"}}
	must(SaveDraft(ctx, p, manager, "", first.With(colour, "what", false)))
	stale(SaveDraft(ctx, p, manager, "", first))
	b := book()
	if _, ok := asked().Ask("colour"); ok || b.Draft == nil || b.Draft.By != manager.Ref {
		t.Fatal("a draft is asked, or nobody wrote it")
	}
	old := b
	must(SaveDraft(ctx, p, manager, b.Draft.Seen, b.Draft.With(Ask{ID: "size", Type: String, Text: Words{"en": "What size?"}}, "what", false)))
	_, err := Publish(ctx, p, manager, old, old.Draft.Seen, Guard{}, Agreed{})
	stale(err)
	b = book()
	version, err := Publish(ctx, p, manager, b, b.Draft.Seen, Guard{}, Agreed{})
	must(err)
	if f := asked(); f.Version != version || version != first.Version+".1" {
		t.Fatalf("%s is asked, not %s", f.Version, version)
	}
	if _, ok := asked().Ask("colour"); !ok {
		t.Fatal("the new question is not asked")
	}
	_, err = Publish(ctx, p, manager, b, b.Draft.Seen, Guard{}, Agreed{})
	stale(err)
	// A rule relies on the new question: it goes only knowingly.
	g := Guard{Relies: []Relied{{"RF-9", "colour", "=", "red"}}}
	b = book()
	must(SaveDraft(ctx, p, manager, "", b.Versions[0].Without("colour")))
	b = book()
	if _, err = Publish(ctx, p, manager, b, b.Draft.Seen, g, Agreed{}); !fault.Is(err, fault.Invalid) {
		t.Fatalf("a question that a rule relies on went unknowingly: %v", err)
	}
	if _, err = Publish(ctx, p, manager, b, b.Draft.Seen, g, Agreed{Yes: true}); !fault.Is(err, fault.Invalid) {
		t.Fatalf("without a reason: %v", err)
	}
	version, err = Publish(ctx, p, manager, b, b.Draft.Seen, g, Agreed{true, "We ask it at the desk."})
	must(err)
	if b = book(); version != first.Version+".2" || len(b.Versions) != 2 || b.Draft != nil || b.Versions[0].By != manager.Ref {
		t.Fatalf("%s of %d versions, draft %v", version, len(b.Versions), b.Draft)
	}
	if _, ok, err := Find(ctx, p, first.URL+"|"+first.Version+".1"); !ok || err != nil {
		t.Fatal("an earlier version is gone", err)
	}
	must(Retire(ctx, p, manager, b, b.Versions[0].Seen))
	if d := cmp.Diff(first, asked()); d != "" {
		t.Fatal(d)
	}
	stale(Retire(ctx, p, manager, b, b.Versions[0].Seen))
	must(SaveDraft(ctx, p, manager, "", first))
	b = book()
	must(DropDraft(ctx, p, manager, b, b.Draft.Seen))
	if b = book(); b.Draft != nil {
		t.Fatal("the draft is still there")
	}
}

// A draft that is not whole is kept, and cannot be published.
func TestDraftThatIsNotWhole(t *testing.T) {
	ctx, p := context.Background(), memory.Practice(t, "Z99901", nil)
	f := short()
	f.Pages[1], f.Pages[2] = f.Pages[2], f.Pages[1]
	if err := SaveDraft(ctx, p, manager, "", f); err != nil {
		t.Fatal(err)
	}
	b, ok, err := FindBook(ctx, p, Key(f.URL))
	if err != nil || !ok || b.Draft.Wrong == nil {
		t.Fatalf("%v %v", ok, err)
	}
	if _, err := Publish(ctx, p, manager, b, b.Draft.Seen, Guard{}, Agreed{}); !fault.Is(err, fault.Invalid) {
		t.Fatal(err)
	}
	q, _, err := searched(ctx, p, b.Draft.Ref)
	if err != nil || fhir.Refusal(fhir.Validate(q)) != nil {
		t.Fatal("the draft is no Questionnaire", err)
	}
}

func searched(ctx context.Context, p *record.Practice, ref ident.Ref) (*fhir.Resource, record.Version, error) {
	v, err := p.Read(ctx, ref)
	if err != nil {
		return nil, v, err
	}
	q, err := v.Resource()
	return q, v, err
}

func TestNewer(t *testing.T) {
	for _, c := range []struct{ a, b string }{{"10", "9"}, {"1.10", "1.9"}, {"2", "1.9"}, {"1.1", "1"}, {"2.1", "2"}} {
		if !newer(c.a, c.b) || newer(c.b, c.a) {
			t.Errorf("%s is not newer than %s", c.a, c.b)
		}
	}
	if newer("1", "1") {
		t.Error("newer than itself")
	}
}

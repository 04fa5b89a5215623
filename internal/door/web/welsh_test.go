package web

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/jba/templatecheck"

	"heartwood/internal/door/web/page"
	"heartwood/internal/words"
)

// What patients read is in these folders; files that only staff's pages use
// are left out.
var (
	patientFolders = []string{".", "patient", "bylink", "questions", "signin", "about", "page"}
	staffPages     = []string{"staff.html", "demo.html", "code.html", "enrolled.html"}
	staffFiles     = []string{"signin/staff.go", "signin/demo.go"}
)

// coverage is the least part of what patients read that a language must have.
// What is missing is shown in English.
const coverage = 0.9

// written is everything in English that patients may read, found in the
// templates and in the sentences of the code.
func written(t *testing.T) (must, may map[string]bool) {
	t.Helper()
	must, may = map[string]bool{}, map[string]bool{}
	for _, dir := range patientFolders {
		htmls, _ := filepath.Glob(dir + "/*.html")
		for _, f := range htmls {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range page.English(string(b)) {
				if !slices.Contains(staffPages, filepath.Base(f)) {
					must[s] = true
				}
			}
		}
		gos, _ := filepath.Glob(dir + "/*.go")
		for _, f := range gos {
			for _, s := range literals(t, f) {
				if sentence.MatchString(s) && !slices.Contains(staffFiles, f) && dir != "page" {
					must[s] = true
				}
				may[s] = true
			}
		}
	}
	for _, s := range words.Keyed() {
		must[s] = true
	}
	for _, s := range advice(t) {
		must[s] = true
	}
	// Sentences that care makes and patients read are found by their text.
	for _, dir := range []string{"request", "booking", "message", "form", "opening", "upload", "promise"} {
		gos, _ := filepath.Glob("../../care/" + dir + "/*.go")
		for _, f := range gos {
			for _, s := range literals(t, f) {
				may[s] = true
			}
		}
	}
	for _, f := range []string{"../../access/letter.go", "../../view/timeline/lines.go", "../../view/timeline/summary.go", "../../view/timeline/journal.go", "../../view/timeline/results.go", "../../ident/ident.go"} {
		for _, s := range literals(t, f) {
			may[s] = true
		}
	}
	return must, may
}

// sentence tells text for people from names and patterns.
var sentence = regexp.MustCompile(`^[A-Z%][A-Za-z’',%]*( [^/]+)*[.?!]?$`)

func literals(t *testing.T, file string) []string {
	t.Helper()
	if strings.HasSuffix(file, "_test.go") {
		return nil
	}
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec, *ast.Field:
			_, isImport := n.(*ast.ImportSpec)
			return !isImport
		case *ast.CallExpr:
			if slices.Contains([]string{"Set", "Get", "Del", "Errorf", "ErrorContext", "WarnContext", "Warn", "Error", "Header", "looked", "panic"}, called(n)) && called(n) != "Error" {
				return false
			}
		case *ast.BasicLit:
			if s, err := strconv.Unquote(n.Value); n.Kind == token.STRING && err == nil {
				out = append(out, s)
			}
		}
		return true
	})
	return out
}

func called(c *ast.CallExpr) string {
	switch f := c.Fun.(type) {
	case *ast.SelectorExpr:
		return f.Sel.Name
	case *ast.Ident:
		return f.Name
	}
	return ""
}

// advice is what the rules tell people.
func advice(t *testing.T) []string {
	t.Helper()
	var file struct {
		Advice map[string]struct {
			Heading string
			Lines   []string
		}
	}
	if _, err := toml.DecodeFile("../../care/triage/rules/advice.toml", &file); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, a := range file.Advice {
		out = append(append(out, a.Heading), a.Lines...)
	}
	return out
}

// Every language has nearly all that patients read; what it lacks is listed.
func TestWelshIsWhole(t *testing.T) {
	must, may := written(t)
	for _, lang := range words.Languages()[1:] {
		var missing []string
		for s := range must {
			if !lang.Has(s) && !notWords[s] {
				missing = append(missing, s)
			}
		}
		slices.Sort(missing)
		for _, s := range missing {
			t.Logf("%s: missing %q", lang, s)
		}
		if part := 1 - float64(len(missing))/float64(len(must)); part < coverage {
			t.Errorf("%s: only %.0f%% of what patients read: %d sentences are missing", lang, part*100, len(missing))
		}
		for _, s := range words.Sentences(lang) {
			if !must[s] && !may[s] && !slices.Contains(made, s) {
				t.Logf("%s: not used any more: %q", lang, s)
			}
		}
	}
}

// made are sentences that the code puts together from parts.
var made = []string{
	"%d entries", "%d entry", "%d new message", "%d new messages", "%d time", "%d times", "Use %s characters or fewer",
	"You already have an appointment on %s.", "Your appointments", "Your record", "Your requests", "Your whole record",
}

// notWords are literals of the code that nobody reads: names of FHIR, and
// parts of sentences that made has whole.
var notWords = map[string]bool{
	"%T": true, "<!DOCTYPE html>": true, "AllergyIntolerance": true, "AuditEvent": true, "Binary": true, "Bundle": true,
	"CarePlan": true, "CareTeam": true, "Communication": true, "Composition": true, "Condition": true, "Consent": true,
	"DetectedIssue": true, "DiagnosticReport": true, "DocumentReference": true, "Encounter": true, "EpisodeOfCare": true,
	"FamilyMemberHistory": true, "Goal": true, "Immunization": true, "MedicationDispense": true, "MedicationRequest": true,
	"MedicationStatement": true, "Observation": true, "Organization": true, "Procedure": true, "Provenance": true,
	"QuestionnaireResponse": true, "RelatedPerson": true, "ServiceRequest": true, "Slot": true, "Specimen": true, "Task": true,
	"new message": true, "new messages": true, "username webauthn": true, "– Heartwood": true, "Sign in as ": true,
}

var (
	values = regexp.MustCompile(`\{\{.*?\}\}|%[sd]`)
	aTag   = regexp.MustCompile(`</?[a-z]+>`)
)

// A translation has the values and tags of its English: nothing is left out,
// and no page breaks.
func TestTranslationsFit(t *testing.T) {
	for _, lang := range words.Languages()[1:] {
		for _, en := range words.Sentences(lang) {
			to := words.Translation(lang, en)
			for _, re := range []*regexp.Regexp{values, aTag} {
				a, b := re.FindAllString(en, -1), re.FindAllString(to, -1)
				if re == aTag { // values stay in order, tags may move
					slices.Sort(a)
					slices.Sort(b)
				}
				if !slices.Equal(a, b) {
					t.Errorf("%s: %q has %q, %q has %q", lang, en, a, to, b)
				}
			}
			if strings.Contains(aTag.ReplaceAllString(to, ""), "<") || strings.TrimSpace(to) == "" {
				t.Errorf("%s: %q is not text", lang, to)
			}
		}
		for _, p := range page.All() {
			tmpl, err := p.Parse(lang)
			if err != nil {
				t.Errorf("%s in %s: %v", p.Name, lang, err)
				continue
			}
			if err := templatecheck.CheckHTML(tmpl, p.Zero); err != nil {
				t.Errorf("%s in %s: %v", p.Name, lang, err)
			}
		}
	}
}

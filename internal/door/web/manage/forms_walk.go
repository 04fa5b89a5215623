package manage

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"

	"heartwood/internal/access"
	"heartwood/internal/care/form"
	"heartwood/internal/door/web/page"
	"heartwood/internal/door/web/patient"
	"heartwood/internal/fault"
	"heartwood/internal/words"
)

// chosen is the version that the address names, else what is being written.
func (e editing) chosen(r *http.Request) (form.Form, error) {
	version := r.URL.Query().Get("version")
	if version == "" {
		return e.form, nil
	}
	f, ok := e.book.Version(version)
	if !ok {
		return f, fault.New(fault.NotFound, "There is no such version.")
	}
	return f, nil
}

// formPreview walks a form as the patient sees it; nothing is kept.
func (m *Manage) formPreview(w http.ResponseWriter, r *http.Request) error {
	e, err := m.editing(r)
	if err != nil {
		return err
	}
	return m.walk(w, r, e, nil)
}

func (m *Manage) formPreviewDo(w http.ResponseWriter, r *http.Request) error {
	v, typed, err := m.posted(w, r, access.Manage, 0)
	if err != nil {
		return err
	}
	e, err := m.edited(r.Context(), v, r.PathValue("form"))
	if err != nil {
		return err
	}
	return m.walk(w, r, e, typed)
}

func (m *Manage) walk(w http.ResponseWriter, r *http.Request, e editing, typed *page.Form) error {
	f, err := e.chosen(r)
	if err != nil {
		return err
	}
	base := page.Base(r)
	base.Home, base.Back = e.base()+"settings", &page.Link{Text: "Back to the form", Href: e.path()}
	base.Alert = &page.Alert{Kind: "info", Title: "A walk through the form", Text: "This is what patients see. Nothing that you write here is kept or sent."}
	if lang := words.Lang(r.URL.Query().Get("lang")); lang.Known() {
		base.Lang = lang
	}
	return patient.Preview{Form: f, Frame: base, Action: r.URL.RequestURI(), Now: e.now}.Serve(w, r, typed)
}

// formOut gives a form as a FHIR Questionnaire.
func (m *Manage) formOut(w http.ResponseWriter, r *http.Request) error {
	e, err := m.editing(r)
	if err != nil {
		return err
	}
	f, err := e.chosen(r)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, f.JSON(), "", "  "); err != nil {
		return err
	}
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", e.book.Key+"-"+f.Version+".json"))
	w.Header().Set("Content-Type", "application/fhir+json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, err = w.Write(out.Bytes())
	return err
}

// ageWords is a reading age in whole years.
func ageWords(age float64) string { return fmt.Sprintf("%.0f", age) }

package desk

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"heartwood/internal/access"
	"heartwood/internal/care/consult"
	"heartwood/internal/care/request"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

type consultPage struct {
	Desk                  desk
	Notice                *notice
	Note, Draft           string
	BackHref, BackText    string
	Action                string
	Version, Key          string
	Composition           string
	Patient, Request, App string
	Signed                bool // it can only be amended
	Amending              bool
	Why                   string
	Problems              []problem
	Warned                bool
	Modes                 []option
	Parts                 []notePart
	Codes                 []option
	CodeSought            string
	CodeFound             []option
	Allergy, Reaction     string
	Allergies             []option
	Measures              []measureField
	MaySign               bool
	Summary               *side
}

type problem struct{ Where, Text string }

type notePart struct {
	Name, Label, Text string
	Rows              int
	Lines             []string
}

type measureField struct{ Name, Label, Unit, Value, Range, Problem string }

var consultTemplate = page.New[consultPage](files, "consult.html", "summary.html", "parts.html")

// consultNew begins a consultation: about a request, or just a patient.
func (d *Desk) consultNew(w http.ResponseWriter, r *http.Request) error {
	draft := noteForm{request: r.FormValue("request"), patient: r.FormValue("patient"), app: r.FormValue("appointment"), key: ident.NewID()}
	draft.note.Channel = consult.Telephone
	v, err := d.enter(r, access.Consult, "")
	if err != nil {
		return err
	}
	if draft.request != "" {
		view, err := d.requests.Load(r.Context(), v.ods, draft.request)
		if err != nil {
			return err
		}
		_, draft.patient, _ = cutRef(view.Patient)
		if at, err := d.unsigned(r.Context(), v, draft.request); err != nil || at != "" {
			if err == nil {
				http.Redirect(w, r, at, http.StatusSeeOther)
			}
			return err
		}
		draft.note.Text = map[consult.Section]string{consult.Reason: firstLine(view.Asked.What, 300)}
	}
	return d.showNote(w, r, v, draft, nil, nil, http.StatusOK)
}

// unsigned is where the visitor's own unsigned note about a request is, so
// that coming back goes on with it; "" for none.
func (d *Desk) unsigned(ctx context.Context, v visit, requestID string) (string, error) {
	drafts, err := d.consult.Drafts(ctx, v.practice, v.ref())
	if err != nil {
		return "", err
	}
	for _, n := range drafts {
		if n.Note.Request.ID == requestID {
			return v.base() + "consult/" + n.Composition.ID, nil
		}
	}
	return "", nil
}

func cutRef(s string) (typ, id string, ok bool) {
	ref, ok := ident.ParseRef(s)
	return ref.Type, ref.ID, ok
}

// consultOpen shows a note: a draft to go on with, a signed one to read or,
// with a reason, to amend.
func (d *Desk) consultOpen(w http.ResponseWriter, r *http.Request) error {
	v, err := d.enter(r, access.Consult, "")
	if err != nil {
		return err
	}
	if !ident.IsID(r.PathValue("id")) {
		return fault.New(fault.NotFound, "There is no such consultation.")
	}
	view, err := d.consult.Read(r.Context(), v.practice, ident.Ref{Type: "Composition", ID: r.PathValue("id")})
	if err != nil {
		return err
	}
	n := noteForm{
		patient: view.Patient.ID, request: view.Note.Request.ID, app: view.Note.Appointment.ID, note: view.Note, key: ident.NewID(),
		composition: view.Composition.ID, version: view.Version, signed: view.Status != "preliminary",
		amending: r.FormValue("amend") != "", by: view.AuthorName,
	}
	n.read()
	return d.showNote(w, r, v, n, nil, noticeOf(r), http.StatusOK)
}

// consultDo saves, signs or amends a note, or changes its codes.
func (d *Desk) consultDo(w http.ResponseWriter, r *http.Request) error {
	form, err := page.Parse(w, r, 0)
	if err != nil {
		return err
	}
	n := readNote(form)
	v, err := d.enter(r, access.Consult, "Patient/"+n.patient)
	if err != nil {
		return err
	}
	step := n.step(form)
	if step == "" { // only the page changed
		return d.showNote(w, r, v, n, nil, nil, http.StatusOK)
	}
	result, err := d.keep(r.Context(), v, &n, step)
	switch {
	case step == "autosave":
		return saved(w, v, result, err)
	case err != nil:
		return d.blameNote(w, r, v, n, err)
	case step == "save":
		http.Redirect(w, r, v.base()+"consult/"+result.Composition.ID+"?done=draft", http.StatusSeeOther)
	case n.request != "" && step == "sign":
		http.Redirect(w, r, v.base()+"request/"+n.request+"/close?done=consult&outcome="+string(request.Consulted), http.StatusSeeOther)
	default:
		http.Redirect(w, r, v.base()+"consult/"+result.Composition.ID+"?done=consult", http.StatusSeeOther)
	}
	return nil
}

// keep hands the note to care.
func (d *Desk) keep(ctx context.Context, v visit, n *noteForm, step string) (consult.Result, error) {
	if len(n.wrong) > 0 {
		return consult.Result{}, &fault.Error{Kind: fault.Invalid, Message: "Some of the numbers cannot be read.", Cause: n.wrong}
	}
	patient := ident.Ref{Type: "Patient", ID: n.patient}
	var composition ident.Ref
	if n.composition != "" {
		composition = ident.Ref{Type: "Composition", ID: n.composition}
	}
	by := v.Author(patient.String())
	switch step {
	case "sign":
		return d.consult.Sign(ctx, v.practice, by, consult.SignCommand{
			Patient: patient, Composition: composition, Version: n.version, Note: n.note, Anyway: n.anyway, Key: n.key,
		})
	case "amend":
		return d.consult.Amend(ctx, v.practice, by, consult.AmendCommand{
			Composition: composition, Version: n.version, Note: n.note, Why: n.why, Anyway: n.anyway, Key: n.key,
		})
	}
	return d.consult.Save(ctx, v.practice, by, consult.SaveCommand{
		Patient: patient, Composition: composition, Version: n.version, Note: n.note, Key: n.key,
	})
}

// saved answers the page's script: where the draft is now.
func saved(w http.ResponseWriter, v visit, r consult.Result, err error) error {
	answer := map[string]string{"composition": r.Composition.ID, "version": r.Version, "key": ident.NewID(), "said": "Draft saved " + hour(v.now)}
	status := http.StatusOK
	if err != nil {
		f := fault.From(err)
		answer, status = map[string]string{"said": "Not saved: " + f.Message}, f.Kind.Status()
	}
	page.Secure(w.Header())
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	return json.NewEncoder(w).Encode(answer)
}

// blameNote shows the note again with what is wrong beside each field.
func (d *Desk) blameNote(w http.ResponseWriter, r *http.Request, v visit, n noteForm, err error) error {
	f := fault.From(err)
	switch f.Kind {
	case fault.Invalid, fault.Refused:
	case fault.Conflict:
		return d.showNote(w, r, v, n, nil, &notice{
			Class: "problem", Title: "This note was changed somewhere else while you were writing.",
			Text: "Nothing was saved. What you typed is below: copy it, open the note again and add it there.",
		}, f.Kind.Status())
	default:
		return err
	}
	var issues consult.Issues
	if !errors.As(err, &issues) {
		issues = consult.Issues{{Field: "reason", Message: f.Message}}
	}
	return d.showNote(w, r, v, n, issues, nil, f.Kind.Status())
}

func (d *Desk) showNote(w http.ResponseWriter, r *http.Request, v visit, n noteForm, issues consult.Issues, said *notice, status int) error {
	if n.patient == "" || !ident.IsID(n.patient) {
		return fault.New(fault.Invalid, "Choose a patient first.")
	}
	patient := "Patient/" + n.patient
	if err := access.May(v.Person, access.SeeRecord, v.ods, patient); err != nil {
		return err
	}
	p := n.page(issues)
	p.Desk, p.Notice, p.Action, p.MaySign = v.desk(), said, v.base()+"consult", v.may(access.Consult, patient)
	p.BackHref, p.BackText = v.base()+"patient/"+n.patient, "Record"
	if n.request != "" {
		p.BackHref, p.BackText = v.base()+"request/"+n.request, "Request"
	}
	var err error
	if p.Summary, err = d.side(r.Context(), v, patient); err != nil {
		return err
	}
	if err := v.saw(r.Context(), patient, "consultation", p.Summary); err != nil {
		return err
	}
	f := v.frame(r, "Consultation", "")
	f.Back = &page.Link{Text: p.BackText, Href: p.BackHref}
	return consultTemplate.Render(w, r, status, f, p)
}

// codes answers the code picker as somebody types.
func (d *Desk) codes(w http.ResponseWriter, r *http.Request) error {
	if _, err := d.enter(r, access.Consult, ""); err != nil {
		return err
	}
	terms := []string{}
	for _, c := range consult.Pick(r.FormValue("q"), 12) {
		terms = append(terms, c.Term)
	}
	page.Secure(w.Header())
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "private, max-age=300")
	return json.NewEncoder(w).Encode(terms)
}

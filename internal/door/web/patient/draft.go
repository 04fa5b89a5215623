package patient

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"heartwood/internal/care/form"
	"heartwood/internal/care/request"
	"heartwood/internal/care/ruleset"
	"heartwood/internal/care/triage"
	"heartwood/internal/care/upload"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/words"
)

// draft is a form as far as it has been filled in.
type draft struct {
	Practice ident.ODS
	Started  time.Time
	Patient  string // "Patient/…", "" for somebody who has not signed in
	Name     string // of the patient, for the pages
	Birth    string // of the patient, as the record has it
	Sex      triage.Sex
	Asker    request.Asker
	Identity request.Identity
	Kind     request.Kind
	// Form is the form as it was when its kind was chosen: it stays the same
	// under the person's hands, whatever the practice publishes meanwhile.
	Form    form.Form
	Answers form.Answers
	Contact request.Contact
	Needs   request.Needs
	Photos  []draftPhoto
	Done    map[string]bool // the steps that have been answered
	Sent    *request.Receipt
	// Carer says that it is for the person who fills it in, as somebody who
	// looks after another.
	Carer bool
	Saved bool   // it was put by, to come back to
	Code  string // what it comes back by on another device

	token string
}

// draftPhoto is a photo that waits with its draft, in a part of its own.
type draftPhoto struct {
	Part, Name, Type string
}

// key is the change's idempotency key: the same form is taken once, however
// often it is sent.
func (d *draft) key() string {
	sum := sha256.Sum256([]byte("ask " + d.token))
	return "web-" + hex.EncodeToString(sum[:16])
}

func (d *draft) does(step string) { d.Done[step] = true }

// ask is the draft as the ledger takes it, photos apart.
func (d *draft) ask() request.Ask {
	return request.Ask{
		Patient: d.Patient, Identity: d.Identity, Asker: d.Asker, Channel: request.Web,
		Kind: d.Kind, Form: d.Form, Answers: d.Answers,
		Contact: d.Contact, Needs: d.Needs,
	}
}

// texts is everything that the person has written, for the red-flag rules.
func (d *draft) texts() []string {
	return append(d.Form.Screened(d.Answers), d.Needs.Other, d.Contact.NotWhen)
}

// findings screens what has been written so far, as the ledger will: with the
// answers, and with what the record of a signed-in patient has, of which
// nothing is shown.
func (d *draft) findings(ctx context.Context, p *record.Practice, now time.Time) []triage.Finding {
	known, set := d.known(ctx, p)
	in := triage.Input{
		Texts: d.texts(), Sex: d.Sex, Answers: triage.Answers(d.Form.Kept(d.Answers)), Record: known.Record, Age: known.Age,
	}
	if in.Sex == "" {
		in.Sex = known.Sex
	}
	birth := d.Birth
	if birth == "" {
		birth = d.Identity.Birth
	}
	if b, ok := words.Birth(birth); ok {
		in.Age = triage.Age{Days: int(now.Sub(b) / (24 * time.Hour)), Known: true}
	}
	return set.Screen(in)
}

// known is what the record has of the patient, and the practice's own rules.
// The words are screened whatever happens to the record: what cannot be read
// is left out.
func (d *draft) known(ctx context.Context, p *record.Practice) (triage.Input, ruleset.Setting) {
	set := ruleset.Current(ctx, p)
	in, err := request.PersonOf(ctx, p, d.Patient)
	if err != nil {
		return triage.Input{}, set
	}
	return in, set
}

func (a *Patients) cookieName(ods ident.ODS) string {
	if a.secure {
		return "__Secure-hw-draft-" + string(ods)
	}
	return "hw-draft-" + string(ods)
}

var errSignedOut = fault.New(fault.Unauthenticated,
	"You were signed out, because nothing happened for a while. Sign in to go on: we have kept what you had filled in.")

// token is what this browser's cookie holds, "" when that is not one of ours.
func (a *Patients) token(r *http.Request, ods ident.ODS) string {
	c, err := r.Cookie(a.cookieName(ods))
	if err != nil || len(c.Value) != 40 {
		return ""
	}
	return c.Value
}

// draft gives the form that this browser is filling in, nil when there is
// none. With errSignedOut it is not to be shown, only added to.
func (a *Patients) draft(r *http.Request, v visit) (*draft, error) {
	token := a.token(r, v.ods)
	if token == "" {
		return nil, nil
	}
	d, err := a.readDraft(r.Context(), v, token)
	if d == nil || err != nil {
		return nil, err
	}
	// A form begun for a patient is only for who may still act for them.
	switch {
	case d.Patient == "" || v.ActsFor(d.Patient):
		return d, nil
	case !v.signedIn:
		return d, errSignedOut
	}
	return nil, nil
}

// readDraft opens the draft of a token, nil when this practice has none.
func (a *Patients) readDraft(ctx context.Context, v visit, token string) (*draft, error) {
	plain, ok, err := a.drafts.Get(ctx, token, "form")
	if err != nil || !ok {
		return nil, err
	}
	var d draft
	if err := json.Unmarshal(plain, &d); err != nil {
		return nil, err // it was sealed by us: this is a mistake of ours
	}
	if d.Practice != v.ods {
		return nil, nil
	}
	d.token = token
	return &d, nil
}

// begin makes a new form and gives the browser its cookie.
func (a *Patients) begin(w http.ResponseWriter, r *http.Request, v visit) (*draft, error) {
	d := &draft{Practice: v.ods, Started: v.now, Done: map[string]bool{}, token: newToken()}
	if err := a.keep(r.Context(), d); err != nil {
		return nil, err
	}
	a.giveCookie(w, v, d, draftLife)
	return d, nil
}

// giveCookie has this browser go on with the draft.
func (a *Patients) giveCookie(w http.ResponseWriter, v visit, d *draft, life time.Duration) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure wherever the site has https
		Name: a.cookieName(v.ods), Value: d.token, Path: v.root(), MaxAge: int(life / time.Second),
		HttpOnly: true, Secure: a.secure, SameSite: http.SameSiteLaxMode,
	})
}

func (a *Patients) keep(ctx context.Context, d *draft) error {
	b, err := json.Marshal(d)
	if err != nil {
		return err
	}
	err = a.drafts.put(ctx, d.token, "form", b, d.Patient != "")
	if err == nil && d.Saved {
		err = a.linger(ctx, d)
	}
	return err
}

// addPhoto keeps a photo with its draft.
func (a *Patients) addPhoto(ctx context.Context, d *draft, c upload.Clean) error {
	p := draftPhoto{Part: "photo " + strconv.Itoa(len(d.Photos)) + " " + ident.NewID()[:8], Name: c.Name, Type: c.Type}
	if err := a.drafts.put(ctx, d.token, p.Part, c.Data, d.Patient != ""); err != nil {
		return err
	}
	d.Photos = append(d.Photos, p)
	return nil
}

// photos reads the draft's photos. One that has been lost is left out: the
// words matter more.
func (a *Patients) photos(ctx context.Context, d *draft) ([]upload.File, error) {
	var out []upload.File
	for _, p := range d.Photos {
		b, ok, err := a.drafts.Get(ctx, d.token, p.Part)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, upload.File{Name: p.Name, Type: p.Type, Data: b})
		}
	}
	return out, nil
}

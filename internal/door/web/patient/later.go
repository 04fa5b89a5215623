package patient

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"heartwood/internal/care/triage"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/words"
)

// A form that was put by is kept for a week from the last time it was written
// at, and comes back by its code: 80 random bits in letters that are not taken
// for each other. Like a draft it is filed and sealed by its own secret: the
// disk holds neither code nor token.
const (
	savedLife   = 7 * 24 * time.Hour
	codeLetters = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
	codeLength  = 17 // 17 letters of 30: 83 bits
	mostWrong   = 5  // dates of birth that do not fit, then the code is no good
	savedPart   = "return"
	minePart    = "mine"
)

// ticket is what a code opens.
type ticket struct {
	Token    string
	Practice ident.ODS
	Wrong    int // dates of birth tried that did not fit
}

// savedLinks hand the code to the person's own messages: it does not pass
// through us.
type savedLinks struct{ Text, Mail string }

func newCode() string {
	var b strings.Builder
	var one [1]byte
	for b.Len() < codeLength {
		_, _ = rand.Read(one[:]) // never fails
		if int(one[0]) < 256/len(codeLetters)*len(codeLetters) {
			b.WriteByte(codeLetters[int(one[0])%len(codeLetters)])
		}
	}
	return b.String()
}

// tidyCode reads a code as people type it: in small letters, with gaps.
func tidyCode(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(codeLetters, r) {
			return r
		}
		return -1
	}, strings.ToUpper(s))
}

// grouped is a code as it is shown.
func grouped(code string) string {
	var out []string
	for len(code) > 5 {
		out, code = append(out, code[:4]), code[4:]
	}
	return strings.Join(append(out, code), "-")
}

// linger has all parts of a form that was put by kept for a week.
func (a *Patients) linger(ctx context.Context, d *draft) error {
	parts := []string{"form"}
	for _, p := range d.Photos {
		parts = append(parts, p.Part)
	}
	for _, p := range parts {
		if err := a.drafts.Linger(ctx, d.token, p, savedLife-draftLife); err != nil {
			return err
		}
	}
	return nil
}

// putBy keeps what was typed so far, finished or not. What was written is
// screened as ever: an emergency does not wait.
func (a *Patients) putBy(w http.ResponseWriter, r *http.Request, v visit, d *draft) error {
	d.Saved = true
	if d.Patient == "" && d.Code == "" {
		d.Code = newCode()
	}
	err := a.keep(r.Context(), d)
	if triage.Worst(d.findings(r.Context(), v.practice, v.now)) == triage.Emergency {
		return a.send(w, r, v, d)
	}
	if err != nil {
		return err
	}
	if d.Patient != "" {
		err = a.keepMine(r.Context(), v, d)
	} else {
		err = a.ticket(r.Context(), d.Code, savedPart, ticket{Token: d.token, Practice: v.ods}, false)
	}
	if err != nil {
		return err
	}
	a.mark(v, d, next(v, d))
	a.giveCookie(w, v, d, savedLife)
	return a.to(w, r, v, "later")
}

func (a *Patients) ticket(ctx context.Context, secret, part string, t ticket, known bool) error {
	b, err := json.Marshal(t)
	if err != nil {
		return err
	}
	if err := a.drafts.put(ctx, secret, part, b, known); err != nil {
		return err
	}
	return a.drafts.Linger(ctx, secret, part, savedLife-draftLife)
}

// mine is what the ticket of somebody who has signed in is filed under. It is
// no secret: what is filed is sealed by the installation too.
func mine(v visit) string { return "account " + string(v.ods) + " " + v.AccountID }

const minePurpose = "a half-filled form"

func (a *Patients) keepMine(ctx context.Context, v visit, d *draft) error {
	if a.sealer == nil {
		return nil
	}
	return a.ticket(ctx, mine(v), minePart, ticket{Token: a.sealer.Seal(minePurpose, []byte(d.token)), Practice: v.ods}, true)
}

// laterPage says how to come back.
func (a *Patients) laterPage(w http.ResponseWriter, r *http.Request, v visit, d *draft) error {
	if !d.Saved {
		return a.to(w, r, v, next(v, d))
	}
	f := v.frame(r, "We have saved your form", v.root()+"ask")
	p := askPage{Carry: v.root() + "ask/" + next(v, d), Return: v.root() + "return", Until: v.now.Add(savedLife)}
	if d.Code != "" {
		p.Code = grouped(d.Code)
		said := v.lang.T("The code of my form is %s", p.Code)
		p.SaveTo = savedLinks{Text: "sms:?&body=" + url.PathEscape(said), Mail: "mailto:?body=" + url.PathEscape(said)}
	}
	return stepPages["later"].Render(w, r, http.StatusOK, f, p)
}

type returnPage struct {
	Action string
	Form   *page.Form
	SignIn string
}

var returnTemplate = page.New[returnPage](files, "return.html")

// comeBack asks for the code of a form that was put by.
func (a *Patients) comeBack(w http.ResponseWriter, r *http.Request) error {
	v, err := a.enter(r)
	if err != nil {
		return err
	}
	return a.returnPage(w, r, v, nil, http.StatusOK)
}

func (a *Patients) returnPage(w http.ResponseWriter, r *http.Request, v visit, form *page.Form, status int) error {
	f := v.frame(r, "Go back to a form you saved", v.root()+"ask")
	f.Form, f.Back = form, &page.Link{Href: v.root() + "ask"}
	return returnTemplate.Render(w, r, status, f, returnPage{Action: v.root() + "return", Form: form, SignIn: a.signIn(v, v.root())})
}

// wrongCode says the same of a code that never was, one that has ended and one
// with another date of birth: who guesses learns nothing.
const wrongCode = "We cannot find a form with this code and date of birth. Check both. We keep a form for 7 days"

var errManyCodes = fault.New(fault.TooMany, "Too many codes have been tried from your internet connection. Try again in a few minutes."+overSentence)

// comeBackDo opens the form of a code, or the one that waits for who has
// signed in, in this browser.
func (a *Patients) comeBackDo(w http.ResponseWriter, r *http.Request) error {
	v, err := a.enter(r)
	if err != nil {
		return err
	}
	form, err := page.Parse(w, r, 0)
	if err != nil {
		return err
	}
	if form.Value("mine") != "" && v.signedIn {
		d, err := a.waitingForm(r.Context(), v)
		if err != nil {
			return err
		}
		if d == nil {
			return errDraftGone
		}
		a.giveCookie(w, v, d, savedLife)
		return a.to(w, r, v, next(v, d))
	}
	if over(r, a.limits.codes) {
		return errManyCodes
	}
	code := tidyCode(form.Value("code"))
	if code == "" {
		form.Fail("code", "Enter your code")
		return a.returnPage(w, r, v, form, http.StatusUnprocessableEntity)
	}
	d, err := a.byCode(r.Context(), v, code, birthOf(form))
	if err != nil {
		return err
	}
	if d == nil {
		form.Fail("code", wrongCode)
		return a.returnPage(w, r, v, form, http.StatusUnprocessableEntity)
	}
	a.giveCookie(w, v, d, savedLife)
	if d.Sent != nil {
		return a.to(w, r, v, "sent")
	}
	return a.to(w, r, v, next(v, d))
}

// birthOf is the date that was typed, "" for none or none that is real.
func birthOf(form *page.Form) string {
	quiet := page.NewForm(nil)
	quiet.Values = form.Values
	if t := quiet.Date("birth", "a date of birth"); !t.IsZero() {
		return t.Format("2006-01-02")
	}
	return ""
}

// byCode is the form of a code, nil where the code, or the date of birth that
// the form has, is another.
func (a *Patients) byCode(ctx context.Context, v visit, code, birth string) (*draft, error) {
	t, err := a.openTicket(ctx, v, code, savedPart)
	if t == nil || err != nil {
		return nil, err
	}
	d, err := a.readDraft(ctx, v, t.Token)
	if d == nil || err != nil || d.Patient != "" {
		return nil, err
	}
	if _, ok := words.Birth(d.Identity.Birth); ok && subtle.ConstantTimeCompare([]byte(birth), []byte(d.Identity.Birth)) != 1 {
		if t.Wrong++; t.Wrong >= mostWrong {
			a.drafts.Drop(ctx, code, savedPart)
			return nil, nil
		}
		return nil, a.ticket(ctx, code, savedPart, *t, false)
	}
	return d, nil
}

func (a *Patients) openTicket(ctx context.Context, v visit, secret, part string) (*ticket, error) {
	b, ok, err := a.drafts.Get(ctx, secret, part)
	if err != nil || !ok {
		return nil, err
	}
	var t ticket
	if err := json.Unmarshal(b, &t); err != nil {
		return nil, err
	}
	if t.Practice != v.ods {
		return nil, nil
	}
	return &t, nil
}

// waitingForm is the form that waits for who has signed in, nil for none: one
// that was put by on another device, or the one of this browser.
func (a *Patients) waitingForm(ctx context.Context, v visit) (*draft, error) {
	if a.sealer == nil {
		return nil, nil
	}
	t, err := a.openTicket(ctx, v, mine(v), minePart)
	if t == nil || err != nil {
		return nil, err
	}
	token, err := a.sealer.Open(minePurpose, t.Token)
	if err != nil {
		return nil, nil //nolint:nilerr // the key is another since: it is as good as gone
	}
	d, err := a.readDraft(ctx, v, string(token))
	if d == nil || err != nil || d.Sent != nil || !v.ActsFor(d.Patient) {
		return nil, err
	}
	return d, nil
}

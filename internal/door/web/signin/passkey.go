package signin

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"

	"heartwood/internal/access"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
)

// The passkey ceremonies talk JSON with web/src/passkey.ts: POST …/begin
// answers with options for the browser; POST …/finish takes what the
// authenticator said and answers {"to": "/…"}.

const (
	ceremonyCookie = "heartwood-passkey"
	answerLimit    = 64 << 10
)

type passkeysPage struct {
	Name     string
	Can      bool
	Passkeys []passkeyRow
}

type passkeyRow struct {
	ID     string
	Title  string
	Synced bool
}

var passkeysTemplate = page.New[passkeysPage](files, "passkeys.html")

func (d *Door) registerPasskeys(handle func(string, page.Func)) {
	handle("POST /sign-in/passkey/begin", d.inJSON(d.beginSignIn))
	handle("POST /sign-in/passkey/finish", d.inJSON(d.finishSignIn))
	handle("POST /sign-in/invite/{link}/begin", d.inJSON(d.beginInvite))
	handle("POST /sign-in/invite/{link}/finish", d.inJSON(d.finishInvite))
	handle("GET /account/passkeys", d.passkeys)
	handle("POST /account/passkeys/begin", d.inJSON(d.beginAdd))
	handle("POST /account/passkeys/finish", d.inJSON(d.finishAdd))
	handle("POST /account/passkeys/remove", d.removePasskey)
}

// inJSON answers with what f makes, or with the fault's sentence.
func (d *Door) inJSON(f func(http.ResponseWriter, *http.Request) (any, error)) page.Func {
	return func(w http.ResponseWriter, r *http.Request) error {
		answer, err := f(w, r)
		status := http.StatusOK
		if err != nil {
			e := fault.From(err)
			if e.Kind == fault.Internal {
				d.Slog.Error("passkey ceremony failed", "cause", err)
			}
			status, answer = e.Kind.Status(), map[string]string{"error": e.Message}
		}
		page.Secure(w.Header())
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(status)
		return json.NewEncoder(w).Encode(answer)
	}
}

func (d *Door) begun(w http.ResponseWriter, options []byte, sealed string, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	http.SetCookie(w, d.Sessions.Cookie(ceremonyCookie, sealed, stepFor))
	return json.RawMessage(options), nil
}

// answered reads what the browser sent and the cookie that goes with it.
func (d *Door) answered(w http.ResponseWriter, r *http.Request) (answer []byte, sealed string, err error) {
	answer, err = io.ReadAll(http.MaxBytesReader(w, r.Body, answerLimit))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, "", fault.New(fault.TooLarge, "This is too much for a passkey.")
	case err != nil:
		return nil, "", fault.Wrap(err, fault.Invalid, "We could not read what your browser sent.")
	}
	c, err := r.Cookie(ceremonyCookie)
	if err != nil {
		return nil, "", fault.New(fault.Unauthenticated, "That took too long. Try again.")
	}
	http.SetCookie(w, d.Sessions.Cookie(ceremonyCookie, "", -1))
	return answer, c.Value, nil
}

func (d *Door) beginSignIn(w http.ResponseWriter, _ *http.Request) (any, error) {
	options, sealed, err := d.Accounts.BeginSignIn()
	return d.begun(w, options, sealed, err)
}

type goTo struct {
	To string `json:"to"`
}

func (d *Door) finishSignIn(w http.ResponseWriter, r *http.Request) (any, error) {
	answer, sealed, err := d.answered(w, r)
	if err != nil {
		return nil, err
	}
	a, err := d.Accounts.CheckPasskey(r.Context(), sealed, answer, r.RemoteAddr)
	if err != nil {
		return nil, err
	}
	to, err := d.welcome(w, r, a, access.ByPasskey, r.URL.Query().Get("next"))
	return goTo{to}, err
}

func (d *Door) beginInvite(w http.ResponseWriter, r *http.Request) (any, error) {
	a, err := d.Accounts.OpenInvite(r.Context(), r.PathValue("link"))
	if err != nil {
		return nil, err
	}
	options, sealed, err := d.Accounts.BeginPasskey(a)
	return d.begun(w, options, sealed, err)
}

func (d *Door) finishInvite(w http.ResponseWriter, r *http.Request) (any, error) {
	answer, sealed, err := d.answered(w, r)
	if err != nil {
		return nil, err
	}
	a, err := d.Accounts.EnrolPasskey(r.Context(), r.PathValue("link"), sealed, answer)
	if err != nil {
		return nil, err
	}
	to, err := d.welcome(w, r, a, access.ByPasskey, "")
	return goTo{to}, err
}

// signedIn is the person, or a way to the sign-in page.
func (d *Door) signedIn(r *http.Request) (access.Person, error) {
	p, ok := d.Sessions.Person(r)
	if !ok {
		return p, fault.New(fault.Unauthenticated, "Sign in first.")
	}
	return p, nil
}

func (d *Door) passkeys(w http.ResponseWriter, r *http.Request) error {
	p, ok := d.Sessions.Person(r)
	if !ok {
		http.Redirect(w, r, Path(r), http.StatusSeeOther)
		return nil
	}
	a, err := d.Accounts.Get(r.Context(), p.Practice, p.AccountID)
	if err != nil {
		return err
	}
	out := passkeysPage{Name: p.Name, Can: d.Accounts.HasPasskeys()}
	for i, c := range a.Passkeys {
		out.Passkeys = append(out.Passkeys, passkeyRow{access.PasskeyID(c), "Passkey " + strconv.Itoa(i+1), c.Flags.BackupState})
	}
	f := page.Base(r)
	f.Title, f.SignOut, f.Home = "Your passkeys", "/sign-out", d.Home(p)
	f.User = &page.User{Name: p.Name, Role: roleWords[p.Role]}
	f.Back = &page.Link{Href: d.Home(p)}
	return passkeysTemplate.Render(w, r, http.StatusOK, f, out)
}

func (d *Door) beginAdd(w http.ResponseWriter, r *http.Request) (any, error) {
	p, err := d.signedIn(r)
	if err != nil {
		return nil, err
	}
	a, err := d.Accounts.Get(r.Context(), p.Practice, p.AccountID)
	if err != nil {
		return nil, err
	}
	options, sealed, err := d.Accounts.BeginPasskey(a)
	return d.begun(w, options, sealed, err)
}

func (d *Door) finishAdd(w http.ResponseWriter, r *http.Request) (any, error) {
	p, err := d.signedIn(r)
	if err != nil {
		return nil, err
	}
	answer, sealed, err := d.answered(w, r)
	if err != nil {
		return nil, err
	}
	return goTo{"/account/passkeys"}, d.Accounts.AddPasskey(r.Context(), p, sealed, answer)
}

func (d *Door) removePasskey(w http.ResponseWriter, r *http.Request) error {
	p, err := d.signedIn(r)
	if err != nil {
		return err
	}
	form, err := page.Parse(w, r, 0)
	if err != nil {
		return err
	}
	if err := d.Accounts.RemovePasskey(r.Context(), p, form.Value("id")); err != nil {
		return err
	}
	http.Redirect(w, r, "/account/passkeys", http.StatusSeeOther)
	return nil
}

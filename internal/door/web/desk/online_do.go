package desk

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/words"
)

// give is one form of the page of online access: it returns what was done.
type give struct {
	visit
	patient string // "Patient/…"
	name    string
	form    *page.Form
}

// onlineDo carries out one form about online access.
func (d *Desk) onlineDo(w http.ResponseWriter, r *http.Request) error {
	patient := "Patient/" + r.PathValue("id")
	v, form, err := d.posted(w, r, access.GiveAccess, patient, 0)
	if err != nil {
		return err
	}
	who, err := d.patient(r.Context(), v, r.PathValue("id"))
	if err != nil {
		return err
	}
	g := &give{visit: v, patient: patient, name: who.Name, form: form}
	done, err := d.online(r.Context(), g, form.Value("do"))
	if err != nil && !form.FailWith(orElse(fieldOf[fault.From(err).Where], "email"), err) {
		return err
	}
	if !form.OK() {
		return d.showOnline(w, r, v, onlinePage{Form: form}, http.StatusBadRequest)
	}
	http.Redirect(w, r, v.base()+"patient/"+r.PathValue("id")+"/online?done="+done, http.StatusSeeOther)
	return nil
}

// fieldOf names the form's field for what is wrong with a proxy.
var fieldOf = map[string]string{
	"relationship": "relationship", "given": "given", "until": "until", "name": "proxy-name", "email": "email",
}

func (d *Desk) online(ctx context.Context, g *give, do string) (string, error) {
	switch do {
	case "give":
		return d.giveOwn(ctx, g)
	case "proxy":
		return d.giveProxy(ctx, g)
	}
	a, err := d.owned(ctx, g.visit, g.patient, g.form.Value("account"))
	if err != nil {
		return "", err
	}
	switch by := g.Author(g.patient); {
	case do == "letter":
		return "letter", d.letter(ctx, g, a)
	case do == "stop" && a.Ref == g.patient:
		_, err = d.accounts.Disable(ctx, by, g.ods, a.ID, true)
		return "stopped", err
	case do == "restore" && a.Ref == g.patient:
		_, err = d.accounts.Disable(ctx, by, g.ods, a.ID, false)
		return "restored", err
	case do == "take" && a.Ref != g.patient:
		_, err = d.accounts.TakeCharge(ctx, by, g.ods, a.ID, g.patient)
		return "stopped", err
	}
	return "", fault.New(fault.NotFound, "There is no such form.")
}

// giveOwn makes the patient's own account.
func (d *Desk) giveOwn(ctx context.Context, g *give) (string, error) {
	email := g.form.Need("email", 254, "Enter the patient’s e-mail address")
	checked := g.form.Choice("checked", "Say how you checked who they are", checks)
	all, err := d.accounts.For(ctx, g.ods, g.patient)
	if err != nil || !g.form.OK() {
		return "", err
	}
	for _, a := range all {
		if a.Ref == g.patient && !a.Disabled {
			return "", fault.New(fault.Refused, "This patient has online access already.")
		}
	}
	a, err := d.accounts.Add(ctx, g.Author(g.patient), access.Account{
		Practice: g.ods, Name: g.name, Role: access.Patient, Ref: g.patient, Email: email,
		Checked: checkText(checked), By: g.Ref,
	})
	if err != nil {
		return "", err
	}
	return d.welcome(ctx, g, a, "gave", "sent"), nil
}

// giveProxy lets somebody act for the patient: with the account they have, when
// name and address are those of one, else with a new one.
func (d *Desk) giveProxy(ctx context.Context, g *give) (string, error) {
	f := g.form
	var err error
	name := f.Need("proxy-name", 200, "Enter the name of who will act for them")
	email := f.Need("proxy-email", 254, "Enter their e-mail address")
	c := access.Charge{
		Patient: g.patient, Relationship: f.Need("relationship", 100, "Say who they are to the patient"),
		Given: f.Need("given", 500, "Say why they may act for the patient"),
	}
	if f.Value("until-day")+f.Value("until-month")+f.Value("until-year") != "" {
		if t := f.Date("until", "the last day"); !t.IsZero() {
			c.Until = time.Date(t.Year(), t.Month(), t.Day()+1, 0, 0, 0, 0, words.London)
			if !c.Until.After(g.now) {
				f.Fail("until", "The last day must be today or later")
			}
		}
	}
	for _, part := range f.Choices("scope", scopes) {
		c.Scope = append(c.Scope, access.Part(part))
	}
	if len(c.Scope) == 0 {
		f.Fail("scope", "Choose what they may do for the patient")
	}
	if c.Until, err = d.limited(ctx, g, c.Until); err != nil {
		return "", err
	}
	checked := f.Choice("proxy-checked", "Say how you checked who they are", checks)
	if !f.OK() {
		return "", nil
	}
	same, err := d.accounts.ByEmail(ctx, g.ods, email)
	if err != nil {
		return "", err
	}
	for _, a := range same {
		if sameName(a.Name, name) && !a.Disabled && !a.Role.Staff() && a.Role != access.Commissioner && a.Ref != g.patient {
			_, err := d.accounts.GiveCharge(ctx, g.Author(g.patient), g.ods, a.ID, c)
			return "proxy", err
		}
	}
	c.By, c.Since = g.Ref, g.now
	a, err := d.accounts.Add(ctx, g.Author(g.patient), access.Account{
		Practice: g.ods, Name: name, Role: access.Proxy, Email: email,
		Charges: []access.Charge{c}, Checked: checkText(checked), By: g.Ref,
	})
	if fault.From(err).Where == "email" && err != nil {
		f.Fail("proxy-email", fault.From(err).Message)
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return d.welcome(ctx, g, a, "proxy", "proxy-sent"), nil
}

// welcome e-mails somebody their first link. What was given stands all the
// same when it cannot be sent: they can ask for a link themselves.
func (d *Desk) welcome(ctx context.Context, g *give, a access.Account, given, sent string) string {
	if d.send == nil {
		return given
	}
	if err := d.letter(ctx, g, a); err != nil {
		slog.WarnContext(ctx, "a sign-in link was not sent", "cause", err)
		return given
	}
	return sent
}

func (d *Desk) letter(ctx context.Context, g *give, a access.Account) error {
	if d.send == nil {
		return fault.New(fault.Refused, "E-mails cannot be sent from here.")
	}
	l, err := d.accounts.Welcome(ctx, g.Author(g.patient), a)
	if err != nil {
		return err
	}
	return d.send(ctx, l)
}

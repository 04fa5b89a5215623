package desk

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care/online"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/words"
)

// onlinePage is who can use a patient's record online: the patient, and those
// who act for them.
type onlinePage struct {
	Desk    desk
	Notice  *notice
	Summary *side
	Tabs    []tab
	Action  string
	Form    *page.Form
	Own     []accessRow // the patient's own, stopped ones too
	HasOwn  bool        // one of them works
	Proxies []accessRow // those who act for the patient
	Charges []accessRow // whom the patient acts for
	Checks  []page.Option
	Scopes  []page.Option // what somebody who acts for them may do
	Ages    online.Setting
	Review  string // why who acts for them is to be looked at again
	Name    string
	Letters bool // e-mails can be sent
}

// accessRow is one account, or one charge.
type accessRow struct {
	ID, Name, Email     string
	Relationship, Until string
	May                 string // what they may do for the patient
	Given, Checked, By  string
	Href                string
	Stopped             bool
}

var onlineTemplate = page.New[onlinePage](files, "online.html", "summary.html", "parts.html")

// checks are how somebody's identity may be checked (NHS England, "Good
// practice guidance on identity verification").
var checks = []page.Option{
	{Value: "photo", Text: "I saw a photo document and proof of address"},
	{Value: "vouched", Text: "A member of staff knows them and vouches for them"},
	{Value: "record", Text: "They answered questions from the record", Hint: "Ask what only they would know"},
}

func checkText(value string) string {
	for _, o := range checks {
		if o.Value == value {
			return o.Text
		}
	}
	return ""
}

func (d *Desk) onlinePage(w http.ResponseWriter, r *http.Request) error {
	v, err := d.enter(r, access.GiveAccess, "Patient/"+r.PathValue("id"))
	if err != nil {
		return err
	}
	return d.showOnline(w, r, v, onlinePage{Notice: onlineNotice(r)}, http.StatusOK)
}

func (d *Desk) showOnline(w http.ResponseWriter, r *http.Request, v visit, p onlinePage, status int) error {
	id := r.PathValue("id")
	ref := "Patient/" + id
	who, err := d.patient(r.Context(), v, id)
	if err != nil {
		return err
	}
	if p.Summary, err = d.side(r.Context(), v, ref); err != nil {
		return err
	}
	if err := v.saw(r.Context(), ref, "online access", p.Summary); err != nil {
		return err
	}
	p.Desk, p.Name, p.Checks, p.Letters = v.desk(), who.Name, checks, d.send != nil
	p.Scopes = scopes
	p.Action = v.base() + "patient/" + id + "/online"
	p.Tabs = d.tabs(v, id, "online")
	if err := d.access(r.Context(), v, &p, ref); err != nil {
		return err
	}
	if p.Form == nil {
		p.Form = page.NewForm(untilOf(p.Ages, who, v.now))
		p.Form.Values["scope"] = []string{string(access.Asks), string(access.Books)}
	}
	f := v.frame(r, "Online access", "patients")
	if !p.Form.OK() {
		f.Form = p.Form
	}
	return onlineTemplate.Render(w, r, status, f, p)
}

// untilOf fills in when acting for a child is looked at again: when they may
// have a say of their own, and when it is theirs.
func untilOf(s online.Setting, who patientRow, now time.Time) map[string]string {
	born, err := time.ParseInLocation("2 Jan 2006", who.Born, words.London)
	if err != nil {
		return nil
	}
	for _, age := range []int{s.Ask, s.Stop} {
		if t := born.AddDate(age, 0, 0); t.After(now) {
			return map[string]string{"until-day": t.Format("2"), "until-month": t.Format("1"), "until-year": t.Format("2006")}
		}
	}
	return nil
}

// access lists the accounts and charges of a patient.
func (d *Desk) access(ctx context.Context, v visit, p *onlinePage, patient string) error {
	who, err := d.colleagues(ctx, v)
	if err != nil {
		return err
	}
	all, err := d.accounts.For(ctx, v.ods, patient)
	if err != nil {
		return err
	}
	if p.Ages, err = online.Load(ctx, v.practice); err != nil {
		return err
	}
	born, err := d.born(ctx, v, strings.TrimPrefix(patient, "Patient/"))
	if err != nil {
		return err
	}
	p.Review = reviewText(p.Ages, born, v.now, all, patient)
	var named []string
	for _, a := range all {
		row := accessRow{ID: a.ID, Name: a.Name, Email: a.Email, Checked: a.Checked, Stopped: a.Disabled, By: givenBy(who, a.By, a.Created)}
		if a.Ref == patient {
			p.Own, p.HasOwn = append(p.Own, row), p.HasOwn || !a.Disabled
			for _, c := range a.Charges {
				named = append(named, c.Patient)
				p.Charges = append(p.Charges, d.charge(ctx, v, who, c))
			}
			continue
		}
		for _, c := range a.Charges {
			if c.Patient == patient {
				row := d.charge(ctx, v, who, c)
				row.ID, row.Name, row.Email, row.Checked = a.ID, a.Name, a.Email, a.Checked
				row.Stopped = a.Disabled || !a.Acts(patient, v.now)
				p.Proxies = append(p.Proxies, row)
			}
		}
	}
	return d.glanced(ctx, v, "online access", named)
}

// charge is a charge as a row, named by its patient.
func (d *Desk) charge(ctx context.Context, v visit, who colleagues, c access.Charge) accessRow {
	row := accessRow{Relationship: c.Relationship, Given: c.Given, By: givenBy(who, c.By, c.Since), Until: "until it is stopped", May: mayText(c)}
	if !c.Until.IsZero() {
		row.Until = "until " + words.Date(c.Until.Add(-time.Second))
		row.Stopped = !v.now.Before(c.Until)
	}
	if ref, ok := ident.ParseRef(c.Patient); ok {
		row.Href = v.base() + "patient/" + ref.ID + "/online"
		if other, err := d.patient(ctx, v, ref.ID); err == nil {
			row.Name = other.Name
		}
	}
	return row
}

func givenBy(who colleagues, by string, at time.Time) string {
	if by == "" {
		return ""
	}
	return who.name(by) + ", " + words.Stamp(at)
}

func onlineNotice(r *http.Request) *notice {
	says := map[string]string{
		"gave": "They now have online access.", "sent": "They now have online access. We have e-mailed them a link to sign in.",
		"letter": "We have e-mailed a link to sign in.", "stopped": "Access stopped.", "restored": "Access given back.",
		"proxy": "They may now act for this patient.", "proxy-sent": "They may now act for this patient. We have e-mailed them a link to sign in.",
	}
	if s := says[r.URL.Query().Get("done")]; s != "" {
		return &notice{Class: "done", Title: s}
	}
	return nil
}

// owned is the account of a form, which must be one of this patient's.
func (d *Desk) owned(ctx context.Context, v visit, patient, id string) (access.Account, error) {
	all, err := d.accounts.For(ctx, v.ods, patient)
	if err != nil {
		return access.Account{}, err
	}
	for _, a := range all {
		if a.ID == id {
			return a, nil
		}
	}
	return access.Account{}, fault.New(fault.NotFound, "This patient has no such access.")
}

// sameName tells whether two names are the same but for spaces, capitals and a
// title.
func sameName(a, b string) bool { return strings.EqualFold(untitled(a), untitled(b)) }

func untitled(name string) string {
	f := strings.Fields(name)
	if len(f) > 1 && slices.Contains([]string{"mr", "mrs", "ms", "miss", "mx", "dr", "master"}, strings.ToLower(strings.Trim(f[0], "."))) {
		f = f[1:]
	}
	return strings.Join(f, " ")
}

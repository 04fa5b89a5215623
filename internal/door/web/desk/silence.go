package desk

import (
	"context"
	"net/http"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care"
	"heartwood/internal/care/direct"
	"heartwood/internal/care/request"
	"heartwood/internal/door/web/page"
	"heartwood/internal/ident"
	"heartwood/internal/words"
)

// silence is what the page of how to reach a patient says of their messages.
type silence struct {
	Action, Version string
	Off             bool
	Now             string // since when and why they are off, and when to look again
	Form            *page.Form
	Day             string // proposed for looking again
	All             bool   // they are off for the whole practice
}

// silenced says on a request's page where and why the patient cannot write.
func (v visit) silenced(ctx context.Context, p *requestPage, view request.View) error {
	p.Muted = view.Muted
	st, err := direct.On(ctx, v.practice, view)
	if err != nil || st.Where == "" {
		return err
	}
	p.Silenced = map[direct.Where]string{
		direct.Here: "The patient cannot write on this request.", direct.All: "Patients’ messages are switched off for the whole practice.",
		direct.Patient: "This patient’s messages are switched off.",
	}[st.Where]
	if st.Asked {
		p.Silenced += " They can give the answer that this waits for."
	}
	return nil
}

func (d *Desk) doMute(ctx context.Context, a *act) (string, error) {
	return "", d.decide(ctx, a, request.Mute{Why: a.form.Text("why", 2000)})
}

func (d *Desk) doUnmute(ctx context.Context, a *act) (string, error) {
	return "", d.decide(ctx, a, request.Unmute{})
}

// silenceOf is what the page of how to reach a patient shows; nil for who may
// not switch.
func (d *Desk) silenceOf(ctx context.Context, v visit, patient string, form *page.Form) (*silence, error) {
	if !v.may(access.SwitchMessages, patient) {
		return nil, nil
	}
	ref, _ := ident.ParseRef(patient)
	m, err := direct.Of(ctx, v.practice, ref)
	if err != nil {
		return nil, err
	}
	all, err := direct.Load(ctx, v.practice)
	if err != nil {
		return nil, err
	}
	who, err := d.colleagues(ctx, v)
	if err != nil {
		return nil, err
	}
	s := &silence{
		Action: v.base() + "patient/" + ref.ID + "/messages", Version: m.Version, Off: m.Off, All: all.Off, Form: form,
		Day: v.now.In(words.London).AddDate(0, 0, 28).Format(time.DateOnly),
	}
	if m.Off {
		s.Now = "Switched off by " + orElse(who.name(m.By), "the practice") + ", " + moment(m.Since, v.now) + ": " + m.Why + " To be looked at again on " + words.Date(m.Look) + "."
	}
	if form == nil {
		s.Form = page.NewForm(nil)
	}
	return s, nil
}

// silenceDo switches a patient's messages off or on.
func (d *Desk) silenceDo(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	v, form, err := d.posted(w, r, access.SwitchMessages, "Patient/"+id, 0)
	if err != nil {
		return err
	}
	if _, err := d.patient(r.Context(), v, id); err != nil {
		return err
	}
	m := direct.Mark{Patient: "Patient/" + id, Off: form.Value("do") == "off", Why: form.Text("why", 2000), Version: form.Value("version")}
	m.Look, _ = time.ParseInLocation(time.DateOnly, form.Value("look"), words.London) // none is refused
	err = direct.Switch(r.Context(), v.practice, v.Author("Patient/"+id), m)
	if err == nil {
		http.Redirect(w, r, v.base()+"patient/"+id+"/contact?done="+form.Value("do"), http.StatusSeeOther)
		return nil
	}
	if !form.Refuse(err, "why") {
		return err
	}
	return d.showContact(w, r, v, contactPage{Silent: form}, care.Fields(err)[0].Kind.Status())
}

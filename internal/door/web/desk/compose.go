package desk

import (
	"context"
	"net/url"
	"strings"
	"time"

	"heartwood/internal/care/delivery"
	"heartwood/internal/care/form"
	"heartwood/internal/care/message"
	"heartwood/internal/care/upload"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/words"
)

// compose is the part of a page where a message to a patient is written: who
// it would reach, what it can begin with, and what goes with it.
type compose struct {
	To        []string // who it is, and how it would reach them
	Warnings  []string
	None      string // why nothing can be sent
	Seal      string // what the sender was shown of it
	Them      string
	Templates []option
	Forms     []option
	Preview   []string
	typed     url.Values
}

// Typed is what somebody typed into a field.
func (c compose) Typed(name string) string { return c.typed.Get(name) }

// maxFiles is how much a message with files may be, in bytes.
const maxFiles = upload.MaxFiles*upload.MaxBytes + 1<<20

// compose fills in the part for a patient.
func (d *Desk) compose(ctx context.Context, v visit, patient string, typed url.Values, preview []string) (compose, error) {
	c := compose{Preview: preview, typed: typed}
	r, err := d.recipient(ctx, v, patient)
	if err != nil {
		return c, err
	}
	c.Seal, c.Warnings, c.None, c.Them = r.Seal(), r.Warnings, r.Why, orElse(r.Name, "the patient")
	c.To = []string{join(c.Them, bornWords(r.Born))}
	if r.Way != "" {
		c.To = append(c.To, r.Way.Label()+" to "+r.Masked)
	}
	if c.Templates, err = v.templates(ctx, patient, c.Typed("template")); err != nil {
		return c, err
	}
	c.Forms, err = v.forms(ctx, c.Typed("form"))
	return c, err
}

func (d *Desk) recipient(ctx context.Context, v visit, patient string) (delivery.Recipient, error) {
	return delivery.Check(ctx, v.practice, patient, func(m delivery.Medium) bool { return d.can == nil || d.can(v.ods, m) })
}

// forms are what a message can ask to be filled in.
func (v visit) forms(ctx context.Context, chosen string) ([]option, error) {
	all, err := form.Active(ctx, v.practice)
	if err != nil {
		return nil, err
	}
	out := []option{{Label: "None"}}
	for _, f := range all {
		out = append(out, option{Value: f.Canonical(), Label: f.Title.In("en"), Chosen: f.Canonical() == chosen})
	}
	return out, nil
}

// write reads what is to be sent, and when; the zero time is now. What was
// shown of the recipient must still be so.
func (d *Desk) write(ctx context.Context, v visit, patient string, f *page.Form) (message.Send, time.Time, error) {
	m := message.Send{Patient: patient, Text: f.Text("message", 5000), Await: f.Value("wait") == "yes", Form: f.Value("form")}
	if m.Text == "" {
		return m, time.Time{}, fault.At(fault.Invalid, "message", "Write the message first.")
	}
	r, err := d.recipient(ctx, v, patient)
	switch {
	case err != nil:
		return m, time.Time{}, err
	case r.Why != "":
		return m, time.Time{}, fault.New(fault.Refused, "%s", r.Why)
	case f.Value("seal") != r.Seal():
		return m, time.Time{}, fault.New(fault.Refused, "How this patient is reached has changed, or was not shown to you. Check who it goes to, then send it again.")
	case len(r.Warnings) > 0 && f.Value("checked") != "yes":
		return m, time.Time{}, fault.At(fault.Invalid, "checked", "Read the warnings about how this patient is reached, and tick that you have checked.")
	}
	for _, h := range f.Files["files"] {
		if h.Size == 0 && h.Filename == "" {
			continue
		}
		b, err := page.ReadFile(h, upload.MaxBytes)
		if err != nil {
			return m, time.Time{}, err
		}
		m.Files = append(m.Files, upload.File{Name: h.Filename, Type: h.Header.Get("Content-Type"), Data: b})
	}
	at, err := laterIn(f)
	return m, at, err
}

// laterIn reads when a message is to go.
func laterIn(f *page.Form) (time.Time, error) {
	day, hour := f.Value("later-day"), f.Value("later-time")
	if day == "" && hour == "" {
		return time.Time{}, nil
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", day+" "+hour, words.London)
	if err != nil {
		return at, fault.At(fault.Invalid, "later", "Give both the day and the time at which it is to go.")
	}
	return at, nil
}

// filesOf are what went with a message.
func (v visit) filesOf(request string, m message.Message) []photo {
	var out []photo
	for _, f := range m.Photos {
		out = append(out, photo{Href: v.base() + "request/" + request + "/photo/" + strings.TrimPrefix(f.Binary, "Binary/"), Alt: f.Name})
	}
	return out
}

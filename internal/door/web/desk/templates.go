package desk

import (
	"context"
	"strings"

	"heartwood/internal/care/delivery"
	"heartwood/internal/care/message"
	"heartwood/internal/door/web/page"
	"heartwood/internal/words"
)

// offered are the templates of messages to one patient, what is known to fill
// them in with, and the language that the patient reads.
func (v visit) offered(ctx context.Context, patient string) ([]message.Template, map[string]string, words.Lang, error) {
	all, err := message.Templates(ctx, v.practice)
	if err != nil {
		return nil, nil, "", err
	}
	known, err := message.Known(ctx, v.practice, patient, v.Ref)
	if err != nil {
		return nil, nil, "", err
	}
	known["sender"] = v.Name
	lang := words.English
	if person, err := delivery.Load(ctx, v.practice, patient); err == nil && person.Contact.Needs.Language != "" {
		lang = person.Contact.Needs.Language
	}
	return message.Offered(all, false), known, lang, nil
}

// templates are what a message can begin with, as options.
func (v visit) templates(ctx context.Context, patient, chosen string) ([]option, error) {
	all, known, lang, err := v.offered(ctx, patient)
	if err != nil {
		return nil, err
	}
	out := []option{{Label: "None: write it freely"}}
	for _, t := range all {
		out = append(out, option{Value: t.ID, Label: t.Title, Body: t.Begin(lang, known), Chosen: t.ID == chosen})
	}
	return out, nil
}

// begin puts the template that was chosen into the message of a form, below
// what was typed.
func (v visit) begin(ctx context.Context, patient string, form *page.Form) error {
	all, known, lang, err := v.offered(ctx, patient)
	if err != nil {
		return err
	}
	for _, t := range all {
		if t.ID != form.Value("template") {
			continue
		}
		text := t.Begin(lang, known)
		if typed := form.Value("message"); strings.TrimSpace(typed) != "" && typed != text {
			text = typed + "\n\n" + text
		}
		form.Set("message", text)
		if t.Awaits {
			form.Set("wait", "yes")
		}
	}
	return nil
}

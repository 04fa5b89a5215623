package app

import (
	"context"

	"heartwood/internal/record"

	"heartwood/internal/care/form"
	"heartwood/internal/ident"
)

// demoQuestion is what each practice of the demonstration has added to the
// form for a fit note.
var demoQuestion = form.Ask{
	ID: "work-from-home", Type: form.Choice,
	Text: form.Words{"en": "Could you do your job from home?", "cy": "A allech chi wneud eich gwaith o gartref?"},
	Options: []form.Option{
		{Code: "yes", Label: form.Words{"en": "Yes, all of it", "cy": "Gallwn, y cyfan"}},
		{Code: "some", Label: form.Words{"en": "Some of it", "cy": "Rhan ohono"}},
		{Code: "no", Label: form.Words{"en": "No", "cy": "Na"}},
	},
}

// seedForms publishes a version of the practice's own of one form, if it has
// none yet.
func (a *App) seedForms(ctx context.Context, ods ident.ODS) error {
	p, err := a.Store.Practice(ods)
	if err != nil {
		return err
	}
	b, ok, err := form.FindBook(ctx, p, "fit-note")
	if err != nil || !ok || b.Draft != nil || len(b.Versions) > 0 {
		return err
	}
	f, _ := b.InUse()
	if err := form.SaveDraft(ctx, p, record.System, "", f.Tidy().With(demoQuestion, "", false)); err != nil {
		return err
	}
	if b, _, err = form.FindBook(ctx, p, "fit-note"); err != nil {
		return err
	}
	_, err = form.Publish(ctx, p, record.System, b, b.Draft.Seen, form.Guard{}, form.Agreed{})
	return err
}

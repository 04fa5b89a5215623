package form

import (
	"context"
	"strings"

	"heartwood/internal/care"
	"heartwood/internal/care/setting"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Stale is what is said to who saves over what they have not seen.
var Stale = fault.New(fault.Conflict, "Somebody else has changed this form since you opened it. Nothing of yours was saved over theirs: look at theirs, then put in yours again.")

// SaveDraft keeps a draft over the version seen of it, "" for none. A draft
// need not be whole; what it says must be fit to keep.
func SaveDraft(ctx context.Context, p *record.Practice, by record.Author, seen string, f Form) error {
	key := Key(f.URL)
	f.Status, f.ID = "draft", draftID(key)
	if f.Version == "" {
		f.Version = "draft"
	}
	if f.URL == "" || len(f.Title) == 0 {
		return fault.At(fault.Invalid, "title", "Give the form a title.")
	}
	q, err := fhir.ParseResource(f.JSON())
	if err != nil {
		return err
	}
	if err := fhir.Refusal(fhir.Validate(q)); err != nil {
		return err
	}
	kept := setting.Kept{Ref: ident.Ref{Type: "Questionnaire", ID: draftID(key)}, Stale: Stale, Whole: true}
	return kept.Save(ctx, p, by, "wrote at the draft of a form", seen, func(*fhir.Resource) write.Obj { return f.FHIR() })
}

// DropDraft throws the draft away that was seen.
func DropDraft(ctx context.Context, p *record.Practice, by record.Author, b Book, seen string) error {
	if b.Draft == nil || b.Draft.Seen != seen {
		return Stale
	}
	return commit(ctx, p, record.Change{
		Author: by, Reason: "threw the draft of a form away",
		Expect: []record.Expect{{Ref: b.Draft.Ref, Version: seen}}, Writes: []record.Write{record.Remove(b.Draft.Ref)},
	})
}

// Agreed is what a manager says when a form is published although a rule sees
// less by it.
type Agreed struct {
	Yes bool
	Why string
}

// Publish makes the draft that was seen the version that is asked, and gives
// its number. Whoever is filling in the version before it goes on with that.
func Publish(ctx context.Context, p *record.Practice, by record.Author, b Book, seen string, g Guard, agreed Agreed) (string, error) {
	if b.Draft == nil || b.Draft.Seen != seen {
		return "", Stale
	}
	var was Form
	if k, ok := b.InUse(); ok {
		was = k.Form
	}
	f := b.Draft.Form
	f.Version, f.Status = b.next(), "active"
	why, err := sure(Lint(f, was, g), agreed)
	if err != nil {
		return "", err
	}
	f.ID = versionID(b.Key, f.Version)
	w := write.New(by, why, "")
	o := f.FHIR()
	o["date"] = write.Instant(p.Now())
	w.Create(ident.Ref{Type: "Questionnaire", ID: f.ID}, o)
	if err := retire(ctx, p, w, b); err != nil {
		return "", err
	}
	change, err := w.Change()
	if err != nil {
		return "", err
	}
	change.Expect = append(change.Expect, record.Expect{Ref: b.Draft.Ref, Version: seen})
	change.Writes = append(change.Writes, record.Remove(b.Draft.Ref))
	return f.Version, commit(ctx, p, change)
}

// sure gives the reason of a publication, or why it may not be.
func sure(notes []Note, agreed Agreed) (string, error) {
	if Blocks(notes) {
		var bad care.Faults
		for _, n := range notes {
			if n.Level == Stops {
				bad.Add(n.Where, "%s", n.Text)
			}
		}
		return "", bad.Err()
	}
	if len(Unsafe(notes)) == 0 {
		return "published a form", nil
	}
	if !agreed.Yes {
		return "", fault.At(fault.Invalid, "agreed", "A red-flag rule would see less. Say that you know, or put back what it looks at.")
	}
	if strings.TrimSpace(agreed.Why) == "" {
		return "", fault.At(fault.Invalid, "why", "Say why the rules may see less.")
	}
	return "published a form, knowing that rules see less: " + agreed.Why, nil
}

// Retire stops asking the practice's own version: what is shipped is asked
// again, or nothing where nothing is.
func Retire(ctx context.Context, p *record.Practice, by record.Author, b Book, seen string) error {
	if k, ok := b.InUse(); !ok || k.Seen == "" || k.Seen != seen {
		return Stale
	}
	w := write.New(by, "stopped asking a form of their own", "")
	if err := retire(ctx, p, w, b); err != nil {
		return err
	}
	change, err := w.Change()
	if err != nil {
		return err
	}
	return commit(ctx, p, change)
}

func retire(ctx context.Context, p *record.Practice, w *write.Builder, b Book) error {
	for _, k := range b.Versions {
		if k.Status != "active" {
			continue
		}
		v, err := p.Read(ctx, k.Ref)
		if err != nil {
			return err
		}
		if v.ID != k.Seen {
			return Stale
		}
		q, err := v.Resource()
		if err != nil {
			return err
		}
		w.Edit(v, q, write.Obj{"status": "retired"})
	}
	return nil
}

func commit(ctx context.Context, p *record.Practice, c record.Change) error {
	_, err := p.Commit(ctx, c)
	if fault.Is(err, fault.Conflict) {
		return Stale
	}
	return err
}

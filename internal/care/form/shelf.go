package form

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/search"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Kept is one version of a form as the record has it.
type Kept struct {
	Form
	Seen  string    // the id of the resource's version, for saving over it
	Since time.Time // when it was kept; zero for what is shipped
	By    string    // "Practitioner/…"; "" for what is shipped
	Ref   ident.Ref
	Wrong error // why it cannot be asked, nil when it can
}

// Book is every version of one form that a practice has.
type Book struct {
	Key      string // what names the form in addresses
	URL      string
	Shipped  *Form  // what comes with the program, nil for a form of their own
	Draft    *Kept  // what is being written, nil for nothing
	Versions []Kept // those published by the practice, newest first
}

// Key names a form in addresses: the last part of its address where that is
// one of ours, else a hash of it.
func Key(url string) string {
	if s, ok := strings.CutPrefix(url, care.Base+"Questionnaire/"); ok && s != "" && len(s) <= 40 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" {
		return s
	}
	sum := sha256.Sum256([]byte(url))
	return "x-" + hex.EncodeToString(sum[:6])
}

// InUse is the version that is asked now; false when none is.
func (b Book) InUse() (Kept, bool) {
	for _, k := range b.Versions {
		if k.Status == "active" && k.Wrong == nil {
			return k, true
		}
	}
	if b.Shipped != nil {
		return Kept{Form: *b.Shipped}, true
	}
	return Kept{}, false
}

// Version finds a version by its number, those of the practice first.
func (b Book) Version(version string) (Form, bool) {
	for _, k := range b.Versions {
		if k.Version == version {
			return k.Form, true
		}
	}
	if b.Shipped != nil && b.Shipped.Version == version {
		return *b.Shipped, true
	}
	return Form{}, false
}

// next is the number of the version that would be published now: those of a
// form that is shipped count within its own version.
func (b Book) next() string {
	base := ""
	if b.Shipped != nil {
		base = b.Shipped.Version + "."
	}
	most := 0
	for _, k := range b.Versions {
		if rest, ok := strings.CutPrefix(k.Version, base); ok {
			if n, err := strconv.Atoi(rest); err == nil {
				most = max(most, n)
			}
		}
	}
	return base + strconv.Itoa(most+1)
}

// Shelf lists every form of a practice, shipped and its own, with all versions
// of each, by kind and title.
func Shelf(ctx context.Context, p *record.Practice) ([]Book, error) {
	books := map[string]*Book{}
	for _, f := range shipped {
		books[f.URL] = &Book{Key: Key(f.URL), URL: f.URL, Shipped: &f}
	}
	for _, status := range []string{"draft", "active", "retired"} {
		err := search.Each(ctx, p, "Questionnaire?status="+status, func(v record.Version, q *fhir.Resource) error {
			f, err := Open(q)
			if f.URL == "" {
				return nil // it is no form of ours: nothing could ask it
			}
			f.ID = v.Ref.ID
			k := Kept{Form: f, Seen: v.ID, Since: v.Time, Ref: v.Ref, Wrong: err}
			if err == nil {
				k.Wrong = f.Whole()
			}
			b := books[f.URL]
			if b == nil {
				b = &Book{Key: Key(f.URL), URL: f.URL}
				books[f.URL] = b
			}
			if v.Ref.ID == draftID(b.Key) {
				b.Draft = &k
			} else if status != "draft" {
				b.Versions = append(b.Versions, k)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	var out []Book
	for _, b := range books {
		slices.SortFunc(b.Versions, func(x, y Kept) int {
			switch {
			case newer(x.Version, y.Version):
				return -1
			case newer(y.Version, x.Version):
				return 1
			}
			return 0
		})
		if err := b.dated(ctx, p); err != nil {
			return nil, err
		}
		out = append(out, *b)
	}
	slices.SortFunc(out, func(a, b Book) int {
		return cmp.Or(cmp.Compare(a.Newest().Kind, b.Newest().Kind), cmp.Compare(a.Newest().Title["en"], b.Newest().Title["en"]), cmp.Compare(a.URL, b.URL))
	})
	return out, nil
}

// Newest is the draft, else what is in use, else the last version there was.
func (b Book) Newest() Form {
	if b.Draft != nil {
		return b.Draft.Form
	}
	if k, ok := b.InUse(); ok {
		return k.Form
	}
	if len(b.Versions) > 0 {
		return b.Versions[0].Form
	}
	return Form{URL: b.URL}
}

// dated adds when each version was first kept and by whom; of the draft, who
// wrote at it last.
func (b *Book) dated(ctx context.Context, p *record.Practice) error {
	for i := range b.Versions {
		k := &b.Versions[i]
		all, err := p.History(ctx, k.Ref, "", 50)
		if err != nil {
			return err
		}
		if len(all) > 0 {
			first := all[len(all)-1]
			k.Since, k.By = first.Time, first.Author.Ref
		}
	}
	if b.Draft == nil {
		return nil
	}
	all, err := p.History(ctx, b.Draft.Ref, "", 1)
	if err == nil && len(all) > 0 {
		b.Draft.By = all[0].Author.Ref
	}
	return err
}

// FindBook finds a form of the practice by its key.
func FindBook(ctx context.Context, p *record.Practice, key string) (Book, bool, error) {
	all, err := Shelf(ctx, p)
	if err != nil {
		return Book{}, false, err
	}
	i := slices.IndexFunc(all, func(b Book) bool { return b.Key == key })
	if i < 0 {
		return Book{}, false, nil
	}
	return all[i], true, nil
}

// A version of the record is found by the form and its number.
func draftID(key string) string            { return "form-" + key + "-draft" }
func versionID(key, version string) string { return "form-" + key + "-" + version }

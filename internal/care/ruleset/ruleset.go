// Package ruleset keeps what a practice sets of its red-flag rules: for how
// long a contact counts as being about the same problem again, and rules of
// its own.
//
// What comes in: a number of days, a rule file of the practice's own, and the
// version that was seen. What goes out: how what somebody writes is screened
// here. It must never take a rule of the program away or change what it
// finds: a practice can only add, and what cannot be read leaves the program's
// rules as they are.
package ruleset

import (
	"context"
	"strconv"
	"sync"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/setting"
	"heartwood/internal/care/triage"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Setting is what a practice has set, or the defaults.
type Setting struct {
	Days    int    // for how long a contact counts; 3 to 60
	Own     string // the rule file of its own, TOML; "" for none
	Version string // of the resource; "" when nothing has been set

	book *triage.Book
}

// Bounds of the days, and of the length of the practice's own file.
const (
	FewestDays = 3
	MostDays   = 60
	MostOwn    = 64 << 10
)

var kept = setting.Kept{Ref: ident.Ref{Type: "Basic", ID: "red-flags"}, Stale: fault.New(fault.Conflict,
	"Somebody else has changed this meanwhile. Yours is still here, not yet saved: look at theirs in another window, then save yours again.")}

var url = care.Base + "StructureDefinition/red-flags-"

// Default is what holds where nothing has been set.
func Default() Setting { return Setting{Days: int(triage.Window / (24 * time.Hour))} }

// Window is for how long a contact counts.
func (s Setting) Window() time.Duration { return time.Duration(s.Days) * 24 * time.Hour }

// Screen finds the rules that are met: those of the program, and the
// practice's own.
func (s Setting) Screen(in triage.Input) []triage.Finding { return triage.ScreenAlso(in, s.book) }

// OwnOnly finds only the practice's own rules.
func (s Setting) OwnOnly(in triage.Input) []triage.Finding { return s.book.Screen(in) }

// Rules are the practice's own.
func (s Setting) Rules() []triage.Rule { return s.book.Rules() }

// Current is what holds now. What cannot be read falls back to the defaults:
// the words are screened whatever happens.
func Current(ctx context.Context, p *record.Practice) Setting {
	s, err := Load(ctx, p)
	if err != nil {
		return Default()
	}
	return s
}

// Load reads what a practice has set.
func Load(ctx context.Context, p *record.Practice) (Setting, error) {
	res, v, err := kept.Load(ctx, p)
	if err != nil || res == nil {
		return Default(), err
	}
	s := Default()
	s.Version = v.ID
	for e := range res.Get("extension").Items() {
		switch e.Get("url").Str() {
		case url + "days":
			if n, err := strconv.Atoi(e.Get("valueInteger").Str()); err == nil && n >= FewestDays && n <= MostDays {
				s.Days = n
			}
		case url + "own":
			s.Own = e.Get("valueString").Str()
		}
	}
	s.book, _ = compiled(s.Own) // it was checked when it was saved
	return s, nil
}

// Check compiles the practice's own rules and says what is wrong, by field:
// "days" or "own".
func (s *Setting) Check() error {
	var faults care.Faults
	if s.Days < FewestDays || s.Days > MostDays {
		faults = append(faults, fault.At(fault.Invalid, "days", "Enter a number of days from %d to %d.", FewestDays, MostDays))
	}
	if len(s.Own) > MostOwn {
		faults = append(faults, fault.At(fault.Invalid, "own", "The rules are too long: at most %d characters.", MostOwn))
		return faults
	}
	book, wrong := compiled(s.Own)
	s.book = book
	for i, p := range wrong {
		if i == mostSaid {
			break
		}
		faults = append(faults, fault.At(fault.Invalid, "own", "%s", p.String()))
	}
	if len(faults) > 0 {
		return faults
	}
	return nil
}

// mostSaid is how many things wrong with a file are said at once.
const mostSaid = 10

// Save keeps the setting over the version that was seen.
func Save(ctx context.Context, p *record.Practice, by record.Author, s Setting) error {
	if err := s.Check(); err != nil {
		return err
	}
	return kept.Save(ctx, p, by, "red-flag rules", s.Version, func(*fhir.Resource) write.Obj {
		ext := write.List{write.Obj{"url": url + "days", "valueInteger": s.Days}}
		if s.Own != "" {
			ext = append(ext, write.Obj{"url": url + "own", "valueString": s.Own})
		}
		return write.Obj{"code": write.Coded(care.Base+"setting", "red-flags", "Red-flag rules of this practice"), "extension": ext}
	})
}

// books are the compiled files of practices, by their source, since compiling
// takes longer than screening.
var books = struct {
	sync.Mutex
	by map[string]*triage.Book // protected by the mutex
}{by: map[string]*triage.Book{}}

const mostBooks = 256

func compiled(src string) (*triage.Book, []triage.Problem) {
	if src == "" {
		return nil, nil
	}
	books.Lock()
	b, ok := books.by[src]
	books.Unlock()
	if ok {
		return b, nil
	}
	b, wrong := triage.Local(src)
	if len(wrong) > 0 {
		return nil, wrong
	}
	books.Lock()
	defer books.Unlock()
	if len(books.by) >= mostBooks {
		clear(books.by)
	}
	books.by[src] = b
	return b, nil
}

// Package ruleset keeps what a practice sets of its red-flag rules: for how
// long a contact counts as being about the same problem again, and rules of
// its own.
//
// What comes in: a number of days, a rule file of the practice's own, and the
// version that was seen. What goes out: how what somebody writes is screened
// here. It must never take a rule of the program away or change what it
// finds: a practice can only add, and what cannot be read leaves the program's
// rules as they are. It must never let go of a rule in silence: one that no
// longer compiles is named in Broken, and the others go on working.
package ruleset

import (
	"context"
	"strconv"
	"strings"
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

	// Broken are rules of its own that are not in force, or do not find what
	// they should: they were in order when they were saved and are not now.
	Broken []triage.Broken

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
	s.book, s.Broken = compiled(s.Own).kept()
	return s, nil
}

// Alarm says in a sentence which rules of a practice's own do not work, for an
// alarm; "" when all do.
func (s Setting) Alarm() string {
	var not, less []string
	for _, b := range s.Broken {
		id := b.ID
		if id == "" {
			id = "one without a readable id"
		}
		if b.Works {
			less = append(less, id)
		} else {
			not = append(not, id)
		}
	}
	var said []string
	if len(not) > 0 {
		said = append(said, "Red-flag rules of this practice's own that are not in force: "+strings.Join(not, ", ")+".")
	}
	if len(less) > 0 {
		said = append(said, "Red-flag rules of this practice's own that may not find what they should: "+strings.Join(less, ", ")+".")
	}
	if len(said) > 0 {
		said = append(said, "A manager sets them right under Settings, Red flags here. All other rules go on working.")
	}
	return strings.Join(said, " ")
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
	book, wrong := compiled(s.Own).whole()
	s.book, s.Broken = book, nil
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
	by map[string]*file // protected by the mutex
}{by: map[string]*file{}}

const mostBooks = 64

// file is a practice's own file, compiled once for each of two ends.
type file struct {
	// whole compiles it to be saved: nothing may be wrong.
	whole func() (*triage.Book, []triage.Problem)
	// kept compiles what was saved, as far as it can still be used.
	kept func() (*triage.Book, []triage.Broken)
}

func compiled(src string) *file {
	books.Lock()
	defer books.Unlock()
	if f, ok := books.by[src]; ok {
		return f
	}
	if len(books.by) >= mostBooks {
		clear(books.by)
	}
	f := &file{
		whole: sync.OnceValues(func() (*triage.Book, []triage.Problem) {
			if src == "" {
				return nil, nil
			}
			return triage.Local(src)
		}),
		kept: sync.OnceValues(func() (*triage.Book, []triage.Broken) {
			if src == "" {
				return nil, nil
			}
			return triage.Kept(src)
		}),
	}
	books.by[src] = f
	return f
}

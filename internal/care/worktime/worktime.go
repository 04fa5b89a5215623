// Package worktime is what a practice takes a piece of work to last when
// nothing in the record tells.
//
// What comes in: minutes for each kind of work and where they come from, as a
// manager sets them. What goes out: a Basic resource in a new version, and
// published or stated defaults while there is none. It must never be used
// where the time was measured, and never overwrite what somebody else has
// changed meanwhile.
package worktime

import (
	"context"
	"strconv"
	"time"
	"unicode/utf8"

	"heartwood/internal/care"
	"heartwood/internal/care/setting"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Item is one kind of work.
type Item struct {
	Code    string // as measure.Deed has it
	Name    string // as a page says it
	Minutes int    // 0 to 120
	Source  string // where the minutes come from
}

// Setting is what a practice assumes.
type Setting struct {
	Items   []Item
	Version string // of what was read; "" for the defaults
}

// Defaults are what is assumed where a practice has set nothing. Figures with
// no published source say so.
func Defaults() []Item {
	const ours = "our assumption: no published figure was found"
	return []Item{
		{"taking", "Writing a request down for somebody", 3, "2.3 minutes mean talk time (NHS England, cloud telephony, February 2026) and a minute after the call, our assumption"},
		{"triage", "Deciding about a request", 4, "4 minutes of a GP for an online request, 3 to 5 (Salisbury and others 2020, PMC7327596)"},
		{"message", "Writing a message to a patient", 3, ours},
		{"job", "A job for a colleague", 3, ours},
		{"letter", "A letter read, coded or filed", 3, ours},
		{"result", "A test result filed", 2, ours},
		{"booking", "An appointment made, moved or cancelled", 2, ours},
		{"consultation", "A consultation", 9, "9.24 minutes mean of a face-to-face consultation with a GP in 2013-14 (PMC5701995)"},
	}
}

// Of is how long one item of a kind is assumed to take; 0 for a kind that is
// not known.
func (s Setting) Of(code string) time.Duration {
	for _, i := range s.Items {
		if i.Code == code {
			return time.Duration(i.Minutes) * time.Minute
		}
	}
	return 0
}

var (
	kept = setting.Kept{Ref: ident.Ref{Type: "Basic", ID: "work-minutes"}, Stale: fault.New(fault.Conflict,
		"Somebody else has changed this meanwhile. Look at what it is now, and enter yours again.")}
	url = care.Base + "StructureDefinition/work-minutes"
)

// Load reads a practice's setting: the defaults when it has set none. A kind
// that the setting does not name has its default.
func Load(ctx context.Context, p *record.Practice) (Setting, error) {
	s := Setting{Items: Defaults()}
	res, v, err := kept.Load(ctx, p)
	if err != nil {
		return Setting{}, err
	}
	if res == nil {
		return s, nil
	}
	s.Version = v.ID
	for e := range res.Get("extension").Items() {
		if !e.Get("url").Is(url) {
			continue
		}
		var code, source string
		minutes := -1
		for x := range e.Get("extension").Items() {
			switch x.Get("url").Str() {
			case "item":
				code = x.Get("valueCode").Str()
			case "minutes":
				if n, err := strconv.Atoi(x.Get("valueInteger").Str()); err == nil {
					minutes = n
				}
			case "source":
				source = x.Get("valueString").Str()
			}
		}
		for i := range s.Items {
			if s.Items[i].Code == code && minutes >= 0 {
				s.Items[i].Minutes, s.Items[i].Source = minutes, source
			}
		}
	}
	return s, nil
}

// Check says what is wrong with a setting: each fault is At an item's code,
// or at its source ("triage-source").
func (s Setting) Check() error {
	var f care.Faults
	for _, i := range s.Items {
		if i.Minutes < 0 || i.Minutes > 120 {
			f.Add(i.Code, "%s: enter minutes from 0 to 120.", i.Name)
		}
		if i.Source == "" || utf8.RuneCountInString(i.Source) > 300 {
			f.Add(i.Code+"-source", "%s: say in a few words where the minutes come from.", i.Name)
		}
	}
	return f.Err()
}

// Save keeps a setting in a new version.
func Save(ctx context.Context, p *record.Practice, by record.Author, s Setting) error {
	if err := s.Check(); err != nil {
		return err
	}
	var items write.List
	for _, i := range s.Items {
		items = append(items, write.Obj{"url": url, "extension": write.List{
			write.Obj{"url": "item", "valueCode": i.Code},
			write.Obj{"url": "minutes", "valueInteger": i.Minutes},
			write.Obj{"url": "source", "valueString": i.Source},
		}})
	}
	o := write.Obj{"code": write.Coded(care.Base+"setting", "work-minutes", "What work is assumed to take"), "extension": items}
	return kept.Save(ctx, p, by, "what work is assumed to take", s.Version, func(*fhir.Resource) write.Obj { return o })
}

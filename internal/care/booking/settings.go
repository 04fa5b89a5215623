package booking

import (
	"context"
	"fmt"
	"strings"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/setting"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

var kept = setting.Kept{Ref: ident.Ref{Type: "Basic", ID: "booking"}, Stale: fault.New(fault.Conflict,
	"Somebody else has changed these settings meanwhile. Look at what they are now, and enter yours again.")}

const settingsURL = care.Base + "StructureDefinition/booking"

// Settings are the times that a practice sets for booking.
type Settings struct {
	Reminders []int // hours before an appointment at which its patient is reminded, most first; none: never
	Keep      int   // minutes that a time which came free is kept for whom it was offered to
	Soonest   int   // minutes before its start until which a time is offered to those who wait
	HereFrom  int   // minutes before an appointment from which its patient can check in
	HereUntil int   // minutes after its start until which they can
	Screen    int   // number of the check-in screen's address; a new number ends the old address
	Version   string
}

// DefaultSettings are those of a practice that has set none.
func DefaultSettings() Settings {
	return Settings{Reminders: []int{48, 3}, Keep: 120, Soonest: 180, HereFrom: 60, HereUntil: 20, Screen: 1}
}

// numbers are the settings by their names in the resource.
func (s *Settings) numbers() map[string]*int {
	return map[string]*int{"keep": &s.Keep, "soonest": &s.Soonest, "here-from": &s.HereFrom, "here-until": &s.HereUntil, "screen": &s.Screen}
}

// LoadSettings reads a practice's settings: the defaults where it has none.
func LoadSettings(ctx context.Context, p *record.Practice) (Settings, error) {
	s := DefaultSettings()
	res, v, err := kept.Load(ctx, p)
	if err != nil || res == nil {
		return s, err
	}
	s.Version, s.Reminders = v.ID, nil
	for e := range res.Get("extension").Items() {
		if !e.Get("url").Is(settingsURL) {
			continue
		}
		for x := range e.Get("extension").Items() {
			n := whole(x.Get("valueInteger"))
			if at := s.numbers()[x.Get("url").Str()]; at != nil {
				*at = n
			} else if x.Get("url").Is("reminder") {
				s.Reminders = append(s.Reminders, n)
			}
		}
	}
	return s, nil
}

// Check says what is wrong, each fault at the field it names.
func (s Settings) Check() error {
	var f care.Faults
	within := func(where, what string, n, least, most int) {
		if n < least || n > most {
			f.Add(where, "%s: choose from %d to %d.", what, least, most)
		}
	}
	if len(s.Reminders) > 3 {
		f.Add("reminders", "Send at most 3 reminders of one appointment.")
	}
	for i, h := range s.Reminders {
		within("reminders", "Hours before an appointment", h, 1, 14*24)
		if i > 0 && h >= s.Reminders[i-1] {
			f.Add("reminders", "Write the earliest reminder first, such as 48, 3.")
		}
	}
	within("keep", "Minutes that a time is kept", s.Keep, 10, 24*60)
	within("soonest", "Minutes before its start", s.Soonest, 15, 7*24*60)
	within("here-from", "Minutes before an appointment", s.HereFrom, 5, 180)
	within("here-until", "Minutes after its start", s.HereUntil, 0, 120)
	return f.Err()
}

// SaveSettings keeps them in a new version over the one that was seen.
func SaveSettings(ctx context.Context, p *record.Practice, by record.Author, s Settings) error {
	if err := s.Check(); err != nil {
		return err
	}
	return kept.Save(ctx, p, by, "booking set", s.Version, func(*fhir.Resource) write.Obj {
		var in list
		for _, h := range s.Reminders {
			in = append(in, obj{"url": "reminder", "valueInteger": h})
		}
		for _, name := range []string{"keep", "soonest", "here-from", "here-until", "screen"} {
			in = append(in, obj{"url": name, "valueInteger": *s.numbers()[name]})
		}
		return write.Obj{
			"code":      write.Coded(care.Base+"setting", "booking", "Booking"),
			"extension": list{obj{"url": settingsURL, "extension": in}},
		}
	})
}

// reminders are how long before an appointment its patient is reminded.
// Somebody who booked after that moment knows of it, and is not.
func (s Settings) reminders() []time.Duration {
	out := make([]time.Duration, len(s.Reminders))
	for i, h := range s.Reminders {
		out[i] = time.Duration(h) * time.Hour
	}
	return out
}

// Hours is the reminders as a form shows them: "48, 3".
func (s Settings) Hours() string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(s.Reminders), " ", ", "), "[]")
}

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }

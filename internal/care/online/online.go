// Package online is what a practice sets about how its patients are online: at
// what ages acting for a child is asked about and stops, where help in British
// Sign Language and easy read is, where the quick way out of a page leads, and
// what the practice says in its own words.
//
// What comes in: a setting as a manager fills it in. What goes out: the same,
// kept as a FHIR Basic. It must never keep a link that is not https, and never
// overwrite what somebody else has changed meanwhile.
package online

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"heartwood/internal/care"
	"heartwood/internal/care/setting"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/words"
)

// Setting is what a practice has set.
type Setting struct {
	Ask     int    // years: from this birthday a child is asked who may act for them
	AskEnds bool   // acting for them ends on that birthday too, unless it is given anew
	Stop    int    // years: on this birthday acting for them ends, unless it is given anew
	BSL     string // where to get help in British Sign Language; "" for nowhere
	Easy    string // easy-read words about asking the practice; "" for none
	Exit    string // where the quick way out leads: a page that nobody wonders about
	Version string // of what was read; "" for the defaults

	// Words of the practice's own, plain text, a paragraph a line, "" for none:
	// on the front page, and over the boxes in which patients write to it.
	Welcome, WelcomeCy string
	Notice, NoticeCy   string
}

// MostOwn is how many characters the practice's own words may have.
const MostOwn = 600

// Own are words of a practice's own as a page shows them.
type Own struct {
	Lang  string // that they are in, when it is not the page's; "" when it is
	Lines []string
}

// WelcomeIn are the words of the front page in a language; in English where
// there are none in it.
func (s Setting) WelcomeIn(l words.Lang) Own { return own(l, s.Welcome, s.WelcomeCy) }

// NoticeIn are the words over the boxes for messages.
func (s Setting) NoticeIn(l words.Lang) Own { return own(l, s.Notice, s.NoticeCy) }

func own(l words.Lang, en, cy string) (o Own) {
	text := en
	switch {
	case l == words.Welsh && cy != "":
		text = cy
	case l != words.English && en != "":
		o.Lang = string(words.English)
	}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			o.Lines = append(o.Lines, line)
		}
	}
	return o
}

// own are the practice's words by the names under which they are kept.
func (s *Setting) own() map[string]*string {
	return map[string]*string{"welcome": &s.Welcome, "welcome-cy": &s.WelcomeCy, "notice": &s.Notice, "notice-cy": &s.NoticeCy}
}

// Default is what holds where a practice has set nothing. NHS England's
// guidance on proxy access has a child's own view sought from 11, and ends a
// parent's access at 16.
func Default() Setting {
	return Setting{Ask: 11, Stop: 16, BSL: "https://signvideo.co.uk/nhs111", Exit: "https://www.bbc.co.uk/weather"}
}

var kept = setting.Kept{Ref: ident.Ref{Type: "Basic", ID: "online"}, Whole: true, Stale: fault.New(fault.Conflict,
	"Somebody else has changed this meanwhile. Look at what it is now, and enter yours again.")}

const (
	part = care.Base + "online"
	code = care.Base + "setting"
)

// Load reads a practice's setting, the defaults when it has set none.
func Load(ctx context.Context, p *record.Practice) (Setting, error) {
	res, v, err := kept.Load(ctx, p)
	if err != nil {
		return Setting{}, err
	}
	if res == nil {
		return Default(), nil
	}
	s := Setting{Version: v.ID}
	for x := range res.Get("extension").Items() {
		if !x.Get("url").Is(part) {
			continue
		}
		for one := range x.Get("extension").Items() {
			n, _ := strconv.Atoi(string(one.Get("valueInteger").Raw()))
			if text := s.own()[one.Get("url").Str()]; text != nil {
				*text = one.Get("valueString").Str()
			}
			if one.Get("url").Is("ask-ends") {
				s.AskEnds = one.Get("valueBoolean").True()
			}
			switch link := one.Get("valueUrl").Str(); one.Get("url").Str() {
			case "ask":
				s.Ask = n
			case "stop":
				s.Stop = n
			case "bsl":
				s.BSL = link
			case "easy":
				s.Easy = link
			case "exit":
				s.Exit = link
			}
		}
	}
	if s.Check() != nil { // what another program wrote cannot be relied on
		d := Default()
		d.Version = v.ID
		return d, nil //nolint:nilerr // what cannot be read is passed over here
	}
	return s, nil
}

// Check says what is wrong with a setting, by field.
func (s Setting) Check() error {
	var f care.Faults
	if s.Ask < 5 || s.Ask > 15 {
		f.Add("ask", "Enter an age from 5 to 15.")
	}
	if s.Stop < 12 || s.Stop > 18 || s.Stop <= s.Ask {
		f.Add("stop", "Enter an age from 12 to 18, after the first.")
	}
	for field, text := range s.own() {
		if utf8.RuneCountInString(*text) > MostOwn {
			f.Add(field, "Use %d characters or fewer.", MostOwn)
		}
	}
	for _, l := range []struct {
		field, link string
		needed      bool
	}{{"bsl", s.BSL, false}, {"easy", s.Easy, false}, {"exit", s.Exit, true}} {
		u, err := url.Parse(l.link)
		if l.link == "" && !l.needed {
			continue
		}
		if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || len(l.link) > 300 {
			f.Add(l.field, "Enter a web address that begins with https://")
		}
	}
	return f.Err()
}

// Save keeps a setting in a new version.
func Save(ctx context.Context, p *record.Practice, by record.Author, s Setting) error {
	if err := s.Check(); err != nil {
		return err
	}
	parts := write.List{
		write.Obj{"url": "ask", "valueInteger": s.Ask},
		write.Obj{"url": "ask-ends", "valueBoolean": s.AskEnds},
		write.Obj{"url": "stop", "valueInteger": s.Stop},
		write.Obj{"url": "exit", "valueUrl": s.Exit},
	}
	for name, link := range map[string]string{"bsl": s.BSL, "easy": s.Easy} {
		if link != "" {
			parts = append(parts, write.Obj{"url": name, "valueUrl": link})
		}
	}
	for name, text := range s.own() {
		if *text != "" {
			parts = append(parts, write.Obj{"url": name, "valueString": *text})
		}
	}
	o := write.Obj{"code": write.Coded(code, "online", "Online access"), "extension": write.List{write.Obj{"url": part, "extension": parts}}}
	return kept.Save(ctx, p, by, "online access settings", s.Version, func(*fhir.Resource) write.Obj { return o })
}

// End is when acting for a patient ends that was given at a moment: the first
// birthday after it on which the policy ends it; zero for none, as for an adult.
func (s Setting) End(born, given time.Time) time.Time {
	if born.IsZero() {
		return time.Time{}
	}
	ages := []int{s.Stop}
	if s.AskEnds {
		ages = []int{s.Ask, s.Stop}
	}
	for _, age := range ages {
		if t := born.AddDate(age, 0, 0); given.Before(t) {
			return t
		}
	}
	return time.Time{}
}

// Until is the last moment that somebody may act for a patient when it is
// given now: for a child never longer than to the birthday on which it ends.
// asked is zero for no end.
func (s Setting) Until(born, now, asked time.Time) time.Time {
	end := s.End(born, now)
	if end.IsZero() || !asked.IsZero() && asked.Before(end) {
		return asked
	}
	return end
}

// Review tells whether a child has come to the age to be asked, since acting
// for them was given.
func (s Setting) Review(born, now, given time.Time) bool {
	if born.IsZero() {
		return false
	}
	ask := born.AddDate(s.Ask, 0, 0)
	return !now.Before(ask) && given.Before(ask) && now.Before(born.AddDate(s.Stop, 0, 0))
}

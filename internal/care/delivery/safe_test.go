package delivery

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"heartwood/internal/care/request"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
)

// Whatever is said of safe contact, no way that it rules out is taken; and
// where nothing else would have stood in the way, the refusal says that it is
// for a person.
func TestSafeContactIsObeyed(t *testing.T) {
	hazard.Covers(t, "H-036")
	rapid.Check(t, func(t *rapid.T) {
		p := person()
		flip := func(name string) bool { return rapid.Bool().Draw(t, name) }
		draw := func(name string) Safe {
			s := Safe{NoVoicemail: flip(name), NoTexts: flip(name), NoEmails: flip(name), NoPost: flip(name), NoApp: flip(name)}
			if flip(name) {
				s.Only = "07700 900002"
			}
			return s
		}
		p.Contact.Safe = draw("settled")
		said := draw("said")
		said.Only = ""
		p.Contact.Said = []Said{{Words: "x", When: time.Now(), Safe: said}}
		var tried []Target
		for range 5 {
			r, err := Choose(p, everything, tried)
			if err != nil {
				if !IsUnsafe(err) && p.Contact.Heed().Any() && len(tried) == 0 {
					t.Fatalf("%v", err)
				}
				return
			}
			h := p.Contact.Heed()
			switch {
			case r.Medium == SMS && (h.NoTexts || h.Only != "" && !SameAddress(h.Only, r.Address)),
				r.Medium == Email && h.NoEmails, r.Medium == Letter && h.NoPost, r.Medium == App && h.NoApp:
				t.Fatalf("%+v although %+v", r, h)
			}
			tried = append(tried, r.Target)
		}
	})
}

// What a form has said is understood; words of anybody's own are for a person,
// and nothing goes by itself until they are settled.
func TestHeard(t *testing.T) {
	hazard.Covers(t, "H-036")
	for words, want := range map[string]Safe{
		request.SafeNoVoicemail:                           {NoVoicemail: true},
		request.SafeNoTexts + ". " + request.SafeNoEmails: {NoTexts: true, NoEmails: true},
		request.SafeNoPost:                                {NoPost: true},
		"My brother must not know":                        {Ask: true},
		request.SafeNoTexts + ". He has my phone":         {NoTexts: true, Ask: true},
		"": {},
	} {
		if got := heard(words); got != want {
			t.Errorf("%q: %+v", words, got)
		}
	}
	p := person()
	p.Contact.Said = []Said{{Words: "x", Safe: Safe{Ask: true}}}
	if _, err := Choose(p, everything, nil); !fault.Is(err, fault.Refused) || !IsUnsafe(err) {
		t.Errorf("sent although somebody must read what they said: %v", err)
	}
}

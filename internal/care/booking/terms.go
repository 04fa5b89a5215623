package booking

import (
	"encoding/json"
	"slices"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
)

// Who may take a slot, beside the practice's own staff, who always may.
const (
	ByLink    = "link"    // a patient to whom it was offered
	BySelf    = "self"    // any patient of the practice, unasked
	ByNetwork = "network" // another organisation, by program: 111, the PCN
)

const termsURL = care.Base + "StructureDefinition/slot-terms"

// Terms are what a slot is sold by, kept as an extension of the Slot. Zero
// terms: one patient, at any time until it starts, by staff or on an offer.
type Terms struct {
	Capacity int       // patients at once; 0 is 1
	Opens    time.Time // not sold before; zero: at once
	Closes   time.Time // not sold from then on; zero: when it starts
	Who      []string  // ByLink …; none: ByLink
	Owner    string    // the node that sells it; "": whoever keeps the record
	Type     string    // id of the practice's slot type, for the national category

	taken int    // how many have it
	held  string // id of the Appointment for which it is kept a while
}

// Places is how many patients the slot is for.
func (t Terms) Places() int { return max(t.Capacity, 1) }

// lets tells whether a buyer of this sort may have it; "" is staff. What any
// patient may take unasked, one to whom it was offered may take too.
func (t Terms) lets(via string) bool {
	return via == "" || slices.Contains(t.Who, via) || via == ByLink && (len(t.Who) == 0 || slices.Contains(t.Who, BySelf))
}

// sells refuses when the terms do not let the slot be sold now by this node.
func (t Terms) sells(via, node string, now time.Time) error {
	switch {
	case t.Owner != "" && t.Owner != node:
		return fault.At(fault.Refused, "slot", "Another site sells that time. Please choose another, or book it there.")
	case !t.lets(via):
		return fault.At(fault.Refused, "slot", "That time cannot be booked this way. Please choose another.")
	case now.Before(t.Opens):
		return fault.At(fault.Refused, "slot", "That time can be booked from %s.", sayWhen(t.Opens))
	case !t.Closes.IsZero() && !now.Before(t.Closes):
		return fault.At(fault.Refused, "slot", "It is too late to book that time. Please choose another.")
	}
	return nil
}

func readTerms(res *fhir.Resource) (t Terms) {
	for e := range res.Get("extension").Items() {
		if !e.Get("url").Is(termsURL) {
			continue
		}
		for x := range e.Get("extension").Items() {
			switch x.Get("url").Str() {
			case "capacity":
				t.Capacity = whole(x.Get("valueInteger"))
			case "taken":
				t.taken = whole(x.Get("valueInteger"))
			case "opens":
				t.Opens = write.When(x.Get("valueInstant"))
			case "closes":
				t.Closes = write.When(x.Get("valueInstant"))
			case "who":
				t.Who = append(t.Who, x.Get("valueCode").Str())
			case "owner":
				t.Owner = x.Get("valueString").Str()
			case "type":
				t.Type = x.Get("valueString").Str()
			case "held":
				t.held = x.Get("valueString").Str()
			}
		}
	}
	return t
}

func whole(n fhir.Node) int {
	var i int
	_ = json.Unmarshal(n.Raw(), &i) // what is no number counts as none
	return max(i, 0)
}

// Extension is the terms as they are kept, nil when there are none.
func (t Terms) Extension() map[string]any {
	var in list
	add := func(url, typ string, v any) { in = append(in, obj{"url": url, typ: v}) }
	if t.Capacity > 1 {
		add("capacity", "valueInteger", t.Capacity)
	}
	if t.taken > 0 {
		add("taken", "valueInteger", t.taken)
	}
	if !t.Opens.IsZero() {
		add("opens", "valueInstant", write.Instant(t.Opens))
	}
	if !t.Closes.IsZero() {
		add("closes", "valueInstant", write.Instant(t.Closes))
	}
	for _, w := range t.Who {
		add("who", "valueCode", w)
	}
	for _, x := range [...][2]string{{"owner", t.Owner}, {"type", t.Type}, {"held", t.held}} {
		if x[1] != "" {
			add(x[0], "valueString", x[1])
		}
	}
	if in == nil {
		return nil
	}
	return obj{"url": termsURL, "extension": in}
}

// with is the slot's extensions with other terms.
func (s slot) with(t Terms) any { return write.Extended(s.res, termsURL, t.Extension()) }

// Channel is the extension that says how a slot is held.
func Channel(m Mode) map[string]any { return channelExtension(m) }

// TermsOf reads what a Slot is sold by.
func TermsOf(res *fhir.Resource) Terms { return readTerms(res) }

// ModeOf reads how a Slot or an Appointment is held, "" when it does not say.
func ModeOf(res *fhir.Resource) Mode { return modeOf(res) }

// Taken is how many patients have one of the places of a group.
func (t Terms) Taken() int { return t.taken }

// Same tells whether a slot would be sold in the same way.
func (t Terms) Same(o Terms) bool {
	return t.Places() == o.Places() && t.Opens.Equal(o.Opens) && t.Closes.Equal(o.Closes) &&
		slices.Equal(t.Who, o.Who) && t.Owner == o.Owner && t.Type == o.Type
}

package access

import "slices"

// Part is a part of acting for somebody: a proxy sees and does only what they
// must.
type Part string

// The parts.
const (
	Asks    Part = "ask"    // ask for help, read and answer what the practice writes about requests
	Books   Part = "book"   // choose, move and cancel appointments
	Records Part = "record" // see the record, and who has looked at it
)

// Parts lists them, the least first.
func Parts() []Part { return []Part{Asks, Books, Records} }

// partOf is the part that an action is of.
var partOf = map[Action]Part{AskForSelf: Asks, SeeRequests: Asks, PickSlot: Books, SeeOwnRecord: Records, SeeWhoLooked: Records}

// Allows tells whether a charge has a part. One that lists none has all: those
// that were given before there were parts.
func (c Charge) Allows(part Part) bool {
	return len(c.Scope) == 0 || slices.Contains(c.Scope, part)
}

// within tells whether what a person may do for a patient has this action.
func (p Person) within(action Action, patient string) bool {
	if patient == p.Ref {
		return true
	}
	for _, c := range p.Charges {
		if c.Patient == patient {
			return c.Allows(partOf[action])
		}
	}
	return true // ActsFor has said who they are
}

// Sees tells whether a person may do this for a patient they act for, without
// asking where.
func (p Person) Sees(action Action, patient string) bool {
	return p.ActsFor(patient) && p.within(action, patient)
}

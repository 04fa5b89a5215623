package access

import (
	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

// Action is something that a person may or may not do.
type Action uint8

// The actions. Those marked "theirs" need a patient that the person may act
// for; those marked "a patient" need one named; the others need none.
const (
	AskForSelf     Action = iota + 1 // make, add to or withdraw a request (theirs)
	SeeOwnRecord                     // see requests, answers, the record (theirs)
	PickSlot                         // take or give back an offered appointment (theirs)
	SeeWhoLooked                     // see who has seen a record (theirs, or for a manager a patient's)
	AskOnBehalf                      // make a request for somebody on the phone or at the desk (a patient)
	FindPatient                      // look patients up by name, birth date or NHS number
	WorkQueue                        // see the queue and the requests in it
	SeeRecord                        // open a patient's record (a patient)
	Triage                           // confirm or raise urgency, assign
	Message                          // write to a patient
	Book                             // offer and book appointments
	AssignJob                        // give a colleague a job
	Consult                          // record a consultation, codes and results
	Close                            // close a request with an outcome, or reopen it
	Manage                           // staff accounts, sessions, opening hours, forms
	Reconcile                        // the day's numbers, and in = answered + open
	SeeNetwork                       // numbers across practices, without patients
	GiveAccess                       // let a patient, or somebody for them, sign in; stop it again (a patient)
	SeeRequests                      // see requests, messages and appointments (theirs)
	Hide                             // keep an entry from being seen online (a patient)
	Unhide                           // let a hidden entry be seen online again (a patient)
	SwitchMessages                   // switch messages of a patient, or on a request, off and on
	lastAction
)

var actionWords = [...]string{
	AskForSelf:   "ask for help for this patient",
	SeeOwnRecord: "see this record",
	PickSlot:     "choose this patient's appointment",
	SeeWhoLooked: "see who has looked at this record",
	AskOnBehalf:  "make a request for a patient",
	FindPatient:  "look up patients",
	WorkQueue:    "see the practice's requests",
	SeeRecord:    "open a patient's record",
	Triage:       "triage requests",
	Message:      "write to patients",
	Book:         "book appointments for patients",
	AssignJob:    "give a colleague a job",
	Consult:      "record a consultation",
	Close:        "close requests",
	Manage:       "manage the practice",
	Reconcile:    "see the day's numbers",
	SeeNetwork:   "see numbers across practices",
	GiveAccess:   "give online access",
	SeeRequests:  "see these requests",
	Hide:         "hide an entry from online access",
	Unhide:       "show a hidden entry again",

	SwitchMessages: "switch a patient’s messages off or on",
}

// String is the action in words that follow "You may not".
func (a Action) String() string {
	if int(a) < len(actionWords) && actionWords[a] != "" {
		return actionWords[a]
	}
	return "do this"
}

// Actions lists every action.
func Actions() []Action {
	all := make([]Action, 0, lastAction)
	for a := AskForSelf; a < lastAction; a++ {
		all = append(all, a)
	}
	return all
}

// need is what an action needs of the patient named.
type need uint8

const (
	never   need = iota // not in this role
	anyone              // no patient needs naming
	patient             // a patient must be named
	theirs              // a patient the person acts for must be named
)

// rights is the decision table: role, then action. What is not in it is never.
var rights = map[Role]map[Action]need{
	Patient: {AskForSelf: theirs, SeeRequests: theirs, SeeOwnRecord: theirs, PickSlot: theirs, SeeWhoLooked: theirs},
	Proxy:   {AskForSelf: theirs, SeeRequests: theirs, SeeOwnRecord: theirs, PickSlot: theirs, SeeWhoLooked: theirs},
	Navigator: {
		AskOnBehalf: patient, FindPatient: anyone, WorkQueue: anyone, SeeRecord: patient,
		Triage: anyone, Message: anyone, Book: anyone, AssignJob: anyone, Close: anyone,
		GiveAccess: patient, Hide: patient,
	},
	Clinician: {
		AskOnBehalf: patient, FindPatient: anyone, WorkQueue: anyone, SeeRecord: patient,
		Triage: anyone, Message: anyone, Book: anyone, AssignJob: anyone, Close: anyone, Consult: anyone,
		GiveAccess: patient, Hide: patient, Unhide: patient, SwitchMessages: anyone,
	},
	// A manager runs the practice and does not read clinical records.
	Manager: {
		AskOnBehalf: patient, FindPatient: anyone, WorkQueue: anyone, SeeWhoLooked: patient,
		Triage: anyone, Book: anyone, AssignJob: anyone,
		Manage: anyone, Reconcile: anyone, SeeNetwork: anyone, GiveAccess: patient, SwitchMessages: anyone,
	},
	Commissioner: {SeeNetwork: anyone},
}

// May decides whether a person may do something in a practice, to a patient
// ("Patient/…", "" when the action is about none). nil is yes; a refusal is a
// plain Forbidden fault. A person whose Practice is empty has not signed in.
func May(p Person, action Action, practice ident.ODS, pat string) error {
	if p.Practice == "" || !p.Role.Known() {
		return fault.New(fault.Unauthenticated, "Sign in first.")
	}
	n := rights[p.Role][action]
	switch {
	case n == never:
		return fault.New(fault.Forbidden, "Your role does not let you %s.", action)
	case p.Practice != practice && !(p.Role == Commissioner && action == SeeNetwork):
		return fault.New(fault.Forbidden, "You are signed in to another practice.")
	case n == patient && pat == "":
		return fault.New(fault.Forbidden, "Choose a patient first.")
	case n == theirs && !p.ActsFor(pat):
		return fault.New(fault.Forbidden, "You can only %s for yourself and for people you are registered to act for.", theirsWords[action])
	case n == theirs && !p.within(action, pat):
		return fault.New(fault.Forbidden, "You may act for this person, but not %s. Ask the practice if you need to.", theirsWords[action])
	}
	return nil
}

var theirsWords = map[Action]string{
	AskForSelf:   "ask for help",
	SeeRequests:  "see their requests",
	SeeOwnRecord: "see the record",
	PickSlot:     "choose appointments",
	SeeWhoLooked: "see who has looked",
}

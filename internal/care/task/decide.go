package task

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"heartwood/internal/care"
	"heartwood/internal/care/request"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

// Command is a decision about a job that exists.
type Command interface {
	decide(j Job, now time.Time) (set write.Obj, why string, err error)
}

// Amend changes what is asked, of whom, by when and how urgent it is. It says
// all four: what is as before stays.
type Amend struct {
	What, Owner, Name, Priority string
	By                          time.Time // zero for no date
}

// Complete ends a job with what was done.
type Complete struct{ Result string }

// Cancel ends a job that need not be done, with why.
type Cancel struct{ Reason string }

// Reopen takes up a job again that had ended, with why.
type Reopen struct{ Reason string }

// longest is how long a text can be, in characters.
const longest = 2000

// Decide is what a command changes in a job, and the reason that the log
// keeps; or a refusal. It is pure.
func Decide(j Job, c Command, now time.Time) (set write.Obj, why string, err error) {
	if set, why, err = c.decide(j, now); err != nil {
		return nil, "", err
	}
	set["lastModified"] = write.Instant(now)
	return set, why, nil
}

func (j Job) open() error {
	switch j.State {
	case Done:
		return fault.New(fault.Refused, "This job is done already.")
	case Cancelled:
		return fault.New(fault.Refused, "This job was cancelled.")
	}
	return nil
}

func (a Amend) decide(j Job, _ time.Time) (write.Obj, string, error) {
	if err := j.open(); err != nil {
		return nil, "", err
	}
	n, err := New{What: a.What, Owner: a.Owner, Name: a.Name, Priority: a.Priority, By: a.By}.clean()
	if err != nil {
		return nil, "", err
	}
	var changed []string
	set := write.Obj{}
	if n.What != j.What {
		changed, set["description"] = append(changed, "what is to be done"), n.What
	}
	if n.Owner != j.Owner {
		changed, set["owner"] = append(changed, "who does it"), ownerOf(n)
	}
	if n.Priority != j.Priority {
		changed, set["priority"] = append(changed, "how urgent it is"), n.Priority
	}
	if !n.By.Equal(j.By) {
		changed, set["restriction"] = append(changed, "by when"), restriction(n.By)
	}
	if len(changed) == 0 {
		return nil, "", fault.New(fault.Refused, "Nothing is different from before.")
	}
	return set, "job changed: " + strings.Join(changed, ", "), nil
}

func (c Complete) decide(j Job, now time.Time) (write.Obj, string, error) {
	result, err := said("done", c.Result, "Write what was done.")
	if err != nil {
		return nil, "", err
	}
	if err := j.open(); err != nil {
		return nil, "", err
	}
	return write.Obj{
		"status": "completed", "executionPeriod": write.Obj{"end": write.Instant(now)},
		"output": write.List{write.Obj{"type": write.Coded(care.OutputType, "result", ""), "valueString": result}},
	}, "job done", nil
}

func (c Cancel) decide(j Job, now time.Time) (write.Obj, string, error) {
	reason, err := said("reason", c.Reason, "Write why it need not be done.")
	if err != nil {
		return nil, "", err
	}
	if err := j.open(); err != nil {
		return nil, "", err
	}
	return write.Obj{
		"status": "cancelled", "executionPeriod": write.Obj{"end": write.Instant(now)},
		"statusReason": write.Obj{"text": reason},
	}, "job cancelled: " + reason, nil
}

func (c Reopen) decide(j Job, _ time.Time) (write.Obj, string, error) {
	reason, err := said("reason", c.Reason, "Write why it is taken up again.")
	if err != nil {
		return nil, "", err
	}
	if j.State == Open {
		return nil, "", fault.New(fault.Refused, "This job is open.")
	}
	return write.Obj{"status": "requested", "executionPeriod": nil, "statusReason": nil, "output": nil}, "job opened again: " + reason, nil
}

// said is a text that must not be empty.
func said(where, text, missing string) (string, error) {
	text = request.CleanText(text)
	switch {
	case text == "":
		return "", fault.At(fault.Invalid, where, "%s", missing)
	case utf8.RuneCountInString(text) > longest:
		return "", fault.At(fault.Invalid, where, "This is too long. It can have up to %d characters.", longest)
	}
	return text, nil
}

// clean checks a job and tidies its words.
func (n New) clean() (New, error) {
	var f care.Faults
	var err error
	if n.What, err = said("what", n.What, "Write what is to be done."); err != nil {
		f = append(f, fault.From(err))
	}
	if r, ok := ident.ParseRef(n.Owner); !ok || !slices.Contains([]string{"Practitioner", "PractitionerRole", "CareTeam", "Organization"}, r.Type) {
		f.Add("owner", "Choose a person or a team.")
	}
	if r, ok := ident.ParseRef(n.Patient); n.Patient != "" && (!ok || r.Type != "Patient") {
		f.Add("patient", "This is not a patient.")
	}
	if n.Request != "" && !ident.IsID(n.Request) {
		f.Add("request", "There is no such request.")
	}
	if n.Priority == "" {
		n.Priority = "routine"
	}
	if _, ok := request.ParseUrgency(n.Priority); !ok {
		f.Add("priority", "Choose how urgent it is.")
	}
	return n, f.Err()
}

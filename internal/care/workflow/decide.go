package workflow

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/task"
)

// Moves is what a case needs now. Doing it and deciding again moves nothing.
type Moves struct {
	Begin       []Begin
	Give        []Give
	End, Reopen bool
}

// Begin is a step whose job is to be made.
type Begin struct {
	Step
	Why string // that it goes to others than the step says; "" where it does not
}

// Give is an open job that somebody else has from now.
type Give struct {
	Job, Owner, Name, Why string
}

// None tells whether nothing is to be done.
func (m Moves) None() bool {
	return len(m.Begin)+len(m.Give) == 0 && !m.End && !m.Reopen
}

// Here tells whether somebody or a team works here still, and the name.
type Here func(ref string) (name string, ok bool)

// Decide is what a case needs, with the jobs that its steps have by the
// step's id. A step begins when the one it waits for has ended, done or
// cancelled with a reason: either is somebody's decision and is seen in the
// case. What would go to nobody goes to the triage team. It is pure.
func Decide(c Case, jobs map[string]task.Job, here Here, now time.Time) (m Moves) {
	if c.State == Cancelled {
		return m
	}
	open := false
	for _, s := range c.Definition.Steps {
		j, begun := jobs[s.ID]
		switch {
		case begun && j.State == task.Open:
			open = true
			if g, ok := give(s, j, here, now); ok {
				m.Give = append(m.Give, g)
			}
		case !begun && ready(s, jobs):
			open = true
			m.Begin = append(m.Begin, begin(s, here))
		case !begun:
			open = true // it waits for another, which is open or begins now
		}
	}
	m.End, m.Reopen = !open && c.State == Active, open && c.State == Done
	return m
}

func ready(s Step, jobs map[string]task.Job) bool {
	if s.After == "" {
		return true
	}
	j, begun := jobs[s.After]
	return begun && j.State != task.Open
}

func begin(s Step, here Here) Begin {
	if name, ok := here(s.Owner); ok {
		s.Name = name
		return Begin{Step: s}
	}
	b := Begin{Step: s, Why: "meant for " + called(s) + ", who is not here any more"}
	b.Owner, b.Name = care.Triage, care.TriageName
	return b
}

func give(s Step, j task.Job, here Here, now time.Time) (Give, bool) {
	if _, ok := here(j.Owner); !ok && j.Owner != care.Triage {
		return Give{Job: j.ID, Owner: care.Triage, Name: care.TriageName, Why: "who had it is not here any more"}, true
	}
	if s.Escalate == "" || s.Escalate == j.Owner || j.Owner != s.Owner || !j.Late(now) {
		return Give{}, false
	}
	name, ok := here(s.Escalate)
	if !ok {
		return Give{}, false
	}
	return Give{Job: j.ID, Owner: s.Escalate, Name: name, Why: "overdue"}, true
}

func called(s Step) string {
	if s.Name != "" {
		return s.Name
	}
	return "a team"
}

// caseID is the id of the case that an event begins: the same event of the
// same workflow again is the same case.
func caseID(workflow, event string) string { return "case-" + digest(workflow, event) }

// jobID is the id of a step's job in a case.
func jobID(caseID, step string) string { return "step-" + digest(caseID, step) }

func digest(a, b string) string {
	h := sha256.Sum256([]byte(a + "\x00" + b))
	return hex.EncodeToString(h[:16])
}

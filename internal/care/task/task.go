// Package task is a job that one colleague asks of another.
//
// What comes in: what to do, for whom, by when; later decisions about it, each
// with the version that was looked at. What goes out: a Task owned by a person
// or a team, its history, and lists of them. It must never close a request
// (jobs hang on one and end on their own), and never move a job but by a
// decision that somebody made and that is recorded.
package task

import (
	"time"

	"heartwood/internal/care"
	"heartwood/internal/fault"
	"heartwood/internal/record"
)

// New is a job to be done.
type New struct {
	What     string    // "what"
	Patient  string    // "Patient/…", "" for none
	Request  string    // Task id of the request it belongs to, "" for none
	Plan     string    // CarePlan id of the case it is a step of, "" for none
	Owner    string    // "owner": "Practitioner/…" or "CareTeam/…"
	Name     string    // the owner's name, for display
	By       time.Time // "by": when it must be done; zero for no date
	Priority string    // routine, urgent, asap, stat; "" is routine
}

// State is where a job is.
type State string

// The states of a job.
const (
	Open      State = "open"
	Done      State = "done"
	Cancelled State = "cancelled"
)

// States lists them in the order of a page.
var States = []State{Open, Done, Cancelled}

// Job is a job as pages show it.
type Job struct {
	ID, Version string
	What        string
	Patient     string
	Request     string // Task id
	Plan        string // CarePlan id of the workflow it is a step of, "" for none
	Owner, Name string
	From        string // who asked
	Priority    string
	Since, By   time.Time
	State       State
	Ended       time.Time // when it was done or cancelled
	Result      string    // what was done
	Reason      string    // why it was cancelled
}

// Late tells whether an open job is past its time.
func (j Job) Late(now time.Time) bool {
	return j.State == Open && !j.By.IsZero() && j.By.Before(now)
}

// Event is one line of a job's history.
type Event struct {
	At  time.Time
	Who string // a reference
	Why string // "Job changed: by when, urgency"
}

func staff(by record.Author) error {
	if !care.IsStaff(by.Role) {
		return fault.New(fault.Forbidden, "Only staff of the practice can do this.")
	}
	return nil
}

func unknown() error { return fault.New(fault.NotFound, "There is no such job.") }

func stale() error {
	return fault.New(fault.Conflict, "Somebody changed this job since you opened it. Look at it again.")
}

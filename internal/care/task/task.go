// Package task is a job that one colleague asks of another.
//
// What comes in: what to do, for whom, by when. What goes out: a Task owned by
// a person or a team, and lists of them. It must never close a request: jobs
// hang on one and end on their own.
package task

import "time"

// New is a job to be done.
type New struct {
	What     string    // "what"
	Patient  string    // "Patient/…", "" for none
	Request  string    // Task id of the request it belongs to, "" for none
	Owner    string    // "owner": "Practitioner/…" or "CareTeam/…"
	Name     string    // the owner's name, for display
	By       time.Time // "by": when it must be done; zero for no date
	Priority string    // routine, urgent, asap, stat; "" is routine
}

// Job is a job as pages show it.
type Job struct {
	ID, Version string
	What        string
	Patient     string
	Request     string // Task id
	Owner, Name string
	From        string // who asked
	Priority    string
	Since, By   time.Time
	Done        bool
	Result      string // what was done
}

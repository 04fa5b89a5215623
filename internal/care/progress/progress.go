// Package progress tells a patient how far their request has come: what has
// been done, who has it now, what happens next and by when.
//
// What comes in: a request and the time, and what the practice lets patients
// see of its staff. What goes out: steps in plain words. It must never name a
// member of staff unless the practice has agreed, never promise a time that
// nobody promised, and never hide that a request is late.
package progress

import (
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/request"
	"heartwood/internal/words"
)

// Mark is where a step stands.
type Mark string

// The marks.
const (
	Done  Mark = "done"
	Now   Mark = "now"
	Later Mark = "later"
)

// Step is one step on the way of a request.
type Step struct {
	Title string
	Say   string // when, or what it means; may be empty
	Mark  Mark
}

// Way is how far a request has come.
type Way struct {
	Steps []Step
	Late  bool // the time that was promised has passed
	Next  []string
}

// Facts are what the steps are made of.
type Facts struct {
	Request request.View
	Looked  time.Time // the first decision of a member of staff; zero when none yet
	Answer  time.Time // when it was closed; zero while open
	With    string    // who has it, in a patient's words: "our pharmacist"; "" for nobody in particular
	Opens   time.Time // when the practice opens next; zero while it is open
}

// Of is pure: the steps of a request as at now, in a language.
func Of(f Facts, lang words.Lang, now time.Time) Way {
	q := f.Request
	say := func(key string, args ...any) string { return words.T(lang, "progress."+key, args...) }
	w := Way{Late: q.Late(now) && q.State != request.WithPatient}
	w.Steps = append(w.Steps, Step{say("received"), words.When(q.Since, now), Done})
	w.Steps = append(w.Steps, f.read(say, now))
	if s, ok := f.work(say); ok {
		w.Steps = append(w.Steps, s)
	}
	if q.State == request.WithPatient {
		w.Steps = append(w.Steps, Step{say("yours"), say("yours.say"), Now})
	}
	w.Steps = append(w.Steps, f.answer(say, w.Late, now))
	w.Next = f.next(say, w.Late, now)
	return w
}

type sayer func(key string, args ...any) string

// read is the step of somebody reading it first.
func (f Facts) read(say sayer, now time.Time) Step {
	switch {
	case !f.Looked.IsZero():
		return Step{say("read"), words.When(f.Looked, now), Done}
	case f.Request.State != request.Received:
		return Step{say("read"), "", Done}
	case !f.Opens.IsZero():
		return Step{say("reading"), say("reading.shut", words.When(f.Opens, now)), Now}
	}
	return Step{say("reading"), say("reading.say"), Now}
}

// work is the step of somebody working on it.
func (f Facts) work(say sayer) (Step, bool) {
	s := Step{Title: say("work"), Mark: Now}
	if f.With != "" {
		s.Title = say("with", f.With)
	}
	switch f.Request.State {
	case request.Received:
		return Step{}, false
	case request.WithPatient, request.Closed:
		s.Title = say("worked")
		s.Mark = Done
	}
	return s, true
}

func (f Facts) answer(say sayer, late bool, now time.Time) Step {
	switch q := f.Request; {
	case !q.Open():
		s := Step{Title: say("answered"), Mark: Done}
		if !f.Answer.IsZero() {
			s.Say = words.When(f.Answer, now)
		}
		return s
	case q.State == request.WithPatient:
		return Step{say("answer"), say("answer.reply"), Later}
	case late || q.AnswerBy.IsZero():
		return Step{say("answer"), "", Later}
	default:
		return Step{say("answer"), say("answer.by", words.By(q.AnswerBy, now)), Later}
	}
}

// next says what happens now, honestly.
func (f Facts) next(say sayer, late bool, now time.Time) []string {
	q := f.Request
	switch {
	case !q.Open():
		return nil
	case q.State == request.WithPatient:
		return []string{say("next.yours")}
	case q.Urgency == request.Stat:
		return []string{say("next.emergency")}
	case late:
		return []string{say("next.late"), say("next.again"), say("next.worse")}
	case q.AnswerBy.IsZero():
		return []string{say("next.again"), say("next.worse")}
	}
	return []string{say("next.by", words.By(q.AnswerBy, now)), say("next.again"), say("next.worse")}
}

// Read takes the facts that stand in the request's own history.
func Read(q request.View) Facts {
	f := Facts{Request: q}
	for i := len(q.History) - 1; i >= 0; i-- {
		e := q.History[i]
		first := i == len(q.History)-1
		if f.Looked.IsZero() && !first && isStaff(e.Role) {
			f.Looked = e.Time
		}
		if e.State == request.Closed && f.Answer.IsZero() {
			f.Answer = e.Time
		} else if e.State != request.Closed {
			f.Answer = time.Time{}
		}
	}
	if q.Changed.Before(f.Answer) { // a record that was brought in is younger than what it tells
		f.Answer = q.Changed
	}
	return f
}

func isStaff(role string) bool { return role != care.RoleSystem && care.IsStaff(role) }

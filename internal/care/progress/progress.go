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
	Again   bool      // it was answered, or with the patient, before: what was promised first is over
}

// by is when the patient hears at the latest, as they were told: the clock of
// the request once it has come back.
func (f Facts) by() time.Time {
	if t := f.Request.Promised.Latest; !f.Again && !t.IsZero() {
		return t
	}
	return f.Request.AnswerBy
}

// late tells whether that time has passed.
func (f Facts) late(now time.Time) bool {
	q := f.Request
	if !q.Open() || q.State == request.WithPatient {
		return false
	}
	return q.Late(now) || q.Urgency != request.Stat && !f.by().IsZero() && now.After(f.by())
}

// Of is pure: the steps of a request as at now, in a language.
func Of(f Facts, lang words.Lang, now time.Time) Way {
	q := f.Request
	in := sayer{lang}
	w := Way{Late: f.late(now)}
	w.Steps = append(w.Steps, Step{in.say("received"), in.When(q.Since, now), Done})
	w.Steps = append(w.Steps, f.read(in, now))
	if s, ok := f.work(in); ok {
		w.Steps = append(w.Steps, s)
	}
	if q.State == request.WithPatient {
		w.Steps = append(w.Steps, Step{in.say("yours"), in.say("yours.say"), Now})
	}
	w.Steps = append(w.Steps, f.answer(in, w.Late, now))
	w.Next = f.next(in, w.Late, now)
	return w
}

// sayer says things in a language.
type sayer struct{ words.Lang }

func (s sayer) say(key string, args ...any) string { return s.T("progress."+key, args...) }

// read is the step of somebody reading it first.
func (f Facts) read(in sayer, now time.Time) Step {
	switch {
	case !f.Looked.IsZero():
		return Step{in.say("read"), in.When(f.Looked, now), Done}
	case f.Request.State != request.Received:
		return Step{in.say("read"), "", Done}
	case !f.Opens.IsZero():
		return Step{in.say("reading"), in.say("reading.shut", in.When(f.Opens, now)), Now}
	}
	return Step{in.say("reading"), in.say("reading.say"), Now}
}

// work is the step of somebody working on it.
func (f Facts) work(in sayer) (Step, bool) {
	s := Step{Title: in.say("work"), Mark: Now}
	if f.With != "" {
		s.Title = in.say("with", f.With)
	}
	switch f.Request.State {
	case request.Received:
		return Step{}, false
	case request.WithPatient, request.Closed:
		s.Title = in.say("worked")
		s.Mark = Done
	}
	return s, true
}

func (f Facts) answer(in sayer, late bool, now time.Time) Step {
	switch q := f.Request; {
	case !q.Open():
		s := Step{Title: in.say("answered"), Mark: Done}
		if !f.Answer.IsZero() {
			s.Say = in.When(f.Answer, now)
		}
		return s
	case q.State == request.WithPatient:
		return Step{in.say("answer"), in.say("answer.reply"), Later}
	case late || f.by().IsZero():
		return Step{in.say("answer"), "", Later}
	default:
		return Step{in.say("answer"), in.say("answer.by", in.By(f.by(), now)), Later}
	}
}

// next says what happens now, honestly.
func (f Facts) next(in sayer, late bool, now time.Time) []string {
	q := f.Request
	switch {
	case !q.Open():
		return nil
	case q.State == request.WithPatient:
		return []string{in.say("next.yours")}
	case q.Urgency == request.Stat:
		return []string{in.say("next.emergency")}
	case late:
		return []string{in.say("next.late"), in.say("next.again"), in.say("next.worse")}
	case f.by().IsZero():
		return []string{in.say("next.again"), in.say("next.worse")}
	}
	return []string{in.say("next.by", in.By(f.by(), now)), in.say("next.again"), in.say("next.worse")}
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
		f.Again = f.Again || e.State == request.WithPatient || e.State == request.Closed
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

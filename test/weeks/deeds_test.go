package weeks

import (
	"context"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/message"
	"heartwood/internal/care/request"
	"heartwood/internal/record"
)

// deed is something that staff, or the patient after them, do to a request.
type deed struct {
	name string
	do   func(s *sim, v request.View, queue []request.View) error
}

var nurses = request.Owner{Ref: "CareTeam/nurses", Name: "Nurses"}

// deeds are all that is done; closing comes up more often, as it does.
var deeds = []deed{
	{"close", shut},
	{"close", shut},
	{"close", shut},
	{"close", shut},
	{"confirm", func(s *sim, v request.View, _ []request.View) error {
		return s.decide(v, request.Confirm{Urgency: v.Urgency})
	}},
	{"assign", func(s *sim, v request.View, _ []request.View) error { return s.decide(v, request.Assign{To: nurses}) }},
	{"hand up", func(s *sim, v request.View, _ []request.View) error {
		return s.decide(v, request.Escalate{To: request.Owner{Ref: clinician.Ref, Name: "Dr Weeks"}, Reason: "unsure"})
	}},
	{"put aside", func(s *sim, v request.View, _ []request.View) error {
		return s.decide(v, request.Snooze{Until: s.now().Add(time.Hour), Reason: "the result is not back"})
	}},
	{"split", func(s *sim, v request.View, _ []request.View) error {
		err := s.decide(v, request.Split{What: "The letter for work", To: nurses})
		if err == nil {
			s.parts[v.Channel]++
		}
		return err
	}},
	{"merge", merge},
	{"ask back", talk},
	{"many at once", many},
	{"reopen", func(s *sim, v request.View, queue []request.View) error {
		if err := shut(s, v, queue); err != nil {
			return err
		}
		return s.decide(request.View{ID: v.ID}, request.Reopen{Reason: "it was not finished"})
	}},
}

func (s *sim) decide(v request.View, cmd request.Command) error {
	_, err := s.requests.Do(context.Background(), ods, clinician, v.ID, v.Version, cmd)
	return err
}

func shut(s *sim, v request.View, _ []request.View) error {
	return s.decide(v, request.Close{Outcome: request.AdviceGiven, Told: "Rest, and tell us if it gets worse."})
}

// merge puts two requests of one patient together.
func merge(s *sim, v request.View, queue []request.View) error {
	for _, o := range queue {
		if o.ID != v.ID && o.Patient == v.Patient {
			return s.requests.Merge(context.Background(), ods, clinician, v.ID, "", request.Merge{Into: o.ID}, s.next())
		}
	}
	return shut(s, v, nil)
}

// talk asks the patient something; most answer, some twice.
func talk(s *sim, v request.View, _ []request.View) error {
	ctx := context.Background()
	_, err := s.messages.Send(ctx, ods, clinician, message.Send{Request: v.ID, Patient: v.Patient, Text: "How long have you had it?", Await: true}, s.next())
	if err != nil || s.dice.IntN(5) == 0 {
		return err
	}
	key, by := s.next(), record.Author{Ref: v.Patient, Role: care.RolePatient}
	for range 1 + s.dice.IntN(2) {
		if _, err := s.messages.Reply(ctx, ods, by, message.Reply{Request: v.ID, Text: "About a week."}, key); err != nil {
			return err
		}
	}
	return nil
}

// many closes several at once, and half of the time takes it back.
func many(s *sim, _ request.View, queue []request.View) error {
	ctx := context.Background()
	var picked []request.Picked
	for _, v := range queue[:min(4, len(queue))] {
		picked = append(picked, request.Picked{ID: v.ID, Version: v.Version})
	}
	b, err := s.requests.Bulk(ctx, ods, clinician, picked, request.Close{Outcome: request.AdminDone, Told: "Your paperwork is done."}, s.next())
	if err == nil && s.dice.IntN(2) == 0 {
		_, err = s.requests.Undo(ctx, ods, clinician, b.ID)
	}
	return err
}

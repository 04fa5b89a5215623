// Package feedback is what patients say about how a request went.
//
// What comes in: one of a few answers, and words, once a request is closed.
// What goes out: a QuestionnaireResponse, and counts of the answers. The words
// are read by the rules like everything that a patient writes: words of danger
// bring the request back to the queue in the same change. It must never be the
// only place where a cry for help stands, and never ask twice.
package feedback

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"time"
	"unicode/utf8"

	"heartwood/internal/care"
	"heartwood/internal/care/request"
	"heartwood/internal/care/search"
	"heartwood/internal/care/triage"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Answer is how it was.
type Answer string

// Answers are what can be said, in the order of a page: those of the Friends
// and Family Test (NHS England).
var Answers = []Answer{"very-good", "good", "neither", "poor", "very-poor", "unsure"}

// Label is the answer in words.
func (a Answer) Label() string {
	return map[Answer]string{
		"very-good": "Very good", "good": "Good", "neither": "Neither good nor poor", "poor": "Poor", "very-poor": "Very poor", "unsure": "I do not know",
	}[a]
}

// Said is what a patient said of one request.
type Said struct {
	Request string // Task id
	How     Answer // "how"
	Words   string // "words": "" for none
	At      time.Time
	By      string
}

const (
	form = care.Base + "Questionnaire/feedback"
	code = care.Base + "feedback"
	ext  = care.Base + "StructureDefinition/feedback-of"
	// Longest is how many characters the words may have.
	Longest = 1000
)

// refOf is where the answer about a request is: always the same, so that there
// is one.
func refOf(task string) ident.Ref {
	h := sha256.Sum256([]byte(task))
	return ident.Ref{Type: "QuestionnaireResponse", ID: "feedback-" + hex.EncodeToString(h[:16])}
}

// Of reads what was said of a request; ok is false for nothing.
func Of(ctx context.Context, p *record.Practice, task string) (s Said, ok bool, err error) {
	res, _, err := search.Get(ctx, p, refOf(task))
	if err != nil || res == nil {
		return Said{}, false, err
	}
	return saidOf(res), true, nil
}

func saidOf(res *fhir.Resource) Said {
	s := Said{At: write.When(res.Get("authored")), By: write.Target(res.Get("source")).String()}
	for e := range res.Get("extension").Items() {
		if e.Get("url").Is(ext) {
			s.Request = write.Target(e.Get("valueReference")).ID
		}
	}
	for item := range res.Get("item").Items() {
		switch a := item.Get("answer").First(); item.Get("linkId").Str() {
		case "how":
			s.How = Answer(a.Get("valueCoding", "code").Str())
		case "words":
			s.Words = a.Get("valueString").Str()
		}
	}
	return s
}

// decide is pure: whether this may be said of a request.
func decide(r request.View, by record.Author, s Said) error {
	if r.Patient == "" || by.Ref != r.Patient && by.For != r.Patient {
		return fault.New(fault.NotFound, "There is no such request.")
	}
	var f care.Faults
	if s.How.Label() == "" {
		f.Add("how", "Choose how it was.")
	}
	if utf8.RuneCountInString(s.Words) > Longest {
		f.Add("words", "Use %d characters or fewer.", Longest)
	}
	return f.Err()
}

// Tell keeps what is said of a request that is closed. Where the words are
// those of danger the receipt has the advice to show now, and the request is
// back in the queue. What was said before stands: again changes nothing.
func Tell(ctx context.Context, p *record.Practice, by record.Author, s Said) (request.Receipt, error) {
	s.Words = request.CleanText(s.Words)
	r, err := request.Brief(ctx, p, s.Request)
	if err != nil {
		return request.Receipt{}, err
	}
	if err := decide(r, by, s); err != nil {
		return request.Receipt{}, err
	}
	key := "feedback:" + by.Ref + ":" + refOf(s.Request).ID
	if _, said, err := Of(ctx, p, s.Request); err != nil || said {
		return again(ctx, p, key, err)
	}
	if r.State != request.Closed && s.Words == "" {
		return request.Receipt{}, fault.New(fault.Refused, "This request is open again. Tell us how it went when it is answered.")
	}
	found, err := request.ScreenReply(ctx, p, r.Patient, s.Words)
	if err != nil {
		return request.Receipt{}, err
	}
	if triage.Worst(found) > 0 || r.State != request.Closed {
		return raise(ctx, p, by, s, found, key)
	}
	b := write.New(by, "the patient said how it went", key)
	s.add(b, r.Patient, by, p.Now())
	change, err := b.Change()
	if err != nil {
		return request.Receipt{}, err
	}
	if _, err = p.Commit(ctx, change); fault.Is(err, fault.Conflict) {
		err = nil // it was said in two windows at once
	}
	return request.Receipt{}, err
}

// again is the receipt of what was said before, when it is the same form.
func again(ctx context.Context, p *record.Practice, key string, err error) (request.Receipt, error) {
	if err != nil {
		return request.Receipt{}, err
	}
	done, ok, err := p.Repeat(ctx, key)
	if err != nil || !ok {
		return request.Receipt{}, err
	}
	for _, w := range done.Versions {
		if w.Ref.Type == "Task" {
			return request.ReceiptOf(ctx, p, done)
		}
	}
	return request.Receipt{}, nil
}

// raise brings the request back to the queue with the words as a message.
func raise(ctx context.Context, p *record.Practice, by record.Author, s Said, found []triage.Finding, key string) (request.Receipt, error) {
	cmd := request.Returned{What: "what the patient said about how it went", Findings: found}
	done, err := request.Decided(ctx, p, by, s.Request, "", cmd, key, func(b *write.Builder, v request.View, now time.Time) error {
		patient, _ := ident.ParseRef(v.Patient)
		task := ident.Ref{Type: "Task", ID: v.ID}
		s.add(b, v.Patient, by, now)
		ref := request.Tell(b, request.Letter{Kind: "reply", Task: task, Patient: patient, Text: s.Words, Via: "Said about how it went"}, by, now)
		request.Flags(b, found, patient, now, ref, task)
		return nil
	})
	if err != nil {
		return request.Receipt{}, err
	}
	return request.ReceiptOf(ctx, p, done)
}

func (s Said) add(b *write.Builder, patient string, by record.Author, now time.Time) {
	items := write.List{write.Obj{"linkId": "how", "answer": write.List{write.Obj{"valueCoding": write.Obj{
		"system": code, "code": string(s.How), "display": s.How.Label(),
	}}}}}
	if s.Words != "" {
		items = append(items, write.Obj{"linkId": "words", "answer": write.List{write.Obj{"valueString": s.Words}}})
	}
	ref, _ := ident.ParseRef(patient)
	o := write.Obj{
		"questionnaire": form, "status": "completed", "authored": write.Instant(now), "subject": write.Ref(ref), "item": items,
		"extension": write.List{write.Obj{"url": ext, "valueReference": write.Ref(ident.Ref{Type: "Task", ID: s.Request})}},
	}
	if r, ok := ident.ParseRef(by.Ref); ok && (r.Type == "Patient" || r.Type == "RelatedPerson") {
		o["source"] = write.Ref(r)
	}
	b.Create(refOf(s.Request), o)
}

// Count is how many gave each answer, in the order of Answers, from one moment
// until before another.
func Count(ctx context.Context, p *record.Practice, from, to time.Time) ([]int, error) {
	out := make([]int, len(Answers))
	q := "QuestionnaireResponse?questionnaire=" + url.QueryEscape(form) +
		"&authored=ge" + url.QueryEscape(from.UTC().Format(time.RFC3339)) + "&authored=lt" + url.QueryEscape(to.UTC().Format(time.RFC3339))
	err := search.Each(ctx, p, q, func(_ record.Version, res *fhir.Resource) error {
		s := saidOf(res)
		for i, a := range Answers {
			if a == s.How && !s.At.Before(from) && s.At.Before(to) {
				out[i]++
			}
		}
		return nil
	})
	return out, err
}

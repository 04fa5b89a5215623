package filing

import (
	"context"
	"slices"
	"strings"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/message"
	"heartwood/internal/care/request"
	"heartwood/internal/care/search"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Service files threads.
type Service struct {
	store    *record.Store
	messages *message.Service
}

// New makes the service.
func New(store *record.Store) *Service { return &Service{store: store, messages: message.New(store)} }

func stale() error {
	return fault.New(fault.Conflict, "Somebody changed this request since you opened it. Look at it again, then decide.")
}

// Do carries out a decision about the thread of a request. seen is the version
// of the request that the person was looking at, and a thread that has changed
// since is a Conflict: nothing is filed that nobody has seen.
func (s *Service) Do(ctx context.Context, practice ident.ODS, by record.Author, task, seen string, c Command) error {
	if !care.IsStaff(by.Role) {
		return fault.New(fault.Forbidden, "Only the practice can file messages.")
	}
	p, err := s.store.Practice(practice)
	if err != nil {
		return err
	}
	st, err := s.state(ctx, p, task, c)
	if err != nil {
		return err
	}
	next, err := Decide(st, c)
	if err != nil {
		return err
	}
	if seen != st.Request.Version {
		return stale()
	}
	by.For = next.Patient
	b := write.New(by, c.why(next), "")
	b.Expect(record.Expect{Ref: ident.Ref{Type: "Task", ID: task}, Version: st.Request.Version})
	if body := next.body(by, write.Instant(p.Now())); st.Was.Version == "" {
		b.Create(refOf(task), body)
	} else {
		b.Replace(record.Version{Ref: refOf(task), ID: st.Was.Version}, body)
	}
	change, err := b.Change()
	if err != nil {
		return err
	}
	if _, err = p.Commit(ctx, change); fault.Is(err, fault.Conflict) {
		return stale()
	}
	return err
}

func (s *Service) state(ctx context.Context, p *record.Practice, task string, c Command) (State, error) {
	r, err := request.Brief(ctx, p, task)
	if err != nil {
		return State{}, err
	}
	st := State{Request: r}
	if st.Was, err = Of(ctx, p, task); err != nil {
		return st, err
	}
	thread, err := s.messages.Thread(ctx, p.ODS(), task)
	if err != nil {
		return st, err
	}
	for _, m := range thread {
		if m.Patient == r.Patient { // what was said to another before this was theirs is not of this record
			st.Messages = append(st.Messages, m.ID)
		}
	}
	if f, ok := c.(File); ok && f.Problem.Type == "Condition" {
		st.Problem, err = problem(ctx, p, f.Problem)
	}
	return st, err
}

// problem reads a problem; nil where there is none.
func problem(ctx context.Context, p *record.Practice, ref ident.Ref) (*Problem, error) {
	res, _, err := search.Get(ctx, p, ref)
	if err != nil || res == nil {
		return nil, err
	}
	name := res.Get("code", "text").Str()
	if name == "" {
		name = res.Get("code", "coding", "display").Str()
	}
	return &Problem{Patient: write.Target(res.Get("subject")).String(), Name: name}, nil
}

// Of is where the thread of a request is; without a Version where it was never
// filed.
func Of(ctx context.Context, p *record.Practice, task string) (Filed, error) {
	res, v, err := search.Get(ctx, p, refOf(task))
	if err != nil || res == nil {
		return Filed{Request: task}, err
	}
	return filedOf(v, res), nil
}

// Event is one line of the history of a file.
type Event struct {
	At  time.Time
	Who string
	Why string
}

// History is what was decided about the file of a thread, the newest first, at
// most fifty lines.
func History(ctx context.Context, p *record.Practice, task string) ([]Event, error) {
	all, err := p.History(ctx, refOf(task), "", 50)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	var out []Event
	for _, v := range all {
		out = append(out, Event{At: v.Time, Who: v.Author.Ref, Why: v.Reason})
	}
	return out, err
}

// Thread is one that is still to be filed.
type Thread struct {
	request.View
	About  string    // what it is about
	Last   time.Time // when it was last worked on
	Before bool      // it was filed, and has changed since
}

// Waiting lists the threads that are still to be filed of those that were last
// worked on from one moment until before another, the newest first.
func Waiting(ctx context.Context, p *record.Practice, from, to time.Time) ([]Thread, error) {
	const layout = "2006-01-02T15:04:05Z"
	q := "Task?code=" + care.TaskCode + "%7Crequest&status=completed&modified=ge" + from.UTC().Format(layout) + "&modified=lt" + to.UTC().Format(layout)
	var out []Thread
	err := search.Each(ctx, p, q, func(v record.Version, res *fhir.Resource) error {
		r := request.FromParsed(v, res)
		was, err := Of(ctx, p, r.ID)
		if err == nil && still(r, was) {
			out = append(out, Thread{View: r, About: strings.TrimSpace(res.Get("description").Str()), Last: write.When(res.Get("lastModified")), Before: was.In(r.Patient)})
		}
		return err
	})
	slices.SortStableFunc(out, func(a, b Thread) int { return b.Last.Compare(a.Last) })
	return out, err
}

package progress_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heartwood/internal/care"
	"heartwood/internal/care/progress"
	"heartwood/internal/care/promise"
	"heartwood/internal/care/request"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
	"heartwood/internal/words"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, words.London)

func say(w progress.Way) string {
	var out []string
	for _, s := range w.Steps {
		out = append(out, fmt.Sprintf("%s: %s (%s)", s.Title, s.Say, s.Mark))
	}
	return strings.Join(append(out, w.Next...), " | ")
}

func TestWhatAPatientIsTold(t *testing.T) {
	in := noon.Add(-3 * time.Hour)
	open := request.View{State: request.Received, Urgency: request.Routine, Since: in, AnswerBy: noon.Add(6 * time.Hour)}
	with := func(change func(*request.View)) request.View { q := open; change(&q); return q }
	for name, c := range map[string]struct {
		facts progress.Facts
		want  []string
		never []string
	}{
		"just sent":     {progress.Facts{Request: open}, []string{"We have your request: today at 9am (done)", "We are going to read it", "You will hear from us by 6pm today."}, []string{"It is with"}},
		"sent at night": {progress.Facts{Request: open, Opens: noon.Add(20 * time.Hour)}, []string{"We are closed now. We open tomorrow at 8am."}, nil},
		"with the pharmacist": {
			progress.Facts{Request: with(func(q *request.View) { q.State = request.Working }), Looked: noon.Add(-time.Hour), With: "our pharmacist"},
			[]string{"Someone in our team has read it: today at 11am (done)", "It is with our pharmacist:  (now)"},
			nil,
		},
		"waiting for them": {progress.Facts{Request: with(func(q *request.View) { q.State = request.WithPatient })}, []string{"We need something from you", "After you have replied."}, []string{"You will hear from us"}},
		"late": {
			progress.Facts{Request: with(func(q *request.View) { q.AnswerBy = noon.Add(-time.Hour) })},
			[]string{"This is taking longer than we said.", "You do not need to send it again.", "If you get worse, call 111."},
			[]string{"You will hear from us"},
		},
		"late by what was told, not by the clock": {
			progress.Facts{Request: with(func(q *request.View) { q.Promised = promise.Range{From: in, To: in, Latest: noon.Add(-time.Hour)} })},
			[]string{"This is taking longer than we said."},
			[]string{"You will hear from us"},
		},
		"come back after an answer": {
			progress.Facts{Request: with(func(q *request.View) { q.Promised = promise.Range{From: in, To: in, Latest: noon.Add(-time.Hour)} }), Again: true},
			[]string{"You will hear from us by 6pm today."},
			[]string{"longer than we said"},
		},
		"answered":     {progress.Facts{Request: with(func(q *request.View) { q.State = request.Closed }), Answer: noon}, []string{"We have answered: today at midday (done)"}, []string{"You do not need", "longer"}},
		"an emergency": {progress.Facts{Request: with(func(q *request.View) { q.Urgency = request.Stat })}, []string{"call now"}, []string{"You will hear from us by 6pm today. |"}},
	} {
		got := say(progress.Of(c.facts, words.English, noon))
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: it does not say %q: %s", name, want, got)
			}
		}
		for _, never := range c.never {
			if strings.Contains(got, never) {
				t.Errorf("%s: it says %q: %s", name, never, got)
			}
		}
	}
}

// Whatever the state, there is one place where the request is now, unless it is
// answered; and one that is late never says that all is well.
func TestTheWayIsHonest(t *testing.T) {
	hazard.Covers(t, "H-034")
	states := []request.State{request.Received, request.Accepted, request.Working, request.WithPatient, request.Closed}
	rapid.Check(t, func(t *rapid.T) {
		q := request.View{
			State: rapid.SampledFrom(states).Draw(t, "state"), Urgency: request.Urgency(rapid.IntRange(1, 4).Draw(t, "urgency")),
			Since: noon.Add(-time.Duration(rapid.IntRange(0, 9000).Draw(t, "since")) * time.Minute),
		}
		q.AnswerBy = q.Since.Add(time.Duration(rapid.IntRange(0, 9000).Draw(t, "by")) * time.Minute)
		w := progress.Of(progress.Facts{Request: q}, words.English, noon)
		now := 0
		for _, s := range w.Steps {
			if s.Mark == progress.Now {
				now++
			}
		}
		if want := 1; q.State == request.Closed && now != 0 || q.State != request.Closed && now != want {
			t.Fatalf("%d steps are now: %s", now, say(w))
		}
		late := q.Late(noon) && q.State != request.WithPatient
		if w.Late != late || late && strings.Contains(say(w), "You will hear from us") {
			t.Fatalf("late is %v: %s", late, say(w))
		}
	})
}

func TestNamesOnlyWhereAgreed(t *testing.T) {
	ctx := context.Background()
	p := memory.Practice(t, "Z99901", func() time.Time { return noon })
	manager := record.Author{Ref: "Practitioner/m", Role: care.RoleManager}
	w, err := record.Prepare(ident.Ref{Type: "PractitionerRole", ID: "r"}, []byte(`{"resourceType":"PractitionerRole","practitioner":{"reference":"Practitioner/x"},"code":[{"text":"Practice nurse"}]}`))
	must(t, err)
	_, err = p.Commit(ctx, record.Change{Author: manager, Reason: "test", Writes: []record.Write{w}})
	must(t, err)
	of := func(s progress.Setting, ref, name string) string {
		got, err := progress.With(ctx, p, s, request.Owner{Ref: ref, Name: name})
		must(t, err)
		return got
	}
	s, err := progress.Load(ctx, p)
	must(t, err)
	for _, c := range [][3]string{
		{"Practitioner/x", "Ms Joyce Amankwah", "our practice nurse"},
		{"Practitioner/stranger", "Dr Who", ""},
		{"CareTeam/medicines", "Medicines team", "our medicines team"},
		{care.Triage, "Triage team", ""},
		{"", "", ""},
	} {
		if got := of(s, c[0], c[1]); got != c[2] {
			t.Errorf("%s: %q, not %q", c[0], got, c[2])
		}
	}
	must(t, progress.Save(ctx, p, manager, progress.Setting{Names: true}))
	if err := progress.Save(ctx, p, manager, progress.Setting{}); !fault.Is(err, fault.Conflict) {
		t.Errorf("somebody else's choice was overwritten: %v", err)
	}
	s, err = progress.Load(ctx, p)
	must(t, err)
	if got := of(s, "Practitioner/x", "Ms Joyce Amankwah"); got != "Ms Joyce Amankwah" {
		t.Errorf("the practice agreed to names: %q", got)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

package task_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heartwood/internal/care/task"
	"heartwood/internal/fault"
	"heartwood/internal/record"
	"heartwood/internal/words"
)

func ids(jobs []task.Job) string {
	var s strings.Builder
	for _, j := range jobs {
		s.WriteString(j.ID)
	}
	return s.String()
}

func TestFilter(t *testing.T) {
	now := time.Date(2026, 11, 27, 10, 0, 0, 0, words.London)
	at := func(days, hours int) time.Time { return now.AddDate(0, 0, days).Add(time.Duration(hours) * time.Hour) }
	all := []task.Job{
		{ID: "a", What: "Ring the lab", Owner: "Practitioner/gp", Priority: "urgent", By: at(0, 8), Since: at(-1, 0), State: task.Open},
		{ID: "b", What: "Chase the letter", Owner: "CareTeam/duty", Priority: "routine", By: at(0, -1), Since: at(-3, 0), State: task.Open},
		{ID: "c", What: "Ring the chemist", Owner: "CareTeam/duty", Priority: "routine", Since: at(-2, 0), State: task.Open},
		{ID: "d", What: "Book the lab", Owner: "Practitioner/gp", Priority: "asap", By: at(7, 0), Since: at(0, 0), State: task.Open},
		{ID: "e", What: "Review", Owner: "Practitioner/gp", Priority: "routine", By: at(8, 0), Since: at(-9, 0), State: task.Open},
	}
	for want, f := range map[string]task.Filter{
		"abcde": {}, "bc": {Owner: "CareTeam/duty"}, "ad": {Above: true}, "b": {Due: "late"}, "ab": {Due: "today"}, "abd": {Due: "week"},
		"c": {Due: "none"}, "ac": {Words: "RING the"}, "badec": {Order: "by"}, "ebcad": {Order: "oldest"}, "dacbe": {Order: "newest"}, "": {Words: "nothing"},
	} {
		if got := ids(f.Of(all, now)); got != want {
			t.Errorf("%+v shows %q, not %q", f, got, want)
		}
	}
	if ids(all) != "abcde" {
		t.Error("the list itself was changed")
	}
}

// An address is read as the filter that it was made of, and whatever an address
// says it is a filter that can be kept.
func TestFilterAddress(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		any := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "late", "by", "team", "yes", "Practitioner/gp", "ring the lab"}))
		q := url.Values{}
		for _, name := range []string{"show", "owner", "above", "due", "words", "order"} {
			q.Set(name, any.Draw(t, name))
		}
		f := task.FilterOf(q)
		if again := task.FilterOf(f.Query()); again != f {
			t.Fatalf("%+v, then %+v", f, again)
		}
		if n := len([]rune(f.Words)); n > 100 {
			t.Fatalf("%d characters", n)
		}
	})
}

func TestShelf(t *testing.T) {
	late := task.Filter{Show: "all", Due: "late"}
	s, err := task.Shelf{}.Put(task.View{ID: "1", Name: "  Late   ones ", Filter: late})
	if err != nil || s.Views[0].Name != "Late ones" {
		t.Fatal(s, err)
	}
	for name, v := range map[string]task.View{"no name": {ID: "2"}, "a long one": {ID: "2", Name: strings.Repeat("a", 41)}, "one that there is": {ID: "2", Name: "LATE ones"}} {
		if got, err := s.Put(v); !fault.Is(err, fault.Invalid) || len(got.Views) != 1 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if s, err = s.Put(task.View{ID: "1", Name: "late ONES"}); err != nil || len(s.Views) != 1 || s.Views[0].Filter != (task.Filter{}) {
		t.Errorf("changed: %+v, %v", s, err)
	}
	for i := 2; i <= task.MostViews; i++ {
		if s, err = s.Put(task.View{ID: fmt.Sprint(i), Name: fmt.Sprintf("View %02d", i)}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Put(task.View{ID: "more", Name: "More"}); !fault.Is(err, fault.Refused) {
		t.Errorf("one too many: %v", err)
	}
	if s = s.Drop("1"); len(s.Views) != task.MostViews-1 {
		t.Errorf("%d after one was dropped", len(s.Views))
	}
}

// Views are kept for the person who keeps them and for nobody else, and not
// over what that person has changed in another window.
func TestShelfIsOnesOwn(t *testing.T) {
	s, _, _ := open(t)
	kept, err := task.Shelf{}.Put(task.View{ID: "1", Name: "Late", Filter: task.Filter{Show: "all", Due: "late", Words: "a & b=c"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Keep(ctx, ods, nav, kept); err != nil {
		t.Fatal(err)
	}
	got, err := s.Shelf(ctx, ods, nav)
	if err != nil || len(got.Views) != 1 || got.Views[0] != kept.Views[0] || got.Version == "" {
		t.Errorf("%+v, %v", got, err)
	}
	if others, err := s.Shelf(ctx, ods, gp); err != nil || len(others.Views) != 0 {
		t.Errorf("a colleague sees %+v, %v", others, err)
	}
	if err := s.Keep(ctx, ods, nav, kept); !fault.Is(err, fault.Conflict) {
		t.Errorf("over what is newer: %v", err)
	}
	if err := s.Keep(ctx, ods, nav, got.Drop("1")); err != nil {
		t.Error(err)
	}
	if err := s.Keep(ctx, ods, record.Author{Ref: "Patient/ann", Role: "patient"}, kept); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a patient: %v", err)
	}
}

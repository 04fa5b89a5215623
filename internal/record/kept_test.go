package record_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"heartwood/internal/record"
)

type patientsKey struct{}

// how many patients there are, and how often that was worked out.
func patients(t testing.TB, p *record.Practice, of any, built *int) int {
	t.Helper()
	n, err := record.Kept(p, patientsKey{}, of, []string{"Patient"}, func() (int, error) {
		*built++
		page, err := p.Find(context.Background(), "Patient?_count=500")
		return len(page.Matches), err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// What was made is kept until its types are written, whoever writes them, and
// whoever was told of a commit is given what came after it.
func TestKeptUntilItsTypesChange(t *testing.T) {
	p, built := open(t), 0
	for i := range 3 {
		commit(t, p, record.Change{Writes: []record.Write{put(t, "Patient", fmt.Sprint("p", i), "")}})
		commit(t, p, record.Change{Writes: []record.Write{put(t, "Task", fmt.Sprint("t", i), `"status":"requested"`)}})
		for range 2 {
			if n := patients(t, p, "", &built); n != i+1 || built != i+1 {
				t.Errorf("%d patients of %d, worked out %d times", n, i+1, built)
			}
		}
	}
	if patients(t, p, "another day", &built); built != 4 {
		t.Errorf("what depends on the day was kept for another")
	}
	commit(t, p, record.Change{Writes: []record.Write{record.Remove(put(t, "Patient", "p0", "").Ref)}})
	if n := patients(t, p, "", &built); n != 2 {
		t.Errorf("%d patients after one was removed", n)
	}
}

func TestWhatFailedIsNotKept(t *testing.T) {
	p, sorry := open(t), errors.New("sorry")
	for _, want := range []error{sorry, nil} {
		if _, err := record.Kept(p, patientsKey{}, nil, nil, func() (int, error) { return 1, want }); !errors.Is(err, want) {
			t.Errorf("%v, not %v", err, want)
		}
	}
}

// With many who write and read at once, everybody finds what they wrote.
func TestKeptWhileOthersWrite(t *testing.T) {
	p := open(t)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for j := range 25 {
				commit(t, p, record.Change{Writes: []record.Write{put(t, "Patient", fmt.Sprintf("p-%d-%d", i, j), "")}})
				own := 0
				n, err := record.Kept(p, patientsKey{}, nil, []string{"Patient"}, func() (int, error) {
					own++
					page, err := p.Find(context.Background(), "Patient?_count=500")
					return len(page.Matches), err
				})
				if err != nil || n < j+1 {
					t.Errorf("%d after %d of one's own, %v", n, j+1, err)
				}
			}
		})
	}
	wg.Wait()
}

package worklist

import (
	"context"
	"errors"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/postgres"
	"heartwood/internal/record/postgres/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// process is one of several that serve a practice from one database. Its
// connection for presence can be cut.
type process struct {
	*List
	p   *practice
	log *postgres.Log
	cut atomic.Bool
}

func (x *process) Look(ctx context.Context, ods ident.ODS, l record.Looking) error {
	if x.cut.Load() {
		return errors.New("cut")
	}
	return x.log.Look(ctx, ods, l)
}

func (x *process) LookAway(ctx context.Context, ods ident.ODS, on, who ident.Ref) error {
	if x.cut.Load() {
		return errors.New("cut")
	}
	return x.log.LookAway(ctx, ods, on, who)
}

func (x *process) Lookings(ctx context.Context, ods ident.ODS) ([]record.Looking, error) {
	if x.cut.Load() {
		return nil, errors.New("cut")
	}
	return x.log.Lookings(ctx, ods)
}

func serve(t *testing.T, url string) *process {
	t.Helper()
	log, err := postgres.Open(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	s, err := record.Open(ctx, record.Config{Log: log, Poll: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Practice("Z99901")
	if err != nil {
		t.Fatal(err)
	}
	x := &process{p: &practice{r, t, &atomic.Int64{}}, log: log}
	x.List = NewShared(r, x)
	run, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { defer close(done); _ = x.Run(run) }()
	t.Cleanup(func() { stop(); <-done; _, _ = s.Close(), log.Close() })
	if err := x.Ready(ctx); err != nil {
		t.Fatal(err)
	}
	return x
}

// until waits for what another process does; a test that hangs has failed.
func until(t *testing.T, x *process, what string, ok func() bool) {
	t.Helper()
	wait, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	nudge := x.Subscribe(wait)
	for !ok() {
		if _, open := <-nudge; !open {
			t.Fatal("never: " + what)
		}
	}
}

// Two processes serve one practice: colleagues are told of each other, and a
// lost connection holds nobody up.
func TestPresenceBetweenProcesses(t *testing.T) {
	hazard.Covers(t, "H-008")
	url := pgtest.Database(t)
	one, two := serve(t, url), serve(t, url)
	pos := one.p.task(task{id: "a", status: "requested", priority: "urgent", patient: "1"})
	pos.Merge(one.p.task(task{id: "b", status: "requested", priority: "routine", patient: "1"}))
	for _, x := range []*process{one, two} {
		if err := x.Wait(ctx, pos); err != nil {
			t.Fatal(err)
		}
	}
	a := ident.Ref{Type: "Task", ID: "a"}
	ann := Person{ident.Ref{Type: "Practitioner", ID: "ann"}, "Ann"}
	bob := Person{ident.Ref{Type: "Practitioner", ID: "bob"}, "Bob"}
	looking := func(x *process) int { r, _ := x.Row(a); return len(r.Looking) }

	if others := one.Open(context.Background(), a, ann); len(others) != 0 {
		t.Errorf("alone, but %v", others)
	}
	if others := two.Open(context.Background(), a, bob); len(others) != 1 || others[0].Name != "Ann" {
		t.Errorf("whoever opens it second is not told: %v", others)
	}
	until(t, one, "whoever opened it first is told", func() bool { return looking(one) == 2 })
	if others := one.Open(context.Background(), a, ann); len(others) != 1 || others[0].Name != "Bob" {
		t.Errorf("with the next sign of life: %v", others)
	}
	if r, ok := two.Next(Filter{}, ident.Ref{}, ident.Ref{}); !ok || r.Task.ID != "b" {
		t.Errorf("next does not pass by what others look at: %+v", r)
	}
	one.Leave(a, ann.Ref)
	if looking(one) != 1 {
		t.Error("she is still shown where she left")
	}
	until(t, two, "her leaving is told", func() bool { return looking(two) == 1 })

	two.cut.Store(true)
	if others := two.Open(context.Background(), a, ann); len(others) != 1 || others[0].Name != "Bob" {
		t.Errorf("cut off it does not know its own: %v", others)
	}
	one.cut.Store(true)
	one.sweep(one.now().Add(Lease))
	if looking(one) != 0 {
		t.Error("a page that gives no sign of life is not let go")
	}
	one.cut.Store(false)
	two.cut.Store(false)
	until(t, two, "it is reached again", func() bool { return two.near() })
	two.Open(context.Background(), a, ann)
	until(t, one, "what was cut off is told again", func() bool { return looking(one) == 2 })
}

// Who looks is not part of the record, and is cleared away when it has run out.
func TestLookingsRunOut(t *testing.T) {
	x := serve(t, pgtest.Database(t))
	before := x.p.Position()
	gone := record.Looking{On: ident.Ref{Type: "Task", ID: "a"}, Who: ident.Ref{Type: "Practitioner", ID: "ann"}, Name: "Ann", Left: -time.Second}
	here := gone
	here.Who.ID, here.Left = "bob", time.Hour
	for _, l := range []record.Looking{gone, here, here} {
		if err := x.log.Look(ctx, "Z99901", l); err != nil {
			t.Fatal(err)
		}
	}
	all, err := x.log.Lookings(ctx, "Z99901")
	if err != nil || len(all) != 1 || all[0].Who.ID != "bob" || all[0].Left > time.Hour {
		t.Errorf("%+v, %v", all, err)
	}
	if other, err := x.log.Lookings(ctx, "Z99902"); err != nil || len(other) != 0 {
		t.Errorf("of another practice: %+v, %v", other, err)
	}
	if !x.p.Position().Covers(before) || !before.Covers(x.p.Position()) {
		t.Error("looking is in the record")
	}
}

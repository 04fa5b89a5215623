package direct_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/direct"
	"heartwood/internal/care/request"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
	"heartwood/internal/words"
)

var (
	ctx     = context.Background()
	gp      = record.Author{Ref: "Practitioner/gp", Role: care.RoleClinician}
	patient = ident.Ref{Type: "Patient", ID: "ann"}
)

func open(t *testing.T) (*record.Practice, *atomic.Int64) {
	t.Helper()
	var clock atomic.Int64
	clock.Store(time.Date(2026, 11, 23, 10, 0, 0, 0, words.London).UnixNano())
	p, err := memory.Open(t, func() time.Time { return time.Unix(0, clock.Load()) }).Practice("Z99901")
	if err != nil {
		t.Fatal(err)
	}
	return p, &clock
}

// What is switched off holds on the requests it is meant for, and never keeps
// an answer away that somebody waits for.
func TestWhatHolds(t *testing.T) {
	hazard.Covers(t, "H-043")
	p, _ := open(t)
	anns, bens := request.View{Patient: "Patient/ann", State: request.Working}, request.View{Patient: "Patient/ben", State: request.Closed}
	is := func(what string, r request.View, where direct.Where, off bool) direct.State {
		t.Helper()
		st, err := direct.On(ctx, p, r)
		if err != nil || st.Where != where || st.Off() != off {
			t.Errorf("%s: %+v, %v", what, st, err)
		}
		if (st.Says() == "") != (where == "") {
			t.Errorf("%s: says %q", what, st.Says())
		}
		return st
	}
	is("nothing set", anns, "", false)
	look := p.Now().AddDate(0, 0, 28)
	if err := direct.Switch(ctx, p, gp, direct.Mark{Patient: "Patient/ann", Off: true, Why: "Agreed to ring instead.", Look: look}); err != nil {
		t.Fatal(err)
	}
	st := is("hers", anns, direct.Patient, true)
	if text, _ := st.Because(words.English); text != "" {
		t.Errorf("the patient is told %q", text)
	}
	is("another's", bens, "", false)
	waits := anns
	waits.State = request.WithPatient
	is("an answer is awaited", waits, direct.Patient, false)
	if err := direct.Save(ctx, p, gp, direct.Setting{Off: true, Why: "We have moved.", WhyCy: "Rydym wedi symud."}); err != nil {
		t.Fatal(err)
	}
	st = is("all", bens, direct.All, true)
	for l, want := range map[words.Lang]string{words.English: "We have moved.", words.Welsh: "Rydym wedi symud."} {
		if text, in := st.Because(l); text != want || in != "" {
			t.Errorf("in %s: %q, %q", l, text, in)
		}
	}
	bens.Muted, bens.MutedWhy = true, "This is answered."
	st = is("one request", bens, direct.Here, true)
	if text, in := st.Because(words.Welsh); text != "This is answered." || in != "en" {
		t.Errorf("%q, %q", text, in)
	}
	m, err := direct.Of(ctx, p, patient)
	if err != nil || m.Why != "Agreed to ring instead." || m.By != gp.Ref || !m.Look.Equal(look) {
		t.Fatalf("%+v, %v", m, err)
	}
	if err := direct.Switch(ctx, p, gp, direct.Mark{Patient: "Patient/ann", Why: "Agreed again.", Version: m.Version}); err != nil {
		t.Fatal(err)
	}
	s, _ := direct.Load(ctx, p)
	if err := direct.Save(ctx, p, gp, direct.Setting{Version: s.Version}); err != nil {
		t.Fatal(err)
	}
	is("all on again", anns, "", false)
}

func TestSwitchRefuses(t *testing.T) {
	p, clock := open(t)
	look := p.Now().AddDate(0, 0, 7)
	good := direct.Mark{Patient: "Patient/ann", Off: true, Why: "Agreed.", Look: look}
	for what, c := range map[string]struct {
		by   record.Author
		edit func(*direct.Mark)
		kind fault.Kind
	}{
		"by the patient":  {record.Author{Ref: "Patient/ann", Role: care.RolePatient}, func(*direct.Mark) {}, fault.Forbidden},
		"no patient":      {gp, func(m *direct.Mark) { m.Patient = "Task/x" }, fault.NotFound},
		"no reason":       {gp, func(m *direct.Mark) { m.Why = " " }, fault.Invalid},
		"a long reason":   {gp, func(m *direct.Mark) { m.Why = strings.Repeat("x", 301) }, fault.Invalid},
		"no day":          {gp, func(m *direct.Mark) { m.Look = time.Time{} }, fault.Invalid},
		"a day gone by":   {gp, func(m *direct.Mark) { m.Look = p.Now() }, fault.Invalid},
		"a day too far":   {gp, func(m *direct.Mark) { m.Look = p.Now().AddDate(2, 0, 0) }, fault.Invalid},
		"seen before set": {gp, func(m *direct.Mark) { m.Version = "c.1" }, fault.Conflict},
	} {
		m := good
		c.edit(&m)
		if err := direct.Switch(ctx, p, c.by, m); fault.KindOf(err) != c.kind {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := direct.Save(ctx, p, gp, direct.Setting{Off: true}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("off for all without a reason: %v", err)
	}
	if err := direct.Switch(ctx, p, gp, good); err != nil {
		t.Fatal(err)
	}
	if err := direct.Switch(ctx, p, gp, good); fault.KindOf(err) != fault.Conflict {
		t.Errorf("over somebody else's: %v", err)
	}
	for _, c := range []struct {
		after time.Duration
		want  int
	}{{0, 0}, {7 * 24 * time.Hour, 1}} {
		clock.Add(int64(c.after))
		if due, err := direct.Due(ctx, p, p.Now()); err != nil || len(due) != c.want {
			t.Errorf("after %s: %+v, %v", c.after, due, err)
		}
	}
}

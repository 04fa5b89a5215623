package access

import (
	"strings"
	"testing"
	"time"

	"heartwood/internal/fault"
	"heartwood/internal/hazard"
	"heartwood/internal/record"
)

var nav = record.Author{Ref: "Practitioner/nav", Role: "navigator"}

func TestACharge(t *testing.T) {
	h := newHouse(t)
	a := h.add(here, Patient, "mum@example.org")
	r := h.signIn(a, ByLink)
	acts := func() bool {
		p, ok := h.sessions.Person(r)
		return ok && p.ActsFor(child)
	}
	if acts() {
		t.Fatal("she acts for the child before it is given")
	}
	c := Charge{Patient: child, Relationship: " mother ", Given: "birth certificate seen", Until: h.Now().Add(48 * time.Hour)}
	a, err := h.accounts.GiveCharge(h.ctx, nav, here, a.ID, c)
	h.must(err)
	if len(a.Charges) != 1 || a.Charges[0].By != nav.Ref || a.Charges[0].Relationship != "mother" || !a.Charges[0].Since.Equal(h.Now()) {
		t.Fatalf("%+v", a.Charges)
	}
	if !acts() || !a.Acts(child, h.Now()) {
		t.Error("she does not act for the child")
	}
	some, err := h.accounts.For(h.ctx, here, child)
	if err != nil || len(some) != 1 || some[0].ID != a.ID {
		t.Errorf("for the child: %+v, %v", some, err)
	}
	c.Relationship = "parent"
	if a, err = h.accounts.GiveCharge(h.ctx, nav, here, a.ID, c); err != nil || len(a.Charges) != 1 || a.Charges[0].Relationship != "parent" {
		t.Errorf("given again: %+v, %v", a.Charges, err)
	}
	h.pass(49 * time.Hour)
	if a.Acts(child, h.Now()) {
		t.Error("it did not end by itself")
	}
	c.Until = time.Time{}
	_, err = h.accounts.GiveCharge(h.ctx, nav, here, a.ID, c)
	h.must(err)
	r = h.signIn(a, ByLink)
	if !acts() {
		t.Error("given without an end: she does not act")
	}
	_, err = h.accounts.TakeCharge(h.ctx, nav, here, a.ID, child)
	h.must(err)
	if acts() {
		t.Error("taken back, she still acts for the child")
	}
	_, err = h.accounts.TakeCharge(h.ctx, nav, here, a.ID, child)
	h.refused(err, fault.NotFound)
}

// What was given without an end, or with a later one, ends when it is limited,
// and what ends sooner is never made to last.
func TestChargesAreLimited(t *testing.T) {
	hazard.Covers(t, "H-014")
	h := newHouse(t)
	a := h.add(here, Patient, "mum@example.org")
	limit := h.Now().Add(48 * time.Hour)
	for what, c := range map[string]struct {
		until   time.Time
		changed bool
	}{
		"without an end": {time.Time{}, true}, "a later end": {limit.Add(time.Hour), true},
		"the same end": {limit, false}, "an earlier end": {limit.Add(-time.Hour), false},
	} {
		_, err := h.accounts.GiveCharge(h.ctx, nav, here, a.ID, Charge{Patient: child, Relationship: "mother", Given: "birth certificate seen", Until: c.until})
		h.must(err)
		changed, err := h.accounts.LimitCharge(h.ctx, nav, here, a.ID, child, limit)
		h.must(err)
		got, err := h.accounts.Get(h.ctx, here, a.ID)
		h.must(err)
		if changed != c.changed || got.Acts(child, limit) || got.Acts(child, limit.Add(-time.Minute)) == (what == "an earlier end") {
			t.Errorf("%s: changed %v, acts %+v", what, changed, got.Charges)
		}
	}
}

func TestChargesThatAreRefused(t *testing.T) {
	h := newHouse(t)
	a := h.add(here, Patient, "mum@example.org")
	good := Charge{Patient: child, Relationship: "mother", Given: "birth certificate"}
	for where, change := range map[string]func(*Charge){
		"relationship": func(c *Charge) { c.Relationship = " " },
		"given":        func(c *Charge) { c.Given = "" },
		"until":        func(c *Charge) { c.Until = h.Now() },
		"charges":      func(c *Charge) { c.Patient = a.Ref },
	} {
		c := good
		change(&c)
		if _, err := h.accounts.GiveCharge(h.ctx, nav, here, a.ID, c); !fault.Is(err, fault.Invalid) || fault.From(err).Where != where {
			t.Errorf("%s: %v", where, err)
		}
	}
}

func TestAProxyWhoIsNoPatient(t *testing.T) {
	h := newHouse(t)
	a, err := h.accounts.Add(h.ctx, nav, Account{
		Practice: here, Name: "Jo Carer", Role: Proxy, Email: "jo@example.org", Checked: "passport", By: nav.Ref,
		Charges: []Charge{{Patient: child, Relationship: "carer", Given: "patient's consent"}},
	})
	h.must(err)
	if !strings.HasPrefix(a.Ref, "RelatedPerson/") || !a.Acts(child, h.Now()) {
		t.Fatalf("%+v", a)
	}
	if a, err = h.accounts.Get(h.ctx, here, a.ID); err != nil || a.Checked != "passport" || a.By != nav.Ref {
		t.Errorf("%+v, %v", a, err)
	}
	l, err := h.accounts.Welcome(h.ctx, nav, a)
	h.must(err)
	if l.To != "jo@example.org" || strings.Contains(l.Text, "carer") || strings.Contains(l.Text, child) {
		t.Errorf("%+v", l)
	}
	link := l.Text[strings.Index(l.Text, "/sign-in/link/")+len("/sign-in/link/"):]
	if got, err := h.accounts.UseLink(h.ctx, strings.Fields(link)[0]); err != nil || got.ID != a.ID {
		t.Errorf("the link: %v", err)
	}
	a, err = h.accounts.Disable(h.ctx, nav, here, a.ID, true)
	h.must(err)
	_, err = h.accounts.Welcome(h.ctx, nav, a)
	h.refused(err, fault.Refused)
}

package app

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care/online"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Acting for a child ends on the birthday that the policy names, also where it
// was given without an end; the front desk is told once. Nobody who acts for
// somebody grown up loses it.
func TestActingForAChildEnds(t *testing.T) {
	hazard.Covers(t, "H-014")
	a := minded(t)
	const ods = ident.ODS("A81001")
	p, err := a.Store.Practice(ods)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	ids := map[string]string{}
	add := func(who string, born, since time.Time) {
		t.Helper()
		ref := ident.Ref{Type: "Patient", ID: who}
		w, err := record.Prepare(ref, fmt.Appendf(nil, `{"resourceType":"Patient","id":%q,"birthDate":%q}`, who, born.Format(time.DateOnly)))
		if err == nil {
			_, err = p.Commit(t.Context(), record.Change{Author: record.System, Reason: "test", Writes: []record.Write{w}})
		}
		if err != nil {
			t.Fatal(err)
		}
		acc, err := a.Accounts.Add(t.Context(), record.System, access.Account{
			Practice: ods, Name: "Proxy of " + who, Role: access.Proxy, Email: who + "@example.org",
			Charges: []access.Charge{{Patient: ref.String(), Relationship: "mother", Given: "parental responsibility", Since: since}},
		})
		if err != nil {
			t.Fatal(err)
		}
		ids[who] = acc.ID
	}
	add("eight", now.AddDate(-8, 0, 0), now.AddDate(-1, 0, 0))
	add("twelve", now.AddDate(-12, 0, -3), now.AddDate(-3, 0, 0))
	add("sixteen", now.AddDate(-16, 0, -1), now.AddDate(-2, 0, 0))
	add("anew", now.AddDate(-16, 0, -30), now.AddDate(0, 0, -2)) // given after the birthday
	add("eighty", now.AddDate(-80, 0, 0), now.AddDate(-3, 0, 0))
	add("carer", now.AddDate(-40, 0, 0), time.Time{}) // nobody knows since when
	acts := func(want string) {
		t.Helper()
		for range 2 { // doing it again changes nothing
			if err := a.proxies(t.Context(), p); err != nil {
				t.Fatal(err)
			}
		}
		var got []string
		for _, who := range []string{"eight", "twelve", "sixteen", "anew", "eighty", "carer"} {
			acc, err := a.Accounts.Get(t.Context(), ods, ids[who])
			if err != nil {
				t.Fatal(err)
			}
			if acc.Acts("Patient/"+who, now) {
				got = append(got, who)
			}
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("acted for: %s; want %s", s, want)
		}
	}
	jobs := func(who string) int {
		t.Helper()
		page, err := p.Find(t.Context(), "Task?patient=Patient/"+who)
		if err != nil {
			t.Fatal(err)
		}
		return len(page.Matches)
	}
	acts("eight twelve anew eighty carer")
	for who, want := range map[string]int{"eight": 0, "twelve": 1, "sixteen": 1, "anew": 0, "eighty": 0, "carer": 0} {
		if n := jobs(who); n != want {
			t.Errorf("%s: %d jobs, want %d", who, n, want)
		}
	}
	acc, err := a.Accounts.Get(t.Context(), ods, ids["eight"])
	if err != nil || acc.Charges[0].Until.IsZero() || acc.Charges[0].Until.Before(now.AddDate(7, 11, 0)) {
		t.Errorf("the end is not set before it comes: %+v, %v", acc.Charges, err)
	}
	s := online.Default()
	s.AskEnds = true
	if err := online.Save(t.Context(), p, record.System, s); err != nil {
		t.Fatal(err)
	}
	acts("eight anew eighty carer")
	if n := jobs("twelve"); n != 2 {
		t.Errorf("the end at 12 is told %d times", n)
	}
}

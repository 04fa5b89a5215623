package access

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heartwood/internal/fault"
)

// table is every role and action, written out: y yes, t for a patient they act
// for, p for a patient who is named, - never.
const table = `
               patient proxy navigator clinician manager commissioner
AskForSelf     t       t     -         -         -       -
SeeOwnRecord   t       t     -         -         -       -
PickSlot       t       t     -         -         -       -
SeeWhoLooked   t       t     -         -         p       -
AskOnBehalf    -       -     p         p         p       -
FindPatient    -       -     y         y         y       -
WorkQueue      -       -     y         y         y       -
SeeRecord      -       -     p         p         -       -
Triage         -       -     y         y         y       -
Message        -       -     y         y         -       -
Book           -       -     y         y         y       -
AssignJob      -       -     y         y         y       -
Consult        -       -     -         y         -       -
Close          -       -     y         y         -       -
Manage         -       -     -         -         y       -
Reconcile      -       -     -         -         y       -
SeeNetwork     -       -     -         -         y       y
GiveAccess     -       -     p         p         p       -
SeeRequests    t       t     -         -         -       -
Hide           -       -     p         p         -       -
Unhide         -       -     -         p         -       -
SwitchMessages -       -     -         y         y       -
`

const (
	here      = "Z99901"
	elsewhere = "Z99902"
	self      = "Patient/self"
	child     = "Patient/child"
	stranger  = "Patient/stranger"
)

func someone(r Role) Person {
	switch r {
	case Patient:
		return Person{Role: r, Practice: here, Ref: self, Patients: []string{self, child}}
	case Proxy:
		return Person{Role: r, Practice: here, Ref: "RelatedPerson/x", Patients: []string{child}}
	default:
		return Person{Role: r, Practice: here, Ref: "Practitioner/x"}
	}
}

func TestMayIsTheTable(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(table), "\n")
	if len(lines)-1 != len(Actions()) {
		t.Fatalf("the table has %d actions of %d", len(lines)-1, len(Actions()))
	}
	for i, line := range lines[1:] {
		cells := strings.Fields(line)
		action := Actions()[i]
		for j, name := range strings.Fields(lines[0]) {
			role := Role(name)
			for _, pat := range []string{"", self, child, stranger} {
				p := someone(role)
				want := false
				switch cells[j+1] {
				case "y":
					want = true
				case "p":
					want = pat != ""
				case "t":
					want = slices.Contains(p.Patients, pat)
				}
				err := May(p, action, here, pat)
				if (err == nil) != want || err != nil && !fault.Is(err, fault.Forbidden) {
					t.Errorf("%s, %s, %q: %v", role, cells[0], pat, err)
				}
				err = May(p, action, elsewhere, pat)
				if crosses := role == Commissioner && action == SeeNetwork; (err == nil) != crosses {
					t.Errorf("%s, %s, %q in another practice: %v", role, cells[0], pat, err)
				}
			}
		}
	}
}

func TestMayRefusesWhoeverIsNobody(t *testing.T) {
	for _, p := range []Person{{}, {Role: Manager}, {Role: "root", Practice: here}, {Practice: here}} {
		for _, a := range append(Actions(), 0, lastAction, 255) {
			if err := May(p, a, p.Practice, self); !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("%+v may %s: %v", p, a, err)
			}
		}
	}
	for _, r := range Roles() {
		if err := May(someone(r), 0, here, self); err == nil {
			t.Errorf("%s may do nothing in particular", r)
		}
	}
}

func TestRefusalsArePlain(t *testing.T) {
	for _, a := range Actions() {
		if a.String() == "do this" {
			t.Errorf("action %d has no words", a)
		}
		for _, r := range Roles() {
			if err := May(someone(r), a, here, stranger); err != nil {
				m := fault.From(err).Message
				if strings.Contains(m, "Patient/") || strings.Contains(m, "%") || !strings.HasSuffix(m, ".") {
					t.Errorf("says %q", m)
				}
			}
		}
	}
}

func TestAuthor(t *testing.T) {
	for _, c := range []struct {
		role Role
		pat  string
		want string
	}{
		{Patient, self, "Patient/self patient "},
		{Patient, "", "Patient/self patient "},
		{Patient, child, "Patient/self proxy Patient/child"},
		{Proxy, child, "RelatedPerson/x proxy Patient/child"},
		{Navigator, child, "Practitioner/x navigator Patient/child"},
	} {
		a := someone(c.role).Author(c.pat)
		if got := a.Ref + " " + a.Role + " " + a.For; got != c.want {
			t.Errorf("%s for %q: %q", c.role, c.pat, got)
		}
	}
}

func TestChargesEnd(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	a := Account{Role: Patient, Practice: here, Ref: self, Charges: []Charge{
		{Patient: child, Relationship: "mother", Until: now.Add(time.Hour)},
		{Patient: stranger, Relationship: "carer", Until: now},
		{Patient: "Patient/other", Relationship: "son"},
	}}
	p := a.Person(ByLink, now)
	if got := strings.Join(p.Patients, " "); got != "Patient/self Patient/child Patient/other" {
		t.Errorf("acts for %s", got)
	}
	if p.Relationship(child) != "mother" || p.Relationship(self) != "" || p.Self() != self {
		t.Errorf("%+v", p)
	}
	if (Account{Role: Proxy, Ref: "RelatedPerson/x"}).Person(ByLink, now).Self() != "" {
		t.Error("a proxy is not a patient")
	}
}

func TestParseScopes(t *testing.T) {
	for in, want := range map[string]string{
		"system/*.cruds":                       "system/*.cruds",
		"system/Patient.rs patient/Task.r":     "system/Patient.rs patient/Task.r",
		" user/*.read\tuser/Task.write ":       "user/*.rs user/Task.cud",
		"system/Observation.*":                 "system/Observation.cruds",
		"system/Patient.s":                     "system/Patient.s",
		"":                                     "",
		"openid":                               "",
		"launch/patient":                       "",
		"system/Patient":                       "",
		"system/.rs":                           "",
		"system/Patient.":                      "",
		"system/Patient.sr":                    "",
		"system/Patient.rr":                    "",
		"system/Patient.x":                     "",
		"system/patient.rs":                    "",
		"system/_Account.rs":                   "",
		"system/Pat*.rs":                       "",
		"admin/*.rs":                           "",
		"system/Observation.rs?category=x":     "",
		strings.Repeat("system/Task.r ", 1000): "",
	} {
		got, err := ParseScopes(in)
		if (err == nil) != (want != "") || got.String() != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
}

func TestScopesAllow(t *testing.T) {
	s, err := ParseScopes("system/Patient.rs system/Task.cud patient/Observation.r")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		typ     string
		verb    Verb
		program bool
		patient bool
	}{
		{"Patient", Read, true, true},
		{"Patient", Create, false, false},
		{"Task", Update, true, true},
		{"Task", Read, false, false},
		{"Observation", Read, false, true},
		{"Observation", Search, false, false},
		{"Encounter", Read, false, false},
		{"", Read, false, false},
	} {
		if s.Allows(c.typ, c.verb) != c.program || s.AllowsPatient(c.typ, c.verb) != c.patient {
			t.Errorf("%s %c", c.typ, c.verb)
		}
	}
	every, _ := ParseScopes("system/*.cruds")
	if every.Allows("_Account", Read) || every.Allows("_Session", Search) {
		t.Error("the system's own entries are open")
	}
}

func FuzzParseScopes(f *testing.F) {
	f.Add("system/*.cruds patient/Task.rs")
	f.Add("user/Task.write")
	f.Fuzz(func(t *testing.T, in string) {
		s, err := ParseScopes(in)
		if err != nil {
			return
		}
		again, err := ParseScopes(s.String())
		if err != nil || again.String() != s.String() {
			t.Errorf("%q reads back as %q, %v", s, again, err)
		}
	})
}

func TestThrottle(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	th := newThrottle(3, time.Second, time.Minute, func() time.Time { return now })
	waits := func() time.Duration { return th.keys["k"].until.Sub(now) }
	for i, want := range []time.Duration{0, 0, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 32 * time.Second, time.Minute, time.Minute} {
		if err := th.take("k"); err != nil {
			t.Fatalf("attempt %d: %v", i, err)
		}
		if w := max(0, waits()); w != want {
			t.Errorf("attempt %d: waits %v, want %v", i, w, want)
		}
		if want > 0 {
			if err := th.take("other", "k"); !fault.Is(err, fault.TooMany) {
				t.Errorf("attempt %d was not slowed: %v", i, err)
			}
			now = now.Add(want)
		}
	}
	if th.keys["other"].n != 0 {
		t.Error("a refused attempt was counted")
	}
	th.forgive("k")
	if err := th.take("k"); err != nil || waits() > 0 {
		t.Errorf("not forgiven: %v", err)
	}
	now = now.Add(25 * time.Hour)
	_ = th.take("k")
	if th.keys["k"].n != 1 {
		t.Error("not forgotten after a day")
	}
}

func TestThrottleIsBounded(t *testing.T) {
	now := time.Now()
	th := newThrottle(3, time.Second, time.Minute, func() time.Time { return now })
	for i := range throttleHolds + 1000 {
		_ = th.take("k" + strings.Repeat("x", i%7) + time.Duration(i).String())
	}
	if len(th.keys) > throttleHolds+1 {
		t.Errorf("%d keys", len(th.keys))
	}
}

func TestNetworks(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.7:1234":          "address 192.0.2.7",
		"[::ffff:192.0.2.7]:80":   "address 192.0.2.7",
		"[2001:db8:1:2:3:4::]:80": "address 2001:db8:1:2::/64",
		"fe80::1%eth0":            "address fe80::/64",
		"nonsense":                "address ?",
	} {
		if got := Network(in); got != want {
			t.Errorf("%s: %s", in, got)
		}
	}
}

func TestNobodyActsForAStranger(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rapid.SampledFrom([]Role{Patient, Proxy}).Draw(t, "role")
		a := rapid.SampledFrom(Actions()).Draw(t, "action")
		pat := "Patient/" + rapid.StringMatching(`[a-z0-9]{0,8}`).Draw(t, "patient")
		p := someone(r)
		if May(p, a, here, pat) == nil && !slices.Contains(p.Patients, pat) {
			t.Fatalf("%s may %s %s", r, a, pat)
		}
	})
}

package access

import (
	"context"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

const office = "192.0.2.1:5000"

func TestStaffSignInNeedsBothFactors(t *testing.T) {
	h := newHouse(t)
	a, secret, recovery := h.enrolled(here, Navigator, "Nav@Example.com")
	_, err := h.accounts.CheckPassword(h.ctx, "nav@example.com", "wrong", office)
	h.refused(err, fault.Unauthenticated)
	_, err = h.accounts.CheckPassword(h.ctx, "nobody@example.com", goodPassword, office)
	h.refused(err, fault.Unauthenticated)
	got, err := h.accounts.CheckPassword(h.ctx, " NAV@example.com ", goodPassword, office)
	h.must(err)
	if got.ID != a.ID || got.Email != "nav@example.com" {
		t.Errorf("found %+v", got)
	}
	_, err = h.accounts.CheckCode(h.ctx, here, a.ID, h.codeFor(secret), office)
	h.refused(err, fault.Unauthenticated) // it was used to enrol
	h.pass(time.Minute)
	code := h.codeFor(secret)
	_, err = h.accounts.CheckCode(h.ctx, here, a.ID, code[:3]+" "+code[3:], office)
	h.must(err)
	_, err = h.accounts.CheckCode(h.ctx, here, a.ID, code, office)
	h.refused(err, fault.Unauthenticated) // used
	_, err = h.accounts.CheckCode(h.ctx, here, a.ID, strings.ToUpper(recovery[3]), office)
	h.must(err)
	_, err = h.accounts.CheckCode(h.ctx, here, a.ID, recovery[3], office)
	h.refused(err, fault.Unauthenticated) // used
	for _, bad := range []string{"", "000000", "xxxx-xxxx-xxxx-xxxx"} {
		h.pass(time.Hour)
		_, err = h.accounts.CheckCode(h.ctx, here, a.ID, bad, office)
		h.refused(err, fault.Unauthenticated)
	}
	_, err = h.accounts.Disable(h.ctx, record.System, here, a.ID, true)
	h.must(err)
	h.pass(time.Hour)
	_, err = h.accounts.CheckPassword(h.ctx, "nav@example.com", goodPassword, office)
	h.refused(err, fault.Unauthenticated)
	_, err = h.accounts.CheckCode(h.ctx, here, a.ID, h.codeFor(secret), office)
	h.refused(err, fault.Unauthenticated)
}

func TestNothingSecretIsKept(t *testing.T) {
	h := newHouse(t)
	a, secret, recovery := h.enrolled(here, Clinician, "doc@example.com")
	letters := h.lettersFor(h.add(here, Patient, "pat@example.com"))
	w := httptest.NewRecorder()
	h.must(h.sessions.Start(w, httptest.NewRequest("GET", "/", nil), a.Person(ByDemo, h.Now())))
	p, err := h.store.Practice(here)
	h.must(err)
	ctx, cancel := context.WithCancel(h.ctx)
	var all strings.Builder
	head := p.Position()
	_ = p.Follow(ctx, ident.Position{}, func(batch []record.Entry) error {
		for _, e := range batch {
			all.Write(e.Body)
			all.WriteString(e.ID)
			if e.Seq == head[e.Stream] {
				cancel()
			}
		}
		return nil
	})
	cookie := w.Result().Cookies()[0].Value
	for _, s := range []string{goodPassword, secret, recovery[0], strings.ReplaceAll(recovery[0], "-", ""), cookie, letters} {
		if len(s) < 10 || strings.Contains(all.String(), s) {
			t.Errorf("the log has %q", s)
		}
	}
}

func (h *house) lettersFor(a Account) string {
	h.Helper()
	l, err := h.accounts.Letters(h.ctx, a.Email, "")
	h.must(err)
	if len(l) != 1 || l[0].To != a.Email {
		h.Fatalf("letters %+v", l)
	}
	_, rest, _ := strings.Cut(l[0].Text, "/sign-in/link/")
	return strings.Fields(rest)[0]
}

func TestGuessingIsSlowed(t *testing.T) {
	h := newHouse(t)
	h.enrolled(here, Manager, "boss@example.com")
	for i := range 10 {
		_, err := h.accounts.CheckPassword(h.ctx, "boss@example.com", "guess", "198.51.100.1:1")
		if slowed := fault.Is(err, fault.TooMany); slowed != (i >= 5) {
			t.Errorf("guess %d: %v", i, err)
		}
	}
	// With the right password too; but the owner, elsewhere, is not kept out.
	_, err := h.accounts.CheckPassword(h.ctx, "boss@example.com", goodPassword, "198.51.100.1:1")
	h.refused(err, fault.TooMany)
	_, err = h.accounts.CheckPassword(h.ctx, "boss@example.com", goodPassword, "203.0.113.8:1")
	h.must(err)
	// An address nobody has is slowed alike, so that nothing can be learnt.
	for range 5 {
		_, err = h.accounts.CheckPassword(h.ctx, "nobody@example.com", "guess", "203.0.113.9:1")
		h.refused(err, fault.Unauthenticated)
	}
	_, err = h.accounts.CheckPassword(h.ctx, "nobody@example.com", "guess", "203.0.113.9:1")
	h.refused(err, fault.TooMany)
	h.pass(time.Minute)
	_, err = h.accounts.CheckPassword(h.ctx, "boss@example.com", goodPassword, "203.0.113.9:1")
	h.must(err)
}

// Guesses from ever new addresses are slowed for the account, a minute at most.
func TestGuessingFromEverywhereIsSlowed(t *testing.T) {
	h := newHouse(t)
	h.enrolled(here, Manager, "boss@example.com")
	refused := 0
	for range 120 {
		if err := h.accounts.anywhere.take("account " + emailID("boss@example.com")); err != nil {
			refused++
		}
	}
	if refused != 20 {
		t.Errorf("%d of 120 were slowed", refused)
	}
	_, err := h.accounts.CheckPassword(h.ctx, "boss@example.com", goodPassword, "203.0.113.9:1")
	h.refused(err, fault.TooMany)
	h.pass(time.Minute)
	_, err = h.accounts.CheckPassword(h.ctx, "boss@example.com", goodPassword, "203.0.113.9:1")
	h.must(err)
}

func TestOneAddressIsSlowed(t *testing.T) {
	h := newHouse(t)
	slowed := 0
	for range 130 {
		if err := h.accounts.AskForLink(ident.NewID()+"@example.com", "198.51.100.1:1"); err != nil {
			slowed++
		}
	}
	if slowed < 25 {
		t.Errorf("%d of 130 were slowed", slowed)
	}
	h.must(h.accounts.AskForLink("a@example.com", "203.0.113.9:1"))
}

func TestLinks(t *testing.T) {
	h := newHouse(t)
	a := h.add(here, Patient, "pat@example.com")
	value := h.lettersFor(a)
	for range 3 { // opening does not use it up
		got, err := h.accounts.OpenLink(h.ctx, value)
		h.must(err)
		if got.ID != a.ID {
			t.Errorf("opened for %+v", got)
		}
	}
	for _, bad := range []string{"", "x", value + "x", value[:len(value)-1], strings.Replace(value, here, elsewhere, 1), strings.ToLower(value), "A B." + value[7:]} {
		_, err := h.accounts.UseLink(h.ctx, bad)
		h.refused(err, fault.Unauthenticated)
	}
	_, err := h.accounts.OpenInvite(h.ctx, value)
	h.refused(err, fault.Unauthenticated) // it is not an invitation
	var wins, losses int
	var mu sync.Mutex
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			_, err := h.accounts.UseLink(h.ctx, value)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				wins++
			} else if fault.Is(err, fault.Unauthenticated) {
				losses++
			}
		})
	}
	all.Wait()
	if wins != 1 || losses != 7 {
		t.Errorf("%d used it, %d were refused", wins, losses)
	}
	late := h.lettersFor(a)
	h.pass(SignInLinkFor)
	_, err = h.accounts.UseLink(h.ctx, late)
	h.refused(err, fault.Unauthenticated)
}

func TestLettersGoToPatientsWhoHaveTheAddress(t *testing.T) {
	h := newHouse(t)
	h.add(here, Navigator, "nav@example.com")
	gone := h.add(here, Patient, "gone@example.com")
	_, err := h.accounts.Disable(h.ctx, record.System, here, gone.ID, true)
	h.must(err)
	for _, email := range []string{"nobody@example.com", "nav@example.com", "gone@example.com", "", "x", "a@b@c", "<script>@example.com"} {
		l, err := h.accounts.Letters(h.ctx, email, "/")
		if err != nil || len(l) != 0 {
			t.Errorf("%q: %d letters, %v", email, len(l), err)
		}
	}
	h.add(here, Patient, "both@example.com")
	h.add(elsewhere, Patient, "both@example.com")
	l, err := h.accounts.Letters(h.ctx, "Both@example.com", "/p/x?y=1")
	h.must(err)
	if len(l) != 2 || l[0].Key == l[1].Key || !strings.Contains(l[0].Text, "?next=%2Fp%2Fx%3Fy%3D1") {
		t.Errorf("letters %+v", l)
	}
	if all, _ := h.store.Practices(h.ctx); len(all) != 2 {
		t.Errorf("practices %v", all)
	}
}

func TestAddresses(t *testing.T) {
	h := newHouse(t)
	h.add(here, Manager, "boss@example.com")
	first := h.add(here, Patient, "boss@example.com") // who is a patient here too
	_, err := h.accounts.Add(h.ctx, record.System, Account{Practice: here, Name: "Other", Role: Navigator, Email: "BOSS@example.com"})
	h.refused(err, fault.Conflict)
	_, err = h.accounts.Add(h.ctx, record.System, Account{Practice: here, Name: "Same", Role: Patient, Ref: first.Ref, Email: "boss@example.com"})
	h.refused(err, fault.Conflict)
	var all sync.WaitGroup
	for range 4 { // a household, all at once
		all.Go(func() { h.add(here, Patient, "boss@example.com") })
	}
	all.Wait()
	if l, err := h.accounts.Letters(h.ctx, "boss@example.com", ""); err != nil || len(l) != 5 {
		t.Errorf("%d letters, %v", len(l), err)
	}
	for _, a := range []Account{
		{Name: "", Role: Patient, Ref: self},
		{Name: "N", Role: "root", Ref: self},
		{Name: "N", Role: Patient, Ref: "Practitioner/1"},
		{Name: "N", Role: Patient, Ref: "https://x.example/Patient/1"},
		{Name: "N", Role: Patient, Ref: ""},
		{Name: "N", Role: Patient, Ref: self, Email: "a b@example.com"},
		{Name: "N", Role: Patient, Ref: self, Email: "a@example.com\r\nBcc: b@example.com"},
		{Name: "N", Role: Patient, Ref: self, Charges: []Charge{{Patient: self}}},
		{Name: "N", Role: Proxy, Ref: "RelatedPerson/1", Charges: []Charge{{Patient: "Group/1"}}},
	} {
		a.Practice = here
		if _, err := h.accounts.Add(h.ctx, record.System, a); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", a, err)
		}
	}
}

func TestInvitations(t *testing.T) {
	h := newHouse(t)
	a := h.add(here, Manager, "boss@example.com")
	if ref, ok := ident.ParseRef(a.Ref); !ok || ref.Type != "Practitioner" {
		t.Errorf("belongs to %q", a.Ref)
	}
	p, err := h.store.Practice(here)
	h.must(err)
	ref, _ := ident.ParseRef(a.Ref)
	if _, err := p.Read(h.ctx, ref); err != nil {
		t.Error(err)
	}
	link, err := h.accounts.Invite(h.ctx, record.System, here, a.ID)
	h.must(err)
	if !strings.HasPrefix(link, "https://care.example/sign-in/invite/"+here+".") {
		t.Errorf("link %s", link)
	}
	e, err := h.accounts.NewEnrolment(a, "")
	h.must(err)
	again, err := h.accounts.NewEnrolment(a, e.Sealed)
	h.must(err)
	if again != e || !strings.Contains(e.URL, "boss@example.com") {
		t.Errorf("%+v, then %+v", e, again)
	}
	for _, c := range []struct {
		password, sealed, code, where string
	}{
		{"short", e.Sealed, h.codeFor(e.Secret), "password"},
		{"aaaaaaaaaaaaaa", e.Sealed, h.codeFor(e.Secret), "password"},
		{"abcdefghijklmnop", e.Sealed, h.codeFor(e.Secret), "password"},
		{"my Password is good", e.Sealed, h.codeFor(e.Secret), "password"},
		{"boss boss boss x", e.Sealed, h.codeFor(e.Secret), "password"},
		{strings.Repeat("long phrase ", 100), e.Sealed, h.codeFor(e.Secret), "password"},
		{goodPassword, e.Sealed, "", "code"},
		{goodPassword, e.Sealed, "000000", "code"},
		{goodPassword, "forged", h.codeFor(e.Secret), ""},
	} {
		_, _, err := h.accounts.Enrol(h.ctx, linkValue(link), c.password, c.sealed, c.code)
		if !fault.Is(err, fault.Invalid) || fault.From(err).Where != c.where {
			t.Errorf("%q, %q: %v", c.password, c.code, err)
		}
	}
	other := h.add(here, Navigator, "nav@example.com")
	theirs, err := h.accounts.NewEnrolment(other, "")
	h.must(err)
	_, _, err = h.accounts.Enrol(h.ctx, linkValue(link), goodPassword, theirs.Sealed, h.codeFor(theirs.Secret))
	h.refused(err, fault.Invalid) // a secret sealed for somebody else
	_, codes, err := h.accounts.Enrol(h.ctx, linkValue(link), goodPassword, e.Sealed, h.codeFor(e.Secret))
	h.must(err)
	if len(codes) != recoveryCodes {
		t.Errorf("%d codes", len(codes))
	}
	_, _, err = h.accounts.Enrol(h.ctx, linkValue(link), goodPassword, e.Sealed, h.codeFor(e.Secret))
	h.refused(err, fault.Unauthenticated) // used
	link, err = h.accounts.Invite(h.ctx, record.System, here, a.ID)
	h.must(err)
	h.pass(InviteFor)
	_, err = h.accounts.OpenInvite(h.ctx, linkValue(link))
	h.refused(err, fault.Unauthenticated)
}

func TestList(t *testing.T) {
	h := newHouse(t)
	for i := range 12 {
		h.add(here, Roles()[i%3*2], "")
	}
	all, err := h.accounts.List(h.ctx, here)
	h.must(err)
	nav, err := h.accounts.List(h.ctx, here, Navigator, Manager)
	h.must(err)
	if len(all) != 12 || len(nav) != 8 {
		t.Errorf("%d and %d", len(all), len(nav))
	}
	if _, err := h.accounts.Get(h.ctx, elsewhere, all[0].ID); err == nil {
		t.Error("an account of another practice was read")
	}
}

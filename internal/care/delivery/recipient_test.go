package delivery_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/delivery"
	"heartwood/internal/care/hidden"
	"heartwood/internal/care/message"
	"heartwood/internal/care/request"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
)

func textOnly(m delivery.Medium) bool { return m == delivery.SMS }

// A sender is told who it is, by which way and to where, and what is wrong
// with that: a number that others have, one that is new, one that is old.
func TestRecipientIsChecked(t *testing.T) {
	hazard.Covers(t, "H-024")
	hazard.Covers(t, "H-025")
	ctx := context.Background()
	now := time.Date(2026, 3, 3, 10, 0, 0, 0, time.UTC)
	p := memory.Practice(t, "Z99901", func() time.Time { return now })
	put := func(id, phone string) {
		t.Helper()
		w, err := record.Prepare(ident.Ref{Type: "Patient", ID: id}, fmt.Appendf(nil, `{"resourceType":"Patient","id":%q,"name":[{"given":["Ann"],"family":"Example"}],"birthDate":"1980-04-03","telecom":[{"system":"phone","value":%q}]}`, id, phone))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Commit(ctx, record.Change{Author: record.Author{Ref: "Practitioner/x", Role: care.RoleNavigator}, Writes: []record.Write{w}}); err != nil {
			t.Fatal(err)
		}
	}
	check := func(want ...string) delivery.Recipient {
		t.Helper()
		r, err := delivery.Check(ctx, p, "Patient/ann", textOnly)
		if err != nil || len(r.Warnings) != len(want) {
			t.Fatalf("%+v %v", r, err)
		}
		for i, w := range want {
			if !strings.Contains(r.Warnings[i], w) {
				t.Errorf("%q does not say %q", r.Warnings[i], w)
			}
		}
		return r
	}
	put("ann", "07700 900001")
	r := check()
	if r.Way != delivery.SMS || r.Masked != "the number ending 001" || r.Name != "Ann Example" || r.Born != "1980-04-03" {
		t.Errorf("%+v", r)
	}
	put("ben", "+447700900001")
	if shared := check("1 other patients"); shared.Seal() == r.Seal() {
		t.Error("the seal did not change")
	}
	put("ann", "07700 900002")
	check("was changed on 3 March 2026")
	now = now.AddDate(0, 1, 0)
	check()
	now = now.AddDate(2, 1, 0)
	check("has been the same since 3 March 2026")
	put("ann", "0161 496 0000")
	if r := check(); r.Way != "" || r.Why == "" {
		t.Errorf("%+v", r)
	}
}

// Nothing that is hidden from online access is announced by any way, and what
// a patient said with a request is obeyed by the notice of the answer to it:
// staff are asked instead.
func TestUnsafeBecomesAJob(t *testing.T) {
	hazard.Covers(t, "H-013")
	hazard.Covers(t, "H-036")
	for _, how := range []string{"hidden", "said"} {
		t.Run(how, func(t *testing.T) {
			ctx := context.Background()
			store := memory.Open(t, time.Now)
			p, err := store.Practice("Z99901")
			if err != nil {
				t.Fatal(err)
			}
			w, err := record.Prepare(ident.Ref{Type: "Patient", ID: "ann"}, []byte(`{"resourceType":"Patient","id":"ann","birthDate":"1980-04-03","telecom":[{"system":"phone","value":"07700 900001"}]}`))
			if err != nil {
				t.Fatal(err)
			}
			gp := record.Author{Ref: "Practitioner/gp", Role: care.RoleClinician}
			if _, err := p.Commit(ctx, record.Change{Author: gp, Writes: []record.Write{w}}); err != nil {
				t.Fatal(err)
			}
			ask := request.Ask{Patient: "Patient/ann", Asker: request.Self, Channel: request.Web, Kind: request.Admin, What: "A letter", Contact: request.Contact{How: "message"}}
			if how == "said" {
				ask.Contact.Safe = request.SafeNoTexts
			}
			r, err := request.New(store).Receive(ctx, "Z99901", record.Author{Ref: "Patient/ann", Role: care.RolePatient}, ask, "k")
			if err != nil {
				t.Fatal(err)
			}
			if how == "hidden" {
				err := hidden.Hide(ctx, p, gp, ident.Ref{Type: "Patient", ID: "ann"}, ident.Ref{Type: "Task", ID: r.ID}, "others look")
				if err != nil {
					t.Fatal(err)
				}
			}
			if _, err := message.New(store).Send(ctx, "Z99901", gp, message.Send{Request: r.ID, Text: "A private thing."}, "m"); err != nil {
				t.Fatal(err)
			}
			s := &delivery.Service{Can: func(_ ident.ODS, m delivery.Medium) bool { return textOnly(m) }}
			notices, err := p.Find(ctx, "Communication?status=preparation")
			if err != nil || len(notices.Matches) != 1 {
				t.Fatal(len(notices.Matches), err)
			}
			n := notices.Matches[0]
			c, _ := n.Resource()
			if _, err := s.Route(ctx, p, n.Ref, c); !fault.Is(err, fault.Refused) || !delivery.IsUnsafe(err) {
				t.Fatalf("routed: %v", err)
			}
			for range 2 {
				if err := s.Settle(ctx, p, n.Ref, delivery.Report{Failed: true, Detail: "no safe way"}); err != nil {
					t.Fatal(err)
				}
			}
			jobs, err := p.Find(ctx, "Task?code=job")
			if err != nil || len(jobs.Matches) != 1 || strings.Contains(string(jobs.Matches[0].JSON()), "private") {
				t.Errorf("%d jobs, %v", len(jobs.Matches), err)
			}
			if left, _ := p.Find(ctx, "Communication?status=preparation"); len(left.Matches) != 0 {
				t.Error("another notice is owed")
			}
		})
	}
}

package request_test

import (
	"strings"
	"testing"

	"heartwood/internal/care"
	"heartwood/internal/care/request"
	"heartwood/internal/record"
)

// somebody asks, without being signed in, for somebody else.
func forAnother() request.Ask {
	a := ask()
	a.Patient, a.Asker = "", request.Proxy
	a.Identity = request.Identity{
		Given: "Dee", Family: "Dunn", Birth: "1940-04-03", Phone: "07700 900 002", By: " Jo Dunn ", Relationship: "daughter",
	}
	return a
}

func TestWhoAsksForSomebodyElse(t *testing.T) {
	h := open(t)
	r, err := h.Receive(ctx, ods, record.Author{Ref: "Device/web", Role: care.RoleSystem}, forAnother(), "k1")
	if err != nil {
		t.Fatal(err)
	}
	h.valid(t)
	v, err := h.Load(ctx, ods, r.ID)
	if err != nil || v.Claimed == nil || v.Claimed.By != "Jo Dunn" || v.Claimed.Relationship != "daughter" {
		t.Fatalf("claimed %+v, %v", v.Claimed, err)
	}
	page, err := h.p.Find(ctx, "QuestionnaireResponse?status=completed")
	if err != nil || len(page.Matches) != 1 {
		t.Fatalf("%d forms, %v", len(page.Matches), err)
	}
	q, err := page.Matches[0].Resource()
	if err != nil {
		t.Fatal(err)
	}
	if got := q.Get("source", "display").Str(); got != "Jo Dunn (daughter)" {
		t.Errorf("the source is %q", got)
	}
}

func TestWhoAsksMustBeSaid(t *testing.T) {
	h := open(t)
	for name, tt := range map[string]struct {
		change func(*request.Ask)
		where  []string
	}{
		"neither":        {func(a *request.Ask) { a.Identity.By, a.Identity.Relationship = "", " " }, []string{"by", "relationship"}},
		"too long":       {func(a *request.Ask) { a.Identity.By = strings.Repeat("x", 101) }, []string{"by"}},
		"for themselves": {func(a *request.Ask) { a.Asker, a.Identity.By, a.Identity.Relationship = request.Self, "", "" }, nil},
	} {
		a := forAnother()
		tt.change(&a)
		_, err := h.Receive(ctx, ods, record.Author{Ref: "Device/web", Role: care.RoleSystem}, a, name)
		var got []string
		if err != nil {
			for _, f := range care.Fields(err) {
				got = append(got, f.Where)
			}
		}
		if strings.Join(got, " ") != strings.Join(tt.where, " ") {
			t.Errorf("%s: %v, want %v", name, got, tt.where)
		}
	}
}

func TestAnswersAreInWords(t *testing.T) {
	h := open(t)
	r := h.receive(t, ask(), "k1")
	v, err := h.Load(ctx, ods, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range v.Answers {
		if a.ID == "contact-how" && a.Text != "By phone" {
			t.Errorf("%s %q", a.Question, a.Text)
		}
		if a.ID == "how-bad" && a.Text != "2: A bit of a problem" {
			t.Errorf("%s %q", a.Question, a.Text)
		}
	}
	if v.Asked.Contact.How != "phone" {
		t.Errorf("the code reads %q", v.Asked.Contact.How)
	}
}

package request_test

import (
	"slices"
	"testing"

	"heartwood/internal/care/form"
	"heartwood/internal/care/request"
	"heartwood/internal/care/ruleset"
	"heartwood/internal/hazard"
)

func rulesOf(v request.View) []string {
	var out []string
	for _, f := range v.Flags {
		out = append(out, f.Rule)
	}
	return out
}

// What the record knows makes an emergency of words that are routine alone.
func TestTheRecordIsScreenedWithTheWords(t *testing.T) {
	hazard.Covers(t, "H-021")
	h := open(t)
	a := ask()
	a.What = "I have had a sore throat since Monday"
	r := h.receive(t, a, "before")
	if r.Urgency != request.Routine {
		t.Fatalf("alone it is %v", r.Urgency)
	}
	h.put(t, `{"resourceType":"MedicationRequest","id":"m1","status":"active","intent":"order","subject":{"reference":"Patient/ann"},"medicationCodeableConcept":{"text":"Carbimazole 20mg tablets"}}`)
	r = h.receive(t, a, "after")
	v, err := h.Load(ctx, ods, r.ID)
	if err != nil || r.Urgency != request.Stat || !slices.Contains(rulesOf(v), "RF-100") {
		t.Fatalf("%v %v %v", r.Urgency, rulesOf(v), err)
	}
	if w := v.Flags[0].Words; w != "Written: “sore throat”. In the record or the answers: Carbimazole 20mg tablets" {
		t.Errorf("it says %q", w)
	}
	h.valid(t)
}

// Contacts for the same problem are linked, whatever the channel, and raised.
func TestContactsForTheSameAreLinkedAndRaised(t *testing.T) {
	hazard.Covers(t, "H-022")
	h := open(t)
	one := ask()
	one.What = "I have an itchy rash on my arm"
	first := h.receive(t, one, "1")
	other := ask()
	other.What = "Please send a letter for my employer"
	h.receive(t, other, "2")
	two := ask()
	two.Channel, two.Asker, two.What = request.Phone, request.Staff, "Rang about the rash, it is getting worse"
	second, err := h.Receive(ctx, ods, navigator, two, "3")
	if err != nil || second.Urgency != request.Prompt {
		t.Fatal(second.Urgency, err)
	}
	v, _ := h.Load(ctx, ods, second.ID)
	if !slices.Equal(v.Related, []string{first.ID}) || !slices.Contains(rulesOf(v), "RF-200") {
		t.Errorf("%v %v", v.Related, rulesOf(v))
	}
	three := ask()
	three.What = "Could somebody look at the rash please"
	v, _ = h.Load(ctx, ods, h.receive(t, three, "4").ID)
	if v.Urgency != request.Prompt || !slices.Equal(v.Related, []string{second.ID, first.ID}) || !slices.Contains(rulesOf(v), "RF-201") {
		t.Errorf("%v %v %v", v.Urgency, v.Related, rulesOf(v))
	}
	h.valid(t)
}

// A questionnaire that is answered in a thread is looked at for the practice's
// own rules too, as a new request is.
func TestAnsweredFormsAreScreenedForOwnRules(t *testing.T) {
	hazard.Covers(t, "H-002")
	h := open(t)
	s := ruleset.Current(ctx, h.p)
	s.Own = `[[rule]]
id = "LR-001"
title = "Smelter"
level = "urgent"
catches = "Fume fever."
source = "Our own."
hazard = "H-002"
any = ["smelter .. metal taste"]
catch = ["smelter and a metal taste", "the smelter gave me a metal taste"]
pass = ["smelter fit note"]`
	if err := ruleset.Save(ctx, h.p, navigator, s); err != nil {
		t.Fatal(err)
	}
	f := form.Form{Pages: []form.Page{{ID: "p", Asks: []form.Ask{{ID: "q", Type: form.Text}}}}}
	found, err := request.ScreenAnswers(ctx, h.p, "Patient/ann", f, form.Answers{"q": {"the smelter gave me a metal taste"}})
	if err != nil || len(found) != 1 || found[0].Rule != "LR-001" {
		t.Errorf("%v, %+v", err, found)
	}
}

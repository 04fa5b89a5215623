package request_test

import (
	"testing"

	"heartwood/internal/care/request"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
)

// A flag is agreed with, escalated or overruled by somebody who may, and the
// urgency never goes down with it.
func TestReviewOfAFlag(t *testing.T) {
	hazard.Covers(t, "H-023")
	h := open(t)
	a := ask()
	a.What = "There is blood in my urine"
	load := func() request.View {
		v, err := h.Load(ctx, ods, h.receive(t, a, "k").ID)
		if err != nil || len(v.Flags) != 1 {
			t.Fatal(v.Flags, err)
		}
		return v
	}
	v := load()
	over := request.FlagReview{Flag: v.Flags[0].ID, Verdict: request.OverruleFlag, Reason: "menstrual, seen yesterday"}
	if _, err := h.Review(ctx, ods, navigator, v.ID, v.Version, over); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a navigator overruled: %v", err)
	}
	silent := over
	silent.Reason = " "
	if _, err := h.Review(ctx, ods, clinician, v.ID, v.Version, silent); !fault.Is(err, fault.Invalid) {
		t.Errorf("without a reason: %v", err)
	}
	if _, err := h.Review(ctx, ods, clinician, v.ID, v.Version, request.FlagReview{Flag: "nothing", Verdict: request.AcceptFlag}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a flag of another request: %v", err)
	}
	got, err := h.Review(ctx, ods, navigator, v.ID, v.Version, request.FlagReview{Flag: v.Flags[0].ID, Verdict: request.EscalateFlag})
	if err != nil || got.Urgency != request.Stat || got.Flags[0].Verdict != request.EscalateFlag || got.Flags[0].By != navigator.Ref {
		t.Fatalf("%+v, %v", got.Flags, err)
	}
	got, err = h.Review(ctx, ods, clinician, v.ID, got.Version, over)
	if err != nil || got.Urgency != request.Stat || got.Flags[0].Verdict != request.OverruleFlag || got.Flags[0].Why != "menstrual, seen yesterday" {
		t.Fatalf("%v %+v, %v", got.Urgency, got.Flags, err)
	}
	tallies, err := request.Tallies(ctx, h.p, h.p.Now().AddDate(0, 0, -1))
	if err != nil || tallies["RF-050"] != (request.Tally{Rule: "RF-050", Raised: 1, Overruled: 1}) {
		t.Errorf("%+v, %v", tallies, err)
	}
	h.valid(t)
}

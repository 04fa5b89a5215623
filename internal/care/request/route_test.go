package request_test

import (
	"context"
	"strings"
	"testing"

	"heartwood/internal/care"
	"heartwood/internal/care/promise"
	"heartwood/internal/care/request"
	"heartwood/internal/care/routing"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
)

func ruled(t *testing.T, h *house, lines ...string) {
	t.Helper()
	h.put(t, `{"resourceType":"Practitioner","id":"pharm","active":true,"name":[{"text":"Ms Pharm"}]}`)
	h.put(t, `{"resourceType":"Practitioner","id":"left","active":false,"name":[{"text":"Dr Left"}]}`)
	h.put(t, `{"resourceType":"Practitioner","id":"off","active":true,"name":[{"text":"Dr Off"}]}`)
	for _, who := range []string{"pharm", "off"} {
		h.put(t, `{"resourceType":"Schedule","id":"`+who+`","active":true,"actor":[{"reference":"Practitioner/`+who+`"}]}`)
	}
	h.put(t, `{"resourceType":"Slot","id":"s1","schedule":{"reference":"Schedule/pharm"},"status":"busy","start":"2026-11-23T11:00:00Z","end":"2026-11-23T11:10:00Z"}`)
	var s routing.Setting
	for _, l := range lines {
		r, err := routing.ParseRule(l)
		if err != nil {
			t.Fatal(err)
		}
		s.Rules = append(s.Rules, r)
	}
	staff := routing.Staff{People: []routing.Person{{Ref: "Practitioner/pharm", Name: "Ms Pharm"}, {Ref: "Practitioner/left", Name: "Dr Left"}, {Ref: "Practitioner/off", Name: "Dr Off"}}}
	if err := routing.Save(ctx, h.p, navigator, s, staff); err != nil {
		t.Fatal(err)
	}
}

// A rule gives an owner and a stricter clock, and the request says why; who
// has left or is away falls through; an emergency stays with the triage team.
func TestReceiveRoutes(t *testing.T) {
	hazard.Covers(t, "H-032")
	h := open(t)
	ruled(t, h, "kind=medicine; to=Practitioner/pharm; within=60", "kind=fit-note; to=Practitioner/left", "kind=test-result; to=Practitioner/off",
		"kind=admin; to=Practitioner/pharm; raise=urgent", "to=Practitioner/pharm; words=chest")
	for _, c := range []struct {
		kind       request.Kind
		what       string
		owner, why string
		urgency    request.Urgency
		by         string
	}{
		{request.Medicine, "My tablets", "Practitioner/pharm", "rule 1: medicines go to Ms Pharm, within 1 opening hour", request.Routine, "2026-11-23 11:00"},
		{request.FitNote, "A note", care.Triage, "rule 2 fits, but who it names does not work here any more", request.Routine, "2026-11-24 18:30"},
		{request.TestResult, "My result", care.Triage, "is away", request.Routine, "2026-11-24 18:30"},
		{request.Admin, "A letter", "Practitioner/pharm", "rule 4", request.Prompt, "2026-11-23 18:30"},
		{request.NewProblem, "Crushing chest pain and sweating, now", care.Triage, "no rule fits", request.Stat, "2026-11-23 10:00"},
	} {
		r, err := h.Receive(ctx, ods, self, request.Ask{Patient: "Patient/ann", Asker: request.Self, Channel: request.Web, Kind: c.kind, What: c.what}, ident.NewID())
		if err != nil {
			t.Fatal(err)
		}
		v, err := h.Load(ctx, ods, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		if v.Owner.Ref != c.owner || !strings.Contains(v.Routed, c.why) || v.Urgency != c.urgency || !v.AnswerBy.Equal(at(c.by)) {
			t.Errorf("%s: with %s, %v, by %v: %s", c.kind, v.Owner.Ref, v.Urgency, v.AnswerBy, v.Routed)
		}
	}
}

// When triage makes a request urgent, the rules are asked again; who has taken
// one keeps it.
func TestTriageRoutesAgain(t *testing.T) {
	h := open(t)
	ruled(t, h, "urgency=urgent; to=Practitioner/pharm")
	ask := request.Ask{Patient: "Patient/ann", Asker: request.Self, Channel: request.Web, Kind: request.NewProblem, What: "A sore knee"}
	r, err := h.Receive(ctx, ods, self, ask, "1")
	if err != nil {
		t.Fatal(err)
	}
	v, err := h.Do(ctx, ods, navigator, r.ID, "", request.Confirm{Urgency: request.Prompt})
	if err != nil || v.Owner.Ref != "Practitioner/pharm" || !strings.Contains(v.History[0].What, "rule 1: urgent requests go to Ms Pharm") {
		t.Errorf("%v, %+v", err, v.History)
	}
	if r, err = h.Receive(ctx, ods, self, ask, "2"); err != nil {
		t.Fatal(err)
	}
	if _, err = h.Do(ctx, ods, navigator, r.ID, "", request.Assign{To: request.Owner{Ref: "Practitioner/off", Name: "Dr Off"}}); err != nil {
		t.Fatal(err)
	}
	if v, err = h.Do(ctx, ods, navigator, r.ID, "", request.Confirm{Urgency: request.Prompt}); err != nil || v.Owner.Ref != "Practitioner/off" {
		t.Errorf("%v, taken from %+v", err, v.Owner)
	}
}

// What somebody is told is kept with the request, and says the same again.
func TestPromiseIsKeptAsTold(t *testing.T) {
	hazard.Covers(t, "H-031")
	h := open(t)
	var asked []request.Foreseen
	h.Foreseeing(func(_ context.Context, _ ident.ODS, n request.Foreseen) promise.Range {
		asked = append(asked, n)
		return promise.Range{From: at("2026-11-23 14:00"), To: at("2026-11-23 16:30"), Latest: at("2026-11-24 12:00"), Clock: n.By}
	})
	for _, channel := range []request.Channel{request.Web, request.Phone} {
		ask := request.Ask{Patient: "Patient/ann", Asker: request.Self, Channel: channel, Kind: request.Admin, What: "A letter"}
		if channel == request.Phone {
			ask.Asker = request.Staff
		}
		r, err := h.Receive(ctx, ods, navigator, ask, string(channel))
		if err != nil {
			t.Fatal(err)
		}
		if want := "most likely between 2pm and 4:30pm today, and by midday tomorrow at the latest"; !strings.Contains(strings.Join(r.Next, " "), want) {
			t.Errorf("%s is told %q", channel, r.Next)
		}
		v, err := h.Load(ctx, ods, r.ID)
		if err != nil || !v.Promised.Latest.Equal(at("2026-11-24 12:00")) || !v.Promised.From.Equal(at("2026-11-23 14:00")) || !v.Promised.To.Equal(r.Promised.To) {
			t.Errorf("%v: kept %+v", err, v.Promised)
		}
	}
	if len(asked) != 2 || asked[0] != asked[1] {
		t.Errorf("another channel asks for another promise: %+v", asked)
	}
}

package overflow

import (
	"testing"

	"heartwood/internal/care"
	"heartwood/internal/care/message"
	"heartwood/internal/care/request"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
	"heartwood/internal/record"
)

// answered hands a request over and has the hub answer it.
func (w *town) answered() (id string, h Handover) {
	w.t.Helper()
	id = w.asked()
	w.round()
	h = w.handover(id)
	_, err := w.requests.Do(ctx, hubODS, hubGP, h.ID, "", request.Close{Outcome: request.AdviceGiven, Told: "Gargle."})
	w.must(err)
	w.round()
	if w.view(homeODS, id).Open() || w.handover(id).State != Done {
		w.t.Fatal("the answer did not come home")
	}
	return id, h
}

// What another practice answered is the own practice's when it opens again:
// nobody over there has it.
func TestAnsweredThereAndOpenedAgainIsOurs(t *testing.T) {
	hazard.Covers(t, "H-032")
	for name, again := range map[string]func(w *town, id string) error{
		"by staff": func(w *town, id string) error {
			_, err := w.requests.Do(ctx, homeODS, navigator, id, "", request.Reopen{Reason: "there is more"})
			return err
		},
		"by the patient": func(w *town, id string) error {
			ann := record.Author{Ref: "Patient/ann", Role: care.RolePatient}
			_, err := message.New(w.store).Reply(ctx, homeODS, ann, message.Reply{Request: id, Text: "It is no better."}, "r")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTown(t)
			id, _ := w.answered()
			w.must(again(w, id))
			w.round()
			if v := w.view(homeODS, id); !v.Open() || v.Owner.Ref != care.Triage {
				t.Errorf("open: %v, with %s", v.Open(), v.Owner.Ref)
			}
		})
	}
}

// Over there it does not open again, and no part of it becomes another: an
// answer to that would reach nobody.
func TestWhatWentHomeDoesNotOpenOverThere(t *testing.T) {
	hazard.Covers(t, "H-032")
	w := newTown(t)
	id := w.asked()
	w.round()
	_, err := w.requests.Do(ctx, hubODS, hubGP, w.handover(id).ID, "", request.Split{What: "A part", To: request.Owner{Ref: care.Triage}})
	if !fault.Is(err, fault.Refused) {
		t.Errorf("a part of it became a request of its own: %v", err)
	}
	batch, err := w.requests.Bulk(ctx, hubODS, hubGP, []request.Picked{{ID: w.handover(id).ID, Version: w.view(hubODS, w.handover(id).ID).Version}}, request.Close{Outcome: request.AdviceGiven, Told: "Gargle."}, "b")
	w.must(err)
	w.round()
	if _, err := w.requests.Do(ctx, hubODS, hubGP, w.handover(id).ID, "", request.Reopen{Reason: "there is more"}); !fault.Is(err, fault.Refused) {
		t.Errorf("opened again: %v", err)
	}
	undone, err := w.requests.Undo(ctx, hubODS, hubGP, batch.ID)
	w.must(err)
	if len(undone.Left) != 1 || w.view(hubODS, w.handover(id).ID).Open() {
		t.Errorf("taken back: %+v", undone)
	}
}

// What many were taken home with is not taken back to the other practice: the
// handover has ended.
func TestTakingBackDoesNotSendItThereAgain(t *testing.T) {
	hazard.Covers(t, "H-032")
	w := newTown(t)
	id := w.asked()
	w.round()
	batch, err := w.requests.Bulk(ctx, homeODS, navigator, []request.Picked{{ID: id, Version: w.view(homeODS, id).Version}}, request.Assign{To: request.Owner{Ref: care.Triage}}, "b")
	w.must(err)
	w.round()
	undone, err := w.requests.Undo(ctx, homeODS, navigator, batch.ID)
	w.must(err)
	if v := w.view(homeODS, id); len(undone.Left) != 1 || v.Owner.Ref != care.Triage {
		t.Errorf("with %s: %+v", v.Owner.Ref, undone)
	}
}

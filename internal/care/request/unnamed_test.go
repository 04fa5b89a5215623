package request_test

import (
	"testing"

	"heartwood/internal/care/request"
	"heartwood/internal/record"
)

// An e-mail from nobody we know is a request like any other: it has an owner,
// a clock, and somewhere to answer to.
func TestAnEmailFromNobodyKnown(t *testing.T) {
	h := open(t)
	by := record.Author{Ref: "Device/heartwood", Role: "system"}
	ask := request.Ask{Asker: request.Self, Channel: request.Email, Kind: request.Admin, What: "Please ring me."}
	if _, err := h.Receive(ctx, ods, by, ask, "a"); err == nil {
		t.Fatal("taken without an address to answer to")
	}
	ask.Contact.Email = "jo@example.com"
	r, err := h.Receive(ctx, ods, by, ask, "b")
	if err != nil {
		t.Fatal(err)
	}
	v, err := h.Load(ctx, ods, r.ID)
	if err != nil || v.Owner.Ref == "" || v.AnswerBy.IsZero() || v.Patient != "" || v.Name == "" || v.Channel != request.Email {
		t.Fatalf("%+v, %v", v, err)
	}
}

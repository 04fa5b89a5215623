package request

import (
	"context"

	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Service keeps the ledger of each practice in its record.
type Service struct{ store *record.Store }

// New makes the service.
func New(store *record.Store) *Service { return &Service{store: store} }

// Receive takes a request into the ledger. key is the form's token: the same
// key again gives the same receipt and changes nothing. The error is
// care.Faults when fields are wrong (see care.Fields).
func (s *Service) Receive(ctx context.Context, practice ident.ODS, by record.Author, ask Ask, key string) (Receipt, error) {
	panic("not yet")
}

// Do carries out one decision about a request and returns it as it then is.
// The commands are Confirm, Assign, Start, Await, Returned, Close, Reopen
// and Match. seen is the View.Version that the person was looking at:
// when the request has changed since, it is a Conflict. "" does not check.
func (s *Service) Do(ctx context.Context, practice ident.ODS, by record.Author, id, seen string, cmd Command) (View, error) {
	panic("not yet")
}

// Load gives one request with everything a page about it shows.
func (s *Service) Load(ctx context.Context, practice ident.ODS, id string) (View, error) {
	panic("not yet")
}

// ByReference finds a request by what the person was told: "HW-7K3M-92X", in
// any case, with or without the hyphens.
func (s *Service) ByReference(ctx context.Context, practice ident.ODS, reference string) (View, error) {
	panic("not yet")
}

// Of lists a patient's requests ("Patient/…"), newest first.
func (s *Service) Of(ctx context.Context, practice ident.ODS, patient string) ([]View, error) {
	panic("not yet")
}

// Queue lists the open requests of a practice, most urgent first, then by
// when they must be answered.
func (s *Service) Queue(ctx context.Context, practice ident.ODS) ([]View, error) {
	panic("not yet")
}

package booking

import (
	"context"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Service carries out the commands on a practice's record. It holds nothing.
type Service struct{}

// New makes the service.
func New() *Service { return &Service{} }

var errSoon = fault.New(fault.Unsupported, "This is not offered yet.")

// Free lists slots that can be booked now, earliest first.
func (s *Service) Free(ctx context.Context, p *record.Practice, q Query) ([]SlotView, error) {
	return nil, errSoon
}

// Choices lists the slots that a patient may pick for an offer.
func (s *Service) Choices(ctx context.Context, p *record.Practice, offer ident.Ref, limit int) ([]SlotView, error) {
	return nil, errSoon
}

// Appointment reads one appointment.
func (s *Service) Appointment(ctx context.Context, p *record.Practice, ref ident.Ref) (View, error) {
	return View{}, errSoon
}

// OfPatient lists a patient's appointments and open offers: what is still to
// come first, soonest first, then what is past, newest first.
func (s *Service) OfPatient(ctx context.Context, p *record.Practice, patient ident.Ref) ([]View, error) {
	return nil, errSoon
}

// OfRequest lists the appointments and offers that answer a request.
func (s *Service) OfRequest(ctx context.Context, p *record.Practice, request ident.Ref) ([]View, error) {
	return nil, errSoon
}

// Offer gives the patient a choice of slots: an Appointment, proposed.
func (s *Service) Offer(ctx context.Context, p *record.Practice, by record.Author, c OfferCommand) (Result, error) {
	return Result{}, errSoon
}

// Pick books the slot that the patient chose for an offer. When somebody else
// got it first the fault is a Conflict whose cause is *Taken.
func (s *Service) Pick(ctx context.Context, p *record.Practice, by record.Author, c PickCommand) (Result, error) {
	return Result{}, errSoon
}

// Book books a slot directly. Faults are as for Pick.
func (s *Service) Book(ctx context.Context, p *record.Practice, by record.Author, c BookCommand) (Result, error) {
	return Result{}, errSoon
}

// Cancel cancels an offer or a booking and frees its slot.
func (s *Service) Cancel(ctx context.Context, p *record.Practice, by record.Author, c CancelCommand) (Result, error) {
	return Result{}, errSoon
}

// Rebook moves a booking to another slot. Faults are as for Pick.
func (s *Service) Rebook(ctx context.Context, p *record.Practice, by record.Author, c RebookCommand) (Result, error) {
	return Result{}, errSoon
}

// Calendar is the appointment as an iCalendar file (RFC 5545), for
// "add to my calendar": it names the practice and the time, not the reason.
func Calendar(v View, practice string) []byte { return nil }

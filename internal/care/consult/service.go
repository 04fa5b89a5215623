package consult

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

// Save keeps a draft. A draft may be incomplete; only hard limits are refused.
func (s *Service) Save(ctx context.Context, p *record.Practice, by record.Author, c SaveCommand) (Result, error) {
	return Result{}, errSoon
}

// Sign makes the note final. What is wrong is an Invalid fault whose cause is
// Issues; what is only unusual is a Refused one until Anyway is set.
func (s *Service) Sign(ctx context.Context, p *record.Practice, by record.Author, c SignCommand) (Result, error) {
	return Result{}, errSoon
}

// Amend changes a signed note; earlier versions stay in the history.
func (s *Service) Amend(ctx context.Context, p *record.Practice, by record.Author, c AmendCommand) (Result, error) {
	return Result{}, errSoon
}

// Discard marks a draft that was never signed as entered in error.
func (s *Service) Discard(ctx context.Context, p *record.Practice, by record.Author, composition ident.Ref, version string) (Result, error) {
	return Result{}, errSoon
}

// Read gives a note as it was written.
func (s *Service) Read(ctx context.Context, p *record.Practice, composition ident.Ref) (View, error) {
	return View{}, errSoon
}

// Drafts lists a clinician's unsigned notes, newest first.
func (s *Service) Drafts(ctx context.Context, p *record.Practice, author ident.Ref) ([]View, error) {
	return nil, errSoon
}

// Check says everything that is wrong or unusual in a note. Signing asks for
// more than a draft does.
func Check(n Note, signing bool) Issues { return nil }

// Scales lists the measurements in the order of the form.
func Scales() []Scale { return nil }

// Pick finds terms of the built-in set that begin with or contain what was
// typed, best first, at most max. Free text is always allowed besides.
func Pick(typed string, max int) []Concept { return nil }

// PickSubstance is Pick for what people are allergic to.
func PickSubstance(typed string, max int) []Concept { return nil }

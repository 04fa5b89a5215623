package surge

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"heartwood/internal/bench/browse"
)

// wishes are what people ask for.
var wishes = []string{
	"I need my repeat prescription please, I have four days left.",
	"My knee has been sore for three weeks and it is not getting better.",
	"Can somebody explain my blood test result to me?",
	"I have had a cough for ten days and I am tired of it.",
	"Please can I have a fit note, my back is still stiff.",
	"My daughter has a rash on her arm that itches at night.",
	"I would like to talk about my tablets. They make me feel sick.",
	"I need a letter for my employer about my operation.",
}

// person is what somebody says of themselves on any form.
func person(r *rand.Rand, what string) url.Values {
	return url.Values{
		"given": {"Robin"}, "family": {"Surge"}, "birth-day": {fmt.Sprint(1 + r.IntN(28))},
		"birth-month": {fmt.Sprint(1 + r.IntN(12))}, "birth-year": {fmt.Sprint(1940 + r.IntN(65))},
		"phone": {"01632 960001"}, "asker": {"self"}, "what": {what}, "how-bad": {"2"},
		"contact-how": {"phone"}, "contact-number": {"01632 960001"}, "hope": {"An answer"},
		"nhs-number": {""}, "temperature": {"38.5"},
	}
}

var (
	asset    = regexp.MustCompile(`(?:href|src)="(/assets/[^"]+)"`)
	receiptP = regexp.MustCompile(`HW-[0-9A-Z]{4}-[0-9A-Z]{3}`)
)

// longest is how many pages a form may have.
const longest = 60

// form fills in a form to its receipt, or, when leave is set, only so many
// pages of it.
func (s *surge) form(ctx context.Context, p *practice, r *rand.Rand, leave int) error {
	b := browse.New(s.Base)
	defer b.Close()
	b.Saw = s.meter.saw("patient")
	at, err := b.Get(ctx, "/p/"+p.code+"/ask")
	if err != nil {
		return err
	}
	for _, m := range asset.FindAllSubmatch(at.Body, 8) {
		if _, err := b.Get(ctx, string(m[1])); err != nil {
			return err
		}
	}
	say := person(r, wishes[r.IntN(len(wishes))])
	for n := range longest {
		if strings.HasSuffix(at.URL.Path, "/sent") {
			return s.receipt(p, at)
		}
		if leave > 0 && n == leave {
			return nil
		}
		if err := s.think(ctx, r); err != nil {
			return err
		}
		if at, err = s.step(ctx, b, at, p, say, r); err != nil {
			return err
		}
	}
	return fmt.Errorf("the form did not end after %d pages", longest)
}

// receipt notes when somebody saw the proof that their request was kept.
func (s *surge) receipt(p *practice, at *browse.Page) error {
	if !receiptP.Match(at.Body) {
		return fmt.Errorf("the receipt shows no reference")
	}
	s.meter.received(p.code, time.Now())
	return nil
}

// step answers the one form of the asking that is on the page.
func (s *surge) step(ctx context.Context, b *browse.Browser, at *browse.Page, p *practice, say url.Values, r *rand.Rand) (*browse.Page, error) {
	for _, f := range at.Forms() {
		to, err := at.URL.Parse(f.Action)
		if err != nil || f.Method != http.MethodPost || !strings.HasPrefix(to.Path, "/p/"+p.code+"/ask") {
			continue
		}
		next, err := b.Send(ctx, at, f, f.Fill(say, r.IntN))
		if err == nil && next.Status != http.StatusOK {
			err = fmt.Errorf("%s answered %d: %s", to.Path, next.Status, next.Problem())
		}
		return next, err
	}
	return nil, fmt.Errorf("%s has no form to go on with", at.URL.Path)
}

// call is a navigator who types in what a caller says: find the patient, write
// the request, read out the receipt.
func (s *surge) call(ctx context.Context, p *practice, r *rand.Rand) error {
	b := p.staff[r.IntN(len(p.staff))]
	at, err := s.find(ctx, b, p, r)
	if err != nil {
		return err
	}
	if err := s.think(ctx, r); err != nil {
		return err
	}
	say := person(r, wishes[r.IntN(len(wishes))])
	// What it is about was chosen with the patient: the form shows its questions.
	say["channel"], say["step"] = []string{"phone"}, []string{"save"}
	if at, err = s.desk(ctx, b, at, say, r); err != nil {
		return err
	}
	return s.receipt(p, at)
}

// find opens the form for a new request and looks for the caller by name.
func (s *surge) find(ctx context.Context, b *browse.Browser, p *practice, r *rand.Rand) (*browse.Page, error) {
	at, err := b.Get(ctx, "/desk/"+p.code+"/new")
	for n := r.IntN(len(p.names)); err == nil; n++ {
		say := url.Values{"who": {p.names[n%len(p.names)]}, "channel": {"phone"}, "kind": {p.kind(n)}, "step": {"find"}}
		if at, err = s.desk(ctx, b, at, say, r); err != nil {
			break
		}
		for _, f := range at.Forms() {
			if f.Has("patient") {
				return at, nil
			}
		}
		if n > 2*len(p.names) {
			return nil, fmt.Errorf("nobody was found by any name")
		}
	}
	return nil, err
}

// kinds are what callers ask about; each has questions of its own.
var kinds = []string{"new-problem", "medicine", "prescription", "test-result", "fit-note", "admin"}

func (p *practice) kind(n int) string { return kinds[n%len(kinds)] }

// withPatient fills in what is said, and picks one of the patients found.
func withPatient(f browse.Form, say url.Values, r *rand.Rand) url.Values {
	v := f.Keep(say)
	for _, x := range f.Fields {
		if x.Name == "patient" && x.Type == "radio" && v.Get("patient") == "" && len(x.Options) > 0 {
			v.Set("patient", x.Options[r.IntN(len(x.Options))])
		}
	}
	return v
}

// desk sends the desk's form for a new request.
func (s *surge) desk(ctx context.Context, b *browse.Browser, at *browse.Page, say url.Values, r *rand.Rand) (*browse.Page, error) {
	for _, f := range at.Forms() {
		if f.Method == http.MethodPost && f.Has("what") {
			next, err := b.Send(ctx, at, f, withPatient(f, say, r))
			if err == nil && next.Status != http.StatusOK {
				err = fmt.Errorf("%s answered %d: %s", at.URL.Path, next.Status, next.Problem())
			}
			return next, err
		}
	}
	return nil, fmt.Errorf("%s has no form for a request", at.URL.Path)
}

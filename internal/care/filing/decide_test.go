package filing_test

import (
	"testing"

	"pgregory.net/rapid"

	"heartwood/internal/care/filing"
	"heartwood/internal/care/request"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
)

var (
	asthma = ident.Ref{Type: "Condition", ID: "asthma"}
	closed = request.View{ID: "t", Patient: "Patient/ann", State: request.Closed}
	in     = filing.Filed{Version: "c.1", Patient: "Patient/ann", Heading: "medicines", Messages: []string{"m"}}
)

// What can be filed and taken out, and what cannot.
func TestDecide(t *testing.T) {
	hazard.Covers(t, "H-048")
	open, nobodys, out := closed, closed, in
	open.State, nobodys.Patient, out.Out = request.Working, "", true
	others := in
	others.Patient = "Patient/ben"
	hers, his := &filing.Problem{Patient: "Patient/ann", Name: "Asthma"}, &filing.Problem{Patient: "Patient/ben", Name: "Asthma"}
	m := []string{"m"}
	for name, c := range map[string]struct {
		state filing.State
		cmd   filing.Command
		want  fault.Kind // 0: it is done
	}{
		"first":                     {filing.State{Request: closed, Messages: m}, filing.File{Heading: "medicines"}, 0},
		"with a problem":            {filing.State{Request: closed, Messages: m, Problem: hers}, filing.File{Heading: "medicines", Problem: asthma}, 0},
		"another's problem":         {filing.State{Request: closed, Messages: m, Problem: his}, filing.File{Heading: "medicines", Problem: asthma}, fault.Invalid},
		"a problem that is none":    {filing.State{Request: closed, Messages: m}, filing.File{Heading: "medicines", Problem: asthma}, fault.Invalid},
		"no heading":                {filing.State{Request: closed, Messages: m}, filing.File{}, fault.Invalid},
		"while it is open":          {filing.State{Request: open, Messages: m}, filing.File{Heading: "medicines"}, fault.Refused},
		"nobody's":                  {filing.State{Request: nobodys, Messages: m}, filing.File{Heading: "medicines"}, fault.Refused},
		"what nobody wrote on":      {filing.State{Request: closed}, filing.File{Heading: "medicines"}, 0},
		"the same again":            {filing.State{Request: closed, Was: in, Messages: m}, filing.File{Heading: "medicines"}, fault.Refused},
		"elsewhere":                 {filing.State{Request: closed, Was: in, Messages: m}, filing.File{Heading: "admin"}, 0},
		"after more came":           {filing.State{Request: closed, Was: in, Messages: []string{"m", "n"}}, filing.File{Heading: "medicines"}, 0},
		"after it was taken out":    {filing.State{Request: closed, Was: out, Messages: m}, filing.File{Heading: "medicines"}, 0},
		"after it was another's":    {filing.State{Request: closed, Was: others, Messages: m}, filing.File{Heading: "medicines"}, 0},
		"out":                       {filing.State{Request: closed, Was: in, Messages: m}, filing.TakeOut{Reason: "Wrong place"}, 0},
		"out of an open one":        {filing.State{Request: open, Was: in, Messages: m}, filing.TakeOut{Reason: "Wrong place"}, 0},
		"out without a reason":      {filing.State{Request: closed, Was: in, Messages: m}, filing.TakeOut{Reason: " "}, fault.Invalid},
		"out of what is not in":     {filing.State{Request: closed, Messages: m}, filing.TakeOut{Reason: "Wrong place"}, fault.Refused},
		"out of what is out of it":  {filing.State{Request: closed, Was: out, Messages: m}, filing.TakeOut{Reason: "Wrong place"}, fault.Refused},
		"a heading that is no part": {filing.State{Request: closed, Messages: m}, filing.File{Heading: "attic"}, fault.Invalid},
	} {
		next, err := filing.Decide(c.state, c.cmd)
		switch {
		case c.want == 0 && (err != nil || next.Request != "t" || next.Patient != "Patient/ann"):
			t.Errorf("%s: %+v, %v", name, next, err)
		case c.want != 0 && !fault.Is(err, c.want):
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever was before: what is filed names all messages of the thread and no
// other, is in the record of the patient of the request, and never under a
// problem of somebody else's.
func TestFiledWhole(t *testing.T) {
	hazard.Covers(t, "H-048")
	rapid.Check(t, func(t *rapid.T) {
		people := rapid.SampledFrom([]string{"", "Patient/ann", "Patient/ben"})
		s := filing.State{
			Request:  request.View{ID: "t", Patient: people.Draw(t, "whose"), State: rapid.SampledFrom([]request.State{request.Working, request.Closed}).Draw(t, "state")},
			Was:      filing.Filed{Version: rapid.SampledFrom([]string{"", "c.1"}).Draw(t, "was"), Patient: people.Draw(t, "before"), Heading: "admin", Out: rapid.Bool().Draw(t, "out")},
			Messages: rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c"}), 0, 3).Draw(t, "messages"),
		}
		if of := people.Draw(t, "problem of"); of != "" {
			s.Problem = &filing.Problem{Patient: of, Name: "Asthma"}
		}
		c := filing.File{Heading: rapid.SampledFrom(append([]filing.Heading{"none"}, filing.Headings...)).Draw(t, "heading")}
		if rapid.Bool().Draw(t, "with a problem") {
			c.Problem = asthma
		}
		next, err := filing.Decide(s, c)
		if err != nil {
			return
		}
		if s.Request.Open() || next.Patient != s.Request.Patient || len(next.Messages) != len(s.Messages) {
			t.Fatalf("%+v of %+v", next, s)
		}
		if !next.Problem.IsZero() && (s.Problem == nil || s.Problem.Patient != next.Patient) {
			t.Fatalf("under another's problem: %+v of %+v", next, s)
		}
	})
}

package delivery

import (
	"context"
	"net/url"
	"strings"

	"heartwood/internal/care/search"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Candidate is a patient who has an address. It is
// no proof: people share telephones and mailboxes.
type Candidate struct {
	Ref  ident.Ref
	Name string
}

// Candidates are the patients whose record has an address, however it is
// written there.
func Candidates(ctx context.Context, p *record.Practice, address string) ([]Candidate, error) {
	var out []Candidate
	seen := map[ident.Ref]bool{}
	for _, form := range Forms(address) {
		err := search.Each(ctx, p, "Patient?telecom="+url.QueryEscape(form), func(v record.Version, res *fhir.Resource) error {
			person := PersonOf(res)
			for _, a := range append(person.Phones, person.Emails...) {
				if SameAddress(a, address) && !seen[v.Ref] && len(out) < 20 {
					seen[v.Ref] = true
					out = append(out, Candidate{v.Ref, person.Name})
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Forms are the ways in which an address is written.
func Forms(address string) []string {
	plain := Plain(address)
	if strings.Contains(plain, "@") {
		return []string{address, plain}
	}
	if len(plain) != 11 || plain[0] != '0' {
		return []string{address, plain}
	}
	return []string{
		plain, "+44" + plain[1:], plain[:5] + " " + plain[5:], plain[:5] + " " + plain[5:8] + " " + plain[8:],
		"+44 " + plain[1:5] + " " + plain[5:], "+44 " + plain[1:5] + " " + plain[5:8] + " " + plain[8:],
	}
}

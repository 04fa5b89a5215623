package exchange

import (
	"context"
	"net/url"
	"strings"

	"heartwood/internal/care/delivery"
	"heartwood/internal/care/search"
	"heartwood/internal/fhir"
	"heartwood/internal/record"
	"heartwood/internal/view/read"
)

// mostPeople is how many patients a number may have for them to be shown: more
// have the number of a home or a school.
const mostPeople = 8

// whose finds the patients who have a number. It proves nothing about who is
// calling.
func whose(ctx context.Context, p *record.Practice, number string) ([]Person, error) {
	if number == "" {
		return nil, nil
	}
	var out []Person
	query := "Patient?active:not=false&_count=50&telecom=" + url.QueryEscape(strings.Join(delivery.Forms(number), ","))
	err := search.Each(ctx, p, query, func(v record.Version, r *fhir.Resource) error {
		out = append(out, Person{Ref: v.Ref, Name: read.Name(r), Born: r.Get("birthDate").Str()})
		return nil
	})
	if err != nil || len(out) > mostPeople {
		return nil, err
	}
	return out, nil
}

// find looks who has a caller's number.
func (b *board) find(call, number string) {
	ctx, done := b.while()
	defer done()
	all, err := whose(ctx, b.practice, number)
	if err != nil {
		b.log("a number cannot be looked up", err)
		return
	}
	b.people[call] = all
}

package desk_test

import (
	"fmt"
	"testing"

	"heartwood/internal/care/delivery"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// What is safe is asked of the record on nearly every page of a patient: it
// must not grow with how often they have written to us.
func BenchmarkContact(b *testing.B) {
	h := newHouse(b, 1500)
	for _, n := range []int{0, 10, 250} {
		patient := h.sample[n%len(h.sample)].ID
		c := record.Change{Author: record.Author{Ref: "Device/demo", Role: "system"}, Reason: "bench"}
		for i := range n {
			id := fmt.Sprintf("bench-%d-%d", n, i)
			body := `{"resourceType":"QuestionnaireResponse","id":"` + id + `","status":"completed","subject":{"reference":"Patient/` + patient + `"},"authored":"2026-02-01T10:00:00Z","item":[{"linkId":"what","answer":[{"valueString":"My knee has been sore since I fell on the stairs"}]}`
			for k := range 20 {
				body += fmt.Sprintf(`,{"linkId":"q%d","text":"A question of the form","answer":[{"valueString":"An answer"}]}`, k)
			}
			w, err := record.Prepare(ident.Ref{Type: "QuestionnaireResponse", ID: id}, []byte(body+`]}`))
			must(b, err)
			c.Writes = append(c.Writes, w)
		}
		if n > 0 {
			_, err := h.p.Commit(b.Context(), c)
			must(b, err)
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				_, err := delivery.LoadContact(b.Context(), h.p, "Patient/"+patient)
				must(b, err)
			}
		})
	}
}

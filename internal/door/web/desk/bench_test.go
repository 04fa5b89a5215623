package desk_test

import "testing"

// The pages that staff open all day, with 1,500 patients on the list: the aim
// is well under 100 ms with 10,000.
func BenchmarkPages(b *testing.B) {
	h := newHouse(b, 1500)
	path := take(h, h.sample[0].ID, "My knee has been sore since I fell on the stairs")
	for _, p := range []struct{ name, path string }{
		{"queue", ""},
		{"request", path},
		{"offer", path + "/offer"},
		{"patient", "patient/" + h.sample[0].ID},
		{"search", "patients?q=smith"},
		{"new", "new?patient=" + h.sample[0].ID},
	} {
		b.Run(p.name, func(b *testing.B) {
			n := h.as("clinician")
			for b.Loop() {
				n.open(p.path).says(200)
			}
		})
	}
}

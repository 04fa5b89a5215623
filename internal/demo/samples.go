package demo

import (
	"time"

	"heartwood/internal/ident"
)

// Sample is a patient that is worth signing in as.
type Sample struct {
	ID    string // of the Patient
	Name  string
	Born  time.Time
	NHS   ident.NHSNumber
	Email string
	Why   string  // what there is to see
	Proxy []Child // whom they act for
}

// Child is someone a Sample acts for.
type Child struct {
	ID      string // of the Patient
	Name    string
	Related string // id of the RelatedPerson that says so
}

// SamplePatients picks a few patients from the first people of the practice:
// a parent, someone with several long-term conditions, a healthy adult and
// someone whose language is not English; fewer in a very small practice.
func (p Practice) SamplePatients() []Sample {
	wants := []struct {
		why string
		is  func(one *person, problems int) bool
	}{
		{"a parent who also acts for a child", func(one *person, _ int) bool {
			return len(one.children) > 0 && one.female && one.age >= 25 && one.age <= 46 && one.children[0].age >= 2 && one.children[0].age <= 12
		}},
		{"an older person with several conditions", func(one *person, n int) bool { return one.age >= 65 && n >= 4 && n <= 8 }},
		{"a healthy younger adult", func(one *person, n int) bool { return one.age >= 20 && one.age < 40 && n == 0 }},
		{"someone whose main language is not English", func(one *person, _ int) bool { return one.age >= 18 && one.language != "en" }},
	}
	found := make([]*person, len(wants))
	missing, looked := len(wants), 0
	for one := range p.people() {
		if looked++; missing == 0 || looked > 2000 {
			break
		}
		for i, w := range wants {
			if found[i] == nil && w.is(one, p.problemCount(one)) && one.age < 80 {
				found[i] = one
				missing--
				break
			}
		}
	}
	var samples []Sample
	for i, one := range found {
		if one == nil {
			continue
		}
		s := Sample{ID: one.id, Name: one.given + " " + one.family, Born: one.born, NHS: one.nhs, Email: one.id + "@patient.example.org", Why: wants[i].why}
		for _, child := range one.children {
			s.Proxy = append(s.Proxy, Child{child.id, child.given + " " + child.family, relatedID(child, one)})
		}
		samples = append(samples, s)
	}
	return samples
}

func (p Practice) problemCount(one *person) int {
	n := 0
	for has := drawProblems(p.net.random("record", one.number), one); has != 0; has &= has - 1 {
		n++
	}
	return n
}

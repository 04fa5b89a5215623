package demo

import (
	"fmt"

	"heartwood/internal/ident"
)

// Codes that are Heartwood's own.
const (
	RoleSystem    = "https://heartwood.example/fhir/role"         // navigator, clinician, manager, commissioner
	ServiceSystem = "https://heartwood.example/fhir/service-type" // gp, nurse, pharmacist
)

// TriageTeam is the id of every practice's CareTeam that new requests belong
// to, as care.Triage has it.
const TriageTeam = "triage"

// The ids of the other teams that work can be given to.
const (
	AdminTeam    = "admin-team"
	PharmacyTeam = "pharmacy-team"
)

// services are what a practice's diaries are for.
var services = []struct{ code, display string }{
	{"gp", "GP appointment"},
	{"nurse", "Nurse appointment"},
	{"pharmacist", "Pharmacist appointment"},
}

// Staff is someone who works at a practice or its board, and can sign in.
type Staff struct {
	ID     string // of the Practitioner
	RoleID string // of the PractitionerRole
	Name   string // "Dr Helen Marsh"
	Role   string // navigator, clinician, manager or commissioner
	Job    string // "GP", "Practice nurse" …
	Email  string
	ODS    ident.ODS // where they work

	prefix, given, family string
	service               string // whose diary they have; "" for none
	post                  string // "gp-1"
}

var posts = []struct {
	id, role, job, service string
	people                 [3][3]string // by practice: prefix, given, family
}{
	{"gp-1", "clinician", "GP", "gp", [3][3]string{{"Dr", "Helen", "Marsh"}, {"Dr", "Imran", "Sadiq"}, {"Dr", "Rosalind", "Peake"}}},
	{"gp-2", "clinician", "GP", "gp", [3][3]string{{"Dr", "Chidi", "Okoro"}, {"Dr", "Bronwen", "Lloyd"}, {"Dr", "Alasdair", "Munn"}}},
	{"gp-3", "clinician", "GP", "gp", [3][3]string{{"Dr", "Meera", "Chandran"}, {"Dr", "Pawel", "Zurek"}, {"Dr", "Fiona", "Tarrant"}}},
	{"nurse-1", "clinician", "Practice nurse", "nurse", [3][3]string{{"Ms", "Joyce", "Amankwah"}, {"Mr", "Declan", "Rourke"}, {"Mrs", "Penny", "Catchpole"}}},
	{"nurse-2", "clinician", "Practice nurse", "nurse", [3][3]string{{"Mr", "Tom", "Birdsall"}, {"Ms", "Leila", "Haddadi"}, {"Ms", "Karen", "Stubley"}}},
	{"pharmacist-1", "clinician", "Pharmacist", "pharmacist", [3][3]string{{"Mr", "Samir", "Vaghela"}, {"Ms", "Grace", "Oyelaran"}, {"Mr", "Neil", "Dunmore"}}},
	{"navigator-1", "navigator", "Care navigator", "", [3][3]string{{"Ms", "Tracey", "Holling"}, {"Mr", "Jordan", "Peel"}, {"Mrs", "Sandra", "Ridge"}}},
	{"navigator-2", "navigator", "Care navigator", "", [3][3]string{{"Mr", "Femi", "Adeola"}, {"Ms", "Nasima", "Khatun"}, {"Ms", "Ellie", "Foxton"}}},
	{"manager-1", "manager", "Practice manager", "", [3][3]string{{"Mrs", "Yvonne", "Cartmel"}, {"Mr", "Bilal", "Quereshi"}, {"Ms", "Ruth", "Averill"}}},
}

// Staff are the people who work at the practice.
func (p Practice) Staff() []Staff {
	var all []Staff
	for _, post := range posts {
		n := post.people[p.index%3]
		s := Staff{
			ID: p.local(post.id), RoleID: p.local(post.id + "-role"),
			Role: post.role, Job: post.job, ODS: p.ODS, service: post.service, post: post.id,
			prefix: n[0], given: n[1], family: n[2],
		}
		if p.index >= 3 { // further practices need names of their own
			s.given = british.family[(p.index*9+len(all))%len(british.family)]
		}
		s.finish()
		all = append(all, s)
	}
	return all
}

// Commissioner is the person at the integrated care board who sees figures
// for every practice and no patient.
func (n *Network) Commissioner() Staff {
	s := Staff{
		ID: "qz9-commissioner-1", RoleID: "qz9-commissioner-1-role", Role: "commissioner",
		Job: "Head of primary care", ODS: ICB, prefix: "Ms", given: "Adaora", family: "Winstone",
	}
	s.finish()
	return s
}

func (s *Staff) finish() {
	s.Name = s.prefix + " " + s.given + " " + s.family
	s.Email = fmt.Sprintf("%s@%s.example.org", s.ID, s.ODS)
}

// staff writes everyone's Practitioner and PractitionerRole, and the team
// that looks at new requests.
func (w *writer) staff() {
	all := append(w.practice.Staff(), w.practice.net.Commissioner())
	for _, s := range all {
		w.begin("Practitioner", s.ID)
		w.raw(`,"active":true,"name":[{"use":"official"`)
		w.str("text", s.Name)
		w.str("family", s.family)
		w.raw(`,"given":["` + s.given + `"],"prefix":["` + s.prefix + `"]}]`)
		w.raw(`,"telecom":[{"system":"email","value":"` + s.Email + `","use":"work"}]`)
		w.end()
		w.begin("PractitionerRole", s.RoleID)
		w.raw(`,"active":true`)
		w.ref("practitioner", "Practitioner", s.ID)
		w.ref("organization", "Organization", string(s.ODS))
		w.raw(`,"code":[{"coding":[`)
		w.coding(RoleSystem, s.Role, "")
		w.raw(`]`)
		w.str("text", s.Job)
		w.raw(`}]`)
		if s.service != "" {
			w.raw(`,"healthcareService":[`)
			w.reference("HealthcareService", w.practice.local("service-"+s.service))
			w.raw(`]`)
		}
		w.end()
	}
	w.team(TriageTeam, "Triage team", func(s Staff) bool { return s.Role == "navigator" || s.service == "gp" })
	w.team(AdminTeam, "Admin team", func(s Staff) bool { return s.Role == "navigator" })
	w.team(PharmacyTeam, "Pharmacy team", func(s Staff) bool { return s.service == "pharmacist" })
}

// team writes a CareTeam of those who belong to it.
func (w *writer) team(id, name string, belongs func(Staff) bool) {
	w.begin("CareTeam", id)
	w.str("status", "active")
	w.str("name", name)
	w.raw(`,"participant":[`)
	comma := ""
	for _, s := range w.practice.Staff() {
		if !belongs(s) {
			continue
		}
		w.raw(comma + `{"member":`)
		w.reference("Practitioner", s.ID)
		w.ref("onBehalfOf", "Organization", string(s.ODS))
		w.raw(`}`)
		comma = ","
	}
	w.raw(`],"managingOrganization":[`)
	w.reference("Organization", string(w.practice.ODS))
	w.raw(`]`)
	w.end()
}

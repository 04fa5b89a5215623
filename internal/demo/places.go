package demo

import (
	"fmt"
	"math/rand/v2"

	"heartwood/internal/ident"
)

// The network's invented organisations. A test looks that none of the codes
// is in use.
const (
	PCN     = "U90001"
	PCNName = "Oakenbury Meadows PCN"
	ICB     = "QZ9"
	ICBName = "NHS Wealdmarsh Integrated Care Board"
)

// Practice is one invented general practice.
type Practice struct {
	ODS     ident.ODS
	Name    string
	Address Address
	Phone   string

	net     *Network
	index   int
	lean    float64 // towards the young (below 0) or the old
	diverse float64 // scales the share of other than White British
	poverty float64 // 0 for mostly the least deprived tenths, 1 for the most
}

// Address is a place in the invented town of Oakenbury. Its postcode cannot
// exist: the area HW is not allotted, and the last two letters have one that
// the Royal Mail never uses there. The digit before them is the tenth of
// deprivation the place is in, 1 the most deprived and 0 for 10.
type Address struct {
	Line, Town, District, Postcode string
}

// layOut makes practice i: the same for every seed, so that links last.
func (n *Network) layOut(i int) Practice {
	known := []struct {
		name, line             string
		lean, diverse, poverty float64
	}{
		{"Alderbrook Lane Surgery", "14 Alderbrook Lane", 0, 1, .5},
		{"Tannery Quay Medical Centre", "2 Tannery Quay", -.25, 3, .85},
		{"Fallow Down Health Centre", "Fallow Down, Upper Road", .3, .35, .2},
	}
	k := known[i%len(known)]
	name, line := k.name, k.line
	if i >= len(known) {
		name = fmt.Sprintf("Oakenbury Practice %d", i+1)
		line = fmt.Sprintf("%d Market Row", i+1)
	}
	return Practice{
		ODS:     ident.ODS(fmt.Sprintf("Z9%04d", i+1)),
		Name:    name,
		Address: Address{line, "Oakenbury", "Wealdmarsh", fmt.Sprintf("HW%d 5VC", i%9+1)},
		Phone:   fmt.Sprintf("01632 960%03d", 100+i*10),
		net:     n, index: i, lean: k.lean, diverse: k.diverse, poverty: k.poverty,
	}
}

// interpreter tells whether somebody needs one: two in three of those whose
// language is another, and all when they are old.
func (p *person) interpreter() bool {
	return p.language != "en" && (p.number%3 != 0 || p.age > 60)
}

// need is how somebody needs to be communicated with, beside in what language;
// "" for no way of their own. About one in twenty has one, most of them old.
func (p *person) need() string {
	every := 50
	if p.age >= 65 {
		every = 8
	}
	if p.number%every != 3 {
		return ""
	}
	return []string{"Large print", "Hard of hearing: please write", "Easy words and pictures"}[p.number/every%3]
}

var streets = []string{
	"Alderbrook Lane", "Tannery Quay", "Bellfounder Street", "Cobbler's Rise", "Damson Walk", "Ember Close",
	"Fallow Down", "Gander Green", "Hopkiln Road", "Inkwell Court", "Juniper Bank", "Kestrel Mead", "Larkspur Avenue",
	"Millrace Street", "Nettlebed Road", "Old Ropewalk", "Pennywort Drive", "Quarry Foot", "Russet Gardens",
	"Saddler's Yard", "Thimble Row", "Umber Street", "Vintner's Hill", "Weathercock Lane", "Yarrow Crescent",
}

// drawTenth draws a tenth of deprivation (1 most deprived).
func drawTenth(r *rand.Rand, poverty float64) int {
	u := r.Float64()
	v := (u + r.Float64() + r.Float64()) / 3 // around the middle
	return min(10, max(1, int(1+10*(v*.6+(1-poverty)*.8-.2))))
}

func drawAddress(r *rand.Rand, practice, tenth int) Address {
	const never, some = "CIKMOV", "ABDEFGHJLNPQRSTUWXYZ"
	line := fmt.Sprintf("%d %s", 1+r.IntN(180), streets[r.IntN(len(streets))])
	if r.IntN(8) == 0 {
		line = fmt.Sprintf("Flat %d, %s", 1+r.IntN(24), line)
	}
	code := fmt.Sprintf("HW%d %d%c%c", practice%9+1, tenth%10, never[r.IntN(len(never))], some[r.IntN(len(some))])
	return Address{line, "Oakenbury", "Wealdmarsh", code}
}

func (p *pen) address(name string, use string, a Address) {
	p.name(name)
	p.raw(`[{"use":`)
	p.quote(use)
	p.addressRest(a)
	p.raw(`]`)
}

func (p *pen) addressRest(a Address) {
	p.raw(`,"line":[`)
	p.quote(a.Line)
	p.raw(`]`)
	p.str("city", a.Town)
	p.str("district", a.District)
	p.str("postalCode", a.Postcode)
	p.raw(`}`)
}

const odsSystem = "https://fhir.nhs.uk/Id/ods-organization-code"

// organisations writes the practice, its network and board, its site and what
// it offers.
func (w *writer) organisations() {
	p := w.practice
	w.organization(ICB, ICBName, "RO318", "INTEGRATED CARE BOARD", "")
	w.end()
	w.organization(PCN, PCNName, "RO272", "PRIMARY CARE NETWORK", ICB)
	w.end()
	w.organization(string(p.ODS), p.Name, "RO76", "GP PRACTICE", PCN)
	w.raw(`,"telecom":[{"system":"phone","value":"` + p.Phone + `","use":"work"}]`)
	w.address("address", "work", p.Address)
	w.end()
	w.begin("Location", p.local("site"))
	w.str("status", "active")
	w.str("name", p.Name)
	w.str("mode", "instance")
	w.raw(`,"address":{"use":"work"`)
	w.addressRest(p.Address)
	w.ref("managingOrganization", "Organization", string(p.ODS))
	w.end()
	for _, s := range services {
		w.begin("HealthcareService", p.local("service-"+s.code))
		w.raw(`,"active":true`)
		w.ref("providedBy", "Organization", string(p.ODS))
		w.raw(`,"type":[`)
		w.conceptOf(ServiceSystem, s.code, s.display)
		w.raw(`],"location":[`)
		w.reference("Location", p.local("site"))
		w.raw(`]`)
		w.str("name", s.display)
		w.end()
	}
}

func (w *writer) organization(ods, name, role, display, partOf string) {
	w.begin("Organization", ods)
	w.raw(`,"identifier":[{"system":"` + odsSystem + `","value":"` + ods + `"}],"active":true,"type":[`)
	w.conceptOf("https://fhir.nhs.uk/CodeSystem/organisation-role", role, display)
	w.raw(`]`)
	w.str("name", name)
	if partOf != "" {
		w.ref("partOf", "Organization", partOf)
	}
}

// local is an id that is the same in every network: "z90001-site".
func (p *Practice) local(what string) string {
	return "z" + string(p.ODS[1:]) + "-" + what
}

package network

import (
	"strings"
	"unicode"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

// resource is an Organization or an OrganizationAffiliation, with the
// elements that these files fill.
type resource struct {
	Type         string       `json:"resourceType"`
	ID           string       `json:"id"`
	Extension    []extension  `json:"extension,omitempty"`
	Identifier   []identifier `json:"identifier,omitempty"`
	Active       bool         `json:"active"`
	Period       *period      `json:"period,omitempty"`
	Kind         []concept    `json:"type,omitempty"`
	Name         string       `json:"name,omitempty"`
	Telecom      []telecom    `json:"telecom,omitempty"`
	Address      []address    `json:"address,omitempty"`
	PartOf       *reference   `json:"partOf,omitempty"`
	Organization *reference   `json:"organization,omitempty"`
	Participant  *reference   `json:"participatingOrganization,omitempty"`
	Code         []concept    `json:"code,omitempty"`
}

type extension struct {
	URL    string  `json:"url"`
	Period *period `json:"valuePeriod"`
}

type identifier struct {
	System string `json:"system"`
	Value  string `json:"value"`
}

type period struct {
	Start string `json:"start,omitempty"`
	End   string `json:"end,omitempty"`
}

type concept struct {
	Coding []coding `json:"coding"`
}

type coding struct {
	System  string `json:"system"`
	Code    string `json:"code"`
	Display string `json:"display"`
}

type telecom struct {
	System string `json:"system"`
	Value  string `json:"value"`
	Use    string `json:"use"`
}

type address struct {
	Use        string   `json:"use"`
	Line       []string `json:"line,omitempty"`
	City       string   `json:"city,omitempty"`
	PostalCode string   `json:"postalCode,omitempty"`
}

type reference struct {
	Reference  string      `json:"reference,omitempty"`
	Identifier *identifier `json:"identifier,omitempty"`
	Display    string      `json:"display,omitempty"`
}

const (
	odsSystem  = "https://fhir.nhs.uk/Id/ods-organization-code"
	roleSystem = "https://fhir.nhs.uk/CodeSystem/organisation-role"
	periodURL  = "http://hl7.org/fhir/StructureDefinition/organization-period"
)

func role(code, display string) concept {
	return concept{[]coding{{roleSystem, code, display}}}
}

// organization begins an Organization with its code, name and dates.
func organization(code, name, opened, closed string) (*resource, error) {
	ods, err := code3(code, "code")
	if err != nil {
		return nil, err
	}
	if name == "" {
		return nil, fault.At(fault.Invalid, "name", "The organisation has no name.")
	}
	p, err := span(opened, closed)
	if err != nil {
		return nil, err
	}
	r := &resource{
		Type: "Organization", ID: ods, Name: clean(name), Active: true,
		Identifier: []identifier{{odsSystem, ods}},
	}
	if p != nil {
		r.Extension = []extension{{periodURL, p}}
		r.Active = p.End == ""
	}
	return r, nil
}

func code3(s, where string) (string, error) {
	o, err := ident.ParseODS(s)
	if err != nil {
		return "", fault.At(fault.Invalid, where, "The code is not an ODS code.")
	}
	return string(o), nil
}

// span reads two dates, of which either may be empty.
func span(from, to string) (*period, error) {
	var p period
	for _, d := range []struct {
		in, where string
		out       *string
	}{{from, "open date", &p.Start}, {to, "close date", &p.End}} {
		if d.in == "" {
			continue
		}
		var ok bool
		if *d.out, ok = date(d.in); !ok {
			return nil, fault.At(fault.Invalid, d.where, "The date is not written as 20191001.")
		}
	}
	if p == (period{}) {
		return nil, nil
	}
	return &p, nil
}

// place makes an address: the last of the lines is the town.
func place(lines []string, postcode string) []address {
	a := address{Use: "work", PostalCode: clean(strings.ToUpper(postcode))}
	for _, l := range lines {
		if l = clean(l); l != "" {
			a.Line = append(a.Line, l)
		}
	}
	// Line four is the town and five the county, but either may be missing.
	if n := len(a.Line); n > 1 {
		at := n - 1
		if len(lines) == 5 && clean(lines[4]) != "" && clean(lines[3]) != "" {
			at = n - 2
		}
		a.City = a.Line[at]
		a.Line = append(a.Line[:at:at], a.Line[at+1:]...)
	}
	if a.PostalCode == "" && a.City == "" && len(a.Line) == 0 {
		return nil
	}
	return []address{a}
}

// clean takes control characters out and spaces together, as FHIR strings
// must not have them.
func clean(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}

// practice reads a line of epraccur.
func practice(c []string) (*resource, error) {
	if len(c) < 26 {
		return nil, fault.New(fault.Invalid, "The line has %d fields; the practice file has 27.", len(c))
	}
	r, err := organization(c[0], c[1], c[10], c[11])
	if err != nil {
		return nil, err
	}
	if !isStatus(c[12]) {
		return nil, fault.At(fault.Invalid, "status", "The status is not ACTIVE, INACTIVE, DORMANT or PROPOSED.")
	}
	r.Active = c[12] == "ACTIVE" || c[12] == "A"
	r.Kind = []concept{role("RO177", "PRESCRIBING COST CENTRE")}
	if c[25] == "RO76" || c[25] == "4" { // 4: the older files' "GP practice"
		r.Kind = append(r.Kind, role("RO76", "GP PRACTICE"))
	}
	r.Address = place(c[4:9], c[9])
	if phone := clean(c[17]); phone != "" {
		r.Telecom = []telecom{{"phone", phone, "work"}}
	}
	if isCode(c[14]) {
		r.PartOf = &reference{Identifier: &identifier{odsSystem, c[14]}}
	}
	return r, nil
}

// pcn reads a line of the network details.
func pcn(c []string) (*resource, error) {
	if len(c) < 12 {
		return nil, fault.New(fault.Invalid, "The line has %d fields; the network file has 12.", len(c))
	}
	r, err := organization(c[0], c[1], c[4], c[5])
	if err != nil {
		return nil, err
	}
	r.Kind = []concept{role("RO272", "PRIMARY CARE NETWORK")}
	r.Address = place(c[6:11], c[11])
	if isCode(c[2]) {
		r.PartOf = &reference{Identifier: &identifier{odsSystem, c[2]}, Display: clean(c[3])}
	}
	return r, nil
}

// partner reads a line of the core partners: from when to when a practice is
// a member of a network.
func partner(c []string) (*resource, error) {
	if len(c) < 10 {
		return nil, fault.New(fault.Invalid, "The line has %d fields; the partner file has 11.", len(c))
	}
	member, err := code3(c[0], "partner code")
	if err != nil {
		return nil, err
	}
	network, err := code3(c[4], "network code")
	if err != nil {
		return nil, err
	}
	p, err := span(c[8], c[9])
	if err != nil {
		return nil, err
	}
	id := network + "-" + member
	if p != nil && p.Start != "" {
		id += "-" + strings.ReplaceAll(p.Start, "-", "")
	}
	return &resource{
		Type: "OrganizationAffiliation", ID: id, Active: p == nil || p.End == "", Period: p,
		Organization: &reference{Reference: "Organization/" + network, Display: clean(c[5])},
		Participant:  &reference{Reference: "Organization/" + member, Display: clean(c[1])},
		Code:         []concept{{[]coding{{"http://hl7.org/fhir/organization-role", "member", "Member"}}}},
	}, nil
}

package fhir

// This file checks the invariants of data types that need no FHIRPath
// (http://hl7.org/fhir/R4/datatypes.html). Those of resources are not
// evaluated.

// period is per-1: it does not end before it starts.
func (v *validator) period(n Node, _ *elem) {
	start, _, err1 := ParseDate(v.str(n.member("start")))
	_, end, err2 := ParseDate(v.str(n.member("end")))
	if err1 == nil && err2 == nil && end <= start {
		v.fail(n, "invariant", "A period cannot end before it starts.")
	}
}

// contact is cpt-2: a value needs its system.
func (v *validator) contact(n Node, _ *elem) {
	if n.member("value").Exists() && !n.member("system").Exists() && !n.member("_system").Exists() {
		v.fail(n, "invariant", "A contact with a value needs a system: phone, email or another.")
	}
}

// attachment is att-1: data needs a contentType.
func (v *validator) attachment(n Node, _ *elem) {
	if n.member("data").Exists() && !n.member("contentType").Exists() && !n.member("_contentType").Exists() {
		v.fail(n, "invariant", "An attachment with data needs a contentType.")
	}
}

// quantity is qty-3: a code of a unit needs its system.
func (v *validator) quantity(n Node, _ *elem) {
	if n.member("code").Exists() && !n.member("system").Exists() && !n.member("_system").Exists() {
		v.fail(n, "invariant", "A quantity with a code needs the code's system.")
	}
}

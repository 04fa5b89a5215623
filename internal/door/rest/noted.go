package rest

// Reads by programs go into the practice's access log, grouped by patient and
// type.

import (
	"bytes"

	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

const purposeProgram = "program"

func (c *call) noteOne(v record.Version) {
	c.practice.Noted(record.Access{
		Author: c.caller.Author, Purpose: purposeProgram, Patient: patientOf(v), Type: v.Ref.Type, Count: 1,
	})
}

// note records that these were shown.
func (c *call) note(matches, included []record.Version) {
	type group struct{ patient, typ string }
	var last group
	n := 0
	flush := func() {
		if n > 0 {
			c.practice.Noted(record.Access{
				Author: c.caller.Author, Purpose: purposeProgram, Patient: last.patient, Type: last.typ, Count: n,
			})
		}
	}
	for _, list := range [2][]record.Version{matches, included} {
		for _, v := range list {
			if v.Deleted {
				continue
			}
			g := group{patientOf(v), v.Ref.Type}
			if g != last {
				flush()
				last, n = g, 0
			}
			n++
		}
	}
	flush()
}

var (
	patientSlash = []byte("Patient/")
	escapedSlash = []byte(`\/`)
)

// patientOf is the patient that a version is about, "" for none. It looks for
// the one patient that the bytes name, and only parses when they name several.
func patientOf(v record.Version) string {
	if v.Ref.Type == "Patient" {
		return v.Ref.String()
	}
	b := v.Body.Bytes
	if bytes.Contains(b, escapedSlash) {
		return patientByParse(v)
	}
	found := ""
	for {
		i := bytes.Index(b, patientSlash)
		if i < 0 {
			return found
		}
		b = b[i+len(patientSlash):]
		end := 0
		for end < len(b) && ident.IsID(string(b[end:end+1])) {
			end++
		}
		switch id := b[:end]; {
		case end == 0:
		case found == "":
			found = "Patient/" + string(id)
		case found[len(patientSlash):] != string(id):
			return patientByParse(v)
		}
	}
}

// patientByParse reads whom a resource says it is about.
func patientByParse(v record.Version) string {
	r, err := v.Resource()
	if err != nil {
		return ""
	}
	return fhir.PatientOf(r)
}

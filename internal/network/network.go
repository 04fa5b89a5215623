// Package network knows the NHS's organisations: it reads the files that the
// Organisation Data Service publishes and makes FHIR Organizations of them.
//
// What comes in: the practice file (epraccur, without a header) and the
// primary care network files (core partners and details), as UTF-8 or
// Windows-1252. What goes out: Organizations whose id is the ODS code,
// OrganizationAffiliations for which practice is in which network, and a
// refusal for each line that could not be read. It must never invent an
// organisation, and never stop at a bad line.
//
// Layouts: NHS England, "DSE report: epraccur" and "ePCN" (Organisation Data
// Service, CSV downloads). In the practice file the role RO76 marks a general
// practice among other prescribing cost centres.
package network

import (
	"bytes"
	"encoding/json"
	"io"
	"iter"
	"strings"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

// Kind is which of the files it is.
type Kind uint8

// The files that are known.
const (
	Unknown   Kind = iota
	Practices      // epraccur: prescribing cost centres, GP practices among them
	Partners       // PCN core partner details: who is a member of which network
	Networks       // PCN details: the networks themselves
)

// Row is one line of a file as a resource.
type Row struct {
	Line     int
	Ref      ident.Ref
	Resource []byte // an Organization or OrganizationAffiliation
}

// Sniff tells which file it is by its beginning.
func Sniff(head []byte) Kind {
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	line, _, _ := bytes.Cut(head, []byte("\n"))
	cells, ok := fields(text(bytes.TrimRight(line, "\r")))
	switch {
	case !ok:
		return Unknown
	case len(cells) >= 10 && cells[0] == "Partner Organisation Code" && cells[4] == "PCN Code":
		return Partners
	case len(cells) >= 12 && cells[0] == "PCN Code" && cells[11] == "Postcode":
		return Networks
	case len(cells) >= 26 && len(cells) <= 28 && isCode(cells[0]) && isDate(cells[10]) && isStatus(cells[12]):
		return Practices
	}
	return Unknown
}

// Read gives the organisations of a file in its order, or a fault that names
// the field. Only a failure of the reader itself ends it early.
func Read(in io.Reader, kind Kind) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		seen := map[ident.Ref]bool{}
		for line := range lines(in) {
			row := Row{Line: line.number}
			if line.err != nil {
				if !yield(row, line.err) || line.last {
					return
				}
				continue
			}
			if line.number == 1 && kind != Practices || strings.TrimSpace(line.text) == "" {
				continue // a header
			}
			res, err := parse(kind, line.text)
			if err == nil {
				row.Ref = ident.Ref{Type: res.Type, ID: res.ID}
				if seen[row.Ref] {
					err = fault.At(fault.Invalid, "code", "An earlier line says the same.")
				}
				seen[row.Ref] = true
			}
			if err == nil {
				row.Resource, err = json.Marshal(res)
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

// ReadPractices reads the practice file.
func ReadPractices(in io.Reader) iter.Seq2[Row, error] { return Read(in, Practices) }

// parse reads one line.
func parse(kind Kind, line string) (*resource, error) {
	cells, ok := fields(line)
	if !ok {
		return nil, fault.New(fault.Invalid, "The line is not comma-separated values.")
	}
	switch kind {
	case Practices:
		return practice(cells)
	case Partners:
		return partner(cells)
	case Networks:
		return pcn(cells)
	}
	return nil, fault.New(fault.Unsupported, "This kind of file is not known.")
}

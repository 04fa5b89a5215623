package rest

// http://hl7.org/fhir/R4/http.html#vread

import (
	"heartwood/internal/access"
	"heartwood/internal/fault"
)

func (c *call) vread() (reply, error) {
	if err := c.caller.check(c.target.typ, access.Read); err != nil {
		return reply{}, err
	}
	pos := c.practice.Position()
	v, err := c.practice.VRead(c.ctx, c.target.ref(), c.target.version)
	if err != nil {
		return reply{}, err
	}
	if v.Deleted {
		return reply{}, fault.New(fault.Gone, "This version is the one that deleted the resource.")
	}
	return c.show(v, pos)
}

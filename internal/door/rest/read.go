package rest

// http://hl7.org/fhir/R4/http.html#read

import (
	"net/http"

	"heartwood/internal/record"
)

func (c *call) read() (reply, error) {
	if err := c.caller.check(c.target.typ, verbRead); err != nil {
		return reply{}, err
	}
	if c.target.typ == "AuditEvent" {
		if rep, ok, err := c.readSight(); ok || err != nil {
			return rep, err
		}
	}
	pos := c.practice.Position() // before the read: it is at least as new as this
	v, err := c.practice.Read(c.ctx, c.target.ref())
	if err != nil {
		return reply{}, err
	}
	return c.show(v, pos)
}

// show answers with one version, noting that it was seen.
func (c *call) show(v record.Version, pos map[string]uint64) (reply, error) {
	if !c.caller.sees(v) {
		return reply{}, notFound()
	}
	rep := reply{status: http.StatusOK, version: v.ID, updated: v.Time, position: pos}
	if notModified(c.ifNoneMatch, c.ifModifiedSince, v.ID, v.Time) {
		rep.status = http.StatusNotModified
		return rep, nil
	}
	rep.body = v.JSON()
	c.noteOne(v)
	return rep, nil
}

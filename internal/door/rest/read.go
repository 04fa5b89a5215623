package rest

// http://hl7.org/fhir/R4/http.html#read

import (
	"net/http"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/record"
)

func (c *call) read() (reply, error) {
	if err := c.caller.check(c.target.typ, access.Read); err != nil {
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
	if !c.sees(v) {
		return reply{}, notFound()
	}
	rep := reply{status: http.StatusOK, version: v.ID, updated: v.Time, position: pos}
	if same, err := c.unchanged(v); err != nil {
		return reply{}, err
	} else if same {
		rep.status = http.StatusNotModified
		return rep, nil
	}
	rep.body = v.JSON()
	c.noteOne(v)
	return rep, nil
}

// unchanged tells whether the reader has this version already. Last-Modified
// counts whole seconds, so it proves nothing about a resource that was written
// twice in one.
func (c *call) unchanged(v record.Version) (bool, error) {
	if !notModified(c.ifNoneMatch, c.ifModifiedSince, v.ID, v.Time) {
		return false, nil
	}
	if c.ifNoneMatch != "" {
		return true, nil
	}
	older, err := c.practice.History(c.ctx, v.Ref, v.ID, 1)
	return len(older) == 0 || older[0].Time.Truncate(time.Second).Before(v.Time.Truncate(time.Second)), err
}

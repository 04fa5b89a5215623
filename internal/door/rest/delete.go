package rest

// http://hl7.org/fhir/R4/http.html#delete

import (
	"net/http"

	"heartwood/internal/access"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

func (c *call) delete() (reply, error) {
	if err := c.caller.check(c.target.typ, access.Delete); err != nil {
		return reply{}, err
	}
	return again(func() (reply, error) { return c.remove(c.target.ref()) })
}

// remove deletes what is there; deleting what is not there succeeds.
func (c *call) remove(ref ident.Ref) (reply, error) {
	cur, exists, err := c.current(ref)
	if err != nil {
		return reply{}, err
	}
	if c.ifMatch != "" && (!exists || versionOf(c.ifMatch) != cur.ID) {
		return reply{}, fault.At(fault.Precondition, "If-Match", "The version in If-Match is not the current one; read the resource again.")
	}
	if !exists {
		return reply{status: http.StatusNoContent, position: c.practice.Position()}, nil
	}
	rec, err := c.commit("deleted through the API", []record.Expect{cur.Expect()}, record.Remove(ref))
	if err != nil {
		return reply{}, err
	}
	rep := reply{status: http.StatusNoContent, position: rec.Position}
	if len(rec.Versions) == 1 {
		rep.version, rep.updated = rec.Versions[0].ID, rec.Versions[0].Time
	}
	return rep, nil
}

// conditionalDelete deletes the one resource that matches, if there is one.
func (c *call) conditionalDelete() (reply, error) {
	if err := c.caller.check(c.target.typ, access.Delete); err != nil {
		return reply{}, err
	}
	query, err := c.condition(c.target.typ, c.target.query)
	if err != nil {
		return reply{}, err
	}
	return again(func() (reply, error) {
		v, n, err := c.match(query)
		switch {
		case err != nil:
			return reply{}, err
		case n > 1:
			return reply{}, manyMatch("")
		case n == 0:
			return reply{status: http.StatusNoContent, position: c.practice.Position()}, nil
		}
		return c.remove(v.Ref)
	})
}

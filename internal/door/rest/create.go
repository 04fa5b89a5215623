package rest

// http://hl7.org/fhir/R4/http.html#create and #ccreate

import (
	"net/http"

	"heartwood/internal/access"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

func (c *call) create() (reply, error) {
	if err := c.caller.check(c.target.typ, access.Create); err != nil {
		return reply{}, err
	}
	r, err := c.resource()
	if err != nil {
		return reply{}, err
	}
	if c.ifNoneExist != "" {
		return c.conditionalCreate(r)
	}
	return c.createAs(ident.Ref{Type: c.target.typ, ID: ident.NewID()}, r, nil)
}

// createAs creates under an id that was made for it.
func (c *call) createAs(ref ident.Ref, r *fhir.Resource, expect []record.Expect) (reply, error) {
	w, err := record.PrepareParsed(ref, r)
	if err != nil {
		return reply{}, err
	}
	w.Fresh = true
	rec, err := c.commit("created through the API", expect, w)
	if err != nil {
		return reply{}, err
	}
	return c.written(rec, http.StatusCreated), nil
}

// conditionalCreate creates only if nothing matches If-None-Exist. Two at once
// cannot both create: the commit itself checks again.
func (c *call) conditionalCreate(r *fhir.Resource) (reply, error) {
	query, err := c.condition(c.target.typ, c.ifNoneExist)
	if err != nil {
		return reply{}, within(err, "If-None-Exist")
	}
	return again(func() (reply, error) {
		v, n, err := c.match(query)
		switch {
		case err != nil:
			return reply{}, within(err, "If-None-Exist")
		case n > 1:
			return reply{}, manyMatch("If-None-Exist")
		case n == 1:
			return c.found(v)
		}
		ref := ident.Ref{Type: c.target.typ, ID: ident.NewID()}
		return c.createAs(ref, r, []record.Expect{{None: query}})
	})
}

// found answers a conditional create with the resource that was there already.
func (c *call) found(v record.Version) (reply, error) {
	if !c.sees(v) {
		return reply{}, manyMatch("If-None-Exist")
	}
	rep := reply{status: http.StatusOK, version: v.ID, updated: v.Time, location: locate(v), position: c.practice.Position()}
	if c.prefer.give != "minimal" {
		c.noteOne(v)
	}
	return c.dress(rep, v), nil
}

func manyMatch(where string) error {
	return fault.At(fault.Precondition, where, "More than one resource matches the condition.")
}

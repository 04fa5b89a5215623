package rest

// http://hl7.org/fhir/R4/http.html#update and #cond-update
// If-Match: http://hl7.org/fhir/R4/http.html#concurrency

import (
	"net/http"

	"heartwood/internal/access"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

func (c *call) update() (reply, error) {
	if err := c.caller.check(c.target.typ, access.Update); err != nil {
		return reply{}, err
	}
	r, err := c.resource()
	if err != nil {
		return reply{}, err
	}
	if err := sameID(r, c.target.id); err != nil {
		return reply{}, err
	}
	return again(func() (reply, error) { return c.put(c.target.ref(), r) })
}

func sameID(r *fhir.Resource, id string) error {
	switch r.ID() {
	case id:
		return nil
	case "":
		return fault.At(fault.Invalid, r.Type()+".id", "The resource has no id; an update needs the id that is in the address.")
	}
	return fault.At(fault.Invalid, r.Type()+".id", "The resource's id is not the id in the address.")
}

// put makes a new version, or the first.
func (c *call) put(ref ident.Ref, r *fhir.Resource) (reply, error) {
	cur, exists, err := c.current(ref)
	if err != nil {
		return reply{}, err
	}
	if !exists {
		if err := c.caller.check(ref.Type, access.Create); err != nil {
			return reply{}, err
		}
	}
	expect, err := c.preconditions(cur, exists, ref)
	if err != nil {
		return reply{}, err
	}
	w, err := record.PrepareParsed(ref, r)
	if err != nil {
		return reply{}, err
	}
	rec, err := c.commit("updated through the API", expect, w)
	if err != nil {
		return reply{}, err
	}
	if exists {
		rep := c.written(rec, http.StatusOK)
		rep.location = ""
		return rep, nil
	}
	return c.written(rec, http.StatusCreated), nil
}

// current is the version that a write would supersede; exists is false when
// there is none or it was deleted. What the caller may not see, they may not
// change.
func (c *call) current(ref ident.Ref) (v record.Version, exists bool, err error) {
	v, err = c.practice.Read(c.ctx, ref)
	switch {
	case fault.Is(err, fault.NotFound), fault.Is(err, fault.Gone):
		return record.Version{}, false, nil
	case err != nil:
		return v, false, err
	case !c.sees(v):
		return v, false, fault.New(fault.Forbidden, "This token does not let you change this resource.")
	}
	return v, true, nil
}

// preconditions are what must still be true when the change is committed.
func (c *call) preconditions(cur record.Version, exists bool, ref ident.Ref) ([]record.Expect, error) {
	switch {
	case c.ifMatch != "" && (!exists || versionOf(c.ifMatch) != cur.ID):
		return nil, fault.At(fault.Precondition, "If-Match", "The version in If-Match is not the current one; read the resource again.")
	case c.ifNoneMatch == "*" && exists:
		return nil, fault.At(fault.Precondition, "If-None-Match", "The resource exists already.")
	case c.ifMatch != "", exists && c.caller.Patient != "":
		return []record.Expect{cur.Expect()}, nil
	case c.ifNoneMatch == "*", c.caller.Patient != "":
		return []record.Expect{{Ref: ref}}, nil
	}
	return nil, nil
}

// conditionalUpdate finds what it updates by a search.
func (c *call) conditionalUpdate() (reply, error) {
	if err := c.caller.check(c.target.typ, access.Update); err != nil {
		return reply{}, err
	}
	r, err := c.resource()
	if err != nil {
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
		case n == 1 && r.ID() != "" && r.ID() != v.Ref.ID:
			return reply{}, fault.At(fault.Invalid, r.Type()+".id", "The resource's id is not the id of the one that matches.")
		case n == 1:
			return c.put(v.Ref, r)
		case r.ID() != "":
			return c.put(ident.Ref{Type: c.target.typ, ID: r.ID()}, r)
		}
		if err := c.caller.check(c.target.typ, access.Create); err != nil {
			return reply{}, err
		}
		ref := ident.Ref{Type: c.target.typ, ID: ident.NewID()}
		return c.createAs(ref, r, []record.Expect{{None: query}})
	})
}

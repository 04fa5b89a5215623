package rest

// http://hl7.org/fhir/R4/http.html#trules

import (
	"net/http"

	"heartwood/internal/access"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// plan is a transaction worked out against the record as it is now: what to
// write, and what must still be true when it is written.
type plan struct {
	entries []entry
	links   links
	expect  []record.Expect
	none    map[string]bool // the conditions among expect
	writes  []record.Write
}

// transaction carries out all entries or none.
func (c *call) transaction(entries []entry) (reply, error) {
	for i := range entries {
		if entries[i].err != nil {
			return reply{}, entries[i].err
		}
		if err := c.allowedEntry(&entries[i]); err != nil {
			return reply{}, err
		}
	}
	if c.key != "" {
		rec, ok, err := c.practice.Repeat(c.ctx, c.key)
		if err != nil {
			return reply{}, err
		}
		if ok {
			return c.retell(entries, rec)
		}
	}
	return again(func() (reply, error) {
		p := plan{entries: entries}
		if err := c.work(&p); err != nil {
			return reply{}, err
		}
		return c.carryOut(&p)
	})
}

func (c *call) allowedEntry(e *entry) error {
	verb := [...]access.Verb{phaseDelete: access.Delete, phasePost: access.Create, phasePut: access.Update, phaseGet: access.Read}[e.phase]
	if e.phase == phaseGet && e.target.what == whatType {
		verb = access.Search
	}
	return within(c.caller.check(e.target.typ, verb), e.where+".request")
}

// work makes the plan.
func (c *call) work(p *plan) error {
	for i := range p.entries {
		e := &p.entries[i]
		e.ref, e.skip, e.created = ident.Ref{}, false, false
		if err := c.identify(p, e); err != nil {
			return err
		}
	}
	if err := p.distinct(); err != nil {
		return err
	}
	if err := p.links.gather(p.entries); err != nil {
		return err
	}
	for phase := phaseDelete; phase < phaseGet; phase++ {
		for i := range p.entries {
			if e := &p.entries[i]; e.phase == phase && !e.skip {
				if err := c.planWrite(p, e); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// identify finds out which resource an entry writes, and what must hold.
func (c *call) identify(p *plan, e *entry) error {
	switch e.phase {
	case phasePost:
		return c.identifyPost(p, e)
	case phasePut, phaseDelete:
		if e.target.what == whatInstance {
			e.ref = e.target.ref()
		} else if done, err := c.identifyByQuery(p, e); done || err != nil {
			return err
		}
		return c.identifyChange(p, e)
	}
	return nil
}

func (c *call) identifyPost(p *plan, e *entry) error {
	if e.ifNoneExist == "" {
		e.createNew()
		return nil
	}
	where := e.where + ".request.ifNoneExist"
	query, err := c.condition(e.target.typ, e.ifNoneExist)
	if err != nil {
		return within(err, where)
	}
	v, n, err := c.match(query)
	switch {
	case err != nil:
		return within(err, where)
	case n > 1:
		return manyMatch(where)
	case n == 1:
		e.ref, e.skip = v.Ref, true
		e.reply = reply{status: http.StatusOK, version: v.ID, updated: v.Time, location: locate(v)}
		return nil
	}
	if p.none[query] {
		return fault.At(fault.Invalid, where, "Another entry creates on the same condition.")
	}
	e.createNew()
	p.expectNone(query)
	return nil
}

// expectNone makes the commit check that still nothing matches.
func (p *plan) expectNone(query string) {
	if p.none == nil {
		p.none = map[string]bool{}
	}
	p.none[query] = true
	p.expect = append(p.expect, record.Expect{None: query})
}

// identifyByQuery finds what a conditional update or delete is about; done
// when there is nothing more to look at.
func (c *call) identifyByQuery(p *plan, e *entry) (done bool, err error) {
	where := e.where + ".request.url"
	query, err := c.condition(e.target.typ, e.target.query)
	if err != nil {
		return false, within(err, where)
	}
	v, n, err := c.match(query)
	id := e.resource.Get("id").Str()
	switch {
	case err != nil:
		return false, within(err, where)
	case n > 1:
		return false, manyMatch(where)
	case n == 1 && e.phase == phasePut && id != "" && id != v.Ref.ID:
		return false, fault.At(fault.Invalid, e.where+".resource.id", "The resource's id is not the id of the one that matches.")
	case n == 1:
		e.ref = v.Ref
		return false, nil
	case e.phase == phaseDelete:
		e.skip, e.reply = true, reply{status: http.StatusNoContent}
		return true, nil
	}
	p.expectNone(query)
	if id == "" {
		e.createNew()
		return true, nil
	}
	e.ref = ident.Ref{Type: e.target.typ, ID: id}
	return false, nil
}

// identifyChange looks at what an update or delete would supersede.
func (c *call) identifyChange(p *plan, e *entry) error {
	one := *c
	one.ifMatch, one.ifNoneMatch = e.ifMatch, e.ifNoneMatch
	cur, exists, err := one.current(e.ref)
	if err != nil {
		return within(err, e.where+".request.url")
	}
	expect, err := one.preconditions(cur, exists, e.ref)
	if err != nil {
		return within(err, e.where+".request.ifMatch")
	}
	p.expect = append(p.expect, expect...)
	e.created = !exists
	if !exists && e.phase == phaseDelete {
		e.skip, e.reply = true, reply{status: http.StatusNoContent}
	}
	if !exists && e.phase == phasePut {
		return within(c.caller.check(e.ref.Type, access.Create), e.where+".request")
	}
	return nil
}

// distinct refuses a resource that two entries would write.
func (p *plan) distinct() error {
	seen := make(map[ident.Ref]string, len(p.entries))
	for i := range p.entries {
		e := &p.entries[i]
		found := e.skip && e.phase == phasePost // it writes nothing
		if !e.writes() || e.ref.IsZero() || found {
			continue
		}
		if first, twice := seen[e.ref]; twice {
			return fault.At(fault.Invalid, e.where, "%s is in this transaction twice; it stands in %s too.", e.ref.Type, first)
		}
		seen[e.ref] = e.where
	}
	return nil
}

func (c *call) planWrite(p *plan, e *entry) error {
	if e.phase == phaseDelete {
		e.write = len(p.writes)
		p.writes = append(p.writes, record.Remove(e.ref))
		return nil
	}
	where := e.where + ".resource"
	if id := e.resource.Get("id"); e.phase == phasePut && e.target.what == whatInstance && !id.Is(e.ref.ID) {
		return fault.At(fault.Invalid, where+".id", "The resource's id is not the id in the url.")
	}
	src, err := c.rewrite(p, e)
	if err != nil {
		return err
	}
	r, err := fhir.ParseResource(src)
	if err != nil {
		return within(err, where)
	}
	if err := valid(r); err != nil {
		return within(err, where)
	}
	if err := c.caller.mayKeep(r); err != nil {
		return within(err, where)
	}
	w, err := record.PrepareParsed(e.ref, r)
	if err != nil {
		return within(err, where)
	}
	w.Fresh = e.fresh
	e.write = len(p.writes)
	p.writes = append(p.writes, w)
	return nil
}

// carryOut commits the plan, then answers the reads.
func (c *call) carryOut(p *plan) (reply, error) {
	pos := c.practice.Position()
	if len(p.writes) > 0 {
		rec, err := c.guarded(record.Change{
			Author: c.caller.Author, Reason: "transaction through the API", Key: c.key, Expect: p.expect, Writes: p.writes,
		})
		if err != nil {
			return reply{}, err
		}
		if rec.Repeat {
			return c.retell(p.entries, rec)
		}
		pos = rec.Position
		for i := range p.entries {
			if e := &p.entries[i]; e.writes() && !e.skip {
				e.reply = c.wrote(e, rec.Versions[e.write])
			}
		}
	}
	return c.answers(p.entries, pos), nil
}

// answers does the reads, last of all, and gathers every entry's reply.
func (c *call) answers(entries []entry, pos ident.Position) reply {
	replies := make([]reply, len(entries))
	size := 0
	for i := range entries {
		e := &entries[i]
		switch replies[i] = e.reply; {
		case e.phase != phaseGet:
		case size > c.door.MaxAnswer:
			replies[i] = c.refused(tooLong(e))
		default:
			replies[i] = c.one(e)
		}
		size += len(replies[i].body)
	}
	return reply{status: http.StatusOK, body: responseBundle("transaction-response", replies), position: pos}
}

// wrote is the reply of one entry that wrote v.
func (c *call) wrote(e *entry, v record.Version) reply {
	rep := reply{status: http.StatusOK, version: v.ID, updated: v.Time, location: locate(v)}
	switch {
	case e.phase == phaseDelete:
		rep.status, rep.location = http.StatusNoContent, ""
		return rep
	case e.created:
		rep.status = http.StatusCreated
	}
	if c.prefer.give == "" {
		return rep
	}
	return c.dress(rep, v)
}

package rest

// A request that was sent again because its answer was lost
// (draft-ietf-httpapi-idempotency-key-header): the same Idempotency-Key
// changes nothing more and tells again what the first one did.

import (
	"net/http"

	"heartwood/internal/access"
	"heartwood/internal/record"
)

// repeated answers a write of one resource whose key has been used; ok is
// false when it has not.
func (c *call) repeated() (rep reply, ok bool, err error) {
	if c.key == "" || c.target.what != whatType && c.target.what != whatInstance {
		return reply{}, false, nil
	}
	verb, status := access.Create, http.StatusCreated
	switch c.target.method {
	case http.MethodPost:
	case http.MethodPut:
		verb, status = access.Update, http.StatusOK
	case http.MethodDelete:
		verb, status = access.Delete, http.StatusNoContent
	default:
		return reply{}, false, nil
	}
	if err := c.caller.check(c.target.typ, verb); err != nil {
		return reply{}, false, err
	}
	rec, ok, err := c.practice.Repeat(c.ctx, c.key)
	if err != nil || !ok || len(rec.Versions) != 1 || rec.Versions[0].Ref.Type != c.target.typ {
		return reply{}, false, err
	}
	rec.Position = c.practice.Position()
	v := rec.Versions[0]
	if v.Deleted {
		return reply{status: status, version: v.ID, updated: v.Time, position: rec.Position}, true, nil
	}
	if status == http.StatusOK {
		first, err := c.first(v)
		if err != nil {
			return reply{}, false, err
		}
		if first {
			status = http.StatusCreated
		}
	}
	rep = c.written(rec, status)
	if status == http.StatusOK {
		rep.location = ""
	}
	return rep, true, nil
}

// first tells whether a version made its resource, or made it again.
func (c *call) first(v record.Version) (bool, error) {
	older, err := c.practice.History(c.ctx, v.Ref, v.ID, 1)
	return len(older) == 0 || older[0].Deleted, err
}

// retell gives the entries of a repeated transaction the replies that they
// had: its writes stand in the receipt in the order of the plan.
func (c *call) retell(entries []entry, rec record.Receipt) (reply, error) {
	left := rec.Versions
	for phase := phaseDelete; phase < phaseGet; phase++ {
		for i := range entries {
			e := &entries[i]
			if e.phase != phase {
				continue
			}
			mine, err := c.wroteBefore(e, left)
			if err != nil {
				return reply{}, err
			}
			if mine {
				if e.created, err = c.first(left[0]); err != nil {
					return reply{}, err
				}
				e.reply, left = c.wrote(e, left[0]), left[1:]
			}
		}
	}
	return c.answers(entries, c.practice.Position()), nil
}

// wroteBefore tells whether an entry made the next version of a receipt. When
// it made none, its reply says what it found.
func (c *call) wroteBefore(e *entry, left []record.Version) (bool, error) {
	next := len(left) > 0 && left[0].Ref.Type == e.target.typ && left[0].Deleted == (e.phase == phaseDelete)
	e.reply = reply{status: http.StatusNoContent}
	switch {
	case e.target.what == whatInstance:
		return next && left[0].Ref == e.target.ref(), nil
	case e.phase != phasePost || e.ifNoneExist == "":
		return next, nil
	}
	query, err := c.condition(e.target.typ, e.ifNoneExist)
	if err != nil {
		return false, within(err, e.where+".request.ifNoneExist")
	}
	v, n, err := c.match(query)
	if err != nil || n == 0 || next && v.Ref == left[0].Ref {
		return next, err
	}
	e.reply = reply{status: http.StatusOK, version: v.ID, updated: v.Time, location: locate(v)}
	return false, nil
}

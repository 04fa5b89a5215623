package rest

import (
	"net/url"
	"strings"

	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/record"
)

// maxAgain is how often a change is decided again when another one came
// between its look and its commit.
const maxAgain = 20

// again repeats a look-then-commit until nobody else comes between.
func again(once func() (reply, error)) (reply, error) {
	for i := 0; ; i++ {
		rep, err := once()
		if err == nil || !fault.Is(err, fault.Conflict) || i == maxAgain {
			return rep, err
		}
	}
}

// resource reads the body: well formed, of the address's type, and valid.
func (c *call) resource() (*fhir.Resource, error) {
	r, err := fhir.ParseResource(c.body)
	if err != nil {
		return nil, err
	}
	if r.Type() != c.target.typ {
		return nil, fault.At(fault.Invalid, "resourceType", "The resource is of another type than the address: %s was expected.", c.target.typ)
	}
	if err := valid(r); err != nil {
		return nil, err
	}
	return r, c.caller.mayKeep(r)
}

func (c *call) commit(reason string, expect []record.Expect, writes ...record.Write) (record.Receipt, error) {
	return c.guarded(record.Change{
		Author: c.caller.Author, Reason: reason, Key: c.key, Expect: expect, Writes: writes,
	})
}

// guarded commits what the guard lets through. A change that was made before
// is told again, not judged again.
func (c *call) guarded(change record.Change) (record.Receipt, error) {
	if c.door.Guard != nil {
		if _, done, err := c.practice.Repeat(c.ctx, change.Key); err != nil {
			return record.Receipt{}, err
		} else if !done {
			if err := c.door.Guard(c.ctx, c.practice, &change); err != nil {
				return record.Receipt{}, err
			}
		}
	}
	return c.practice.Commit(c.ctx, change)
}

// written is the answer to a write of one resource.
func (c *call) written(rec record.Receipt, status int) reply {
	v := rec.Versions[0]
	rep := reply{status: status, version: v.ID, updated: v.Time, location: locate(v), position: rec.Position}
	return c.dress(rep, v)
}

// dress gives an answer the body that the caller prefers
// (http://hl7.org/fhir/R4/http.html#ops).
func (c *call) dress(rep reply, v record.Version) reply {
	switch c.prefer.give {
	case "minimal":
	case "OperationOutcome":
		rep.body, rep.outcome = success("Kept as "+locate(v)+"."), true
	default:
		rep.body = v.JSON()
	}
	return rep
}

func locate(v record.Version) string { return v.Ref.String() + "/_history/" + v.ID }

// success is an OperationOutcome for what went well.
func success(text string) []byte {
	b := []byte(`{"resourceType":"OperationOutcome","issue":[{"severity":"information","code":"informational","diagnostics":`)
	b = appendString(b, text)
	return append(b, `}]}`...)
}

// condition checks a conditional interaction's query: it must say something
// that narrows the search, and nothing about how results are shown. For a
// patient-limited caller it is asked of that patient's record alone: whether
// it matches tells nothing of another's.
func (c *call) condition(typ, raw string) (string, error) {
	raw = strings.TrimPrefix(raw, "?")
	if i := strings.IndexByte(raw, '?'); i >= 0 && raw[:i] == typ {
		raw = raw[i+1:]
	}
	if raw == "" || len(raw) > maxQuery {
		return "", fault.New(fault.Invalid, "A condition needs a search, such as identifier=system|value.")
	}
	for part := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(part, "=")
		plain, err := url.QueryUnescape(name)
		if err != nil || value == "" {
			return "", fault.New(fault.Invalid, "The condition is not a search: each part is name=value.")
		}
		if resultParams[plain] {
			return "", fault.New(fault.Invalid, "A condition cannot use %s.", plain)
		}
	}
	if c.caller.Patient != "" && (typ == "Patient" || patientParam(typ) != "") {
		var err error
		if raw, err = c.caller.narrow(typ, raw); err != nil {
			return "", err
		}
	}
	return typ + "?" + raw, nil
}

// match finds what a condition is about: how many (2 stands for more) and the
// first. Another patient's is as good as not there.
func (c *call) match(query string) (v record.Version, n int, err error) {
	page, err := c.practice.Find(c.ctx, query+"&_count=2")
	if err != nil || len(page.Matches) == 0 {
		return v, 0, err
	}
	v = page.Matches[0]
	if personal := v.Ref.Type == "Patient" || patientParam(v.Ref.Type) != ""; personal && !c.sees(v) {
		return v, 0, nil
	}
	return v, len(page.Matches), nil
}

package rest

// http://hl7.org/fhir/R4/http.html#transaction

import (
	"fmt"
	"net/http"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"

	"heartwood/internal/fault"
	"heartwood/internal/fhir"
)

// batchWorkers is how many entries of one batch are carried out at once: their
// commits share a sync of the log.
const batchWorkers = 8

func (c *call) bundle() (reply, error) {
	d, err := fhir.Parse(c.body)
	if err != nil {
		return reply{}, err
	}
	root := d.Root()
	if !root.Get("resourceType").Is("Bundle") {
		return reply{}, fault.At(fault.Invalid, "resourceType", "What is sent to the base is a Bundle.")
	}
	typ := root.Get("type")
	if !typ.Is("transaction") && !typ.Is("batch") {
		return reply{}, fault.At(fault.Invalid, "Bundle.type", "The Bundle's type is transaction or batch.")
	}
	entries, err := readEntries(root, c.base)
	if err != nil {
		return reply{}, err
	}
	if typ.Is("batch") {
		return c.batch(entries), nil
	}
	return c.transaction(entries)
}

// batch carries out each entry by itself: what one refuses does not touch the
// others. Deletes come first, then POST, PUT and the reads.
func (c *call) batch(entries []entry) reply {
	replies := make([]reply, len(entries))
	var size atomic.Int64
	for phase := range phases {
		var wg sync.WaitGroup
		free := make(chan struct{}, batchWorkers)
		for i := range entries {
			if e := &entries[i]; e.phase == phase {
				free <- struct{}{}
				wg.Go(func() {
					if size.Load() > int64(c.door.MaxAnswer) {
						replies[i] = c.refused(tooLong(e))
					} else {
						replies[i] = c.one(e)
					}
					size.Add(int64(len(replies[i].body)))
					<-free
				})
			}
		}
		wg.Wait()
	}
	return reply{status: http.StatusOK, body: responseBundle("batch-response", replies), position: c.practice.Position()}
}

// tooLong refuses an entry once the answers before it fill the Bundle.
func tooLong(e *entry) error {
	return fault.At(fault.TooLarge, e.where, "The answers so far are as much as goes into one Bundle: ask for this in another.")
}

// one carries out one entry and turns a refusal into its reply.
func (c *call) one(e *entry) (rep reply) {
	defer func() {
		if v := recover(); v != nil {
			rep = c.refused(fault.Wrap(panicked{v}, fault.Internal, "Something went wrong on our side."))
		}
	}()
	if e.err != nil {
		return c.refused(e.err)
	}
	rep, err := e.call(c).do()
	if err != nil {
		return c.refused(within(err, e.place(err)))
	}
	return rep
}

// place is the part of the entry that an error is about.
func (e *entry) place(err error) string {
	switch fault.From(err).Where {
	case "If-Match":
		return e.where + ".request.ifMatch"
	case "If-None-Match":
		return e.where + ".request.ifNoneMatch"
	case "If-None-Exist":
		return e.where + ".request.ifNoneExist"
	}
	if e.resource.Exists() {
		return e.where + ".resource"
	}
	return e.where + ".request.url"
}

func (c *call) refused(err error) reply {
	status, body := c.door.refusal("batch entry", err)
	return reply{status: status, body: body, outcome: true}
}

type panicked struct{ v any }

// Error says what a panic was without any value that might be a patient's:
// the runtime's own sentences, else only the type.
func (p panicked) Error() string {
	if err, ok := p.v.(runtime.Error); ok {
		return "panic: " + err.Error()
	}
	return fmt.Sprintf("panic: %T", p.v)
}

// call makes the entry an interaction of its own.
func (e *entry) call(c *call) *call {
	one := *c
	one.target = e.target
	if c.key != "" {
		one.key = c.key + " " + e.where
	}
	one.body = e.resource.Raw()
	one.ifMatch, one.ifNoneMatch, one.ifNoneExist, one.ifModifiedSince = e.ifMatch, e.ifNoneMatch, e.ifNoneExist, e.ifModifiedSince
	if one.prefer.give == "" && e.writes() {
		one.prefer.give = "minimal"
	}
	return &one
}

func responseBundle(typ string, replies []reply) []byte {
	size := 64
	for i := range replies {
		size += len(replies[i].body) + 224
	}
	b := append(make([]byte, 0, size), `{"resourceType":"Bundle","type":"`...)
	b = append(b, typ...)
	b = append(b, '"')
	for i := range replies {
		b = appendReply(appendEntryStart(b, i), replies[i])
	}
	if len(replies) > 0 {
		b = append(b, ']')
	}
	return append(b, '}')
}

func entryPath(i int) string { return "Bundle.entry[" + strconv.Itoa(i) + "]" }

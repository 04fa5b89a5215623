package rest

import (
	"context"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"heartwood/internal/care/hidden"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Config is what the door needs.
type Config struct {
	Store *record.Store
	// Authenticate tells who is asking, or an Unauthenticated fault, or a
	// Forbidden one when the token is for another practice.
	Authenticate func(*http.Request, ident.ODS) (Caller, error)
	// Guard refuses or completes a change from outside before it is committed;
	// nil lets everything through.
	Guard     func(context.Context, *record.Practice, *record.Change) error
	Now       func() time.Time // time.Now when nil
	Base      string           // scheme and host for links, "https://fhir.example"; "" takes them from the request
	Version   string           // of the software, for the capability statement
	MaxBody   int64            // bytes of one resource; 16 MiB when 0
	MaxBundle int64            // bytes of one batch or transaction; 64 MiB when 0
	MaxAnswer int              // bytes of answers in one batch or transaction; 128 MiB when 0
	MaxWait   time.Duration    // the longest wait for a reader's position; 5 s when 0
	Slog      *slog.Logger     // slog.Default() when nil
}

type door struct {
	Config
	started time.Time
	room    room          // for large bodies
	waiting chan struct{} // one for each that waits for its position
}

// maxWaiting is how many requests wait for their position at once: each looks
// at the log now and then.
const maxWaiting = 64

// New makes the handler for everything under /fhir/.
func New(c Config) http.Handler {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.MaxBody == 0 {
		c.MaxBody = 16 << 20
	}
	if c.MaxBundle == 0 {
		c.MaxBundle = 64 << 20
	}
	if c.MaxAnswer == 0 {
		c.MaxAnswer = 128 << 20
	}
	if c.MaxWait == 0 {
		c.MaxWait = 5 * time.Second
	}
	if c.Slog == nil {
		c.Slog = slog.Default()
	}
	if c.Version == "" {
		c.Version = "0"
	}
	return &door{Config: c, started: c.Now(), room: newRoom(max(c.MaxBody, c.MaxBundle)), waiting: make(chan struct{}, maxWaiting)}
}

// bodyTime is how long a sender may take over one request's content.
const bodyTime = 5 * time.Minute

// call is one interaction, whether it came alone or as an entry of a Bundle.
type call struct {
	ctx      context.Context
	door     *door
	practice *record.Practice
	caller   Caller
	base     string // absolute: "https://fhir.example/fhir/A12345"
	target   target
	body     []byte

	ifMatch, ifNoneMatch, ifNoneExist, ifModifiedSince string

	withheld hidden.Set // what a patient's token may not see; nil until it is asked for

	key    string // the caller's idempotency key, "" for none
	prefer prefer
}

// reply is the answer to a call, before it becomes HTTP or a Bundle entry.
type reply struct {
	status   int
	version  string // version id, "" for none
	updated  time.Time
	location string // relative to the base: "Patient/1/_history/c.5"
	body     []byte
	position ident.Position
	outcome  bool // body is an OperationOutcome
}

// ServeHTTP answers one request.
func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer func() {
		if v := recover(); v != nil {
			if v == http.ErrAbortHandler { //nolint:errorlint // a sentinel panic value
				panic(v)
			}
			d.Slog.Error("rest: panic", "method", r.Method, "panic", panicked{v}.Error(), "stack", string(debug.Stack()))
			d.refuse(w, r, fault.New(fault.Internal, "Something went wrong on our side."))
		}
	}()
	if r.Body != nil && r.Body != http.NoBody {
		// A sender who stops half way does not hold us for ever.
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTime))
	}
	rep, err := d.serve(r)
	if rep.position != nil {
		w.Header()[positionHeader] = []string{rep.position.String()}
	}
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	d.write(w, r, rep)
}

func (d *door) serve(r *http.Request) (reply, error) {
	t, err := route(r.Method, r.URL.EscapedPath(), r.URL.RawQuery)
	if err != nil {
		return reply{}, err
	}
	pref, err := negotiate(r, t)
	if err != nil {
		return reply{}, err
	}
	base := d.base(r) + "/fhir/" + string(t.ods)
	if t.what == whatMetadata {
		return d.capabilities(base)
	}
	who, err := d.Authenticate(r, t.ods)
	if err != nil {
		return reply{}, err
	}
	p, err := d.Store.Practice(t.ods)
	if err != nil {
		return reply{}, err
	}
	if err := d.waitFor(r, p); err != nil {
		return reply{}, err
	}
	c := call{
		ctx: r.Context(), door: d, practice: p, caller: who, base: base, target: t, prefer: pref,
		ifMatch: r.Header.Get("If-Match"), ifNoneMatch: r.Header.Get("If-None-Match"),
		ifNoneExist: r.Header.Get("If-None-Exist"), ifModifiedSince: r.Header.Get("If-Modified-Since"),
	}
	if c.key, err = idempotencyKey(r, who); err != nil {
		return reply{}, err
	}
	if t.takesBody() {
		limit := d.MaxBody
		if t.what == whatSystem || t.typ == "Bundle" {
			limit = d.MaxBundle
		}
		stay, err := d.room.enter(r, limit)
		if err != nil {
			return reply{}, err
		}
		defer stay.leave()
		if c.body, err = readBody(r, limit, stay); err != nil {
			return reply{}, err
		}
	}
	rep, err := c.do()
	if err != nil {
		// A refusal, too, tells of what this node has seen.
		return reply{position: p.Position()}, err
	}
	return rep, nil
}

// do carries the interaction out.
func (c *call) do() (reply, error) {
	if rep, ok, err := c.repeated(); ok || err != nil {
		return rep, err
	}
	switch t := &c.target; t.what {
	case whatSystem:
		return c.bundle()
	case whatType:
		switch t.method {
		case http.MethodGet, http.MethodHead:
			return c.search()
		case http.MethodPost:
			return c.create()
		case http.MethodPut:
			return c.conditionalUpdate()
		case http.MethodDelete:
			return c.conditionalDelete()
		}
	case whatSearch:
		return c.searchForm()
	case whatInstance:
		switch t.method {
		case http.MethodGet, http.MethodHead:
			return c.read()
		case http.MethodPut:
			return c.update()
		case http.MethodDelete:
			return c.delete()
		}
	case whatHistory:
		return c.history()
	case whatVersion:
		return c.vread()
	}
	return reply{}, notOffered(c.target)
}

func notOffered(t target) error {
	e := fault.New(fault.Unsupported, "This server does not offer %s here.", t.method)
	e.Status = http.StatusMethodNotAllowed
	return e
}

// waitFor holds a request until this node has seen what the reader has seen.
func (d *door) waitFor(r *http.Request, p *record.Practice) error {
	h := r.Header[positionHeader]
	if len(h) == 0 || h[0] == "" {
		return nil
	}
	pos, err := ident.ParsePosition(h[0])
	if err != nil {
		return fault.At(fault.Invalid, positionHeader, "The position in %s is not one that this server gave.", positionHeader)
	}
	if p.Position().Covers(pos) {
		return nil
	}
	select {
	case d.waiting <- struct{}{}:
		defer func() { <-d.waiting }()
	default:
		return fault.New(fault.Busy, "Many requests wait for this node to see what they have seen. Try again in a moment.")
	}
	ctx, cancel := context.WithTimeout(r.Context(), d.MaxWait)
	defer cancel()
	return p.Wait(ctx, pos)
}

func (d *door) base(r *http.Request) string {
	if d.Base != "" {
		return strings.TrimSuffix(d.Base, "/")
	}
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// idempotencyKey makes a program's key its own: another program's same key is
// another key.
func idempotencyKey(r *http.Request, who Caller) (string, error) {
	k := r.Header.Get("Idempotency-Key")
	switch {
	case k == "":
		return "", nil
	case len(k) > 200:
		return "", fault.At(fault.Invalid, "Idempotency-Key", "An Idempotency-Key has at most 200 characters.")
	}
	return "rest " + who.Author.Ref + " " + k, nil
}

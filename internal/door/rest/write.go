package rest

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"heartwood/internal/fault"
)

// positionHeader carries how far the answering node had applied the log; sent
// back with a request, it makes the next answer at least as new.
const positionHeader = "X-Heartwood-Position"

// Header values that never change, shared by all answers.
var (
	typeJSON = []string{fhirJSON + "; charset=utf-8"}
	noStore  = []string{"no-store"}
	noSniff  = []string{"nosniff"}
)

func etag(version string) string { return `W/"` + version + `"` }

// write sends an answer.
func (d *door) write(w http.ResponseWriter, r *http.Request, rep reply) {
	h := w.Header()
	h["Cache-Control"] = noStore
	h["X-Content-Type-Options"] = noSniff
	if rep.version != "" {
		h["Etag"] = []string{etag(rep.version)}
		h["Last-Modified"] = []string{rep.updated.UTC().Format(http.TimeFormat)}
	}
	if rep.location != "" {
		ods, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/fhir/"), "/")
		h["Location"] = []string{d.base(r) + "/fhir/" + ods + "/" + rep.location}
	}
	if len(rep.body) == 0 {
		w.WriteHeader(rep.status)
		return
	}
	h["Content-Type"] = typeJSON
	h["Content-Length"] = []string{strconv.Itoa(len(rep.body))}
	w.WriteHeader(rep.status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(rep.body) // the reader has gone when this fails
	}
}

// refuse sends an error as an OperationOutcome; the cause goes to the log.
func (d *door) refuse(w http.ResponseWriter, r *http.Request, err error) {
	status, body := d.refusal(r.Method, err)
	h := w.Header()
	h["Cache-Control"] = noStore
	h["X-Content-Type-Options"] = noSniff
	h["Content-Type"] = typeJSON
	switch status {
	case http.StatusUnauthorized:
		challenge := `Bearer realm="heartwood"`
		if r.Header.Get("Authorization") != "" {
			challenge += `, error="invalid_token"`
		}
		h.Set("WWW-Authenticate", challenge)
	case http.StatusMethodNotAllowed:
		var t target
		if t, _ = route(r.Method, r.URL.EscapedPath(), ""); t.what != 0 {
			h.Set("Allow", t.allow())
		}
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		h.Set("Retry-After", "1")
	}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}

// refusal is the status and OperationOutcome of an error. What is our own
// fault is logged with a reference that the outcome shows.
func (d *door) refusal(what string, err error) (int, []byte) {
	status := statusOf(err)
	if status >= http.StatusInternalServerError {
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind == fault.Internal {
			ref := strconv.FormatInt(d.Now().UnixNano(), 36)
			d.Slog.Error("rest: failed", "what", what, "ref", ref, "err", err)
			err = fault.New(fault.Internal, "Something went wrong on our side; nothing was changed. The reference is %s.", ref)
		}
	}
	return status, outcome(err)
}

func statusOf(err error) int {
	f := fault.From(err)
	if f.Status != 0 {
		return f.Status
	}
	return f.Kind.Status()
}

// notModified tells whether the reader has this version already
// (http://hl7.org/fhir/R4/http.html#cread).
func notModified(ifNoneMatch, ifModifiedSince, version string, updated time.Time) bool {
	if ifNoneMatch != "" {
		for one := range strings.SplitSeq(ifNoneMatch, ",") {
			if one = strings.TrimSpace(one); one == "*" || versionOf(one) == version {
				return true
			}
		}
		return false
	}
	if ifModifiedSince == "" {
		return false
	}
	t, err := http.ParseTime(ifModifiedSince)
	return err == nil && !updated.Truncate(time.Second).After(t)
}

// versionOf reads an ETag: W/"c.5", "c.5" or c.5.
func versionOf(tag string) string {
	return strings.Trim(strings.TrimPrefix(strings.TrimSpace(tag), "W/"), `"`)
}

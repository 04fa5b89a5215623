package bench

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
)

// seed makes sure there is something to read.
func (r *runner) seed(ctx context.Context) error {
	w := newWorker(r, 0)
	for range 64 {
		if err := w.createPatient(ctx); err != nil {
			return err
		}
		w.buf = appendObservation(w.buf[:0], w.made.Add(1), "Patient/"+w.patients.pick(w.rand))
		if _, err := w.send(ctx, http.MethodPost, "/Observation", w.buf); err != nil {
			return err
		}
	}
	return nil
}

func (r *runner) measurements() []measurement {
	return []measurement{
		{"durable creates", "requests", 1, create},
		{"reads", "requests", 1, read},
		{"searches", "requests", 1, search},
		{"mixed", "requests", 1, mixed},
		{"import (transactions)", "resources", int64(r.Bundle), transact},
	}
}

// create alternates patients and observations, as records grow.
func create(ctx context.Context, w *worker) error {
	if w.rand.IntN(4) == 0 {
		return w.createPatient(ctx)
	}
	w.buf = appendObservation(w.buf[:0], w.made.Add(1), "Patient/"+w.patients.pick(w.rand))
	_, err := w.send(ctx, http.MethodPost, "/Observation", w.buf)
	return err
}

func read(ctx context.Context, w *worker) error {
	_, err := w.send(ctx, http.MethodGet, "/Patient/"+w.patients.pick(w.rand), nil)
	return err
}

func search(ctx context.Context, w *worker) error {
	path := "/Observation?patient=Patient/" + w.patients.pick(w.rand) + "&_count=20"
	switch w.rand.IntN(4) {
	case 0:
		n := w.rand.Int64N(w.made.Load()) + 1
		path = "/Patient?identifier=" + patientSystem + "%7C" + strconv.FormatInt(n, 10)
	case 1:
		path = "/Observation?patient=Patient/" + w.patients.pick(w.rand) + "&code=http://loinc.org%7C" + codes[w.rand.IntN(len(codes))].code + "&_count=20"
	}
	_, err := w.send(ctx, http.MethodGet, path, nil)
	return err
}

// mixed is a working day: mostly reads, some searches, some writes.
func mixed(ctx context.Context, w *worker) error {
	switch n := w.rand.IntN(100); {
	case n < 60:
		return read(ctx, w)
	case n < 80:
		return search(ctx, w)
	}
	return create(ctx, w)
}

// transact sends a patient and everything about them as one transaction.
func transact(ctx context.Context, w *worker) error {
	w.buf = w.appendTransaction(w.buf[:0])
	_, err := w.send(ctx, http.MethodPost, "", w.buf)
	return err
}

func newReader(b []byte) io.Reader { return bytes.NewReader(b) }

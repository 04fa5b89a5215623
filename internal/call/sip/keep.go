package sip

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"

	"heartwood/internal/fault"
)

// keep registers a trunk and asks it for a sign of life until ctx ends.
func (s *Server) keep(ctx context.Context, t *trunk) {
	r := registration{callID: rand32(), failures: 0}
	r.seq.Store(1)
	defer s.unregister(context.WithoutCancel(ctx), t, &r)
	due := time.Now()
	for {
		t.resolve(ctx)
		if t.Register && !time.Now().Before(due) {
			due = time.Now().Add(s.register(ctx, t, &r))
		}
		s.ask(ctx, t)
		if state, changed := t.settle(time.Now()); changed {
			s.log.Info("trunk", "name", state.Name, "up", state.Up, "why", state.Why)
		}
		wait := s.conf.KeepAlive
		if t.Register {
			wait = min(wait, max(time.Until(due), 0))
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// registration is the one dialog-like thing that REGISTERs share: Call-ID and
// a growing number (RFC 3261 §10.2).
type registration struct {
	callID   string
	seq      atomic.Uint32
	failures int
}

// register registers once and says when to do so again.
func (s *Server) register(ctx context.Context, t *trunk, r *registration) time.Duration {
	lasts, err := s.sendRegister(ctx, t, r, t.Expires)
	if err != nil {
		r.failures++
		t.note(func() { t.refused = sentence(err) })
		return backOff(r.failures, spread())
	}
	r.failures = 0
	t.note(func() { t.lapses, t.refused = time.Now().Add(lasts), "" })
	return refreshAfter(lasts)
}

func (s *Server) unregister(ctx context.Context, t *trunk, r *registration) {
	if !t.current().Registered {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 2*sip.T1)
	defer cancel()
	_, _ = s.sendRegister(ctx, t, r, 0) // a courtesy: it lapses anyway
}

// refreshAfter leaves room for some retries before a registration lapses.
func refreshAfter(lasts time.Duration) time.Duration {
	return max(lasts*8/10, time.Second)
}

// backOff is how long to wait after so many failures: two seconds, doubled
// each time up to five minutes, and spread so that a carrier that comes back
// is not asked by everybody at once (RFC 3261 §10.3 leaves it to us).
func backOff(failures int, spread float64) time.Duration {
	d := 2 * time.Second << min(failures-1, 8)
	d = min(d, 5*time.Minute)
	return d/2 + time.Duration(spread*float64(d/2))
}

func (t *trunk) note(change func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	change()
}

func (s *Server) sendRegister(ctx context.Context, t *trunk, r *registration, lasts time.Duration) (time.Duration, error) {
	req, err := s.trunkRequest(t, sip.REGISTER, r.callID, r.seq.Add(1))
	if err != nil {
		return 0, err
	}
	req.AppendHeader(sip.NewHeader("Expires", strconv.Itoa(int(lasts/time.Second))))
	ctx, cancel := context.WithTimeout(ctx, 2*s.conf.Patience)
	defer cancel()
	res, err := s.roundTrip(ctx, t, req, &r.seq)
	switch {
	case err != nil:
		return 0, err
	case res.StatusCode == sip.StatusIntervalToBrief && lasts > 0: // RFC 3261 §10.2.8
		n, err := strconv.Atoi(headerValue(res, "Min-Expires", ""))
		if err != nil || n > 86_400 || time.Duration(n)*time.Second <= lasts {
			return 0, refusedBy(res)
		}
		return s.sendRegister(ctx, t, r, time.Duration(n)*time.Second)
	case !res.IsSuccess():
		return 0, refusedBy(res)
	}
	return granted(res, req.Contact().Address, lasts), nil
}

// granted is how long our binding lasts: its own parameter goes before the
// header (RFC 3261 §10.2.4).
func granted(res *sip.Response, ours sip.Uri, asked time.Duration) time.Duration {
	for _, h := range res.GetHeaders("Contact") {
		c, ok := h.(*sip.ContactHeader)
		if !ok || c.Address.User != ours.User || c.Address.Host != ours.Host {
			continue
		}
		if v, ok := c.Params.Get("expires"); ok {
			return seconds(v, asked)
		}
	}
	return seconds(headerValue(res, "Expires", ""), asked)
}

func seconds(v string, otherwise time.Duration) time.Duration {
	n, err := strconv.ParseUint(strings.TrimSpace(v), 10, 31)
	if err != nil || n == 0 {
		return otherwise
	}
	return time.Duration(n) * time.Second
}

// ask sends OPTIONS (RFC 3261 §11). Any answer is a sign of life but those that
// say that nobody is there.
func (s *Server) ask(ctx context.Context, t *trunk) {
	var seq atomic.Uint32
	seq.Store(1)
	req, err := s.trunkRequest(t, sip.OPTIONS, rand32(), 1)
	if err == nil {
		ctx, cancel := context.WithTimeout(ctx, s.conf.Patience)
		defer cancel()
		var res *sip.Response
		res, err = s.roundTrip(ctx, t, req, &seq)
		if err == nil && (res.StatusCode == sip.StatusRequestTimeout || res.StatusCode == sip.StatusServiceUnavailable) {
			err = refusedBy(res)
		}
	}
	t.note(func() {
		t.silent = ""
		if err != nil {
			t.silent = sentence(err)
		}
	})
}

// trunkRequest makes a request about ourselves: REGISTER or OPTIONS.
func (s *Server) trunkRequest(t *trunk, method sip.RequestMethod, callID string, seq uint32) (*sip.Request, error) {
	to, ok := t.at()
	if !ok {
		return nil, fault.New(fault.Busy, "The trunk's name is not known to the resolver.")
	}
	us := sip.Uri{Scheme: "sip", User: t.User, Host: t.domain()}
	req := sip.NewRequest(method, sip.Uri{Scheme: "sip", Host: t.domain()})
	req.AppendHeader(s.via(t, to))
	from := &sip.FromHeader{Address: us}
	from.Params.Add("tag", rand32())
	req.AppendHeader(from)
	req.AppendHeader(&sip.ToHeader{Address: us})
	id := sip.CallIDHeader(callID)
	req.AppendHeader(&id)
	req.AppendHeader(&sip.CSeqHeader{SeqNo: seq, MethodName: method})
	s.finish(req, t, to)
	return req, nil
}

func refusedBy(res *sip.Response) error {
	return fault.New(fault.Refused, "The trunk answered %d.", res.StatusCode)
}

func sentence(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Message
	}
	return "The trunk does not answer."
}

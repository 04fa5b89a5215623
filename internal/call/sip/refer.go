package sip

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"heartwood/internal/fault"
)

// Transfers by REFER (RFC 3515), both ways.

// Refer asks the other side to call a number instead of us. How far it comes
// is in Transferred; the call is ours to hang up then.
func (c *Call) Refer(number string) error {
	to, err := c.server.conf.Dialling.MayDial(number)
	if err != nil {
		return err
	}
	return c.ask(func() error {
		if c.state != up || c.referred {
			return fault.New(fault.Conflict, "The call is not in a state to be transferred.")
		}
		req := c.request(sip.REFER, c.dialog.seq.Add(1))
		uri := sip.Uri{Scheme: "sip", User: to, Host: c.trunk.domain()}
		req.AppendHeader(sip.NewHeader("Refer-To", "<"+uri.String()+">"))
		req.AppendHeader(sip.NewHeader("Referred-By", "<"+c.dialog.local.String()+">")) // RFC 3892
		c.referred = true
		c.send(req, c.referAnswered)
		return nil
	})
}

func (c *Call) referAnswered(res *sip.Response, err error) {
	switch {
	case err != nil:
		c.referred = false
		c.emit(Transferred{sip.StatusRequestTimeout})
	case !res.IsSuccess():
		c.referred = false
		c.emit(Transferred{res.StatusCode})
	}
}

// notified takes the news of a transfer we asked for (RFC 3515 §2.4.5); other
// news is not ours.
func (c *Call) notified(req *sip.Request, tx *sip.ServerTx) {
	event, _, _ := strings.Cut(headerValue(req, "Event", "o"), ";")
	if !c.referred || !strings.EqualFold(strings.TrimSpace(event), "refer") {
		noSuchCall(req, tx)
		return
	}
	code, ok := readFragment(string(req.Body()))
	if !ok {
		respond(tx, req, sip.StatusBadRequest, "Bad Request")
		return
	}
	respond(tx, req, sip.StatusOK, "OK")
	ends := strings.HasPrefix(strings.ToLower(headerValue(req, "Subscription-State", "")), "terminated")
	c.referred = !ends && code < 200
	c.emit(Transferred{code})
}

// readFragment reads the status line of a message/sipfrag (RFC 3420).
func readFragment(body string) (int, bool) {
	rest, ok := strings.CutPrefix(body, "SIP/2.0 ")
	if !ok || len(rest) < 3 {
		return 0, false
	}
	code, err := strconv.Atoi(rest[:3])
	return code, err == nil && code >= 100 && code < 700
}

// referralWait is how long the exchange may think about a request to transfer.
const referralWait = 10 * time.Second

// Referral is a request of the other side to transfer its call to a number.
// Unless the exchange accepts it, it is refused: nothing is dialled because
// somebody outside asked for it.
type Referral struct {
	Number string // E.164, and one that may be dialled
	call   *Call
	req    *sip.Request
	tx     *sip.ServerTx
	taken  bool
}

// Accept agrees to transfer the call; the other side is told so, and of what
// becomes of it by Progress.
func (r *Referral) Accept() error {
	return r.call.ask(func() error {
		if r.call.referral != r || r.taken {
			return errOver
		}
		r.taken = true
		r.call.clear("referral")
		respond(r.tx, r.req, sip.StatusAccepted, "Accepted")
		r.notify(sip.StatusTrying)
		return nil
	})
}

// Refuse says no.
func (r *Referral) Refuse() { r.call.post(r.refuse) }

func (r *Referral) refuse() {
	if r == nil || r.taken || r.call.referral != r {
		return
	}
	r.call.referral = nil
	r.call.clear("referral")
	respond(r.tx, r.req, sip.StatusGlobalDecline, "Decline")
}

// Progress tells the other side how the transfer goes: 180, and in the end 200
// or why not.
func (r *Referral) Progress(code int) error {
	return r.call.ask(func() error {
		if r.call.referral != r || !r.taken || r.call.state == over {
			return errOver
		}
		r.notify(code)
		if code >= 200 {
			r.call.referral = nil
		}
		return nil
	})
}

func (r *Referral) notify(code int) {
	c := r.call
	req := c.request(sip.NOTIFY, c.dialog.seq.Add(1))
	state := "active;expires=60"
	if code >= 200 {
		state = "terminated;reason=noresource"
	}
	req.AppendHeader(sip.NewHeader("Event", "refer"))
	req.AppendHeader(sip.NewHeader("Subscription-State", state))
	req.AppendHeader(sip.NewHeader("Content-Type", "message/sipfrag;version=2.0"))
	req.SetBody(fmt.Appendf(nil, "SIP/2.0 %d %s\r\n", code, phrase(code)))
	c.send(req, func(*sip.Response, error) {}) // who does not want to know need not
}

func phrase(code int) string {
	switch {
	case code < 200:
		return "Trying"
	case code < 300:
		return "OK"
	}
	return "Failed"
}

// askedToTransfer passes a REFER on to the exchange, where it names a number
// that may be dialled at all.
func (c *Call) askedToTransfer(req *sip.Request, tx *sip.ServerTx) {
	number, ok := c.referredTo(req)
	if !ok || c.state != up || c.referral != nil {
		respond(tx, req, sip.StatusGlobalDecline, "Decline")
		return
	}
	r := &Referral{Number: number, call: c, req: req, tx: tx}
	c.referral = r
	c.after("referral", referralWait, r.refuse)
	c.emit(Referred{r})
}

// referredTo is the number in Refer-To. One that is to replace another call
// (RFC 3891) is not offered.
func (c *Call) referredTo(req *sip.Request) (string, bool) {
	var uri sip.Uri
	v := headerValue(req, "Refer-To", "r")
	if v == "" {
		return "", false
	}
	if _, err := sip.ParseAddressValue(v, &uri, nil); err != nil || len(uri.Headers) > 0 {
		return "", false
	}
	n, ok := numberIn(uri)
	if !ok {
		return "", false
	}
	n, err := c.server.conf.Dialling.MayDial(n)
	return n, err == nil
}

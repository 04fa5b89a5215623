package sip

import (
	"strings"

	"github.com/emiago/sipgo/sip"
)

// What the other side asks for during a call.

func (c *Call) inDialog(req *sip.Request, tx *sip.ServerTx) {
	tag, _ := req.From().Params.Get("tag")
	seq := int64(req.CSeq().SeqNo)
	switch {
	case tag != c.dialog.remoteTag:
		noSuchCall(req, tx)
	case c.state == over && req.Method == sip.BYE && c.endedBy != Them: // both hang up at once
		respond(tx, req, sip.StatusOK, "OK")
	case c.state == over:
		noSuchCall(req, tx)
	case seq <= c.dialog.remoteSeq: // RFC 3261 §12.2.2
		respond(tx, req, sip.StatusInternalServerError, "Out Of Order")
	default:
		c.dialog.remoteSeq = seq
		c.asked(req, tx)
	}
}

func (c *Call) asked(req *sip.Request, tx *sip.ServerTx) {
	if odd := unknownOptions(req); len(odd) > 0 {
		respond(tx, req, sip.StatusBadExtension, "Bad Extension", "Unsupported", strings.Join(odd, ", "))
		return
	}
	switch req.Method {
	case sip.BYE: // RFC 3261 §15.1.2
		respond(tx, req, sip.StatusOK, "OK")
		if c.state == early && !c.outgoing {
			_ = c.tx.Respond(c.response(c.invite, sip.StatusRequestTerminated, "Request Terminated", nil))
		}
		c.finish(Ended{By: Them})
	case sip.INVITE, sip.UPDATE:
		c.reinvited(req, tx)
	case sip.INFO:
		c.informed(req, tx)
	case sip.REFER:
		c.askedToTransfer(req, tx)
	case sip.NOTIFY:
		c.notified(req, tx)
	case sip.OPTIONS:
		respond(tx, req, sip.StatusOK, "OK", "Allow", allowed, "Accept", mimeSDP, "Supported", "timer")
	default:
		respond(tx, req, sip.StatusMethodNotAllowed, "Method Not Allowed", "Allow", allowed)
	}
}

// reinvited deals with a re-INVITE (RFC 3261 §14.2) or an UPDATE (RFC 3311
// §5.2): hold, resume, moved media, new keys, or only a sign of life.
func (c *Call) reinvited(req *sip.Request, tx *sip.ServerTx) {
	invite := req.IsInvite()
	offers := len(req.Body()) > 0 || invite
	switch {
	case c.state == early && offers: // our answer to their first offer is not yet given
		respond(tx, req, sip.StatusInternalServerError, "Not Yet Answered", "Retry-After", "2")
		return
	case offers && (c.renewal != nil || (c.unacked != nil && c.unacked.late)):
		respond(tx, req, sip.StatusRequestPending, "Request Pending")
		return
	case len(req.Body()) > 0 && !isSDP(req):
		respond(tx, req, sip.StatusUnsupportedMediaType, "Unsupported Media Type", "Accept", mimeSDP)
		return
	}
	if no := c.server.tooBrief(req); no != nil {
		respond(tx, req, no.code, no.reason, no.extra...)
		return
	}
	if invite && c.unacked != nil { // who goes on has had our answer
		c.confirmed()
		c.nowUp()
	}
	c.renegotiate(req, tx)
}

func (c *Call) renegotiate(req *sip.Request, tx *sip.ServerTx) {
	body, heard, no := c.counter(req)
	if no != nil { // the call goes on as it was (RFC 3261 §14.2)
		respond(tx, req, no.code, no.reason)
		return
	}
	c.dialog.retarget(req)
	res := c.response(req, sip.StatusOK, "OK", body)
	c.agreeSession(req, res)
	if req.IsInvite() {
		c.confirm(tx, req, res, heard == nil)
	} else {
		_ = tx.Respond(res)
	}
	if heard != nil {
		c.settleOn(*heard)
	}
}

// counter is our answer to a new offer, and what that offer wants. Without an
// offer a re-INVITE gets ours (heard is nil), an UPDATE nothing.
func (c *Call) counter(req *sip.Request) (body []byte, heard *Media, no *refusal) {
	ours := c.local
	ours.Direction = c.wish()
	if len(req.Body()) == 0 {
		if req.IsInvite() {
			c.local = ours
			return c.writer.offer(ours, false), nil, nil
		}
		return nil, nil, nil
	}
	d, err := readSDP(req.Body(), ours.Crypto != nil)
	if err != nil {
		return nil, nil, unusable(err)
	}
	local, err := fit(ours, d.media)
	if err != nil {
		return nil, nil, unusable(errUnusable)
	}
	c.offered, c.local = d, local
	return c.writer.answer(local, d), &d.media, nil
}

// wish is what we would do with the audio if the other side let us.
func (c *Call) wish() Direction {
	if c.holds {
		return SendOnly
	}
	return SendRecv
}

// settleOn takes over what the other side wants, and says what of it is new.
func (c *Call) settleOn(m Media) {
	was := c.remote
	c.hears(m)
	c.local.Codec, c.local.DTMF = m.Codec, m.DTMF
	switch {
	case c.state != up:
	case m.held() && !was.held():
		c.emit(Held{m})
	case !m.held() && was.held():
		c.emit(Resumed{m})
	case moved(was, m):
		c.emit(Moved{m})
	}
}

func moved(a, b Media) bool {
	keys := (a.Crypto == nil) != (b.Crypto == nil) || (a.Crypto != nil && *a.Crypto != *b.Crypto)
	return keys || a.Addr != b.Addr || a.Codec != b.Codec || a.DTMF != b.DTMF || a.Ptime != b.Ptime
}

// informed takes keys that come by INFO: application/dtmf-relay and
// application/dtmf, which are no standard but common. Other bodies are not
// for us (RFC 6086 §4.2.2 speaks of packages; we have none).
func (c *Call) informed(req *sip.Request, tx *sip.ServerTx) {
	if len(req.Body()) == 0 {
		respond(tx, req, sip.StatusOK, "OK")
		return
	}
	mime, _, _ := strings.Cut(headerValue(req, "Content-Type", "c"), ";")
	key, ok := readKeyPress(strings.ToLower(strings.TrimSpace(mime)), string(req.Body()))
	if !ok {
		respond(tx, req, sip.StatusUnsupportedMediaType, "Unsupported Media Type", "Accept", "application/dtmf-relay")
		return
	}
	respond(tx, req, sip.StatusOK, "OK")
	if c.state == up {
		c.emit(Digit{key})
	}
}

func readKeyPress(mime, body string) (byte, bool) {
	var key string
	switch mime {
	case "application/dtmf":
		key = strings.TrimSpace(body)
	case "application/dtmf-relay":
		for line := range strings.Lines(body) {
			name, v, _ := strings.Cut(line, "=")
			if strings.EqualFold(strings.TrimSpace(name), "signal") {
				key = strings.TrimSpace(v)
			}
		}
	}
	switch key { // numbered as in RFC 4733 §3.2
	case "10":
		key = "*"
	case "11":
		key = "#"
	}
	if len(key) != 1 || !strings.Contains("0123456789*#ABCD", key) {
		return 0, false
	}
	return key[0], true
}

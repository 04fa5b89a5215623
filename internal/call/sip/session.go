package sip

import (
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
)

// Session timers (RFC 4028): a call whose other side has gone does not stay.

// leastSession is the shortest session we take (RFC 4028 §4).
const leastSession = 90 * time.Second

type session struct {
	lasts time.Duration
	ours  bool          // we refresh it
	least time.Duration // the other side takes no shorter one
}

// least is leastSession, but in tests that cannot wait.
func (s *Server) least() time.Duration { return min(leastSession, s.conf.Session) }

// readSession reads Session-Expires (RFC 4028 §4); zero is none.
func readSession(m sip.Message) (lasts time.Duration, refresher string) {
	v, params, _ := strings.Cut(headerValue(m, "Session-Expires", "x"), ";")
	lasts = seconds(v, 0)
	for p := range strings.SplitSeq(params, ";") {
		if name, who, _ := strings.Cut(p, "="); strings.EqualFold(strings.TrimSpace(name), "refresher") {
			refresher = strings.ToLower(strings.TrimSpace(who))
		}
	}
	return lasts, refresher
}

// tooBrief refuses a session that would have to be refreshed too often (§9).
func (s *Server) tooBrief(req *sip.Request) *refusal {
	lasts, _ := readSession(req)
	if lasts == 0 || lasts >= s.least() {
		return nil
	}
	return &refusal{422, "Session Interval Too Small", []string{"Min-SE", inSeconds(s.least())}}
}

// agreeSession puts into a 200 what we agree to as the one who is asked (§9),
// and starts the timer.
func (c *Call) agreeSession(req *sip.Request, res *sip.Response) {
	lasts, refresher := readSession(req)
	switch {
	case lasts == 0:
		lasts, refresher = c.server.conf.Session, "uas"
	case refresher == "" && supports(req, "timer"):
		refresher = "uac"
	case refresher != "uac":
		refresher = "uas"
	}
	res.AppendHeader(sip.NewHeader("Session-Expires", inSeconds(lasts)+";refresher="+refresher))
	if refresher == "uac" {
		res.AppendHeader(sip.NewHeader("Require", "timer"))
	}
	c.startSession(lasts, refresher == "uas")
}

// askSession puts into a request of ours what we would like (§7.1).
func (c *Call) askSession(req *sip.Request) {
	lasts := max(c.server.conf.Session, c.session.least)
	v := inSeconds(lasts)
	if c.session.lasts > 0 { // a refresh leaves it with whom it is with (§7.4)
		v += ";refresher=" + map[bool]string{true: "uac", false: "uas"}[c.session.ours]
	}
	req.AppendHeader(sip.NewHeader("Session-Expires", v))
	req.AppendHeader(sip.NewHeader("Min-SE", inSeconds(max(c.server.least(), c.session.least))))
}

// agreedSession takes over what the other side agreed to (§7.2). One that does
// not know session timers is asked for a sign of life all the same.
func (c *Call) agreedSession(res *sip.Response) {
	lasts, refresher := readSession(res)
	if lasts == 0 {
		lasts, refresher = c.server.conf.Session, "uac"
	}
	c.startSession(max(lasts, c.server.least()), refresher != "uas")
}

// startSession starts the timer anew (§10): half-way through we refresh; or,
// where they ought to, we hang up when the end is near and they have not.
func (c *Call) startSession(lasts time.Duration, ours bool) {
	c.session.lasts, c.session.ours = lasts, ours
	if ours {
		c.after("session", lasts/2, c.refresh)
		return
	}
	c.after("session", lasts-min(32*time.Second, lasts/3), func() { c.hang(Line, sip.StatusRequestTimeout) })
}

// refresh asks for a sign of life, by UPDATE where that is known (§7.4).
func (c *Call) refresh() {
	c.after("session", c.session.lasts/2, func() { c.hang(Line, sip.StatusRequestTimeout) })
	if !c.dialog.updates || c.state != up {
		m := c.local
		m.Direction = c.wish()
		c.renew(m, true)
		return
	}
	req := c.request(sip.UPDATE, c.dialog.seq.Add(1))
	c.askSession(req)
	c.send(req, c.refreshed)
}

func (c *Call) refreshed(res *sip.Response, err error) {
	switch {
	case c.state == over:
	case err != nil || res.StatusCode == sip.StatusRequestTimeout || res.StatusCode == sip.StatusCallTransactionDoesNotExists:
		c.hang(Line, sip.StatusRequestTimeout)
	case res.IsSuccess():
		c.dialog.retarget(res)
		c.agreedSession(res)
	case res.StatusCode == 422:
		c.session.least = max(c.session.least, seconds(headerValue(res, "Min-SE", ""), 0))
		c.after("session", time.Second, c.refresh)
	case res.StatusCode == sip.StatusRequestPending:
		c.after("session", 2*time.Second, c.refresh)
	default: // it does not take UPDATE after all
		c.dialog.updates = false
		c.refresh()
	}
}

func inSeconds(d time.Duration) string { return strconv.Itoa(int(d / time.Second)) }

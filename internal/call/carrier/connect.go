package carrier

import (
	"context"
	"errors"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"

	line "heartwood/internal/call/sip"
)

// leg is one side of a connected call.
type leg struct {
	session session
	target  sip.Uri // the far end's Contact
	other   *leg
	stop    context.CancelFunc // of the whole call
}

// session is what sipgo's dialogues have in common, whoever began them.
type session interface {
	TransactionRequest(context.Context, *sip.Request) (sip.ClientTransaction, error)
	WriteRequest(*sip.Request) error
	ReadBye(*sip.Request, sip.ServerTransaction) error
	Bye(context.Context) error
}

// invite connects a call, or passes a change of one on.
func (c *Carrier) invite(req *sip.Request, tx sip.ServerTransaction) {
	if to := req.To(); to != nil && to.Params.Has("tag") {
		c.pass(req, tx)
		return
	}
	from := c.calling(req.Source())
	if from == nil {
		from = c.proven(req)
	}
	if from == nil {
		c.challenge(req, tx)
		return
	}
	number, ok := line.Normalise(req.Recipient.User)
	to := c.owner(number)
	if !ok || to == nil {
		say(req, tx, 404, "Not Found")
		return
	}
	at, ok := c.bound(to.User)
	if !ok {
		say(req, tx, 480, "Temporarily Unavailable")
		return
	}
	c.connect(req, tx, *from, number, at)
}

// connect calls the other side and joins the two (RFC 7092 §3.1: a signalling
// back-to-back user agent). It returns when the call is up or has failed.
func (c *Carrier) connect(req *sip.Request, tx sip.ServerTransaction, from Account, number string, at binding) {
	a, err := c.ends.ReadInvite(req, tx)
	if err != nil {
		say(req, tx, 400, "Bad Request")
		return
	}
	ctx, stop := context.WithCancel(a.Context()) // it ends when the caller gives up
	b, err := c.ends.WriteInvite(ctx, c.onward(req, from, number, at))
	if err != nil {
		stop()
		_ = a.Respond(503, "Service Unavailable", nil)
		return
	}
	err = b.WaitAnswer(ctx, sipgo.AnswerOptions{OnResponse: func(res *sip.Response) error {
		if res.StatusCode == 180 || res.StatusCode == 183 {
			return a.Respond(180, "Ringing", nil)
		}
		return nil
	}})
	if err != nil {
		stop()
		c.failed(a, err)
		return
	}
	if err := b.Ack(ctx); err != nil {
		stop()
		return
	}
	c.join(a, b, req, stop)
	if err := a.Respond(200, "OK", b.InviteResponse.Body(), sip.NewHeader("Content-Type", "application/sdp")); err != nil {
		c.part(a.ID)
	}
}

func (c *Carrier) failed(a *sipgo.DialogServerSession, err error) {
	var refused *sipgo.ErrDialogResponse
	if errors.As(err, &refused) {
		_ = a.Respond(refused.Res.StatusCode, refused.Res.Reason, nil)
		return
	}
	_ = a.Respond(480, "Temporarily Unavailable", nil)
}

// onward is the INVITE to the other side, at the address it registered; the
// number is in To. Who calls is what the account may show, and whether they
// want to (RFC 3325 §5).
func (c *Carrier) onward(req *sip.Request, from Account, number string, at binding) *sip.Request {
	out := sip.NewRequest(sip.INVITE, at.contact)
	out.AppendHeader(&sip.ToHeader{Address: sip.Uri{Scheme: "sip", User: number, Host: realm}})
	shown := sip.Uri{Scheme: "sip", User: from.Numbers[0], Host: realm}
	asserted := shown
	if h := req.GetHeader("Privacy"); h != nil {
		out.AppendHeader(sip.NewHeader("Privacy", h.Value()))
		shown = sip.Uri{Scheme: "sip", User: "anonymous", Host: "anonymous.invalid"}
	}
	f := &sip.FromHeader{Address: shown}
	f.Params.Add("tag", sip.GenerateTagN(16))
	out.AppendHeader(f)
	out.AppendHeader(sip.NewHeader("P-Asserted-Identity", "<"+asserted.String()+">"))
	out.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	out.SetBody(req.Body())
	out.SetTransport("UDP")
	out.SetDestination(at.at.String())
	return out
}

func (c *Carrier) join(a *sipgo.DialogServerSession, b *sipgo.DialogClientSession, req *sip.Request, stop context.CancelFunc) {
	la, lb := &leg{session: a, stop: stop, target: req.Contact().Address}, &leg{session: b, stop: stop}
	if to := b.InviteResponse.Contact(); to != nil {
		lb.target = to.Address
	}
	la.other, lb.other = lb, la
	c.mu.Lock()
	defer c.mu.Unlock()
	c.legs[a.ID], c.legs[b.ID] = la, lb
}

// find is the leg that a request inside a dialogue comes from.
func (c *Carrier) find(req *sip.Request) (string, *leg) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range []func(*sip.Request) (string, error){sip.DialogIDFromRequestUAS, sip.DialogIDFromRequestUAC} {
		if k, err := id(req); err == nil && c.legs[k] != nil {
			return k, c.legs[k]
		}
	}
	return "", nil
}

func (c *Carrier) ack(req *sip.Request, tx sip.ServerTransaction) {
	if _, l := c.find(req); l != nil {
		if a, ok := l.session.(*sipgo.DialogServerSession); ok {
			_ = a.ReadAck(req, tx) // that of a later INVITE is not waited for
		}
	}
}

func (c *Carrier) bye(req *sip.Request, tx sip.ServerTransaction) {
	k, l := c.find(req)
	if l == nil {
		say(req, tx, 481, "Call/Transaction Does Not Exist")
		return
	}
	_ = l.session.ReadBye(req, tx)
	c.part(k)
}

// part hangs up the side that has not.
func (c *Carrier) part(id string) {
	c.mu.Lock()
	l := c.legs[id]
	for k, o := range c.legs {
		if l != nil && (o == l || o == l.other) {
			delete(c.legs, k)
		}
	}
	c.mu.Unlock()
	if l == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = l.other.session.Bye(ctx) // who does not hear it has gone
	l.stop()
}

// pass asks the other side what one side asks for, and gives back its answer.
func (c *Carrier) pass(req *sip.Request, tx sip.ServerTransaction) {
	_, l := c.find(req)
	if l == nil {
		say(req, tx, 481, "Call/Transaction Does Not Exist")
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	res := l.other.ask(ctx, req)
	if res == nil {
		say(req, tx, 504, "Server Time-out")
		return
	}
	back := sip.NewResponseFromRequest(req, res.StatusCode, res.Reason, res.Body())
	back.AppendHeader(sip.HeaderClone(&c.ends.ContactHDR))
	for _, name := range []string{"Content-Type", "Session-Expires", "Require", "Min-SE"} {
		sip.CopyHeaders(name, res, back)
	}
	_ = tx.Respond(back)
}

func (l *leg) ask(ctx context.Context, req *sip.Request) *sip.Response {
	out := sip.NewRequest(req.Method, l.target)
	for _, name := range []string{"Content-Type", "Session-Expires", "Supported", "Min-SE"} {
		sip.CopyHeaders(name, req, out)
	}
	out.SetBody(req.Body())
	tx, err := l.session.TransactionRequest(ctx, out)
	if err != nil {
		return nil
	}
	defer tx.Terminate()
	for {
		select {
		case res := <-tx.Responses():
			if res.IsProvisional() {
				continue
			}
			if req.IsInvite() && res.IsSuccess() {
				_ = l.session.WriteRequest(sip.NewRequest(sip.ACK, l.target))
			}
			return res
		case <-tx.Done():
			return nil
		case <-ctx.Done():
			return nil
		}
	}
}

package notify

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"heartwood/internal/fault"
)

// SMTPConfig is a mail server to hand e-mails to (RFC 5321, RFC 8314).
type SMTPConfig struct {
	Host     string
	Port     int    // 587 when 0
	Username string // "" for a server that asks for none
	Password string
	From     string // "Riverside Surgery <no-reply@riverside.example>"
	Domain   string // in Message-ID; From's own when ""
	// Plain allows a connection without TLS: only for a server on this machine.
	Plain   bool
	Timeout time.Duration // for one message; 20 s when 0
}

// SMTP sends e-mails through a mail server. The Message-ID is made of the
// message's key, so that a mail system that gets one twice can show it once.
type SMTP struct {
	c    SMTPConfig
	opts []mail.Option
}

// NewSMTP checks the settings; it does not connect.
func NewSMTP(c SMTPConfig) (*SMTP, error) {
	if c.Port == 0 {
		c.Port = mail.DefaultPortTLS
	}
	if c.Timeout == 0 {
		c.Timeout = 20 * time.Second
	}
	m := mail.NewMsg()
	if err := m.From(c.From); err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "The sender's e-mail address is not right.")
	}
	if c.Domain == "" {
		address := m.GetFrom()[0].Address
		c.Domain = address[strings.LastIndexByte(address, '@')+1:]
	}
	s := &SMTP{c: c}
	policy := mail.TLSMandatory
	if c.Plain {
		policy = mail.NoTLS
	}
	s.opts = []mail.Option{mail.WithPort(c.Port), mail.WithTLSPolicy(policy), mail.WithTimeout(c.Timeout), mail.WithoutNoop()}
	if c.Port == mail.DefaultPortSSL && !c.Plain {
		s.opts = append(s.opts, mail.WithSSL())
	}
	if c.Username != "" {
		s.opts = append(s.opts, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(c.Username), mail.WithPassword(c.Password))
	}
	if _, err := mail.NewClient(c.Host, s.opts...); err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "The mail server's settings are not right.")
	}
	return s, nil
}

// Send hands one e-mail over.
func (s *SMTP) Send(ctx context.Context, m Message) (string, error) {
	msg, err := s.compose(m)
	if err != nil {
		return "", err
	}
	client, err := mail.NewClient(s.c.Host, s.opts...)
	if err != nil {
		return "", fault.Wrap(err, fault.Internal, "The mail server could not be used.")
	}
	ctx, cancel := context.WithTimeout(ctx, s.c.Timeout)
	defer cancel()
	if err := client.DialAndSendWithContext(ctx, msg); err != nil && !msg.IsDelivered() {
		return "", smtpFault(err)
	}
	return msg.GetMessageID(), nil
}

func (s *SMTP) compose(m Message) (*mail.Msg, error) {
	return compose(m, s.c.From, s.c.Domain)
}

func compose(m Message, from, domain string) (*mail.Msg, error) {
	if err := check(m); err != nil {
		return nil, err
	}
	if m.Medium != Email {
		return nil, fault.New(fault.Refused, "This is not an e-mail.")
	}
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := msg.From(from); err != nil {
		return nil, fault.Wrap(errors.New("notify: bad sender"), fault.Internal, "The message could not be sent.")
	}
	if err := msg.To(m.To); err != nil {
		return nil, fault.New(fault.Refused, "The e-mail address cannot be used.")
	}
	msg.Subject(m.Subject)
	msg.SetMessageIDWithValue(m.Key + "@" + domain)
	msg.SetGenHeader(mail.HeaderPrecedence, "auto_reply")
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no out-of-office answers, please
	msg.SetBodyString(mail.TypeTextPlain, m.Text)
	return msg, nil
}

// smtpFault tells what will not get better (5yz) from what may. The server's
// words may hold the address, so they are left out.
func smtpFault(err error) error {
	var e *mail.SendError
	if errors.As(err, &e) {
		cause := errors.New("smtp: code " + strconv.Itoa(e.ErrorCode()))
		if !e.IsTemp() && e.ErrorCode() >= 500 {
			return fault.Wrap(cause, fault.Refused, "The mail server refused the message.")
		}
		return fault.Wrap(cause, fault.Busy, "The mail server could not take the message just now.")
	}
	return fault.Wrap(err, fault.Busy, "The mail server could not be reached.")
}

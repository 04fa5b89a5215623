package post

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-smtp"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

// Mail takes e-mail from a practice's own mail server, by SMTP. It is to
// listen where only that server reaches it: it asks for no password, and takes
// mail for practices of this installation only ("z99901@…").
type Mail struct {
	Door   *Door
	Domain string // what it calls itself
	// Practices lists those that mail is taken for.
	Practices func(context.Context) ([]ident.ODS, error)
	Slog      *slog.Logger
}

// Serve takes mail on a listener until the context ends.
func (m *Mail) Serve(ctx context.Context, l net.Listener) error {
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{mail: m, ctx: ctx}, nil }))
	s.Domain = m.Domain
	s.MaxMessageBytes, s.MaxRecipients, s.MaxLineLength = mailBytes, 10, 4000
	s.ReadTimeout, s.WriteTimeout = time.Minute, time.Minute
	s.ErrorLog = discard{}
	stop := context.AfterFunc(ctx, func() { _ = s.Close() })
	defer stop()
	err := s.Serve(l)
	if ctx.Err() != nil || errors.Is(err, smtp.ErrServerClosed) {
		return nil
	}
	return err
}

// discard keeps what a stranger sent out of the log.
type discard struct{}

func (discard) Printf(string, ...any) {}
func (discard) Println(...any)        {}

type session struct {
	mail *Mail
	ctx  context.Context //nolint:containedctx // of the server, which is what ends it
	from string
	to   []ident.ODS
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from, s.to = from, nil
	return nil
}

// Rcpt takes mail for a practice: the code before the @, or before a +.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	name, _, _ := strings.Cut(to, "@")
	name, _, _ = strings.Cut(name, "+")
	ods, err := ident.ParseODS(strings.ToUpper(name))
	if err == nil {
		var all []ident.ODS
		if all, err = s.mail.Practices(s.ctx); err != nil {
			return again()
		}
		if !slices.Contains(all, ods) {
			err = fault.New(fault.NotFound, "no such practice")
		}
	}
	if err != nil {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such practice here"}
	}
	s.to = append(s.to, ods)
	return nil
}

func again() error {
	return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "Not taken just now: try again later"}
}

// Data takes the mail: "taken" is said when it is durable for everybody whom
// it is for.
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err // too big, or cut off
	}
	letter := Parse(raw, s.from)
	for _, ods := range s.to {
		if _, err := s.mail.Door.Inbound.Take(s.ctx, ods, letter); err != nil {
			s.mail.Slog.Error("post: an e-mail was not taken", "practice", ods, "cause", err)
			if fault.Is(err, fault.Invalid) {
				return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "This cannot be read"}
			}
			return again()
		}
	}
	return nil
}

func (s *session) Reset()        { s.from, s.to = "", nil }
func (s *session) Logout() error { return nil }

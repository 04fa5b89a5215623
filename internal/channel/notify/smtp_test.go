package notify

import (
	"bufio"
	"context"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"heartwood/internal/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// mailServer is a small SMTP server that keeps what it is given.
type mailServer struct {
	port  int
	mu    sync.Mutex
	mails []string // protected by mu
	reply []string // answers to the coming messages' data; "" takes it. Protected by mu
}

func newMailServer(t *testing.T, replies ...string) *mailServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &mailServer{port: l.Addr().(*net.TCPAddr).Port, reply: replies}
	var open sync.WaitGroup
	open.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			open.Go(func() { s.serve(c) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); open.Wait() })
	return s
}

func (s *mailServer) serve(c net.Conn) {
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	in := bufio.NewReader(c)
	say := func(line string) { _, _ = c.Write([]byte(line + "\r\n")) }
	say("220 test")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		switch verb := strings.ToUpper(strings.Fields(line + " x")[0]); verb {
		case "EHLO", "HELO":
			say("250 test")
		case "DATA":
			say("354 go on")
			var b strings.Builder
			for {
				l, err := in.ReadString('\n')
				if err != nil || l == ".\r\n" {
					break
				}
				b.WriteString(l)
			}
			say(s.take(b.String()))
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

func (s *mailServer) take(mail string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	answer := ""
	if len(s.reply) > 0 {
		answer, s.reply = s.reply[0], s.reply[1:]
	}
	if answer == "" || strings.HasPrefix(answer, "drop") {
		s.mails = append(s.mails, mail)
		return "250 taken"
	}
	return answer
}

func (s *mailServer) got() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.mails...)
}

func (s *mailServer) sender(t *testing.T) *SMTP {
	t.Helper()
	c, err := NewSMTP(SMTPConfig{
		Host: "127.0.0.1", Port: s.port, From: "Riverside Surgery <no-reply@riverside.example>", Plain: true, Timeout: 3 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var hello = Message{Key: "k1", Medium: Email, To: "pat@example.com", Subject: "Bore da – a message", Text: "Line one\n.\nLine three"}

func TestSMTPSends(t *testing.T) {
	s := newMailServer(t)
	receipt, err := s.sender(t).Send(context.Background(), hello)
	if err != nil {
		t.Fatal(err)
	}
	if want := "<k1@riverside.example>"; receipt != want {
		t.Errorf("receipt %q, want %q", receipt, want)
	}
	mails := s.got()
	if len(mails) != 1 {
		t.Fatalf("%d mails", len(mails))
	}
	for _, want := range []string{"Message-ID: <k1@riverside.example>", "To: <pat@example.com>", "Auto-Submitted: auto-generated", "Line three"} {
		if !strings.Contains(mails[0], want) {
			t.Errorf("no %q in:\n%s", want, mails[0])
		}
	}
}

func TestSMTPRefusals(t *testing.T) {
	for _, c := range []struct {
		name, reply string
		message     Message
		want        fault.Kind
	}{
		{"mailbox gone", "550 no such person", hello, fault.Refused},
		{"busy", "451 later", hello, fault.Busy},
		{"header in address", "", Message{Key: "k", Medium: Email, To: "a@b.example\r\nBcc: c@d.example", Subject: "s", Text: "t"}, fault.Refused},
		{"header in subject", "", Message{Key: "k", Medium: Email, To: "a@b.example", Subject: "s\nBcc: x@y.example", Text: "t"}, fault.Refused},
		{"bad address", "", Message{Key: "k", Medium: Email, To: "nobody", Subject: "s", Text: "t"}, fault.Refused},
		{"empty", "", Message{Key: "k", Medium: Email, To: "a@b.example", Subject: "s", Text: " "}, fault.Refused},
		{"text message", "", Message{Key: "k", Medium: SMS, To: "07700 900123", Text: "t"}, fault.Refused},
		{"key with a path", "", Message{Key: "../k", Medium: Email, To: "a@b.example", Text: "t"}, fault.Internal},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newMailServer(t, c.reply)
			_, err := s.sender(t).Send(context.Background(), c.message)
			if !fault.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if err != nil && (strings.Contains(err.Error(), "example") || strings.Contains(err.Error(), "no such person")) {
				t.Errorf("the error says too much: %v", err)
			}
			if n := len(s.got()); n != 0 {
				t.Errorf("%d mails were sent", n)
			}
		})
	}
}

func TestSMTPUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	_ = l.Close()
	s := &mailServer{port: port}
	if _, err := s.sender(t).Send(context.Background(), hello); !fault.Is(err, fault.Busy) {
		t.Errorf("got %v on port %s", err, strconv.Itoa(port))
	}
}

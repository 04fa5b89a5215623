package main

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"os"
	"strings"

	"heartwood/internal/app"
	"heartwood/internal/channel/notify"
	"heartwood/internal/fault"
)

type serveCmd struct {
	place
	Listen  string   `default:"127.0.0.1:8080" placeholder:"ADDR" help:"Where to listen."`
	Origin  string   `placeholder:"URL" help:"What people type to come here, such as https://care.example."`
	Proxy   []string `placeholder:"NET" help:"Address or network of our own reverse proxy, such as 10.0.0.0/8: its X-Forwarded-For is believed. None when not given."`
	TLSCert string   `type:"existingfile" placeholder:"FILE" help:"Certificate chain, to serve https."`
	TLSKey  string   `type:"existingfile" placeholder:"FILE" help:"The certificate's key."`
	mailFlags
	Notify string `type:"path" placeholder:"DIR" help:"Folder of what practices send with: DIR/ODS/notify.toml and key files."`
	MailIn string `placeholder:"ADDR" help:"Take e-mail in by SMTP here, from the practices' own mail server, such as 127.0.0.1:2525."`
	Phone  string `type:"path" placeholder:"DIR" help:"Folder of the telephone: DIR/phone.toml and the secrets of its trunks."`
}

type mailFlags struct {
	MailHost         string `placeholder:"HOST" help:"Mail server to hand e-mails to; without one they are written to DIR/outbox."`
	MailPort         int    `default:"587" placeholder:"PORT" help:"The mail server's port."`
	MailFrom         string `placeholder:"ADDRESS" help:"Whom e-mails come from."`
	MailUser         string `placeholder:"NAME" help:"User name at the mail server."`
	MailPasswordFile string `type:"existingfile" placeholder:"FILE" help:"File with the password for the mail server."`
}

func (m mailFlags) config() (notify.SMTPConfig, error) {
	c := notify.SMTPConfig{Host: m.MailHost, Port: m.MailPort, From: m.MailFrom, Username: m.MailUser}
	if m.MailPasswordFile != "" {
		b, err := os.ReadFile(m.MailPasswordFile)
		if err != nil {
			return c, fault.Wrap(err, fault.Invalid, "The mail password file cannot be read.")
		}
		c.Password = strings.TrimSpace(string(b))
	}
	return c, nil
}

// Run serves until it is told to stop.
func (c serveCmd) Run(ctx context.Context, s streams) (err error) {
	l, err := listen(ctx, c.Listen, c.TLSCert, c.TLSKey)
	if err != nil {
		return err
	}
	defer func() { _ = l.Close() }()
	conf := c.place.config()
	conf.Notify, conf.MailIn, conf.PhoneDir = c.Notify, c.MailIn, c.Phone
	if conf.Mail, err = c.mailFlags.config(); err != nil {
		return err
	}
	if conf.Proxies, err = networks(c.Proxy); err != nil {
		return err
	}
	if conf.Origin = c.Origin; conf.Origin == "" {
		conf.Origin = originOf(l, c.Listen, c.TLSCert != "")
	}
	a, err := app.Open(ctx, conf)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	ready(s, conf.Origin)
	return a.Serve(ctx, l)
}

// networks reads addresses and networks.
func networks(list []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, s := range list {
		p, err := netip.ParsePrefix(s)
		if a, single := netip.ParseAddr(s); single == nil {
			p, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		if err != nil {
			return nil, fault.Wrap(err, fault.Invalid, "A proxy is an address or a network, such as 10.0.0.0/8.")
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

func listen(ctx context.Context, addr, cert, key string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "Cannot listen on %s: is something else listening there? Choose another with --listen.", addr)
	}
	if cert == "" && key == "" {
		return l, nil
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		_ = l.Close()
		return nil, fault.Wrap(err, fault.Invalid, "The certificate and key do not fit together.")
	}
	return tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}), nil
}

// originOf is what to type to reach a listener from this machine. A name that
// was asked for stays a name: passkeys belong to names, not to addresses.
func originOf(l net.Listener, asked string, https bool) string {
	scheme := "http://"
	if https {
		scheme = "https://"
	}
	host, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return scheme + l.Addr().String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	if name, _, err := net.SplitHostPort(asked); err == nil && name != "" && net.ParseIP(name) == nil {
		host = name
	}
	return scheme + net.JoinHostPort(host, port)
}

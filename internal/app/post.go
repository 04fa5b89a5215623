package app

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"heartwood/internal/care/delivery"
	"heartwood/internal/care/inbound"
	"heartwood/internal/channel/notify"
	"heartwood/internal/channel/notify/letter"
	"heartwood/internal/channel/notify/local"
	"heartwood/internal/door/post"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/view/outlook"
	"heartwood/internal/words"
)

// mailroom is everything that goes out to patients and comes back.
type mailroom struct {
	app      *App
	delivery *delivery.Service
	inbound  *inbound.Service
	door     *post.Door
	mux      *http.ServeMux // of the door

	mu  sync.Mutex // protects of and key
	of  map[ident.ODS]*practiceMail
	key *rsa.PrivateKey // of the demo
}

// practiceMail is what one practice sends with.
type practiceMail struct {
	senders  notify.Senders
	callback notify.Callback
	local    *local.Service // nil unless everything is made up
}

func (a *App) openPost() {
	m := &mailroom{app: a, of: map[ident.ODS]*practiceMail{}, mux: http.NewServeMux()}
	m.delivery = &delivery.Service{Can: m.can, Link: a.messageLink, Name: a.practiceName}
	m.inbound = inbound.New(a.Store, m.delivery).Foreseeing(outlook.Of(a.Outlook).Foresee)
	m.door = post.New(post.Config{Store: a.Store, Callback: m.callback, Delivery: m.delivery, Inbound: m.inbound, Slog: a.Slog})
	m.door.Routes(m.mux)
	a.post = m
}

// practice is what a practice sends with: its own settings, else what the
// installation has. Settings that are wrong are said once in the log, and the
// practice then sends nothing but waits.
func (m *mailroom) practice(ods ident.ODS) *practiceMail {
	m.mu.Lock()
	defer m.mu.Unlock()
	if one := m.of[ods]; one != nil {
		return one
	}
	one := &practiceMail{senders: m.app.sender}
	switch {
	case m.app.Demo:
		one = m.demo(ods)
	case m.app.Notify != "":
		s, c, ok, err := notify.LoadSettings(m.app.Notify, ods, nil)
		if err != nil {
			m.app.Slog.Error("app: the settings for messages cannot be used", "practice", ods, "error", err)
		}
		if ok {
			for medium, sender := range m.app.sender {
				if s[medium] == nil && medium != notify.SMS {
					s[medium] = sender
				}
			}
			one = &practiceMail{senders: s, callback: c}
		}
	}
	m.of[ods] = one
	return one
}

// demo is a practice whose messages go nowhere: to a service of our own that
// speaks the same. m.mu is held.
func (m *mailroom) demo(ods ident.ODS) *practiceMail {
	const service, secret, token, app, shared = "26785a09-ab16-4eb0-8407-a37497a57506", "3d844edf-8d35-48ac-975b-e847b4f122b0", "demo-callback-token", "demo-app", "demo-callback-secret" //nolint:gosec // for the demonstration on this machine alone
	fallback := &practiceMail{senders: m.app.sender}
	if m.key == nil {
		var err error
		if m.key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
			return fallback
		}
	}
	l := local.New(local.Config{
		Service: service, Secret: secret, Token: token, App: app, Public: &m.key.PublicKey, CallbackSecret: shared,
		Tell: func(ctx context.Context, path string, h http.Header, body []byte) error {
			r, err := http.NewRequestWithContext(ctx, http.MethodPost, "/post/"+string(ods)+"/"+path, bytes.NewReader(body))
			if err != nil {
				return err
			}
			r.Header = h
			w := httptest.NewRecorder()
			m.mux.ServeHTTP(w, r)
			if w.Code != http.StatusAccepted {
				return fmt.Errorf("app: a callback was answered %d", w.Code)
			}
			return nil
		},
	})
	gov, err := notify.NewGovUK(notify.GovUKConfig{Base: "http://govuk.local", Key: "demo-" + service + "-" + secret, SMSTemplate: "sms", EmailTemplate: "email", Transport: l})
	nhs, err2 := notify.NewNHS(notify.NHSConfig{Base: "http://nhs.local", App: app, KeyID: "demo", Key: m.key, ODS: string(ods), Plans: map[notify.Medium]string{notify.App: "demo"}, Transport: l})
	if errors.Join(err, err2) != nil {
		return fallback
	}
	m.app.run("local messages "+string(ods), l.Run)
	return &practiceMail{
		senders:  notify.Senders{notify.SMS: gov, notify.Email: gov, notify.Letter: gov, notify.App: nhs},
		callback: notify.Callback{Token: token, APIKey: app, Secret: []byte(shared)}, local: l,
	}
}

func (m *mailroom) can(ods ident.ODS, medium delivery.Medium) bool {
	return m.practice(ods).senders[notify.Medium(medium)] != nil
}

// callback is what a practice's services show us, of a practice that is here.
func (m *mailroom) callback(ctx context.Context, ods ident.ODS) (notify.Callback, bool) {
	all, err := m.app.Store.Practices(ctx)
	if err != nil || !slices.Contains(all, ods) {
		return notify.Callback{}, false
	}
	return m.practice(ods).callback, true
}

// outbox makes a practice's outbox.
func (m *mailroom) outbox(p *record.Practice) *notify.Outbox {
	return &notify.Outbox{
		Practice: p, Sender: m.practice(p.ODS()).senders, Slog: m.app.Slog, Route: m.route,
		Settle: func(ctx context.Context, p *record.Practice, ref ident.Ref, r notify.Report) error {
			return m.delivery.Settle(ctx, p, ref, post.ReportOf(r))
		},
	}
}

// route is the message of a Communication as it goes now.
func (m *mailroom) route(ctx context.Context, p *record.Practice, ref ident.Ref, c *fhir.Resource) (notify.Message, error) {
	out, err := m.delivery.Route(ctx, p, ref, c)
	if err != nil {
		return notify.Message{}, err
	}
	msg := notify.Message{
		Medium: notify.Medium(out.Medium), To: out.Address, Subject: out.Subject, Text: out.Text, NHS: out.Person.NHS, Lease: out.Lease,
	}
	if msg.Medium != notify.Letter {
		return msg, nil
	}
	msg.PDF, err = letter.PDF(letter.Letter{
		To: strings.Split(out.Address, "\n"), From: m.app.letterhead(ctx, p), Date: words.Date(p.Now()), Title: out.Subject,
		Text: out.Text, Large: out.Large, EasyRead: out.EasyRead, Language: language(out.Language), Made: p.Now(),
	})
	return msg, err
}

func language(l words.Lang) string {
	if l == words.Welsh {
		return "cy"
	}
	return "en-GB"
}

// letterhead is the practice's name, address and telephone, a line each.
func (a *App) letterhead(ctx context.Context, p *record.Practice) []string {
	out := []string{a.practiceName(p.ODS())}
	page, err := p.Find(ctx, "Organization?identifier="+string(p.ODS())+"&_count=1")
	if err != nil || len(page.Matches) == 0 {
		return out
	}
	r, err := page.Matches[0].Resource()
	if err != nil {
		return out
	}
	ad := r.Get("address").At(0)
	for l := range ad.Get("line").Items() {
		out = append(out, l.Str())
	}
	for _, s := range []string{ad.Get("city").Str(), ad.Get("postalCode").Str(), r.Get("telecom").At(0).Get("value").Str()} {
		if s != "" {
			out = append(out, s)
		}
	}
	return out[:min(len(out), 6)]
}

// mailIn takes e-mail in, where the installation is told to.
func (a *App) mailIn(ctx context.Context) error {
	if a.MailIn == "" {
		return nil
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", a.MailIn)
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "Cannot take e-mail on %s.", a.MailIn)
	}
	mail := &post.Mail{Door: a.post.door, Domain: "heartwood", Practices: a.Store.Practices, Slog: a.Slog}
	a.run("e-mail", func(ctx context.Context) error { return mail.Serve(ctx, l) })
	return nil
}

// folderOf is where messages go that nobody sends.
func folderOf(data string) notify.Folder { return notify.Folder{Dir: filepath.Join(data, "outbox")} }

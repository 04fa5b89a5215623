package app

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"heartwood/internal/care/booking"
	"heartwood/internal/care/request"
	"heartwood/internal/door/rest"
	"heartwood/internal/door/web"
	"heartwood/internal/door/web/phone"
	"heartwood/internal/door/web/signin"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Handler is everything that the installation answers by HTTP: FHIR under
// /fhir/, pages everywhere else.
func (a *App) Handler() http.Handler {
	sign := signin.New(signin.Config{
		Accounts: a.Accounts, Sessions: a.Sessions, Keys: a.Keys, Send: a.sendLetter,
		Practices: a.Store.Practices, PracticeName: a.practiceName, Demo: a.Demo, Slog: a.Slog,
	})
	a.run("sign-in letters", sign.Run)
	a.run("expired sessions", a.Sessions.Run)
	mux := http.NewServeMux()
	mux.Handle("/fhir/", rest.New(rest.Config{
		Store: a.Store, Authenticate: rest.Remember(a.caller, time.Now, time.Second), Guard: guarded,
		Base: a.Origin, Version: a.Version, Slog: a.Slog,
	}))
	mux.HandleFunc("GET /healthz", a.health)
	mux.Handle("/post/", a.post.mux)
	mux.Handle("/", web.New(web.Config{
		More:  []web.Area{phone.New(phone.Config{Store: a.Store, Exchange: a.Phone, Stop: a.ctx.Done(), Slog: a.Slog})},
		Store: a.Store, Sessions: a.Sessions, SignIn: sign.Register, Queue: a.Queue, Outlook: a.Outlook, Measures: a.Measures,
		Accounts: a.Accounts, Send: a.sendLetter, MessageLink: a.openMessageLink, BookingLink: a.openBookingLink, Screen: a.screenLink, OpenScreen: a.openScreen, Can: a.post.can, Sent: a.sentItems,
		Dir:     a.Data,
		Starts:  a.starts,
		Proxies: a.Proxies,
		Secure:  strings.HasPrefix(a.Origin, "https:"),
		Demo:    a.Demo, Stop: a.ctx.Done(), Slog: a.Slog,
	}))
	return unhurried(mux)
}

// answerTime is how long somebody may take over reading an answer; event
// streams give themselves more with each event.
const answerTime = 10 * time.Minute

// unhurried waits for slow readers, but not for ever.
func unhurried(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(answerTime))
		next.ServeHTTP(w, r)
	})
}

// health answers whether this process can serve: it says nothing else.
func (a *App) health(w http.ResponseWriter, r *http.Request) {
	if _, err := a.Store.Practices(r.Context()); err != nil {
		http.Error(w, "the record cannot be reached", http.StatusServiceUnavailable)
		return
	}
	_, _ = w.Write([]byte("ok\n"))
}

// caller tells the FHIR door which program is asking, by its bearer token.
func (a *App) caller(r *http.Request, ods ident.ODS) (rest.Caller, error) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return rest.Caller{}, fault.New(fault.Unauthenticated, "Send a bearer token in the Authorization header.")
	}
	c, err := a.Keys.Verify(strings.TrimSpace(token))
	if err == nil {
		err = c.At(ods)
	}
	if err != nil {
		return rest.Caller{}, err
	}
	return rest.Caller{Author: c.Author(), Scopes: c.Scopes, Patient: c.Patient}, nil
}

// practiceName is what the practice's own Organization says it is called.
func (a *App) practiceName(ods ident.ODS) string {
	p, err := a.Store.Practice(ods)
	if err != nil {
		return string(ods)
	}
	page, err := p.Find(a.ctx, "Organization?identifier="+string(ods)+"&_count=1")
	if err != nil || len(page.Matches) == 0 {
		return string(ods)
	}
	r, err := page.Matches[0].Resource()
	if err != nil || r.Get("name").Str() == "" {
		return string(ods)
	}
	return r.Get("name").Str()
}

// Serve answers on a listener until the context ends, then lets what is under
// way finish.
func (a *App) Serve(ctx context.Context, l net.Listener) error {
	a.run("outboxes", a.outboxes)
	if err := a.mailIn(ctx); err != nil {
		return err
	}
	a.startMinder()
	if err := a.control(); err != nil {
		return err
	}
	srv := &http.Server{
		Handler: a.Handler(), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10,
		BaseContext:    func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	a.stop() // event streams end, so that Shutdown need not wait for them
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := srv.Shutdown(grace); err != nil {
		_ = srv.Close()
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// guarded is what every change from outside passes: the ledger's rules, and
// those of the diary.
func guarded(ctx context.Context, p *record.Practice, c *record.Change) error {
	if err := request.Guarded(ctx, p, c); err != nil {
		return err
	}
	return booking.New().Guarded(ctx, p, c)
}

package app

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"heartwood/internal/care/reconcile"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// A running server holds its record, so commands that need it ask the server,
// through a socket in the data folder that only the folder's owner can use.
const socketName = "control.sock"

// control answers commands on the socket until the app closes.
func (a *App) control() error {
	path := filepath.Join(a.Data, socketName)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fault.Wrap(err, fault.Internal, "The control socket in the data folder cannot be replaced.")
	}
	var lc net.ListenConfig
	l, err := lc.Listen(a.ctx, "unix", path)
	if err != nil {
		// A socket's path may be at most some 100 bytes long; the server does
		// its work without one, and commands then ask for it to be stopped.
		a.Slog.Warn("app: no control socket: stop the server before backup, verify and reconcile", "error", err)
		return nil
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return errors.Join(err, l.Close())
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /backup", a.controlBackup)
	mux.HandleFunc("GET /verify", a.controlVerify)
	mux.HandleFunc("GET /reconcile", a.controlReconcile)
	mux.HandleFunc("GET /return", a.controlReturn)
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	a.run("control", func(ctx context.Context) error {
		go func() {
			<-ctx.Done()
			_ = srv.Close()
		}()
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	return nil
}

func (a *App) controlBackup(w http.ResponseWriter, r *http.Request) {
	if _, err := record.Backup(r.Context(), a.Log, w); err != nil {
		a.Slog.Error("app: backup", "error", err)
		panic(http.ErrAbortHandler) // the reader sees that it is cut short
	}
}

// verdict is what verify and reconcile answer on the socket.
type verdict[T any] struct {
	Result T      `json:"result"`
	Wrong  string `json:"wrong,omitempty"`
}

func reply[T any](w http.ResponseWriter, result T, err error) {
	v := verdict[T]{Result: result}
	if err != nil {
		v.Wrong = err.Error()
	}
	_ = json.NewEncoder(w).Encode(v)
}

func (a *App) controlVerify(w http.ResponseWriter, r *http.Request) {
	p, err := record.Verify(r.Context(), a.Log, nil)
	reply(w, p, err)
}

func (a *App) controlReconcile(w http.ResponseWriter, r *http.Request) {
	ods, err := ident.ParseODS(r.FormValue("practice"))
	from, err2 := time.Parse(time.RFC3339, r.FormValue("from"))
	to, err3 := time.Parse(time.RFC3339, r.FormValue("to"))
	if err := errors.Join(err, err2, err3); err != nil {
		reply(w, reconcile.Report{}, err)
		return
	}
	rep, err := reconcile.New(a.Store).Run(r.Context(), ods, from, to)
	reply(w, rep, err)
}

// Control speaks to the server that holds a data folder.
type Control struct{ client *http.Client }

// Running gives the control of the server that holds a data folder; ok is
// false when none answers.
func Running(ctx context.Context, data string) (c Control, ok bool) {
	path := filepath.Join(data, socketName)
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", path)
	}
	conn, err := dial(ctx, "", "")
	if err != nil {
		return Control{}, false
	}
	_ = conn.Close()
	return Control{&http.Client{Transport: &http.Transport{DialContext: dial}}}, true
}

func (c Control) get(ctx context.Context, path string) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://control"+path, nil)
	if err != nil {
		return nil, err
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return nil, fault.Wrap(err, fault.Busy, "The running server does not answer.")
	}
	return resp.Body, nil
}

// Backup copies a backup of the running server's record to w.
func (c Control) Backup(ctx context.Context, w io.Writer) (err error) {
	b, err := c.get(ctx, "/backup")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	_, err = io.Copy(w, b)
	return err
}

// Verify proves the running server's chains and bodies.
func (c Control) Verify(ctx context.Context) (record.Proof, error) {
	return ask[record.Proof](ctx, c, "/verify")
}

// Reconcile reconciles a practice of the running server.
func (c Control) Reconcile(ctx context.Context, ods ident.ODS, from, to time.Time) (reconcile.Report, error) {
	return ask[reconcile.Report](ctx, c, "/reconcile?practice="+string(ods)+
		"&from="+from.UTC().Format(time.RFC3339)+"&to="+to.UTC().Format(time.RFC3339))
}

func ask[T any](ctx context.Context, c Control, path string) (T, error) {
	var v verdict[T]
	b, err := c.get(ctx, path)
	if err != nil {
		return v.Result, err
	}
	defer func() { _ = b.Close() }()
	if err := json.NewDecoder(b).Decode(&v); err != nil {
		return v.Result, fault.Wrap(err, fault.Busy, "The running server gave half an answer.")
	}
	if v.Wrong != "" {
		return v.Result, fault.New(fault.Refused, "%s", v.Wrong)
	}
	return v.Result, nil
}

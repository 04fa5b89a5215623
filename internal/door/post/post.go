// Package post is where letters come in: delivery receipts and text messages
// from the services that send for a practice, and e-mail.
//
// What comes in: callbacks that show their key, and mail that a practice's own
// mail server hands over. What goes out: letters for care/inbound, and reports
// for care/delivery; "taken" is said only when they are durable. It must never
// believe a callback without its key, never let a hostile message use more
// than its bounds, and never lose one that was taken.
package post

import (
	"context"
	"crypto/subtle"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"heartwood/internal/care/delivery"
	"heartwood/internal/care/inbound"
	"heartwood/internal/care/request"
	"heartwood/internal/channel/notify"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Config is what the door works with.
type Config struct {
	Store *record.Store
	// Callback gives what a practice's services show us; ok is false when the
	// practice has none.
	Callback func(ctx context.Context, practice ident.ODS) (c notify.Callback, ok bool)
	Delivery *delivery.Service
	Inbound  *inbound.Service
	Slog     *slog.Logger
}

// Door answers callbacks.
type Door struct{ Config }

// New makes the door.
func New(c Config) *Door {
	if c.Slog == nil {
		c.Slog = slog.Default()
	}
	return &Door{c}
}

const callbackBytes = 1 << 20

// Routes puts the callbacks on a mux.
func (d *Door) Routes(mux *http.ServeMux) {
	mux.HandleFunc("POST /post/{ods}/govuk/receipt", d.taken(bearer, d.govukReceipt))
	mux.HandleFunc("POST /post/{ods}/govuk/text", d.taken(bearer, d.govukText))
	mux.HandleFunc("POST /post/{ods}/nhs/status", d.taken(signed, d.nhsStatus))
}

// bearer tells whether a callback shows the token that we gave.
func bearer(r *http.Request, _ []byte, c notify.Callback) bool {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return ok && c.Token != "" && same(token, c.Token)
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// signed tells whether a callback is signed with the secret that we gave, and
// shows our key.
func signed(r *http.Request, body []byte, c notify.Callback) bool {
	return c.APIKey != "" && same(r.Header.Get("X-Api-Key"), c.APIKey) &&
		notify.SignedByNHS(body, r.Header.Get("X-Hmac-Sha256-Signature"), c.Secret)
}

// taken answers a callback: 202 when it is durable, 401 when it does not show
// its key, 400 when it is none, 503 when it should be told again.
func (d *Door) taken(known func(*http.Request, []byte, notify.Callback) bool, do func(context.Context, ident.ODS, []byte) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, callbackBytes))
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			http.Error(w, "too large", http.StatusRequestEntityTooLarge)
			return
		}
		ods, bad := ident.ParseODS(r.PathValue("ods"))
		if err != nil || bad != nil {
			http.Error(w, "not readable", http.StatusBadRequest)
			return
		}
		c, ok := d.Callback(r.Context(), ods)
		if !ok || !known(r, body, c) {
			http.Error(w, "not known", http.StatusUnauthorized)
			return
		}
		err = do(r.Context(), ods, body)
		switch {
		case err == nil:
			w.WriteHeader(http.StatusAccepted)
		case fault.Is(err, fault.Invalid), fault.Is(err, fault.NotFound):
			http.Error(w, "not understood", http.StatusBadRequest)
		default:
			d.Slog.Error("post: a callback was not taken", "practice", ods, "cause", err)
			http.Error(w, "tell us again", http.StatusServiceUnavailable)
		}
	}
}

func (d *Door) govukReceipt(ctx context.Context, ods ident.ODS, body []byte) error {
	r, err := notify.ParseGovUKReport(body)
	if err != nil {
		return err
	}
	return d.settle(ctx, ods, r)
}

func (d *Door) nhsStatus(ctx context.Context, ods ident.ODS, body []byte) error {
	all, err := notify.ParseNHSReports(body)
	for _, r := range all {
		if err == nil {
			err = d.settle(ctx, ods, r)
		}
	}
	return err
}

// settle records a report. One about a message that is not in the record is
// taken and forgotten: sign-in links are sent through the same services.
func (d *Door) settle(ctx context.Context, ods ident.ODS, r notify.Report) error {
	if !ident.IsID(r.Key) {
		return nil
	}
	p, err := d.Store.Practice(ods)
	if err != nil {
		return err
	}
	err = d.Delivery.Settle(ctx, p, ident.Ref{Type: "Communication", ID: r.Key}, ReportOf(r))
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
		return nil
	}
	return err
}

// ReportOf is a transport's report in the words of care.
func ReportOf(r notify.Report) delivery.Report {
	return delivery.Report{
		Delivered: r.State == notify.Delivered, Failed: r.State == notify.Failed, Bad: r.Bad, Detail: r.Detail, At: r.At,
	}
}

func (d *Door) govukText(ctx context.Context, ods ident.ODS, body []byte) error {
	t, err := notify.ParseGovUKText(body)
	if err != nil {
		return err
	}
	_, err = d.Inbound.Take(ctx, ods, inbound.Letter{Channel: request.SMS, ID: t.ID, From: delivery.Plain(t.From), Text: t.Text, At: t.At})
	return err
}

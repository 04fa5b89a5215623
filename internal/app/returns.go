package app

import (
	"context"
	"net/http"
	"net/url"

	"heartwood/internal/assure/returns"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/view/measure"
)

// Return makes a return of a practice and records that it was produced.
func (a *App) Return(ctx context.Context, by record.Author, ods ident.ODS, k returns.Kind, period string) (returns.Return, error) {
	p, err := a.Store.Practice(ods)
	if err != nil {
		return returns.Return{}, err
	}
	b, err := measure.Read(ctx, p)
	if err != nil {
		return returns.Return{}, err
	}
	r, err := returns.Make(ctx, a.Store, p, b, k, period)
	if err != nil {
		return returns.Return{}, err
	}
	return r, returns.Keep(ctx, p, by, r)
}

func (a *App) controlReturn(w http.ResponseWriter, r *http.Request) {
	ods, err := ident.ParseODS(r.FormValue("practice"))
	if err != nil {
		reply(w, returns.Return{}, err)
		return
	}
	out, err := a.Return(r.Context(), record.System, ods, returns.Kind(r.FormValue("kind")), r.FormValue("period"))
	reply(w, out, err)
}

// Return makes a return at the running server.
func (c Control) Return(ctx context.Context, ods ident.ODS, k returns.Kind, period string) (returns.Return, error) {
	q := url.Values{"practice": {string(ods)}, "kind": {string(k)}, "period": {period}}
	return ask[returns.Return](ctx, c, "/return?"+q.Encode())
}

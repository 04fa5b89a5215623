package rest

import (
	"net/http"
	"testing"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

func TestRemember(t *testing.T) {
	now, asked, expired := time.Unix(0, 0), 0, false
	auth := Remember(func(_ *http.Request, ods ident.ODS) (Caller, error) {
		asked++
		if expired {
			return Caller{}, fault.New(fault.Unauthenticated, "The token has expired.")
		}
		scopes, err := access.ParseScopes("system/*.rs")
		return Caller{Scopes: scopes}, err
	}, func() time.Time { return now }, time.Second)
	try := func(token string, ods ident.ODS) error {
		_, err := auth(&http.Request{Header: http.Header{"Authorization": {token}}}, ods)
		return err
	}
	for _, step := range []struct {
		token  string
		ods    ident.ODS
		wait   time.Duration
		expire bool
		asked  int
		ok     bool
	}{
		{"a", "Z99901", 0, false, 1, true},
		{"a", "Z99901", 0, false, 1, true},
		{"b", "Z99901", 0, false, 2, true},
		{"a", "Z99902", 0, false, 3, true},
		{"a", "Z99901", 999 * time.Millisecond, true, 3, true},
		{"a", "Z99901", time.Millisecond, true, 4, false},
		{"a", "Z99901", 0, true, 5, false},
	} {
		now, expired = now.Add(step.wait), step.expire
		if err := try(step.token, step.ods); (err == nil) != step.ok || asked != step.asked {
			t.Errorf("%+v: %v after %d", step, err, asked)
		}
	}
}

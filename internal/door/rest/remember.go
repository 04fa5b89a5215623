package rest

import (
	"net/http"
	"sync"
	"time"

	"heartwood/internal/ident"
)

// rememberMost bounds how many tokens are remembered at once.
const rememberMost = 4096

// Remember makes an Authenticate that checks each token at most once in a
// while: checking a signature costs more than reading a resource. A token that
// expires or is withdrawn is refused that much later at most. Refusals are
// never remembered.
func Remember(ask func(*http.Request, ident.ODS) (Caller, error), now func() time.Time, while time.Duration) func(*http.Request, ident.ODS) (Caller, error) {
	type known struct {
		caller Caller
		until  time.Time
	}
	type key struct {
		ods   ident.ODS
		token string
	}
	var mu sync.Mutex
	seen := map[key]known{} // protected by mu
	return func(r *http.Request, ods ident.ODS) (Caller, error) {
		token := r.Header["Authorization"]
		if len(token) != 1 {
			return ask(r, ods)
		}
		k, at := key{ods, token[0]}, now()
		mu.Lock()
		was, ok := seen[k]
		mu.Unlock()
		if ok && at.Before(was.until) {
			return was.caller, nil
		}
		c, err := ask(r, ods)
		if err != nil {
			return c, err
		}
		mu.Lock()
		defer mu.Unlock()
		if len(seen) >= rememberMost {
			clear(seen)
		}
		seen[k] = known{c, at.Add(while)}
		return c, nil
	}
}

package web

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// behind gives a request that comes by way of one of our own proxies the
// network address of who sent it there, for what is bounded by address. What
// anybody else says in X-Forwarded-For is not believed; with no proxies
// nothing is.
func behind(proxies []netip.Prefix, next http.Handler) http.Handler {
	if len(proxies) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if from, ok := forwarded(r, proxies); ok {
			r = r.WithContext(r.Context()) // a copy
			r.RemoteAddr = netip.AddrPortFrom(from, 0).String()
		}
		next.ServeHTTP(w, r)
	})
}

// forwarded is the last address before our own proxies. Each proxy adds the
// one that it sees at the end; what stands before that is hearsay.
func forwarded(r *http.Request, proxies []netip.Prefix) (netip.Addr, bool) {
	ours := func(a netip.Addr) bool {
		return slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(a) })
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !ours(peer.Addr().Unmap()) {
		return netip.Addr{}, false
	}
	said := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, s := range slices.Backward(said) {
		a, err := netip.ParseAddr(strings.TrimSpace(s))
		if err != nil {
			return netip.Addr{}, false
		}
		if a = a.Unmap(); !ours(a) {
			return a, true
		}
	}
	return netip.Addr{}, false
}

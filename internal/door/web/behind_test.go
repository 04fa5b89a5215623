package web

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
)

func TestBehind(t *testing.T) {
	ours := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct {
		proxies []netip.Prefix
		peer    string
		said    []string
		want    string
	}{
		{nil, "10.0.0.1:5", []string{"192.0.2.7"}, "10.0.0.1:5"}, // nobody is trusted
		{ours, "198.51.100.1:5", []string{"192.0.2.7"}, "198.51.100.1:5"},
		{ours, "10.0.0.1:5", nil, "10.0.0.1:5"},
		{ours, "10.0.0.1:5", []string{"192.0.2.7"}, "192.0.2.7:0"},
		{ours, "[fd00::1]:5", []string{"2001:db8::7"}, "[2001:db8::7]:0"},
		{ours, "[::ffff:10.0.0.1]:5", []string{"192.0.2.7"}, "192.0.2.7:0"},
		{ours, "10.0.0.1:5", []string{"203.0.113.9, 192.0.2.7"}, "192.0.2.7:0"}, // the first is hearsay
		{ours, "10.0.0.1:5", []string{"203.0.113.9", "192.0.2.7, 10.2.3.4"}, "192.0.2.7:0"},
		{ours, "10.0.0.1:5", []string{"192.0.2.7, nonsense"}, "10.0.0.1:5"},
		{ours, "10.0.0.1:5", []string{"10.1.1.1"}, "10.0.0.1:5"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.peer
		for _, s := range c.said {
			r.Header.Add("X-Forwarded-For", s)
		}
		got := ""
		behind(c.proxies, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.RemoteAddr })).
			ServeHTTP(httptest.NewRecorder(), r)
		if got != c.want {
			t.Errorf("%s said %q: %s, want %s", c.peer, c.said, got, c.want)
		}
	}
}

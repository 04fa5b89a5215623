package main

import (
	"net"
	"testing"
)

type listener struct {
	net.Listener
	at net.TCPAddr
}

func (l listener) Addr() net.Addr { return &l.at }

func TestOrigin(t *testing.T) {
	for _, c := range []struct {
		asked, got string
		https      bool
		want       string
	}{
		{"127.0.0.1:0", "127.0.0.1", false, "http://127.0.0.1:4321"},
		{"localhost:0", "127.0.0.1", false, "http://localhost:4321"},
		{"localhost:0", "::1", true, "https://localhost:4321"},
		{"care.example:4321", "192.0.2.7", true, "https://care.example:4321"},
		{":0", "::", false, "http://localhost:4321"},
		{"[::1]:0", "::1", false, "http://[::1]:4321"},
	} {
		l := listener{at: net.TCPAddr{IP: net.ParseIP(c.got), Port: 4321}}
		if got := originOf(l, c.asked, c.https); got != c.want {
			t.Errorf("%s: %s, want %s", c.asked, got, c.want)
		}
	}
}

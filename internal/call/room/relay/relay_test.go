package relay_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"heartwood/internal/call/room/relay"
	"heartwood/internal/fault"
)

const secret = "sixteen bytes or more"

// echo stands for our media port: it sends back what comes, and counts it.
func echo(t *testing.T, at string) (netip.AddrPort, *atomic.Int64) {
	t.Helper()
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.MustParseAddrPort(at)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	var n atomic.Int64
	go func() {
		buf := make([]byte, 2048)
		for {
			k, from, err := conn.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			n.Add(1)
			conn.WriteToUDPAddrPort(buf[:k], from)
		}
	}()
	return conn.LocalAddr().(*net.UDPAddr).AddrPort(), &n
}

func certificate(t *testing.T) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"}}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
}

func open(t *testing.T, cfg relay.Config) *relay.Relay {
	t.Helper()
	cfg.Listen = netip.MustParseAddrPort("127.0.0.1:0")
	cfg.TLS, cfg.Secure = cfg.Listen, certificate(t)
	cfg.Realm, cfg.Secret = "surgery.example", []byte(secret)
	r, err := relay.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// uclient is coturn's own client. It gives what it prints.
func uclient(t *testing.T, to, peer netip.AddrPort, args ...string) string {
	t.Helper()
	bin, err := exec.LookPath("turnutils_uclient")
	if err != nil {
		t.Skip("there is no turnutils_uclient: Debian's package coturn has it")
	}
	args = append([]string{"-c", "-n", "20", "-l", "160", "-p", fmt.Sprint(to.Port()), "-e", peer.Addr().String(), "-r", fmt.Sprint(peer.Port())}, args...)
	cmd := exec.Command("timeout", append([]string{"20", bin}, append(args, to.Addr().String())...)...)
	out, _ := cmd.CombinedOutput() // what it says is looked at, however it ends
	return string(out)
}

func TestCoturnsClientIsRelayedToOurMedia(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		tls  bool
	}{"UDP": {}, "TCP": {args: []string{"-t"}}, "TLS": {args: []string{"-t", "-S"}, tls: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			media, n := echo(t, "127.0.0.1:0")
			r := open(t, relay.Config{Media: media})
			to := r.Addr()
			if c.tls {
				to = r.Secured()
			}
			user, password := r.Pass("u1", time.Now())
			out := uclient(t, to, media, append(c.args, "-u", user, "-w", password)...)
			if n.Load() < 20 || !strings.Contains(out, "Total lost packets 0") {
				t.Errorf("%d came; it says:\n%s", n.Load(), out)
			}
		})
	}
}

// By the address that browsers know, they reach the one that we have.
func TestTheKnownAddressStandsForOurs(t *testing.T) {
	t.Parallel()
	media, n := echo(t, "127.0.0.1:0")
	known := netip.MustParseAddrPort("203.0.113.7:41000")
	r := open(t, relay.Config{Media: media, Known: []netip.AddrPort{known}})
	user, password := r.Pass("u1", time.Now())
	out := uclient(t, r.Addr(), known, "-u", user, "-w", password)
	if n.Load() < 20 || !strings.Contains(out, "Total lost packets 0") {
		t.Errorf("%d came; it says:\n%s", n.Load(), out)
	}
}

func TestNothingIsRelayedElsewhere(t *testing.T) {
	t.Parallel()
	media, _ := echo(t, "127.0.0.1:0")
	r := open(t, relay.Config{Media: media})
	user, password := r.Pass("u1", time.Now())
	for name, at := range map[string]string{"another machine": "127.0.0.9:0", "another port": "127.0.0.1:0"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			other, n := echo(t, at)
			out := uclient(t, r.Addr(), other, "-u", user, "-w", password)
			if n.Load() != 0 || strings.Contains(out, "Total lost packets 0 ") {
				t.Errorf("%d came through:\n%s", n.Load(), out)
			}
		})
	}
}

func TestPasswordsRunOut(t *testing.T) {
	t.Parallel()
	media, n := echo(t, "127.0.0.1:0")
	r := open(t, relay.Config{Media: media, Life: time.Hour})
	late, lateWord := r.Pass("u1", time.Now().Add(-2*time.Hour))
	good, goodWord := r.Pass("u1", time.Now())
	for name, c := range map[string][2]string{"too late": {late, lateWord}, "of another": {good + "x", goodWord}, "guessed": {good, "guess"}} {
		out := uclient(t, r.Addr(), media, "-u", c[0], "-w", c[1])
		if n.Load() != 0 {
			t.Errorf("%s: %d came through:\n%s", name, n.Load(), out)
		}
	}
}

func TestOneUserHasSoManyRelays(t *testing.T) {
	t.Parallel()
	media, n := echo(t, "127.0.0.1:0")
	r := open(t, relay.Config{Media: media, Each: 2})
	user, password := r.Pass("u1", time.Now())
	out := uclient(t, r.Addr(), media, "-u", user, "-w", password, "-m", "6")
	if !strings.Contains(out, "486") && !strings.Contains(strings.ToLower(out), "quota") {
		t.Errorf("six were not refused:\n%s", out)
	}
	if n.Load() > 2*20 {
		t.Errorf("%d came of two relays' forty", n.Load())
	}
}

func TestARelayNeedsASecret(t *testing.T) {
	t.Parallel()
	_, err := relay.New(relay.Config{Listen: netip.MustParseAddrPort("127.0.0.1:0"), Secret: []byte("short")})
	if !fault.Is(err, fault.Invalid) {
		t.Errorf("%v", err)
	}
}

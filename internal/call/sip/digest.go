package sip

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
)

// Digest authentication, RFC 3261 §22 with the algorithms of RFC 8760, both
// ways: we prove who we are to a trunk, and a trunk proves who it is to us.

const realm = "heartwood"

// algorithms are what we ask with, the better first.
var algorithms = []string{"SHA-256", "MD5"}

// authenticate asks a stranger to prove to be a trunk, and admits whoever
// does. A wrong proof is refused in the same words as an unknown name.
func (g *gate) authenticate(req *sip.Request, from netip.AddrPort) (*trunk, *sip.Response) {
	h := req.GetHeader("Authorization")
	if h == nil {
		return nil, g.challenge(req, from)
	}
	given, err := digest.ParseCredentials(h.Value())
	if err != nil {
		return nil, sip.NewResponseFromRequest(req, sip.StatusForbidden, "Forbidden", nil)
	}
	if !g.nonces.take(given.Nonce, given.Nc, from.Addr(), time.Now()) {
		return nil, g.challenge(req, from)
	}
	for _, t := range g.trunks {
		if t.Challenge && t.User == given.Username && proves(req, given, t) {
			g.admit(from, t)
			return t, nil
		}
	}
	return nil, sip.NewResponseFromRequest(req, sip.StatusForbidden, "Forbidden", nil)
}

func (g *gate) challenge(req *sip.Request, from netip.AddrPort) *sip.Response {
	res := sip.NewResponseFromRequest(req, sip.StatusUnauthorized, "Proof Required", nil)
	nonce := g.nonces.make(from.Addr(), time.Now())
	for _, a := range algorithms {
		c := digest.Challenge{Realm: realm, Nonce: nonce, Algorithm: a, QOP: []string{"auth"}}
		res.AppendHeader(sip.NewHeader("WWW-Authenticate", c.String()))
	}
	return res
}

func proves(req *sip.Request, given *digest.Credentials, t *trunk) bool {
	if given.QOP != "auth" || given.Realm != realm || given.Cnonce == "" {
		return false
	}
	want, err := digest.Digest(
		&digest.Challenge{Realm: realm, Nonce: given.Nonce, Algorithm: given.Algorithm, QOP: []string{"auth"}},
		digest.Options{Method: string(req.Method), URI: given.URI, Count: given.Nc, Cnonce: given.Cnonce, Username: t.User, Password: t.Secret.word()})
	return err == nil && subtle.ConstantTimeCompare([]byte(want.Response), []byte(strings.ToLower(given.Response))) == 1
}

// nonces are made without being kept: a time, signed together with the address
// it was given to. Each count of each is good once.
type nonces struct {
	key  []byte
	mu   sync.Mutex
	used map[string]use
}

type use struct {
	count int
	until time.Time
}

const (
	nonceFor   = time.Minute
	mostNonces = 10_000
)

func newNonces() *nonces {
	n := &nonces{key: make([]byte, 32), used: map[string]use{}}
	_, _ = rand.Read(n.key)
	return n
}

func (n *nonces) make(to netip.Addr, now time.Time) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(now.UnixNano()))
	return base64.RawURLEncoding.EncodeToString(append(b, n.sign(b, to)...))
}

func (n *nonces) sign(b []byte, to netip.Addr) []byte {
	h := hmac.New(sha256.New, n.key)
	h.Write(b)
	h.Write(to.AsSlice())
	return h.Sum(nil)[:16]
}

func (n *nonces) take(nonce string, count int, from netip.Addr, now time.Time) bool {
	b, err := base64.RawURLEncoding.DecodeString(nonce)
	if err != nil || len(b) != 24 || !hmac.Equal(b[8:], n.sign(b[:8], from)) {
		return false
	}
	until := time.Unix(0, int64(binary.BigEndian.Uint64(b))).Add(nonceFor)
	if now.After(until) {
		return false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if count <= n.used[nonce].count || len(n.used) > mostNonces {
		n.forget(now)
		return false
	}
	n.used[nonce] = use{count, until}
	return true
}

func (n *nonces) forget(now time.Time) {
	for k, u := range n.used {
		if now.After(u.until) {
			delete(n.used, k)
		}
	}
}

// challenged tells whether an answer asks us to prove who we are.
func challenged(res *sip.Response) bool {
	return res.StatusCode == sip.StatusUnauthorized || res.StatusCode == sip.StatusProxyAuthRequired
}

// authorise makes the request that answers a challenge: the same with a number
// and a branch of its own (RFC 3261 §22.2). It is nil where the challenge is
// none that we can answer.
func (t *trunk) authorise(req *sip.Request, res *sip.Response, seq uint32) *sip.Request {
	asks, answers := "WWW-Authenticate", "Authorization"
	if res.StatusCode == sip.StatusProxyAuthRequired {
		asks, answers = "Proxy-Authenticate", "Proxy-Authorization"
	}
	c := strongest(res.GetHeaders(asks))
	if c == nil || t.Secret.IsZero() {
		return nil
	}
	proof, err := digest.Digest(c, digest.Options{
		Method: string(req.Method), URI: req.Recipient.String(), Username: t.User, Password: t.Secret.word(),
	})
	if err != nil {
		return nil
	}
	next := req.Clone()
	for next.RemoveHeader(answers) {
	}
	next.AppendHeader(sip.NewHeader(answers, proof.String()))
	next.CSeq().SeqNo = seq
	next.Via().Params.Add("branch", sip.GenerateBranch())
	return next
}

func strongest(headers []sip.Header) *digest.Challenge {
	found := map[string]*digest.Challenge{}
	for _, h := range headers {
		c, err := digest.ParseChallenge(h.Value())
		if err != nil {
			continue
		}
		for i := range c.QOP {
			c.QOP[i] = strings.TrimSpace(c.QOP[i])
		}
		c.Algorithm = strings.ToUpper(c.Algorithm)
		if len(c.QOP) == 0 || c.SupportsQOP("auth") {
			found[c.Algorithm] = c
		}
	}
	for _, a := range append(algorithms, "") {
		if c := found[a]; c != nil {
			return c
		}
	}
	return nil
}

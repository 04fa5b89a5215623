package carrier

import (
	"crypto/rand"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
)

const (
	realm   = "carrier"
	longest = time.Hour
)

// register keeps where an account is (RFC 3261 §10.3).
func (c *Carrier) register(req *sip.Request, tx sip.ServerTransaction) {
	account := c.proven(req)
	if account == nil {
		c.challenge(req, tx)
		return
	}
	at, err := netip.ParseAddrPort(req.Source())
	contact := req.Contact()
	if err != nil || contact == nil {
		say(req, tx, 400, "Bad Request")
		return
	}
	lasts := asked(req, contact)
	c.mu.Lock()
	c.bindings[account.User] = binding{contact.Address, at, time.Now().Add(lasts)}
	c.mu.Unlock()
	granted := contact.Clone()
	granted.Params.Add("expires", strconv.Itoa(int(lasts/time.Second)))
	say(req, tx, 200, "OK", granted)
}

func (c *Carrier) challenge(req *sip.Request, tx sip.ServerTransaction) {
	asks := digest.Challenge{Realm: realm, Nonce: c.nonce(), Algorithm: "MD5", QOP: []string{"auth"}}
	say(req, tx, 401, "Proof Required", sip.NewHeader("WWW-Authenticate", asks.String()))
}

func asked(req *sip.Request, contact *sip.ContactHeader) time.Duration {
	v, ok := contact.Params.Get("expires")
	if h := req.GetHeader("Expires"); !ok && h != nil {
		v = h.Value()
	}
	n, err := strconv.ParseUint(v, 10, 31)
	if err != nil {
		return longest
	}
	return min(time.Duration(n)*time.Second, longest)
}

func (c *Carrier) nonce() string {
	n := rand.Text()
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	for k, until := range c.nonces {
		if now.After(until) {
			delete(c.nonces, k)
		}
	}
	c.nonces[n] = now.Add(time.Minute)
	return n
}

// proven is the account that a request proves to be; nil is none.
func (c *Carrier) proven(req *sip.Request) *Account {
	h := req.GetHeader("Authorization")
	if h == nil {
		return nil
	}
	given, err := digest.ParseCredentials(h.Value())
	if err != nil || given.QOP != "auth" {
		return nil
	}
	i := slices.IndexFunc(c.accounts, func(a Account) bool { return a.User == given.Username })
	c.mu.Lock()
	until, known := c.nonces[given.Nonce]
	c.mu.Unlock()
	if i < 0 || !known || time.Now().After(until) {
		return nil
	}
	want, err := digest.Digest(&digest.Challenge{Realm: realm, Nonce: given.Nonce, Algorithm: given.Algorithm, QOP: []string{"auth"}},
		digest.Options{Method: string(req.Method), URI: given.URI, Count: given.Nc, Cnonce: given.Cnonce, Username: given.Username, Password: c.accounts[i].Password})
	if err != nil || want.Response != given.Response {
		return nil
	}
	return &c.accounts[i]
}

// calling is the registered account that speaks from an address.
func (c *Carrier) calling(source string) *Account {
	at, err := netip.ParseAddrPort(source)
	if err != nil {
		return nil
	}
	for i, a := range c.accounts {
		if b, ok := c.bound(a.User); ok && b.at == at {
			return &c.accounts[i]
		}
	}
	return nil
}

// owner is the account that has a number.
func (c *Carrier) owner(number string) *Account {
	for i, a := range c.accounts {
		if slices.Contains(a.Numbers, number) {
			return &c.accounts[i]
		}
	}
	return nil
}

package udp

import (
	"errors"
	"math/rand/v2"
	"net/netip"
	"sync"

	"heartwood/internal/fault"
)

// Pool lends pairs of ports. Which pair is next is hard to guess, and one
// that was given back is used last, so that what still comes for an ended
// call does not reach the next one.
type Pool struct {
	addr netip.Addr

	mu   sync.Mutex // protects all fields below
	free []uint16   // even ports, the next one first
}

// NewPool makes a pool of the pairs of ports from low to high, both included,
// at one local address.
func NewPool(addr netip.Addr, low, high uint16) (*Pool, error) {
	p := &Pool{addr: addr.Unmap()}
	for port := (int(low) + 1) &^ 1; port+1 <= int(high) && low > 0; port += 2 {
		p.free = append(p.free, uint16(port))
	}
	if len(p.free) == 0 || !addr.IsValid() {
		return nil, fault.At(fault.Invalid, "media-ports", "Sound needs an address and a range of at least two ports, the first one even.")
	}
	rand.Shuffle(len(p.free), func(i, j int) { p.free[i], p.free[j] = p.free[j], p.free[i] }) //nolint:gosec // seeded by the system, and only one defence of several
	return p, nil
}

// Pair is the two sockets of one leg.
type Pair struct {
	RTP, RTCP *Socket
	Port      uint16 // of RTP; RTCP has the next

	pool *Pool
	once sync.Once
}

// Open lends the next pair that nobody on this machine uses. The fault is
// Busy when there is none.
func (p *Pool) Open() (*Pair, error) {
	p.mu.Lock()
	tries := len(p.free)
	p.mu.Unlock()
	var last error
	for range tries {
		port, ok := p.take()
		if !ok {
			break
		}
		rtp, err := listen(netip.AddrPortFrom(p.addr, port))
		if err != nil {
			last = err
			p.giveBack(port)
			continue
		}
		rtcp, err := listen(netip.AddrPortFrom(p.addr, port+1))
		if err != nil {
			last = errors.Join(err, rtp.Close())
			p.giveBack(port)
			continue
		}
		return &Pair{RTP: rtp, RTCP: rtcp, Port: port, pool: p}, nil
	}
	return nil, fault.Wrap(last, fault.Busy, "All lines for sound are in use. Try again shortly.")
}

// Close gives the ports back; a second time does nothing.
func (p *Pair) Close() error {
	var err error
	p.once.Do(func() {
		err = errors.Join(p.RTP.Close(), p.RTCP.Close())
		p.pool.giveBack(p.Port)
	})
	return err
}

func (p *Pool) take() (uint16, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.free) == 0 {
		return 0, false
	}
	port := p.free[0]
	p.free = p.free[1:]
	return port, true
}

func (p *Pool) giveBack(port uint16) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free = append(p.free, port)
}

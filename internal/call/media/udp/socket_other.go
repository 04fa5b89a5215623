//go:build !linux

package udp

import (
	"net"
	"net/netip"
)

// Socket is a UDP port that is asked and never waits. Where the system has
// no way to take many datagrams at once, a goroutine waits instead.
type Socket struct {
	conn *net.UDPConn
	came chan Packet // closed with the socket
}

func listen(at netip.AddrPort) (*Socket, error) {
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(at))
	if err != nil {
		return nil, err
	}
	s := &Socket{conn: conn, came: make(chan Packet, 4*BatchSize)}
	go s.listen()
	return s, nil
}

func (s *Socket) listen() {
	defer close(s.came)
	for {
		b := make([]byte, MaxPacket)
		n, from, err := s.conn.ReadFromUDPAddrPort(b)
		if err != nil {
			return
		}
		select {
		case s.came <- Packet{Data: b[:n], From: netip.AddrPortFrom(from.Addr().Unmap(), from.Port())}:
		default: // nobody asks: it is lost, as in a full buffer of the system
		}
	}
}

// Close frees the port; a second time does nothing.
func (s *Socket) Close() error {
	_ = s.conn.Close()
	return nil
}

// Send sends one datagram.
func (s *Socket) Send(b []byte, to netip.AddrPort) error {
	_, err := s.conn.WriteToUDPAddrPort(b, to)
	return err
}

// Batch is room for the datagrams of one Receive.
type Batch struct{ packets [BatchSize]Packet }

// NewBatch makes the room.
func NewBatch() *Batch { return new(Batch) }

// Receive gives what has come, up to the size of the batch; nothing when
// nothing has, or the socket is closed.
func (s *Socket) Receive(b *Batch) []Packet {
	for i := range b.packets {
		select {
		case p, ok := <-s.came:
			if !ok {
				return b.packets[:i]
			}
			b.packets[i] = p
		default:
			return b.packets[:i]
		}
	}
	return b.packets[:]
}

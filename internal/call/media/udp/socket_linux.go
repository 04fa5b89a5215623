package udp

import (
	"encoding/binary"
	"net/netip"
	"os"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Socket is a UDP port that is asked and never waits. It is not known to
// Go's network poller: that would be woken by every packet.
type Socket struct {
	mu     sync.Mutex // protects all fields below
	fd     int        // -1 when closed
	v4     bool
	target unix.RawSockaddrInet6 // where the last packet went, as the system has it
	to     netip.AddrPort
}

func listen(at netip.AddrPort) (*Socket, error) {
	family := unix.AF_INET6
	var addr unix.Sockaddr = &unix.SockaddrInet6{Port: int(at.Port()), Addr: at.Addr().As16()}
	if at.Addr().Is4() {
		family, addr = unix.AF_INET, &unix.SockaddrInet4{Port: int(at.Port()), Addr: at.Addr().As4()}
	}
	fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	if err := unix.Bind(fd, addr); err != nil {
		_ = unix.Close(fd)
		return nil, os.NewSyscallError("bind", err)
	}
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1) // jitter is then measured where it arises
	return &Socket{fd: fd, v4: family == unix.AF_INET}, nil
}

// Close frees the port; a second time does nothing.
func (s *Socket) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fd < 0 {
		return nil
	}
	fd := s.fd
	s.fd = -1
	return os.NewSyscallError("close", unix.Close(fd))
}

// Send sends one datagram. What cannot be sent at once is lost, as it is
// anywhere on the way, and gives an error.
func (s *Socket) Send(b []byte, to netip.AddrPort) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fd < 0 || len(b) == 0 {
		return os.ErrClosed
	}
	if s.to != to {
		s.aim(to)
	}
	size := uintptr(unix.SizeofSockaddrInet6)
	if s.v4 {
		size = unix.SizeofSockaddrInet4
	}
	_, _, e := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(s.fd), uintptr(unsafe.Pointer(&b[0])), //nolint:gosec // the system's call takes addresses
		uintptr(len(b)), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, uintptr(unsafe.Pointer(&s.target)), size) //nolint:gosec // as above
	if e != 0 {
		return e
	}
	return nil
}

// aim writes the address as the system has it: sockaddr_in or sockaddr_in6.
func (s *Socket) aim(to netip.AddrPort) {
	s.to, s.target = to, unix.RawSockaddrInet6{Family: unix.AF_INET6, Addr: to.Addr().As16()}
	binary.BigEndian.PutUint16((*[2]byte)(unsafe.Pointer(&s.target.Port))[:], to.Port()) //nolint:gosec // ports are in network order
	if s.v4 {
		a := (*unix.RawSockaddrInet4)(unsafe.Pointer(&s.target)) //nolint:gosec // the shorter of the two forms
		a.Family, a.Addr = unix.AF_INET, to.Addr().Unmap().As4()
	}
}

// Batch is room for the datagrams of one Receive. One goroutine uses it at a
// time.
type Batch struct {
	packets [BatchSize]Packet
	data    [BatchSize][MaxPacket]byte
	heads   [BatchSize]header
	vectors [BatchSize]unix.Iovec
	names   [BatchSize]unix.RawSockaddrInet6
	control [BatchSize][64]byte
}

// header is the system's struct mmsghdr.
type header struct {
	unix.Msghdr
	n uint32
	_ [4]byte
}

// NewBatch makes the room.
func NewBatch() *Batch {
	b := new(Batch)
	for i := range b.heads {
		b.vectors[i].Base = &b.data[i][0]
		b.vectors[i].SetLen(MaxPacket)
		h := &b.heads[i].Msghdr
		h.Name, h.Iov, h.Control = (*byte)(unsafe.Pointer(&b.names[i])), &b.vectors[i], &b.control[i][0] //nolint:gosec // the system's call takes addresses
		h.SetIovlen(1)
		b.ready(i)
	}
	return b
}

// Receive gives what has come, up to the size of the batch; nothing when
// nothing has, or the socket is closed.
func (s *Socket) Receive(b *Batch) []Packet {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fd < 0 {
		return nil
	}
	n, _, e := unix.RawSyscall6(unix.SYS_RECVMMSG, uintptr(s.fd), uintptr(unsafe.Pointer(&b.heads[0])), //nolint:gosec // the system's call takes addresses
		BatchSize, unix.MSG_DONTWAIT, 0, 0)
	if e != 0 {
		return nil
	}
	for i := range int(n) {
		b.packets[i] = Packet{b.data[i][:min(int(b.heads[i].n), MaxPacket)], address(&b.names[i]), b.arrived(i)}
		b.ready(i)
	}
	return b.packets[:n]
}

// ready puts back the lengths that the system overwrote for message i.
func (b *Batch) ready(i int) {
	h := &b.heads[i].Msghdr
	h.Namelen = unix.SizeofSockaddrInet6
	h.SetControllen(len(b.control[i]))
}

func address(n *unix.RawSockaddrInet6) netip.AddrPort {
	port := binary.BigEndian.Uint16((*[2]byte)(unsafe.Pointer(&n.Port))[:]) //nolint:gosec // ports are in network order
	if n.Family == unix.AF_INET {
		a := (*unix.RawSockaddrInet4)(unsafe.Pointer(n)) //nolint:gosec // the shorter of the two forms
		return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), port)
	}
	return netip.AddrPortFrom(netip.AddrFrom16(n.Addr).Unmap(), port)
}

// arrived reads the one control message asked for, a struct timespec.
func (b *Batch) arrived(i int) time.Duration {
	c := b.control[i][:]
	if b.heads[i].Controllen < unix.SizeofCmsghdr+16 {
		return 0
	}
	if level, kind := binary.NativeEndian.Uint32(c[8:]), binary.NativeEndian.Uint32(c[12:]); level != unix.SOL_SOCKET || kind != unix.SO_TIMESTAMPNS {
		return 0
	}
	s, ns := binary.NativeEndian.Uint64(c[16:]), binary.NativeEndian.Uint64(c[24:])
	return time.Duration(s)*time.Second + time.Duration(ns)
}

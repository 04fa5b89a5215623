package udp

import (
	"fmt"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"heartwood/internal/fault"
)

var local = netip.MustParseAddr("127.0.0.1")

func pool(t testing.TB, addr netip.Addr, low, high uint16) *Pool {
	t.Helper()
	p, err := NewPool(addr, low, high)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func pair(t testing.TB, p *Pool) *Pair {
	t.Helper()
	s, err := p.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// receive asks until n packets have come; each is copied.
func receive(t testing.TB, s *Socket, n int) (got []Packet) {
	t.Helper()
	b := NewBatch()
	for end := time.Now().Add(10 * time.Second); len(got) < n; {
		for _, p := range s.Receive(b) {
			p.Data = append([]byte(nil), p.Data...)
			got = append(got, p)
		}
		if time.Now().After(end) {
			t.Fatalf("%d of %d packets came", len(got), n)
		}
		runtime.Gosched()
	}
	return got
}

func TestPacketsComeWhole(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"127.0.0.1", "::1"} {
		at := netip.MustParseAddr(addr)
		p := pool(t, at, 41000, 41099)
		a, b := pair(t, p), pair(t, p)
		for i := range 40 { // more than one batch
			if err := a.RTP.Send(fmt.Appendf(nil, "packet %d", i), netip.AddrPortFrom(at, b.Port)); err != nil {
				t.Fatal(err)
			}
		}
		last := time.Duration(0)
		for i, got := range receive(t, b.RTP, 40) {
			if want := fmt.Sprintf("packet %d", i); string(got.Data) != want || got.From != netip.AddrPortFrom(at, a.Port) {
				t.Fatalf("%q came from %v, want %q from port %d", got.Data, got.From, want, a.Port)
			}
			if runtime.GOOS == "linux" && got.At < last {
				t.Fatalf("packet %d came at %v, before the one before it (%v)", i, got.At, last)
			}
			last = got.At
		}
		if runtime.GOOS == "linux" && last == 0 {
			t.Error("the system did not say when packets came")
		}
	}
}

func TestPortsAreLentAndGivenBack(t *testing.T) {
	t.Parallel()
	p := pool(t, local, 41101, 41105) // 41102 and 41104
	a, b := pair(t, p), pair(t, p)
	if a.Port%2 != 0 || b.Port%2 != 0 || a.Port == b.Port {
		t.Fatalf("ports %d and %d were lent", a.Port, b.Port)
	}
	if _, err := p.Open(); !fault.Is(err, fault.Busy) {
		t.Fatalf("a third pair of two gives %v", err)
	}
	for range 2 {
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if c := pair(t, p); c.Port != a.Port {
		t.Fatalf("port %d was given back and %d lent", a.Port, c.Port)
	}
	if a.RTP.Receive(NewBatch()) != nil || a.RTP.Send([]byte("x"), netip.AddrPortFrom(local, b.Port)) == nil {
		t.Error("a closed socket still works")
	}
}

func TestAPortInUseIsPassedOver(t *testing.T) {
	t.Parallel()
	one, two := pool(t, local, 41120, 41123), pool(t, local, 41120, 41123)
	taken, free := pair(t, one), pair(t, two)
	if taken.Port == free.Port {
		t.Fatalf("port %d was lent twice", free.Port)
	}
}

func TestRangesThatHoldNone(t *testing.T) {
	t.Parallel()
	for _, r := range [][2]uint16{{0, 0}, {0, 9}, {5, 4}, {5, 6}, {65535, 65535}} {
		if _, err := NewPool(local, r[0], r[1]); !fault.Is(err, fault.Invalid) {
			t.Errorf("ports %v give %v", r, err)
		}
	}
}

func TestAllocatesNothing(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux takes many datagrams at once")
	}
	p := pool(t, local, 41130, 41139)
	a, b := pair(t, p), pair(t, p)
	batch, data, to := NewBatch(), make([]byte, 172), netip.AddrPortFrom(local, b.Port)
	if n := testing.AllocsPerRun(100, func() {
		_ = a.RTP.Send(data, to)
		b.RTP.Receive(batch)
	}); n != 0 {
		t.Fatalf("%v allocations", n)
	}
}

func BenchmarkSendAndReceive(b *testing.B) {
	p := pool(b, local, 41140, 41149)
	from, to := pair(b, p), pair(b, p)
	batch, data, at := NewBatch(), make([]byte, 172), netip.AddrPortFrom(local, to.Port)
	for b.Loop() {
		_ = from.RTP.Send(data, at)
		to.RTP.Receive(batch)
	}
}

func BenchmarkNothingCame(b *testing.B) {
	p, batch := pair(b, pool(b, local, 41150, 41159)), NewBatch()
	for b.Loop() {
		p.RTP.Receive(batch)
	}
}

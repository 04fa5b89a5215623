package carrier_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"heartwood/internal/call/carrier"
	"heartwood/internal/call/sip"
)

// baresip runs a telephone that others made: registered with the carrier, it
// plays a tone of 440 Hz into every call, and does what it is told. It goes on
// until the test ends.
func baresip(t *testing.T, c *carrier.Carrier, a carrier.Account, commands ...string) {
	t.Helper()
	path, err := exec.LookPath("baresip")
	if err != nil {
		t.Skip("needs baresip: apt-get install baresip-core")
	}
	modules, _ := filepath.Glob("/usr/lib/*/baresip/modules")
	modules = append(modules, "/usr/lib/baresip/modules")
	dir := t.TempDir()
	tone(t, filepath.Join(dir, "tone.wav"))
	config := fmt.Sprintf("sip_listen 127.0.0.1:0\nmodule_path %s\nmodule g711.so\nmodule aufile.so\nmodule_app account.so\nmodule_app menu.so\n"+
		"audio_source aufile,%s/tone.wav\naudio_player aufile,%s/heard.wav\naudio_alert aufile,%s/alert.wav\nrtp_ports 20000-30000\nnet_interface 127.0.0.1\n", modules[0], dir, dir, dir)
	must(t, os.WriteFile(filepath.Join(dir, "config"), []byte(config), 0o600))
	account := fmt.Sprintf("<sip:%s@%s;transport=udp>;auth_user=%s;auth_pass=%s;answermode=auto;audio_codecs=pcma;regint=60\n", a.User, c.Addr(), a.User, a.Password)
	must(t, os.WriteFile(filepath.Join(dir, "accounts"), []byte(account), 0o600))
	args := []string{"-4", "-f", dir}
	for _, e := range commands {
		args = append(args, "-e", e)
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	out := &tail{}
	cmd.Stdout, cmd.Stderr = out, out
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("baresip said:\n%s", out.b)
		}
	})
}

// tail keeps what a program says.
type tail struct{ b []byte }

func (w *tail) Write(b []byte) (int, error) {
	w.b = append(w.b, b...)
	return len(b), nil
}

// tone writes a minute of 440 Hz as 16-bit WAV at 8 kHz.
func tone(t *testing.T, path string) {
	t.Helper()
	const rate, n = 8000, 60 * 8000
	b := append([]byte("RIFF"), binary.LittleEndian.AppendUint32(nil, 36+2*n)...)
	b = append(b, "WAVEfmt "...)
	for _, v := range []any{uint32(16), uint16(1), uint16(1), uint32(rate), uint32(2 * rate), uint16(2), uint16(16)} {
		b, _ = binary.Append(b, binary.LittleEndian, v)
	}
	b = binary.LittleEndian.AppendUint32(append(b, "data"...), 2*n)
	for i := range n {
		b = binary.LittleEndian.AppendUint16(b, uint16(int16(8000*math.Sin(2*math.Pi*440*float64(i)/rate))))
	}
	must(t, os.WriteFile(path, b, 0o600))
}

// heard waits for audio at a socket: packets of A-law that are not silence.
func heard(t *testing.T, conn net.PacketConn, packets int) {
	t.Helper()
	b := make([]byte, 2000)
	must(t, conn.SetReadDeadline(time.Now().Add(30*time.Second)))
	for loud := 0; loud < packets; {
		n, _, err := conn.ReadFrom(b)
		if err != nil {
			t.Fatalf("%d packets with sound, then: %v", loud, err)
		}
		if n < 12+80 || b[0] != 0x80 || b[1]&0x7f != 8 {
			continue // RTCP, or nothing that we offered
		}
		different := map[byte]bool{}
		for _, s := range b[12:n] {
			different[s] = true
		}
		if len(different) > 8 {
			loud++
		}
	}
}

func listening(t *testing.T) (net.PacketConn, sip.Media) {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { conn.Close() })
	return conn, sip.Media{Addr: conn.LocalAddr().(*net.UDPAddr).AddrPort()}
}

func TestBaresipRingsThePractice(t *testing.T) {
	c := open(t)
	_, calls := registered(t, c, accounts[0], accounts[0].Password)
	eventually(t, "the practice does not register", func() bool { return c.Registered("practice") })
	baresip(t, c, accounts[1], "/dial sip:01632960001@"+c.Addr().String())
	us := next(t, calls)
	if us.From().Number != patient {
		t.Errorf("from %+v", us.From())
	}
	conn, media := listening(t)
	must(t, us.Ring())
	must(t, us.Answer(media))
	event[sip.Answered](t, us)
	heard(t, conn, 20)
	us.Hang()
	event[sip.Ended](t, us)
}

func TestThePracticeRingsBaresip(t *testing.T) {
	c := open(t)
	s, _ := registered(t, c, accounts[0], accounts[0].Password)
	baresip(t, c, accounts[1])
	eventually(t, "they do not register", func() bool { return c.Registered("practice") && c.Registered("phone") })
	conn, media := listening(t)
	us, err := s.Dial(t.Context(), sip.Outgoing{To: patient, From: practice, Media: media})
	must(t, err)
	for answered := false; !answered; {
		select {
		case e := <-us.Events():
			_, answered = e.(sip.Answered)
			if end, ok := e.(sip.Ended); ok {
				t.Fatalf("%+v", end)
			}
		case <-time.After(30 * time.Second):
			t.Fatal("it does not answer")
		}
	}
	heard(t, conn, 20)
	must(t, us.Hold(true))
	if e := event[sip.Reoffered](t, us); e.Code != 200 {
		t.Errorf("%+v", e)
	}
	must(t, us.Hold(false))
	event[sip.Reoffered](t, us)
	us.Hang()
	event[sip.Ended](t, us)
}

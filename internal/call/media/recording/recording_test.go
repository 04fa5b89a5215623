package recording

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"heartwood/internal/call/media/g711"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var key = bytes.Repeat([]byte{7}, KeySize)

const left, right = 500, 900 // Hz

// say records n frames of a note on each side, from frame from on.
func say(w *Writer, from, n int) {
	var l, r [frameSize]int16
	for i := range n {
		for j := range l {
			at := float64((from+i)*frameSize+j) / 8000
			l[j] = int16(8000 * math.Sin(2*math.Pi*left*at))
			r[j] = int16(8000 * math.Sin(2*math.Pi*right*at))
		}
		w.Frame(&l, &r)
		for len(w.queue) > mostWaiting/2 { // a call would take a second for each
			time.Sleep(time.Millisecond)
		}
	}
}

// recorded makes a recording of n frames, and gives its path.
func recorded(t testing.TB, n int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "call")
	w, err := Create(path, key)
	if err != nil {
		t.Fatal(err)
	}
	say(w, 0, n)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func open(t testing.TB, path string) *Reader {
	t.Helper()
	r, err := Open(path, key)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// loud is the amplitude of a note (Goertzel).
func loud(pcm []int16, note float64) float64 {
	c := 2 * math.Cos(2*math.Pi*note/8000)
	var a, b float64
	for _, s := range pcm {
		a, b = float64(s)+c*a-b, a
	}
	return 2 * math.Sqrt(max(a*a+b*b-c*a*b, 0)) / float64(len(pcm))
}

// sides splits the sound of a WAV of ours.
func sides(wav []byte) (l, r []int16) {
	for i := wavSize; i+1 < len(wav); i += 2 {
		var s [2]int16
		g711.A.Decode(s[:], wav[i:i+2])
		l, r = append(l, s[0]), append(r, s[1])
	}
	return l, r
}

var wavSize = len(wavHeader(0))

func TestBothVoicesAreOnTheirSide(t *testing.T) {
	t.Parallel()
	hazard.Covers(t, "H-054")
	for _, n := range []int{1, 49, 50, 51, 500, 523} {
		r := open(t, recorded(t, n))
		wav, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if !r.Whole() || r.Duration() != time.Duration(n)*frameTime || len(wav) != wavSize+n*frameBytes || r.Size() != int64(len(wav)) {
			t.Fatalf("%d frames: %d bytes, %v, whole %v", n, len(wav), r.Duration(), r.Whole())
		}
		if n < 50 {
			continue
		}
		a, b := sides(wav)
		for what, v := range map[string][2]float64{"left": {loud(a, left), loud(a, right)}, "right": {loud(b, right), loud(b, left)}} {
			if v[0] < 7000 || v[1] > 100 {
				t.Errorf("%d frames: on the %s its own voice is at %.0f and the other at %.0f", n, what, v[0], v[1])
			}
		}
	}
}

// TestSoxHearsBoth lets a program that is not ours read the WAV.
func TestSoxHearsBoth(t *testing.T) {
	t.Parallel()
	sox, err := exec.LookPath("sox")
	if err != nil {
		t.Skip("sox is not installed")
	}
	r := open(t, recorded(t, 500))
	for i, want := range []float64{left, right} {
		if _, err := r.Seek(0, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(sox, "-t", "wav", "-", "-t", "raw", "-e", "signed", "-b", "16", "-L", "-", "remix", fmt.Sprint(i+1))
		cmd.Stdin = r
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		pcm := make([]int16, len(out)/2)
		for j := range pcm {
			pcm[j] = int16(out[2*j]) | int16(out[2*j+1])<<8
		}
		if len(pcm) != 500*frameSize || loud(pcm, want) < 7000 || loud(pcm, left+right-want) > 100 {
			t.Errorf("channel %d: %d samples, its voice at %.0f, the other at %.0f", i+1, len(pcm), loud(pcm, want), loud(pcm, left+right-want))
		}
	}
}

func TestAPauseIsASilenceThatIsMarked(t *testing.T) {
	t.Parallel()
	hazard.Covers(t, "H-054")
	path := filepath.Join(t.TempDir(), "call")
	w, err := Create(path, key)
	if err != nil {
		t.Fatal(err)
	}
	say(w, 0, 60)
	w.Pause()
	say(w, 60, 75)
	w.Resume()
	say(w, 135, 60)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := open(t, path)
	gaps, err := r.Gaps()
	if want := []Gap{{60 * frameTime, 135 * frameTime, true}}; err != nil || !slices.Equal(gaps, want) {
		t.Fatalf("gaps %v (%v), want %v", gaps, err, want)
	}
	wav, _ := io.ReadAll(r)
	l, rt := sides(wav)
	if s := l[60*frameSize : 135*frameSize]; loud(s, left) > 1 {
		t.Error("what was said in a pause was kept")
	}
	if s := rt[135*frameSize:]; loud(s, right) < 7000 {
		t.Error("what was said after a pause was lost")
	}
}

func TestTwoRecordingsAreNotOne(t *testing.T) {
	t.Parallel()
	path := recorded(t, 10)
	if _, err := Create(path, key); err == nil {
		t.Error("a recording was written over")
	}
	if _, err := Open(path, bytes.Repeat([]byte{8}, KeySize)); !fault.Is(err, fault.Refused) {
		t.Errorf("another key gives %v", err)
	}
	if _, err := Open(path+"x", key); !fault.Is(err, fault.NotFound) {
		t.Errorf("no recording gives %v", err)
	}
	if _, err := Create(path+"x", key[1:]); err == nil {
		t.Error("a short key was taken")
	}
	a, _ := os.ReadFile(path)
	b, _ := os.ReadFile(recorded(t, 10))
	if bytes.Contains(a, b[headSize:headSize+64]) {
		t.Error("the same sound under the same key is sealed alike twice")
	}
	info, _ := os.Stat(path)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("others may read it: %v", info.Mode())
	}
}

// TestWhatWasWrittenBeforeACrash cuts a file anywhere, as a crash does, and
// finds every whole second before the cut.
func TestWhatWasWrittenBeforeACrash(t *testing.T) {
	t.Parallel()
	hazard.Covers(t, "H-054")
	whole, err := os.ReadFile(recorded(t, 260))
	if err != nil {
		t.Fatal(err)
	}
	want := wavOf(t, whole)
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(headSize, len(whole)-1).Draw(t, "bytes")
		cut := slices.Clone(whole[:n])
		if rapid.Bool().Draw(t, "power cut") { // what was not written reads as zeros
			cut = append(cut, make([]byte, rapid.IntRange(0, 2*fullSize).Draw(t, "zeros"))...)
		}
		r, err := NewReader(bytes.NewReader(cut), int64(len(cut)), key)
		seconds := (n - headSize) / fullSize
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if r.Whole() || len(got) != wavSize+seconds*framesChunk*frameBytes || !bytes.Equal(got[wavSize:], want[wavSize:len(got)]) {
			t.Fatalf("of %d seconds %v were read, whole %v", seconds, r.Duration(), r.Whole())
		}
	})
}

func wavOf(t testing.TB, sealed []byte) []byte {
	t.Helper()
	r, err := NewReader(bytes.NewReader(sealed), int64(len(sealed)), key)
	if err != nil {
		t.Fatal(err)
	}
	wav, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return wav
}

// TestNothingIsChangedUnseen changes a file in many ways. What is still read
// as whole is what was recorded.
func TestNothingIsChangedUnseen(t *testing.T) {
	t.Parallel()
	hazard.Covers(t, "H-054")
	whole, _ := os.ReadFile(recorded(t, 260))
	other, _ := os.ReadFile(recorded(t, 260))
	want := wavOf(t, whole)
	piece := func(b []byte, i int) []byte { return b[offset(int64(i)):min(int(offset(int64(i+1))), len(b))] }
	rapid.Check(t, func(t *rapid.T) {
		b := slices.Clone(whole)
		i, j := rapid.IntRange(0, 5).Draw(t, "i"), rapid.IntRange(0, 5).Draw(t, "j")
		switch rapid.SampledFrom([]string{"flip", "swap", "repeat", "cut", "append", "foreign"}).Draw(t, "how") {
		case "flip":
			b[rapid.IntRange(0, len(b)-1).Draw(t, "at")] ^= byte(rapid.IntRange(1, 255).Draw(t, "bits"))
		case "swap":
			x, y := slices.Clone(piece(whole, i)), slices.Clone(piece(whole, j))
			copy(piece(b, i), y)
			copy(piece(b, j), x)
		case "repeat":
			b = slices.Insert(b, int(offset(int64(i))), piece(whole, j)...)
		case "cut":
			b = slices.Delete(b, int(offset(int64(i))), int(offset(int64(i)))+len(piece(whole, i)))
		case "append":
			b = append(b, piece(whole, i)...)
		case "foreign":
			copy(piece(b, i), piece(other, i))
		}
		r, err := NewReader(bytes.NewReader(b), int64(len(b)), key)
		if err != nil {
			return
		}
		if _, err := r.Gaps(); err != nil || !r.Whole() {
			return
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("a changed recording is read as whole (%v)", err)
		}
	})
}

func TestAnyPartCanBeAskedFor(t *testing.T) {
	t.Parallel()
	path := recorded(t, 123)
	want, _ := os.ReadFile(path)
	want = wavOf(t, want)
	if err := iotest.TestReader(open(t, path), want); err != nil {
		t.Error(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.IntRange(0, len(want)-1).Draw(t, "from")
		to := rapid.IntRange(from, len(want)-1).Draw(t, "to")
		r, err := Open(path, key)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		req := httptest.NewRequest(http.MethodGet, "/", nil)
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", from, to))
		rec := httptest.NewRecorder()
		http.ServeContent(rec, req, "call.wav", time.Time{}, r)
		if rec.Code != http.StatusPartialContent || !bytes.Equal(rec.Body.Bytes(), want[from:to+1]) {
			t.Fatalf("bytes %d-%d: status %d, %d bytes", from, to, rec.Code, rec.Body.Len())
		}
	})
	r := open(t, path)
	for _, bad := range []func() (int64, error){
		func() (int64, error) { return r.Seek(-1, io.SeekStart) },
		func() (int64, error) { return r.Seek(0, 9) },
	} {
		if _, err := bad(); !fault.Is(err, fault.Invalid) {
			t.Errorf("a place that there is not gives %v", err)
		}
	}
}

// disk that stands still, or refuses, while it is told to.
type badDisk struct {
	mu    sync.Mutex
	bytes []byte
	full  bool
	torn  int
}

func (d *badDisk) WriteAt(b []byte, at int64) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := len(b)
	if d.full {
		n = min(n, d.torn)
	}
	if need := int(at) + n; need > len(d.bytes) {
		d.bytes = append(d.bytes, make([]byte, need-len(d.bytes))...)
	}
	copy(d.bytes[at:], b[:n])
	if d.full {
		return n, errors.New("no space left on device")
	}
	return n, nil
}

func (*badDisk) Sync() error  { return nil }
func (*badDisk) Close() error { return nil }

func onBadDisk(t testing.TB) (*badDisk, *Writer) {
	t.Helper()
	d := &badDisk{bytes: append([]byte(magic), make([]byte, saltSize)...), torn: 1000}
	s, check, err := newSeal(key, d.bytes[len(magic):])
	if err != nil {
		t.Fatal(err)
	}
	d.bytes = append(d.bytes, check...)
	return d, start(d, s)
}

func (d *badDisk) set(full bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.full = full
}

// TestASlowDisk stands still while a minute is recorded: nothing waits, and
// what was dropped is counted, marked and in its place.
func TestASlowDisk(t *testing.T) {
	t.Parallel()
	hazard.Covers(t, "H-054")
	d, w := onBadDisk(t)
	say(w, 0, 100)
	d.mu.Lock()
	var quiet [frameSize]int16
	for range 3000 {
		w.Frame(&quiet, &quiet)
	}
	d.mu.Unlock()
	dropped := w.Dropped()
	if dropped < (60-mostWaiting-4)*time.Second || dropped > 60*time.Second {
		t.Errorf("%v were dropped", dropped)
	}
	say(w, 3100, 120)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	checkGaps(t, d.bytes, 3220, w.Dropped())
}

// checkGaps says that a recording has its length, what was dropped as gaps,
// and both voices at its end.
func checkGaps(t *testing.T, sealed []byte, frames int, dropped time.Duration) {
	t.Helper()
	r, err := NewReader(bytes.NewReader(sealed), int64(len(sealed)), key)
	if err != nil {
		t.Fatal(err)
	}
	gaps, err := r.Gaps()
	if err != nil {
		t.Fatal(err)
	}
	var lost time.Duration
	for _, g := range gaps {
		lost += g.To - g.From
		if g.Paused {
			t.Error("what the disk lost is marked as a pause")
		}
	}
	if lost != dropped || !r.Whole() || r.Duration() != time.Duration(frames)*frameTime {
		t.Errorf("%v of %v are gaps, %v were dropped; whole %v", lost, r.Duration(), dropped, r.Whole())
	}
	l, rt := sides(wavOf(t, sealed))
	if n := len(l) - 50*frameSize; loud(l[n:], left) < 7000 || loud(rt[n:], right) < 7000 {
		t.Error("the voices at the end are not where they belong")
	}
}

// TestAFullDisk is full for a while, with chunks torn.
func TestAFullDisk(t *testing.T) {
	t.Parallel()
	d, w := onBadDisk(t)
	say(w, 0, 125)
	d.set(true)
	say(w, 125, 400)
	for len(w.queue) > 0 {
		time.Sleep(time.Millisecond)
	}
	d.set(false)
	say(w, 525, 230)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if w.Dropped() == 0 {
		t.Error("a full disk dropped nothing")
	}
	checkGaps(t, d.bytes, 755, w.Dropped())
}

func TestADiskThatStaysFull(t *testing.T) {
	t.Parallel()
	d, w := onBadDisk(t)
	say(w, 0, 125)
	for len(w.queue) > 0 {
		time.Sleep(time.Millisecond)
	}
	d.set(true)
	say(w, 125, 400)
	for range 2 {
		if err := w.Close(); !fault.Is(err, fault.Internal) {
			t.Fatalf("a recording without its end was closed with %v", err)
		}
	}
	r, err := NewReader(bytes.NewReader(d.bytes), int64(len(d.bytes)), key)
	if err != nil || r.Whole() || r.Duration() < 2*time.Second {
		t.Fatalf("what was written before: %v, %v", r.Duration(), err)
	}
}

func TestAllocatesNothing(t *testing.T) {
	w, err := Create(filepath.Join(t.TempDir(), "call"), key)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	var f [frameSize]int16
	if n := testing.AllocsPerRun(40, func() { w.Frame(&f, &f) }); n != 0 {
		t.Fatalf("%v allocations a frame", n)
	}
}

func FuzzReader(f *testing.F) {
	for _, n := range []int{0, 3, 120} {
		b, err := os.ReadFile(recorded(f, n))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
		f.Add(b[:len(b)-5])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := NewReader(bytes.NewReader(b), int64(len(b)), key)
		if err != nil {
			return
		}
		wav, err := io.ReadAll(r)
		if err == nil && int64(len(wav)) != r.Size() {
			t.Fatalf("%d bytes were read of %d", len(wav), r.Size())
		}
		if _, err := r.Gaps(); (err == nil) != (len(wav) == int(r.Size())) {
			t.Fatalf("parts were read and then not: %v", err)
		}
	})
}

func BenchmarkRecord(b *testing.B) {
	w, err := Create(filepath.Join(b.TempDir(), "call"), key)
	if err != nil {
		b.Fatal(err)
	}
	defer w.Close()
	var f [frameSize]int16
	for b.Loop() {
		w.Frame(&f, &f)
	}
}

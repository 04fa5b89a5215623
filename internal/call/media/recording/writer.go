package recording

import (
	"crypto/rand"
	"errors"
	"os"
	"sync"
	"time"

	"heartwood/internal/call/media/g711"
	"heartwood/internal/fault"
)

// mostWaiting is how many seconds of sound wait for a disk that is slow.
const mostWaiting = 8

// Writer records. What happens on its disk never makes Frame wait.
type Writer struct {
	queue chan *chunk
	done  chan struct{} // closed when the queue has been written

	mu      sync.Mutex // protects all fields below
	now     *chunk
	owed    int // seconds dropped since the last one queued
	paused  bool
	closed  bool
	frames  int64
	dropped int64 // frames

	wrote error // of what writes the queue; read after done
}

// chunk is a second of sound on its way to the disk.
type chunk struct {
	missing int // whole seconds before it that were dropped
	n       int // frames
	marks   [framesChunk]mark
	sound   [framesChunk * frameBytes]byte
}

var chunks = sync.Pool{New: func() any { return new(chunk) }}

// Create begins a recording in a new file, for its owner alone to read. The
// key is for this recording only, and is the caller's to keep.
func Create(path string, key []byte) (*Writer, error) {
	head := append([]byte(magic), make([]byte, saltSize)...)
	_, _ = rand.Read(head[len(magic):]) // never fails
	s, check, err := newSeal(key, head[len(magic):])
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "The recording could not be started.")
	}
	if _, err := f.Write(append(head, check...)); err != nil {
		return nil, fault.Wrap(errors.Join(err, f.Close(), os.Remove(path)), fault.Internal, "The recording could not be started.")
	}
	return start(f, s), nil
}

func start(f file, s seal) *Writer {
	w := &Writer{queue: make(chan *chunk, mostWaiting), done: make(chan struct{}), now: newChunk()}
	go w.write(&disk{file: f, seal: s})
	return w
}

func newChunk() *chunk {
	c := chunks.Get().(*chunk)
	c.n, c.missing = 0, 0
	return c
}

// Frame records 20 ms of what each side says.
func (w *Writer) Frame(outside, practice *[frameSize]int16) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return
	}
	c := w.now
	c.marks[c.n] = sound
	at := c.sound[c.n*frameBytes:][:frameBytes]
	if w.paused {
		c.marks[c.n] = paused
		silence(at)
	} else {
		interleave(at, outside, practice)
	}
	w.frames++
	if c.n++; c.n == framesChunk {
		w.send()
	}
}

// send queues the full chunk, or drops it when the disk is too far behind.
func (w *Writer) send() {
	w.now.missing = w.owed
	select {
	case w.queue <- w.now:
		w.owed, w.now = 0, newChunk()
	default:
		w.owed++
		w.dropped += framesChunk
		w.now.n = 0
	}
}

func interleave(to []byte, left, right *[frameSize]int16) {
	var l, r [frameSize]byte
	g711.A.Encode(l[:], left[:])
	g711.A.Encode(r[:], right[:])
	for i := range l {
		to[2*i], to[2*i+1] = l[i], r[i]
	}
}

func silence(to []byte) {
	for i := range to {
		to[i] = g711.A.Silence()
	}
}

// Pause keeps what is said from the recording, until Resume; a silence as
// long, and marked, stands in its place.
func (w *Writer) Pause() { w.pause(true) }

// Resume ends Pause.
func (w *Writer) Resume() { w.pause(false) }

func (w *Writer) pause(on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.paused = on
}

// Duration is how long it is so far.
func (w *Writer) Duration() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Duration(w.frames) * frameTime
}

// Dropped is how much of it the disk was too slow for.
func (w *Writer) Dropped() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Duration(w.dropped) * frameTime
}

// Close ends the recording and waits until it outlives a power cut. A second
// time does nothing but tell the same. It must not be called by what moves
// sound: take the tape from its mix first.
func (w *Writer) Close() error {
	w.mu.Lock()
	first, last := !w.closed, w.now
	w.closed, last.missing = true, w.owed
	w.mu.Unlock()
	if first {
		w.queue <- last // waits for room
		close(w.queue)
	}
	<-w.done
	return w.wrote
}

// write is the goroutine of one recording.
func (w *Writer) write(d *disk) {
	defer close(w.done)
	for c := range w.queue {
		lost := d.add(c, c.n < framesChunk)
		chunks.Put(c)
		w.mu.Lock()
		w.dropped += int64(lost)
		w.mu.Unlock()
	}
	err := errors.Join(d.file.Sync(), d.file.Close())
	if !d.whole {
		err = errors.Join(d.err, err)
	}
	if err != nil {
		w.wrote = fault.Wrap(err, fault.Internal, "The recording could not be kept whole.")
	}
}

package record

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/klauspost/compress/zstd"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record/pack"
)

// A backup is one zstd stream of frames: a kind byte, a length, the bytes.
// It holds entries and bodies, no index, and belongs to no engine: what was
// backed up from one can be restored into another. It ends with the SHA-256
// of all before it, so that half a backup is never taken for a whole one.
const (
	backupMagic = "heartwood backup 1\n"
	frameEntry  = 'e'
	frameBody   = 'b'
	frameEnd    = 'z'
	maxFrame    = pack.MaxBody
)

// Backup writes every entry of the log, up to where each practice stands when
// its turn comes, while others may be writing. It returns how many entries.
func Backup(ctx context.Context, log Log, w io.Writer) (uint64, error) {
	z, err := zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.SpeedDefault))
	if err != nil {
		return 0, fmt.Errorf("backup: %w", err)
	}
	sum := sha256.New()
	out := &frames{w: io.MultiWriter(z, sum)}
	out.write([]byte(backupMagic))
	all, err := log.Practices(ctx)
	if err != nil {
		return 0, err
	}
	var n uint64
	for _, ods := range all {
		if err := backupPractice(ctx, log, ods, out, &n); err != nil {
			return n, err
		}
	}
	out.frame(frameEnd, sum.Sum(nil))
	return n, errors.Join(out.err, z.Close())
}

func backupPractice(ctx context.Context, log Log, ods ident.ODS, out *frames, n *uint64) error {
	until, err := log.Heads(ctx, ods)
	if err != nil {
		return err
	}
	pos := ident.Position{}
	for !pos.Covers(until) {
		entries, err := log.Read(ctx, ods, pos, 1000)
		if err != nil {
			return err
		}
		for i := range entries {
			e := &entries[i]
			if pos[e.Stream] = e.Seq; e.Seq > until[e.Stream] {
				continue
			}
			if !e.BodyHash.IsZero() {
				out.frame(frameBody, e.Body)
			}
			out.frame(frameEntry, e.Marshal())
			*n++
		}
		if out.err != nil {
			return out.err
		}
	}
	return nil
}

type frames struct {
	w   io.Writer
	err error
}

func (f *frames) write(b []byte) {
	if f.err == nil {
		_, f.err = f.w.Write(b)
	}
}

func (f *frames) frame(kind byte, b []byte) {
	f.write(binary.AppendUvarint([]byte{kind}, uint64(len(b))))
	f.write(b)
}

// Restore puts a backup into an empty log, checking every chain and body on
// the way. When it fails the log holds part of a backup and must be thrown
// away.
func Restore(ctx context.Context, log Log, r io.Reader) (uint64, error) {
	if all, err := log.Practices(ctx); err != nil || len(all) > 0 {
		if err == nil {
			err = fault.New(fault.Refused, "There is a record here already: restore into an empty place.")
		}
		return 0, err
	}
	z, err := zstd.NewReader(r)
	if err != nil {
		return 0, notABackup(err)
	}
	defer z.Close()
	in := &unframer{r: bufio.NewReaderSize(z, 1<<20), sum: sha256.New()}
	magic := make([]byte, len(backupMagic))
	if _, err := io.ReadFull(in, magic); err != nil || string(magic) != backupMagic {
		return 0, notABackup(err)
	}
	re := restorer{log: log, last: map[string]Entry{}}
	for {
		before := in.sum.Sum(nil)
		kind, b, err := in.next()
		if err != nil {
			return re.n, fault.Wrap(err, fault.Invalid, "The backup ends too early or is damaged after entry %d.", re.n)
		}
		switch kind {
		case frameBody:
			re.body = b
		case frameEntry:
			if err := re.take(ctx, b); err != nil {
				return re.n, err
			}
		case frameEnd:
			if string(b) != string(before) {
				return re.n, fault.New(fault.Invalid, "The backup is damaged: its hash does not match.")
			}
			return re.n, re.flush(ctx)
		default:
			return re.n, notABackup(nil)
		}
	}
}

func notABackup(err error) error {
	return fault.Wrap(err, fault.Invalid, "This is not a Heartwood backup.")
}

type unframer struct {
	r   *bufio.Reader
	sum hash.Hash
}

// Read reads and adds to the sum.
func (u *unframer) Read(b []byte) (int, error) {
	n, err := u.r.Read(b)
	u.sum.Write(b[:n])
	return n, err
}

// ReadByte reads one byte and adds it to the sum.
func (u *unframer) ReadByte() (byte, error) {
	c, err := u.r.ReadByte()
	if err == nil {
		u.sum.Write([]byte{c})
	}
	return c, err
}

func (u *unframer) next() (kind byte, b []byte, err error) {
	if kind, err = u.ReadByte(); err != nil {
		return 0, nil, err
	}
	n, err := binary.ReadUvarint(u)
	if err != nil {
		return 0, nil, err
	}
	if n > maxFrame {
		return 0, nil, errors.New("backup: a frame is too large")
	}
	b, err = io.ReadAll(io.LimitReader(u, int64(n)))
	if err == nil && uint64(len(b)) != n {
		err = io.ErrUnexpectedEOF
	}
	return kind, b, err
}

// restorer gathers entries of one practice and appends them in batches.
type restorer struct {
	log   Log
	body  []byte
	last  map[string]Entry // by practice and stream
	batch []Entry
	heads ident.Position
	n     uint64
}

func (r *restorer) take(ctx context.Context, b []byte) error {
	e, err := UnmarshalEntry(b)
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "The backup is damaged after entry %d.", r.n)
	}
	if !e.BodyHash.IsZero() {
		e.Body = r.body
	}
	at := string(e.Practice) + " " + e.Stream
	prev := r.last[at]
	if what := wrong(&prev, &e, e.Practice, e.Stream); what != "" {
		return &Damage{e.Practice, e.Version(), what}
	}
	if len(r.batch) >= 2000 || len(r.batch) > 0 && r.batch[0].Practice != e.Practice {
		if err := r.flush(ctx); err != nil {
			return err
		}
	}
	if r.heads == nil {
		r.heads = ident.Position{}
	}
	if _, ok := r.heads[e.Stream]; !ok {
		r.heads[e.Stream] = prev.Seq
	}
	r.last[at] = e
	r.batch = append(r.batch, e)
	r.n++
	return nil
}

func (r *restorer) flush(ctx context.Context) error {
	if len(r.batch) == 0 {
		return nil
	}
	err := r.log.Append(ctx, r.batch[0].Practice, r.heads, r.batch)
	r.batch, r.heads = nil, nil
	return err
}

// Package pack compresses the bodies of resources for the log.
//
// What comes in: a body. What goes out: a few bytes that say how it was
// packed, and the packed body. It must never lose the ability to unpack what
// an earlier build packed: dictionaries are only ever added.
package pack

import (
	_ "embed"
	"errors"
	"fmt"

	"github.com/klauspost/compress/zstd"
)

// The codecs, in the first byte of a packed body.
const (
	plain = 0 // as it is
	zdict = 1 // zstd with the dictionary whose number is its frame's
)

// MaxBody bounds what Unpack will inflate.
const MaxBody = 1 << 30

// dict1 is text that resources have in common, made by us from the element
// names and codes that general practice uses. It must never change: bodies
// packed with it could not be read again. Improve by adding dict2.
//
//go:embed dict1.txt
var dict1 []byte

var encoder, decoder = func() (*zstd.Encoder, *zstd.Decoder) {
	e, err := zstd.NewWriter(nil,
		zstd.WithEncoderDictRaw(1, dict1),
		zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithEncoderConcurrency(2),
		zstd.WithWindowSize(128<<10),
		zstd.WithEncoderCRC(false)) // the body's SHA-256 covers it
	if err != nil {
		panic(err)
	}
	d, err := zstd.NewReader(nil,
		zstd.WithDecoderDictRaw(1, dict1),
		zstd.WithDecoderConcurrency(2),
		zstd.WithDecoderMaxMemory(MaxBody))
	if err != nil {
		panic(err)
	}
	return e, d
}()

// Pack compresses a body when that makes it smaller.
func Pack(body []byte) []byte {
	out := make([]byte, 1, len(body)/3+64)
	out[0] = zdict
	out = encoder.EncodeAll(body, out)
	if len(out) > len(body) {
		out = append(out[:0], plain)
		out = append(out, body...)
	}
	return out
}

// Unpack gives the body back.
func Unpack(packed []byte) ([]byte, error) {
	if len(packed) == 0 {
		return nil, errors.New("pack: empty")
	}
	switch packed[0] {
	case plain:
		return append([]byte(nil), packed[1:]...), nil
	case zdict:
		body, err := decoder.DecodeAll(packed[1:], make([]byte, 0, 4*len(packed)))
		if err != nil {
			return nil, fmt.Errorf("pack: %w", err)
		}
		return body, nil
	}
	return nil, fmt.Errorf("pack: unknown codec %d", packed[0])
}

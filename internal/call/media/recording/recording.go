// Package recording keeps the sound of a conversation on disk, sealed.
//
// What comes in: 20 ms of each side at a time, from a mix (it is a
// media.Tape), and a key that was made for this recording alone. What goes
// out: a file that can be read up to the last second before a crash, and from
// it a stereo WAV in A-law: left what the outside says, right what the
// practice says. It must never make a call wait for a disk, hold sound in the
// clear on disk, or give out a recording that somebody cut, swapped or added
// to as if it were whole.
//
// # The file
//
//	head    "HWSOUND", version 1 (1 byte), salt (32 bytes), check (16 bytes)
//	chunks  one for each second, AES-256-GCM, the last one shorter
//
// The key of the file and the check, by which another key is told from a
// recording with nothing in it, are HKDF-SHA-256 (RFC 5869) of the key given,
// the salt, and the head's first 8 bytes. A chunk in the clear is one mark a frame, and
// then the frames: 160 pairs of A-law bytes, left and right. Each chunk but
// the last has 50 frames; the last has fewer, none perhaps, and is written
// when the recording is closed. A nonce is 1 for the last chunk or 0, three
// zeros, and the number of the chunk (8 bytes): the STREAM construction
// (Hoang, Reyhanitabar, Rogaway and Vizár, 2015), so that no chunk can stand
// in another's place, and a file without its last chunk is seen to be cut.
package recording

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"heartwood/internal/fault"
)

const (
	magic    = "HWSOUND\x01"
	saltSize = 32
	checkAt  = len(magic) + saltSize
	headSize = checkAt + tagSize

	frameSize   = 160 // samples of one side
	frameTime   = 20 * time.Millisecond
	frameBytes  = 2 * frameSize
	framesChunk = 50
	perFrame    = 1 + frameBytes // with its mark
	tagSize     = 16
	fullSize    = framesChunk*perFrame + tagSize
)

// KeySize is the bytes of a key.
const KeySize = 32

// mark says what a frame is.
type mark byte

const (
	sound   mark = iota
	paused       // somebody asked for it not to be recorded
	missing      // the disk did not keep up
)

// seal is the cipher of one file.
type seal struct{ cipher.AEAD }

// newSeal makes it, and the check that stands in the head.
func newSeal(key, salt []byte) (s seal, check []byte, err error) {
	if len(key) != KeySize {
		return seal{}, nil, fault.New(fault.Internal, "A recording needs a key of %d bytes.", KeySize)
	}
	k, err := hkdf.Key(sha256.New, key, salt, magic, KeySize+tagSize)
	if err != nil {
		return seal{}, nil, err
	}
	block, err := aes.NewCipher(k[:KeySize])
	if err != nil {
		return seal{}, nil, err
	}
	aead, err := cipher.NewGCM(block)
	return seal{aead}, k[KeySize:], err
}

// nonce is the number of a chunk, and whether it is the last.
func nonce(chunk int64, last bool) []byte {
	var n [12]byte
	if last {
		n[0] = 1
	}
	binary.BigEndian.PutUint64(n[4:], uint64(chunk))
	return n[:]
}

func offset(chunk int64) int64 { return int64(headSize) + chunk*int64(fullSize) }

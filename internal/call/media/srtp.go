package media

import (
	"bytes"
	"errors"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"

	"heartwood/internal/fault"
)

// Keys are what SDP security descriptions agreed (RFC 4568): one suite and,
// for each direction, 30 bytes, the master key and its salt.
type Keys struct {
	Short         bool // AES_CM_128_HMAC_SHA1_32; otherwise _80
	Send, Receive []byte
}

const (
	keySize  = 16
	saltSize = 14
	replay   = 64 // packets back from the newest that are told from replays (RFC 3711, 3.3.2)
)

// cipher seals and opens the packets of one leg (RFC 3711).
type cipher struct {
	keys          Keys
	send, receive *srtp.Context
	sealed        []byte
	opened        []byte
	head          rtp.Header // room for seal
}

// newCipher makes one. Where a key has stayed since the one before, its
// counters go on: the same key must never begin to count anew (RFC 3711, 9.1).
func newCipher(k *Keys, before *cipher) (*cipher, error) {
	if len(k.Send) != keySize+saltSize || len(k.Receive) != keySize+saltSize {
		return nil, fault.At(fault.Invalid, "crypto", "A key for SRTP has 30 bytes.")
	}
	c := &cipher{keys: *k, sealed: make([]byte, 0, 2048), opened: make([]byte, 0, 2048)}
	if before != nil && before.keys.Short == k.Short {
		if bytes.Equal(before.keys.Send, k.Send) {
			c.send = before.send
		}
		if bytes.Equal(before.keys.Receive, k.Receive) {
			c.receive = before.receive
		}
	}
	var err, err2 error
	if c.send == nil {
		c.send, err = srtp.CreateContext(k.Send[:keySize], k.Send[keySize:], k.profile())
	}
	if c.receive == nil {
		c.receive, err2 = srtp.CreateContext(k.Receive[:keySize], k.Receive[keySize:], k.profile(),
			srtp.SRTPReplayProtection(replay), srtp.SRTCPReplayProtection(replay))
	}
	if err := errors.Join(err, err2); err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "This key for SRTP cannot be used.")
	}
	return c, nil
}

func (k *Keys) profile() srtp.ProtectionProfile {
	if k.Short {
		return srtp.ProtectionProfileAes128CmHmacSha1_32
	}
	return srtp.ProtectionProfileAes128CmHmacSha1_80
}

// open gives the packet in the clear, good until the next, or nil when it is
// not authentic or a replay.
func (c *cipher) open(b []byte, h *rtp.Header) []byte {
	clear, err := c.receive.DecryptRTP(c.opened[:0], b, h)
	if err != nil {
		return nil
	}
	return clear
}

// seal gives the packet as it is sent, good until the next.
func (c *cipher) seal(b []byte) []byte {
	sealed, err := c.send.EncryptRTP(c.sealed[:0], b, &c.head)
	if err != nil {
		return nil
	}
	return sealed
}

// openReport and sealReport do the same for RTCP.
func (c *cipher) openReport(b []byte) ([]byte, bool) {
	clear, err := c.receive.DecryptRTCP(nil, b, nil)
	return clear, err == nil
}

func (c *cipher) sealReport(b []byte) []byte {
	sealed, err := c.send.EncryptRTCP(nil, b, nil)
	if err != nil {
		return nil
	}
	return sealed
}

// Package g711 is the telephone network's sound: A-law and µ-law.
//
// What comes in: 16-bit samples at 8 kHz, or their one-byte codes. What goes
// out: the other of the two, by table, as ITU-T G.711 (11/88) defines the
// codes and G.191 (alaw_compress, ulaw_compress) scales them to 16 bits. It
// must never allocate: it runs for every packet of every call.
package g711

// Law is one of the two codes. The zero Law is A-law, which Europe uses.
type Law uint8

// The laws of G.711.
const (
	A  Law = iota // Europe; RTP payload type 8, "PCMA" (RFC 3551, 4.5.14)
	Mu            // North America and Japan; RTP payload type 0, "PCMU"
)

type tables struct {
	decode [256]int16
	encode [1 << 14]byte // by sample>>2, from the lowest
	other  [256]byte     // the same sound in the other law
}

var laws = build()

func build() *[2]tables {
	t := new([2]tables)
	for c := range 256 {
		t[A].decode[c], t[Mu].decode[c] = expandA(byte(c)), expandMu(byte(c))
	}
	for i := range 1 << 14 {
		s := int16((i - 1<<13) << 2)
		t[A].encode[i], t[Mu].encode[i] = compressA(s), compressMu(s)
	}
	for c := range 256 {
		t[A].other[c] = Mu.code(t, t[A].decode[c])
		t[Mu].other[c] = A.code(t, t[Mu].decode[c])
	}
	return t
}

func (l Law) code(t *[2]tables, s int16) byte { return t[l].encode[int(s)>>2+1<<13] }

// Encode writes the codes of src to dst, which is at least as long.
func (l Law) Encode(dst []byte, src []int16) {
	dst = dst[:len(src)]
	table := &laws[l&1].encode
	for i, s := range src {
		dst[i] = table[int(s)>>2+1<<13]
	}
}

// Decode writes the samples of src to dst, which is at least as long. No
// sample is beyond ±32,256.
func (l Law) Decode(dst []int16, src []byte) {
	dst = dst[:len(src)]
	table := &laws[l&1].decode
	for i, c := range src {
		dst[i] = table[c]
	}
}

// Translate writes src, in law l, to dst in law to, which may be the same.
// They may be one slice; dst is at least as long as src.
func (l Law) Translate(dst, src []byte, to Law) {
	dst = dst[:len(src)]
	if l == to {
		copy(dst, src)
		return
	}
	table := &laws[l&1].other
	for i, c := range src {
		dst[i] = table[c]
	}
}

// Silence is the code of no sound.
func (l Law) Silence() byte { return laws[l&1].encode[1<<13] }

// String is the law's name in SDP (RFC 3551, table 4).
func (l Law) String() string {
	if l == Mu {
		return "PCMU"
	}
	return "PCMA"
}

// compressA and its three sisters follow the reference code of ITU-T G.191;
// negative samples are taken by one's complement, as there.
func compressA(s int16) byte {
	sign := byte(0x80)
	if s < 0 {
		sign, s = 0, ^s
	}
	x := int(s) >> 4
	if x > 15 {
		exponent := 1
		for x > 31 {
			x >>= 1
			exponent++
		}
		x = x - 16 + exponent<<4
	}
	return (byte(x) | sign) ^ 0x55
}

func expandA(c byte) int16 {
	c ^= 0x55
	exponent, x := int(c&0x70)>>4, int(c&0x0f)
	if exponent > 0 {
		x += 16
	}
	x = x<<4 + 8
	if exponent > 1 {
		x <<= exponent - 1
	}
	if c&0x80 == 0 {
		x = -x
	}
	return int16(x)
}

const bias = 33 // of µ-law, in 14-bit units

func compressMu(s int16) byte {
	sign := byte(0x80)
	if s < 0 {
		sign, s = 0, ^s
	}
	x := min(int(s)>>2+bias, 0x1fff)
	segment := 1
	for i := x >> 6; i != 0; i >>= 1 {
		segment++
	}
	return sign | byte(8-segment)<<4 | byte(0x0f-x>>segment&0x0f)
}

func expandMu(c byte) int16 {
	positive := c >= 0x80
	c = ^c
	exponent := int(c) >> 4 & 7
	step := 8 << exponent
	x := 0x80<<exponent + step*int(c&0x0f) + step/2 - 4*bias
	if !positive {
		x = -x
	}
	return int16(x)
}

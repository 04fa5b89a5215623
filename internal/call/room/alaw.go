package room

// G.711 A-law, ITU-T G.711 table 1a, by tables: a telephone's voice.
var (
	linear   [256]int16
	compress [1 << 13]byte // by the upper 13 bits of a sample
)

func init() {
	for i := range linear {
		linear[i] = expand(byte(i))
	}
	for i := range compress {
		compress[i] = squeeze(int16(i<<3) + 4)
	}
}

func expand(b byte) int16 {
	b ^= 0x55
	v := int16(b&15)<<4 + 8
	if step := b >> 4 & 7; step > 0 {
		v = (v + 0x100) << (step - 1)
	}
	if b&0x80 == 0 {
		return -v
	}
	return v
}

// squeeze finds the step of a sample, and its place on it.
func squeeze(v int16) byte {
	sign, n := byte(0x80), int(v)
	if n < 0 {
		sign, n = 0, -n-1
	}
	step := byte(0)
	if n >>= 4; n > 15 {
		for step = 1; n > 31; step++ {
			n >>= 1
		}
	}
	return (sign | step<<4 | byte(n)&15) ^ 0x55
}

func toLinear(b byte) int16 { return linear[b] }

func toALaw(v int16) byte { return compress[uint16(v)>>3] }

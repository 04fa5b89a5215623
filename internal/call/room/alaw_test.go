package room_test

// G.711 A-law by its definition, apart from the tables that are tested.

func fromALaw(b byte) int16 {
	b ^= 0x55
	v := int16(b&15)<<4 + 8
	if seg := b >> 4 & 7; seg > 0 {
		v = (v + 0x100) << (seg - 1)
	}
	if b&0x80 == 0 {
		return -v
	}
	return v
}

func toALaw(v int16) byte {
	best, miss := byte(0), 1<<20
	for b := range 256 {
		if d := abs(int(fromALaw(byte(b))) - int(v)); d < miss {
			best, miss = byte(b), d
		}
	}
	return best
}

func abs(n int) int { return max(n, -n) }

package recording

import "encoding/binary"

// wavHeader is what comes before samples of stereo A-law at 8 kHz (Microsoft
// and IBM, Multimedia Programming Interface 1.0, and RFC 2361, A.5): RIFF,
// fmt, fact and data.
func wavHeader(samples int64) []byte {
	const (
		alaw     = 6
		channels = 2
		rate     = 8000
	)
	// 4 GiB of A-law are 74 hours; a longer one says as much as it can.
	data := uint32(min(samples*channels, 1<<32-1-50))
	b := append([]byte("RIFF"), 0, 0, 0, 0)
	b = append(b, "WAVEfmt "...)
	le := binary.LittleEndian
	b = le.AppendUint32(b, 18)
	b = le.AppendUint16(b, alaw)
	b = le.AppendUint16(b, channels)
	b = le.AppendUint32(b, rate)
	b = le.AppendUint32(b, rate*channels)
	b = le.AppendUint16(b, channels)
	b = le.AppendUint16(b, 8) // bits a sample
	b = le.AppendUint16(b, 0)
	b = append(b, "fact"...)
	b = le.AppendUint32(b, 4)
	b = le.AppendUint32(b, uint32(samples))
	b = append(b, "data"...)
	b = le.AppendUint32(b, data)
	le.PutUint32(b[4:], uint32(len(b)-8)+data)
	return b
}

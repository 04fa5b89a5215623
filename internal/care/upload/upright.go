package upload

import (
	"bytes"
	"encoding/binary"
	"image"
	"math"

	"golang.org/x/image/draw"
)

// smaller scales a picture down to what is kept.
func smaller(m image.Image) image.Image {
	b := m.Bounds()
	n := float64(b.Dx()) * float64(b.Dy())
	if n <= KeptPixels {
		return m
	}
	by := math.Sqrt(KeptPixels / n)
	dst := image.NewRGBA(image.Rect(0, 0, max(1, int(float64(b.Dx())*by)), max(1, int(float64(b.Dy())*by))))
	draw.ApproxBiLinear.Scale(dst, dst.Bounds(), m, b, draw.Src, nil)
	return dst
}

// orientation is the EXIF orientation of a JPEG, 1 (upright) when there is
// none. A phone says there how it was held; the pixels must be turned, since
// the note goes with all the rest that EXIF tells.
func orientation(b []byte) int {
	for i := 2; i+4 <= len(b) && b[i] == 0xFF; {
		marker, n := b[i+1], int(binary.BigEndian.Uint16(b[i+2:]))
		if marker == 0xDA || n < 2 || i+2+n > len(b) {
			return 1
		}
		if seg := b[i+4 : i+2+n]; marker == 0xE1 && bytes.HasPrefix(seg, []byte("Exif\x00\x00")) {
			return exifOrientation(seg[6:])
		}
		i += 2 + n
	}
	return 1
}

// exifOrientation reads tag 0x0112 of the first directory of a TIFF header.
func exifOrientation(t []byte) int {
	if len(t) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if string(t[:2]) == "II" {
		order = binary.LittleEndian
	}
	at := int64(order.Uint32(t[4:]))
	if at < 8 || at+2 > int64(len(t)) {
		return 1
	}
	n := int64(order.Uint16(t[at:]))
	for i := int64(0); i < n; i++ {
		e := at + 2 + 12*i
		if e+12 > int64(len(t)) {
			return 1
		}
		if order.Uint16(t[e:]) == 0x0112 {
			if o := int(order.Uint16(t[e+8:])); o >= 1 && o <= 8 {
				return o
			}
			return 1
		}
	}
	return 1
}

// upright turns and mirrors a picture as its orientation says.
func upright(m image.Image, o int) image.Image {
	if o == 1 {
		return m
	}
	b := m.Bounds()
	w, h := b.Dx(), b.Dy()
	src, ok := m.(*image.RGBA)
	if !ok || b.Min != (image.Point{}) {
		src = image.NewRGBA(image.Rect(0, 0, w, h))
		draw.Draw(src, src.Bounds(), m, b.Min, draw.Src)
	}
	dw, dh := w, h
	if o >= 5 {
		dw, dh = h, w
	}
	dst := image.NewRGBA(image.Rect(0, 0, dw, dh))
	for y := range h {
		for x := range w {
			i, j := turned(x, y, w, h, o)
			copy(dst.Pix[dst.PixOffset(i, j):][:4], src.Pix[src.PixOffset(x, y):][:4])
		}
	}
	return dst
}

// turned is where the pixel x, y of a w by h picture belongs.
func turned(x, y, w, h, o int) (int, int) {
	switch o {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return h - 1 - y, x
	case 7:
		return h - 1 - y, w - 1 - x
	default: // 8
		return y, w - 1 - x
	}
}

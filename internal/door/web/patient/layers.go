package patient

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io/fs"
	"iter"
	"os"

	"heartwood/internal/atomicfile"
)

// A part of a draft is a file of layers, one to a line in base64: each page
// adds one, which is a tenth of the work of a new file in the old one's place.
// The last that opens is the part as it stands, so what a crash cut off leaves
// the page before, and spoils nothing that is added after it.

// thick is how many times its part a file may grow to before it is made anew.
const thick = 16

// addLayer puts a layer on a file.
func addLayer(path string, b []byte) error {
	layer := make([]byte, 2+base64.StdEncoding.EncodedLen(len(b)))
	layer[0], layer[len(layer)-1] = '\n', '\n' // the first ends what a crash cut off
	base64.StdEncoding.Encode(layer[1:], b)
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0) //nolint:gosec // the name is a hash in hexadecimal
	if errors.Is(err, fs.ErrNotExist) {
		return atomicfile.Write(path, layer)
	}
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil || info.Size() >= int64(thick*len(layer)) {
		return errors.Join(err, f.Close(), atomicfile.Write(path, layer))
	}
	_, err = f.Write(layer)
	return errors.Join(err, f.Close())
}

// layers are those of a file, the last first; what is none is passed over.
func layers(b []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for len(b) > 0 {
			i := bytes.LastIndexByte(b, '\n')
			row := b[i+1:]
			b = b[:max(i, 0)]
			layer, err := base64.StdEncoding.AppendDecode(nil, row)
			if err == nil && len(layer) > 0 && !yield(layer) {
				return
			}
		}
	}
}

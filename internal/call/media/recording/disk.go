package recording

import "os"

// disk puts chunks where they belong. A chunk that could not be written is
// tried again, as it was sealed, before the next: its number is never used
// for anything else.
type disk struct {
	file  file
	seal  seal
	next  int64  // number of the next chunk
	stuck []byte // sealed as number next-1, and not written
	owed  int    // seconds to be marked as missing
	room  []byte
	box   []byte
	err   error // the last one
	whole bool  // the last chunk is written
}

type file interface {
	WriteAt(b []byte, at int64) (int, error)
	Sync() error
	Close() error
}

var _ file = (*os.File)(nil)

// add writes a chunk after what is missing before it, and gives how many
// frames are lost because the disk takes nothing.
func (d *disk) add(c *chunk, last bool) (lost int) {
	d.owed += c.missing
	if !d.catchUp() {
		d.owed++
		return c.n
	}
	if d.put(d.clear(c), last) && last {
		d.whole = true
	}
	return 0
}

// catchUp writes what is owed.
func (d *disk) catchUp() bool {
	if d.stuck != nil {
		if !d.write(d.stuck) {
			return false
		}
		d.stuck = nil
	}
	for d.owed > 0 {
		c := newChunk()
		c.n = framesChunk
		for i := range c.marks {
			c.marks[i] = missing
		}
		silence(c.sound[:])
		d.owed--
		ok := d.put(d.clear(c), false)
		chunks.Put(c)
		if !ok {
			return false
		}
	}
	return true
}

// put seals a chunk and writes it; when that fails it is kept to be tried
// again.
func (d *disk) put(clear []byte, last bool) bool {
	d.box = d.seal.Seal(d.box[:0], nonce(d.next, last), clear, nil)
	d.next++
	if d.write(d.box) {
		return true
	}
	d.stuck, d.box = d.box, nil
	return false
}

func (d *disk) write(sealed []byte) bool {
	_, err := d.file.WriteAt(sealed, offset(d.next-1))
	if err != nil {
		d.err = err
	}
	return err == nil
}

// clear lays out a chunk: marks, then sound.
func (d *disk) clear(c *chunk) []byte {
	d.room = d.room[:0]
	for _, m := range c.marks[:c.n] {
		d.room = append(d.room, byte(m))
	}
	return append(d.room, c.sound[:c.n*frameBytes]...)
}

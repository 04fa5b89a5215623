// Package atomicfile replaces files whole, and reads those that are their
// owner's alone.
//
// What comes in: a path and what the file is to hold. What goes out: the file,
// or an error. Whoever reads it at any instant must never find half of either
// version, and two that write it at once must never stand in each other's way.
package atomicfile

import (
	"errors"
	"os"
	"path/filepath"
)

// Ext ends the names of files that are being written; whoever lists a folder
// passes over them.
const Ext = ".part"

// Write replaces a file, for its owner alone to read, and makes its folder
// when there is none. A power cut soon after can lose it.
func Write(path string, b []byte) error { return write(path, b, false) }

// WriteDurable is Write, and returns when the file outlives a power cut.
func WriteDurable(path string, b []byte) error { return write(path, b, true) }

// ReadPrivate reads a file that nobody but its owner may read, such as a key.
// One that others may read is refused.
func ReadPrivate(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, errors.New("can be read by others: chmod 600 it")
	}
	return os.ReadFile(path)
}

func write(path string, b []byte, durable bool) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dir, ".*"+Ext) // 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(tmp.Name())
		}
	}()
	_, err = tmp.Write(b)
	if durable {
		err = errors.Join(err, tmp.Sync())
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	if durable {
		return syncDir(dir)
	}
	return nil
}

// syncDir makes a new name in a folder outlive a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

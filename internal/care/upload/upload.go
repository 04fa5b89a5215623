// Package upload makes a file that somebody sent safe to keep and to show.
//
// What comes in: a name, a declared type and bytes, none of which is to be
// believed. What goes out: a picture drawn afresh, upright and without
// location or other hidden data, or a plain PDF; or a refusal in one sentence.
// It must never keep a file whose content is not what its name and type say.
package upload

// Limits on what is taken.
const (
	MaxBytes   = 10 << 20   // of one file
	MaxPixels  = 40_000_000 // of one picture, as sent
	KeptPixels = 12_000_000 // of one picture, as kept: enough for a mole
	MaxFiles   = 5          // in one request
)

// File is a file as it was sent.
type File struct {
	Name string // as the sender's device called it
	Type string // the media type that the sender declared; "" when none
	Data []byte
}

// Clean is a file that is safe to keep.
type Clean struct {
	Name string // tidied, with the extension of its real type
	Type string // image/jpeg, image/png or application/pdf
	Data []byte
}

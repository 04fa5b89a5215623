// Package prompts is what the telephone says until a practice has recorded
// its own: short sentences, spoken by a machine, in the sound of a telephone.
//
// What comes in: the id of a prompt. What goes out: its words, and its sound
// as 8 kHz A-law (ITU-T G.711), 8,000 bytes a second, without a header. It
// must never say anything that is not in its list of words, so that whoever
// reads the list knows everything that a caller can hear.
//
// The words are those of care/callflow; render.sh makes their sounds, and
// `make prompts` does both.
package prompts

import (
	"embed"
	"encoding/csv"
	"errors"
	"io/fs"
	"strings"
	"sync"
	"time"
)

// Rate is how many bytes, each a sample, a second of sound has.
const Rate = 8000

//go:embed en.csv
var list string

//go:embed en/*.al
var sounds embed.FS

// Prompt is one thing that can be said.
type Prompt struct {
	ID    string
	Words string // what it says, to be read
	Sound []byte // A-law; not to be changed
}

// Length is how long it takes to say.
func (p Prompt) Length() time.Duration { return time.Duration(len(p.Sound)) * time.Second / Rate }

// All gives every prompt in the order of the list; it is not to be changed.
func All() []Prompt { return loaded().order }

// Of gives one prompt; false when there is none of that id.
func Of(id string) (Prompt, bool) {
	p, ok := loaded().by[id]
	return p, ok
}

type prompts struct {
	order []Prompt
	by    map[string]Prompt
}

var loaded = sync.OnceValue(func() prompts {
	p, err := load(list, sounds)
	if err != nil {
		panic("prompts: " + err.Error()) // a build that cannot speak: a test holds that there is none
	}
	return p
})

func load(list string, sounds fs.FS) (prompts, error) {
	rows, err := csv.NewReader(strings.NewReader(list)).ReadAll()
	if err != nil {
		return prompts{}, err
	}
	out := prompts{by: map[string]Prompt{}}
	for _, row := range rows[1:] {
		sound, err := fs.ReadFile(sounds, "en/"+row[0]+".al")
		if err != nil {
			return prompts{}, err
		}
		p := Prompt{ID: row[0], Words: row[1], Sound: sound}
		if _, twice := out.by[p.ID]; twice {
			return prompts{}, errors.New(p.ID + " is there twice")
		}
		out.order, out.by[p.ID] = append(out.order, p), p
	}
	return out, nil
}

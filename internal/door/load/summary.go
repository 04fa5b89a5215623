package load

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// keptRefusals is how many refusals a summary lists; it counts them all.
const keptRefusals = 100

// Refusal is one thing that was not stored, and why.
type Refusal struct {
	File    string `json:"file"`
	Entry   int    `json:"entry,omitempty"` // line, document or Bundle entry, from 1
	Where   string `json:"where,omitempty"` // the element at fault
	Message string `json:"message"`
	Count   int    `json:"count,omitempty"` // resources it stands for, when more than one
}

// Count is what became of the resources of one type.
type Count struct{ Read, Stored, Unchanged int }

// Refused is how many are not in the record.
func (c Count) Refused() int { return c.Read - c.Stored - c.Unchanged }

func (c *Count) add(o Count) {
	c.Read += o.Read
	c.Stored += o.Stored
	c.Unchanged += o.Unchanged
}

// Summary is what an import did.
type Summary struct {
	Types   map[string]Count // by resource type; "" for what was no resource
	Passed  int              // files and entries with nothing to load
	Faults  int              // refusals in all
	Refused []Refusal        // the first hundred
	Took    time.Duration

	all     io.Writer
	unsaved error // why the list of refusals could not be written
}

func newSummary(all io.Writer) *Summary {
	return &Summary{Types: map[string]Count{}, all: all}
}

func (s *Summary) change(typ string, c Count) {
	t := s.Types[typ]
	t.add(c)
	s.Types[typ] = t
}

// note counts what a unit has read, passed over and refused before storing.
func (s *Summary) note(u unit) {
	for _, typ := range u.read {
		s.change(typ, Count{Read: 1})
	}
	s.Passed += u.passed
	for _, r := range u.refused {
		s.list(r)
	}
}

// count counts one resource that is in the record now.
func (s *Summary) count(typ string, same bool) {
	if same {
		s.change(typ, Count{Unchanged: 1})
	} else {
		s.change(typ, Count{Stored: 1})
	}
}

// list keeps a refusal. How many resources of a type were refused is what was
// read and is neither stored nor unchanged.
func (s *Summary) list(r Refusal) {
	s.Faults++
	if len(s.Refused) < keptRefusals {
		s.Refused = append(s.Refused, r)
	}
	if s.all == nil || s.unsaved != nil {
		return
	}
	line, _ := json.Marshal(r)
	_, s.unsaved = s.all.Write(append(line, '\n'))
}

// Total is the sum over all types.
func (s Summary) Total() (c Count) {
	for _, t := range s.Types {
		c.add(t)
	}
	return c
}

// Print writes the summary as a table, and then what was refused.
func (s Summary) Print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "read\tstored\tunchanged\trefused\t  type")
	var names []string
	for name := range s.Types {
		names = append(names, name)
	}
	slices.Sort(names)
	row := func(c Count, name string) {
		fmt.Fprintf(t, "%d\t%d\t%d\t%d\t  %s\n", c.Read, c.Stored, c.Unchanged, c.Refused(), name)
	}
	for _, name := range names {
		label := name
		if name == "" {
			label = "(not a resource)"
		}
		row(s.Types[name], label)
	}
	total := s.Total()
	row(total, "in all")
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "%s, %.0f resources a second", s.Took.Round(time.Millisecond*10), float64(total.Read)/max(s.Took.Seconds(), .001))
	if s.Passed > 0 {
		fmt.Fprintf(w, "; %d files or entries held nothing to load", s.Passed)
	}
	fmt.Fprintln(w)
	if s.Faults == 0 {
		_, err := fmt.Fprintln(w, "Nothing was refused.")
		return err
	}
	fmt.Fprintf(w, "\nRefused (%d):\n", s.Faults)
	for _, r := range s.Refused {
		fmt.Fprintf(w, "  %s\n", r)
	}
	if s.Faults > len(s.Refused) {
		fmt.Fprintf(w, "  and %d more\n", s.Faults-len(s.Refused))
	}
	return s.unsaved
}

// String is one line: file, entry, element, reason.
func (r Refusal) String() string {
	var b strings.Builder
	b.WriteString(r.File)
	if r.Entry > 0 {
		fmt.Fprintf(&b, " entry %d", r.Entry)
	}
	if r.Where != "" {
		b.WriteString(" " + r.Where)
	}
	return b.String() + ": " + r.Message
}

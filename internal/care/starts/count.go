package starts

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"

	"heartwood/internal/care"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Key is what forms are counted by.
type Key struct {
	Day, Form, Step string // Step is "" for those that were sent
	Sent            bool
}

// MeasureURL names the reports of counts.
const MeasureURL = care.Base + "Measure/online-starts"

const system = care.Base + "online-starts-"

// Round counts the forms of a practice that were sent, and those that can be
// sent no more, and forgets their marks. It may be done again at any time.
func (m *Marks) Round(ctx context.Context, p *record.Practice) error {
	ods := p.ODS()
	batch, err := m.take(ods)
	if err != nil || len(batch) == 0 {
		return err
	}
	names := slices.Sorted(maps.Keys(batch))
	counts := map[Key]int{}
	for _, name := range names {
		counts[keyOf(batch[name])]++
	}
	change, err := Report(names, counts)
	if err != nil {
		return err
	}
	if _, err := p.Commit(ctx, change); err != nil && !fault.Is(err, fault.Conflict) {
		return err // a conflict: it was counted before it was cut off
	}
	return m.forget(ods, names)
}

func keyOf(m Mark) Key {
	if m.Sent {
		return Key{Day: m.Day, Form: m.Form, Sent: true}
	}
	return Key{Day: m.Day, Form: m.Form, Step: m.Step}
}

// take gives the batch that is to be counted: one that was cut off first.
func (m *Marks) take(ods ident.ODS) (map[string]Mark, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.dir == "" {
		return m.due(m.mem[ods]), nil
	}
	if left, _ := m.batch(ods).read(); len(left) > 0 {
		return left, nil
	}
	all, lines := m.journal(ods).read()
	if due := m.due(all); len(due) > 0 {
		return due, m.batch(ods).write(due)
	}
	if lines > 2*len(all) {
		return nil, m.journal(ods).write(all)
	}
	return nil, nil
}

// due are those that were sent or can be sent no more.
func (m *Marks) due(all map[string]Mark) map[string]Mark {
	out := maps.Clone(all)
	maps.DeleteFunc(out, func(_ string, x Mark) bool { return !x.Sent && x.Until.After(m.now()) })
	return out
}

// forget drops what was counted; the batch last, so that being cut off here
// counts nothing twice.
func (m *Marks) forget(ods ident.ODS, names []string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := m.marks(ods)
	for _, name := range names {
		delete(all, name)
	}
	if m.dir == "" {
		return nil
	}
	if err := m.journal(ods).write(all); err != nil {
		return err
	}
	return m.batch(ods).drop()
}

// Report is the change that records counts; the same names give the same
// report, which can be made once only.
func Report(names []string, counts map[Key]int) (record.Change, error) {
	h := sha256.New()
	for _, name := range names {
		h.Write([]byte(name + "\x00"))
	}
	keys := slices.SortedFunc(maps.Keys(counts), func(a, b Key) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Form, b.Form), cmp.Compare(a.Step, b.Step))
	})
	var groups write.List
	for _, k := range keys {
		fate := "left"
		if k.Sent {
			fate = "sent"
		}
		coding := write.List{}
		for _, c := range [][2]string{{"day", k.Day}, {"form", k.Form}, {"step", k.Step}, {"fate", fate}} {
			if c[1] != "" {
				coding = append(coding, write.Obj{"system": system + c[0], "code": c[1]})
			}
		}
		groups = append(groups, write.Obj{"code": write.Obj{"coding": coding}, "population": write.List{write.Obj{"count": counts[k]}}})
	}
	b := write.New(record.System, "forms begun online were counted", "")
	b.Create(ident.Ref{Type: "MeasureReport", ID: "starts-" + hex.EncodeToString(h.Sum(nil)[:16])}, write.Obj{
		"status": "complete", "type": "summary", "measure": MeasureURL, "group": groups,
		"period": write.Obj{"start": keys[0].Day, "end": keys[len(keys)-1].Day},
	})
	return b.Change()
}

// Read reads the counts of a report; nil when it is one of something else.
func Read(res *fhir.Resource) map[Key]int {
	if !res.Get("measure").Is(MeasureURL) {
		return nil
	}
	out := map[Key]int{}
	for g := range res.Get("group").Items() {
		var k Key
		for c := range g.Get("code", "coding").Items() {
			code := c.Get("code").Str()
			switch c.Get("system").Str() {
			case system + "day":
				k.Day = code
			case system + "form":
				k.Form = code
			case system + "step":
				k.Step = code
			case system + "fate":
				k.Sent = code == "sent"
			}
		}
		if n, err := strconv.Atoi(g.Get("population").First().Get("count").Str()); err == nil && n > 0 {
			out[k] += n
		}
	}
	return out
}

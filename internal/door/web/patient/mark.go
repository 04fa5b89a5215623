package patient

import (
	"heartwood/internal/care/starts"
	"heartwood/internal/words"
)

// mark counts how far a form has come. Nothing of who fills it in, or what
// they wrote, is in a mark.
func (a *Patients) mark(v visit, d *draft, step string) {
	until := v.now.Add(draftLife)
	if d.Saved {
		until = v.now.Add(savedLife)
	}
	a.marked(v, d, starts.Mark{Step: step, PutBy: d.Saved, Until: until})
}

func (a *Patients) marked(v visit, d *draft, m starts.Mark) {
	m.Day, m.Form = d.Started.In(words.London).Format("2006-01-02"), string(d.Kind)
	name, _ := keyOf(d.token, "start")
	a.starts.Note(v.ods, name, m)
}

package patient

import "heartwood/internal/door/web/page"

// step is one page of the form.
type step struct {
	name  string
	title string
	skip  func(v visit, d *draft) bool
	fill  func(d *draft) *page.Form             // the form with what is known
	save  func(v visit, d *draft, f *page.Form) // reads the form, noting what is wrong in it
	files bool                                  // it takes photos
	page  string                                // the page of the form that it asks
	done  func(d *draft) bool                   // besides having been sent, it is answered
}

// steps is what is asked around every form, in order: the form follows its
// kind, and "check" the last.
var steps = []step{
	{name: "who", title: "Who do you need help for?", skip: alone, fill: fillWho, save: saveWho},
	{name: "you", title: "About the person who needs help", skip: signedIn, fill: fillYou, save: saveYou},
	{name: "kind", title: "What do you need help with?", fill: fillKind, save: saveKind},
	{name: "photos", title: "Add photos", fill: fillPhotos, save: savePhotos, files: true},
	{name: "contact", title: "How should we reply?", fill: fillContact, save: saveContact},
}

func alone(v visit, _ *draft) bool    { return v.signedIn && len(v.Patients) == 1 }
func signedIn(_ visit, d *draft) bool { return d.Patient != "" }

// plan is the steps that this person has to take.
func plan(v visit, d *draft) []step {
	var out []step
	for _, s := range d.all() {
		if s.skip == nil || !s.skip(v, d) {
			out = append(out, s)
		}
	}
	return out
}

// finished tells whether a step has been answered.
func (d *draft) finished(s step) bool { return d.Done[s.name] && (s.done == nil || s.done(d)) }

// next is the first step that has not been answered: "check" when all have.
func next(v visit, d *draft) string {
	for _, s := range plan(v, d) {
		if !d.finished(s) {
			return s.name
		}
	}
	return "check"
}

// find is a step of this person's plan, once those before it are answered.
func find(v visit, d *draft, name string) (step, bool) {
	for _, s := range plan(v, d) {
		if s.name == name {
			return s, true
		}
		if !d.finished(s) {
			return step{}, false
		}
	}
	return step{}, false
}

// before is where the back link of a step leads.
func (v visit) before(d *draft, name string) string {
	back := v.root() + "ask"
	for _, s := range plan(v, d) {
		if s.name == name {
			break
		}
		back = v.root() + "ask/" + s.name
	}
	return back
}

// after is the step that follows in the plan, so that somebody who went back
// is led through what comes next again.
func after(v visit, d *draft, name string) string {
	found := false
	for _, s := range plan(v, d) {
		if found {
			return s.name
		}
		found = s.name == name
	}
	return next(v, d)
}

package triage

import "testing"

// A book that is nil has no rules, and finds nothing.
func TestNoBook(t *testing.T) {
	var b *Book
	if b.Screen(Input{Texts: []string{"chest pain"}}) != nil || b.Rules() != nil {
		t.Error("a nil book finds something")
	}
	if got := ScreenAlso(Input{Texts: []string{"chest pain"}}, nil); Worst(got) != Emergency {
		t.Errorf("%v", got)
	}
}

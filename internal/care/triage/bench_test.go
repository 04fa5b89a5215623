package triage

import (
	"strings"
	"testing"
)

// BenchmarkCompile is what starting costs: every rule of the program.
func BenchmarkCompile(b *testing.B) {
	for range b.N {
		load(Files())
	}
}

// BenchmarkOwn is what a practice's own file costs, once for each process.
func BenchmarkOwn(b *testing.B) {
	const own = "[[rule]]\nid = \"LR-001\"\ntitle = \"x\"\nlevel = \"urgent\"\ncatches = \"X.\"\nsource = \"x\"\nhazard = \"H-002\"\n" +
		"any = [\"smelter .. taste\"]\ncatch = [\"smelter taste\", \"the smelter and a taste\"]\npass = [\"smelter\"]\n"
	for range b.N {
		if _, wrong := Local(own); len(wrong) > 0 {
			b.Fatal(wrong)
		}
	}
}

// BenchmarkPage is what a page of a form costs: a long text, and a record of
// twenty entries.
func BenchmarkPage(b *testing.B) {
	in := Input{Texts: []string{strings.Repeat("I have had a sore throat and a cough since Monday, no fever, but my back aches when I bend. ", 20)}}
	for range 20 {
		in.Record = append(in.Record, "Type 2 diabetes mellitus without complication")
	}
	for range b.N {
		Screen(in)
	}
}

// BenchmarkLong is what screening costs when somebody writes twice what a box
// takes: in plain words, of nothing but illness, and so in six boxes.
func BenchmarkLong(b *testing.B) {
	const ill = "I have a crushing pain in my chest, I cannot breathe well, my left arm is weak, my speech is slurred and I am bleeding. "
	fill := func(text string) string { return strings.Repeat(text, 10_000/len(text)+1)[:10_000] }
	for name, texts := range map[string][]string{
		"plain": {fill(long)}, "ill": {fill(ill)}, "six": {fill(ill), fill(ill), fill(ill), fill(ill), fill(ill), fill(ill)},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Screen(Input{Texts: texts, Age: Years(44), Sex: Female})
			}
		})
	}
}

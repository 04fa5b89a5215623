package triage

import (
	"slices"
	"sort"
)

// hit is one phrase met in the text: tokens from up to and including to.
type hit struct {
	slot, from, to int
	weak           Level // 0: said plainly; else the most it may count for
	denied         bool
	over           bool   // it is told as long ago, or healed
	text           int    // which text
	fact           bool   // it counts from any distance
	known          string // of an answer: from is -1
}

// Screen finds every rule that the words meet, worst first. It is pure, and
// quick enough to run while somebody types.
func Screen(in Input) []Finding { return inForce().screen(in) }

// place is a group of a rule.
type place struct{ rule, group int }

// maxHits bounds the work that hostile text can cause in one group.
const maxHits = 200

func (b *book) screen(in Input) []Finding { return b.distinct(b.every(in)) }

// every finds every rule that is met.
func (b *book) every(in Input) []Finding {
	texts := in.Texts
	if len(in.Record) > 0 {
		texts = append(append(make([]string, 0, len(in.Texts)+len(in.Record)), in.Texts...), in.Record...)
	}
	toks := tokenise(texts, b.spelling)
	b.lookup(toks, len(in.Texts))
	hits := map[place][]hit{}
	for i := range toks {
		for _, id := range toks[i].ids {
			for k := range b.starts[id] {
				b.begin(in, toks, i, &b.starts[id][k], hits)
			}
		}
	}
	for _, a := range b.asked {
		if v, ok := a.met(in.Answers); ok && b.rules[a.rule].fits(in) {
			p := place{a.rule, a.group}
			hits[p] = append(hits[p], hit{slot: a.slot, from: -1, fact: true, known: a.link + ": " + v})
		}
	}
	return b.findings(texts, toks, hits)
}

// distinct leaves out findings that only say again what another says, at the
// same level or a higher one: "blood in my urine" is one thing to look at.
func (b *book) distinct(found []Finding) []Finding {
	if len(found) < 2 {
		return found
	}
	out := make([]Finding, 0, len(found))
	for i, f := range found {
		if !b.said(found, i) {
			out = append(out, f)
		}
	}
	return out
}

// said tells whether the finding at i is said by another that stays.
func (b *book) said(found []Finding, i int) bool {
	again := b.again[found[i].Rule]
	for j, g := range found {
		if j == i || g.Level < found[i].Level {
			continue
		}
		if slices.Contains(again, g.Rule) || slices.Contains(again, "*") && !slices.Contains(b.again[g.Rule], "*") {
			return true
		}
	}
	return false
}

// lookup gives each word the pattern words that it may be, and none to words
// of what only looks like a complaint.
func (b *book) lookup(toks []token, written int) {
	memo := make(map[string][]int, len(toks))
	for i := range toks {
		t := &toks[i]
		ids, ok := memo[t.word]
		if !ok {
			ids = b.vocab.lookup(t.word)
			memo[t.word] = ids
		}
		t.ids, t.record = ids, t.text >= written
	}
	for i := range toks {
		for _, id := range toks[i].ids {
			for k := range b.starts[id] {
				s := &b.starts[id][k]
				if s.rule != lookalike {
					break // they were put first
				}
				if end, ok := match(toks, i, s.steps); ok && oneBreath(toks, i, end) && (!s.told || longGone(toks, i, end, years)) {
					for j := i; j <= end; j++ {
						toks[j].ids = nil
					}
				}
			}
		}
	}
}

// oneBreath tells whether no comma stands between: "headache, tablets not
// helping" are no headache tablets.
func oneBreath(toks []token, i, end int) bool {
	for j := i + 1; j <= end; j++ {
		if toks[j].comma {
			return false
		}
	}
	return true
}

// begin adds a hit where a phrase is met from token i.
func (b *book) begin(in Input, toks []token, i int, s *start, hits map[place][]hit) {
	if s.rule < 0 || toks[i].record && !s.fact || !b.rules[s.rule].fits(in) {
		return
	}
	end, ok := match(toks, i, s.steps)
	if !ok {
		return
	}
	p := place{s.rule, s.group}
	if len(hits[p]) >= maxHits {
		return
	}
	h := hit{slot: s.slot, from: i, to: end, text: toks[i].text, fact: s.fact, denied: denied(toks, i)}
	if !s.fact {
		h.weak = past(toks, i, end)
		h.over = !b.rules[s.rule].Ever && over(toks, i, end, b.rules[s.rule].level)
	}
	hits[p] = append(hits[p], h)
}

// findings are the rules whose groups are met, worst first.
func (b *book) findings(texts []string, toks []token, hits map[place][]hit) []Finding {
	var out []Finding
	for n := range b.rules {
		r := &b.rules[n]
		var best Finding
		for g := range r.groups {
			found := hits[place{n, g}]
			if len(found) == 0 {
				continue
			}
			level, used := r.groups[g].met(r, found)
			if level > best.Level {
				best = Finding{Rule: r.ID, Title: r.Title, Level: level, Advice: b.advice[r.Advice]}
				best.Words, best.Known = quote(texts, toks, used)
				if level < r.level {
					best.Advice = b.advice["urgent"]
				}
			}
		}
		if best.Level > 0 {
			out = append(out, best)
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Level > out[j].Level })
	return out
}

// fits tells whether a rule is for this person. What is not known never
// rules anything out, except for rules that need the age.
func (r *compiled) fits(in Input) bool {
	if r.Sex != "" && in.Sex != "" && r.Sex != in.Sex {
		return false
	}
	if !in.Age.Known {
		return !r.AgeSaid
	}
	return in.Age.Days >= r.from && (r.to == 0 || in.Age.Days < r.to)
}

// match follows a phrase from token i, within one text and, across gaps,
// into the next clause at most. A gap does not reach over a denial.
func match(toks []token, i int, steps []step) (end int, ok bool) {
	at := i
	for _, s := range steps[1:] {
		if s.not {
			if at+1 < len(toks) && toks[at+1].text == toks[i].text && meets(toks[at+1].ids, s.ids) {
				return 0, false
			}
			continue
		}
		if at, ok = next(toks, i, at, s); !ok {
			return 0, false
		}
	}
	return at, true
}

// next finds the token after at that meets a step of the phrase begun at i.
func next(toks []token, i, at int, s step) (int, bool) {
	left := s.gap
	for j := at + 1; j < len(toks) && left >= 0; j++ {
		t := &toks[j]
		if t.text != toks[i].text || t.clause > toks[i].clause+1 || s.gap == 0 && t.clause != toks[at].clause && !turns[t.word] {
			return 0, false
		}
		if meets(t.ids, s.ids) {
			return j, true
		}
		if deniers[t.word] && (j+1 == len(toks) || !doubts[toks[j+1].word]) {
			return 0, false
		}
		if !t.soft {
			left--
		}
	}
	return 0, false
}

func meets(a, b []int) bool {
	for _, x := range a {
		if has(b, x) {
			return true
		}
	}
	return false
}

// met tells how strongly a group is met: 0 not at all.
func (g group) met(r *compiled, hits []hit) (Level, []hit) {
	var best Level
	var used []hit
	for _, h := range hits {
		if h.slot != 0 {
			continue
		}
		chosen := []hit{h}
		for slot := 1; slot < g.slots; slot++ {
			if n, ok := g.nearest(hits, h, slot); ok {
				chosen = append(chosen, n)
			}
		}
		if len(chosen) < g.slots {
			continue
		}
		if l := strength(r, chosen); l > best {
			best, used = l, chosen
		}
	}
	return best, used
}

// nearest is the hit of a slot closest to h, one that is said plainly before
// one that is denied.
func (g group) nearest(hits []hit, h hit, slot int) (best hit, ok bool) {
	for _, n := range hits {
		if n.slot != slot || g.within > 0 && far(h, n, g.within) {
			continue
		}
		if !ok || best.over && !n.over || best.denied && !n.denied || best.denied == n.denied && apart(h, n) < apart(h, best) {
			best, ok = n, true
		}
	}
	return best, ok
}

// far tells whether two hits are not near each other: not in one text, or more
// than so many words apart.
func far(a, b hit, within int) bool {
	return !a.fact && !b.fact && (a.text != b.text || apart(a, b) > within)
}

func apart(a, b hit) int {
	if a.fact || b.fact {
		return 0
	}
	if b.from > a.to {
		return b.from - a.to
	}
	return max(a.from-b.to, 0)
}

// strength is the level that hits together count for.
func strength(r *compiled, hits []hit) Level {
	l := r.level
	for _, h := range hits {
		if h.denied {
			l = min(l, r.denied)
		}
		if h.over {
			return 0
		}
		if h.weak > 0 {
			l = min(l, h.weak)
		}
	}
	return l
}

// quote gives the words that were met, as written, and apart from them what
// is known from the record and the answers.
func quote(texts []string, toks []token, hits []hit) (written, known []string) {
	sort.Slice(hits, func(i, j int) bool { return hits[i].from < hits[j].from })
	for _, h := range hits {
		if h.from < 0 {
			known = append(known, h.known)
			continue
		}
		a, b := toks[h.from], toks[h.to]
		if a.record {
			known = append(known, texts[a.text])
			continue
		}
		s := texts[a.text][a.from:b.to]
		if len(written) == 0 || written[len(written)-1] != s {
			written = append(written, s)
		}
	}
	return written, known
}

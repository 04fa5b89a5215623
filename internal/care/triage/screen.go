package triage

import "sort"

// hit is one phrase met in the text: tokens from up to and including to.
type hit struct {
	slot, from, to int
	weak           Level // 0: said plainly; else the most it may count for
	denied         bool
}

// Screen finds every rule that the words meet, worst first. It is pure, and
// quick enough to run while somebody types.
func Screen(in Input) []Finding { return rules.screen(in) }

func (b *book) screen(in Input) []Finding {
	toks := tokenise(in.Texts)
	memo := make(map[string][]int, len(toks))
	for i := range toks {
		t := &toks[i]
		ids, ok := memo[t.word]
		if !ok {
			ids = b.vocab.lookup(t.word)
			memo[t.word] = ids
		}
		t.ids = ids
	}
	type place struct{ rule, group int }
	hits := map[place][]hit{}
	for i := range toks {
		for _, id := range toks[i].ids {
			for _, s := range b.starts[id] {
				if !b.rules[s.rule].fits(in) {
					continue
				}
				if end, ok := match(toks, i, s.steps); ok {
					p := place{s.rule, s.group}
					if len(hits[p]) < 200 {
						hits[p] = append(hits[p], hit{slot: s.slot, from: i, to: end, weak: past(toks, i, end), denied: denied(toks, i)})
					}
				}
			}
		}
	}
	var out []Finding
	for n := range b.rules {
		r := &b.rules[n]
		var best Finding
		for g := range r.groups {
			level, used := r.groups[g].met(r, hits[place{n, g}])
			if level > best.Level {
				best = Finding{Rule: r.ID, Title: r.Title, Level: level, Words: quote(in.Texts, toks, used), Advice: b.advice[r.Advice]}
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
		if t.text != toks[i].text || t.clause > toks[i].clause+1 || s.gap == 0 && t.clause != toks[at].clause {
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
		if n.slot != slot || g.within > 0 && apart(h, n) > g.within {
			continue
		}
		if !ok || best.denied && !n.denied || best.denied == n.denied && apart(h, n) < apart(h, best) {
			best, ok = n, true
		}
	}
	return best, ok
}

func apart(a, b hit) int {
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
		if h.weak > 0 {
			l = min(l, h.weak)
		}
	}
	return l
}

// quote gives the words that were met, as written.
func quote(texts []string, toks []token, hits []hit) []string {
	sort.Slice(hits, func(i, j int) bool { return hits[i].from < hits[j].from })
	var out []string
	for _, h := range hits {
		a, b := toks[h.from], toks[h.to]
		s := texts[a.text][a.from:b.to]
		if len(out) == 0 || out[len(out)-1] != s {
			out = append(out, s)
		}
	}
	return out
}

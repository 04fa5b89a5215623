package triage

import (
	"slices"
	"time"
)

// Contact is one time that a person wrote or rang, by whatever channel.
type Contact struct {
	ID    string // the request's
	Texts []string
	Kind  string // what they said it is about; "" for not said
	At    time.Time
}

// Window is how long after a contact another for the same counts, when a
// practice has not said otherwise.
const Window = 14 * 24 * time.Hour

// Again compares a contact with earlier ones by the same person. related are
// the ids of those within the window that are about the same or a related
// problem, newest first. The findings say why that raises the urgency: a
// contact before and words of getting worse, or the third for the same.
func Again(now Contact, earlier []Contact, window time.Duration) (related []string, found []Finding) {
	return inForce().repeated(now, earlier, window)
}

func (b *book) repeated(now Contact, earlier []Contact, window time.Duration) (related []string, found []Finding) {
	mine := b.gist(now)
	earlier = slices.Clone(earlier)
	slices.SortStableFunc(earlier, func(x, y Contact) int { return y.At.Compare(x.At) })
	for _, c := range earlier {
		if c.ID == now.ID && c.ID != "" || c.At.After(now.At) || now.At.Sub(c.At) > window {
			continue
		}
		if mine.like(b.gist(c)) && !slices.Contains(related, c.ID) {
			related = append(related, c.ID)
		}
	}
	if len(related) > 0 && len(mine.worse) > 0 {
		found = append(found, b.raised("RF-200", mine.worse))
	}
	if len(related) > 1 {
		found = append(found, b.raised("RF-201", nil))
	}
	return related, found
}

// Worsening gives the words that say that something gets worse or does not
// get better, as written.
func Worsening(texts ...string) []string { return inForce().gist(Contact{Texts: texts}).worse }

// AgainIn is the finding of a message within a request that says it gets
// worse.
func AgainIn(texts ...string) []Finding {
	if w := Worsening(texts...); len(w) > 0 {
		return []Finding{inForce().raised("RF-200", w)}
	}
	return nil
}

// raised is the finding of one of the rules of repeated contact.
func (b *book) raised(id string, words []string) Finding {
	for _, r := range b.repeats {
		if r.ID == id {
			return Finding{Rule: r.ID, Title: r.Title, Level: Urgent, Words: words, Advice: b.advice["urgent"]}
		}
	}
	return Finding{}
}

// gist is what a contact is about.
type gist struct {
	problems map[string]bool // of the vocabulary: "chest", "skin"
	salient  map[string]bool // longer words that few people write
	worse    []string        // words of getting worse, as written
	paper    bool            // it is about paper: a note, a form, an address
}

// The problems of the vocabulary that stand for more than a part of the body.
const (
	worsening = "worsening"
	paperwork = "paperwork"
)

// salientFrom is the length from which a word may tell two problems apart.
const salientFrom = 6

func (b *book) gist(c Contact) gist {
	toks := tokenise(c.Texts, b.spelling)
	b.lookup(toks, len(c.Texts))
	g := gist{problems: map[string]bool{}, salient: map[string]bool{}}
	for i := range toks {
		for _, id := range toks[i].ids {
			for k := range b.starts[id] {
				s := &b.starts[id][k]
				if s.rule != problem {
					continue
				}
				end, ok := match(toks, i, s.steps)
				if !ok || denied(toks, i) {
					continue
				}
				switch name := b.problems[s.group]; name {
				case worsening:
					w := c.Texts[toks[i].text][toks[i].from:toks[end].to]
					if !slices.Contains(g.worse, w) {
						g.worse = append(g.worse, w)
					}
				case paperwork:
					g.paper = true
				default:
					g.problems[name] = true
				}
			}
		}
		if w := toks[i].word; len(w) >= salientFrom && !b.common[w] {
			g.salient[w] = true
		}
	}
	return g
}

// like tells whether two contacts are about the same or a related problem:
// one part of the body or one complaint in common, or else two telling words.
// What is about paper alone is like nothing: three letters are no illness.
func (g gist) like(h gist) bool {
	if g.paper && len(g.problems) == 0 || h.paper && len(h.problems) == 0 {
		return false
	}
	for p := range g.problems {
		if h.problems[p] {
			return true
		}
	}
	if len(g.problems) > 0 && len(h.problems) > 0 {
		return false
	}
	n := 0
	for w := range g.salient {
		if h.salient[w] {
			n++
		}
	}
	return n >= 2
}

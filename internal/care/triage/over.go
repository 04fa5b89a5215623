package triage

// What is told as long ago, or as over and healed, counts for less. It still
// makes a rule for an emergency urgent, when it is long ago; a rule that asks
// for the same day is not met by it. Words that say that it is back, goes on
// or gets worse take that away.

// nearby is how many words after a phrase may say that it is over.
const nearby = 9

// mends are words that say so.
var mends = set("healed mended resolved recovered cleared settled")

// mended are the second words of those that say so: "all fine", "much better".
var mended = map[string]map[string]bool{
	"all":   set("fine clear normal gone good better well"),
	"fine":  set("now since"),
	"fully": set("well better fit"),
	"much":  set("better"),
	"nearly": set(
		"better gone"),
	"has":     set("gone"),
	"getting": set("better"),
	"no":      set("trouble problems"),
	"nothing": set("new"),
	"quite":   set("mended well better"),
	"running": set("about"),
	"right":   set("rain"),
	"went":    set("fine"),
}

// goesOn are words that say that it is not over.
var goesOn = set("again still worse worsening back keeps keep now spreading returned returning hasnt havent isnt wont cant never")

// seasons and the like, after "last", are long ago.
var seasons = set("year winter summer spring autumn christmas")

// over tells whether what is said from token from to token to is told as
// being over.
func over(toks []token, from, to int) bool {
	is := false
	for j := to + 1; j < len(toks) && j <= to+nearby && toks[j].text == toks[to].text && toks[j].clause <= toks[to].clause+1; j++ {
		w := toks[j].word
		if goesOn[w] && !is {
			return false
		}
		if mends[w] && !deniers[toks[j-1].word] || j+1 < len(toks) && mended[w][toks[j+1].word] && !deniers[toks[j-1].word] {
			is = true
		}
	}
	return is || longAgo(toks, from, to)
}

// longAgo tells whether it is said to be years old: "in 2014", "last winter",
// "as a child", "for years". What is said of now takes it away.
func longAgo(toks []token, from, to int) bool {
	is := false
	for j := max(0, from-5); j < len(toks) && j <= to+nearby; j++ {
		t := &toks[j]
		if t.text != toks[to].text || t.clause < toks[from].clause || t.clause > toks[to].clause {
			continue
		}
		before := ""
		if j > 0 {
			before = toks[j-1].word
		}
		switch {
		case j > to && goesOn[t.word]:
			return false
		case isYear(t.word), seasons[t.word] && before == "last", t.word == "child" && before == "as":
			is = true
		case t.word == "ago" && (before == "years" || before == "year"), t.word == "years" && before != "old":
			is = true
		}
	}
	return is
}

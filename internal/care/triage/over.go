package triage

// What is told as long ago, or as over and healed, counts for less: a rule that
// asks for the same day is not met by it. A rule for an emergency is made urgent
// by what is long ago, and not met by what is long ago and healed. Words that say that it is back, goes on
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
	"nothing": set("new since"),
	"free":    set("from"),
	"nowt":    set("since"),
	"none":    set("since"),
	"quite":   set("mended well better"),
	"running": set("about"),
	"right":   set("as rain"),
	"went":    set("fine"),
}

// goesOn are words that say that it is not over.
var goesOn = set("again still worse worsening back keeps keep now spreading returned returning hasnt havent isnt wont cant never")

// young are the words of an age long past: "as a kid", "when she was three".
var young = set("child kid baby little small young tiny boy girl toddler teenager student two three four five six seven eight nine ten eleven twelve")

// seasons and the like, after "last", are long ago.
var seasons = set("year winter summer spring autumn christmas")

// nows are words of today, which take it away that something is long gone.
var nows = set("now today tonight morning afternoon evening night lunchtime teatime yesterday minutes minute hour hours currently suddenly just still again")

// thens are words that put what befell somebody into the past.
var thens = set("died dead late young aged forties fifties sixties seventies eighties")

// longGone tells whether what is said from token from to token to is told as
// of the past, with nothing near it that may be of now: "my dad had a stroke at
// 60" is, "my dad had a stroke" may be news.
func longGone(toks []token, from, to int, units map[string]bool) bool {
	gone := longAgo(toks, from, to, units)
	for j := max(0, from-nearby); j < len(toks) && j <= to+nearby; j++ {
		t := &toks[j]
		if t.text != toks[to].text {
			continue
		}
		if nows[t.word] {
			return false
		}
		gone = gone || thens[t.word] || j > to && isDigit(t.word[0]) && (toks[j-1].word == "at" || toks[j-1].word == "age")
	}
	return gone
}

// over tells whether what is said from token from to token to is told as
// being over: long ago or healed, and for an emergency both.
func over(toks []token, from, to int, level Level) bool {
	is, back := healed(toks, to)
	if back {
		return false
	}
	if level == Emergency {
		return (is || fine(toks, to)) && longGone(toks, from, to, months)
	}
	return is || longAgo(toks, from, to, years)
}

// fine tells whether soon after token to all is said to be well, or not to
// have been again: of what is long ago it is enough.
func fine(toks []token, to int) bool {
	denier := -nearby
	for j := to + 1; j < len(toks) && j <= to+2*nearby && toks[j].text == toks[to].text; j++ {
		switch w := toks[j].word; {
		case deniers[w]:
			denier = j
		case w == "fine" || w == "ok" || w == "okay", w == "since" && j-denier <= nearby-3:
			return true
		}
	}
	return false
}

// healed tells whether what is said up to token to is told as healed, and
// whether it is told as back.
func healed(toks []token, to int) (is, back bool) {
	for j := to + 1; j < len(toks) && j <= to+nearby && toks[j].text == toks[to].text && toks[j].clause <= toks[to].clause+1; j++ {
		w := toks[j].word
		if goesOn[w] && !is {
			return false, true
		}
		if mends[w] && !deniers[toks[j-1].word] || j+1 < len(toks) && mended[w][toks[j+1].word] && !deniers[toks[j-1].word] {
			is = true
		}
	}
	return is, false
}

// What is counted in years is long ago; with what is healed, months are enough.
var years, months = set("year years"), set("year years month months")

// longAgo tells whether it is said to be years old: "in 2014", "last winter",
// "as a child", "for years". What is said of now takes it away.
func longAgo(toks []token, from, to int, units map[string]bool) bool {
	is := false
	for j := max(0, from-7); j < len(toks) && j <= to+nearby; j++ {
		t := &toks[j]
		when := t.clause == toks[to].clause+1 && said(toks, j, "when")
		if t.text != toks[to].text || t.clause < toks[from].clause || t.clause > toks[to].clause && !when {
			continue
		}
		before := ""
		if j > 0 {
			before = toks[j-1].word
		}
		switch {
		case j > to && goesOn[t.word]:
			return false
		case isYear(t.word), seasons[t.word] && (before == "last" || before == "in" && j > 1 && toks[j-2].word == "back"), t.word == "time" && before == "last":
			is = true
		case young[t.word] && (before == "as" || said(toks, j, "when")):
			is = true
		case (t.word == "ago" || t.word == "back") && units[before], t.word == "years" && before != "old":
			is = true
		}
	}
	return is
}

// said tells whether a word is one of the three before token j.
func said(toks []token, j int, word string) bool {
	for k := max(0, j-3); k < j; k++ {
		if toks[k].word == word && toks[k].clause == toks[j].clause {
			return true
		}
	}
	return false
}

package triage

import "strconv"

// What is denied is not flagged: "no chest pain", "denies cough, fever or
// rash". What is merely doubted is: "not sure if it is chest pain".

var deniers = set("no not never denies denied deny without nil dont doesnt didnt havent hasnt hadnt isnt wasnt arent none neither")

// doubts after a denier take its force away.
var doubts = set("sure only just certain better idea relief change doubt know think want stop stopping stopped going go gone improving improved longer help helped working work able matter wonder getting")

// owners after dont, didnt … keep its force; anything else between is doubt.
var owners = set("have had got feel see get any a i")

// reach is how many words after a denier are denied.
const reach = 3

// denied tells whether the phrase at token i is denied in its own clause.
func denied(toks []token, i int) bool {
	segment := 0 // words since the last comma, going back
	orList := i > 0 && (toks[i-1].word == "or" || toks[i-1].word == "nor")
	for j := i - 1; j >= 0 && toks[j].text == toks[i].text && toks[j].clause == toks[i].clause; j-- {
		if toks[j+1].comma {
			if !orList && !listed(toks, i) {
				return false
			}
			segment = 0
		}
		segment++
		if segment > reach+1 {
			return false
		}
		if deniers[toks[j].word] {
			return !doubts[toks[j+1].word] && certain(toks, j, i)
		}
		if toks[j].word == "or" || toks[j].word == "nor" {
			segment, orList = 0, true
		}
		if toks[j].word == "and" && !orList || toks[j].word == "i" && segment > 1 {
			return false
		}
	}
	return false
}

// listed tells whether the list that token i stands in ends with "or".
func listed(toks []token, i int) bool {
	run := 0
	for j := i + 1; j < len(toks) && toks[j].clause == toks[i].clause && toks[j].text == toks[i].text; j++ {
		if toks[j].word == "or" || toks[j].word == "nor" {
			return true
		}
		if run++; toks[j].comma {
			run = 0
		}
		if run > reach {
			return false
		}
	}
	return false
}

// certain tells whether dont, didnt and the like at j own what follows: "I
// don't have chest pain" does, "I don't like this chest pain" does not.
func certain(toks []token, j, i int) bool {
	switch toks[j].word {
	case "dont", "doesnt", "didnt", "not", "isnt", "wasnt", "arent":
		return j+1 == i || owners[toks[j+1].word] || toks[j].word == "not" && i-j <= 2
	}
	return true
}

// past tells whether a phrase is said of long ago, and then the most that it
// may count for: a clinician reads it the same day.
func past(toks []token, from, to int) Level {
	for j := max(0, from-4); j < from; j++ {
		if toks[j].clause != toks[from].clause {
			continue
		}
		switch toks[j].word {
		case "history", "hx", "pmh", "previous", "previously":
			return Urgent
		}
	}
	for j := to + 1; j < len(toks) && j <= to+5 && toks[j].clause == toks[to].clause; j++ {
		if toks[j].word == "ago" && (toks[j-1].word == "years" || toks[j-1].word == "year") || isYear(toks[j].word) {
			return Urgent
		}
		if toks[j].word == "last" && j+1 < len(toks) && toks[j+1].word == "year" {
			return Urgent
		}
	}
	return 0
}

func isYear(w string) bool {
	if len(w) != 4 || !isDigit(w[0]) {
		return false
	}
	n, err := strconv.Atoi(w)
	return err == nil && n >= 1930 && n <= 2100
}

package triage

import (
	"strconv"
	"strings"
)

// vocabulary is every word that the patterns use, so that a word of the text
// is looked up once.
type vocabulary struct {
	exact    map[string]int
	prefix   map[string]int   // "bleed" for bleed*
	shortest int              // prefix
	near     map[string][]int // a pattern word with one letter left out
	swapped  map[string]int   // a short pattern word with two neighbours swapped
	words    []string         // by id
	spelling map[string]string
	number   int     // the id of #
	bounds   []bound // the numbers that ##, #38 and #<90 take
}

// swapFrom is the length from which two neighbouring letters may be swapped,
// as thumbs do: "pian".
const swapFrom = 4

// fuzzyFrom is the length from which a word may be misspelt by one letter.
const fuzzyFrom = 6

// kept are right words that a misspelling of a pattern word looks like.
var kept = set(`breathe breather chess chests cheat chased heard heat hearth beat bear hearts breach breathed
	thought through though weight wright weigh slight sight right light night might fight stroke strike struck spoke stroked
	started starred staring feeling feeding bleeding breeding pleading leading reading needing numbed number numbers
	swelling dwelling spelling smelling selling telling rushing crushing brushing crashing
	vision version mission fasting lasting falling calling failing walling testing resting chatting
	collapse collapsed relapse lapse seizure leisure overdone overdue killing billing filling willing skilling
	infested ingested tested vested breast beast feast least blast suddenly sunday
	ankle uncle angle attached painting pointing starts start stare wondering wonder wondered thinking sinking drinking shaking sharing making taking waking walking talking cancer dancer
	fainted painted tainted pointed faint paint patient patients nothing noticing mothers brother bother other mother
	passing pasting parsing missing kissing hissing hitting sitting shirting
	nipple ripple nibble little kettle throat threat treat great weather whether
	stiffen stuff staff tongue belly jelly belle
	attach attacker awaiting backed backing became becomes become battle balanced banned blocker blocking binding breadth brian cancel cancelled
	carries carried certain chance chances charge charged checked chose closes cleaned clearer clicking closer closest coarse coding combine combined combing
	compete content consent contract contacts copying corners course courses cured deliver denial depths driven doubled election exits expose explore exploring
	facing factory factor farther filed filing finder force forced garbage gained grands granting halves haven header headed heading horse
	inject injected insert inserted intend invented inset inspect lacked latter leaving listed listing locking looping loosen
	marking masking master matters misses misused nearby needless neither notice notices noting oversight packing parsed pasted passage patched paying placing
	pocket pockets pointer pooled pound quite rating reaching reusing scaled scattered second seeking sending serve setter setting shared shares shapes shells
	shipped shipping shorten signing skipped slower spaces spanning speeding spelled spells spring stacks stages staging stalling stated states static stepped
	stepping store stored stores storing story streaming streams stride string stringer strings strip stripped switches thanks thirty thorough thrust tiers traces tracing
	tricks tried tries tuned tuning usable violet waited watched watcher wasted wheels wording writes
	baking balking banking beach blade blight bright bowling breaching camping clocking cooking cramming easing faces faking fats flights fright glowing hamper
	locket locks patrol painter pleased raking sewing shorts slowing snakes snowing socking sowing stains stakes stared stinking stocking swears trucks turner waiters wearer witches`)

func newVocabulary(spelling map[string]string) *vocabulary {
	v := &vocabulary{spelling: spelling, exact: map[string]int{}, prefix: map[string]int{}, near: map[string][]int{}, swapped: map[string]int{}, shortest: 99}
	v.number = v.id("#")
	return v
}

// id gives a pattern word its number. "bleed*" is any word that begins so.
func (v *vocabulary) id(word string) int {
	word = strings.ReplaceAll(word, "'", "")
	if right, ok := v.spelling[word]; ok {
		word = right
	}
	m, key := v.exact, word
	if p, ok := strings.CutSuffix(word, "*"); ok {
		m, key = v.prefix, p
		v.shortest = min(v.shortest, len(p))
	}
	if id, ok := m[key]; ok {
		return id
	}
	id := len(v.words)
	m[key] = id
	v.bound(id, word)
	v.words = append(v.words, word)
	if len(key) >= swapFrom && len(key) < fuzzyFrom && m[key] == id && !strings.HasSuffix(word, "*") {
		for i := 1; i+1 < len(key); i++ {
			v.swapped[key[:i]+string(key[i+1])+string(key[i])+key[i+2:]] = id
		}
	}
	if len(key) >= fuzzyFrom && !strings.HasSuffix(word, "*") {
		for _, d := range deletions(key) {
			v.near[d] = append(v.near[d], id)
		}
		v.near[key] = append(v.near[key], id)
	}
	return id
}

// bound is a pattern word for numbers from n, or below it.
type bound struct {
	id    int
	n     float64
	below bool
}

// bound notes which numbers a pattern word takes: ## is 8 or more, #38 is 38
// or more, #<90 is less than 90.
func (v *vocabulary) bound(id int, word string) {
	n, ok := strings.CutPrefix(word, "#")
	if !ok || n == "" {
		return
	}
	if n == "#" {
		n = "8"
	}
	n, below := strings.CutPrefix(n, "<")
	if x, err := strconv.ParseFloat(n, 64); err == nil {
		v.bounds = append(v.bounds, bound{id, x, below})
	}
}

// lookup lists the pattern words that a word of the text may be.
func (v *vocabulary) lookup(word string) []int {
	var ids []int
	if id, ok := v.exact[word]; ok {
		ids = append(ids, id)
	}
	if isDigit(word[0]) {
		ids = append(ids, v.number)
		ids = v.numbers(word, ids)
	}
	for n := v.shortest; n <= len(word); n++ {
		if id, ok := v.prefix[word[:n]]; ok {
			ids = append(ids, id)
		}
	}
	if len(ids) > 0 || kept[word] {
		return ids
	}
	if id, ok := v.swapped[word]; ok {
		ids = append(ids, id)
	}
	if id, ok := v.exact[word+"g"]; ok && strings.HasSuffix(word, "in") && len(word) > 4 {
		ids = append(ids, id) // "fittin"
	}
	if w := calm(word); w != word {
		return append(ids, v.lookup(w)...)
	}
	if len(word) >= fuzzyFrom-1 && len(word) <= 24 {
		ids = append(ids, v.misspelt(word)...)
	}
	return ids
}

// calm takes letters off that stand more than twice: "painnnn", "sooo".
func calm(word string) string {
	out := make([]byte, 0, len(word))
	for i := range len(word) {
		if n := len(out); n > 1 && out[n-1] == word[i] && out[n-2] == word[i] {
			continue
		}
		out = append(out, word[i])
	}
	if n := len(out); n > 3 && n < len(word) && out[n-1] == out[n-2] {
		out = out[:n-1]
	}
	return string(out)
}

// mostMeasured is above every temperature, pulse or sugar: it is a year.
const mostMeasured = 1000

func (v *vocabulary) numbers(word string, ids []int) []int {
	x, err := strconv.ParseFloat(word, 64)
	if err != nil || x >= mostMeasured {
		return ids
	}
	for _, b := range v.bounds {
		if x < b.n == b.below {
			ids = append(ids, b.id)
		}
	}
	return ids
}

// misspelt lists the pattern words from which word differs by one letter more,
// less, other or swapped.
func (v *vocabulary) misspelt(word string) []int {
	var ids []int
	add := func(key string) {
		for _, id := range v.near[key] {
			if !has(ids, id) && oneOff(v.words[id], word) {
				ids = append(ids, id)
			}
		}
	}
	add(word)
	for i := range word {
		add(word[:i] + word[i+1:])
	}
	return ids
}

func has(ids []int, id int) bool {
	for _, x := range ids {
		if x == id {
			return true
		}
	}
	return false
}

// deletions lists a word with each letter left out in turn.
func deletions(word string) []string {
	out := make([]string, 0, len(word))
	for i := range word {
		out = append(out, word[:i]+word[i+1:])
	}
	return out
}

// oneOff tells whether a and b are one edit apart (Damerau: one letter added,
// left out, changed, or two neighbours swapped) and begin with the same letter
// or with the first two swapped.
func oneOff(a, b string) bool {
	if a == b {
		return true
	}
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	if i == 0 && (len(a) < 2 || len(b) < 2 || a[0] != b[1] || a[1] != b[0]) {
		return false
	}
	x, y := a[i:], b[i:]
	switch {
	case len(a) == len(b)+1:
		return x[1:] == y
	case len(b) == len(a)+1:
		return x == y[1:]
	case len(a) == len(b):
		return x[1:] == y[1:] || len(x) > 1 && x[0] == y[1] && x[1] == y[0] && x[2:] == y[2:]
	}
	return false
}

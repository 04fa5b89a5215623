package demo

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"time"

	"heartwood/internal/ident"
)

// person is one patient before their record is written.
type person struct {
	number   int // in the network, from 0
	id       string
	nhs      ident.NHSNumber
	female   bool
	age      int // on the network's day
	born     time.Time
	given    string
	family   string
	heritage *heritage
	language string
	tenth    int // of deprivation, 1 most deprived
	address  Address
	phone    string
	gp       int       // index into gpPosts
	parents  []*person // for those who live with them
	children []*person // under 16, who live with them
	lead     bool      // the first of the household
	habits   habits
}

// household is people at one address.
type household struct {
	adults, young []*person
}

// blockSize is how many people are drawn together. Ages are spread evenly
// over the pyramid within a block and then put into households, so that every
// practice has the pyramid whatever its households.
const blockSize = 120

// people are the practice's patients, household by household.
func (p Practice) people() iter.Seq[*person] {
	return func(yield func(*person) bool) {
		number := p.index * p.net.cfg.Patients
		for from := 0; from < p.net.cfg.Patients; from += blockSize {
			size := min(blockSize, p.net.cfg.Patients-from)
			r := p.net.random("block "+string(p.ODS), from)
			for _, h := range p.block(r, size) {
				p.settle(r, h)
				for _, one := range slices.Concat(h.adults, h.young) {
					p.identify(one, number)
					number++
				}
				for _, one := range slices.Concat(h.adults, h.young) {
					if !yield(one) {
						return
					}
				}
			}
		}
	}
}

// block draws people and puts them into households.
func (p Practice) block(r *rand.Rand, size int) []*household {
	all := make([]*person, size)
	for i := range all {
		u := (float64(i) + r.Float64()) / float64(size)
		one := &person{}
		one.age, one.female = drawAge(u, p.lean, r)
		y, m, d := p.net.day.Date()
		one.born = time.Date(y-one.age, m, d-r.IntN(365), 0, 0, 0, 0, time.UTC)
		all[i] = one
	}
	var adults, young []*person
	for _, one := range all {
		if one.age < 18 || one.age < 25 && r.IntN(100) < 45 {
			young = append(young, one)
		} else {
			adults = append(adults, one)
		}
	}
	homes := couples(r, adults)
	slices.SortFunc(young, func(a, b *person) int { return b.age - a.age })
	for _, child := range young {
		if h := homeFor(r, child, homes); h != nil {
			h.young = append(h.young, child)
			continue
		}
		homes = append(homes, &household{adults: []*person{child}})
	}
	return homes
}

// couples pairs adults of like age; the rest live alone.
func couples(r *rand.Rand, adults []*person) []*household {
	slices.SortStableFunc(adults, func(a, b *person) int { return b.age - a.age })
	taken := make(map[*person]bool)
	var homes []*household
	for i, a := range adults {
		if taken[a] {
			continue
		}
		h := &household{adults: []*person{a}}
		homes = append(homes, h)
		if r.Float64() >= livesAsCouple(a.age) {
			continue
		}
		same := r.IntN(100) < 3
		for _, b := range adults[i+1:] {
			if taken[b] || a.age-b.age > 9 || (a.female == b.female) != same {
				continue
			}
			taken[b] = true
			h.adults = append(h.adults, b)
			break
		}
	}
	return homes
}

// livesAsCouple is the chance that an adult has a partner at home (after ONS,
// Families and households in the UK: 2023).
func livesAsCouple(age int) float64 {
	switch {
	case age < 25:
		return .25
	case age < 35:
		return .62
	case age < 75:
		return .74
	default:
		return .5
	}
}

// homeFor finds a household with someone of an age to be the child's parent:
// a couple when there is one, with few children so far.
func homeFor(r *rand.Rand, child *person, homes []*household) *household {
	var best *household
	least := 1 << 30
	for _, h := range homes {
		gap := h.mother().age - child.age
		if gap < 18 || gap > 43 || h.adults[len(h.adults)-1].age-child.age < 17 {
			continue
		}
		cost := len(h.young)*20 + r.IntN(30) + max(gap-32, 25-gap)
		if len(h.adults) == 1 {
			cost += 15
			if !h.adults[0].female {
				cost += 15
			}
		}
		if cost < least {
			best, least = h, cost
		}
	}
	return best
}

// mother is the woman of the house, or the younger adult where there is none:
// whose age says which children are theirs.
func (h *household) mother() *person {
	for _, one := range h.adults {
		if one.female {
			return one
		}
	}
	return h.adults[len(h.adults)-1]
}

// settle gives a household its address, names and ties.
func (p Practice) settle(r *rand.Rand, h *household) {
	tenth := drawTenth(r, p.poverty)
	at := drawAddress(r, p.index, tenth)
	roots := drawHeritage(r, p.diverse)
	family := roots.names.family[r.IntN(len(roots.names.family))]
	language := "en"
	if roots.language != "" && r.Float64() < roots.speaks {
		language = roots.language
	}
	gp := r.IntN(3)
	set := func(one *person, roots *heritage, family string) {
		one.heritage, one.family, one.tenth, one.address, one.gp = roots, family, tenth, at, gp
		one.language = language
		one.given = roots.names.given(r, one.born.Year(), one.female)
		one.phone = fmt.Sprintf("07700 900%03d", r.IntN(1000))
	}
	for i, one := range h.adults {
		switch {
		case i == 0:
			set(one, roots, family)
			one.lead = true
		case r.IntN(5) == 0: // a partner from elsewhere, with their own name
			other := drawHeritage(r, p.diverse)
			set(one, other, other.names.family[r.IntN(len(other.names.family))])
		case r.IntN(4) == 0:
			set(one, roots, roots.names.family[r.IntN(len(roots.names.family))])
		default:
			set(one, roots, family)
		}
		one.habits = drawHabits(r, one)
	}
	for _, one := range h.young {
		set(one, roots, family)
		if one.age > 5 && language != "en" && r.IntN(2) == 0 {
			one.language = "en" // learnt at school
		}
		one.parents = h.adults
		if one.age < 16 {
			for _, parent := range h.adults {
				parent.children = append(parent.children, one)
			}
		}
		one.habits = drawHabits(r, one)
	}
}

// identify gives a person the ids that their number in the network stands for.
func (p Practice) identify(one *person, number int) {
	one.number = number
	one.id = p.net.patientID(number)
	one.nhs = p.net.nhsNumber(number)
}

// patientID is ten characters that look like chance but are different for
// every number: each step below can be undone, modulo 2^50.
func (n *Network) patientID(number int) string {
	const mask = 1<<50 - 1
	x := uint64(number) + uint64(n.cfg.Seed)*0x9E3779B97F4A7C15
	for range 3 {
		x = x * 0xD1342543DE82EF95 & mask
		x ^= x >> 23
	}
	var id [10]byte
	for i := range id {
		id[i] = "0123456789abcdefghjkmnpqrstvwxyz"[x&31]
		x >>= 5
	}
	return string(id[:])
}

// nhsNumber is one of the 900,000 numbers used: for each five digits after
// 999 there are at least nine sixth digits that have a check digit.
func (n *Network) nhsNumber(number int) ident.NHSNumber {
	shift := uint64(n.cfg.Seed) % maxPeople
	k := int((uint64(number)*537_413 + shift) % maxPeople) // 537413 shares no factor with 900000
	want := k % 9
	for last := 0; last < 10; last++ {
		nhs, ok := ident.MakeNHSNumber(fmt.Sprintf("999%05d%d", k/9, last))
		if !ok {
			continue
		}
		if want == 0 {
			return nhs
		}
		want--
	}
	panic("unreachable: of ten last digits at most one has no check digit")
}

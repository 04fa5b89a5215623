package fhir

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// searchPlan is a type's search parameters, and their paths merged into one
// tree, so that a resource is walked once however many parameters it has.
type searchPlan struct {
	params   []*SearchParam
	byName   map[string]*SearchParam
	root     *branch
	deceased *SearchParam // Patient?deceased, the one that absence also answers
}

// branch is a place in the tree: the members to go into and the parameters
// that read what stands here.
type branch struct {
	kids   map[string][]edge
	leaves []leaf
}

type edge struct {
	test string // the text between the brackets, "" for none
	keep func(Node, int) bool
	to   *branch
}

type leaf struct {
	param *SearchParam
	read  reader
}

// Params are the search parameters of a resource type, by name.
func Params(typ string) []*SearchParam { return planOf(typ).params }

// Param is one search parameter of a resource type, nil when there is none.
func Param(typ, name string) *SearchParam { return planOf(typ).byName[name] }

var noPlan = searchPlan{root: &branch{}}

func planOf(typ string) *searchPlan {
	s := load().types[typ]
	if s == nil || s.kind != "resource" {
		return &noPlan
	}
	s.once.search.Do(func() { s.plan = makePlan(typ, s) })
	return &s.plan
}

var paramKinds = map[string]ParamKind{
	"token": ParamToken, "reference": ParamReference, "string": ParamString, "date": ParamDate, "number": ParamNumber,
	"quantity": ParamQuantity, "uri": ParamURI, "composite": ParamComposite, "special": ParamSpecial,
}

func makePlan(typ string, s *section) searchPlan {
	p := searchPlan{byName: map[string]*SearchParam{}, root: &branch{}}
	id := s.firstParam
	for line := range s.lines("s") {
		f := strings.SplitN(line, " ", 4) // name, kind, targets, paths
		sp := &SearchParam{Name: f[0], On: typ, Kind: paramKinds[f[1]], ID: id}
		id++
		if f[2] != "-" {
			sp.Targets = strings.Split(f[2], ",")
		}
		p.params = append(p.params, sp)
		p.byName[sp.Name] = sp
		if why, no := strings.CutPrefix(f[3], "!"); no {
			sp.Why = why
			continue
		}
		for path := range strings.SplitSeq(f[3], "|") {
			p.plant(sp, path)
		}
	}
	p.plantOwn(typ, lastParam)
	return p
}

// lastParam is where the numbers of our own parameters begin, downwards.
const lastParam = math.MaxUint16

// plant adds a path such as telecom[system=phone]>ContactPoint to the tree.
func (p *searchPlan) plant(sp *SearchParam, path string) {
	path, typ, _ := strings.Cut(path, ">")
	typ, implied, ok := strings.Cut(typ, "=")
	if ok && !slices.Contains(sp.Implied, implied) {
		sp.Implied = append(sp.Implied, implied)
	}
	if typ == "deceased" {
		p.deceased = sp
		return
	}
	b := p.root
	for step := range strings.SplitSeq(path, ".") {
		name, test, _ := strings.Cut(strings.TrimSuffix(step, "]"), "[")
		b = b.grow(name, test)
	}
	b.leaves = append(b.leaves, leaf{sp, readers[readAs{sp.Kind, typ}]})
}

func (b *branch) grow(name, test string) *branch {
	for _, e := range b.kids[name] {
		if e.test == test {
			return e.to
		}
	}
	if b.kids == nil {
		b.kids = map[string][]edge{}
	}
	e := edge{test: test, keep: keeper(test), to: &branch{}}
	b.kids[name] = append(b.kids[name], e)
	return e.to
}

// keeper makes the test in brackets: [0], [Patient] or [system=phone].
func keeper(test string) func(Node, int) bool {
	if test == "" {
		return nil
	}
	if n, err := strconv.Atoi(test); err == nil {
		return func(_ Node, i int) bool { return i == n }
	}
	if name, want, ok := strings.Cut(test, "="); ok {
		return func(n Node, _ int) bool { return n.member(name).Is(want) }
	}
	return func(n Node, _ int) bool { return refersTo(n, test) }
}

// refersTo tells whether a Reference points at a resource of type typ, as far
// as can be told without following it outside the document.
func refersTo(n Node, typ string) bool {
	literal := n.member("reference")
	if literal.Kind() != String {
		return n.member("type").Is(typ)
	}
	s := literal.Str()
	if id, ok := strings.CutPrefix(s, "#"); ok {
		return n.doc.contained(id).member("resourceType").Is(typ)
	}
	if strings.HasPrefix(s, "urn:") {
		return n.member("type").Is(typ)
	}
	return strings.HasPrefix(s, typ+"/") || strings.Contains(s, "/"+typ+"/")
}

// contained is the contained resource with the id; "" is the whole resource.
func (d *Doc) contained(id string) Node {
	if id == "" {
		return d.Root()
	}
	for c := range d.Root().member("contained").Children() {
		if c.member("id").Is(id) {
			return c
		}
	}
	return Node{}
}

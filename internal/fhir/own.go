package fhir

// Search parameters of our own, beside HL7's. Everything that comes into a
// record is indexed by them, by whichever door, so what is asked of them is
// whole. Whoever adds one raises the index's format.

// SafeContact is the field of a request form in which somebody says how we
// must not reach them.
const SafeContact = "contact-safe"

type ownParam struct {
	name string
	kind ParamKind
	path string // the member of the resource that is read
	read reader
}

var ownParams = map[string][]ownParam{
	// QuestionnaireResponse?contact-safe=true: those in which it was answered.
	// It is asked whenever a patient is shown or written to.
	"QuestionnaireResponse": {{SafeContact, ParamToken, "item", readSafeContact}},
}

// plantOwn adds a type's own parameters to its plan; id is the first that is
// free.
func (p *searchPlan) plantOwn(typ string, id uint16) {
	for i, o := range ownParams[typ] {
		sp := &SearchParam{Name: o.name, On: typ, Kind: o.kind, ID: id - uint16(i)}
		p.params = append(p.params, sp)
		p.byName[sp.Name] = sp
		b := p.root.grow(o.path, "")
		b.leaves = append(b.leaves, leaf{sp, o.read})
	}
}

// readSafeContact reads an item of a response, at whatever depth the answer
// stands.
func readSafeContact(x *extractor, n Node, p *SearchParam) {
	if answersSafe(n) {
		x.add(Value{Param: p, Code: "true"})
	}
}

func answersSafe(n Node) bool {
	if n.Get("linkId").Is(SafeContact) && n.Get("answer").Len() > 0 {
		return true
	}
	for in := range n.Get("item").Items() {
		if answersSafe(in) {
			return true
		}
	}
	for a := range n.Get("answer").Items() {
		for in := range a.Get("item").Items() {
			if answersSafe(in) {
				return true
			}
		}
	}
	return false
}

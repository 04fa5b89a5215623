package main

import (
	"sort"
	"strings"
)

type valueSet struct {
	URL     string
	Compose struct{ Include, Exclude []include }
}

type include struct {
	System   string
	Concept  []struct{ Code string }
	Filter   []struct{ Property, Op, Value string }
	ValueSet []string
}

type codeSystem struct {
	URL, Content string
	Concept      []concept
}

type concept struct {
	Code    string
	Concept []concept
}

// most is the longest value set that is worth carrying.
const most = 400

// enumerate lists the codes of a value set by system. It answers nil when the
// set is open, filtered or too long: such a set is not checked.
func (d *definitions) enumerate(url string) map[string][]string {
	out := map[string][]string{}
	if !d.addSet(url, out, 0) {
		return nil
	}
	n := 0
	for s, codes := range out {
		sort.Strings(codes)
		n += len(codes)
		for _, c := range codes {
			if strings.ContainsAny(c, " \t\n") {
				return nil
			}
		}
		out[s] = codes
	}
	if n == 0 || n > most {
		return nil
	}
	return out
}

func (d *definitions) addSet(url string, out map[string][]string, depth int) bool {
	url, _, _ = strings.Cut(url, "|")
	v := d.valueSets[url]
	if v == nil || depth > 5 || len(v.Compose.Exclude) > 0 {
		return false
	}
	for _, in := range v.Compose.Include {
		if !d.addInclude(in, out, depth) {
			return false
		}
	}
	return true
}

func (d *definitions) addInclude(in include, out map[string][]string, depth int) bool {
	switch {
	case len(in.Filter) > 0:
		return false
	case len(in.ValueSet) > 0:
		for _, u := range in.ValueSet {
			if in.System != "" || !d.addSet(u, out, depth+1) {
				return false
			}
		}
	case len(in.Concept) > 0:
		for _, c := range in.Concept {
			out[in.System] = append(out[in.System], c.Code)
		}
	default:
		c := d.codeSystems[in.System]
		if c == nil || c.Content != "complete" {
			return false
		}
		addConcepts(c.Concept, in.System, out)
	}
	return true
}

func addConcepts(cs []concept, system string, out map[string][]string) {
	for _, c := range cs {
		out[system] = append(out[system], c.Code)
		addConcepts(c.Concept, system, out)
	}
}

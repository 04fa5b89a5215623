package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// definitions is what the tables need of HL7's files.
type definitions struct {
	types       map[string]*typ
	names       []string // of types, in the order they are printed
	valueSets   map[string]*valueSet
	codeSystems map[string]*codeSystem
	params      []searchParameter
	compartment map[string][]string // type → parameters that put it in a patient's compartment
	used        map[string]bool     // value sets that elements are bound to
}

// typ is a resource, data type or the inside of a backbone element.
type typ struct {
	name, base, kind string // kind: resource, complex, primitive, backbone
	abstract         bool
	elems            []elem
}

type elem struct {
	name   string // "value[x]" for a choice
	min    int
	max    string
	types  []string // "code", "Reference:Patient:Group", "Patient.contact"
	values string   // the value set of a required binding
}

func (t *typ) elem(name string) *elem {
	for i := range t.elems {
		if n := t.elems[i].name; n == name || n == name+"[x]" {
			return &t.elems[i]
		}
	}
	return nil
}

type bundle struct {
	Entry []struct{ Resource json.RawMessage }
}

func each(path string, do func(resourceType string, raw []byte) error) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var bu bundle
	if err := json.Unmarshal(b, &bu); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	for _, e := range bu.Entry {
		var head struct{ ResourceType string }
		if err := json.Unmarshal(e.Resource, &head); err != nil {
			return err
		}
		if err := do(head.ResourceType, e.Resource); err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(path), err)
		}
	}
	return nil
}

func read(dir string) (*definitions, error) {
	d := &definitions{
		types: map[string]*typ{}, valueSets: map[string]*valueSet{}, codeSystems: map[string]*codeSystem{},
		compartment: map[string][]string{}, used: map[string]bool{},
	}
	for _, file := range []string{"profiles-types.json", "profiles-resources.json", "valuesets.json", "v3-codesystems.json", "v2-tables.json", "search-parameters.json"} {
		if err := each(filepath.Join(dir, file), d.take); err != nil {
			return nil, err
		}
	}
	for n := range d.types {
		d.names = append(d.names, n)
	}
	sort.Strings(d.names)
	return d, d.readCompartment(filepath.Join(dir, "compartmentdefinition-patient.json"))
}

func (d *definitions) take(resourceType string, raw []byte) error {
	switch resourceType {
	case "StructureDefinition":
		return d.takeStructure(raw)
	case "ValueSet":
		var v valueSet
		if err := json.Unmarshal(raw, &v); err != nil {
			return err
		}
		d.valueSets[v.URL] = &v
	case "CodeSystem":
		var c codeSystem
		if err := json.Unmarshal(raw, &c); err != nil {
			return err
		}
		d.codeSystems[c.URL] = &c
	case "SearchParameter":
		var s searchParameter
		if err := json.Unmarshal(raw, &s); err != nil {
			return err
		}
		d.params = append(d.params, s)
	}
	return nil
}

func (d *definitions) readCompartment(path string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var c struct {
		Resource []struct {
			Code  string
			Param []string
		}
	}
	if err := json.Unmarshal(b, &c); err != nil {
		return err
	}
	for _, r := range c.Resource {
		if len(r.Param) > 0 {
			d.compartment[r.Code] = r.Param
		}
	}
	return nil
}

type structure struct {
	Name, Type, Kind, Derivation, BaseDefinition string
	Abstract                                     bool
	Snapshot                                     struct{ Element []element }
}

type element struct {
	Path             string
	Min              int
	Max              string
	Base             struct{ Path string }
	ContentReference string
	Type             []struct {
		Code          string
		TargetProfile []string
	}
	Binding struct{ Strength, ValueSet string }
}

// takeStructure keeps a specialisation; profiles (constraints) and logical
// models are not types of their own.
func (d *definitions) takeStructure(raw []byte) error {
	var s structure
	if err := json.Unmarshal(raw, &s); err != nil {
		return err
	}
	if s.Derivation == "constraint" || s.Kind == "logical" {
		return nil
	}
	base := s.BaseDefinition[strings.LastIndexByte(s.BaseDefinition, '/')+1:]
	kind := map[string]string{"resource": "resource", "complex-type": "complex", "primitive-type": "primitive"}[s.Kind]
	d.types[s.Name] = &typ{name: s.Name, base: base, kind: kind, abstract: s.Abstract}
	if kind == "primitive" {
		return nil
	}
	for _, e := range s.Snapshot.Element[1:] {
		d.takeElement(s.Name, e)
	}
	return nil
}

func (d *definitions) takeElement(root string, e element) {
	dot := strings.LastIndexByte(e.Path, '.')
	owner, name := e.Path[:dot], e.Path[dot+1:]
	t := d.types[owner]
	if t == nil {
		t = &typ{name: owner, base: "BackboneElement", kind: "backbone"}
		d.types[owner] = t
	}
	el := elem{name: name, min: e.Min, max: e.Max}
	if e.ContentReference != "" {
		el.types = []string{strings.TrimPrefix(e.ContentReference, "#")}
	}
	for _, ty := range e.Type {
		el.types = append(el.types, typeName(root, e, ty.Code, ty.TargetProfile))
	}
	if e.Binding.Strength == "required" {
		el.values, _, _ = strings.Cut(e.Binding.ValueSet, "|")
	}
	t.elems = append(t.elems, el)
}

func typeName(root string, e element, code string, targets []string) string {
	switch {
	case strings.HasPrefix(code, "http://hl7.org/fhirpath/"):
		switch {
		case e.Base.Path == "Resource.id" || e.Path == "Resource.id":
			return "id"
		case strings.HasSuffix(e.Path, ".url"):
			return "uri"
		}
		return "string"
	case code == "BackboneElement" || code == "Element":
		return e.Path
	case code == "Reference":
		for _, t := range targets {
			name := t[strings.LastIndexByte(t, '/')+1:]
			if name == "Resource" {
				return "Reference"
			}
			code += ":" + name
		}
	}
	return code
}

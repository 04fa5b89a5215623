package fhir

type typeDef struct{}

// Package collections loads real collections of FHIR resources, whole.
//
// What comes in: the collections in ../shared/data beside the repository. What
// goes out: proof that nothing of them is refused, and that loading them again
// changes nothing. It must never run under the race detector, where tens of
// thousands of resources cost twenty times as much and show nothing that the
// tests of internal/door/load do not: those load side by side under it.
package collections

// Package rest is the FHIR R4 REST door (http://hl7.org/fhir/R4/http.html):
// one base for each practice, /fhir/{ODS}, one file for each interaction.
//
// What comes in: requests from programs, with a bearer token that says who
// they are and what they may do. What goes out: resources with the bytes that
// their senders wrote, Bundles made around those bytes, and, for every
// refusal, an OperationOutcome that names the element at fault. It must never
// show a type that begins with an underscore, answer before a change is
// durable, change anything when it refuses, or show a record without noting
// who read it.
package rest

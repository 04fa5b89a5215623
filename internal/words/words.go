// Package words says things in plain English: days, times, ages and how long
// ago, and puts what patients read into Welsh and other languages. English is the
// source: a language is one file, lang/cy.toml, that has each English sentence
// and what it is in that language.
//
// What comes in: times and English sentences. What goes out: text a person can
// read aloud, in their language where it has the words and in English where
// not. It must never read a clock, never show a time in any zone but London's,
// and never change what a person wrote.
package words

import (
	"time"
	_ "time/tzdata" // a small server may have no zone files
)

// London is the time zone that every page speaks in.
var London = func() *time.Location {
	l, err := time.LoadLocation("Europe/London")
	if err != nil {
		panic(err) // the zone is embedded: this cannot happen
	}
	return l
}()

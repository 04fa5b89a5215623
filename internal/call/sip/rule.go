package sip

import (
	"strings"

	"heartwood/internal/fault"
)

// Rule says which numbers may be dialled beside the ordinary ones of the
// United Kingdom. The zero Rule allows no others.
type Rule struct {
	Also []string // beginnings in E.164 form, such as "+353" for Ireland
}

// ordinary are the beginnings of numbers that cost what a call to a home or a
// mobile costs, or nothing. What is in none of them is refused: premium rate
// (09), revenue sharing (084, 087), personal numbers (070), pagers (076),
// company numbers (055, 056), directory enquiries (118), and other countries.
var ordinary = []string{
	"+441", "+442", // geographic
	"+443",                                                                 // 03: the price of a geographic call
	"+4471", "+4472", "+4473", "+4474", "+4475", "+4477", "+4478", "+4479", // mobile
	"+44800", "+44808", // freephone
}

var short = map[string]bool{"111": true, "999": true, "112": true}

// MayDial gives the E.164 form of a number that may be dialled, and refuses
// every other. It is asked before every call and every transfer.
func (r Rule) MayDial(number string) (string, error) {
	e164, ok := Normalise(number)
	if !ok {
		return "", fault.At(fault.Invalid, "number", "This is not a telephone number.")
	}
	if short[e164] || begins(e164, ordinary) || begins(e164, r.Also) {
		return e164, nil
	}
	return "", fault.At(fault.Refused, "number", "Calls to numbers of this kind are not allowed here.")
}

func begins(number string, beginnings []string) bool {
	for _, b := range beginnings {
		if len(b) > 1 && strings.HasPrefix(number, b) {
			return true
		}
	}
	return false
}

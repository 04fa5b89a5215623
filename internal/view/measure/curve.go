package measure

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"strconv"
	"time"

	"heartwood/internal/words"
)

// Bands of the day are those in which NHS England publishes online requests.
var Bands = [8]string{"00:00-05:59", "06:00-07:59", "08:00-09:59", "10:00-11:59", "12:00-13:59", "14:00-15:59", "16:00-17:59", "18:00-23:59"}

// BandOf is the index of the band that a moment falls in.
func BandOf(t time.Time) int {
	switch h := t.In(words.London).Hour(); {
	case h < 6:
		return 0
	case h >= 18:
		return 7
	default:
		return (h - 4) / 2
	}
}

// Weekdays are the names of the rows of a week, Monday first.
var Weekdays = [7]string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}

// Curve is how a nation's average week is spread: thousandths of the week's
// whole, by weekday and band.
type Curve struct {
	Name   string
	Source string
	Share  [7][8]float64 // of 1
}

//go:embed national.csv
var nationalFile []byte

// The national curves, re-keyed from published tables: see national.csv.
var (
	NationalOnline = curve("online", "Online requests, England, February 2026 average week",
		"NHS England, Submissions via Online Consultation Systems in General Practice, February 2026, table 3 (published 26 March 2026, Open Government Licence v3.0)")
	NationalCalls = curve("calls", "Calls to practices, England, February 2026 average week",
		"NHS England, Cloud Based Telephony Data in General Practice, February 2026, table 2 (published 26 March 2026, Open Government Licence v3.0)")
)

// curve reads one series of the file, which is part of the program: a mistake
// in it stops the program at start.
func curve(series, name, source string) Curve {
	r := csv.NewReader(bytes.NewReader(nationalFile))
	r.Comment = '#'
	rows, err := r.ReadAll()
	if err != nil {
		panic(err)
	}
	c := Curve{Name: name, Source: source}
	whole, day := 0.0, 0
	for _, row := range rows[1:] {
		if row[0] != series {
			continue
		}
		for i := range Bands {
			v, err := strconv.ParseFloat(row[2+i], 64)
			if err != nil || row[1] != Weekdays[day] {
				panic("measure: national.csv: " + row[0] + " " + row[1])
			}
			c.Share[day][i] = v
			whole += v
		}
		day++
	}
	for d := range c.Share {
		for i := range c.Share[d] {
			c.Share[d][i] /= whole
		}
	}
	return c
}

// Expect is how a number would be spread by the curve.
func (c Curve) Expect(n int) [7][8]float64 {
	var out [7][8]float64
	for d := range out {
		for i := range out[d] {
			out[d][i] = float64(n) * c.Share[d][i]
		}
	}
	return out
}

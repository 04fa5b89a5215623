package fhir

import (
	"time"

	"heartwood/internal/fault"
)

// ParseDate reads a FHIR date, dateTime or instant as the milliseconds since
// 1970 that it covers at the precision it was written with: from low up to,
// but not including, high. Without a time zone it is taken as UTC. Beside
// R4's own forms it reads hours and minutes without seconds, which searches
// may use.
func ParseDate(s string) (low, high int64, err error) {
	d, ok := scanDate(s)
	if !ok {
		return 0, 0, fault.New(fault.Invalid, "A date looks like 2026, 2026-02, 2026-02-28 or 2026-02-28T09:30:00Z, and must be a real day.")
	}
	low = d.at().UnixMilli()
	switch d.precision {
	case toYear:
		high = time.Date(d.year+1, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	case toMonth:
		high = time.Date(d.year, time.Month(d.month+1), 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	case toDay:
		high = low + 86_400_000
	case toMinute:
		high = low + 60_000
	case toSecond:
		high = low + 1000
	default:
		high = low + d.step
	}
	return low, high, nil
}

type precision uint8

const (
	toYear precision = iota + 1
	toMonth
	toDay
	toMinute
	toSecond
	toFraction
)

// moment is what a date says, field by field.
type moment struct {
	year, month, day, hour, minute, second int
	millis, step                           int64 // step: what the last written digit is worth, at least 1
	offset                                 int   // minutes east
	zone                                   bool
	precision                              precision
}

func (d moment) at() time.Time {
	t := time.Date(d.year, time.Month(d.month), d.day, d.hour, d.minute, d.second, int(d.millis)*1e6, time.UTC)
	return t.Add(-time.Duration(d.offset) * time.Minute)
}

// scanDate reads the forms of R4 and hh:mm; ok is false for anything else and
// for days that do not exist.
func scanDate(s string) (d moment, ok bool) {
	d = moment{month: 1, day: 1, precision: toYear}
	c := cursor{s: s}
	if d.year, ok = c.digits(4); !ok || d.year == 0 {
		return d, false
	}
	if c.take('-') {
		if d.month, ok = c.digits(2); !ok || d.month < 1 || d.month > 12 {
			return d, false
		}
		d.precision = toMonth
		if c.take('-') {
			if d.day, ok = c.digits(2); !ok || d.day < 1 || d.day > daysIn(d.year, d.month) {
				return d, false
			}
			d.precision = toDay
			if c.take('T') {
				ok = d.clock(&c)
			}
		}
	}
	return d, ok && c.done()
}

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// clock reads hh:mm[:ss[.f…]] and a zone.
func (d *moment) clock(c *cursor) (ok bool) {
	if d.hour, ok = c.digits(2); !ok || d.hour > 23 || !c.take(':') {
		return false
	}
	if d.minute, ok = c.digits(2); !ok || d.minute > 59 {
		return false
	}
	d.precision = toMinute
	if c.take(':') {
		if d.second, ok = c.digits(2); !ok || d.second > 60 { // 60: a leap second
			return false
		}
		d.precision = toSecond
		if c.take('.') && !d.fraction(c) {
			return false
		}
	}
	return d.readZone(c)
}

func (d *moment) fraction(c *cursor) bool {
	n := 0
	d.step = 1000
	for c.at < len(c.s) && c.s[c.at] >= '0' && c.s[c.at] <= '9' {
		if n < 3 {
			d.step /= 10
			d.millis += int64(c.s[c.at]-'0') * d.step
		}
		c.at++
		n++
	}
	d.precision = toFraction
	return n > 0
}

func (d *moment) readZone(c *cursor) bool {
	sign := 1
	switch {
	case c.done():
		return true
	case c.take('Z'):
		d.zone = true
		return true
	case c.take('-'):
		sign = -1
	case !c.take('+'):
		return false
	}
	hours, ok1 := c.digits(2)
	colon := c.take(':')
	minutes, ok2 := c.digits(2)
	d.offset, d.zone = sign*(hours*60+minutes), true
	return ok1 && colon && ok2 && minutes < 60 && hours*60+minutes <= 14*60
}

// cursor steps through a short text.
type cursor struct {
	s  string
	at int
}

func (c *cursor) done() bool { return c.at == len(c.s) }

func (c *cursor) take(b byte) bool {
	if c.at < len(c.s) && c.s[c.at] == b {
		c.at++
		return true
	}
	return false
}

// digits reads exactly n digits.
func (c *cursor) digits(n int) (v int, ok bool) {
	if c.at+n > len(c.s) {
		return 0, false
	}
	for range n {
		b := c.s[c.at]
		if b < '0' || b > '9' {
			return 0, false
		}
		v = v*10 + int(b-'0')
		c.at++
	}
	return v, true
}

package opening

import "time"

// easter is Easter Sunday (Meeus, "Astronomical Algorithms", the Gregorian
// rule of Butcher).
func easter(year int) time.Time {
	a, b, c := year%19, year/100, year%100
	d, e, f := b/4, b%4, (b+8)/25
	g := (b - f + 1) / 3
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return time.Date(year, time.Month(n/31), n%31+1, 0, 0, 0, 0, time.UTC)
}

// BankHoliday names the bank holiday of England that falls on a civil date,
// "" for none. Days proclaimed once (a coronation, a funeral) are not known
// here: a practice lists them among the days on which it is closed.
func BankHoliday(year int, month time.Month, day int) string {
	date := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	for _, h := range bankHolidays(year) {
		if h.date.Equal(date) {
			return h.name
		}
	}
	return ""
}

type holiday struct {
	date time.Time
	name string
}

// bankHolidays lists a year's, by the Banking and Financial Dealings Act 1971
// and the practice of moving one that falls on a weekend to the next weekday.
func bankHolidays(year int) []holiday {
	e := easter(year)
	hs := []holiday{
		{weekday(year, time.January, 1), "New Year’s Day"},
		{e.AddDate(0, 0, -2), "Good Friday"},
		{e.AddDate(0, 0, 1), "Easter Monday"},
		{firstMonday(year, time.May), "Early May bank holiday"},
		{lastMonday(year, time.May), "Spring bank holiday"},
		{lastMonday(year, time.August), "Summer bank holiday"},
	}
	// When Christmas moves, it goes to the first day that is neither a weekend
	// nor Boxing Day's own.
	christmas, boxing := weekday(year, time.December, 25), weekday(year, time.December, 26)
	switch time.Date(year, time.December, 25, 0, 0, 0, 0, time.UTC).Weekday() {
	case time.Saturday:
		boxing = christmas.AddDate(0, 0, 1)
	case time.Sunday:
		christmas = boxing.AddDate(0, 0, 1)
	}
	return append(hs, holiday{christmas, "Christmas Day"}, holiday{boxing, "Boxing Day"})
}

// weekday is the date, or the Monday after it when it falls on a weekend.
func weekday(year int, month time.Month, day int) time.Time {
	d := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	switch d.Weekday() {
	case time.Saturday:
		return d.AddDate(0, 0, 2)
	case time.Sunday:
		return d.AddDate(0, 0, 1)
	}
	return d
}

func firstMonday(year int, month time.Month) time.Time {
	d := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
	return d.AddDate(0, 0, (8-int(d.Weekday()))%7)
}

func lastMonday(year int, month time.Month) time.Time {
	d := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC)
	return d.AddDate(0, 0, -(int(d.Weekday())+6)%7)
}

package measure

import (
	"time"

	"heartwood/internal/words"
)

// Span is a period: from a midnight up to, but not including, another, by
// London's clock.
type Span struct{ From, To time.Time }

// Days is a span of whole days that ends with the day of last.
func Days(last time.Time, n int) Span {
	y, m, d := last.In(words.London).Date()
	return Span{time.Date(y, m, d-n+1, 0, 0, 0, 0, words.London), time.Date(y, m, d+1, 0, 0, 0, 0, words.London)}
}

// Before is the span of as many days just before.
func (s Span) Before() Span {
	y, m, d := s.From.Date()
	return Span{time.Date(y, m, d-s.Len(), 0, 0, 0, 0, words.London), s.From}
}

// Len is how many days it has.
func (s Span) Len() int {
	return int((s.To.Sub(s.From) + 12*time.Hour) / (24 * time.Hour)) // a day may have 23 or 25 hours
}

// Has tells whether a moment is in it.
func (s Span) Has(t time.Time) bool { return !t.Before(s.From) && t.Before(s.To) }

// Week is the span of the week, Monday to Sunday, that t falls in.
func Week(t time.Time) Span {
	y, m, d := t.In(words.London).Date()
	back := (int(t.In(words.London).Weekday()) + 6) % 7
	return Span{time.Date(y, m, d-back, 0, 0, 0, 0, words.London), time.Date(y, m, d-back+7, 0, 0, 0, 0, words.London)}
}

// Month is the calendar month that t falls in.
func Month(t time.Time) Span {
	y, m, _ := t.In(words.London).Date()
	return Span{time.Date(y, m, 1, 0, 0, 0, 0, words.London), time.Date(y, m+1, 1, 0, 0, 0, 0, words.London)}
}

package promise

import (
	"time"

	"heartwood/internal/words"
)

// A person says "half past", not "2:52pm": today times are rounded to half an
// hour, on a later day to the half of the day.
const step = 30 * time.Minute

func sameDay(a, b time.Time) bool {
	ay, am, ad := a.In(words.London).Date()
	by, bm, bd := b.In(words.London).Date()
	return ay == by && am == bm && ad == bd
}

func dayAt(t time.Time, hour int) time.Time {
	y, m, d := t.In(words.London).Date()
	return time.Date(y, m, d, hour, 0, 0, 0, words.London)
}

// floor is the rounded time not after t: on a later day midday, or when the
// practice opens.
func (o Outlook) floor(t, now time.Time) time.Time {
	if sameDay(t, now) {
		return t.Truncate(step)
	}
	if noon := dayAt(t, 12); !t.Before(noon) {
		return noon
	}
	if opens := o.Hours.Next(dayAt(t, 0)).From; !opens.After(t) {
		return opens
	}
	return dayAt(t, 0)
}

// ceil is the rounded time not before t: on a later day midday, or when the
// practice closes.
func (o Outlook) ceil(t, now time.Time) time.Time {
	if sameDay(t, now) {
		if c := t.Truncate(step); c.Before(t) {
			return c.Add(step)
		}
		return t
	}
	if noon := dayAt(t, 12); !t.After(noon) {
		return noon
	}
	if end := o.Hours.SameDay(t); sameDay(end, t) && !end.Before(t) {
		return end
	}
	return dayAt(t, 23).Add(59 * time.Minute)
}

// Likely is the likely time in words: "between 2pm and 4:30pm today", "by
// midday tomorrow"; "" when the range says no more than its latest time.
func (r Range) Likely(now time.Time) string { return r.likely(words.English, now) }

func (r Range) likely(lang words.Lang, now time.Time) string {
	switch {
	case r.IsZero() || !r.To.Before(r.Latest):
		return ""
	case r.From.Sub(now) < step, r.From.Equal(r.To):
		return lang.By(r.To, now)
	case sameDay(r.From, r.To):
		return lang.T("between %s and %s %s", lang.Clock(r.From), lang.Clock(r.To), lang.On(r.To, now))
	}
	return lang.T("between %s %s and %s %s", lang.Clock(r.From), lang.On(r.From, now), lang.Clock(r.To), lang.On(r.To, now))
}

// Say is the promise as somebody would say it on the phone: "most likely
// between 2pm and 4:30pm today, and by 6:30pm today at the latest".
func (r Range) Say(now time.Time) string { return r.In(words.English, now) }

// In is Say in a language.
func (r Range) In(lang words.Lang, now time.Time) string {
	likely := r.likely(lang, now)
	switch {
	case r.IsZero():
		return ""
	case likely == "":
		return lang.By(r.Latest, now)
	}
	return lang.T("most likely %s, and %s at the latest", likely, lang.By(r.Latest, now))
}

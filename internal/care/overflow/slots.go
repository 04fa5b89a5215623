package overflow

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/request"
	"heartwood/internal/fault"
	"heartwood/internal/words"
)

// Slots are what may be booked by one practice at another: of the slots that
// are marked for the network so many a day, those that start within some
// hours.
type Slots struct {
	PerDay   int // appointments on one day; 0: nothing
	From, To int // minutes of the day
}

// Fit tells whether a slot that starts then may be booked.
func (s Slots) Fit(start time.Time) bool {
	start = start.In(words.London)
	minute := start.Hour()*60 + start.Minute()
	return s.PerDay > 0 && minute >= s.From && minute < s.To
}

// Line prints them as they are kept: "day=10; time=480-1080".
func (s Slots) Line() string {
	return "day=" + strconv.Itoa(s.PerDay) + "; time=" + strconv.Itoa(s.From) + "-" + strconv.Itoa(s.To)
}

// ParseSlots reads what Line prints.
func ParseSlots(line string) (Slots, error) {
	t, err := ParseTerms(line)
	if err == nil && (len(t.Kinds) > 0 || len(t.Priorities) > 0 || t.Summary) {
		err = fault.At(fault.Invalid, "terms", "What is agreed cannot be read.")
	}
	if err != nil {
		return Slots{}, err
	}
	return Slots{PerDay: t.PerDay, From: t.From, To: t.To}, nil
}

// Say is what may be booked in words.
func (s Slots) Say() string {
	if s.PerDay == 0 {
		return "nothing"
	}
	return "up to " + strconv.Itoa(s.PerDay) + " a day of the times for the network, from " + clock(s.From) + " to " + clock(s.To)
}

// mostADay is the most that can be agreed for one day.
const mostADay = 500

// Check says what is wrong with an agreement, each fault at the field it names:
// gives-day, takes-from and so on.
func (a Agreement) Check() error {
	var f care.Faults
	for _, side := range []struct {
		name string
		Terms
	}{{"gives", a.Gives}, {"takes", a.Takes}} {
		hours(&f, side.name, side.PerDay, side.From, side.To)
		if side.PerDay > 0 && len(side.Kinds) == 0 {
			f.Add(side.name+"-kind", "Choose at least one kind of request, or write 0 requests a day.")
		}
		if side.PerDay > 0 && len(side.Priorities) == 0 {
			f.Add(side.name+"-urgency", "Choose how urgent they may be, or write 0 requests a day.")
		}
		for _, k := range side.Kinds {
			if !slices.Contains(request.Kinds, request.Kind(k)) {
				f.Add(side.name+"-kind", "Choose from the kinds that are listed.")
			}
		}
		for _, u := range side.Priorities {
			if !slices.Contains([]string{"routine", "urgent", "asap"}, u) {
				f.Add(side.name+"-urgency", "Choose from the urgencies that are listed: an emergency is not handed on.")
			}
		}
	}
	hours(&f, "books", a.Books.PerDay, a.Books.From, a.Books.To)
	hours(&f, "lets", a.Lets.PerDay, a.Lets.From, a.Lets.To)
	if strings.TrimSpace(string(a.Partner)) == "" {
		f.Add("partner", "Choose a practice.")
	}
	return f.Err()
}

func hours(f *care.Faults, name string, day, from, to int) {
	if day < 0 || day > mostADay {
		f.Add(name+"-day", "How many a day: choose from 0 to %d.", mostADay)
	}
	if from < 0 || to > 24*60 || day > 0 && from >= to {
		f.Add(name+"-from", "Write from when to when, such as 08:00 and 18:30.")
	}
}

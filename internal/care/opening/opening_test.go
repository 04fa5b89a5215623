package opening

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"heartwood/internal/fhir"
	"heartwood/internal/words"
)

// The bank holidays of England as published on GOV.UK, and by the same rules
// for the years not yet published.
func TestBankHolidays(t *testing.T) {
	want := map[int][]string{
		2021: {"01-01", "04-02", "04-05", "05-03", "05-31", "08-30", "12-27", "12-28"},
		2022: {"01-03", "04-15", "04-18", "05-02", "05-30", "08-29", "12-27", "12-26"},
		2024: {"01-01", "03-29", "04-01", "05-06", "05-27", "08-26", "12-25", "12-26"},
		2025: {"01-01", "04-18", "04-21", "05-05", "05-26", "08-25", "12-25", "12-26"},
		2026: {"01-01", "04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-28"},
		2027: {"01-01", "03-26", "03-29", "05-03", "05-31", "08-30", "12-27", "12-28"},
		2028: {"01-03", "04-14", "04-17", "05-01", "05-29", "08-28", "12-25", "12-26"},
		2029: {"01-01", "03-30", "04-02", "05-07", "05-28", "08-27", "12-25", "12-26"},
		2030: {"01-01", "04-19", "04-22", "05-06", "05-27", "08-26", "12-25", "12-26"},
	}
	for year, dates := range want {
		for i, h := range bankHolidays(year) {
			if got := h.date.Format("01-02"); got != dates[i] {
				t.Errorf("%d %s: got %s, want %s", year, h.name, got, dates[i])
			}
		}
	}
	if got := BankHoliday(2026, time.December, 28); got != "Boxing Day" {
		t.Errorf("got %q", got)
	}
}

func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, words.London)
	if err != nil {
		panic(err)
	}
	return t
}

func TestPromises(t *testing.T) {
	h := Core()
	for _, c := range []struct {
		what, now, sameDay, nextDay, twoHours string
		open                                  bool
	}{
		{"Monday at work", "2026-11-23 10:00", "2026-11-23 18:30", "2026-11-24 18:30", "2026-11-23 12:00", true},
		{"Monday before opening", "2026-11-23 07:59", "2026-11-23 18:30", "2026-11-23 18:30", "2026-11-23 10:00", false},
		{"at the moment of closing", "2026-11-23 18:30", "2026-11-24 18:30", "2026-11-24 18:30", "2026-11-24 10:00", false},
		{"late on Monday", "2026-11-23 17:30", "2026-11-23 18:30", "2026-11-24 18:30", "2026-11-24 09:00", true},
		{"Friday at work", "2026-11-27 10:00", "2026-11-27 18:30", "2026-11-30 18:30", "2026-11-27 12:00", true},
		{"Sunday", "2026-11-22 12:10", "2026-11-23 18:30", "2026-11-23 18:30", "2026-11-23 10:00", false},
		{"Christmas Eve at night", "2026-12-24 20:00", "2026-12-29 18:30", "2026-12-29 18:30", "2026-12-29 10:00", false},
		{"Thursday before Easter", "2027-03-25 09:00", "2027-03-25 18:30", "2027-03-30 18:30", "2027-03-25 11:00", true},
		{"the clocks go back", "2026-10-24 23:00", "2026-10-26 18:30", "2026-10-26 18:30", "2026-10-26 10:00", false},
	} {
		now := at(c.now)
		for _, x := range []struct {
			name, want string
			got        time.Time
		}{{"same day", c.sameDay, h.SameDay(now)}, {"next day", c.nextDay, h.NextDay(now)}, {"two hours", c.twoHours, h.Within(now, 2*time.Hour)}} {
			if !x.got.Equal(at(x.want)) {
				t.Errorf("%s, %s: got %s, want %s", c.what, x.name, x.got, x.want)
			}
		}
		if h.Open(now) != c.open {
			t.Errorf("%s: open is %v", c.what, !c.open)
		}
	}
}

// Whatever the hours, a promise is in the future and falls at a close; even
// when a practice says that it never opens.
func TestAlwaysAPromise(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := Hours{Holidays: rapid.Bool().Draw(t, "holidays")}
		for d := range h.Week {
			if rapid.Bool().Draw(t, "opens") {
				from := rapid.IntRange(0, 1300).Draw(t, "from")
				h.Week[d] = []Span{{from, rapid.IntRange(from+1, 1440).Draw(t, "to")}}
			}
		}
		now := time.Unix(rapid.Int64Range(1.7e9, 2e9).Draw(t, "now"), 0)
		same, next, soon := h.SameDay(now), h.NextDay(now), h.Within(now, 2*time.Hour)
		if !same.After(now) || next.Before(same) || !soon.After(now) {
			t.Fatalf("same day %v, next day %v, two hours %v", same, next, soon)
		}
	})
}

func TestFromFHIR(t *testing.T) {
	parse := func(s string) (Hours, error) {
		r, err := fhir.ParseResource([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return FromFHIR(r)
	}
	h, err := parse(`{"resourceType":"HealthcareService","availableTime":[
		{"daysOfWeek":["mon","tue"],"availableStartTime":"14:00:00","availableEndTime":"20:00:00"},
		{"daysOfWeek":["mon"],"availableStartTime":"08:00:00","availableEndTime":"12:30:00"}],
		"notAvailable":[{"description":"training","during":{"start":"2026-11-24","end":"2026-11-24"}}]}`)
	if err != nil {
		t.Fatal(err)
	}
	if !h.Open(at("2026-11-23 08:00")) || h.Open(at("2026-11-23 13:00")) || !h.Open(at("2026-11-23 19:59")) {
		t.Error("Monday has two openings and a lunch")
	}
	if got := h.NextDay(at("2026-11-23 10:00")); !got.Equal(at("2026-11-30 20:00")) {
		t.Errorf("the training day is closed: got %v", got)
	}
	for _, bad := range []string{
		`{"resourceType":"HealthcareService"}`,
		`{"resourceType":"HealthcareService","availableTime":[{"daysOfWeek":["mon"],"availableStartTime":"19:00:00","availableEndTime":"08:00:00"}]}`,
		`{"resourceType":"HealthcareService","availableTime":[{"daysOfWeek":["moon"],"allDay":true}]}`,
		`{"resourceType":"HealthcareService","availableTime":[{"daysOfWeek":["mon"],"availableStartTime":"8am","availableEndTime":"08:00:00"}]}`,
		`{"resourceType":"HealthcareService","availableTime":[{"daysOfWeek":["mon"],"allDay":true}],"notAvailable":[{"during":{"start":"soon"}}]}`,
	} {
		if _, err := parse(bad); err == nil {
			t.Errorf("taken: %s", bad)
		}
	}
}

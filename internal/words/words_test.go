package words

import (
	"strings"
	"testing"
	"time"
)

func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, London)
	if err != nil {
		panic(err)
	}
	return t
}

func TestTimes(t *testing.T) {
	now := at("2026-11-22 12:10") // a Sunday
	for _, c := range []struct{ got, want string }{
		{Clock(at("2026-11-22 18:30")), "6:30pm"},
		{Clock(at("2026-11-22 09:00")), "9am"},
		{Clock(at("2026-11-22 00:05")), "12:05am"},
		{Clock(at("2026-11-22 12:00")), "midday"},
		{Clock(at("2026-11-22 00:00")), "midnight"},
		{Clock(time.Date(2026, 7, 1, 8, 0, 0, 0, time.UTC)), "9am"}, // summer time
		{Date(now), "22 November 2026"},
		{Stamp(now), "22 Nov 2026, 12:10pm"},
		{When(at("2026-11-22 18:30"), now), "today at 6:30pm"},
		{When(at("2026-11-23 08:00"), now), "tomorrow at 8am"},
		{When(at("2026-11-21 23:59"), now), "yesterday at 11:59pm"},
		{When(at("2026-11-24 09:00"), now), "Tuesday 24 November at 9am"},
		{Day(at("2027-01-04 09:00"), now), "Monday 4 January 2027"},
		{By(at("2026-11-22 18:30"), now), "by 6:30pm today"},
		{By(at("2026-11-24 18:30"), now), "by 6:30pm on Tuesday 24 November"},
		{Ago(now.Add(-20*time.Second), now), "just now"},
		{Ago(now.Add(-time.Minute), now), "1 minute ago"},
		{Ago(now.Add(-36*time.Hour), now), "36 hours ago"},
		{Ago(now.Add(-72*time.Hour), now), "3 days ago"},
		{Left(now.Add(2*time.Hour), now), "2 hours left"},
		{Left(now.Add(-3*time.Hour), now), "3 hours late"},
		{Left(now, now), "due now"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

// The day is London's, also in the hour when UTC is still at yesterday.
func TestDayInSummer(t *testing.T) {
	just := time.Date(2026, 6, 30, 23, 30, 0, 0, time.UTC) // 0:30 on 1 July in London
	if got := Day(just, just.Add(-time.Hour)); got != "tomorrow" {
		t.Errorf("got %q", got)
	}
}

func TestAge(t *testing.T) {
	for _, c := range []struct{ born, now, want string }{
		{"2026-11-22", "2026-11-22 09:00", "0 days"},
		{"2026-11-21", "2026-11-22 09:00", "1 day"},
		{"2026-10-11", "2026-11-22 09:00", "6 weeks"},
		{"2026-08-22", "2026-11-22 09:00", "3 months"},
		{"2024-11-23", "2026-11-22 09:00", "23 months"},
		{"2024-11-22", "2026-11-22 09:00", "2 years"},
		{"1944-02-29", "2026-02-28 09:00", "81 years"},
		{"1944-02-29", "2026-03-01 09:00", "82 years"},
		{"2027-01-01", "2026-11-22 09:00", ""},
	} {
		b, ok := Birth(c.born)
		if got := Age(b, at(c.now)); !ok || got != c.want {
			t.Errorf("born %s, on %s: got %q, want %q", c.born, c.now, got, c.want)
		}
	}
	if _, ok := Birth("29/02/1944"); ok {
		t.Error("a date that is not FHIR's was read")
	}
}

func TestSentences(t *testing.T) {
	if got := T(English, "request.received", "HW-7K3M-9CX"); !strings.Contains(got, "HW-7K3M-9CX") {
		t.Error(got)
	}
	if got := Welsh.T("contact.phone"); got != "ffôn" {
		t.Error(got)
	}
	if got := Lang("fr").T("request.worse"); got != English.T("request.worse") {
		t.Error("English does not stand in")
	}
}

func TestTimesInWelsh(t *testing.T) {
	now := at("2026-11-22 12:10") // a Sunday
	for _, c := range []struct{ got, want string }{
		{Welsh.Clock(at("2026-11-22 12:00")), "hanner dydd"},
		{Welsh.Date(now), "22 Tachwedd 2026"},
		{Welsh.Stamp(at("2026-02-03 18:30")), "3 Chwef 2026, 6:30pm"},
		{Welsh.Weekday(at("2026-11-24 09:00")), "Dydd Mawrth 24 Tachwedd"},
		{Welsh.When(at("2026-11-22 18:30"), now), "heddiw am 6:30pm"},
		{Welsh.By(at("2026-11-23 18:30"), now), "erbyn 6:30pm yfory"},
		{Welsh.By(at("2026-11-24 18:30"), now), "erbyn 6:30pm ddydd Mawrth 24 Tachwedd"},
		{Welsh.Day(at("2027-01-04 09:00"), now), "ddydd Llun 4 Ionawr 2027"},
		{English.By(at("2026-11-24 18:30"), now), By(at("2026-11-24 18:30"), now)},
		{English.On(at("2026-11-24 18:30"), now), "on Tuesday 24 November"},
		{English.Weekday(at("2026-11-24 09:00")), "Tuesday 24 November"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

// Sentences that another room has finished are found by their form.
func TestFinishedSentences(t *testing.T) {
	for en, cy := range map[string]string{
		"Use 200 characters or fewer":          "Defnyddiwch 200 nod neu lai",
		"We will contact you by text message.": "Byddwn yn cysylltu â chi drwy neges destun.",
		"Something that nobody has translated": "Something that nobody has translated",
		"There is a problem. Please try again": "There is a problem. Please try again", // the first has no full stop
	} {
		if got := Welsh.T(en); got != cy {
			t.Errorf("%q: got %q", en, got)
		}
	}
	if got := Welsh.T("Choose a time: %s", "50% off"); got != "Dewis amser: 50% off" {
		t.Error(got)
	}
}

// A language written from right to left is one more file.
func TestAFurtherLanguage(t *testing.T) {
	c, err := readCatalogue(`name = "العربية"
dir = "rtl"
months = ["1","2","3","4","5","6","7","8","9","10","11","12"]
short = ["1","2","3","4","5","6","7","8","9","10","11","12"]
days = ["0","1","2","3","4","5","6"]
[say]
"Send" = "إرسال"
`)
	if err != nil || c.Dir != "rtl" || c.say["Send"] != "إرسال" {
		t.Fatal(c, err)
	}
	for _, bad := range []string{`name = "X"`, `dir = "up"`, "]", `name = "X"` + "\n" + `dir = "ltr"`} {
		if _, err := readCatalogue(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestAccept(t *testing.T) {
	for header, want := range map[string]Lang{
		"cy-GB,cy;q=0.9,en;q=0.8": Welsh, "en-GB,cy": English, "fr,cy;q=0.5": Welsh, "": English, "*": English, "CY": Welsh,
	} {
		if got := Accept(header); got != want {
			t.Errorf("%q: %q", header, got)
		}
	}
}

// A sentence that nobody has put into a language stays as it is.
func TestStrangeSentencesStay(t *testing.T) {
	for _, s := range []string{"What is wrong with the child?", "Do you live with somebody who smokes?"} {
		if got := Welsh.T(s); got != s {
			t.Errorf("%q became %q", s, got)
		}
	}
}

package desk_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"heartwood/internal/care/booking"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// book books the first free slot for one of the samples, and moves the clock
// to its start.
func (h *house) book(n int) (booking.View, booking.SlotView) {
	h.t.Helper()
	svc, ctx := booking.New(), context.Background()
	free, err := svc.Free(ctx, h.p, booking.Query{Limit: 1})
	must(h.t, err)
	res, err := svc.Book(ctx, h.p, record.Author{Ref: h.staff["navigator"].Ref, Role: "navigator"}, booking.BookCommand{
		Patient: ident.Ref{Type: "Patient", ID: h.sample[n].ID}, Slot: free[0].Slot,
	})
	must(h.t, err)
	h.clock.Store(free[0].Start.Add(time.Minute).UnixNano())
	return res.Appointment, free[0]
}

func TestMarksInTheDiary(t *testing.T) {
	h := newHouse(t, 20)
	a, _ := h.book(0)
	name := h.sample[0].Name
	nav := h.as("navigator").open("diary").says(200, name, "Arrived", "Did not come")
	form := func(do string) *browser {
		return nav.give("diary", "do", do, "appointment", a.Appointment.ID, "version", nav.find(`name="appointment" value="`+a.Appointment.ID+`"><input type="hidden" name="version" value="([^"]+)"`))
	}
	form("noshow").says(200, "Noted that they did not come", "Undo")
	if nav.open("patient/" + h.sample[0].ID); !strings.Contains(nav.body, "Did not come to 1 of ") {
		t.Error("the count is not beside the patient")
	}
	nav.open("diary")
	form("back").says(200, "The mark is taken back")
	form("arrived").says(200, "Marked as arrived", "Has arrived")
	old := h.as("clinician").open("diary")
	form("checked-in").says(200, "Being seen")
	old.give("diary", "do", "fulfilled", "appointment", a.Appointment.ID, "version", old.find(`name="appointment" value="`+a.Appointment.ID+`"><input type="hidden" name="version" value="([^"]+)"`)).
		says(409, "Somebody else has changed this appointment")
	form("fulfilled").says(200, "Has left")
	form("back")
	form("back").says(200, "Has arrived")
	form("unseen").says(200, "Left before they were seen")
}

// Staff see in which national category a time is counted.
func TestTheNationalCategoryIsShown(t *testing.T) {
	h := newHouse(t, 20)
	a, s := h.book(0)
	if s.Category == "" || a.Category != s.Category {
		t.Fatalf("the slot is in the category %q, what is booked in it in %q", s.Category, a.Category)
	}
	h.as("navigator").open("diary").says(200, s.Kind+", "+s.Category)
}

func TestBlockInTheDiary(t *testing.T) {
	h := newHouse(t, 20)
	_, s := h.book(0)
	h.clock.Store(s.Start.Add(-time.Hour).UnixNano())
	nav := h.as("navigator").open("diary?day="+s.Start.Format(time.DateOnly)).says(200, "Block or unblock time")
	block := []string{
		"do", "block", "key", "01234567890123456789", "schedule", s.Schedule.ID, "day", s.Start.Format(time.DateOnly), "from", s.Start.Format("15:04"),
		"to", s.End.Format("15:04"), "reason", "Fire drill", "back", h.desk("diary?day=" + s.Start.Format(time.DateOnly)),
	}
	nav.give("diary", block...).says(422, "There are appointments in that time", h.sample[0].Name, "make jobs to move them")
	nav.give("diary", append(block, "anyway", "yes")...).says(200, "Blocked.")
	h.as("navigator").open("jobs?show=team").says(200, "move the appointment", "Fire drill")
	nav.open("diary?days=7").says(200, "week of", "free")
	nav.open("diary?days=7&who="+s.Clinician.String()).says(200, "week of", "Tuesday 3 March")
}

func TestRunningLateInTheDiary(t *testing.T) {
	h := newHouse(t, 20)
	h.book(0)
	nav := h.as("navigator").open("diary").says(200, "Minutes late")
	id, session := nav.find(`name="schedule" value="([^"]+)"`), nav.find(`name="session" value="([^"]+)"`)
	nav.give("diary", "do", "late", "schedule", id, "session", session, "minutes", "25").says(200, "25 minutes late")
	nav.give("diary", "do", "late", "schedule", id, "session", session, "minutes", "soon").says(400, "Say how late in minutes")
}

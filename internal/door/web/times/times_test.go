package times_test

import (
	"testing"
	"time"

	"heartwood/internal/care/booking"
	"heartwood/internal/door/web/times"
	"heartwood/internal/ident"
	"heartwood/internal/words"
)

func TestDays(t *testing.T) {
	at := func(id string, day, hour int, m booking.Mode, who string) booking.SlotView {
		return booking.SlotView{Slot: ident.Ref{Type: "Slot", ID: id}, Start: time.Date(2026, 3, day, hour, 0, 0, 0, words.London), Mode: m, ClinicianName: who}
	}
	slots := []booking.SlotView{
		at("a", 3, 9, booking.FaceToFace, "Dr Example"), at("b", 3, 10, booking.Telephone, ""),
		at("c", 4, 9, "", ""), at("d", 5, 9, booking.Video, ""),
	}
	days := times.Days(words.English, slots, "d")
	if len(days) != 3 {
		t.Fatalf("three days are shown as %d", len(days))
	}
	for i, want := range []struct {
		open  bool
		first string
		n     int
	}{{true, "Appointment at the practice with Dr Example", 2}, {false, "Appointment", 1}, {true, "Video call", 1}} {
		d := days[i]
		if d.Open != want.open || len(d.Slots) != want.n || d.Slots[0].Say != want.first {
			t.Errorf("day %d: %+v, want %+v", i, d, want)
		}
	}
	if days[0].Slots[1].Chosen || !days[2].Slots[0].Chosen {
		t.Error("the wrong time is shown as chosen")
	}
	if len(times.Days(words.English, nil, "")) != 0 {
		t.Error("no slots make a day")
	}
}

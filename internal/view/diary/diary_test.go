package diary_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
	"heartwood/internal/view/diary"
)

var (
	ctx = context.Background()
	now = time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC) // the clocks go forward tomorrow
)

func open(t *testing.T) *record.Practice {
	s := memory.Open(t, func() time.Time { return now })
	p, err := s.Practice("Z99901")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func put(t *testing.T, p *record.Practice, typ, id, rest string) {
	t.Helper()
	w, err := record.Prepare(ident.Ref{Type: typ, ID: id}, []byte(`{"resourceType":"`+typ+`",`+rest+`}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Commit(ctx, record.Change{Author: record.Author{Ref: "Practitioner/x"}, Reason: "test", Writes: []record.Write{w}}); err != nil {
		t.Fatal(err)
	}
}

func slot(t *testing.T, p *record.Practice, id, schedule, status, start, end string) {
	put(t, p, "Slot", id, fmt.Sprintf(`"status":%q,"schedule":{"reference":"Schedule/%s"},"start":%q,"end":%q`, status, schedule, start, end))
}

func TestDiary(t *testing.T) {
	p := open(t)
	put(t, p, "Patient", "ann", `"name":[{"given":["Ann"],"family":"Example"}]`)
	put(t, p, "Schedule", "b", `"actor":[{"reference":"Practitioner/b","display":"Dr Beta"},{"reference":"PractitionerRole/b"}]`)
	put(t, p, "Schedule", "a", `"actor":[{"reference":"Practitioner/a","display":"Dr Alpha"}]`)
	slot(t, p, "b1", "b", "free", "2026-03-28T15:00:00Z", "2026-03-28T15:10:00Z")
	slot(t, p, "b2", "b", "free", "2026-03-28T14:00:00Z", "2026-03-28T14:10:00Z") // wrongly free: it has an appointment
	slot(t, p, "a1", "a", "busy-unavailable", "2026-03-28T09:00:00Z", "2026-03-28T09:10:00Z")
	slot(t, p, "a2", "a", "free", "2026-03-29T22:30:00Z", "2026-03-29T22:40:00Z") // 23:30 on Sunday
	slot(t, p, "a3", "a", "free", "2026-03-29T23:30:00Z", "2026-03-29T23:40:00Z") // 00:30 on Monday
	put(t, p, "Appointment", "x", `"status":"booked","start":"2026-03-28T14:00:00Z","end":"2026-03-28T14:10:00Z","slot":[{"reference":"Slot/b2"}],
		"participant":[{"actor":{"reference":"Patient/ann"},"status":"accepted"},{"actor":{"reference":"Practitioner/b"},"status":"accepted"}]`)
	put(t, p, "Appointment", "y", `"status":"booked","start":"2026-03-28T16:00:00Z","end":"2026-03-28T16:10:00Z",
		"participant":[{"actor":{"reference":"Patient/ann"},"status":"accepted"},{"actor":{"reference":"Practitioner/a","display":"Dr Alpha"},"status":"accepted"}]`)
	put(t, p, "Appointment", "z", `"status":"cancelled","start":"2026-03-28T15:00:00Z","end":"2026-03-28T15:10:00Z","participant":[{"actor":{"reference":"Patient/ann"},"status":"accepted"}]`)
	d, err := diary.Read(ctx, p, diary.Query{Days: 2})
	if err != nil || len(d.Days) != 2 {
		t.Fatalf("%+v, %v", d, err)
	}
	sat, sun := d.Days[0], d.Days[1]
	if len(sat.Columns) != 2 || sat.Columns[0].Name != "Dr Alpha" || sat.Free != 1 || sat.Booked != 2 {
		t.Fatalf("Saturday: %+v", sat)
	}
	if a := sat.Columns[0].Cells; len(a) != 2 || a[0].Status != "blocked" || !a[0].Past || a[1].Appointment.ID != "y" {
		t.Errorf("Dr Alpha: %+v", a)
	}
	if b := sat.Columns[1].Cells; len(b) != 2 || b[0].Status != "busy" || b[0].PatientName != "Ann Example" || b[0].Slot.ID != "b2" || b[1].Status != "free" {
		t.Errorf("Dr Beta: %+v", b)
	}
	if len(sun.Columns) != 1 || len(sun.Columns[0].Cells) != 1 || sun.Columns[0].Cells[0].Slot.ID != "a2" {
		t.Errorf("Sunday has 23 hours and ends at midnight in London: %+v", sun)
	}
	one, err := diary.Read(ctx, p, diary.Query{Clinician: ident.Ref{Type: "Practitioner", ID: "b"}})
	if err != nil || len(one.Days[0].Columns) != 1 {
		t.Errorf("one clinician: %+v, %v", one, err)
	}
	if _, err := diary.Read(ctx, p, diary.Query{Days: 15}); !fault.Is(err, fault.Invalid) {
		t.Errorf("too many days: %v", err)
	}
}

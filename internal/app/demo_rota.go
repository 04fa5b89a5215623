package app

import (
	"context"
	"fmt"
	"strings"

	"heartwood/internal/care/booking"
	"heartwood/internal/care/rota"
	"heartwood/internal/care/routing"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// demoSessions are what each practice's rota begins with, beside the diary
// that it brought: by the job of whose session it is.
var demoSessions = []struct {
	job string
	rota.Template
}{
	{"GP", rota.Template{
		ID: "lunch", Name: "Lunchtime telephone list", From: 720, To: 780, Length: 10, Type: "urgent",
		Modes: []booking.Mode{booking.Telephone}, Capacity: 1, Who: []string{booking.ByLink, booking.ByNetwork}, OpensDays: 0, OpensAt: 7 * 60, Notice: 30,
	}},
	{"GP", rota.Template{
		ID: "evening", Name: "Evening surgery", From: 1050, To: 1110, Length: 15, Type: "routine",
		Modes: []booking.Mode{booking.FaceToFace, booking.Video}, Capacity: 1, Who: []string{booking.ByLink, booking.BySelf}, OpensDays: rota.Always, Notice: 120,
	}},
	{"GP", rota.Template{
		ID: "network", Name: "Evening clinic of the network", From: 1110, To: 1170, Length: 15, Type: "routine",
		Modes: []booking.Mode{booking.FaceToFace}, Capacity: 1, Who: []string{booking.ByLink, booking.ByNetwork}, OpensDays: rota.Always, Notice: 60,
	}},
	{"nurse", rota.Template{
		ID: "diabetes", Name: "Living with diabetes", From: 975, To: 1065, Length: 90, Type: "group",
		Modes: []booking.Mode{booking.FaceToFace}, Capacity: 8, Who: []string{booking.ByLink, booking.BySelf}, OpensDays: rota.Always,
	}},
}

// seedRota saves a practice's rota, if it has none, and lays it over the diary.
func (a *App) seedRota(ctx context.Context, ods ident.ODS) error {
	p, err := a.Store.Practice(ods)
	if err != nil {
		return err
	}
	s, err := rota.Load(ctx, p)
	if err != nil || s.Version != "" {
		return err
	}
	staff, err := routing.LoadStaff(ctx, p, p.Now())
	if err != nil {
		return err
	}
	s.Weeks = 2
	for _, d := range demoSessions {
		for _, who := range staff.People {
			ref, ok := ident.ParseRef(who.Ref)
			if !ok || !strings.Contains(strings.ToLower(who.Job), strings.ToLower(d.job)) {
				continue
			}
			t := d.Template
			t.Clinician, t.ClinicianName = ref, who.Name
			t.Days = [7]bool{1: true, 2: t.Capacity == 1, 3: t.Capacity == 1, 4: t.Capacity == 1}
			s.Templates = append(s.Templates, t)
			break
		}
	}
	if err := rota.Save(ctx, p, record.System, s); err != nil {
		return fmt.Errorf("demo: rota: %w", err)
	}
	_, err = rota.Apply(ctx, p)
	return err
}

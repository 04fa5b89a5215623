package rota

import "heartwood/internal/care/team"

// Absences are the leave of the rota as absences of people.
func (s Setting) Absences() []team.Absence {
	var out []team.Absence
	for _, l := range s.Leave {
		out = append(out, team.Absence{Who: l.Clinician.String(), Name: l.Name, From: l.From, To: l.To, Why: l.Why, Rota: true})
	}
	return out
}

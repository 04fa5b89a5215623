package app

import (
	"cmp"
	"slices"

	"heartwood/internal/door/web/sent"
)

// sentItems is what the practices of a demonstration have sent, the newest
// first.
func (a *App) sentItems() []sent.Item {
	m := a.post
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []sent.Item
	for ods, one := range m.of {
		if one.local == nil {
			continue
		}
		for _, i := range one.local.Items() {
			out = append(out, sent.Item{
				ID: i.ID, Practice: a.practiceName(ods), By: i.By, Medium: i.Medium, To: i.To, Subject: i.Subject, Text: i.Text,
				Status: i.Status, At: i.At, PDF: i.PDF,
			})
		}
	}
	slices.SortStableFunc(out, func(a, b sent.Item) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.ID, b.ID)) })
	return out
}

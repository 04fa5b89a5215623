// Package menu is the one row of navigation that all staff pages share.
//
// What comes in: who is looking, and at which practice. What goes out: links,
// only to what that person may open. It must never grow past one row: a page of
// settings is listed at Settings, and a report at Reports.
package menu

import (
	"heartwood/internal/access"
	"heartwood/internal/door/web/page"
	"heartwood/internal/ident"
)

// Staff are the links for a person at a practice, in the order of the row.
func Staff(p access.Person, ods ident.ODS) []page.Link {
	desk, manage := "/desk/"+string(ods)+"/", "/manage/"+string(ods)+"/"
	links := []page.Link{
		{Text: "Queue", Href: desk},
		{Text: "Patients", Href: desk + "patients"},
		{Text: "Diary", Href: desk + "diary"},
		{Text: "Jobs", Href: desk + "jobs"},
		{Text: "Phone", Href: desk + "phone"},
	}
	if access.May(p, access.Reconcile, ods, "") == nil {
		links = append(links,
			page.Link{Text: "Today", Href: manage},
			page.Link{Text: "Reports", Href: manage + "reports"})
	}
	if access.May(p, access.Manage, ods, "") == nil {
		links = append(links, page.Link{Text: "Settings", Href: manage + "settings"})
	}
	return links
}

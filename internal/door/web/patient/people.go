package patient

import (
	"net/http"

	"heartwood/internal/door/web/page"
)

type peoplePage struct {
	You    string
	Mine   []page.Link
	Others []personLine
}

type personLine struct {
	Name, Relationship string
	Links              []page.Link
}

var peopleTemplate = page.New[peoplePage](files, "people.html")

// people lists who the visitor may act for.
func (a *Patients) people(w http.ResponseWriter, r *http.Request) error {
	v, err := a.enter(r)
	if err != nil {
		return err
	}
	if !v.signedIn {
		return signInFirst(r)
	}
	var p peoplePage
	if v.Self() != "" {
		p.You, p.Mine = v.Name, v.links("me")
	}
	for _, c := range v.Patients {
		if c == v.Self() {
			continue
		}
		v.patient = c
		if err := v.looked(r.Context(), "contact details", 1); err != nil {
			return err
		}
		p.Others = append(p.Others, personLine{Name: v.nameOf(r.Context(), c), Relationship: v.Relationship(c), Links: v.links(id(c))})
	}
	return peopleTemplate.Render(w, r, http.StatusOK, v.frame(r, "People you help", v.root()+"people"), p)
}

func (v visit) links(who string) []page.Link {
	base := v.root() + "of/" + who + "/"
	return []page.Link{
		{Text: "Requests", Href: base + "requests"},
		{Text: "Appointments", Href: base + "appointments"},
		{Text: "Record", Href: base + "record"},
	}
}

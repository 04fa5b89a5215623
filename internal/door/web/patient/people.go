package patient

import (
	"net/http"

	"heartwood/internal/access"
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
		p.You, p.Mine = v.Name, v.links(v.Self(), "me")
	}
	for _, c := range v.Patients {
		if c == v.Self() {
			continue
		}
		v.patient = c
		if err := v.looked(r.Context(), "contact details", 1); err != nil {
			return err
		}
		p.Others = append(p.Others, personLine{Name: v.nameOf(r.Context(), c), Relationship: v.Relationship(c), Links: v.links(c, id(c))})
	}
	return peopleTemplate.Render(w, r, http.StatusOK, v.frame(r, "People you help", v.root()+"people"), p)
}

func (v visit) links(patient, who string) []page.Link {
	return v.parts(patient, v.root()+"of/"+who+"/")
}

// parts are the pages about a patient that the visitor may open.
func (v visit) parts(patient, base string) []page.Link {
	var out []page.Link
	for _, x := range []struct {
		text, at string
		action   access.Action
	}{
		{"Requests", "requests", access.SeeRequests},
		{"Appointments", "appointments", access.PickSlot},
		{"Record", "record", access.SeeOwnRecord},
		{"Who has looked", "looked", access.SeeWhoLooked},
	} {
		if v.Sees(x.action, patient) {
			out = append(out, page.Link{Text: x.text, Href: base + x.at})
		}
	}
	return out
}

// whose is the patient that the page is about, the visitor when none is named.
func (v visit) whose() string {
	switch {
	case v.patient != "":
		return v.patient
	case v.Self() != "" || len(v.Patients) == 0:
		return v.Self()
	}
	return v.Patients[0]
}

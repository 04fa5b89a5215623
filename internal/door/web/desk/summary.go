package desk

import (
	"context"
	"fmt"

	"heartwood/internal/access"
	"heartwood/internal/care/delivery"
	"heartwood/internal/ident"
	"heartwood/internal/view/timeline"
)

// side is the patient beside whatever is being done about them.
type side struct {
	Href, Name, Facts  string
	NHSNumber, Contact string
	Needs              []string
	Hidden             bool // the visitor may not see the clinical record
	Allergies          []item
	NoAllergies        string
	AskAllergies       bool // nobody has recorded any: not the same as none
	Problems           []item
	Medicines          []item
	Contacts           []item
	Coming             []item // appointments to come
	Missed             string // how often they did not come, "" for never
	Measures           []item
}

// item is one line of a list; Note is its quiet end.
type item struct{ Text, Note string }

// side reads a patient's summary, or only who they are for those who may not
// read the record. The sight is logged by the caller, together with the page's
// own.
func (d *Desk) side(ctx context.Context, v visit, patient string) (*side, error) {
	ref, ok := ident.ParseRef(patient)
	if !ok {
		return nil, nil
	}
	if !v.may(access.SeeRecord, patient) {
		s, err := timeline.ReadBanner(ctx, v.practice, ref)
		if err != nil {
			return nil, err
		}
		b := v.banner(s.Banner)
		b.Hidden, b.Href = true, "" // nor a link to what they may not open
		return &b, nil
	}
	s, err := timeline.Read(ctx, v.practice, ref)
	if err != nil {
		return nil, err
	}
	b := v.summary(s)
	missed, of, err := d.booking.MissedBy(ctx, v.practice, ref, v.now.AddDate(-1, 0, 0))
	if err != nil {
		return nil, err
	}
	if missed > 0 {
		b.Missed = fmt.Sprintf("Did not come to %d of %s in a year", missed, plural(of, "appointment", "appointments"))
	}
	c, err := delivery.LoadContact(ctx, v.practice, patient)
	b.Needs = append(b.Needs, reachWords(c)...)
	return &b, err
}

func (v visit) banner(b timeline.Banner) side {
	s := side{
		Href: v.base() + "patient/" + b.Patient.ID, Name: b.Name, Contact: join(b.Phone, b.Address),
		NHSNumber: b.NHS.String(), Needs: b.Needs,
	}
	s.Facts = join(capital(b.Gender), years(b.Age))
	if !b.Born.IsZero() {
		s.Facts = join(s.Facts, "born "+b.Born.Format("2 January 2006"))
	}
	if b.Dead {
		died := "Has died"
		if b.Died.Year() > 1 {
			died = "Died " + b.Died.Format("2 January 2006")
		}
		s.Needs = append([]string{died}, s.Needs...)
	}
	return s
}

// shown is how many lines of each list fit beside a request.
const shown = 12

func (v visit) summary(t timeline.Summary) side {
	s := v.banner(t.Banner)
	if t.AllergyState != timeline.AllergiesKnown {
		s.NoAllergies = t.AllergyText()
		s.AskAllergies = t.AllergyState == timeline.NoneRecorded
	}
	for _, a := range t.Allergies {
		note := a.Detail
		if a.Serious {
			note = join("severe", note)
		}
		s.Allergies = append(s.Allergies, item{a.Title, note})
	}
	since := func(l timeline.Line) string {
		if l.Date.IsZero() {
			return ""
		}
		return fmt.Sprintf("since %d", l.Date.Year())
	}
	s.Problems = items(t.Problems, since)
	s.Medicines = items(t.Medicines, func(l timeline.Line) string { return l.Detail })
	dated := func(l timeline.Line) string { return join(short(l.Date), l.By) }
	s.Contacts = items(t.Contacts[:min(5, len(t.Contacts))], dated)
	s.Coming = items(t.Appointments[:min(3, len(t.Appointments))], func(l timeline.Line) string {
		return join(moment(l.Date, v.now), l.By)
	})
	s.Measures = items(t.Results[:min(8, len(t.Results))], func(l timeline.Line) string {
		return join(l.Detail, short(l.Date))
	})
	return s
}

func items(ls []timeline.Line, note func(timeline.Line) string) []item {
	out := make([]item, 0, min(len(ls), shown))
	for i, l := range ls {
		if i == shown {
			return append(out, item{Text: fmt.Sprintf("and %d more", len(ls)-shown)})
		}
		out = append(out, item{l.Title, note(l)})
	}
	return out
}

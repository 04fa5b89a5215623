package deprivation

import (
	"context"
	"strconv"

	"heartwood/internal/care"
	"heartwood/internal/care/search"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/record"
)

// URL is the extension of a Patient that says in which tenth of deprivation
// they live: valueInteger 1, the most deprived, to 10.
const URL = care.Base + "StructureDefinition/imd-decile"

// atOnce is how many patients one change of the record holds.
const atOnce = 200

// Counts says what became of a practice's patients.
type Counts struct {
	Patients   int `json:"patients"`
	Written    int `json:"written"`    // their tenth was missing or another
	Same       int `json:"same"`       // it stood there already
	NoPostcode int `json:"noPostcode"` // they have no address with one
	Unknown    int `json:"unknown"`    // the postcode is not in the table
	NoTenth    int `json:"noTenth"`    // its area has none: Wales, no fixed abode
}

// Postcodes are those of a practice's patients.
func Postcodes(ctx context.Context, p *record.Practice) (map[string]bool, error) {
	out := map[string]bool{}
	err := patients(ctx, p, func(_ record.Version, res *fhir.Resource) error {
		if code := home(res); code != "" {
			out[code] = true
		}
		return nil
	})
	return out, err
}

// Apply writes the tenth of every patient where it is missing or another.
// It may be done again: what stands already is left alone. A patient that is
// changed by somebody meanwhile ends it with a conflict, and what was written
// before stays.
func Apply(ctx context.Context, p *record.Practice, t Table) (Counts, error) {
	var c Counts
	var due []record.Version
	err := patients(ctx, p, func(v record.Version, res *fhir.Resource) error {
		c.Patients++
		if c.sort(res, t) {
			due = append(due, record.Version{Ref: v.Ref, ID: v.ID})
		}
		return nil
	})
	for len(due) > 0 && err == nil {
		n := min(atOnce, len(due))
		if err = commit(ctx, p, t, due[:n]); err == nil {
			c.Written += n
		}
		due = due[n:]
	}
	return c, err
}

// sort counts a patient, and tells whether their tenth is to be written.
func (c *Counts) sort(res *fhir.Resource, t Table) bool {
	code := home(res)
	tenth, known := t[code]
	switch {
	case code == "":
		c.NoPostcode++
	case !known:
		c.Unknown++
	case tenth == 0:
		c.NoTenth++
	case stands(res) == tenth:
		c.Same++
	default:
		return true
	}
	return false
}

// commit writes the tenths of some patients, each on the version that was read.
func commit(ctx context.Context, p *record.Practice, t Table, due []record.Version) error {
	b := write.New(record.System, "deprivation: from the national table", "")
	for _, old := range due {
		res, now, err := search.Get(ctx, p, old.Ref)
		if err != nil {
			return err
		}
		if res == nil || now.ID != old.ID {
			return fault.New(fault.Conflict, "A patient was changed meanwhile. Run it again: what is written already is left alone.")
		}
		b.Edit(now, res, write.Obj{"extension": write.Extended(res, URL, write.Obj{"url": URL, "valueInteger": t[home(res)]})})
	}
	change, err := b.Change()
	if err == nil {
		_, err = p.Commit(ctx, change)
	}
	return err
}

// patients calls fn with every patient of the practice.
func patients(ctx context.Context, p *record.Practice, fn func(record.Version, *fhir.Resource) error) error {
	return search.Each(ctx, p, "Patient?_lastUpdated=ge1900-01-01", fn)
}

// home is the postcode where somebody lives: of their home address, else of
// the first that is not old, as Postcode writes it; "" when there is none.
func home(res *fhir.Resource) string {
	first := ""
	for a := range res.Get("address").Items() {
		code, use := Postcode(a.Get("postalCode").Str()), a.Get("use").Str()
		switch {
		case code == "" || use == "old" || a.Get("period").Get("end").Str() != "":
		case use == "home":
			return code
		case first == "":
			first = code
		}
	}
	return first
}

// stands is the tenth that a patient's record has; 0 for none.
func stands(res *fhir.Resource) int {
	for e := range res.Get("extension").Items() {
		if e.Get("url").Is(URL) {
			n, _ := strconv.Atoi(e.Get("valueInteger").Str())
			return n
		}
	}
	return 0
}

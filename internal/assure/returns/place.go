package returns

import (
	"context"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Place is the practice and what it is part of, as the published files name
// them.
type Place struct {
	Code, Name       string
	PCN, PCNName     string
	SubICB, SubName  string
	ICB, ICBName     string
	Region, RegnName string
}

// columns are the organisation columns of a published file, from the practice
// to its region.
func (p Place) columns() []string {
	return []string{p.Code, p.Name, p.PCN, p.PCNName, p.SubICB, p.SubName, p.ICB, p.ICBName, p.Region, p.RegnName}
}

var placeHead = []string{"GP_CODE", "GP_NAME", "PCN_CODE", "PCN_NAME", "SUB_ICB_LOCATION_CODE", "SUB_ICB_LOCATION_NAME", "ICB_CODE", "ICB_NAME", "REGION_CODE", "REGION_NAME"}

// The roles of organisations (ODS).
const (
	rolePCN    = "RO272"
	roleSubICB = "RO319"
	roleICB    = "RO318"
	roleRegion = "RO209"
)

// placeOf reads the practice's Organization and what it is part of. Who is in
// no network is shown as the published files show it: U, Unallocated.
func placeOf(ctx context.Context, p *record.Practice) (Place, error) {
	out := Place{Code: string(p.ODS()), Name: string(p.ODS()), PCN: "U", PCNName: "Unallocated"}
	at := p.ODS().Organization()
	for range 6 { // a chain that leads back to itself must end
		v, err := p.Read(ctx, at)
		if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		res, err := v.Resource()
		if err != nil {
			return out, err
		}
		code, name := at.ID, res.Get("name").Str()
		for n := range res.Get("identifier").Items() {
			if v := n.Get("value").Str(); v != "" {
				code = v
			}
		}
		for t := range res.Get("type").Items() {
			switch t.Get("coding", "code").Str() {
			case rolePCN:
				out.PCN, out.PCNName = code, name
			case roleSubICB:
				out.SubICB, out.SubName = code, name
			case roleICB:
				out.ICB, out.ICBName = code, name
			case roleRegion:
				out.Region, out.RegnName = code, name
			}
		}
		if at.ID == out.Code && name != "" {
			out.Name = name
		}
		next, ok := ident.ParseRef(res.Get("partOf", "reference").Str())
		if !ok {
			return out, nil
		}
		at = next
	}
	return out, nil
}

package returns

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"heartwood/internal/view/measure"
)

// slotCell is one combination of the slot use.
type slotCell struct{ who, mode, category string }

// slotUse is what became of the appointments that were offered.
type slotUse struct{ free, booked, attended, missed, unknown int }

// slotHead are the columns of the slot use: our own, in the words of the
// published cross-table. Available is all that was in the diary and not
// blocked, with appointments that were made beside it; booked is attended, did
// not attend and unknown together, without what was cancelled.
var slotHead = []string{"MONTH", "GP_CODE", "HCP_TYPE", "APPT_MODE", "NATIONAL_CATEGORY", "AVAILABLE", "BOOKED", "ATTENDED", "DNA", "UNKNOWN", "NOT_USED"}

func (c *counts) useOf(v *measure.Visit) *slotUse {
	x := cellOf(v)
	k := slotCell{x.who, x.mode, x.category}
	if c.use[k] == nil {
		c.use[k] = &slotUse{}
	}
	return c.use[k]
}

func (u *slotUse) held(v *measure.Visit) {
	u.booked++
	switch status(v) {
	case "Attended":
		u.attended++
	case "DNA":
		u.missed++
	default:
		u.unknown++
	}
}

func (r *Return) slotUse(c counts, month string) [][]string {
	var out [][]string
	for _, k := range slices.SortedFunc(maps.Keys(c.use), func(a, b slotCell) int {
		return cmp.Or(cmp.Compare(a.who, b.who), cmp.Compare(a.mode, b.mode), cmp.Compare(a.category, b.category))
	}) {
		u := c.use[k]
		row := []string{month, r.Place.Code, k.who, k.mode, k.category}
		for _, n := range []int{u.free + u.booked, u.booked, u.attended, u.missed, u.unknown, u.free} {
			row = append(row, strconv.Itoa(n))
		}
		out = append(out, row)
	}
	return out
}

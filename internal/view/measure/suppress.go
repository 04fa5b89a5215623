package measure

// Least is the smallest number of people that a table shows.
const Least = 5

// Hidden tells which numbers of a column are not shown, so that nobody can be
// recognised in them and none can be worked out from the column's total: a
// number from 1 to 4 is hidden; of is what each number is a part of (nil when
// it is no part, but counts the members of a group that has some), and a rest from 1 to 4 hides too; forced are hidden for
// another reason. When the total would give a hidden number away, because it is
// alone among those with anybody in them, or all hidden ones together are fewer
// than 5 or one in each group, the next smallest is hidden with them.
func Hidden(values, of []int, forced []bool) []bool {
	out := make([]bool, len(values))
	for i, v := range values {
		out[i] = small(v) || of != nil && small(of[i]-v) || forced != nil && forced[i]
	}
	for !safe(values, of, out) {
		next := -1
		for i, v := range values {
			if !out[i] && (next < 0 || v == 0 && values[next] == 0 || v > 0 && (values[next] == 0 || v < values[next])) {
				next = i
			}
		}
		if next < 0 {
			break // everything is hidden
		}
		out[next] = true
	}
	return out
}

func small(n int) bool { return n > 0 && n < Least }

// safe tells whether the hidden numbers cannot be told apart by subtraction.
func safe(values, of []int, hidden []bool) bool {
	n, anybody, sum, rest := 0, 0, 0, 0
	for i, h := range hidden {
		if !h {
			continue
		}
		n++
		sum += values[i]
		if of == nil || of[i] > 0 {
			anybody++
		}
		if of != nil {
			rest += of[i] - values[i]
		}
	}
	if of == nil && n > 0 && sum <= n {
		return false
	}
	return n == 0 || anybody > 1 && !small(sum) && !small(rest)
}

// HiddenTotal tells whether the total of a column is not shown. It depends on
// the total alone: tables that divide the same people differently all show it,
// or none does, and where none does they show no number that it is made of.
func HiddenTotal(total, of int) bool { return small(total) || small(of-total) }

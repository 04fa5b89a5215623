package returns

import (
	"strconv"
	"time"

	"heartwood/internal/care/callflow"
)

// callFiles are the two variants of the collection and the practice's rows of
// the published tables 2 to 5. What we have read of the collection has its
// metrics, bands and checks, not its headers: those of the two variants are our
// proposal, to be set right against the live specification, which checks them
// exactly. The published tables have their heads in two rows; here each column
// has the two joined. What counts nothing has its row, with 0.
func (r *Return) callFiles(t telephony) error {
	for _, f := range []struct {
		name string
		head []string
		rows [][]string
	}{
		{"cbt-aggregated", []string{"Month", "ODS_CODE", "Metric", "Date", "Band", "Value"}, r.callSums(t)},
		{"cbt-call-level", []string{"ODS_CODE", "Record reference", "Date", "Time band", "Metric", "Wait band", "Duration band", "Call back made"}, r.callRows(t)},
		{"cbt-day-and-time", append([]string{"Day", "Date", "Total Count of Inbound Calls"}, callBands...), callTimes(t)},
		{"cbt-outcomes", append(append([]string{}, callHead...),
			"Count of Inbound calls", "Answered", "Answered %", "Ended during the IVR Stage", "Ended during the IVR Stage %", "Call back requested", "Call back requested %",
			"Missed", "Missed %", "Call back made", "Call back made % of requested"), [][]string{r.callOutcomes(t)}},
		{"cbt-answered", append(append(append([]string{}, callHead...), "Total Inbound calls", "Answered", "Answered %"),
			append(inBands("Wait time"), inBands("Duration")...)...), [][]string{r.callAnswered(t)}},
		{"cbt-missed", append(append(append([]string{}, callHead...), "Total Inbound calls", "Missed", "Missed %"), inBands("Wait time")...), [][]string{r.callMissed(t)}},
	} {
		file, err := r.csv(f.name, f.head, f.rows)
		if err != nil {
			return err
		}
		r.Files = append(r.Files, file)
	}
	return nil
}

// callHead are the organisation columns of the published tables.
var callHead = []string{
	"Month", "GP Practice (ODS_CODE)", "GP Name", "PCN Code", "PCN Name", "Sub ICB Code", "Sub ICB Name", "ICB Code", "ICB Name", "Region Code", "Region Name",
}

func inBands(of string) []string {
	var out []string
	for _, b := range lengths {
		out = append(out, of+": "+b, of+": "+b+" %")
	}
	return out
}

// callSums is the aggregated variant: a row for each metric and band.
func (r *Return) callSums(t telephony) [][]string {
	var out [][]string
	row := func(metric, date, band string, n int) {
		out = append(out, []string{r.Period, r.Place.Code, metric, date, band, strconv.Itoa(n)})
	}
	for d, day := range t.days {
		for b, band := range callBands {
			row(inbound, day.Format(time.DateOnly), band, t.times[[2]int{d, b}])
		}
	}
	row(ended, "", "", t.ended)
	for _, m := range []struct {
		metric string
		n      [4]int
	}{{answered, t.waited}, {missed, t.left}} {
		for b, band := range lengths {
			row(m.metric, "", band, m.n[b])
		}
	}
	row(requested, "", "", t.asked)
	row(made, "", "", t.made)
	for b, band := range lengths {
		row(lasted, "", band, t.talked[b])
	}
	return out
}

// callRows is the call-level variant: a row for each call, without a number
// and without the minute, which together would tell who it was.
func (r *Return) callRows(t telephony) [][]string {
	var out [][]string
	for _, c := range t.calls {
		wait, talk, back := "", "", ""
		switch c.Outcome {
		case callflow.Answered:
			wait, talk = lengths[lengthOf(c.Wait(c.Ended))], lengths[lengthOf(c.Talked(c.Ended))]
		case callflow.Missed:
			wait = lengths[lengthOf(c.Wait(c.Ended))]
		case callflow.ToCall:
			back = map[bool]string{true: "1", false: "0"}[t.reached[c.Task]]
		}
		out = append(out, []string{
			r.Place.Code, reference(r.Place.Code, c.ID), c.Began.Format(time.DateOnly), callBands[callBand(c.Began)], outcome(c), wait, talk, back,
		})
	}
	return out
}

// callTimes are the practice's days of table 2.
func callTimes(t telephony) [][]string {
	var out [][]string
	for d, day := range t.days {
		row, all := []string{day.Weekday().String(), day.Format(time.DateOnly), ""}, 0
		for b := range callBands {
			n := t.times[[2]int{d, b}]
			all += n
			row = append(row, strconv.Itoa(n))
		}
		row[2] = strconv.Itoa(all)
		out = append(out, row)
	}
	return out
}

func (r *Return) callPlace(more ...string) []string {
	return append(append([]string{r.Span.From.Format(time.DateOnly)}, r.Place.columns()...), more...)
}

// callOutcomes is the practice's row of table 3.
func (r *Return) callOutcomes(t telephony) []string {
	all := len(t.calls)
	out := r.callPlace(strconv.Itoa(all))
	for _, n := range []int{sum(t.waited), t.ended, t.asked, sum(t.left)} {
		out = append(out, strconv.Itoa(n), share(n, all))
	}
	return append(out, strconv.Itoa(t.made), share(t.made, t.asked))
}

// callAnswered is the practice's row of table 4.
func (r *Return) callAnswered(t telephony) []string {
	n := sum(t.waited)
	out := r.callPlace(strconv.Itoa(len(t.calls)), strconv.Itoa(n), share(n, len(t.calls)))
	return append(append(out, banded(t.waited)...), banded(t.talked)...)
}

// callMissed is the practice's row of table 5.
func (r *Return) callMissed(t telephony) []string {
	n := sum(t.left)
	return append(r.callPlace(strconv.Itoa(len(t.calls)), strconv.Itoa(n), share(n, len(t.calls))), banded(t.left)...)
}

func banded(n [4]int) []string {
	var out []string
	for _, x := range n {
		out = append(out, strconv.Itoa(x), share(x, sum(n)))
	}
	return out
}

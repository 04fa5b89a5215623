package manage

import (
	"fmt"
	"time"

	"heartwood/internal/care/worktime"
	"heartwood/internal/door/web/page/sheet"
	"heartwood/internal/view/measure"
)

// How figures are counted, said the same way wherever they stand.
const (
	aboutIn      = "Every request of every channel counts once, at the moment it came in (what the receipt says). Requests taken by staff for a caller or somebody at the desk count under that channel. A part that was split off a request is not counted again."
	aboutAnswer  = "The first answer is the moment when a message asked the patient something or offered them a time, or when the request was closed with its outcome. A request that came back is not counted again."
	aboutPromise = "In time: the first answer came by the earliest time that the patient was promised. Late: it came later, or has not come and the time has passed. The share is of these two; requests whose time has not passed are left out of it."
	aboutOpening = "Opening time leaves out nights, weekends, bank holidays and closures, by the hours that were in force when the answer came. By the clock counts everything."
)

// measureSheets are the tables of the report, in its order.
func measureSheets(now, before measure.Sum, each worktime.Setting) []sheet.Sheet {
	return []sheet.Sheet{
		promiseSheet("channel", "Promise kept and waits, by channel", "Channel", now.Channels, now.All, func(c string) string { return nameIn(channelNames, c) }),
		promiseSheet("kind", "Promise kept and waits, by kind", "Kind", now.Kinds, now.All, kindName),
		promiseSheet("urgency", "Promise kept and waits, by urgency", "Urgency", now.Urgencies, now.All, func(c string) string { return nameIn(urgencyNames, c) }),
		demandSheet(now),
		waitSheet(now),
		curveSheet("online-curve", "Online requests against England, by weekday and time", now.Online, measure.NationalOnline),
		curveSheet("calls-curve", "Requests by phone against calls in England, by weekday and time", now.Calls, measure.NationalCalls),
		mixSheet(now, before),
		outcomeSheet(now, before),
		awaySheet(now, before),
		hiddenSheet(now, before, each),
		workSheet(now),
	}
}

func promiseSheet(id, title, head string, of []measure.Line, all measure.Line, name func(string) string) sheet.Sheet {
	s := sheet.Sheet{
		ID: "promise-" + id, Title: title,
		About: []string{aboutIn, aboutPromise, aboutAnswer, aboutOpening},
		Head:  []string{head, "Came in", "In time", "Late", "In time %", "Not due yet", "Half within (opening)", "Half within (clock)", "9 in 10 within (clock)", "Half looked at (opening)", "Opened again"},
	}
	row := func(label string, l measure.Line) []string {
		return []string{
			label, fmt.Sprint(l.In), fmt.Sprint(l.Kept), fmt.Sprint(l.Late), share(l.Kept, l.Kept+l.Late), fmt.Sprint(l.Running),
			wait(l.Opening, l.Waits), wait(l.Median, l.Waits), wait(l.Ninth, l.Waits), wait(l.Look, l.Waits), fmt.Sprint(l.Reopened),
		}
	}
	for _, l := range of {
		s.Add(row(name(l.Label), l)...)
	}
	if len(of) > 0 {
		s.Total = &sheet.Row{Cells: row("All", all)}
	}
	return s
}

func demandSheet(now measure.Sum) sheet.Sheet {
	s := sheet.Sheet{
		ID: "demand-hours", Title: "Requests by weekday and hour", Heat: true, About: []string{aboutIn},
		Head: append([]string{"Day"}, hourNames()...),
	}
	for d, name := range measure.Weekdays {
		row := []string{name}
		for _, n := range now.Demand[d] {
			row = append(row, fmt.Sprint(n))
		}
		s.Add(row...)
	}
	return s
}

func hourNames() []string {
	out := make([]string, 24)
	for h := range out {
		out[h] = fmt.Sprintf("%02d", h)
	}
	return out
}

func waitSheet(now measure.Sum) sheet.Sheet {
	s := sheet.Sheet{
		ID: "waits-hours", Title: "How long half waited at most, by when they asked (opening time)",
		About: []string{"For requests that came in at that time and have been answered.", aboutAnswer, aboutOpening},
		Head:  append([]string{"Day"}, measure.Bands[:]...),
	}
	for d, name := range measure.Weekdays {
		row := []string{name}
		for _, w := range now.Waits[d] {
			row = append(row, wait(w.Opening, w.N))
		}
		s.Add(row...)
	}
	return s
}

func curveSheet(id, title string, of [7][8]int, c measure.Curve) sheet.Sheet {
	s := sheet.Sheet{
		ID: id, Title: title,
		About: []string{
			"The first number is this practice's, the second what the same number of requests would be at that time if they were spread over the week as in England.",
			c.Name + ". Source: " + c.Source + ".",
		},
		Head: append([]string{"Day"}, measure.Bands[:]...),
	}
	expect := c.Expect(total(of))
	for d, name := range measure.Weekdays {
		row := []string{name}
		for b := range of[d] {
			row = append(row, fmt.Sprintf("%d / %.0f", of[d][b], expect[d][b]))
		}
		s.Add(row...)
	}
	return s
}

func mixSheet(now, before measure.Sum) sheet.Sheet {
	s := sheet.Sheet{ID: "channel-mix", Title: "How requests came", About: []string{aboutIn}, Head: []string{"Channel", "Requests", "Share", "Period before", "Share before"}}
	was := map[string]int{}
	for _, l := range before.Channels {
		was[l.Label] = l.In
	}
	for _, l := range now.Channels {
		s.Add(nameIn(channelNames, l.Label), fmt.Sprint(l.In), share(l.In, now.All.In), fmt.Sprint(was[l.Label]), share(was[l.Label], before.All.In))
	}
	return s
}

func outcomeSheet(now, before measure.Sum) sheet.Sheet {
	s := sheet.Sheet{
		ID: "outcomes", Title: "How requests were answered",
		About: []string{"Requests that were closed in the period, whenever they came in, by the outcome they were closed with last."},
		Head:  []string{"Outcome", "Requests", "Share", "Period before"},
	}
	was := map[string]int{}
	for _, b := range before.Outcomes {
		was[b.Label] = b.Value
	}
	for _, b := range now.Outcomes {
		s.Add(b.Label, fmt.Sprint(b.Value), share(b.Value, now.Closed), fmt.Sprint(was[b.Label]))
	}
	return s
}

// awaySheet is about people who were not helped when they asked.
func awaySheet(now, before measure.Sum) sheet.Sheet {
	s := sheet.Sheet{
		ID: "deflections", Title: "Turned away",
		About: []string{
			"Sent away: closed with words that tell the person to ask again at another time, such as “call back tomorrow”. The contract does not allow it; the number must be none.",
			"Core hours closed: minutes of the core hours (8am to 6.30pm, Monday to Friday, but bank holidays) in which the practice is closed by its opening hours as they are now. The online form takes requests all the same.",
			"Forms that were begun online and not sent: see that table. Those that can still be sent are not in it.",
			"Ended without an answer: withdrawn from the ledger in any way that is no outcome. Must be none; the reconciliation names each.",
		},
		Head: []string{"What", "This period", "Period before"},
	}
	row := func(name string, a, b int) {
		s.Rows = append(s.Rows, sheet.Row{Cells: []string{name, fmt.Sprint(a), fmt.Sprint(b)}, Alert: a > 0})
	}
	row("Sent away: told to ask again another time", now.SentAway, before.SentAway)
	row("Ended without an answer", now.Unended, before.Unended)
	s.Add("Online forms begun and not sent", left(now), left(before))
	s.Add("Core hours closed, minutes", fmt.Sprint(int(now.Shut.Minutes())), fmt.Sprint(int(before.Shut.Minutes())))
	return s
}

// left is how many forms were begun and not sent: unknown, not 0, before they
// were counted, and a least number when they were not counted on all days.
func left(s measure.Sum) string {
	n := 0
	for _, x := range s.Starts {
		n += x.Left
	}
	switch {
	case s.StartsFrom.IsZero() || !s.StartsFrom.Before(s.Span.To):
		return "unknown"
	case s.StartsFrom.After(s.Span.From):
		return fmt.Sprintf("at least %d", n)
	}
	return fmt.Sprint(n)
}

func hiddenSheet(now, before measure.Sum, each worktime.Setting) sheet.Sheet {
	s := sheet.Sheet{
		ID: "hidden-work", Title: "Work, the hidden part of it too",
		About: []string{
			"Each trace that a member of staff leaves in the record is a piece of work. Where they left another within 15 minutes before, the time between the two is taken as what it took: that is measured. For the others the minutes that the practice has set are taken. Work that leaves no trace here, such as reading without deciding or filing in another system, is not counted.",
			"The minutes that are assumed, and where they come from, are set under Settings, What work takes.",
		},
		Head: []string{"Work", "Items", "Measured", "Minutes each, measured", "Minutes each, assumed", "Hours", "Hours before"},
	}
	var all, allBefore time.Duration
	for _, i := range each.Items {
		w, was := now.Deeds[measure.Deed(i.Code)], before.Deeds[measure.Deed(i.Code)]
		mean := "–"
		if w.Measured > 0 {
			mean = fmt.Sprintf("%.1f", w.Time.Minutes()/float64(w.Measured))
		}
		took, took2 := w.Took(each.Of(i.Code)), was.Took(each.Of(i.Code))
		all, allBefore = all+took, allBefore+took2
		s.Add(i.Name, fmt.Sprint(w.Items), fmt.Sprint(w.Measured), mean, fmt.Sprint(i.Minutes), inHours(took), inHours(took2))
	}
	s.Total = &sheet.Row{Cells: []string{"All", "", "", "", "", inHours(all), inHours(allBefore)}}
	return s
}

func inHours(d time.Duration) string { return fmt.Sprintf("%.1f", d.Hours()) }

func workSheet(now measure.Sum) sheet.Sheet {
	s := sheet.Sheet{
		ID: "work-hours", Title: "Pieces of work by weekday and hour", Heat: true,
		About: []string{"All kinds of work of the table above, at the time when it was done."},
		Head:  append([]string{"Day"}, hourNames()...),
	}
	for d, name := range measure.Weekdays {
		row := []string{name}
		for _, w := range now.Working[d] {
			row = append(row, fmt.Sprint(w.Items))
		}
		s.Add(row...)
	}
	return s
}

package desk

import (
	"time"

	"heartwood/internal/view/worklist"
)

// alarm is what the whole desk is told at the top of the queue: that somebody
// waits too long and nobody is dealing with it.
type alarm struct {
	Text, Href, LinkText string
	All, AllText         string // where all alarms are; "" when none rings
	Count                int
	Emergency            bool
}

// alarm is nil when nobody is left waiting. rows are those left unattended,
// the worst first.
func (v visit) alarm(rows []worklist.Row) *alarm {
	if len(rows) == 0 {
		return nil
	}
	emergencies, longest := 0, time.Duration(0)
	for _, r := range rows {
		if r.Emergency() {
			emergencies++
			longest = max(longest, r.Waited(v.now))
		}
	}
	a := &alarm{
		Count: len(rows), Emergency: emergencies > 0,
		Href: v.base() + "request/" + rows[0].Task.ID, LinkText: "Open it now",
	}
	if len(rows) > 1 {
		a.LinkText = "Open the first now"
	}
	late := len(rows) - emergencies
	switch {
	case emergencies == 1:
		a.Text = "1 emergency has waited " + long(longest) + " and nobody is dealing with it."
	case emergencies > 1:
		a.Text = plural(emergencies, "", "emergencies") + " have waited up to " + long(longest) + " and nobody is dealing with them."
	case late == 1:
		return a.say("1 request is past its time and nobody has looked at it.")
	default:
		return a.say(plural(late, "", "requests") + " are past their time and nobody has looked at them.")
	}
	if late > 0 {
		a.Text += " " + plural(late, "other is", "others are") + " past their time."
	}
	return a
}

func (a *alarm) say(text string) *alarm {
	a.Text = text
	return a
}

// long is a wait in whole words: "12 minutes".
func long(d time.Duration) string {
	if d < time.Hour {
		return plural(int(d.Minutes()), "minute", "minutes")
	}
	if d < 48*time.Hour {
		return plural(int(d.Hours()), "hour", "hours")
	}
	return plural(int(d.Hours()/24), "day", "days")
}

package desk_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"heartwood/internal/hazard"
)

var pickTag = regexp.MustCompile(`name="pick" id="[^"]+" value="([^"]+)"`)

// picks are the rows that can be selected, as they are seen now.
func (b *browser) picks() []string {
	var out []string
	for _, m := range pickTag.FindAllStringSubmatch(b.body, -1) {
		out = append(out, m[1])
	}
	return out
}

func (b *browser) bulk(picks []string, values ...string) *browser {
	b.h.t.Helper()
	v := url.Values{"pick": picks, "key": {b.find(`<form id="bulk"[^>]*>\s*<input type="hidden" name="key" value="([^"]+)"`)}}
	for i := 0; i+1 < len(values); i += 2 {
		v.Set(values[i], values[i+1])
	}
	return b.post(b.h.desk("bulk"), v)
}

func TestManyAtOnce(t *testing.T) {
	hazard.Covers(t, "H-018")
	h := newHouse(t, 20)
	take(h, h.sample[0].ID, "A letter about my move")
	second := take(h, h.sample[1].ID, "A letter for my gym")
	nav := h.as("navigator").open("")
	picks := nav.picks()
	if len(picks) != 2 {
		t.Fatalf("%d rows can be selected", len(picks))
	}
	nav.bulk(nil, "do", "close", "outcome", "admin", "told", "Your letter is at the desk.").says(400, "Select at least one", "Nothing was done", "Your letter is at the desk.")
	nav.bulk(picks, "do", "close", "outcome", "", "told", "x").says(400, "Choose an outcome")
	nav.bulk(picks, "do", "assign", "owner", "nobody").says(400, "Choose who deals with it")
	h.as("clinician").open(second).submit("/assign", "owner", h.staff["clinician"].Ref)
	nav.bulk(picks, "do", "close", "outcome", "admin", "told", "Your letter is at the desk.").
		says(200, "Closed: paperwork done", "1 request", "Left as they are", "Somebody changed it meanwhile", "have been told already")
	h.as("navigator").open("").says(200, "A letter for my gym").silent("A letter about my move")
	nav.submit("/undo").says(200, "Taken back", "told that it is open again")
	h.as("navigator").open("").says(200, "A letter about my move")

	nav.open("")
	nav.bulk(nav.picks(), "do", "snooze", "until-day", h.day(1), "until-time", "09:00", "why", "the printer").says(200, "Put aside", "2 requests")
	nav.open("?show=aside").says(200, "Put aside until tomorrow 09:00: the printer")
	nav.bulk(nav.picks(), "do", "wake").says(200, "Taken up again")
	if b := h.as("manager").open(""); strings.Contains(b.body, `value="close"`) {
		t.Error("a manager is offered to close requests")
	} else {
		b.bulk(b.picks(), "do", "close", "outcome", "admin", "told", "x").says(403)
	}
}

// Two who ask for the next request get two requests.
func TestTheNextIsNobodyElses(t *testing.T) {
	h := newHouse(t, 20)
	take(h, h.sample[0].ID, "A letter about my move")
	h.clock.Add(int64(time.Minute))
	take(h, h.sample[1].ID, "A letter for my gym")
	h.as("navigator").open("next").says(200, "A letter about my move")
	h.as("clinician").open("next").says(200, "A letter for my gym")
	h.as("manager").open("next").says(200, "nothing for you to take up")
}

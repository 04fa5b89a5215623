package desk_test

import (
	"testing"
	"time"

	"heartwood/internal/hazard"
)

// A thread that was answered is filed from its page with one of the patient's
// problems, or with others from the list; it stands in the record, leaves the
// list, and can be taken out again.
func TestFiling(t *testing.T) {
	hazard.Covers(t, "H-048")
	h := newHouse(t, 20)
	h.clock.Add(int64(8 * 24 * time.Hour)) // what the demonstration closed is of the week before
	for _, what := range []string{"A letter for my landlord", "A copy of my results"} {
		b := h.as("navigator").open("new?patient=" + h.sample[0].ID)
		b.submit("/new", "channel", "desk", "kind", "admin", "what", what, "contact-how", "phone", "step", "save").says(200, "Recorded as")
		id := b.find(`/request/([a-z0-9]+)"`)
		b.open("request/"+id).submit(id+"/close", "outcome", "admin", "told", "It is ready.").says(200, "Closed.", "File the messages")
	}
	b := h.as("navigator").open("filing").says(200, "2 threads", "A letter for my landlord", "A copy of my results")
	b.submit("filing?before=2026-03-12", "heading", "admin").says(400, "Tick the threads")
	first := b.find(`name="pick" value="([^"]*)"`)
	b.post(b.at, filled(`<input name="pick" value="`+first+`"><input name="heading" value="">`)).says(400, "Choose where they belong")
	b.open("filing")
	b.post(b.at, filled(`<input name="pick" value="`+first+`"><input name="heading" value="admin">`)).says(200, "1 thread filed under Administration", "1 thread")
	b.post(b.at, filled(`<input name="pick" value="`+first+`"><input name="heading" value="admin">`)).says(200, "left as it is")
	id := b.find(`id="f-([a-z0-9]+)"`)
	b.open("request/"+id).submit(id+"/file", "heading", "").says(400, "Choose where it belongs")
	b.submit(id+"/file", "heading", "certificates").says(200, "Filed in the record.", "Fit notes and certificates", "messages filed under")
	b.open("filing").says(200, "Nothing of this week is to be filed")
	b.open("patient/"+h.sample[0].ID+"?part=letters").says(200, "Messages filed", "Fit notes and certificates", "Administration")
	b.find(`href="[^"]*(/request/` + id + `)"`)
	b.open("request/"+id).submit(id+"/unfile", "reason", "It is a result").says(200, "Taken out of the file.", "It is a result")
	b.open("filing").says(200, "1 thread")
	b.open("filing?mine=1").says(200)
	b.open("filing?before=2020-01-01").says(200, "Nothing of this week", "Later week")
	h.as("manager").open("filing").says(403)
}

package desk_test

import "testing"

// A member of staff narrows the list down, keeps it under a name, opens it,
// changes it and deletes it; a colleague never sees it.
func TestJobsViews(t *testing.T) {
	h := newHouse(t, 20)
	b := h.as("navigator")
	b.open("jobs/new").submit("/jobs", "what", "Ring the lab", "owner", "CareTeam/triage", "priority", "urgent").says(200)
	b.open("jobs/new").submit("/jobs", "what", "Water the plants", "owner", "CareTeam/triage", "priority", "routine").says(200)
	b.open("jobs?show=all&above=yes&words=lab&order=by").says(200, "Ring the lab", "Only you see your views. 1 of").silent("Water the plants")
	b.submit("job-views", "name", "", "do", "new").says(400, "Give the view a name", "Ring the lab").silent("Water the plants")
	b.submit("job-views", "name", "The lab", "do", "new").says(200, "Your view is kept", "The lab", "Ring the lab").silent("Water the plants")
	id := b.find(`jobs\?view=([a-z0-9]+)" aria-current`)
	old := b.body
	b.open("jobs?view="+id+"&show=all&words=plants&order=").says(200, "Water the plants").silent("Ring the lab")
	b.submit("job-views", "name", "The plants", "do", "change").says(200, "Your view is kept", "The plants", "Water the plants").silent("Ring the lab", "The lab")
	b.body = old
	b.submit("job-views", "name", "The lab", "do", "change").says(409, "in another window")
	h.as("clinician").open("jobs?view="+id).says(200, "You have no such view").silent("The plants")
	b.open("jobs?view="+id).submit("job-views", "do", "delete").says(200, "Your view is deleted").silent("The plants")
}

package demo

import (
	"testing"
	"time"

	"heartwood/internal/fhir"
)

// pastVisits are a practice's appointments and the times of its past diaries.
func pastVisits(t *testing.T, n *Network, p Practice) (visits, slots []*fhir.Resource) {
	for item := range p.Resources() {
		if item.Type != "Appointment" && item.Type != "Slot" {
			continue
		}
		res, err := fhir.ParseResource(item.Body)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case item.Type == "Appointment":
			visits = append(visits, res)
		case moment(t, res, "start").Before(n.day):
			slots = append(slots, res)
		}
	}
	return visits, slots
}

func moment(t *testing.T, res *fhir.Resource, name string) time.Time {
	at, err := time.Parse(time.RFC3339, res.Get(name).Str())
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return at
}

// Who was booked in the past weeks had a time of their own, on a day that was
// open, booked before it began; and every time is sold once or free.
func TestPastVisits(t *testing.T) {
	n := network(t, 1, 3, 1500)
	became, held := map[string]int{}, map[string]int{}
	for _, p := range n.Practices() {
		visits, slots := pastVisits(t, n, p)
		sold := map[string]bool{}
		for _, v := range visits {
			start, status := moment(t, v, "start"), v.Get("status").Str()
			if !moment(t, v, "end").Before(n.day) || !open(start) || moment(t, v, "created").After(start) {
				t.Errorf("at a wrong time: %s", v.Root().Raw())
			}
			became[status]++
			held[channelOf(v)]++
			slot := v.Get("slot", "reference").Str()
			if (slot == "") != (status == "cancelled") || sold[slot] && slot != "" {
				t.Errorf("%s of an appointment that is %s", slot, status)
			}
			sold[slot] = slot != ""
		}
		free := 0
		for _, s := range slots {
			if s.Get("status").Is("busy") != sold[s.Ref().String()] {
				t.Errorf("%s is %s", s.Ref(), s.Get("status").Str())
			}
			if s.Get("status").Is("free") {
				free++
			}
		}
		if share := float64(free) / float64(len(slots)); share < .02 || share > .25 {
			t.Errorf("%s: %.2f of the times were not used", p.ODS, share)
		}
		if each := float64(len(visits)) / 1500; each < .7 || each > 1.15 {
			t.Errorf("%s: %.2f appointments for each patient", p.ODS, each)
		}
	}
	t.Log(became, held)
	all := became["fulfilled"] + became["noshow"] + became["arrived"] + became["booked"]
	if share := float64(became["noshow"]) / float64(all); share < .03 || share > .06 {
		t.Errorf("%.3f did not come", share)
	}
	for _, status := range []string{"fulfilled", "noshow", "arrived", "booked", "cancelled"} {
		if became[status] < 20 {
			t.Errorf("%d are %s", became[status], status)
		}
	}
	for _, m := range []mode{inPerson, telephone, video, atHome} {
		if held[string(m)] < 5 {
			t.Errorf("%d are held by %s", held[string(m)], m)
		}
	}
}

// channelOf is the last word on how an appointment is held: ours, if it has one.
func channelOf(v *fhir.Resource) (code string) {
	for c := range v.Get("extension").First().Get("valueCodeableConcept", "coding").Items() {
		code = c.Get("code").Str()
	}
	return code
}

// A very large practice fills its diaries and no more; a very small one has
// some sessions all the same.
func TestPastDiariesOfAnySize(t *testing.T) {
	for patients, most := range map[int]int{30: 60, 12_000: 7000} {
		n := network(t, 1, 1, patients)
		visits, slots := pastVisits(t, n, n.Practices()[0])
		if len(visits) == 0 || len(slots) == 0 || len(slots) > most {
			t.Errorf("%d patients: %d appointments in %d times", patients, len(visits), len(slots))
		}
	}
}

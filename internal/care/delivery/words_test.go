package delivery

import (
	"testing"

	"heartwood/internal/hazard"
	"heartwood/internal/words"
)

// A notice is the same whatever the message says: every word of it is here.
func TestANoticeSaysOnlyThatThereIsAMessage(t *testing.T) {
	hazard.Covers(t, "H-006")
	hazard.Covers(t, "H-013")
	for _, c := range []struct {
		lang          words.Lang
		m             Medium
		link          string
		subject, text string
	}{
		{words.English, SMS, "https://x.example/m/1", "You have a message from The Surgery", "The Surgery has sent you a message. Read it here: https://x.example/m/1"},
		{
			words.English, Email, "", "You have a message from The Surgery",
			"The Surgery has sent you a message.\n\nSign in to your GP practice account to read it.\n\nIf you need help now, call 111. In an emergency, call 999.",
		},
		{words.Welsh, SMS, "https://x.example/m/1", "Mae gennych neges gan The Surgery", "Mae The Surgery wedi anfon neges atoch. Darllenwch hi yma: https://x.example/m/1"},
		{"fr", SMS, "", "You have a message from The Surgery", "The Surgery has sent you a message. Sign in to your GP practice account to read it."},
	} {
		if subject, text := notice(c.lang, c.m, "The Surgery", c.link); subject != c.subject || text != c.text {
			t.Errorf("%s %s: %q, %q", c.lang, c.m, subject, text)
		}
	}
}

// The seal of what the sender has checked breaks with anything that they
// looked at: who it is, how it goes, where to, and what to look at first.
func TestASealBreaksWithWhatItSeals(t *testing.T) {
	hazard.Covers(t, "H-006")
	was := Recipient{Person: Person{Ref: "Patient/ann", Name: "Ann Example", Born: "1980-05-01"}, Way: SMS, Masked: "the number ending 001", Warnings: []string{"new"}}
	for name, change := range map[string]func(*Recipient){
		"who":      func(r *Recipient) { r.Ref = "Patient/ben" },
		"name":     func(r *Recipient) { r.Name = "Ann Sample" },
		"birth":    func(r *Recipient) { r.Born = "1981-05-01" },
		"way":      func(r *Recipient) { r.Way = Email },
		"where":    func(r *Recipient) { r.Masked = "the number ending 002" },
		"why":      func(r *Recipient) { r.Why = "no way" },
		"warnings": func(r *Recipient) { r.Warnings = nil },
	} {
		is := was
		if change(&is); is.Seal() == was.Seal() {
			t.Errorf("%s is another, and the seal holds", name)
		}
	}
	if same := was; same.Seal() != was.Seal() {
		t.Error("the same has another seal")
	}
}

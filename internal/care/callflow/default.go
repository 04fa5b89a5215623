package callflow

import "time"

// Default is the plan of a practice that has drawn none: few options, the
// emergency first, and a person for whoever presses nothing. team answers. Its
// words are those that every practice can have spoken: it records its own name.
func Default(team string) Plan {
	return Plan{
		Start: "hours", Keep: 20 * time.Minute,
		Nodes: []Node{
			{ID: "hours", Kind: Hours, Name: "Are we open?", Next: "welcome", Shut: "shut"},
			{ID: "welcome", Kind: Announce, Name: "Welcome", Says: []string{"welcome", "emergency"}, Next: "menu"},
			{ID: "menu", Kind: Choose, Name: "What is it about?", Says: []string{"menu"}, Next: "reception", Keys: []Key{
				{Digit: "1", Name: "A new problem", To: "reception"},
				{Digit: "2", Name: "Prescriptions", To: "prescriptions"},
				{Digit: "3", Name: "Something else", To: "reception"},
			}},
			{ID: "reception", Kind: Join, Name: "Reception", Queue: "reception"},
			{ID: "prescriptions", Kind: Join, Name: "Prescriptions", Queue: "prescriptions"},
			{ID: "shut", Kind: Finish, Name: "We are shut", Says: []string{"emergency", "shut"}},
		},
		Queues: []Queue{
			queueOf("reception", "Reception", team),
			queueOf("prescriptions", "Prescriptions", team),
		},
		Prompts: []Prompt{
			{ID: "welcome", Says: "Hello. You are through to the doctors' surgery."},
			{ID: "emergency", Says: "If this is life-threatening, hang up and dial 999."},
			{ID: "menu", Says: "For a new problem, press 1. For prescriptions, press 2. For anything else, press 3."},
			{ID: "online", Says: "You can also ask us online, at any time we are open. It comes to the same people."},
			{ID: "thanks-waiting", Says: "Thank you for waiting. We will answer as soon as we can."},
			{ID: "shut", Says: "We are shut now. We open from 8 in the morning, Monday to Friday. If you need help before then, dial 111, or go to 111 dot N H S dot U K."},
		},
	}
}

func queueOf(id, name, team string) Queue {
	return Queue{
		ID: id, Name: name, Team: team, Comforts: []string{"thanks-waiting", "online"},
		Every: 45 * time.Second, Strategy: Longest, Ring: 15 * time.Second, Wrap: 30 * time.Second,
		Offer: Offering{After: 2 * time.Minute, From: 3},
	}
}

package demo

// Ask is what somebody might write to their practice.
type Ask struct {
	Channel string // web, phone, desk
	Kind    string // as the request form has it
	What    string
	HowLong string
	HowBad  int // 1 to 5; 0 not said
	Hope    string
	// From and To are the ages that it fits.
	From, To int
}

// Asks are requests for a practice's queue to begin with, so that there is
// something to work on: the everyday, the urgent, and one that must not wait.
// All of them are made up.
func Asks() []Ask {
	return []Ask{
		{"web", "new-problem", "I have had a tight chest pain since this morning. It spreads to my left arm and I feel sweaty.", "Since 7 this morning", 4, "I think it is indigestion but my wife told me to ask.", 26, 100},
		{"web", "new-problem", "Sore throat and a runny nose. I can eat and drink. No rash.", "3 days", 2, "Do I need antibiotics?", 26, 100},
		{"phone", "existing-problem", "I have asthma. It is worse at night and I need my blue inhaler every few hours.", "A week", 3, "Something stronger, or to be seen.", 26, 100},
		{"web", "medicine", "Please can I have my usual blood pressure tablets. I have 4 days left.", "", 0, "A prescription sent to my pharmacy.", 26, 100},
		{"desk", "fit-note", "My back is no better and I cannot lift at work. My note ends on Friday.", "3 weeks", 3, "A new fit note for 2 weeks.", 20, 60},
		{"web", "test-result", "I had blood tests last week and would like to know the result.", "", 0, "To know if my thyroid is all right.", 26, 100},
		{"phone", "new-problem", "Burning when passing water and going very often. No fever.", "2 days", 3, "Treatment today if possible.", 26, 100},
		{"web", "new-problem", "A mole on my shoulder has grown and its edge has changed. It bled once.", "2 months", 1, "For someone to look at it. I can send a photo.", 26, 100},
		{"web", "existing-problem", "My knee is more painful on the stairs. Paracetamol helps a little.", "Months", 2, "Physiotherapy, perhaps.", 26, 100},
		{"web", "admin", "I am moving house and need to change my address.", "", 0, "", 26, 100},
		{"phone", "new-problem", "My little boy has a temperature of 38.5 and a cough. He is drinking and playing.", "Since yesterday", 2, "Advice on what to look out for.", 25, 45},
		{"web", "existing-problem", "I feel low again and I am not sleeping. I am safe and have no thoughts of harming myself.", "5 weeks", 3, "To talk to someone who knows me.", 26, 100},
		{"web", "new-problem", "Itchy rash on both hands after changing washing powder.", "10 days", 2, "A cream.", 26, 100},
		{"desk", "admin", "A letter for my gym that says I may exercise with my heart condition.", "", 0, "A letter by next week.", 26, 100},
	}
}

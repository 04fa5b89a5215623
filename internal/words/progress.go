package words

// The words of how far a request has come.
func init() {
	for key, s := range map[string]string{
		"progress.received":       "We have your request",
		"progress.reading":        "We are going to read it",
		"progress.reading.say":    "A person reads every request.",
		"progress.reading.shut":   "We are closed now. We open %s.",
		"progress.read":           "Someone in our team has read it",
		"progress.our":            "our %s",
		"progress.with":           "It is with %s",
		"progress.work":           "We are working on it",
		"progress.worked":         "We have worked on it",
		"progress.yours":          "We need something from you",
		"progress.yours.say":      "Read our message and reply, or choose a time.",
		"progress.answer":         "We answer you",
		"progress.answer.by":      "You will hear from us %s.",
		"progress.answer.reply":   "After you have replied.",
		"progress.answered":       "We have answered",
		"progress.next.by":        "You will hear from us %s.",
		"progress.next.yours":     "Please read our message and reply, or choose a time. We will go on as soon as you have.",
		"progress.next.emergency": "This could be an emergency. If you still need help and have not called 999, call now.",
		"progress.next.late":      "This is taking longer than we said. We are sorry. We are still working on it.",
		"progress.next.again":     "You do not need to send it again.",
		"progress.next.worse":     "If you get worse, call 111. If it is an emergency, call 999.",
	} {
		sentences[key] = s
	}
}

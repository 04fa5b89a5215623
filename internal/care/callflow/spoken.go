package callflow

import (
	"fmt"
	"maps"
	"sync"
	"time"
)

// The prompts that every plan has, beside its own.
const (
	PromptWrongKey        = "wrong-key"
	PromptTrouble         = "trouble"
	PromptThanks          = "thanks"
	PromptPlaceKept       = "place-kept"
	PromptShutNow         = "shut-now"
	PromptOffer           = "call-back-offer"
	PromptWillCall        = "will-call"
	PromptWillCallNextDay = "will-call-next-day"
)

// TextCallBack is the template of the text message that confirms a call back;
// TextTry goes out before each try, and TextGaveUp after the last.
const (
	TextCallBack = "call-back"
	TextTry      = "call-back-try"
	TextGaveUp   = "call-back-gave-up"
)

// steps are the minutes in which a wait is told: nobody can say it finer.
var steps = []int{0, 2, 5, 10, 15, 20, 30, 45, 60, 90}

const toldPlaces = 20 // places that are said as a number

// Spoken are the words of the prompts that every plan has, by id. They are the
// same for every practice, so that a voice is rendered for them once.
func Spoken() map[string]string { return maps.Clone(spoken()) }

var spoken = sync.OnceValue(func() map[string]string {
	out := map[string]string{
		PromptWrongKey:        "Sorry, that is not one of the options.",
		PromptTrouble:         "Sorry, something has gone wrong with our telephone. Please ring again. If it cannot wait, dial 111. In an emergency dial 999.",
		PromptThanks:          "Thank you. We have your message.",
		PromptPlaceKept:       "Welcome back. We have kept your place in the queue.",
		PromptShutNow:         "We have just shut, and you still have your place. If you need help tonight you can also dial 111.",
		PromptOffer:           "If you would like us to call you back, press 1. You keep your place in the queue.",
		PromptWillCall:        "Thank you. We will call you back on this number when it is your turn. You can hang up now.",
		PromptWillCallNextDay: "We have shut and everybody has gone. We will call you back on this number when we open. If it cannot wait, dial 111. In an emergency dial 999.",
		placePrompt(0):        "You are next.",
		placePrompt(99):       fmt.Sprintf("There are more than %d people before you.", toldPlaces),
		placePrompt(1):        "There is 1 person before you.",
	}
	for n := 2; n <= toldPlaces; n++ {
		out[placePrompt(n)] = fmt.Sprintf("There are %d people before you.", n)
	}
	for i, low := range steps {
		for _, high := range steps[i+1:] {
			out[fmt.Sprintf("wait-%d-%d", low, high)] = waitWords(low, high)
		}
	}
	return out
})

func waitWords(low, high int) string {
	if low == 0 {
		return fmt.Sprintf("Most people in your place wait less than %d minutes.", high)
	}
	return fmt.Sprintf("Most people in your place wait between %d and %d minutes.", low, high)
}

func placePrompt(ahead int) string {
	if ahead > toldPlaces {
		return "place-more"
	}
	return fmt.Sprintf("place-%d", max(0, ahead))
}

// Told is an estimate as it is said, rounded outwards to whole steps; zero for
// none, and for what is longer than anything that can be said honestly.
func Told(e Estimate) (low, high time.Duration) {
	if e.High <= 0 {
		return 0, 0
	}
	for _, s := range steps {
		d := time.Duration(s) * time.Minute
		if d <= e.Low {
			low = d
		}
		if d >= e.High {
			return low, d
		}
	}
	return 0, 0
}

// waitPrompt is the prompt that says an estimate; "" for none.
func waitPrompt(e Estimate) string {
	low, high := Told(e)
	if high <= low {
		return ""
	}
	return fmt.Sprintf("wait-%d-%d", int(low.Minutes()), int(high.Minutes()))
}

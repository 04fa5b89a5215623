package booking

import (
	"strings"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/words"
)

// Names of systems and codes in the resources.
const (
	channelURL    = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DeliveryChannel"
	channelSystem = "https://fhir.hl7.org.uk/CodeSystem/UKCore-DeliveryChannel"
	modeSystem    = care.Base + "appointment-mode"
	partSystem    = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
)

// ukCore is the UK Core delivery channel of a mode.
func (m Mode) ukCore() string {
	switch m {
	case FaceToFace, HomeVisit:
		return "In-person"
	case Telephone:
		return "Telephone"
	case Video:
		return "Video"
	}
	return ""
}

// ParseMode reads a mode as a form or a resource writes it; ok is false for
// anything else.
func ParseMode(s string) (m Mode, ok bool) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "":
		return "", true
	case "face-to-face", "face to face", "in-person", "in person":
		return FaceToFace, true
	case "telephone", "phone":
		return Telephone, true
	case "video":
		return Video, true
	case "home-visit", "home visit":
		return HomeVisit, true
	}
	return "", false
}

// sayWhen is a moment as a patient reads it: "Tuesday 3 March 2026 at 9:10am".
func sayWhen(t time.Time) string {
	return t.In(words.London).Format("Monday ") + words.Date(t) + " at " + words.Clock(t)
}

func sayHow(m Mode) string {
	switch m {
	case Telephone:
		return " We will phone you. The call may come a little before or after this time."
	case Video:
		return " It is a video call. Sign in a few minutes before and choose Join."
	case HomeVisit:
		return " We will come to your home."
	case FaceToFace:
		return " Please come to the practice."
	}
	return ""
}

func sayWith(name string) string {
	if name == "" {
		return ""
	}
	return " with " + name
}

// What a patient is told says when, how and with whom, and never why. It is
// read after signing in; the e-mail says nothing of it.

func sayBooked(v View) string {
	return "You have an appointment on " + sayWhen(v.Start) + sayWith(v.ClinicianName) + "." + sayHow(v.Mode) +
		" If you cannot make it, please sign in and cancel it so that someone else can have the time."
}

func sayMoved(v View) string {
	return "Your appointment has moved. It is now on " + sayWhen(v.Start) + sayWith(v.ClinicianName) + "." + sayHow(v.Mode)
}

func sayCancelled(v, was View) string {
	if !was.Earlier.IsZero() {
		return "You do not wait for an earlier time any more. You keep your appointment."
	}
	if was.Status == "waitlist" {
		return "You are not on the waiting list for an appointment any more. If you still need help, please tell us."
	}
	if v.Start.IsZero() {
		return "You no longer need to choose an appointment time. If you still need help, please tell us."
	}
	return "Your appointment on " + sayWhen(v.Start) + " has been cancelled. If you still need help, please tell us."
}

const sayWaiting = "You are on the waiting list for an appointment. When a time comes free we will tell you and keep it for you for a while. " +
	"If you get worse, please tell us straight away."

func sayOffer(c Constraint) string {
	s := "We would like you to have an appointment. Please sign in and choose a time that suits you"
	if !c.Until.IsZero() {
		s += ", before " + sayWhen(c.Until)
	}
	return s + "."
}

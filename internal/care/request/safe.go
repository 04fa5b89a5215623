package request

// What must not happen when we reply, in the words in which a form has it: one
// or several are in Contact.Safe. The outbox obeys them.
const (
	SafeNoVoicemail = "Do not leave a voicemail"
	SafeNoTexts     = "Others use this phone: do not write to it"
	SafeNoEmails    = "Others read this email: do not write to it"
	SafeNoPost      = "Others open my letters: do not write to my home"
)

package words

import "fmt"

// Lang is a language that pages are written in.
type Lang string

// The languages; English is complete, and stands in for what others lack.
const (
	English Lang = "en"
	Welsh   Lang = "cy"
)

// T is the sentence kept under key in a language, with args put in as by
// fmt.Sprintf. A key that no language has is a mistake of ours, and is shown
// as it is, so that a test or a reader sees it.
func T(lang Lang, key string, args ...any) string {
	s, ok := sentences[lang][key]
	if !ok {
		s, ok = sentences[English][key]
	}
	if !ok {
		return key
	}
	if len(args) == 0 {
		return s
	}
	return fmt.Sprintf(s, args...)
}

// Keys lists the keys that a language has.
func Keys(lang Lang) []string {
	keys := make([]string, 0, len(sentences[lang]))
	for k := range sentences[lang] {
		keys = append(keys, k)
	}
	return keys
}

var sentences = map[Lang]map[string]string{
	English: {
		"request.received":       "We have your request. Your reference is %s.",
		"request.open.routine":   "A member of our team will read your request. We will contact you %s.",
		"request.open.urgent":    "A member of our team will read your request today. We will contact you %s.",
		"request.shut.now":       "The practice is closed now. We will read your request when we open, %s.",
		"request.shut.answer":    "We will contact you %s.",
		"request.emergency.read": "Do not wait for us to contact you. Follow the advice on this page now.",
		"request.emergency.kept": "We have still kept your request and our team will see it %s.",
		"request.contact":        "We will contact you by %s.",
		"request.worse":          "If you get worse or you are worried while you wait, call 111. If it is an emergency, call 999.",
		"request.identity":       "We will check who the request is for before we answer it.",
		"contact.message":        "a message in your account",
		"contact.phone":          "phone",
		"contact.text":           "text message",
		"contact.email":          "email",
		"contact.letter":         "letter",
		"notice.subject":         "You have a message from your GP practice",
		"notice.body":            "You have a new message. Sign in to your GP practice account to read it. Do not reply to this email: nobody reads the replies.",
	},
	Welsh: {
		"contact.phone":  "ffôn",
		"contact.text":   "neges destun",
		"contact.email":  "e-bost",
		"contact.letter": "llythyr",
	},
}

package delivery

import (
	"fmt"
	"strings"

	"heartwood/internal/words"
)

// saying is what we say ourselves beside a message, in one language.
type saying struct {
	subject, waits, link, account, urgent, reply string
}

var said = map[words.Lang]saying{
	words.English: {
		subject: "You have a message from %s",
		waits:   "%s has sent you a message.",
		link:    "Read it here:",
		account: "Sign in to your GP practice account to read it.",
		urgent:  "If you need help now, call 111. In an emergency, call 999.",
		reply:   "To read this again or to answer:",
	},
	words.Welsh: {
		subject: "Mae gennych neges gan %s",
		waits:   "Mae %s wedi anfon neges atoch.",
		link:    "Darllenwch hi yma:",
		account: "Mewngofnodwch i'ch cyfrif meddygfa i'w darllen.",
		urgent:  "Os oes angen help arnoch nawr, ffoniwch 111. Mewn argyfwng, ffoniwch 999.",
		reply:   "I ddarllen hwn eto neu i ateb:",
	},
}

// notice is the words that say that a message waits, and nothing of what it
// says. A text message is kept short.
func notice(lang words.Lang, m Medium, practice, link string) (subject, text string) {
	s, ok := said[lang]
	if !ok {
		s = said[words.English]
	}
	where := s.account
	if link != "" {
		where = s.link + " " + link
	}
	parts := []string{fmt.Sprintf(s.waits, practice), where}
	if m == Email {
		parts = append(parts, s.urgent)
		return fmt.Sprintf(s.subject, practice), strings.Join(parts, "\n\n")
	}
	return fmt.Sprintf(s.subject, practice), strings.Join(parts, " ")
}

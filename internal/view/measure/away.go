package measure

import "regexp"

// away are the ways in which somebody is told to come again instead of being
// helped. The GP contract since 2023 does not allow it: each is a deflection,
// counted so that a manager can see that there are none.
var away = regexp.MustCompile(`(?i)\b(?:call|ring|phone|try|contact us|ask)\s+(?:us\s+)?(?:back|again)?\s*(?:at 8|tomorrow|in the morning|on monday|next week|another day|later in the week)|` +
	`\bno (?:more )?appointments (?:left|available|today)|` +
	`\b(?:fully booked|come back another day)\b`)

// sentAway tells whether what somebody was told sends them away.
func sentAway(told string) bool { return away.MatchString(told) }

package app

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"heartwood/internal/ident"
)

const (
	linkPurpose = "message link"
	linkLasts   = 30 * 24 * time.Hour
)

// messageLink is where a patient reads one message without an account. Whoever
// has it must still say the patient's date of birth.
func (a *App) messageLink(ods ident.ODS, message ident.Ref) string {
	until := a.Store.Now().Add(linkLasts).Unix()
	return a.Origin + "/m/" + a.Keys.Seal(linkPurpose, fmt.Appendf(nil, "%s|%s|%s", ods, message.ID, strconv.FormatInt(until, 36)))
}

// openMessageLink is what a link is about; ok is false for one that is not
// ours or has expired.
func (a *App) openMessageLink(value string) (ods ident.ODS, message string, ok bool) {
	b, err := a.Keys.Open(linkPurpose, value)
	if err != nil {
		return "", "", false
	}
	part := strings.Split(string(b), "|")
	if len(part) != 3 {
		return "", "", false
	}
	until, err := strconv.ParseInt(part[2], 36, 64)
	if err != nil || !a.Store.Now().Before(time.Unix(until, 0)) || !ident.IsID(part[1]) {
		return "", "", false
	}
	ods, err = ident.ParseODS(part[0])
	return ods, part[1], err == nil
}

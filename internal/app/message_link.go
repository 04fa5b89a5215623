package app

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"heartwood/internal/care/booking"
	"heartwood/internal/ident"
)

const (
	linkPurpose    = "message link"
	bookingPurpose = "booking link"
	screenPurpose  = "check-in screen"
	linkLasts      = 30 * 24 * time.Hour
	screenLasts    = 5 * 365 * 24 * time.Hour // a practice ends it sooner with a new number
)

// messageLink is where a patient reads one message without an account. Whoever
// has it must still say the patient's date of birth. Of a message about an
// appointment that can still be chosen, moved or cancelled it is where to do so.
func (a *App) messageLink(ods ident.ODS, message ident.Ref) string {
	if appointment := a.aboutBooking(ods, message); appointment != "" {
		return a.Origin + "/b/" + a.seal(bookingPurpose, ods, appointment, linkLasts)
	}
	return a.Origin + "/m/" + a.seal(linkPurpose, ods, message.ID, linkLasts)
}

// aboutBooking is the open offer or the booking that a message is about.
func (a *App) aboutBooking(ods ident.ODS, message ident.Ref) string {
	p, err := a.Store.Practice(ods)
	if err != nil {
		return ""
	}
	v, err := p.Read(a.ctx, message)
	if err != nil {
		return ""
	}
	m, err := v.Resource()
	if err != nil {
		return ""
	}
	ref, ok := ident.ParseRef(m.Get("about").At(0).Get("reference").Str())
	if !ok || ref.Type != "Appointment" {
		return ""
	}
	b, err := booking.New().Appointment(a.ctx, p, ref)
	switch {
	case err != nil:
		return ""
	case b.Status == "proposed", b.Status == "waitlist", b.Status == "booked" && b.End.After(p.Now()):
		return ref.ID
	}
	return ""
}

// seal is a link to one thing of one practice, which ends.
func (a *App) seal(purpose string, ods ident.ODS, id string, lasts time.Duration) string {
	until := a.Store.Now().Add(lasts).Unix()
	return a.Keys.Seal(purpose, fmt.Appendf(nil, "%s|%s|%s", ods, id, strconv.FormatInt(until, 36)))
}

// openMessageLink is the message of a link; ok is false for one that is not
// ours or has expired.
func (a *App) openMessageLink(value string) (ods ident.ODS, message string, ok bool) {
	return a.unseal(linkPurpose, value)
}

// openBookingLink is the appointment of a link.
func (a *App) openBookingLink(value string) (ods ident.ODS, appointment string, ok bool) {
	return a.unseal(bookingPurpose, value)
}

// screenLink is the address of a practice's check-in screen.
func (a *App) screenLink(ods ident.ODS, number int) string {
	return a.Origin + "/check-in/" + a.seal(screenPurpose, ods, strconv.Itoa(number), screenLasts)
}

// openScreen is which screen an address is of.
func (a *App) openScreen(value string) (ods ident.ODS, number string, ok bool) {
	return a.unseal(screenPurpose, value)
}

func (a *App) unseal(purpose, value string) (ods ident.ODS, id string, ok bool) {
	b, err := a.Keys.Open(purpose, value)
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

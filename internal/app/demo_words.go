package app

import (
	"context"

	"heartwood/internal/care/online"
	"heartwood/internal/record"
)

// seedWords gives a practice of the demonstration words of its own, if it has
// set nothing yet.
func seedWords(ctx context.Context, p *record.Practice) error {
	s, err := online.Load(ctx, p)
	if err != nil || s.Version != "" {
		return err
	}
	s.Welcome = "Our flu clinics have begun. Ask at the desk, or send us a request."
	s.WelcomeCy = "Mae ein clinigau ffliw wedi dechrau. Gofynnwch wrth y ddesg, neu anfonwch gais atom."
	s.Notice = "Our team reads messages on weekdays. Please do not send anything about somebody else without asking them."
	s.NoticeCy = "Mae ein tîm yn darllen negeseuon yn ystod yr wythnos. Peidiwch ag anfon dim am rywun arall heb ofyn iddynt."
	return online.Save(ctx, p, record.System, s)
}

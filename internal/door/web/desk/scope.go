package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care/online"
	"heartwood/internal/door/web/page"
	"heartwood/internal/words"
)

// scopes are what somebody who acts for a patient may be let do.
var scopes = []page.Option{
	{Value: string(access.Asks), Text: "Ask for help, and read and answer our messages"},
	{Value: string(access.Books), Text: "Choose, move and cancel appointments"},
	{Value: string(access.Records), Text: "See the record, and who has looked", Hint: "Only where they need it"},
}

// mayText says what a charge lets somebody do.
func mayText(c access.Charge) string {
	var out []string
	for _, s := range scopes {
		if c.Allows(access.Part(s.Value)) {
			out = append(out, strings.ToLower(s.Text[:1])+s.Text[1:])
		}
	}
	return strings.Join(out, "; ")
}

// born is a patient's date of birth, zero when it is not known.
func (d *Desk) born(ctx context.Context, v visit, id string) (time.Time, error) {
	who, err := d.patient(ctx, v, id)
	if err != nil {
		return time.Time{}, err
	}
	t, err := time.ParseInLocation("2 Jan 2006", who.Born, words.London)
	if err != nil {
		return time.Time{}, nil //nolint:nilerr // it is not known
	}
	return t, nil
}

// limited is the end of acting for a patient: for a child no later than the
// practice lets it go on by itself.
func (d *Desk) limited(ctx context.Context, g *give, until time.Time) (time.Time, error) {
	s, err := online.Load(ctx, g.practice)
	if err != nil {
		return until, err
	}
	born, err := d.born(ctx, g.visit, strings.TrimPrefix(g.patient, "Patient/"))
	if err != nil {
		return until, err
	}
	return s.Until(born, g.now, until), nil
}

// reviewText says why those who act for a child are to be looked at again, ""
// when they are not.
func reviewText(s online.Setting, born, now time.Time, all []access.Account, patient string) string {
	due := slices.ContainsFunc(all, func(a access.Account) bool {
		return a.Ref != patient && a.Acts(patient, now) && slices.ContainsFunc(a.Charges, func(c access.Charge) bool {
			return c.Patient == patient && s.Review(born, now, c.Since)
		})
	})
	if !due {
		return ""
	}
	return fmt.Sprintf("They are %d or older now. Ask them alone who may act for them, and give it anew or stop it.", s.Ask)
}

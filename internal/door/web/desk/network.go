package desk

import (
	"context"
	"strings"

	"heartwood/internal/care/overflow"
	"heartwood/internal/care/request"
	"heartwood/internal/ident"
)

// partner is a practice of the network that would take a request now.
type partner struct {
	radio
	Terms string
}

// network offers the practices that take this request now, and says how it
// stands with one that has it.
func (d *Desk) network(ctx context.Context, v visit, p *requestPage, view request.View) error {
	if strings.HasPrefix(view.Owner.Ref, "Organization/") {
		h, ok, err := overflow.Of(ctx, v.practice, view.ID)
		if err != nil || !ok {
			return err
		}
		p.Promise = append(p.Promise, "With "+h.Name+": "+map[overflow.State]string{
			overflow.Owed: "on its way there", overflow.Sent: "nobody there has begun yet", overflow.Taken: "they are working on it",
		}[h.State]+". It comes back by itself if they have not begun by "+moment(h.TakeBy, v.now)+".")
		return nil
	}
	if !p.Can.Triage || view.Patient == "" || view.Urgency == request.Stat {
		return nil
	}
	choices, err := overflow.Choices(ctx, v.practice, view, v.now)
	if err != nil {
		return err
	}
	for _, a := range choices {
		id := "partner-" + strings.ToLower(string(a.Partner))
		p.Partners = append(p.Partners, partner{
			radio{Name: "partner", ID: id, Value: string(a.Partner), Label: a.Name, Hint: "Agreed: " + a.Gives.Say(), Chosen: p.Typed("partner") == string(a.Partner) || len(choices) == 1},
			a.Gives.Say(),
		})
	}
	return nil
}

// doNetwork hands a request to another practice, with the patient's consent.
func (d *Desk) doNetwork(ctx context.Context, a *act) (string, error) {
	return "", overflow.HandOver(ctx, a.practice, a.Author(a.view.Patient), overflow.Offer{
		Request: a.view.ID, Seen: a.form.Value("version"), Partner: ident.ODS(a.form.Text("partner", 10)),
		Agreed: a.form.Has("agreed", "yes"), How: a.form.Text("how", 500),
		Photos: a.form.Has("photos", "yes"),
	}, "overflow "+a.form.Value("key"))
}

package overflow

import (
	"context"
	"net/url"
	"strings"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/opening"
	"heartwood/internal/care/request"
	"heartwood/internal/care/search"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/words"
)

// Offer is a navigator's: the patient was asked and has agreed.
type Offer struct {
	Request string // id of the Task
	Seen    string // its version as it was seen
	Partner ident.ODS
	Agreed  bool   // the patient agreed that the other practice sees it
	How     string // "how": how they were asked
	Photos  bool   // "photos": they agreed that what they sent with it goes along
}

// Choices are the partners that would take a request that is sent now.
func Choices(ctx context.Context, p *record.Practice, r request.View, now time.Time) ([]Agreement, error) {
	all, err := Agreements(ctx, p)
	if err != nil {
		return nil, err
	}
	sent, err := handovers(ctx, p, "&authored-on=ge"+dayStart(now))
	if err != nil {
		return nil, err
	}
	var out []Agreement
	for _, a := range all {
		today := 0
		for _, h := range sent {
			if h.Partner == a.Partner {
				today++
			}
		}
		if a.Gives.Fits(string(r.Kind), r.Urgency.Priority(), now) && today < a.Gives.PerDay {
			out = append(out, a)
		}
	}
	return out, nil
}

// HandOver records that a request goes to another practice: it is theirs to
// answer and stays ours to watch. Relay carries it over.
func HandOver(ctx context.Context, p *record.Practice, by record.Author, o Offer, key string) error {
	if key != "" {
		if _, done, err := p.Repeat(ctx, key); done || err != nil {
			return err
		}
	}
	now := p.Now()
	r, err := request.Brief(ctx, p, o.Request)
	if err != nil {
		return err
	}
	choices, err := Choices(ctx, p, r, now)
	if err != nil {
		return err
	}
	var to *Agreement
	for i := range choices {
		if choices[i].Partner == o.Partner {
			to = &choices[i]
		}
	}
	switch {
	case r.Patient == "":
		return fault.New(fault.Refused, "Find out which patient this is first.")
	case strings.HasPrefix(r.Owner.Ref, "Organization/"):
		return fault.New(fault.Refused, "Another practice has this request already.")
	case r.Urgency >= request.Stat:
		return fault.New(fault.Refused, "An emergency is not handed on. Act now.")
	case to == nil:
		return fault.At(fault.Invalid, "partner", "Choose a practice that takes this kind of request now.")
	case !o.Agreed:
		return fault.At(fault.Invalid, "agreed", "Ask the patient first: the other practice will see what they wrote.")
	case o.How == "" || len(o.How) > 500:
		return fault.At(fault.Invalid, "how", "Say in a few words how the patient was asked.")
	}
	cmd := request.Assign{To: request.Owner{Ref: to.Partner.Organization().String(), Name: to.Name}, Reason: "Handed over with the patient's consent: " + o.How}
	_, err = request.Decided(ctx, p, by, o.Request, o.Seen, cmd, key, func(b *write.Builder, r request.View, now time.Time) error {
		photos, err := o.photos(ctx, p, *to)
		if err == nil {
			addHandover(b, p.ODS(), *to, r, by, now, takeBy(request.HoursOf(ctx, p), r, now), o.How, photos)
		}
		return err
	})
	return err
}

// takeBy is by when somebody over there must have begun.
func takeBy(h opening.Hours, r request.View, now time.Time) time.Time {
	t := h.Within(now, takeWithin)
	if half := now.Add(r.AnswerBy.Sub(now) / 2); r.AnswerBy.After(now) && half.Before(t) {
		return half // there must be time left to answer it here
	}
	return t
}

func addHandover(b *write.Builder, home ident.ODS, to Agreement, r request.View, by record.Author, now, until time.Time, how string, photos []ident.Ref) {
	patient, _ := ident.ParseRef(r.Patient)
	task := ident.Ref{Type: "Task", ID: ident.NewID()}
	share := "form"
	if to.Gives.Summary {
		share = "summary"
	}
	b.Create(task, write.Obj{
		"status": string(Owed), "intent": "order", "priority": r.Urgency.Priority(),
		"code":    write.Coded(care.TaskCode, HandoverCode, "Handover to another practice"),
		"basedOn": write.List{write.Ref(ident.Ref{Type: "Task", ID: r.ID})},
		"for":     write.Named(patient, r.Name), "owner": write.Named(to.Partner.Organization(), to.Name),
		"requester":  write.Obj{"reference": by.Ref},
		"authoredOn": write.Instant(now), "lastModified": write.Instant(now),
		"restriction": write.Obj{"period": write.Obj{"start": write.Instant(now), "end": write.Instant(until)}},
		"input":       append(write.List{write.Obj{"type": write.Coded(care.InputType, "share", ""), "valueCode": share}}, photoInputs(photos)...),
	})
	Permit(b, home, to.Partner, to.Name, patient, now, how, append([]ident.Ref{{Type: "Task", ID: r.ID}}, photos...)...)
}

// Permit records that a patient agreed to another practice being told of
// something, and how they were asked.
func Permit(b *write.Builder, home, to ident.ODS, name string, patient ident.Ref, now time.Time, how string, about ...ident.Ref) {
	var data write.List
	for _, ref := range about {
		data = append(data, write.Obj{"meaning": "related", "reference": write.Ref(ref)})
	}
	b.Create(ident.Ref{Type: "Consent", ID: ident.NewID()}, write.Obj{
		"status":       "active",
		"scope":        write.Coded("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy", "Privacy Consent"),
		"category":     write.List{write.Coded("http://loinc.org", "59284-0", "Consent Document")},
		"patient":      write.Ref(patient),
		"dateTime":     write.Instant(now),
		"organization": write.List{write.Ref(home.Organization())},
		"policyRule":   write.Obj{"text": "Asked by staff: " + how},
		"provision": write.Obj{
			"type": "permit", "period": write.Obj{"start": write.Instant(now)},
			"actor": write.List{write.Obj{
				"role":      write.Coded("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "IRCP", "information recipient"),
				"reference": write.Named(to.Organization(), name),
			}},
			"data": data,
		},
	})
}

// Of gives the newest handover of a request; ok is false when there is none.
func Of(ctx context.Context, p *record.Practice, request string) (h Handover, ok bool, err error) {
	all, err := handovers(ctx, p, "&based-on=Task/"+request)
	for _, x := range all {
		if !ok || x.At.After(h.At) {
			h, ok = x, true
		}
	}
	return h, ok, err
}

func handovers(ctx context.Context, p *record.Practice, more string) (out []Handover, err error) {
	err = search.Each(ctx, p, "Task?code="+care.TaskCode+"%7C"+HandoverCode+more+"&_count=200", func(v record.Version, t *fhir.Resource) error {
		out = append(out, handoverOf(v, t))
		return nil
	})
	return out, err
}

func handoverOf(v record.Version, t *fhir.Resource) Handover {
	return Handover{
		ID: v.Ref.ID, Version: v.ID, Request: write.Target(t.Get("basedOn").First()).ID,
		Partner: ident.ODS(write.Target(t.Get("owner")).ID), Name: t.Get("owner", "display").Str(),
		State: State(t.Get("status").Str()), TakeBy: write.When(t.Get("restriction", "period", "end")), At: write.When(t.Get("authoredOn")),
		Photos: photosIn(t),
	}
}

func dayStart(t time.Time) string {
	y, m, d := t.In(words.London).Date()
	return url.QueryEscape(time.Date(y, m, d, 0, 0, 0, 0, words.London).UTC().Format(time.RFC3339))
}

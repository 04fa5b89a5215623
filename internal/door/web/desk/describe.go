package desk

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care/request"
	"heartwood/internal/care/triage"
	"heartwood/internal/ident"
	"heartwood/internal/view/worklist"
	"heartwood/internal/words"
)

// describe puts the request itself on the page.
func (v visit) describe(p *requestPage, view request.View, who colleagues) {
	p.Desk = v.desk()
	p.ID, p.Version, p.Key = view.ID, view.Version, ident.NewID()
	p.Action = v.base() + "request/" + view.ID + "/"
	p.Live = v.livePath(view.ID)
	p.Urgency = urgencyOf(view.Urgency.Priority())
	p.What, p.State = firstLine(view.About(), 120), view.State.Label()
	if p.What == "" {
		p.What = "Request " + view.Reference
	}
	p.Open, p.Clinician = view.Open(), v.Role == access.Clinician
	if p.Open && view.State != request.WithPatient {
		var by string
		by, p.ByClass = clock(view.AnswerBy, worklist.Grace(view.Urgency.Priority()), v.now)
		p.By = byWords(by, p.ByClass)
	}
	p.Came = fmt.Sprintf("%s, %s, %s", cameBy(view), moment(view.Since, v.now), ago(v.now.Sub(view.Since)))
	if v.now.Sub(view.Since) < time.Minute {
		p.Came = cameBy(view) + ", just now"
	}
	p.Owner, p.Reference = view.Owner.Name, view.Reference
	if p.Owner == "" {
		p.Owner = who.name(view.Owner.Ref)
	}
	if view.Owner.Ref == v.Ref {
		p.Owner = "you"
	} else {
		p.Me = v.Ref
	}
	p.Can = can{
		Triage: v.may(access.Triage, view.Patient), Message: v.may(access.Message, view.Patient) && view.Patient != "",
		Book: v.may(access.Book, view.Patient) && view.Patient != "", Job: v.may(access.AssignJob, view.Patient),
		Consult: v.may(access.Consult, view.Patient) && view.Patient != "", Close: v.may(access.Close, view.Patient),
		Mute: view.Patient != "" && v.may(access.SwitchMessages, view.Patient),
	}
	if p.Can.Consult {
		p.ConsultHref = v.base() + "consult?request=" + view.ID
	}
	if !p.Open {
		p.ClosedWords, p.Told = view.Outcome.Label(), lines(view.Told)
	}
	p.Unmatched = view.Patient == ""
	if p.Unmatched && view.Asked.Channel.Unnamed() && p.typed == nil { // where it came from finds who it may be
		p.typed = url.Values{"who": {orElse(view.Asked.Contact.Number, view.Asked.Contact.Email)}}
	}
	p.Them = orElse(view.Name, "the patient")
	if c := view.Claimed; c != nil {
		p.Claimed = claimed(c)
	}
	v.asked(p, view, who)
}

// claimed is what somebody who had not signed in said of who it is for, and of
// who is asking when that is somebody else. Nobody has checked it.
func claimed(c *request.Identity) string {
	them := join(strings.TrimSpace(c.Given+" "+c.Family), bornWords(c.Birth), c.NHSNumber, c.Phone)
	if c.By == "" {
		return "Says they are " + them
	}
	return "Asked by " + join(c.By, c.Relationship) + ", who says it is for " + them
}

func bornWords(s string) string {
	if s == "" {
		return ""
	}
	return "born " + dayOf(s)
}

// dayOf is a date of birth as people say it; what is no date stays as it is.
func dayOf(s string) string {
	if t, ok := words.Birth(s); ok && len(s) == len("2006-01-02") {
		return words.Date(t)
	}
	return s
}

func byWords(by, class string) string {
	switch {
	case by == "":
		return ""
	case class == "late":
		return by
	case by == "now", strings.HasPrefix(by, "in "):
		return "Answer " + by
	}
	return "Answer by " + by
}

// cameBy is the way in, in a word: what another practice handed over came by the
// same way as what we begin ourselves, but not from us.
func cameBy(view request.View) string {
	if slices.ContainsFunc(view.Answers, func(a request.Answer) bool { return a.ID == "handed-over" }) {
		return "From another practice"
	}
	return channelOf(string(view.Channel))
}

// asked puts what the person wrote on the page, red flags first.
func (v visit) asked(p *requestPage, view request.View, who colleagues) {
	for _, a := range view.Answers {
		if a.ID == "birth" {
			a.Text = dayOf(a.Text)
		}
		p.Answers = append(p.Answers, answer{Question: a.Question, Lines: lines(a.Text), Lead: a.ID == "what"})
	}
	slices.SortStableFunc(p.Answers, func(a, b answer) int { // their own words first
		if a.Lead == b.Lead {
			return 0
		}
		if a.Lead {
			return -1
		}
		return 1
	})
	for i, ph := range view.Photos {
		_, id, _ := strings.Cut(ph.Binary, "/")
		p.Photos = append(p.Photos, photo{
			Href: p.Action + "photo/" + id, Picture: strings.HasPrefix(ph.Type, "image/"),
			Alt: fmt.Sprintf("Photo %d from the patient", i+1),
		})
	}
	for _, f := range view.Flags {
		rf := redFlag{
			ID: f.ID, Rule: f.Rule, Title: f.Title, Words: f.Title, Agree: agreeWords(f.Level), Emergency: f.Level == triage.Emergency,
		}
		if f.Words != "" && f.Words != f.Title {
			rf.Words = f.Title + ". " + f.Words
		}
		if f.Verdict != "" {
			rf.Settled = fmt.Sprintf("%s, %s: %s", who.name(f.By), moment(f.Reviewed, v.now), verdicts[f.Verdict])
			if f.Why != "" {
				rf.Settled += ". " + f.Why
			}
		}
		p.RedFlags = append(p.RedFlags, rf)
	}
}

var verdicts = map[request.Verdict]string{
	request.AcceptFlag: "agreed", request.EscalateFlag: "escalated to an emergency", request.OverruleFlag: "overruled",
}

// belongs lists the requests that this one belongs with, newest first, with
// how each ended.
func (v visit) belongs(ctx context.Context, ids []string) []earlier {
	var out []earlier
	for _, id := range ids {
		r, err := request.Brief(ctx, v.practice, id)
		if err != nil {
			continue // it was of another patient since, or is gone
		}
		e := earlier{Href: v.base() + "request/" + id, Text: moment(r.Since, v.now) + ", " + strings.ToLower(r.Channel.Label()) + ", " + r.Reference, Note: r.State.Label()}
		if r.Outcome != "" {
			e.Note = r.Outcome.Label()
		}
		out = append(out, e)
	}
	return out
}

func agreeWords(l triage.Level) string {
	if l == triage.Emergency {
		return "treat as an emergency"
	}
	return "answer today"
}

package desk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"heartwood/internal/access"
	"heartwood/internal/care"
	"heartwood/internal/care/booking"
	"heartwood/internal/care/message"
	"heartwood/internal/care/request"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/view/worklist"
)

// deed is one form about a request: who may send it, and what it does. It
// returns where to go next, "" for back to the request; or errLook when the
// page is to be shown again without anything done.
type deed struct {
	action access.Action
	do     func(d *Desk, c context.Context, a *act) (next string, err error)
}

// act is one sent form.
type act struct {
	visit
	view request.View
	form *page.Form
	page requestPage // what to show when the form comes back
}

var deeds = map[string]deed{
	"urgency": {access.Triage, (*Desk).doUrgency},
	"flag":    {access.Triage, (*Desk).doFlag},
	"assign":  {access.Triage, (*Desk).doAssign},
	"match":   {access.Triage, (*Desk).doMatch},
	"reply":   {access.Message, (*Desk).doReply},
	"offer":   {access.Book, (*Desk).doOffer},
	"book":    {access.Book, (*Desk).doBook},
	"wait":    {access.Book, (*Desk).doWait},
	"job":     {access.AssignJob, (*Desk).doJob},
	"begin":   {access.AssignJob, (*Desk).doBegin},
	"close":   {access.Close, (*Desk).doClose},
	"reopen":  {access.Close, (*Desk).doReopen},
	"snooze":  {access.Triage, (*Desk).doSnooze},
	"wake":    {access.Triage, (*Desk).doWake},
	"take":    {access.Triage, (*Desk).doTake},
	"handup":  {access.Triage, (*Desk).doHandUp},
	"split":   {access.Triage, (*Desk).doSplit},
	"merge":   {access.Close, (*Desk).doMerge},
	"network": {access.Triage, (*Desk).doNetwork},
	"mute":    {access.SwitchMessages, (*Desk).doMute},
	"unmute":  {access.SwitchMessages, (*Desk).doUnmute},
	"file":    {access.Close, (*Desk).doFile},
	"unfile":  {access.Close, (*Desk).doUnfile},
}

// errLook shows the page again, with the form as it now is.
var errLook = errors.New("look again")

// requestDo carries out one form about a request, and comes back to it.
func (d *Desk) requestDo(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("do")
	deed, ok := deeds[name]
	if !ok {
		return fault.New(fault.NotFound, "There is no such form.")
	}
	v, view, err := d.open(r, deed.action)
	if err != nil {
		return err
	}
	limit := int64(0)
	if name == "reply" {
		limit = maxFiles
	}
	form, err := page.Parse(w, r, limit)
	if err != nil {
		return err
	}
	if view.Patient == "" && (name == "reply" || name == "offer" || name == "book" || name == "wait" || name == "begin") {
		return fault.New(fault.Refused, "Find out which patient this is first.")
	}
	a := &act{visit: v, view: view, form: form, page: requestPage{Doing: name, typed: form.Values}}
	next, err := deed.do(d, r.Context(), a)
	if err == nil {
		if next == "" {
			next = v.base() + "request/" + view.ID + "?done=" + name
		}
		http.Redirect(w, r, next, http.StatusSeeOther)
		return nil
	}
	return d.again(w, r, a, err)
}

// again shows the request as it now is, with everything that was typed and
// what stood in the way. Other errors become pages of their own.
func (d *Desk) again(w http.ResponseWriter, r *http.Request, a *act, err error) error {
	status := http.StatusOK
	if !errors.Is(err, errLook) {
		f := care.Fields(err)[0]
		switch f.Kind {
		case fault.Conflict, fault.Invalid, fault.Refused, fault.TooMany:
		default:
			return err
		}
		status = f.Kind.Status()
		a.page.problem = f.Message
		var taken *booking.Taken
		if !errors.As(err, &taken) && f.Kind == fault.Conflict {
			a.page.problem = ""
			a.page.Notice = &notice{
				Class: "problem", Title: "Someone else changed this request while you were working.",
				Text: "Nothing of yours was saved yet, and what you typed is still below. Check it against what is new, then send it again.",
			}
		}
		var clash *booking.Clash
		a.page.Clash = errors.As(err, &clash)
	}
	view, loadErr := d.requests.Load(r.Context(), a.ods, a.view.ID)
	if loadErr != nil {
		return loadErr
	}
	if a.page.Notice != nil && len(view.History) > 0 {
		who, err := d.colleagues(r.Context(), a.visit)
		if err != nil {
			return err
		}
		last := view.History[0]
		a.page.Notice.Text = fmt.Sprintf("%s, %s: %s. %s", who.name(last.By), moment(last.Time, a.now),
			plainly(last.What), a.page.Notice.Text)
	}
	if a.page.Doing == "book" || a.page.Doing == "wait" {
		a.page.Doing = "offer" // they share a place on the page
	}
	return d.showRequest(w, r, a.visit, view, a.page, status)
}

// decide carries out a command on the version that the person was looking at.
func (d *Desk) decide(ctx context.Context, a *act, cmd request.Command) error {
	_, err := d.requests.Do(ctx, a.ods, a.Author(a.view.Patient), a.view.ID, a.form.Value("version"), cmd)
	return err
}

// current refuses when the request has changed since the form was shown: for
// decisions that live outside the request itself.
func (a *act) current() error {
	if seen := a.form.Value("version"); seen != "" && seen != a.view.Version {
		return fault.New(fault.Conflict, "This request has changed since you opened it.")
	}
	return nil
}

func (d *Desk) doUrgency(ctx context.Context, a *act) (string, error) {
	u, ok := request.ParseUrgency(a.form.Value("urgency"))
	if !ok {
		return "", fault.New(fault.Invalid, "Choose how urgent it is.")
	}
	return "", d.decide(ctx, a, request.Confirm{Urgency: u, Reason: a.form.Text("reason", 2000)})
}

// doFlag agrees with a red flag, escalates, or overrules it with a reason. It
// lowers no urgency: that is a form of its own.
func (d *Desk) doFlag(ctx context.Context, a *act) (string, error) {
	verdict := map[string]request.Verdict{
		"accept": request.AcceptFlag, "escalate": request.EscalateFlag, "overrule": request.OverruleFlag,
	}[a.form.Value("decision")]
	_, err := d.requests.Review(ctx, a.ods, a.Author(a.view.Patient), a.view.ID, a.form.Value("version"), request.FlagReview{
		Flag: a.form.Value("flag"), Verdict: verdict, Reason: a.form.Text("reason", 2000),
	})
	return "", err
}

func (d *Desk) doAssign(ctx context.Context, a *act) (string, error) {
	ref := orElse(a.form.Value("me"), a.form.Value("owner"))
	owner, err := d.owner(ctx, a.visit, ref)
	if err != nil {
		return "", err
	}
	return "", d.decide(ctx, a, request.Assign{To: request.Owner{Ref: owner.Ref, Name: owner.Name}})
}

// owner checks that work is given to somebody who works here.
func (d *Desk) owner(ctx context.Context, v visit, ref string) (colleague, error) {
	if ref == v.Ref {
		return colleague{Ref: ref, Name: v.Name}, nil
	}
	who, err := d.colleagues(ctx, v)
	if err != nil {
		return colleague{}, err
	}
	for _, list := range [][]colleague{who.people, who.teams} {
		for _, c := range list {
			if c.Ref == ref {
				return c, nil
			}
		}
	}
	return colleague{}, fault.New(fault.Invalid, "Choose who deals with it.")
}

func (d *Desk) doReply(ctx context.Context, a *act) (string, error) {
	text := a.form.Text("message", 5000)
	switch a.form.Value("step") {
	case "fill":
		return "", d.fill(ctx, a)
	case "preview":
		a.page.Preview = paragraphs(text)
		return "", errLook
	}
	m, at, err := d.write(ctx, a.visit, a.view.Patient, a.form)
	if err != nil {
		return "", err
	}
	m.Request, m.Seen = a.view.ID, a.form.Value("version")
	if !at.IsZero() {
		_, err = d.messages.Plan(ctx, a.ods, a.Author(a.view.Patient), message.Begin{Send: m}, at, a.form.Value("key"))
		return a.base() + "request/" + a.view.ID + "?done=planned", err
	}
	_, err = d.messages.Send(ctx, a.ods, a.Author(a.view.Patient), m, a.form.Value("key"))
	return "", err
}

// fill begins the message with a template, below nothing that was typed.
func (d *Desk) fill(ctx context.Context, a *act) error {
	if err := a.begin(ctx, a.view.Patient, a.form); err != nil {
		return err
	}
	return errLook
}

func paragraphs(text string) []string {
	var out []string
	for _, l := range lines(text) {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

// dones are what a page says after a form has been carried out.
var dones = map[string]string{
	"urgency": "Urgency saved.", "flag": "Decision about the red flag saved.", "assign": "Assigned.",
	"match": "The request now belongs to this patient.", "reply": "Sent.", "planned": "Planned. It goes at its time unless it is stopped.", "offer": "Offer sent.",
	"book": "Booked. The patient has been told.", "job": "Job given.", "begin": "The workflow has begun.", "close": "Closed. The patient has been told.",
	"mute": "The patient cannot write on this request any more.", "unmute": "The patient can write on this request again.",
	"view": "Your view is kept.", "view-gone": "Your view is deleted.",
	"file": "Filed in the record.", "unfile": "Taken out of the file.",
	"reopen": "Open again.", "snooze": "Put aside. It comes back by itself.", "wake": "Taken up again.",
	"take": "It is yours now.", "handup": "Handed up. There is an alarm until it is taken.",
	"split": "Split in two. The patient has been told both references.", "merge": "Merged into this request. The patient has been told.",
	"network": "Handed over. It stays on your list until their answer is here.",
	"wait":    "On the waiting list.", "wait-offer": "A time is kept for them. They have been told.", "wait-off": "Taken off the list. They have been told.",
	"screen":       "The screen has a new address. Open it on the tablet.",
	"mark-arrived": "Marked as arrived.", "mark-checked-in": "Marked as being seen.", "mark-fulfilled": "Marked as left.",
	"mark-unseen": "Noted that they left before they were seen. The triage team has a job to ask after them.",
	"mark-noshow": "Noted that they did not come. They have been told.", "mark-back": "The mark is taken back.",
	"late": "Waiting patients can see it.", "block": "Blocked.", "unblock": "It can be booked again.",
	"block-jobs": "Blocked. The triage team has a job for each appointment that is to be moved.",
	"none":       "There is nothing for you to take up just now.", "consult": "Consultation signed.", "draft": "Draft saved.", "done": "Job done.", "job-amend": "Job changed.", "job-cancel": "Job cancelled.", "job-reopen": "Job opened again.",
}

// noticeOf is the notice for what was just done, if anything.
func noticeOf(r *http.Request) *notice {
	if s := dones[r.URL.Query().Get("done")]; s != "" {
		return &notice{Class: "done", Title: s}
	}
	return nil
}

// onward adds the next request of the queue to a notice.
func (d *Desk) onward(ctx context.Context, v visit, n *notice, after ident.Ref) {
	list, err := d.fresh(ctx, v)
	if n == nil || err != nil {
		return
	}
	if next, ok := list.Next(worklist.Filter{}, after, v.ref()); ok {
		if d.glanced(ctx, v, "queue", []string{patientOf(next)}) != nil {
			return // not logged, so not shown
		}
		n.Href, n.LinkText = v.base()+"request/"+next.Task.ID, "Next: "+join(next.Name, firstLine(next.Asked, 60))
	}
}

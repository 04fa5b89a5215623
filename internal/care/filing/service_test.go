package filing_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/filing"
	"heartwood/internal/care/hidden"
	"heartwood/internal/care/message"
	"heartwood/internal/care/request"
	"heartwood/internal/care/search"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
	"heartwood/internal/view/timeline"
	"heartwood/internal/words"
)

const ods = ident.ODS("Z99901")

var (
	ctx = context.Background()
	ann = record.Author{Ref: "Patient/ann", Role: care.RolePatient}
	gp  = record.Author{Ref: "Practitioner/gp", Role: care.RoleClinician}
)

// desk is a practice with one request of Ann's, closed.
type desk struct {
	*testing.T
	*filing.Service
	requests *request.Service
	messages *message.Service
	p        *record.Practice
	id       string
}

func open(t *testing.T) *desk {
	t.Helper()
	var clock atomic.Int64
	clock.Store(time.Date(2026, 11, 23, 10, 0, 0, 0, words.London).UnixNano())
	s := memory.Open(t, func() time.Time { return time.Unix(0, clock.Add(int64(time.Second))) })
	p, err := s.Practice(ods)
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{T: t, Service: filing.New(s), requests: request.New(s), messages: message.New(s), p: p}
	d.put("Patient", "ann", `{"resourceType":"Patient","id":"ann"}`)
	d.put("Patient", "ben", `{"resourceType":"Patient","id":"ben"}`)
	d.put("Condition", "asthma", `{"resourceType":"Condition","id":"asthma","subject":{"reference":"Patient/ann"},"code":{"text":"Asthma"}}`)
	r, err := d.requests.Receive(ctx, ods, ann, request.Ask{Patient: "Patient/ann", Asker: request.Self, Channel: request.Web, Kind: request.Admin, What: "My inhaler"}, "k")
	if err != nil {
		t.Fatal(err)
	}
	d.id = r.ID
	if _, err := d.messages.Send(ctx, ods, gp, message.Send{Request: d.id, Patient: "Patient/ann", Text: "Use it twice a day."}, "m"); err != nil {
		t.Fatal(err)
	}
	d.close()
	return d
}

func (d *desk) put(typ, id, body string) {
	d.Helper()
	w, err := record.Prepare(ident.Ref{Type: typ, ID: id}, []byte(body))
	if err != nil {
		d.Fatal(err)
	}
	if _, err := d.p.Commit(ctx, record.Change{Author: gp, Writes: []record.Write{w}}); err != nil {
		d.Fatal(err)
	}
}

func (d *desk) close() {
	d.Helper()
	if _, err := d.requests.Do(ctx, ods, gp, d.id, "", request.Close{Outcome: request.AdviceGiven, Told: "It is done."}); err != nil {
		d.Fatal(err)
	}
}

func (d *desk) seen() string {
	d.Helper()
	r, err := d.requests.Load(ctx, ods, d.id)
	if err != nil {
		d.Fatal(err)
	}
	return r.Version
}

func (d *desk) do(c filing.Command) {
	d.Helper()
	if err := d.Do(ctx, ods, gp, d.id, d.seen(), c); err != nil {
		d.Fatal(err)
	}
}

// waits tells whether the thread is in the list of what is to be filed.
func (d *desk) waits() bool {
	d.Helper()
	now := d.p.Now()
	all, err := filing.Waiting(ctx, d.p, now.AddDate(0, 0, -7), now.Add(time.Minute))
	if err != nil || len(all) > 1 {
		d.Fatal(all, err)
	}
	return len(all) == 1 && all[0].ID == d.id && strings.HasPrefix(all[0].About, "My inhaler")
}

// journal is what stands in the record of the thread.
func (d *desk) journal() (titles []string) {
	d.Helper()
	j, err := timeline.ReadJournal(ctx, d.p, ident.Ref{Type: "Patient", ID: "ann"}, timeline.Part{Types: []string{"List"}})
	if err != nil {
		d.Fatal(err)
	}
	for _, it := range j.Items {
		if !it.Inner || it.Thread.ID != d.id {
			d.Errorf("%+v", it)
		}
		titles = append(titles, it.Title)
	}
	return titles
}

// A thread leaves the list when it is filed, stands in the record under its
// heading and problem, and comes back when it is taken out or more comes. Its
// messages are never touched.
func TestThereAndBack(t *testing.T) {
	hazard.Covers(t, "H-048")
	d := open(t)
	before, err := d.messages.Thread(ctx, ods, d.id)
	if err != nil || len(before) != 2 {
		t.Fatal(before, err)
	}
	if !d.waits() {
		t.Error("what is closed is not to be filed")
	}
	d.do(filing.File{Heading: "medicines", Problem: asthma})
	if got := d.journal(); d.waits() || len(got) != 1 || got[0] != "Medicines, with the problem Asthma" {
		t.Errorf("filed: %q, and to be filed: %v", got, d.waits())
	}
	was, err := filing.Of(ctx, d.p, d.id)
	if err != nil || !was.In("Patient/ann") || was.By != gp.Ref || len(was.Messages) != 2 || was.Problem != asthma || was.Request != d.id {
		t.Errorf("%+v, %v", was, err)
	}
	d.do(filing.TakeOut{Reason: "It is about her referral"})
	if !d.waits() || len(d.journal()) != 0 {
		t.Error("taken out, and not to be filed again")
	}
	d.do(filing.File{Heading: "referrals"})
	if _, err := d.messages.Reply(ctx, ods, ann, message.Reply{Request: d.id, Text: "One more thing"}, "r"); err != nil {
		t.Fatal(err)
	}
	if d.waits() {
		t.Error("an open request is to be filed")
	}
	if err := d.Do(ctx, ods, gp, d.id, d.seen(), filing.File{Heading: "admin"}); !fault.Is(err, fault.Refused) {
		t.Errorf("an open request was filed: %v", err)
	}
	d.close()
	if !d.waits() {
		t.Error("more came, and it is not to be filed again")
	}
	d.do(filing.File{Heading: "referrals"})
	after, err := d.messages.Thread(ctx, ods, d.id)
	if err != nil || len(after) != 4 || after[0].ID != before[0].ID || after[0].Text != before[0].Text {
		t.Errorf("%d messages after filing, %v", len(after), err)
	}
	past, err := filing.History(ctx, d.p, d.id)
	if err != nil || len(past) != 4 || past[2].Why != "messages taken out of the file: It is about her referral" {
		t.Errorf("%+v, %v", past, err)
	}
}

// What has changed since it was seen is not filed, nor filed by a patient, nor
// with a problem of somebody else's.
func TestNotUnseen(t *testing.T) {
	hazard.Covers(t, "H-048")
	d := open(t)
	seen := d.seen()
	if err := d.Do(ctx, ods, ann, d.id, seen, filing.File{Heading: "admin"}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a patient filed: %v", err)
	}
	if _, err := d.messages.Reply(ctx, ods, ann, message.Reply{Request: d.id, Text: "One more thing"}, "r"); err != nil {
		t.Fatal(err)
	}
	d.close()
	if err := d.Do(ctx, ods, gp, d.id, seen, filing.File{Heading: "admin"}); !fault.Is(err, fault.Conflict) {
		t.Errorf("filed what nobody had seen: %v", err)
	}
	d.put("Condition", "gout", `{"resourceType":"Condition","id":"gout","subject":{"reference":"Patient/ben"},"code":{"text":"Gout"}}`)
	if err := d.Do(ctx, ods, gp, d.id, d.seen(), filing.File{Heading: "admin", Problem: ident.Ref{Type: "Condition", ID: "gout"}}); !fault.Is(err, fault.Invalid) {
		t.Errorf("filed under another's problem: %v", err)
	}
	if was, err := filing.Of(ctx, d.p, d.id); err != nil || was.Version != "" {
		t.Errorf("%+v, %v", was, err)
	}
}

// A request that turns out to be somebody else's is filed no more, and to be
// filed again.
func TestMovedToAnother(t *testing.T) {
	hazard.Covers(t, "H-048")
	d := open(t)
	d.do(filing.File{Heading: "admin"})
	if _, err := d.requests.Do(ctx, ods, gp, d.id, "", request.Reopen{Reason: "It is Ben's"}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.requests.Do(ctx, ods, gp, d.id, "", request.Match{Patient: "Patient/ben", Name: "Ben", Reason: "It is Ben's"}); err != nil {
		t.Fatal(err)
	}
	d.close()
	if was, err := filing.Of(ctx, d.p, d.id); err != nil || was.In("Patient/ben") || !d.waits() {
		t.Errorf("%+v, %v", was, err)
	}
	d.do(filing.File{Heading: "admin"})
	if was, err := filing.Of(ctx, d.p, d.id); err != nil || !was.In("Patient/ben") || len(was.Messages) != 1 || len(d.journal()) != 0 {
		t.Errorf("what was said to Ann is filed with Ben: %+v, %v", was, err)
	}
}

// Where a thread is filed is not for patients: they see their messages, and a
// proxy sees them where that part of access is given.
func TestNotOnline(t *testing.T) {
	d := open(t)
	d.do(filing.File{Heading: "safeguarding"})
	err := search.Each(ctx, d.p, "List?patient=Patient/ann", func(v record.Version, res *fhir.Resource) error {
		if !hidden.Inner(v.Ref, res) {
			t.Errorf("%s is seen online", v.Ref)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

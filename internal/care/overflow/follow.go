package overflow

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"heartwood/internal/care/request"
	"heartwood/internal/care/upload"
	"heartwood/internal/care/write"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// follow carries what the patient has sent since the request was handed over,
// where they agreed that photos go along and both practices still do. Each goes
// in a change of its own, once, and brings the request over there back before
// somebody's eyes; at home it is then noted that it went, with a consent.
func (r Relay) follow(ctx context.Context, home, there *record.Practice, h Handover, theirs request.View) error {
	if len(h.Photos) == 0 {
		return nil // the patient was not asked, or did not agree
	}
	now, err := request.PhotosOf(ctx, home, ident.Ref{Type: "Task", ID: h.Request})
	if err != nil {
		return err
	}
	for _, ph := range now {
		ref, ok := ident.ParseRef(ph.Document)
		if !ok || slices.Contains(h.Photos, ref) {
			continue
		}
		if agreed, err := photosAgreed(ctx, home, there); err != nil || !agreed {
			return err
		}
		if err := followOne(ctx, home, there, h, theirs, ph); err != nil {
			return err
		}
		return noteFollowed(ctx, home, h, ref) // the next one in the next round
	}
	return nil
}

// followOne makes one file over there, and says so on the request.
func followOne(ctx context.Context, home, there *record.Practice, h Handover, theirs request.View, ph request.Photo) error {
	data, err := dataOf(ctx, home, ph)
	if err != nil {
		return err
	}
	var cmd request.Command = request.Returned{What: "the patient sent a file to their own practice"}
	if theirs.State == request.Received {
		cmd = request.Arrived{} // nobody has begun: their time to begin stays
	}
	key := "handover " + string(home.ODS()) + " " + h.ID + " " + ph.Document
	_, err = request.Decided(ctx, there, record.System, theirs.ID, "", cmd, key, func(b *write.Builder, v request.View, now time.Time) error {
		patient, _ := ident.ParseRef(v.Patient)
		by := record.Author{Ref: home.ODS().Organization().String()}
		task := ident.Ref{Type: "Task", ID: v.ID}
		ref := request.Tell(b, request.Letter{
			Kind: "reply", Task: task, Patient: patient, Text: "The patient sent this to their own practice since.", Via: "From " + string(home.ODS()),
		}, by, now)
		request.Documents(b, []upload.Clean{{Name: ph.Name, Type: ph.Type, Data: data}}, patient, by, now, ref, task)
		return nil
	})
	return err
}

// noteFollowed keeps at home that a file went, and that it was agreed.
func noteFollowed(ctx context.Context, home *record.Practice, h Handover, ref ident.Ref) error {
	task := ident.Ref{Type: "Task", ID: h.ID}
	v, err := home.Read(ctx, task)
	if err != nil {
		return err
	}
	res, err := v.Resource()
	if err != nil {
		return err
	}
	b := write.New(record.System, "handover: a file followed", "handover "+h.ID+" "+ref.String())
	var inputs write.List
	for in := range res.Get("input").Items() {
		inputs = append(inputs, json.RawMessage(in.Raw()))
	}
	b.Edit(v, res, write.Obj{"input": append(inputs, photoInputs([]ident.Ref{ref})...), "lastModified": write.Instant(home.Now())})
	patient := write.Target(res.Get("for"))
	Permit(b, home.ODS(), h.Partner, h.Name, patient, home.Now(), "with the handover, for photos and documents of this request", ref)
	c, err := b.Change()
	if err != nil {
		return err
	}
	_, err = home.Commit(ctx, c)
	return err
}

package overflow

import (
	"context"
	"encoding/base64"

	"heartwood/internal/care"
	"heartwood/internal/care/request"
	"heartwood/internal/care/upload"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

const sharedPhoto = "share-photo" // an input of the handover, one each

// mostPhotos go with one handover: they are carried in one change.
const mostPhotos = 2 * upload.MaxFiles

// photos are what the patient sent with the request and agreed goes along. What
// they send later follows where they agreed to these (follow).
func (o Offer) photos(ctx context.Context, p *record.Practice, to Agreement) ([]ident.Ref, error) {
	if !o.Photos {
		return nil, nil
	}
	if !to.Gives.Photos {
		return nil, fault.At(fault.Invalid, "photos", "It is not agreed with this practice that photos and documents go along.")
	}
	all, err := request.PhotosOf(ctx, p, ident.Ref{Type: "Task", ID: o.Request})
	if err != nil {
		return nil, err
	}
	if len(all) > mostPhotos {
		return nil, fault.At(fault.Invalid, "photos", "There are too many photos and documents to go along. Hand it over without them.")
	}
	var out []ident.Ref
	for _, ph := range all {
		if ref, ok := ident.ParseRef(ph.Document); ok {
			out = append(out, ref)
		}
	}
	return out, nil
}

func photoInputs(photos []ident.Ref) (out write.List) {
	for _, ref := range photos {
		out = append(out, write.Obj{"type": write.Coded(care.InputType, sharedPhoto, ""), "valueReference": write.Ref(ref)})
	}
	return out
}

func photosIn(handover *fhir.Resource) (out []ident.Ref) {
	for in := range handover.Get("input").Items() {
		if in.Get("type", "coding", "code").Is(sharedPhoto) {
			out = append(out, write.Target(in.Get("valueReference")))
		}
	}
	return out
}

// addPhotos copies what was agreed into the other record, where it belongs to
// the patient as they are known there, so that it is opened by that practice's
// own people, with a line in its own list of who looked. At home all stays as
// it is. What was withdrawn at home since does not go.
//
// Both sides must agree when it is carried. left is how many the patient sent
// that do not go, so that those over there know that there is more to see.
func addPhotos(ctx context.Context, home, there *record.Practice, b *write.Builder, h Handover, patient ident.Ref) (left int, err error) {
	now, err := request.PhotosOf(ctx, home, ident.Ref{Type: "Task", ID: h.Request})
	if err != nil || len(now) == 0 {
		return 0, err
	}
	agreed, err := photosAgreed(ctx, home, there)
	if err != nil || !agreed {
		return len(now), err
	}
	still := map[string]request.Photo{}
	for _, ph := range now {
		still[ph.Document] = ph
	}
	var files []upload.Clean
	for _, ref := range h.Photos {
		ph, ok := still[ref.String()]
		if !ok {
			continue
		}
		data, err := dataOf(ctx, home, ph)
		if err != nil {
			return 0, err
		}
		files = append(files, upload.Clean{Name: ph.Name, Type: ph.Type, Data: data})
	}
	by := record.Author{Ref: home.ODS().Organization().String()}
	request.Documents(b, files, patient, by, there.Now(), ident.Ref{Type: "Task", ID: h.ID})
	return len(now) - len(files), nil
}

// photosAgreed tells whether home gives photos and the others take them.
func photosAgreed(ctx context.Context, home, there *record.Practice) (bool, error) {
	ours, err := With(ctx, home, there.ODS())
	if err != nil || !ours.Gives.Photos {
		return false, err
	}
	theirs, err := With(ctx, there, home.ODS())
	return theirs.Takes.Photos, err
}

func dataOf(ctx context.Context, home *record.Practice, ph request.Photo) ([]byte, error) {
	ref, _ := ident.ParseRef(ph.Binary)
	v, err := home.Read(ctx, ref)
	if err != nil {
		return nil, err
	}
	res, err := v.Resource()
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(res.Get("data").Str())
}
